/* SPDX-License-Identifier: MIT
 *
 * variable_sites.c - counts alleles window by window over all files; then the records of the truth.
 */
#include "simulate/variable_sites.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/vcf.h>

#include "reads/read_file.h"

enum {
    WINDOW = 1 << 15,     /* bases counted together */
    LONGEST_UNIT = 6,     /* bases of a tandem repeat's unit */
    LONGEST_RUN = 1000,   /* bases of a repeat that are followed to each side */
    MOST_INDELS = 1 << 25 /* seen in one window */
};

/* What the reads show at one base. */
struct column {
    uint32_t n_reads;  /* that have a base or a deletion here */
    uint32_t other[4]; /* A, C, G, T where it differs from the reference */
};

/* One read's indel. */
struct seen_indel {
    int32_t anchor; /* base before it, from the window's start */
    int32_t change; /* inserted bases, or minus the deleted ones */
};

struct scan {
    const struct gn_variable_sites_task *task;
    struct gn_variable_sites *sites;
    gn_fasta_t *fasta;
    struct gn_read_file *files;
    bam1_t *record;
    struct gn_range window;
    char *bases;             /* of the window and LONGEST_RUN to each side, upper case */
    int64_t bases0, n_bases; /* where they begin, how many */
    struct column *columns;
    struct seen_indel *indels;
    size_t n_indels, cap_indels;
};

struct gn_variable_sites_task gn_variable_sites_defaults(void)
{
    return (struct gn_variable_sites_task){.substitution_share = 0.15,
                                           .indel_share = 0.15,
                                           .fewest_reads = 4,
                                           .fewest_other = 2,
                                           .indel_margin = 5};
}

static int add_place(struct scan *scan, int64_t start0, int64_t end0, gn_error_t *err)
{
    struct gn_range place = {scan->window.contig, start0 < 0 ? 0 : start0, end0};
    return gn_ranges_push(&scan->sites->places, place, err);
}

/* Widens [*start0, *end0) to the tandem repeats in which the base before *end0's run lies. */
static void widen_over_repeats(const struct scan *scan, int64_t first0, int64_t *start0,
                               int64_t *end0)
{
    int64_t p = first0 - scan->bases0, n = scan->n_bases;
    for (int unit = 1; unit <= LONGEST_UNIT && p >= 0 && p + unit <= n; unit++) {
        int64_t left = p, right = p + unit;
        while (left > 0 && p - left < LONGEST_RUN &&
               scan->bases[left - 1] == scan->bases[left - 1 + unit])
            left--;
        while (right < n && right - p < LONGEST_RUN &&
               scan->bases[right] == scan->bases[right - unit])
            right++;
        if (right - left < 2 * (int64_t)unit)
            continue;
        if (scan->bases0 + left < *start0)
            *start0 = scan->bases0 + left;
        if (scan->bases0 + right > *end0)
            *end0 = scan->bases0 + right;
    }
}

/* An indel after the base at anchor0 that deletes n_deleted bases. */
static int add_indel(struct scan *scan, int64_t anchor0, int64_t n_deleted, gn_error_t *err)
{
    int64_t start0 = anchor0, end0 = anchor0 + 1 + n_deleted, margin = scan->task->indel_margin;
    widen_over_repeats(scan, anchor0 + 1, &start0, &end0);
    return add_place(scan, start0 - margin, end0 + margin, err);
}

static int load_bases(struct scan *scan, gn_error_t *err)
{
    const struct gn_range *window = &scan->window;
    int64_t length = gn_fasta_contigs(scan->fasta)->lengths[window->contig];
    int64_t start0 = window->start0 > LONGEST_RUN ? window->start0 - LONGEST_RUN : 0;
    int64_t end0 = window->end0 + LONGEST_RUN < length ? window->end0 + LONGEST_RUN : length;
    const char *bases = gn_fasta_peek(scan->fasta, window->contig, start0, end0, err);
    if (bases == NULL)
        return err->code;
    memcpy(scan->bases, bases, (size_t)(end0 - start0));
    scan->bases0 = start0;
    scan->n_bases = end0 - start0;
    return GN_OK;
}

static bool counts(const bam1_t *record)
{
    enum { UNWANTED = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FDUP | BAM_FQCFAIL };
    return (record->core.flag & UNWANTED) == 0 && record->core.qual >= 1;
}

static int count_indel(struct scan *scan, int64_t anchor0, int64_t change, gn_error_t *err)
{
    int64_t anchor = anchor0 - scan->window.start0;
    if (anchor < 0 || anchor0 >= scan->window.end0)
        return GN_OK;
    struct seen_indel *v =
        gn_reserve(scan->indels, &scan->cap_indels, scan->n_indels + 1, sizeof *v, MOST_INDELS,
                   "insertions and deletions of reads in one window", err);
    if (v == NULL)
        return GN_E_MEMORY;
    scan->indels = v;
    v[scan->n_indels++] = (struct seen_indel){(int32_t)anchor, (int32_t)change};
    return GN_OK;
}

/* n aligned bases from ref0 on; read is their first index in the read, -1 for deleted ones. */
static void count_bases(struct scan *scan, const bam1_t *record, int64_t ref0, int64_t read,
                        int64_t n)
{
    static const int8_t code_of_nibble[16] = {-1, 0,  1,  -1, 2,  -1, -1, -1,
                                              3,  -1, -1, -1, -1, -1, -1, -1};
    const uint8_t *packed = bam_get_seq(record);
    int64_t first = ref0 < scan->window.start0 ? scan->window.start0 - ref0 : 0;
    for (int64_t i = first; i < n && ref0 + i < scan->window.end0; i++) {
        struct column *column = &scan->columns[ref0 + i - scan->window.start0];
        column->n_reads++;
        int code = read < 0 ? -1 : code_of_nibble[bam_seqi(packed, read + i)];
        if (code >= 0 && "ACGT"[code] != scan->bases[ref0 + i - scan->bases0])
            column->other[code]++;
    }
}

static int count_read(struct scan *scan, gn_error_t *err)
{
    const bam1_t *record = scan->record;
    const uint32_t *cigar = bam_get_cigar(record);
    int64_t ref0 = record->core.pos, read = 0;
    int code = GN_OK;
    for (uint32_t i = 0; i < record->core.n_cigar && code == GN_OK; i++) {
        int64_t n = bam_cigar_oplen(cigar[i]);
        int op = bam_cigar_op(cigar[i]), type = bam_cigar_type(op);
        if (ref0 >= scan->window.end0)
            break;
        if (type == 3)
            count_bases(scan, record, ref0, read, n);
        else if (op == BAM_CDEL)
            count_bases(scan, record, ref0, -1, n);
        if (op == BAM_CINS || op == BAM_CDEL)
            code = count_indel(scan, ref0 - 1, op == BAM_CINS ? n : -n, err);
        ref0 += type & 2 ? n : 0;
        read += type & 1 ? n : 0;
    }
    return code;
}

static int count_file(struct scan *scan, const struct gn_read_file *file, gn_error_t *err)
{
    const struct gn_range *window = &scan->window;
    int tid = sam_hdr_name2tid(file->header, gn_fasta_contigs(scan->fasta)->names[window->contig]);
    if (tid < 0)
        return GN_OK;
    hts_itr_t *iterator = sam_itr_queryi(file->index, tid, window->start0, window->end0);
    if (iterator == NULL)
        return gn_fail_memory(err, "reading alignments");
    int code = GN_OK, got = 0;
    while (code == GN_OK && (got = sam_itr_next(file->file, iterator, scan->record)) >= 0)
        if (counts(scan->record))
            code = count_read(scan, err);
    hts_itr_destroy(iterator);
    if (code == GN_OK && got < -1)
        code =
            gn_fail(err, GN_E_DATA, "%s: damaged reads: copy or make the file again", file->path);
    return code;
}

static bool is_enough(const struct scan *scan, uint32_t n_other, uint32_t n_reads, double share)
{
    const struct gn_variable_sites_task *task = scan->task;
    return (int64_t)n_other >= task->fewest_other && (int64_t)n_reads >= task->fewest_reads &&
           (double)n_other >= share * (double)n_reads;
}

static int judge_bases(struct scan *scan, gn_error_t *err)
{
    int code = GN_OK;
    int64_t start0 = scan->window.start0, n = scan->window.end0 - start0;
    for (int64_t i = 0; i < n && code == GN_OK; i++) {
        const struct column *column = &scan->columns[i];
        uint32_t most = 0;
        for (int b = 0; b < 4; b++)
            most = column->other[b] > most ? column->other[b] : most;
        if (is_enough(scan, most, column->n_reads, scan->task->substitution_share))
            code = add_place(scan, start0 + i, start0 + i + 1, err);
    }
    return code;
}

static int by_place(const void *a, const void *b)
{
    const struct seen_indel *x = a, *y = b;
    if (x->anchor != y->anchor)
        return x->anchor < y->anchor ? -1 : 1;
    return (x->change > y->change) - (x->change < y->change);
}

static int judge_indels(struct scan *scan, gn_error_t *err)
{
    int code = GN_OK;
    if (scan->n_indels > 1)
        qsort(scan->indels, scan->n_indels, sizeof *scan->indels, by_place);
    for (size_t i = 0, end; i < scan->n_indels && code == GN_OK; i = end) {
        const struct seen_indel *indel = &scan->indels[i];
        for (end = i + 1; end < scan->n_indels && by_place(indel, &scan->indels[end]) == 0;)
            end++;
        if (is_enough(scan, (uint32_t)(end - i), scan->columns[indel->anchor].n_reads,
                      scan->task->indel_share))
            code = add_indel(scan, scan->window.start0 + indel->anchor,
                             indel->change < 0 ? -indel->change : 0, err);
    }
    return code;
}

static int scan_window(struct scan *scan, gn_error_t *err)
{
    memset(scan->columns, 0, WINDOW * sizeof *scan->columns);
    scan->n_indels = 0;
    int code = load_bases(scan, err);
    for (int i = 0; i < scan->task->n_bams && code == GN_OK; i++)
        code = count_file(scan, &scan->files[i], err);
    if (code == GN_OK)
        code = judge_bases(scan, err);
    return code < 0 ? code : judge_indels(scan, err);
}

static int scan_reads(struct scan *scan, gn_error_t *err)
{
    int code = GN_OK;
    const struct gn_ranges *regions = scan->task->regions;
    for (size_t i = 0; i < regions->n && code == GN_OK; i++)
        for (int64_t at0 = regions->v[i].start0; at0 < regions->v[i].end0 && code == GN_OK;
             at0 += WINDOW) {
            scan->window = regions->v[i];
            scan->window.start0 = at0;
            if (at0 + WINDOW < scan->window.end0)
                scan->window.end0 = at0 + WINDOW;
            code = scan_window(scan, err);
        }
    return code;
}

/* Bases that the alleles of a record share at their start; the anchor of an indel. */
static int shared_start(const bcf1_t *record)
{
    int shared = 0;
    for (;; shared++)
        for (uint32_t a = 0; a < record->n_allele; a++) {
            char base = record->d.allele[a][shared];
            if (base == '\0' || base != record->d.allele[0][shared])
                return shared;
        }
}

static int add_truth_record(struct scan *scan, bcf_hdr_t *header, bcf1_t *record, gn_error_t *err)
{
    int contig = gn_contigs_find(gn_fasta_contigs(scan->fasta), bcf_seqname_safe(header, record));
    if (bcf_unpack(record, BCF_UN_STR) < 0)
        return gn_fail(err, GN_E_DATA, "%s: a damaged record", scan->task->truth_vcf);
    struct gn_range place = {contig, record->pos, record->pos + record->rlen};
    int64_t length = contig < 0 ? 0 : gn_fasta_contigs(scan->fasta)->lengths[contig];
    if (contig < 0 || !gn_ranges_contain(scan->task->regions, contig, place.start0))
        return GN_OK;
    if (place.end0 > length || place.end0 - place.start0 > WINDOW || record->n_allele < 2)
        return GN_OK;
    bool is_indel = false;
    for (uint32_t a = 1; a < record->n_allele; a++)
        is_indel |= strlen(record->d.allele[a]) != (size_t)record->rlen;
    scan->window = place;
    if (!is_indel)
        return add_place(scan, place.start0, place.end0, err);
    int shared = shared_start(record);
    int code = load_bases(scan, err);
    return code < 0 ? code : add_indel(scan, place.start0 + shared - 1, record->rlen - shared, err);
}

static int scan_truth(struct scan *scan, gn_error_t *err)
{
    const char *path = scan->task->truth_vcf;
    htsFile *file = bcf_open(path, "r");
    bcf_hdr_t *header = file == NULL ? NULL : bcf_hdr_read(file);
    bcf1_t *record = bcf_init();
    int code = GN_OK, got = -1;
    if (header == NULL || record == NULL)
        code =
            gn_fail(err, GN_E_NO_INPUT, "%s: cannot read the truth: give a VCF or BCF file", path);
    while (code == GN_OK && (got = bcf_read(file, header, record)) == 0)
        code = add_truth_record(scan, header, record, err);
    if (code == GN_OK && got < -1)
        code = gn_fail(err, GN_E_DATA, "%s: a damaged record: copy or make the file again", path);
    bcf_destroy(record);
    bcf_hdr_destroy(header);
    if (file != NULL)
        bcf_close(file);
    return code;
}

static int open_scan(struct scan *scan, gn_error_t *err)
{
    const struct gn_variable_sites_task *task = scan->task;
    scan->fasta = gn_fasta_open(task->reference, err);
    if (scan->fasta == NULL)
        return err->code < 0 ? err->code : GN_E_NO_INPUT;
    scan->files = calloc((size_t)task->n_bams + 1, sizeof *scan->files);
    scan->columns = malloc(WINDOW * sizeof *scan->columns);
    scan->bases = malloc(WINDOW + 2 * LONGEST_RUN);
    scan->record = bam_init1();
    if (scan->files == NULL || scan->columns == NULL || scan->bases == NULL ||
        scan->record == NULL) {
        gn_fail_memory(err, "the counts of alleles");
        return GN_E_MEMORY;
    }
    int code = GN_OK;
    for (int i = 0; i < task->n_bams && code == GN_OK; i++)
        code = gn_read_file_open(&scan->files[i], task->bams[i], task->reference, err);
    return code;
}

int gn_variable_sites_scan(struct gn_variable_sites *sites,
                           const struct gn_variable_sites_task *task, gn_error_t *err)
{
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    struct scan scan = {.task = task, .sites = sites};
    int code = open_scan(&scan, err);
    if (code == GN_OK && task->n_bams > 0)
        code = scan_reads(&scan, err);
    if (code == GN_OK && task->truth_vcf != NULL)
        code = scan_truth(&scan, err);
    gn_ranges_normalise(&sites->places);
    for (int i = 0; i < task->n_bams && scan.files != NULL; i++)
        gn_read_file_close(&scan.files[i]);
    if (scan.fasta != NULL)
        gn_fasta_close(scan.fasta);
    bam_destroy1(scan.record);
    free(scan.files);
    free(scan.columns);
    free(scan.bases);
    free(scan.indels);
    return code;
}

void gn_variable_sites_clear(struct gn_variable_sites *sites)
{
    gn_ranges_clear(&sites->places);
}
