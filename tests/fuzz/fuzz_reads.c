/* SPDX-License-Identifier: MIT
 *
 * fuzz_reads.c - libFuzzer target: any bytes as BAM records of a partition must end in candidates or in a message;
 * cropping must not show in what is counted, nor the way in which trimming finds its window. The input's layout is in
 * reads_input.h; make_read_seeds.c writes the first inputs.
 */
#include <stdlib.h>
#include <string.h>

#include "alleles/normalize.h"
#include "candidates/very_sensitive.h"
#include "image_bench.h"
#include "pileup/trim.h"
#include "reads/cut.h"
#include "reads/intake.h"
#include "reads_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CONTIG_LENGTH = 70000,
    MAX_RECORDS = 200,
    HALF_IMAGE = 20,
    MAX_DRAWN = 8,
    MAX_KILOBYTES = 255
};

static const char *const CONTIG_NAMES[READS_CONTIGS] = {"chr1", "chr2", "chr3"};

/* What is made at the first input and used by all. */
struct bench {
    gn_arena_t *arena;
    char *contigs[READS_CONTIGS];
    struct image_bench images;
};

/* One partition. */
struct partition {
    const struct bench *bench;
    struct reads_header header;
    struct gn_read_options options;
    int contig;
    int64_t start0, end0;
    bam1_t *records[MAX_RECORDS];
    int n_records;
};

/* Random bases with repeats, and a few letters that are none of ACGT. */
static void make_contigs(struct bench *bench)
{
    uint32_t seed = 7;
    hts_set_log_level(HTS_LOG_OFF);
    bench->arena = gn_arena_create((size_t)1 << 30);
    for (int c = 0; c < READS_CONTIGS; c++) {
        char *bases = malloc(CONTIG_LENGTH);
        if (bench->arena == NULL || bases == NULL)
            abort();
        for (int i = 0; i < CONTIG_LENGTH; i++) {
            seed = seed * 1664525U + 1013904223U;
            bases[i] = i > 0 && seed >> 30 == 0 ? bases[i - 1] : "ACGT"[seed >> 22 & 3];
            if ((seed >> 8 & 1023) == 0)
                bases[i] = "NRYK"[seed >> 20 & 3];
        }
        bench->contigs[c] = bases;
    }
    image_bench_make(&bench->images, CONTIG_NAMES, bench->contigs, READS_CONTIGS, CONTIG_LENGTH);
}

/* The bases that a CIGAR asks for; operations that ask for too many are cut off. */
static int64_t fit_cigar(uint32_t *cigar, uint16_t *n_cigar)
{
    int64_t length = 0;
    for (uint16_t i = 0; i < *n_cigar; i++) {
        int64_t more = gn_cigar_takes_read(cigar[i] & 15) ? cigar[i] >> 4 : 0;
        if (length + more > READS_MAX_BASES) {
            *n_cigar = i;
            break;
        }
        length += more;
    }
    return length;
}

/* Lays a record out as bam_read1() does, aux data unchecked. */
static bam1_t *build_record(const struct reads_record *from, const uint8_t *name, uint32_t *cigar,
                            const uint8_t *letters, const uint8_t *aux)
{
    uint16_t n_cigar = from->n_cigar;
    int64_t length = fit_cigar(cigar, &n_cigar) + from->surplus;
    length = length < 0 ? 0 : length;
    int nulls = 4 - from->name_length % 4;
    size_t bytes = (size_t)from->name_length + (size_t)nulls + 4U * n_cigar +
                   (size_t)(length + 1) / 2 + (size_t)length + from->aux_length;
    bam1_t *record = bam_init1();
    if (record == NULL || (record->data = calloc(1, bytes)) == NULL)
        abort();
    record->m_data = (uint32_t)bytes;
    record->l_data = (int)bytes;
    record->core = (bam1_core_t){.pos = from->pos0,
                                 .tid = from->contig % READS_CONTIGS,
                                 .qual = from->mapping_quality,
                                 .flag = from->flag,
                                 .l_qname = (uint16_t)(from->name_length + nulls),
                                 .l_extranul = (uint8_t)(nulls - 1),
                                 .n_cigar = n_cigar,
                                 .l_qseq = (int32_t)length,
                                 .mtid = from->mate_contig % (READS_CONTIGS + 1) - 1,
                                 .isize = from->fragment_length};
    for (int i = 0; i < from->name_length; i++)
        bam_get_qname(record)[i] = (char)(name[i] % 94 + '!');
    memcpy(bam_get_cigar(record), cigar, 4U * n_cigar);
    for (int64_t i = 0; i < length && from->n_letters > 0; i++) {
        uint8_t letter = letters[i % from->n_letters];
        bam_set_seqi(bam_get_seq(record), i, letter & 15);
        bam_get_qual(record)[i] =
            letter >> 4 == READS_NO_QUALITY ? 255 : (uint8_t)((letter >> 4) * READS_QUALITY_STEP);
    }
    memcpy(bam_get_aux(record), aux, from->aux_length);
    return record;
}

/* The next record, NULL when the bytes are used up. */
static bam1_t *next_record(const uint8_t **data, size_t *size)
{
    struct reads_record from;
    uint32_t cigar[READS_MAX_OPERATIONS];
    if (*size < sizeof from)
        return NULL;
    memcpy(&from, *data, sizeof from);
    from.n_cigar %= READS_MAX_OPERATIONS;
    size_t bytes = (size_t)from.name_length + 4U * from.n_cigar + from.n_letters + from.aux_length;
    const uint8_t *name = *data + sizeof from;
    if (*size - sizeof from < bytes)
        return NULL;
    const uint8_t *letters = name + from.name_length + 4U * from.n_cigar;
    memcpy(cigar, name + from.name_length, 4U * from.n_cigar);
    *data += sizeof from + bytes;
    *size -= sizeof from + bytes;
    return build_record(&from, name, cigar, letters, letters + from.n_letters);
}

/* Keeps the records that an index query would bring. */
static void read_records(struct partition *p, const uint8_t *data, size_t size)
{
    bam1_t *record;
    while (p->n_records < MAX_RECORDS && (record = next_record(&data, &size)) != NULL) {
        if (record->core.tid == p->contig && record->core.pos < p->end0 &&
            bam_endpos(record) > p->start0)
            p->records[p->n_records++] = record;
        else
            bam_destroy1(record);
    }
}

static void set_options(struct partition *p)
{
    uint8_t switches = p->header.switches;
    struct gn_read_options *o = &p->options;
    *o = gn_read_options_default();
    o->split_skip_reads = (switches & READS_SPLIT) != 0;
    o->split_max_read_length = GN_CROP_MIN_LENGTH - 1; /* what is cropped is not split */
    o->parse_base_modifications = (switches & READS_MODIFICATIONS) != 0;
    o->parse_haplotype_tag = (switches & READS_HAPLOTYPES) != 0;
    o->use_original_quality_scores = (switches & READS_ORIGINAL_QUALITIES) != 0;
    o->keep_duplicates = o->keep_secondary_alignments = o->keep_supplementary_alignments =
        (switches & READS_KEEP_ALL) != 0;
    o->downsample_fraction = (switches & READS_DOWNSAMPLE) != 0 ? 0.5 : 0;
    o->max_reads_per_partition = p->header.max_reads;
    o->max_reads_for_dynamic_bases_per_region = p->header.max_reads % 3;
}

/* Takes the records in, and again without one that is refused. Which they are does not depend on cropping. */
static struct gn_read_list take_in(struct partition *p, gn_intake_t *intake)
{
    struct gn_read_list list = {NULL, 0, false};
    bool is_refused[MAX_RECORDS] = {false};
    int i;
    do {
        gn_error_t err = {0};
        struct gn_mt64 sampling;
        gn_mt64_seed(&sampling, 1);
        gn_intake_start(intake, p->start0, p->end0);
        for (i = 0; i < p->n_records; i++) {
            if (is_refused[i])
                continue;
            int ret = gn_intake_offer(intake, p->records[i], "fuzz.bam", &sampling, &err);
            if ((ret == GN_OK) != (err.message[0] == '\0'))
                abort();
            is_refused[i] = ret < 0;
            if (ret < 0)
                break;
        }
    } while (i < p->n_records);
    gn_error_t err = {0};
    if (gn_intake_finish(intake, p->bench->arena, &list, &err) < 0)
        list.n = 0;
    return list;
}

static struct gn_interval interval_of(const struct partition *p, const struct gn_read_list *list)
{
    int64_t first = p->start0, last = p->end0;
    for (size_t i = 0; i < list->n; i++) {
        if (!gn_read_overlaps(&list->v[i], p->start0, p->end0))
            continue;
        first = list->v[i].pos0 < first ? list->v[i].pos0 : first;
        last = list->v[i].end0 > last ? list->v[i].end0 : last;
    }
    first = first > 0 ? first - 1 : 0;
    return (struct gn_interval){.contig = p->contig,
                                .start0 = p->start0,
                                .end0 = p->end0,
                                .ref = p->bench->contigs[p->contig] + first,
                                .ref_start0 = first,
                                .ref_end0 = last < CONTIG_LENGTH ? last : CONTIG_LENGTH};
}

static void normalize(const struct partition *p, struct gn_read_list *list)
{
    gn_error_t err = {0};
    struct gn_interval interval = interval_of(p, list);
    struct gn_normalize_window window = {
        interval.ref, interval.ref_start0,
        (interval.ref_end0 < CONTIG_LENGTH ? interval.ref_end0 : CONTIG_LENGTH - 1) -
            interval.ref_start0};
    for (size_t i = 0; i < list->n; i++) {
        struct gn_read counted = list->v[i];
        if (gn_read_overlaps(&counted, p->start0, p->end0) &&
            gn_normalize_read(&list->v[i], &window, &counted, p->bench->arena, &err) >= 0)
            list->v[i] = counted;
    }
}

/* The reads that overlap the partition, in the order of the list. */
static struct gn_allele_counter *count(const struct partition *p, const struct gn_read_list *list)
{
    gn_error_t err = {0};
    struct gn_read *reads = gn_arena_alloc(p->bench->arena, (list->n + 1) * sizeof *reads);
    if (reads == NULL)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (gn_read_overlaps(&list->v[i], p->start0, p->end0))
            reads[n++] = list->v[i];
    int64_t tracked[] = {p->start0, p->start0 + 1, p->start0 + 5, p->end0 - 1};
    struct gn_interval interval = interval_of(p, list);
    struct gn_allele_counter_options options = {.min_mapping_quality = 5,
                                                .min_base_quality = 10,
                                                .legacy =
                                                    (p->header.switches & READS_LEGACY_COUNTS) != 0,
                                                .tracked = tracked,
                                                .n_tracked = 4,
                                                .keys_are_unique = list->keys_are_unique};
    return gn_count_alleles(&interval, reads, n, &options, p->bench->arena, &err);
}

/* Trimming finds its way from either end of a read; the plain walk is what it must come to. */
static void trim(const struct gn_read *read, int64_t start0, int64_t end0, gn_arena_t *arena)
{
    gn_error_t err = {0};
    struct gn_read trimmed;
    struct gn_cut cut;
    int64_t to_skip = start0 > read->pos0 ? start0 - read->pos0 : 0;
    uint32_t *cigar = gn_arena_alloc(arena, ((size_t)read->n_cigar + 1) * sizeof *cigar);
    if (cigar == NULL || gn_trim_read(read, start0, end0, &trimmed, arena, &err) < 0 ||
        (to_skip == 0 && read->end0 <= end0))
        return;
    gn_cut_cigar(read->cigar, read->n_cigar, to_skip, end0 - (read->pos0 + to_skip), cigar, &cut);
    if (trimmed.n_cigar != cut.n_cigar || trimmed.length != cut.n_bases ||
        trimmed.bases != read->bases + cut.first_base || trimmed.pos0 != read->pos0 + to_skip ||
        trimmed.end0 != trimmed.pos0 + cut.covered ||
        memcmp(trimmed.cigar, cigar, (size_t)cut.n_cigar * sizeof *cigar) != 0)
        abort();
}

/* Phasing and images, and trimming by itself. */
static void use_candidates(const struct partition *p, struct gn_candidate_list *candidates,
                           const struct gn_read_list *list)
{
    uint32_t key_limit = 1;
    for (size_t k = 0; k < list->n; k++)
        key_limit = list->v[k].key >= key_limit ? list->v[k].key + 1 : key_limit;
    image_bench_phase(candidates, list->v, list->n, key_limit, p->bench->arena);
    for (size_t i = 0; i < candidates->n; i++) {
        const struct gn_variant *variant = candidates->v[i].variant;
        int64_t start0 = variant->start0 > HALF_IMAGE ? variant->start0 - HALF_IMAGE : 0;
        int64_t end0 = variant->end0 + HALF_IMAGE;
        if (variant->start0 < p->start0 || variant->start0 >= p->end0)
            abort();
        for (size_t k = 0; k < list->n; k++)
            if (gn_read_overlaps(&list->v[k], start0, end0))
                trim(&list->v[k], start0, end0, p->bench->arena);
        if (i < MAX_DRAWN)
            image_bench_draw(&p->bench->images, p->contig, &candidates->v[i], list->v, list->n,
                             key_limit, p->bench->arena);
    }
}

static void find_candidates(const struct partition *p, const struct gn_allele_counter *counter,
                            const struct gn_read_list *list)
{
    gn_error_t err = {0};
    struct gn_candidate_options options = gn_candidate_options_default();
    struct gn_candidate_list candidates = {NULL, 0, 0};
    options.vsc_min_count_snps = options.vsc_min_count_indels = 1;
    options.sample = "fuzz";
    if (gn_find_candidates(counter, CONTIG_NAMES[p->contig], &options, &candidates, p->bench->arena,
                           &err) == GN_OK)
        use_candidates(p, &candidates, list);
    gn_candidates_clear(&candidates);
}

static void expect_same(const struct gn_allele_counter *a, const struct gn_allele_counter *b)
{
    if (a->n_alleles != b->n_alleles)
        abort();
    for (int64_t i = 0; i < a->end0 - a->start0; i++)
        if (a->positions[i].ref_count != b->positions[i].ref_count ||
            a->positions[i].n != b->positions[i].n)
            abort();
    for (size_t i = 0; i < a->n_alleles; i++) {
        const struct gn_allele *x = &a->alleles[i], *y = &b->alleles[i];
        if (x->length != y->length || memcmp(x->bases, y->bases, x->length) != 0 ||
            x->read != y->read || x->key != y->key || x->type != y->type ||
            x->is_low_quality != y->is_low_quality || x->base_quality != y->base_quality)
            abort();
    }
}

/* Counts what whole and what cropped reads say. */
static void compare(struct partition *p)
{
    struct gn_allele_counter *counters[2] = {NULL, NULL};
    gn_intake_t *intakes[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        gn_error_t err = {0};
        p->options.crop_margin = i == 0 ? 0 : 1 + p->header.margin;
        intakes[i] = gn_intake_create(&p->options, &err);
        if (intakes[i] == NULL)
            abort();
        struct gn_read_list list = take_in(p, intakes[i]);
        if (i == 0 && (p->header.switches & READS_NORMALIZE) != 0)
            normalize(p, &list);
        if ((counters[i] = count(p, &list)) != NULL)
            find_candidates(p, counters[i], &list);
    }
    if (counters[0] != NULL && counters[1] != NULL && (p->header.switches & READS_NORMALIZE) == 0)
        expect_same(counters[0], counters[1]);
    for (int i = 0; i < 2; i++)
        gn_intake_destroy(intakes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bench bench;
    struct partition p = {.bench = &bench};
    if (size < sizeof p.header)
        return -1;
    if (bench.arena == NULL)
        make_contigs(&bench);
    memcpy(&p.header, data, sizeof p.header);
    p.contig = p.header.contig % READS_CONTIGS;
    p.start0 = p.header.start0 % CONTIG_LENGTH;
    p.end0 = p.start0 + 1 + p.header.length % 3000;
    p.end0 = p.end0 < CONTIG_LENGTH ? p.end0 : CONTIG_LENGTH;
    set_options(&p);
    read_records(&p, data + sizeof p.header, size - sizeof p.header);
    compare(&p);
    /* again with little memory, where whole and cropped reads may not be the same ones */
    gn_error_t err = {0};
    p.options.max_bytes = ((int64_t)p.header.max_kilobytes + 1) << 10;
    gn_intake_t *intake = gn_intake_create(&p.options, &err);
    if (intake == NULL)
        abort();
    take_in(&p, intake);
    gn_intake_destroy(intake);
    for (int i = 0; i < p.n_records; i++)
        bam_destroy1(p.records[i]);
    gn_arena_reset(bench.arena);
    return 0;
}
