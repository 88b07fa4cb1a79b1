/* SPDX-License-Identifier: MIT
 *
 * haplotype.c - groups candidates and truth records that lie together, and gives each group's
 * candidates the genotypes under which both sides spell the same two haplotypes. spec 150.4.
 */
#include "label/haplotype.h"

#include <stdlib.h>
#include <string.h>

#include "label/genotype_options.h"
#include "label/haplotype_pairs.h"

enum {
    MOST_IN_GROUP = 8,          /* candidates, and truths, that later ones may join */
    MOST_SEPARATION = 30,       /* bases between a variant and one of its group */
    MOST_COMBINATIONS = 100000, /* of genotypes in a group */
    WINDOW_TAIL = 20            /* reference bases behind a group */
};

/* A candidate or truth record of the region. */
struct item {
    const struct gn_variant *variant;
    bool is_truth;
    size_t order;    /* among its kind */
    int genotype[2]; /* of a truth */
};

/* One spelling of the truth side. */
struct target {
    struct gn_hash_pair pair;
    uint64_t combination; /* the number of the genotypes' combination; the last one counts */
    int64_t n_missed;     /* alternate alleles of the truth that it leaves out */
    uint64_t first_seen;  /* when a candidates' spelling first met it, 0 never */
};

/* One side of a group while genotypes are tried. */
struct side {
    const struct item *items[GN_PAIRS_MOST_VARIANTS];
    struct gn_genotype_options options[GN_PAIRS_MOST_VARIANTS];
    int n;
};

struct labeling {
    const struct gn_label_source *source;
    struct gn_label *labels;
    struct gn_labeling_metrics *metrics; /* NULL: not wanted */
    int contig;
    struct gn_hash_pairs pairs;
    struct target *targets;
    size_t n_targets, cap_targets;
};

static int by_start(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->variant->start0 != y->variant->start0)
        return x->variant->start0 < y->variant->start0 ? -1 : 1;
    if (x->is_truth != y->is_truth)
        return x->is_truth ? 1 : -1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int64_t genotypes_of(const struct gn_variant *variant)
{
    return gn_genotype_count(1 + variant->alts.n);
}

/* True when a unit of variants with one end may join the group before it. `product` is that of both. */
static bool fits_group(const struct item *group, size_t n_group, const struct item *unit,
                       size_t n_unit, double product)
{
    for (size_t u = 0; u < n_unit && n_group > 0; u++) {
        size_t n_same = 0;
        bool is_near = false;
        for (size_t g = 0; g < n_group; g++) {
            n_same += group[g].is_truth == unit[u].is_truth;
            is_near |= unit[u].variant->start0 - group[g].variant->end0 + 1 <= MOST_SEPARATION;
        }
        if (product >= MOST_COMBINATIONS || n_same >= MOST_IN_GROUP || !is_near)
            return false;
    }
    return true;
}

/* Number of items of the group that begins at items[0]. */
static size_t find_group(const struct item *items, size_t n)
{
    size_t n_group = 0;
    double product = 1;
    int64_t previous_end = 0;
    while (n_group < n) {
        const struct item *unit = items + n_group;
        size_t n_unit = 1;
        while (n_group + n_unit < n && unit[n_unit].variant->end0 == unit[0].variant->end0)
            n_unit++;
        double grown = product;
        for (size_t u = 0; u < n_unit; u++)
            grown *= (double)genotypes_of(unit[u].variant);
        if (n_group > 0 && !fits_group(items, n_group, unit, n_unit, grown) &&
            unit[0].variant->end0 > previous_end)
            break;
        product = grown;
        previous_end = unit[0].variant->end0;
        n_group += n_unit;
    }
    return n_group;
}

static int add_to_side(struct side *side, const struct item *item, gn_error_t *err)
{
    int most = item->is_truth ? INT32_MAX : GN_GENOTYPE_MOST_ALTS;
    if (side->n == GN_PAIRS_MOST_VARIANTS || item->variant->alts.n > most)
        return gn_fail(
            err, GN_E_MEMORY,
            "%s:%lld: too many variants or alleles in one place to label: leave it out with "
            "--regions or the confident BED",
            item->variant->contig, (long long)item->variant->start0 + 1);
    if (item->is_truth)
        gn_genotype_options_truth(item->genotype, &side->options[side->n]);
    else
        gn_genotype_options_candidate(item->variant->alts.n, &side->options[side->n]);
    side->items[side->n++] = item;
    return GN_OK;
}

static uint64_t count_combinations(const struct side *side)
{
    uint64_t n = 1;
    for (int i = 0; i < side->n; i++) {
        n *= (uint64_t)side->options[i].n;
        if (n > (uint64_t)MOST_COMBINATIONS * 1000)
            return n;
    }
    return n;
}

/* The genotypes of a combination: the last variant changes fastest. */
static void choose_genotypes(const struct side *side, uint64_t combination, int genotypes[][2])
{
    for (int i = side->n - 1; i >= 0; i--) {
        const struct gn_genotype_options *options = &side->options[i];
        const int *option = options->v[combination % (uint64_t)options->n];
        combination /= (uint64_t)options->n;
        genotypes[i][0] = option[0];
        genotypes[i][1] = option[1];
    }
}

static int64_t count_missed(const struct side *truth, int genotypes[][2])
{
    int64_t n = 0;
    for (int i = 0; i < truth->n; i++)
        for (int k = 0; k < 2; k++)
            n += (genotypes[i][k] == 0) - (truth->items[i]->genotype[k] == 0);
    return n;
}

static int by_pair(const void *a, const void *b)
{
    const struct target *x = a, *y = b;
    if (x->pair.low != y->pair.low)
        return x->pair.low < y->pair.low ? -1 : 1;
    if (x->pair.high != y->pair.high)
        return x->pair.high < y->pair.high ? -1 : 1;
    return x->combination > y->combination ? -1 : x->combination < y->combination;
}

/* Of equal pairs the one of the last combination stays. */
static void sort_targets(struct labeling *labeling)
{
    struct target *v = labeling->targets;
    size_t n = 0;
    if (labeling->n_targets > 1)
        qsort(v, labeling->n_targets, sizeof *v, by_pair);
    for (size_t i = 0; i < labeling->n_targets; i++)
        if (n == 0 || v[i].pair.low != v[n - 1].pair.low || v[i].pair.high != v[n - 1].pair.high)
            v[n++] = v[i];
    labeling->n_targets = n;
}

static struct target *find_target(struct labeling *labeling, struct gn_hash_pair pair)
{
    size_t low = 0, high = labeling->n_targets;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct target *target = &labeling->targets[middle];
        if (target->pair.low == pair.low && target->pair.high == pair.high)
            return target;
        if (target->pair.low < pair.low ||
            (target->pair.low == pair.low && target->pair.high < pair.high))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int spell_truth(struct labeling *labeling, const struct side *truth,
                       struct gn_pairs_task *task, gn_error_t *err)
{
    uint64_t n = count_combinations(truth);
    int code = GN_OK;
    labeling->n_targets = 0;
    for (uint64_t c = 0; c < n && code == GN_OK; c++) {
        choose_genotypes(truth, c, task->genotypes);
        code = gn_hash_pairs_fill(&labeling->pairs, task, err);
        size_t need = labeling->n_targets + labeling->pairs.n;
        struct target *targets =
            code < 0 ? NULL
                     : gn_reserve(labeling->targets, &labeling->cap_targets, need + 1,
                                  sizeof *targets, (size_t)1 << 24, "truth haplotypes", err);
        if (targets == NULL)
            return code < 0 ? code : GN_E_MEMORY;
        labeling->targets = targets;
        for (size_t i = 0; i < labeling->pairs.n; i++)
            targets[labeling->n_targets++] =
                (struct target){.pair = labeling->pairs.v[i],
                                .combination = c,
                                .n_missed = count_missed(truth, task->genotypes)};
    }
    sort_targets(labeling);
    return code;
}

/* What is compared between matches, most important first. */
struct score {
    int64_t n_missed,
        n_reference; /* alleles of the truth; candidates called homozygous reference */
    uint64_t first_seen;
};

static bool is_better(const struct score *a, const struct score *b)
{
    if (a->n_missed != b->n_missed)
        return a->n_missed < b->n_missed;
    if (a->n_reference != b->n_reference)
        return a->n_reference < b->n_reference;
    return a->first_seen < b->first_seen;
}

/* The numbers of the best combinations of genotypes: best[0] of the candidates, best[1] of the truth; unchanged without any. */
static int match_candidates(struct labeling *labeling, const struct side *side,
                            struct gn_pairs_task *task, uint64_t best[2], gn_error_t *err)
{
    struct score lowest = {INT64_MAX, INT64_MAX, UINT64_MAX};
    uint64_t n = count_combinations(side), n_seen = 0;
    int code = GN_OK;
    for (uint64_t c = 0; c < n && code == GN_OK; c++) {
        choose_genotypes(side, c, task->genotypes);
        code = gn_hash_pairs_fill(&labeling->pairs, task, err);
        for (size_t i = 0; i < labeling->pairs.n && code == GN_OK; i++) {
            struct target *target = find_target(labeling, labeling->pairs.v[i]);
            n_seen++;
            if (target == NULL)
                continue;
            if (target->first_seen == 0)
                target->first_seen = n_seen;
            struct score score = {target->n_missed, 0, target->first_seen};
            for (int v = 0; v < side->n; v++)
                score.n_reference += task->genotypes[v][0] + task->genotypes[v][1] == 0;
            if (is_better(&score, &lowest)) {
                lowest = score;
                best[0] = c;
                best[1] = target->combination;
            }
        }
    }
    return code;
}

static void put_variants(struct gn_pairs_task *task, const struct side *side)
{
    task->n = side->n;
    for (int i = 0; i < side->n; i++)
        task->variants[i] = side->items[i]->variant;
}

static int find_window(struct labeling *labeling, const struct item *items, size_t n,
                       struct gn_pairs_task *task, gn_error_t *err)
{
    gn_fasta_t *fasta = labeling->source->fasta;
    int64_t length = gn_fasta_contigs(fasta)->lengths[labeling->contig];
    task->start0 = items[0].variant->start0 > 0 ? items[0].variant->start0 - 1 : 0;
    for (size_t i = 0; i < n; i++)
        if (items[i].variant->end0 + WINDOW_TAIL > task->end0)
            task->end0 = items[i].variant->end0 + WINDOW_TAIL;
    if (task->end0 > length)
        task->end0 = length;
    task->ref = gn_fasta_peek(fasta, labeling->contig, task->start0, task->end0, err);
    return task->ref == NULL ? err->code : GN_OK;
}

static void assign(struct labeling *labeling, const struct side *side, int genotypes[][2])
{
    for (int i = 0; i < side->n; i++) {
        struct gn_label *label = &labeling->labels[side->items[i]->order];
        label->genotype[0] = genotypes[i][0];
        label->genotype[1] = genotypes[i][1];
    }
}

/* The genotypes that the two sides got, candidates first. */
typedef int assignment[2][GN_PAIRS_MOST_VARIANTS][2];

static int label_sides(struct labeling *labeling, const struct side sides[2],
                       struct gn_pairs_task *task, assignment genotypes, gn_error_t *err)
{
    uint64_t best[2] = {UINT64_MAX, UINT64_MAX};
    put_variants(task, &sides[1]);
    int code = spell_truth(labeling, &sides[1], task, err);
    put_variants(task, &sides[0]);
    if (code == GN_OK)
        code = match_candidates(labeling, &sides[0], task, best, err);
    if (code < 0)
        return code;
    if (best[0] == UINT64_MAX)
        return gn_fail(
            err, GN_E_DATA,
            "%s:%lld: no genotypes of the candidates agree with the truth: leave the place "
            "out of the confident BED",
            sides[0].items[0]->variant->contig, (long long)sides[0].items[0]->variant->start0 + 1);
    for (int s = 0; s < 2; s++)
        choose_genotypes(&sides[s], best[s], genotypes[s]);
    assign(labeling, &sides[0], genotypes[0]);
    return GN_OK;
}

static void measure(struct labeling *labeling, const struct side sides[2], assignment genotypes)
{
    struct gn_assigned_variant variants[2][GN_PAIRS_MOST_VARIANTS];
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < sides[s].n; i++) {
            const struct item *item = sides[s].items[i];
            variants[s][i] = (struct gn_assigned_variant){
                .variant = item->variant,
                .original = {item->genotype[0], item->genotype[1]},
                .assigned = {genotypes[s][i][0], genotypes[s][i][1]},
                .is_confident = !item->is_truth && labeling->labels[item->order].is_confident};
        }
    gn_labeling_metrics_add_group(labeling->metrics, variants[1], sides[1].n, variants[0],
                                  sides[0].n);
}

static int label_group(struct labeling *labeling, const struct item *items, size_t n,
                       gn_error_t *err)
{
    struct side *sides = calloc(2, sizeof *sides);
    struct gn_pairs_task *task = calloc(1, sizeof *task);
    assignment genotypes = {{{0}}};
    int code = sides == NULL || task == NULL ? gn_fail_memory(err, "the labeler") : GN_OK;
    for (size_t i = 0; i < n && code == GN_OK; i++)
        code = add_to_side(&sides[items[i].is_truth], &items[i], err);
    /* without truth every candidate is homozygous reference, as labels begin */
    if (code == GN_OK && sides[0].n > 0 && sides[1].n > 0) {
        code = find_window(labeling, items, n, task, err);
        if (code == GN_OK)
            code = label_sides(labeling, sides, task, genotypes, err);
    }
    if (code == GN_OK && labeling->metrics != NULL)
        measure(labeling, sides, genotypes);
    free(task);
    free(sides);
    return code;
}

/* The genotype of a truth record; false when it has no alternate allele. */
static bool read_genotype(const struct gn_variant *variant, int genotype[2])
{
    const struct gn_ints *gt = &variant->genotype;
    int64_t sum = 0;
    for (int i = 0; i < gt->n; i++)
        sum += gt->v[i];
    for (int k = 0; k < 2 && gt->n > 0; k++) {
        int allele = gt->v[k < gt->n ? k : 0];
        genotype[k] = allele > 0 ? allele : 0;
    }
    return sum > 0;
}

static size_t gather(struct item *items, struct gn_variant *const *candidates, size_t n,
                     struct gn_range region, const struct gn_truth *truth, size_t first)
{
    size_t n_items = 0;
    for (size_t i = 0; i < n; i++)
        items[n_items++] = (struct item){.variant = candidates[i], .order = i};
    for (size_t t = first;
         t < truth->n && truth->contigs[t] == region.contig && truth->v[t]->start0 < region.end0;
         t++) {
        struct item item = {.variant = truth->v[t], .is_truth = true, .order = t};
        if (truth->v[t]->end0 > region.start0 && read_genotype(truth->v[t], item.genotype))
            items[n_items++] = item;
    }
    if (n_items > 1)
        qsort(items, n_items, sizeof *items, by_start);
    return n_items;
}

int gn_label_haplotype(struct gn_variant *const *candidates, size_t n, struct gn_range region,
                       const struct gn_label_source *source, struct gn_label *labels,
                       struct gn_labeling_metrics *metrics, gn_error_t *err)
{
    const struct gn_truth *truth = source->truth;
    struct labeling labeling = {
        .source = source, .labels = labels, .metrics = metrics, .contig = region.contig};
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    for (size_t i = 0; i < n; i++) {
        bool is_confident =
            source->confident == NULL ||
            gn_ranges_contain(source->confident, region.contig, candidates[i]->start0);
        labels[i] = (struct gn_label){.genotype = {0, 0}, .is_confident = is_confident};
    }
    size_t first = gn_truth_first(truth, region.contig, region.start0 - truth->longest);
    size_t end = gn_truth_first(truth, region.contig, region.end0);
    struct item *items = malloc((n + end - first + 1) * sizeof *items);
    if (items == NULL)
        return gn_fail_memory(err, "the labeler");
    size_t n_items = gather(items, candidates, n, region, truth, first);
    int code = GN_OK;
    for (size_t i = 0, n_group; i < n_items && code == GN_OK; i += n_group) {
        n_group = find_group(items + i, n_items - i);
        code = label_group(&labeling, items + i, n_group, err);
    }
    gn_hash_pairs_clear(&labeling.pairs);
    free(labeling.targets);
    free(items);
    return code;
}
