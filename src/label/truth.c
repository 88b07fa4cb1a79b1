/* SPDX-License-Identifier: MIT
 *
 * truth.c - reads by index when there is one and ranges are given, else the whole file in order.
 */
#include "label/truth.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/kstring.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>

#include "base/memory.h"

static const size_t MOST_RECORDS = (size_t)1 << 28;

/* The file while it is read. */
struct source {
    const struct gn_truth_query *query;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    tbx_t *tbx;         /* index of a VCF, */
    hts_idx_t *csi;     /* of a BCF, or neither */
    int sample;         /* column, -1 none */
    int *contigs;       /* our number of each of the header's contigs, -1 unknown */
    int32_t *genotypes; /* of all samples, buffer of htslib */
    int n_genotypes;
};

bool gn_allele_is_sequence(const char *allele)
{
    if (*allele == '\0')
        return false;
    for (; *allele != '\0'; allele++)
        if (!isalpha((unsigned char)*allele))
            return false;
    return true;
}

static void close_source(struct source *source)
{
    free(source->genotypes);
    free(source->contigs);
    if (source->tbx != NULL)
        tbx_destroy(source->tbx);
    if (source->csi != NULL)
        hts_idx_destroy(source->csi);
    if (source->record != NULL)
        bcf_destroy(source->record);
    if (source->header != NULL)
        bcf_hdr_destroy(source->header);
    if (source->file != NULL)
        hts_close(source->file);
}

static int number_contigs(struct source *source, gn_error_t *err)
{
    const struct gn_truth_query *query = source->query;
    int n = source->header->n[BCF_DT_CTG], n_known = 0;
    source->contigs = malloc(((size_t)n + 1) * sizeof *source->contigs);
    if (source->contigs == NULL)
        return gn_fail_memory(err, "the VCF's contigs");
    for (int i = 0; i < n; i++) {
        source->contigs[i] = gn_contigs_find(query->contigs, bcf_hdr_id2name(source->header, i));
        n_known += source->contigs[i] >= 0;
    }
    if (n > 0 && n_known == 0)
        return gn_fail(
            err, GN_E_MISMATCH,
            "%s: none of its contigs (%s, ...) is among the reference's (%s, ...): use a "
            "VCF made on the same reference, or rename with bcftools annotate --rename-chrs",
            query->path, bcf_hdr_id2name(source->header, 0),
            query->contigs->n > 0 ? query->contigs->names[0] : "none");
    return GN_OK;
}

static int choose_sample(struct source *source, gn_error_t *err)
{
    const struct gn_truth_query *query = source->query;
    source->sample = bcf_hdr_nsamples(source->header) > 0 ? 0 : -1;
    if (query->sample == NULL)
        return GN_OK;
    source->sample = bcf_hdr_id2int(source->header, BCF_DT_SAMPLE, query->sample);
    if (source->sample < 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "%s: no sample '%s': bcftools query -l lists its samples", query->path,
                       query->sample);
    return GN_OK;
}

/* An index is used only when it saves reading; its absence is no failure. */
static void load_index(struct source *source)
{
    if (source->query->ranges == NULL)
        return;
    if (source->file->format.format == bcf)
        source->csi = bcf_index_load3(source->query->path, NULL, HTS_IDX_SILENT_FAIL);
    else if (source->file->format.compression == bgzf)
        source->tbx = tbx_index_load3(source->query->path, NULL, HTS_IDX_SILENT_FAIL);
}

static int open_source(struct source *source, gn_error_t *err)
{
    const char *path = source->query->path;
    source->file = hts_open(path, "r");
    if (source->file == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "%s: cannot open: check the name and its permissions",
                       path);
    if (source->file->format.format != vcf && source->file->format.format != bcf)
        return gn_fail(err, GN_E_DATA, "%s: not a VCF or BCF file", path);
    source->header = bcf_hdr_read(source->file);
    if (source->header == NULL)
        return gn_fail(err, GN_E_DATA, "%s: the VCF header cannot be read", path);
    source->record = bcf_init();
    if (source->record == NULL)
        return gn_fail_memory(err, "a VCF record");
    int code = number_contigs(source, err);
    if (code == GN_OK)
        code = choose_sample(source, err);
    if (code == GN_OK)
        load_index(source);
    return code;
}

static bool passes(const struct source *source)
{
    bcf1_t *record = source->record;
    if (source->query->keep_filtered)
        return true;
    bcf_unpack(record, BCF_UN_FLT);
    if (record->d.n_flt == 0)
        return true;
    return record->d.n_flt == 1 &&
           strcmp(bcf_hdr_int2id(source->header, BCF_DT_ID, record->d.flt[0]), "PASS") == 0;
}

/* True when a normal list has a range that overlaps [start0, end0). */
static bool overlaps(const struct gn_ranges *ranges, int contig, int64_t start0, int64_t end0)
{
    size_t low = 0, high = ranges->n; /* first range that ends behind start0 */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct gn_range *range = &ranges->v[middle];
        if (range->contig < contig || (range->contig == contig && range->end0 <= start0))
            low = middle + 1;
        else
            high = middle;
    }
    return low < ranges->n && ranges->v[low].contig == contig && ranges->v[low].start0 < end0;
}

static bool is_wanted(const struct source *source, int contig)
{
    const struct gn_truth_query *query = source->query;
    bcf1_t *record = source->record;
    if (contig < 0 || record->n_allele < 2)
        return false;
    if (query->ranges != NULL &&
        !overlaps(query->ranges, contig, record->pos, record->pos + record->rlen))
        return false;
    if (query->confident != NULL && !gn_ranges_contain(query->confident, contig, record->pos))
        return false;
    bcf_unpack(record, BCF_UN_STR);
    bool has_sequence = false;
    for (int i = 1; i < record->n_allele; i++)
        has_sequence |= gn_allele_is_sequence(record->d.allele[i]);
    return has_sequence && passes(source);
}

static void upper_case(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

static int read_genotype(struct source *source, struct gn_variant *variant, gn_error_t *err)
{
    if (source->sample < 0)
        return GN_OK;
    int n =
        bcf_get_genotypes(source->header, source->record, &source->genotypes, &source->n_genotypes);
    int ploidy = n > 0 ? n / bcf_hdr_nsamples(source->header) : 0;
    const int32_t *gt = ploidy > 0 ? source->genotypes + (size_t)source->sample * ploidy : NULL;
    variant->is_phased = ploidy > 1;
    for (int i = 0; i < ploidy && gt[i] != bcf_int32_vector_end; i++) {
        int allele = bcf_gt_is_missing(gt[i]) ? -1 : bcf_gt_allele(gt[i]);
        if (allele >= source->record->n_allele)
            return gn_fail(err, GN_E_DATA,
                           "%s: %s:%lld: genotype names allele %d of %d: the file is broken",
                           source->query->path, variant->contig, (long long)variant->start0 + 1,
                           allele, source->record->n_allele);
        variant->is_phased &= i == 0 || bcf_gt_is_phased(gt[i]);
        if (gn_ints_push(&variant->genotype, allele, err) < 0)
            return GN_E_MEMORY;
    }
    variant->has_call = true;
    return GN_OK;
}

/* Rounded; left absent when the file has none, which is no failure. */
static int read_gq(const struct source *source, struct gn_variant *variant, gn_error_t *err)
{
    float *values = NULL;
    int32_t *numbers = NULL;
    int room = 0, ret = GN_OK;
    int n = bcf_get_format_float(source->header, source->record, "GQ", &values, &room);
    if (n > source->sample && !bcf_float_is_missing(values[source->sample]))
        ret = gn_ints_push(&variant->gq, (int32_t)(values[source->sample] + 0.5F), err);
    room = 0;
    if (n == -2)
        n = bcf_get_format_int32(source->header, source->record, "GQ", &numbers, &room);
    if (numbers != NULL && n > source->sample && numbers[source->sample] != bcf_int32_missing)
        ret = gn_ints_push(&variant->gq, numbers[source->sample], err);
    free(values);
    free(numbers);
    return ret;
}

static int fill_variant(struct source *source, struct gn_variant *variant, gn_error_t *err)
{
    bcf1_t *record = source->record;
    const char *const *alleles = (const char *const *)record->d.allele;
    if (gn_text_set(&variant->contig, bcf_seqname_safe(source->header, record), err) < 0 ||
        gn_text_set(&variant->ref, alleles[0], err) < 0 ||
        gn_texts_set(&variant->alts, alleles + 1, record->n_allele - 1, err) < 0)
        return GN_E_MEMORY;
    upper_case(variant->ref);
    for (int i = 0; i < variant->alts.n; i++)
        if (gn_allele_is_sequence(variant->alts.v[i]))
            upper_case(variant->alts.v[i]);
    variant->start0 = record->pos;
    variant->end0 = record->pos + (int64_t)strlen(variant->ref);
    variant->quality = bcf_float_is_missing(record->qual) ? -1 : record->qual;
    int code = read_genotype(source, variant, err);
    return code == GN_OK && source->query->keep_gq && source->sample >= 0
               ? read_gq(source, variant, err)
               : code;
}

/* Number of the class that the present record names, -1 when it names none of the list. */
static int read_class(const struct source *source)
{
    const struct gn_texts *names = source->query->class_names;
    char *name = NULL;
    int room = 0, found = -1;
    int n = bcf_get_info_string(source->header, source->record, source->query->class_field, &name,
                                &room);
    for (int i = 0; n > 0 && i < names->n && found < 0; i++)
        found = strcmp(name, names->v[i]) == 0 ? i : -1;
    free(name);
    return found;
}

static int read_note(const struct source *source, struct gn_truth_note *note, gn_error_t *err)
{
    *note = (struct gn_truth_note){.class = -1};
    if (source->query->class_field != NULL)
        note->class = read_class(source);
    kstring_t line = KS_INITIALIZE;
    if (source->query->keep_lines && vcf_format1(source->header, source->record, &line) < 0) {
        ks_free(&line);
        return gn_fail_memory(err, "a variant record");
    }
    note->line = ks_release(&line);
    return GN_OK;
}

static int append(struct gn_truth *truth, const struct source *source, int contig,
                  struct gn_variant *variant, gn_error_t *err)
{
    struct gn_variant **v = gn_reserve(truth->v, &truth->cap, truth->n + 1, sizeof *v, MOST_RECORDS,
                                       "variant records", err);
    if (v == NULL)
        return GN_E_MEMORY;
    truth->v = v;
    int *contigs = gn_reserve(truth->contigs, &truth->cap_contigs, truth->n + 1, sizeof *contigs,
                              MOST_RECORDS, "variant records", err);
    if (contigs == NULL)
        return GN_E_MEMORY;
    truth->contigs = contigs;
    v[truth->n] = variant;
    contigs[truth->n] = contig;
    if (source->query->class_field != NULL || source->query->keep_lines) {
        struct gn_truth_note *notes =
            gn_reserve(truth->notes, &truth->cap_notes, truth->n + 1, sizeof *notes, MOST_RECORDS,
                       "variant records", err);
        if (notes == NULL)
            return GN_E_MEMORY;
        truth->notes = notes;
        int code = read_note(source, &notes[truth->n], err);
        if (code < 0)
            return code;
    }
    truth->n++;
    if (variant->end0 - variant->start0 > truth->longest)
        truth->longest = variant->end0 - variant->start0;
    return GN_OK;
}

/* Takes the present record if it is wanted. */
static int take_record(struct gn_truth *truth, struct source *source, gn_error_t *err)
{
    int contig = source->contigs[source->record->rid];
    if (!is_wanted(source, contig))
        return GN_OK;
    struct gn_variant *variant = gn_variant_create();
    if (variant == NULL)
        return gn_fail_memory(err, "a variant record");
    int code = fill_variant(source, variant, err);
    if (code == GN_OK)
        code = append(truth, source, contig, variant, err);
    if (code < 0)
        gn_variant_free(variant);
    return code;
}

static int broken(const struct source *source, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA, "%s: a record cannot be read: the file is truncated or broken",
                   source->query->path);
}

static int read_all(struct gn_truth *truth, struct source *source, gn_error_t *err)
{
    int code = GN_OK, status = 0;
    while (code == GN_OK && (status = bcf_read(source->file, source->header, source->record)) == 0)
        code = take_record(truth, source, err);
    return code == GN_OK && status < -1 ? broken(source, err) : code;
}

/* Next record of an iterator: 0, -1 at the end, less on failure. */
static int next_indexed(struct source *source, hts_itr_t *iterator, kstring_t *line)
{
    if (source->csi != NULL)
        return bcf_itr_next(source->file, iterator, source->record);
    int status = tbx_itr_next(source->file, source->tbx, iterator, line);
    if (status < 0)
        return status;
    return vcf_parse(line, source->header, source->record) < 0 ? -2 : 0;
}

static hts_itr_t *query_index(struct source *source, const struct gn_range *range)
{
    const char *name = source->query->contigs->names[range->contig];
    if (source->csi != NULL) {
        int rid = bcf_hdr_name2id(source->header, name);
        return rid < 0 ? NULL : bcf_itr_queryi(source->csi, rid, range->start0, range->end0);
    }
    int tid = tbx_name2id(source->tbx, name);
    return tid < 0 ? NULL : tbx_itr_queryi(source->tbx, tid, range->start0, range->end0);
}

/* True when the record was already met in the range before this one. */
static bool met_before(const struct source *source, size_t i)
{
    const struct gn_ranges *ranges = source->query->ranges;
    return i > 0 && ranges->v[i - 1].contig == ranges->v[i].contig &&
           source->record->pos < ranges->v[i - 1].end0;
}

static int read_indexed(struct gn_truth *truth, struct source *source, gn_error_t *err)
{
    const struct gn_ranges *ranges = source->query->ranges;
    kstring_t line = KS_INITIALIZE;
    int code = GN_OK;
    for (size_t i = 0; i < ranges->n && code == GN_OK; i++) {
        hts_itr_t *iterator = query_index(source, &ranges->v[i]);
        int status = -1;
        while (iterator != NULL && code == GN_OK &&
               (status = next_indexed(source, iterator, &line)) >= 0)
            if (!met_before(source, i))
                code = take_record(truth, source, err);
        if (iterator != NULL)
            hts_itr_destroy(iterator);
        if (code == GN_OK && status < -1)
            code = broken(source, err);
    }
    ks_free(&line);
    return code;
}

struct entry {
    struct gn_variant *variant;
    int contig;
    struct gn_truth_note note;
    size_t order; /* in the file */
};

static int by_place(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->variant->start0 != y->variant->start0)
        return x->variant->start0 < y->variant->start0 ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static int sort_records(struct gn_truth *truth, gn_error_t *err)
{
    bool is_sorted = true;
    for (size_t i = 1; i < truth->n && is_sorted; i++)
        is_sorted = truth->contigs[i - 1] < truth->contigs[i] ||
                    (truth->contigs[i - 1] == truth->contigs[i] &&
                     truth->v[i - 1]->start0 <= truth->v[i]->start0);
    if (is_sorted)
        return GN_OK;
    struct entry *entries = malloc(truth->n * sizeof *entries);
    if (entries == NULL)
        return gn_fail_memory(err, "variant records");
    for (size_t i = 0; i < truth->n; i++)
        entries[i] = (struct entry){
            truth->v[i], truth->contigs[i],
            truth->notes == NULL ? (struct gn_truth_note){.class = -1} : truth->notes[i], i};
    qsort(entries, truth->n, sizeof *entries, by_place);
    for (size_t i = 0; i < truth->n; i++) {
        truth->v[i] = entries[i].variant;
        truth->contigs[i] = entries[i].contig;
        if (truth->notes != NULL)
            truth->notes[i] = entries[i].note;
    }
    free(entries);
    return GN_OK;
}

int gn_truth_read(struct gn_truth *truth, const struct gn_truth_query *query, gn_error_t *err)
{
    struct source source = {.query = query};
    *truth = (struct gn_truth){.numbers = query->contigs};
    int code = open_source(&source, err);
    if (code == GN_OK && (source.tbx != NULL || source.csi != NULL))
        code = read_indexed(truth, &source, err);
    else if (code == GN_OK)
        code = read_all(truth, &source, err);
    if (code == GN_OK)
        code = sort_records(truth, err);
    close_source(&source);
    return code;
}

void gn_truth_clear(struct gn_truth *truth)
{
    for (size_t i = 0; i < truth->n; i++) {
        gn_variant_free(truth->v[i]);
        if (truth->notes != NULL)
            free(truth->notes[i].line);
    }
    free(truth->v);
    free(truth->contigs);
    free(truth->notes);
    *truth = (struct gn_truth){0};
}

size_t gn_truth_first(const struct gn_truth *truth, int contig, int64_t pos0)
{
    size_t low = 0, high = truth->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (truth->contigs[middle] < contig ||
            (truth->contigs[middle] == contig && truth->v[middle]->start0 < pos0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
