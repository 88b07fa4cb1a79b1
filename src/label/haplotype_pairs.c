/* SPDX-License-Identifier: MIT
 *
 * haplotype_pairs.c - cuts the variants into blocks of overlapping ones, spells each block's phased
 * choices, and joins the blocks from the last to the first, as upstream's recursion returns them.
 */
#include "label/haplotype_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const uint64_t PRIME = ((uint64_t)1 << 61) - 1, BASE = 0x1b873593cc9e2d51ULL >> 4;
static const size_t MOST_PAIRS = (size_t)1 << 22;

/* A sequence: its hash, and BASE to the power of its length. An impossible one has power 0. */
struct sequence {
    uint64_t hash, power;
};

/* One or two sequences. */
struct duo {
    struct sequence s[2];
    int n;
};

static uint64_t multiply(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    uint64_t sum = ((uint64_t)product & PRIME) + (uint64_t)(product >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t sum = a + b;
    return sum >= PRIME ? sum - PRIME : sum;
}

static void append(struct sequence *sequence, const char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        sequence->hash = add(multiply(sequence->hash, BASE), (unsigned char)bases[i]);
        sequence->power = multiply(sequence->power, BASE);
    }
}

static struct sequence join(struct sequence head, struct sequence tail)
{
    return (struct sequence){add(multiply(head.hash, tail.power), tail.hash),
                             multiply(head.power, tail.power)};
}

static int64_t common_suffix(const char *a, int64_t n_a, const char *b, int64_t n_b)
{
    int64_t n = 0;
    while (n < n_a && n < n_b && a[n_a - 1 - n] == b[n_b - 1 - n])
        n++;
    return n;
}

/* Appends one allele and returns the reference position behind it. */
static int64_t append_allele(struct sequence *sequence, const struct gn_variant *variant,
                             int allele)
{
    /* PARITY(dv-1.9): a reference allele stands for its first base only, and an alternate allele
     * loses all of its common suffix, even its last base, so that later variants may begin there */
    if (allele == 0) {
        append(sequence, variant->ref, 1);
        return variant->start0 + 1;
    }
    const char *alt = variant->alts.v[allele - 1];
    int64_t n_ref = (int64_t)strlen(variant->ref), n_alt = (int64_t)strlen(alt);
    int64_t suffix = common_suffix(variant->ref, n_ref, alt, n_alt);
    if (n_ref == 1 || n_alt == 1)
        suffix = 0;
    append(sequence, alt, n_alt - suffix);
    return variant->end0 - suffix;
}

/* The sequence of [start0, end0) with one allele of each variant [first, end); power 0 when alternate
 * alleles collide or nothing is left. */
static struct sequence spell(const struct gn_pairs_task *task, const int range[2],
                             const int *alleles, const int64_t span[2])
{
    struct sequence sequence = {0, 1}, impossible = {0, 0};
    int64_t pos0 = span[0];
    for (int i = range[0]; i < range[1]; i++) {
        const struct gn_variant *variant = task->variants[i];
        int allele = alleles[i - range[0]];
        if (variant->start0 < pos0) {
            if (allele != 0)
                return impossible;
            continue;
        }
        append(&sequence, task->ref + (pos0 - task->start0), variant->start0 - pos0);
        pos0 = append_allele(&sequence, variant, allele);
    }
    if (pos0 < span[1])
        append(&sequence, task->ref + (pos0 - task->start0), span[1] - pos0);
    return sequence.power == 1 && sequence.hash == 0 ? impossible : sequence;
}

/* The alleles of phased choice number `choice`: each heterozygous variant reads one bit, the first
 * variant the highest, 0 for its smaller allele. */
static void choose_alleles(const struct gn_pairs_task *task, const int range[2], uint32_t choice,
                           int n_het, int *alleles)
{
    int bit = n_het;
    for (int i = range[0]; i < range[1]; i++) {
        const int *g = task->genotypes[i];
        bool takes_second = g[0] != g[1] && ((choice >> --bit) & 1) == (g[0] < g[1]);
        alleles[i - range[0]] = g[takes_second];
    }
}

static struct duo make_duo(struct sequence a, struct sequence b)
{
    struct duo duo = {{a, b}, 2};
    if (a.hash == b.hash && a.power == b.power)
        duo.n = 1;
    return duo;
}

/* All pairs of one block: a phased choice and its complement. */
static int spell_block(const struct gn_pairs_task *task, const int range[2], const int64_t span[2],
                       struct duo *duos, int *n_duos, gn_error_t *err)
{
    int alleles[GN_PAIRS_MOST_VARIANTS], n_het = 0;
    for (int i = range[0]; i < range[1]; i++)
        n_het += task->genotypes[i][0] != task->genotypes[i][1];
    if (n_het > GN_PAIRS_MOST_IN_BLOCK)
        return gn_fail(
            err, GN_E_MEMORY,
            "%s:%lld: %d heterozygous variants overlap, the ceiling is %d: leave the place "
            "out with --regions or the confident BED",
            task->variants[range[0]]->contig, (long long)task->variants[range[0]]->start0 + 1,
            n_het, GN_PAIRS_MOST_IN_BLOCK);
    uint32_t last = (1U << n_het) - 1, n_choices = n_het == 0 ? 1 : 1U << (n_het - 1);
    *n_duos = 0;
    for (uint32_t choice = 0; choice < n_choices; choice++) {
        choose_alleles(task, range, choice, n_het, alleles);
        struct sequence one = spell(task, range, alleles, span);
        choose_alleles(task, range, last - choice, n_het, alleles);
        struct sequence other = spell(task, range, alleles, span);
        if (one.power != 0 && other.power != 0)
            duos[(*n_duos)++] = make_duo(one, other);
    }
    return GN_OK;
}

/* The first variant behind the block that begins at `first`, and where the block ends. */
static int find_block(const struct gn_pairs_task *task, int first, int64_t *end0)
{
    int end = first + 1;
    *end0 = task->variants[first]->end0;
    for (; end < task->n; end++) {
        const struct gn_variant *next = task->variants[end];
        bool overlaps = false;
        for (int i = first; i < end && !overlaps; i++)
            overlaps =
                task->variants[i]->end0 > next->start0 && task->variants[i]->start0 < next->end0;
        if (!overlaps)
            break;
        if (next->end0 > *end0)
            *end0 = next->end0;
    }
    return end;
}

static struct duo *reserve_duos(struct gn_hash_pairs *pairs, int which, size_t n, gn_error_t *err)
{
    struct duo *duos = gn_reserve(pairs->scratch[which], &pairs->scratch_cap[which], n,
                                  sizeof *duos, MOST_PAIRS, "haplotype pairs of one place", err);
    if (duos != NULL)
        pairs->scratch[which] = duos;
    return duos;
}

static size_t join_duos(const struct duo *head, const struct duo *tail, struct duo *out)
{
    if (head->n == 1 && tail->n == 1) {
        out[0] = (struct duo){{join(head->s[0], tail->s[0])}, 1};
        return 1;
    }
    if (head->n == 1 || tail->n == 1) {
        out[0] = make_duo(join(head->s[0], tail->s[0]),
                          join(head->s[head->n - 1], tail->s[tail->n - 1]));
        return 1;
    }
    out[0] = make_duo(join(head->s[0], tail->s[0]), join(head->s[1], tail->s[1]));
    out[1] = make_duo(join(head->s[0], tail->s[1]), join(head->s[1], tail->s[0]));
    return 2;
}

/* Puts a block in front of the n_tails results in scratch[*current]. */
static int prepend(struct gn_hash_pairs *pairs, int *current, size_t *n_tails,
                   const struct duo *heads, int n_heads, gn_error_t *err)
{
    struct duo *out = reserve_duos(pairs, 1 - *current, *n_tails * (size_t)n_heads * 2 + 1, err);
    if (out == NULL)
        return GN_E_MEMORY;
    const struct duo *tails = pairs->scratch[*current];
    size_t n = 0;
    for (size_t t = 0; t < *n_tails; t++)
        for (int h = 0; h < n_heads; h++)
            n += join_duos(&heads[h], &tails[t], out + n);
    *n_tails = n;
    *current = 1 - *current;
    return GN_OK;
}

static int copy_out(struct gn_hash_pairs *pairs, const struct duo *duos, size_t n, gn_error_t *err)
{
    struct gn_hash_pair *v = gn_reserve(pairs->v, &pairs->cap, n + 1, sizeof *v, 2 * MOST_PAIRS,
                                        "haplotype pairs of one place", err);
    if (v == NULL)
        return GN_E_MEMORY;
    pairs->v = v;
    for (size_t i = 0; i < n; i++) {
        uint64_t a = duos[i].s[0].hash, b = duos[i].s[duos[i].n - 1].hash;
        v[i] = (struct gn_hash_pair){a < b ? a : b, a < b ? b : a};
    }
    pairs->n = n;
    return GN_OK;
}

int gn_hash_pairs_fill(struct gn_hash_pairs *pairs, const struct gn_pairs_task *task,
                       gn_error_t *err)
{
    int firsts[GN_PAIRS_MOST_VARIANTS + 1], n_blocks = 0, current = 0, n_heads;
    int64_t ends[GN_PAIRS_MOST_VARIANTS + 1];
    ends[0] = task->start0;
    firsts[0] = 0;
    for (int first = 0; first < task->n; first = firsts[n_blocks]) {
        firsts[n_blocks + 1] = find_block(task, first, &ends[n_blocks + 1]);
        n_blocks++;
    }
    pairs->n = 0;
    struct duo *tail = reserve_duos(pairs, 0, 1, err);
    struct duo *heads = malloc((size_t)(1 << GN_PAIRS_MOST_IN_BLOCK) * sizeof *heads);
    if (tail == NULL || heads == NULL) {
        free(heads);
        return tail == NULL ? GN_E_MEMORY : gn_fail_memory(err, "haplotype pairs");
    }
    struct sequence rest = {0, 1};
    append(&rest, task->ref + (ends[n_blocks] - task->start0), task->end0 - ends[n_blocks]);
    tail[0] = (struct duo){{rest}, 1};
    size_t n = 1;
    int code = GN_OK;
    for (int b = n_blocks - 1; b >= 0 && code == GN_OK; b--) {
        int range[2] = {firsts[b], firsts[b + 1]};
        int64_t span[2] = {ends[b], ends[b + 1]};
        code = spell_block(task, range, span, heads, &n_heads, err);
        if (code == GN_OK)
            code = prepend(pairs, &current, &n, heads, n_heads, err);
    }
    free(heads);
    return code < 0 ? code : copy_out(pairs, pairs->scratch[current], n, err);
}

void gn_hash_pairs_clear(struct gn_hash_pairs *pairs)
{
    free(pairs->v);
    free(pairs->scratch[0]);
    free(pairs->scratch[1]);
    *pairs = (struct gn_hash_pairs){0};
}
