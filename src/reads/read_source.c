/* SPDX-License-Identifier: MIT
 *
 * read_source.c - from indexed records to the reads of a partition.
 *
 * Records that pass the filters are offered to the sampler; those it keeps are copied into reusable slots, so that memory
 * is bounded by --max-reads-per-partition however deep the partition is.
 */
#include "reads/read_source.h"

#include <htslib/khash.h>
#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "io/index_file.h"
#include "reads/read_file.h"
#include "reads/sampling.h"

KHASH_MAP_INIT_STR(key, uint32_t)

enum { MAX_SLOTS = 1 << 26, NO_QUALITY = 0xff };

struct gn_read_source {
    struct gn_read_options options;
    struct gn_read_file *files;
    int n_files;
    struct gn_sampler sampler;
    bam1_t **
        slots; /* records kept so far, reused from partition to partition; id: number of the file */
    size_t n_slots, slots_cap;
    bam1_t *record;
    khash_t(key) * keys; /* "name/number" of the partition's reads */
    char *warning;
};

struct gn_read_options gn_read_options_default(void)
{
    return (struct gn_read_options){.min_mapping_quality = 5, .max_reads_per_partition = 1500};
}

static int note_old_index(gn_read_source_t *source, gn_error_t *err)
{
    for (int i = 0; i < source->n_files; i++) {
        if (!source->files[i].index_is_old)
            continue;
        kstring_t text = {0, 0, NULL};
        ksprintf(&text,
                 "the index of %s is older than the file: run 'samtools index %s' if the file has "
                 "changed",
                 source->files[i].path, source->files[i].path);
        source->warning = text.s;
        return text.s != NULL ? GN_OK : gn_fail_memory(err, "reads files");
    }
    return GN_OK;
}

static int check_given_once(const struct gn_texts *paths, gn_error_t *err)
{
    for (int i = 0; i < paths->n; i++)
        for (int j = 0; j < i; j++)
            if (gn_is_same_file(paths->v[j], paths->v[i]))
                return gn_fail(err, GN_E_USAGE,
                               "reads file %s is given twice: its reads would count twice",
                               paths->v[i]);
    return GN_OK;
}

gn_read_source_t *gn_read_source_open(const struct gn_texts *paths, const char *reference,
                                      const struct gn_read_options *options, gn_error_t *err)
{
    gn_read_source_t *source = calloc(1, sizeof *source);
    if (source == NULL) {
        gn_fail_memory(err, "reads files");
        return NULL;
    }
    source->options = *options;
    source->files = calloc((size_t)paths->n, sizeof *source->files);
    source->record = bam_init1();
    source->keys = kh_init(key);
    int ret = GN_OK;
    if (source->files == NULL || source->record == NULL || source->keys == NULL)
        ret = gn_fail_memory(err, "reads files");
    if (ret == GN_OK)
        ret = check_given_once(paths, err);
    for (int i = 0; i < paths->n && ret == GN_OK; i++) {
        source->n_files = i + 1;
        ret = gn_read_file_open(&source->files[i], paths->v[i], reference, err);
    }
    if (ret == GN_OK)
        ret = note_old_index(source, err);
    if (ret < 0) {
        gn_read_source_close(source);
        return NULL;
    }
    return source;
}

void gn_read_source_close(gn_read_source_t *source)
{
    if (source == NULL)
        return;
    for (int i = 0; i < source->n_files; i++)
        gn_read_file_close(&source->files[i]);
    for (size_t i = 0; i < source->n_slots; i++)
        bam_destroy1(source->slots[i]);
    if (source->record != NULL)
        bam_destroy1(source->record);
    if (source->keys != NULL)
        kh_destroy(key, source->keys);
    gn_sampler_clear(&source->sampler);
    free(source->slots);
    free(source->files);
    free(source->warning);
    free(source);
}

const char *gn_read_source_warning(const gn_read_source_t *source)
{
    return source->warning;
}

int gn_read_source_sample(const gn_read_source_t *source, char **name, gn_error_t *err)
{
    struct gn_texts samples = {NULL, 0};
    int ret = GN_OK;
    for (int i = 0; i < source->n_files && ret == GN_OK; i++)
        ret = gn_read_file_samples(&source->files[i], &samples, err);
    if (ret == GN_OK && samples.n == 0)
        ret = gn_fail(err, GN_E_MISMATCH,
                      "reads file %s names no sample (no @RG line with SM): give --sample-name",
                      source->files[0].path);
    else if (ret == GN_OK && samples.n > 1)
        ret = gn_fail(
            err, GN_E_MISMATCH,
            "the reads belong to several samples (%s, %s%s): call one sample at a time, or give "
            "--sample-name if they are one",
            samples.v[0], samples.v[1], samples.n > 2 ? ", ..." : "");
    else if (ret == GN_OK) {
        *name = gn_strdup(samples.v[0]);
        ret = *name == NULL ? gn_fail_memory(err, "the sample name") : GN_OK;
    }
    gn_texts_clear(&samples);
    return ret;
}

static int check_contig(const struct gn_read_file *file, const struct gn_contigs *contigs,
                        int contig, bool *usable, gn_error_t *err)
{
    int tid = sam_hdr_name2tid(file->header, contigs->names[contig]);
    if (tid < 0) {
        *usable = false;
        return GN_OK;
    }
    int64_t length = sam_hdr_tid2len(file->header, tid);
    if (length != contigs->lengths[contig])
        return gn_fail(err, GN_E_MISMATCH,
                       "contig %s has %lld bases in %s and %lld in the reference: use the "
                       "reference that the reads "
                       "were aligned to",
                       contigs->names[contig], (long long)length, file->path,
                       (long long)contigs->lengths[contig]);
    return GN_OK;
}

int gn_read_source_match_contigs(const gn_read_source_t *source, const struct gn_contigs *contigs,
                                 bool *usable, gn_error_t *err)
{
    int64_t total = 0, shared = 0;
    for (int c = 0; c < contigs->n; c++) {
        usable[c] = !gn_contig_is_excluded(contigs->names[c]);
        if (!usable[c])
            continue;
        total += contigs->lengths[c];
        for (int f = 0; f < source->n_files && usable[c]; f++)
            if (check_contig(&source->files[f], contigs, c, &usable[c], err) < 0)
                return GN_E_MISMATCH;
        if (usable[c])
            shared += contigs->lengths[c];
    }
    /* PARITY(dv-1.9): at least 90 % of the bases, compared in single precision. */
    if (shared > 0 && (float)((double)shared / (double)total) >= 0.9F)
        return GN_OK;
    const sam_hdr_t *header = source->files[0].header;
    const char *theirs = sam_hdr_nref(header) > 0 ? sam_hdr_tid2name(header, 0) : "nothing";
    return gn_fail(
        err, GN_E_MISMATCH,
        "reads and reference share %.1f %% of the reference's bases (90 needed): contigs are named "
        "like "
        "'%s' in %s and '%s' in the reference; use the reference that the reads were aligned to",
        total > 0 ? 100.0 * (double)shared / (double)total : 0.0, theirs, source->files[0].path,
        contigs->names[0]);
}

/* spec 10 section 2. */
static bool passes_filters(struct gn_read_source *source, struct gn_read_file *file,
                           const bam1_t *record)
{
    const struct gn_read_options *o = &source->options;
    uint16_t flag = record->core.flag;
    if ((flag & (BAM_FQCFAIL | BAM_FUNMAP)) || ((flag & BAM_FDUP) && !o->keep_duplicates) ||
        ((flag & BAM_FSECONDARY) && !o->keep_secondary_alignments) ||
        ((flag & BAM_FSUPPLEMENTARY) && !o->keep_supplementary_alignments))
        return false;
    bool has_mate = (flag & BAM_FPAIRED) && !(flag & BAM_FMUNMAP) && record->core.mtid >= 0;
    if (has_mate && !(flag & BAM_FPROPER_PAIR) && record->core.mtid != record->core.tid)
        return false;
    if (record->core.qual < o->min_mapping_quality)
        return false;
    if (o->downsample_fraction > 0)
        return gn_mt64_uniform(&file->sampling) <= (double)(float)o->downsample_fraction;
    return true;
}

static int keep_record(gn_read_source_t *source, int64_t slot, gn_error_t *err)
{
    if ((size_t)slot == source->n_slots) {
        bam1_t **slots = gn_reserve(source->slots, &source->slots_cap, source->n_slots + 1,
                                    sizeof *slots, MAX_SLOTS, "reads of one partition", err);
        if (slots == NULL)
            return GN_E_MEMORY;
        source->slots = slots;
        if ((slots[slot] = bam_init1()) == NULL)
            return gn_fail_memory(err, "reads of one partition");
        source->n_slots++;
    }
    bam1_t *kept = source->slots[slot];
    source->slots[slot] = source->record;
    source->record = kept;
    return GN_OK;
}

static int64_t overlap_of(const bam1_t *record, int64_t start0, int64_t end0)
{
    int64_t from = record->core.pos > start0 ? record->core.pos : start0;
    int64_t end = bam_endpos(record);
    int64_t to = end < end0 ? end : end0;
    return to > from ? to - from : 0;
}

static int sample_file(gn_read_source_t *source, struct gn_read_file *file, hts_itr_t *iterator,
                       int64_t start0, int64_t end0, gn_error_t *err)
{
    int64_t previous = -1;
    int got;
    while ((got = sam_itr_next(file->file, iterator, source->record)) >= 0) {
        if (source->record->core.pos < previous)
            return gn_fail(err, GN_E_DATA,
                           "reads file %s is not sorted by coordinate at read %s: run 'samtools "
                           "sort' and 'samtools "
                           "index'",
                           file->path, bam_get_qname(source->record));
        previous = source->record->core.pos;
        source->record->id = (uint64_t)(file - source->files);
        if (!passes_filters(source, file, source->record))
            continue;
        int64_t slot =
            gn_sampler_offer(&source->sampler, overlap_of(source->record, start0, end0), err);
        if (slot < -1 || (slot >= 0 && keep_record(source, slot, err) < 0))
            return GN_E_MEMORY;
    }
    if (got < -1)
        return gn_fail(
            err, GN_E_DATA,
            hts_get_format(file->file)->format == cram
                ? "cannot decode CRAM file %s: it is damaged, or the reference is not the one it "
                  "was "
                  "made with"
                : "cannot read reads file %s: it is truncated or damaged, or its index is old; run "
                  "'samtools index' again",
            file->path);
    return GN_OK;
}

/* spec 10 section 1: identity of a read. */
static int assign_key(gn_read_source_t *source, struct gn_read *read, gn_arena_t *arena,
                      bool *is_new, gn_error_t *err)
{
    size_t n = strlen(read->name);
    char *text = gn_arena_alloc(arena, n + 3);
    if (text == NULL)
        return gn_fail_memory(err, "reads of one partition");
    memcpy(text, read->name, n);
    text[n] = '/';
    text[n + 1] = (char)('0' + read->read_number);
    text[n + 2] = '\0';
    int absent;
    khint_t slot = kh_put(key, source->keys, text, &absent);
    if (absent < 0)
        return gn_fail_memory(err, "reads of one partition");
    if (absent)
        kh_value(source->keys, slot) = kh_size(source->keys) - 1;
    read->key = kh_value(source->keys, slot);
    *is_new = absent != 0;
    return GN_OK;
}

static void unpack_bases(const bam1_t *record, char *bases)
{
    const uint8_t *packed = bam_get_seq(record);
    for (int i = 0; i < record->core.l_qseq; i++)
        bases[i] = seq_nt16_str[bam_seqi(packed, i)];
}

static int fill_qualities(const bam1_t *record, bool use_original, const char *path,
                          uint8_t *qualities, gn_error_t *err)
{
    int n = record->core.l_qseq;
    const uint8_t *stored = bam_get_qual(record);
    const uint8_t *tag = use_original ? bam_aux_get(record, "OQ") : NULL;
    const char *original = tag != NULL ? bam_aux2Z(tag) : NULL;
    if (original != NULL && strlen(original) == (size_t)n) {
        for (int i = 0; i < n; i++)
            qualities[i] = (uint8_t)(original[i] - 33);
        return GN_OK;
    }
    if (n == 0 || stored[0] == NO_QUALITY || use_original)
        return gn_fail(
            err, GN_E_DATA,
            "read %s in %s has no %s: make the file again with qualities, or remove such reads",
            bam_get_qname(record), path,
            n == 0         ? "bases"
            : use_original ? "original base qualities (OQ)"
                           : "base qualities");
    memcpy(qualities, stored, (size_t)n);
    return GN_OK;
}

static int8_t haplotype_of(const bam1_t *record)
{
    const uint8_t *tag = bam_aux_get(record, "HP");
    int64_t value = tag != NULL ? bam_aux2i(tag) : 0;
    return (int8_t)(value < -1 ? -1 : value > 100 ? 100 : value);
}

static int convert(gn_read_source_t *source, const bam1_t *record, const char *path,
                   gn_arena_t *arena, struct gn_read *read, gn_error_t *err)
{
    const bam1_core_t *core = &record->core;
    size_t n = (size_t)core->l_qseq, cigar_bytes = core->n_cigar * sizeof(uint32_t);
    char *bases = gn_arena_alloc(arena, n + 1);
    uint8_t *qualities = gn_arena_alloc(arena, n + 1);
    uint32_t *cigar = gn_arena_alloc(arena, cigar_bytes + 1);
    char *name = gn_arena_strndup(arena, bam_get_qname(record), strlen(bam_get_qname(record)));
    if (bases == NULL || qualities == NULL || cigar == NULL || name == NULL)
        return gn_fail_memory(err, "reads of one partition");
    if (core->l_qseq > 0 &&
        bam_cigar2qlen((int)core->n_cigar, bam_get_cigar(record)) != core->l_qseq &&
        core->n_cigar > 0)
        return gn_fail(
            err, GN_E_DATA,
            "read %s in %s has a CIGAR that does not fit its %d bases: the file is damaged",
            bam_get_qname(record), path, core->l_qseq);
    unpack_bases(record, bases);
    memcpy(cigar, bam_get_cigar(record), cigar_bytes);
    if (fill_qualities(record, source->options.use_original_quality_scores, path, qualities, err) <
        0)
        return GN_E_DATA;
    bool is_second = (core->flag & BAM_FPAIRED) && !(core->flag & BAM_FREAD1);
    *read = (struct gn_read){.name = name,
                             .read_number = is_second,
                             .mapping_quality = core->qual,
                             .is_reverse = (core->flag & BAM_FREVERSE) != 0,
                             .fragment_length = (int32_t)core->isize,
                             .pos0 = core->pos,
                             .end0 = gn_cigar_end(core->pos, cigar, (int)core->n_cigar),
                             .n_cigar = (int)core->n_cigar,
                             .cigar = cigar,
                             .length = core->l_qseq,
                             .bases = bases,
                             .qualities = qualities};
    if (source->options.parse_haplotype_tag)
        read->haplotype = haplotype_of(record);
    return GN_OK;
}

static int sample_files(gn_read_source_t *source, const char *contig_name, int64_t start0,
                        int64_t end0, gn_error_t *err)
{
    for (int i = 0; i < source->n_files; i++) {
        struct gn_read_file *file = &source->files[i];
        int tid = sam_hdr_name2tid(file->header, contig_name);
        if (tid < 0)
            continue;
        hts_itr_t *iterator = sam_itr_queryi(file->index, tid, start0, end0);
        if (iterator == NULL)
            return gn_fail(err, GN_E_DATA,
                           "cannot look up %s in the index of %s: run 'samtools index %s'",
                           contig_name, file->path, file->path);
        int ret = sample_file(source, file, iterator, start0, end0, err);
        hts_itr_destroy(iterator);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

int gn_read_source_fetch(gn_read_source_t *source, const char *contig_name, int64_t start0,
                         int64_t end0, gn_arena_t *arena, struct gn_read_list *out, gn_error_t *err)
{
    const struct gn_read_options *o = &source->options;
    *out = (struct gn_read_list){.keys_are_unique = true};
    gn_sampler_start(&source->sampler, o->max_reads_per_partition,
                     o->max_reads_for_dynamic_bases_per_region * (end0 - start0));
    int ret = sample_files(source, contig_name, start0, end0, err);
    if (ret < 0)
        return ret;
    size_t n = (size_t)gn_sampler_finish(&source->sampler);
    out->v = gn_arena_alloc(arena, (n + 1) * sizeof *out->v);
    if (out->v == NULL)
        return gn_fail_memory(err, "reads of one partition");
    kh_clear(key, source->keys);
    for (size_t i = 0; i < n; i++) {
        bool is_new = false;
        ret = convert(source, source->slots[i], source->files[source->slots[i]->id].path, arena,
                      &out->v[i], err);
        if (ret == GN_OK)
            ret = assign_key(source, &out->v[i], arena, &is_new, err);
        if (ret < 0)
            return ret;
        out->keys_are_unique = out->keys_are_unique && is_new;
    }
    out->n = n;
    return GN_OK;
}
