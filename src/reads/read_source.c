/* SPDX-License-Identifier: MIT
 *
 * read_source.c - the files of a sample: what is to be checked between them, and their records in order. What becomes of
 * the records is intake.c's matter.
 */
#include "reads/read_source.h"

#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "io/index_file.h"
#include "reads/read_file.h"

struct gn_read_source {
    struct gn_read_file *files;
    int n_files;
    gn_intake_t *intake;
    bam1_t *record;
    char *warning;
};

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
    source->files = calloc((size_t)paths->n, sizeof *source->files);
    source->record = bam_init1();
    int ret = GN_OK;
    if (source->files == NULL || source->record == NULL)
        ret = gn_fail_memory(err, "reads files");
    if (ret == GN_OK && (source->intake = gn_intake_create(options, err)) == NULL)
        ret = GN_E_MEMORY;
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
    if (source->record != NULL)
        bam_destroy1(source->record);
    gn_intake_destroy(source->intake);
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

static int offer_records(gn_read_source_t *source, struct gn_read_file *file, hts_itr_t *iterator,
                         gn_error_t *err)
{
    int64_t previous = -1;
    int got;
    while ((got = sam_itr_next(file->file, iterator, source->record)) >= 0) {
        if (source->record->core.pos < previous)
            return gn_fail(err, GN_E_DATA,
                           "reads file %s is not sorted by coordinate at read %s: run 'samtools "
                           "sort' and 'samtools index'",
                           file->path, bam_get_qname(source->record));
        previous = source->record->core.pos;
        int ret = gn_intake_offer(source->intake, source->record, file->path, &file->sampling, err);
        if (ret < 0)
            return ret;
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

static int offer_file(gn_read_source_t *source, struct gn_read_file *file, const char *contig_name,
                      int64_t start0, int64_t end0, gn_error_t *err)
{
    int tid = sam_hdr_name2tid(file->header, contig_name);
    if (tid < 0)
        return GN_OK;
    hts_itr_t *iterator = sam_itr_queryi(file->index, tid, start0, end0);
    if (iterator == NULL)
        return gn_fail(err, GN_E_DATA,
                       "cannot look up %s in the index of %s: run 'samtools index %s'", contig_name,
                       file->path, file->path);
    int ret = offer_records(source, file, iterator, err);
    hts_itr_destroy(iterator);
    return ret;
}

int gn_read_source_fetch(gn_read_source_t *source, const char *contig_name, int64_t start0,
                         int64_t end0, gn_arena_t *arena, struct gn_read_list *out, gn_error_t *err)
{
    *out = (struct gn_read_list){.keys_are_unique = true};
    gn_intake_start(source->intake, start0, end0);
    for (int i = 0; i < source->n_files; i++) {
        int ret = offer_file(source, &source->files[i], contig_name, start0, end0, err);
        if (ret < 0)
            return ret;
    }
    return gn_intake_finish(source->intake, arena, out, err);
}
