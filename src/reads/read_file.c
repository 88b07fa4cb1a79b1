/* SPDX-License-Identifier: MIT
 *
 * read_file.c - opening alignments, and everything that can be wrong with them before the first record.
 */
#include "reads/read_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/index_file.h"

enum {
    DOWNSAMPLE_SEED = 609314161,
    /* Decompressed blocks to keep: an index leads to the start of 16 kb of reference, so that neighbouring partitions
     * read the same blocks again. 16 kb at 100x take about 6 MB. */
    BLOCK_CACHE_BYTES = 8 << 20,
    RECORDS_TO_CHECK = 20000,
};

/* Whether the first records of a file are in order. Unplaced reads (tid -1) come last. */
static bool starts_sorted(const char *path, const char *reference)
{
    samFile *file = sam_open(path, "r");
    if (file == NULL)
        return false;
    if (hts_get_format(file)->format == cram)
        hts_set_fai_filename(file, reference);
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    bool is_sorted = header != NULL && record != NULL;
    uint32_t tid = 0;
    hts_pos_t pos = 0;
    for (int i = 0; i < RECORDS_TO_CHECK && is_sorted && sam_read1(file, header, record) >= 0;
         i++) {
        uint32_t next = (uint32_t)record->core.tid;
        is_sorted = next > tid || (next == tid && record->core.pos >= pos);
        tid = next;
        pos = record->core.pos;
    }
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    return is_sorted;
}

/* Some programs leave SO:unsorted in files that are sorted (and could be indexed): only then the records decide. */
static int check_sort_order(const struct gn_read_file *file, const char *reference, gn_error_t *err)
{
    kstring_t order = {0, 0, NULL};
    int ret = GN_OK;
    if (sam_hdr_find_tag_hd(file->header, "SO", &order) == 0 &&
        strcmp(order.s, "coordinate") != 0 && !starts_sorted(file->path, reference))
        ret = gn_fail(err, GN_E_DATA,
                      "reads file %s is not sorted by coordinate (its header says SO:%s): run "
                      "'samtools sort' and "
                      "'samtools index'",
                      file->path, order.s);
    free(order.s);
    return ret;
}

static int load_index(struct gn_read_file *file, gn_error_t *err)
{
    if (gn_is_remote(file->path)) {
        file->index = sam_index_load(file->file, file->path);
        return file->index != NULL
                   ? GN_OK
                   : gn_fail(err, GN_E_NO_INPUT, "cannot load the index of %s", file->path);
    }
    char *name = gn_find_reads_index(file->path);
    if (name == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "reads file %s has no index: run 'samtools index %s'",
                       file->path, file->path);
    file->index = sam_index_load3(file->file, file->path, name, HTS_IDX_SILENT_FAIL);
    file->index_is_old = gn_index_is_older(name, file->path);
    int ret = GN_OK;
    if (file->index == NULL)
        ret =
            gn_fail(err, GN_E_DATA, "cannot load index %s: it is damaged; run 'samtools index %s'",
                    name, file->path);
    free(name);
    return ret;
}

static int check_end_of_file(struct gn_read_file *file, gn_error_t *err)
{
    if (hts_check_EOF(file->file) == 0)
        return gn_fail(
            err, GN_E_DATA,
            "reads file %s is truncated (its end-of-file marker is missing): copy or make it again",
            file->path);
    return GN_OK;
}

int gn_read_file_open(struct gn_read_file *file, const char *path, const char *reference,
                      gn_error_t *err)
{
    *file = (struct gn_read_file){.path = gn_strdup(path)};
    gn_mt64_seed(&file->sampling, DOWNSAMPLE_SEED);
    if (file->path == NULL)
        return gn_fail_memory(err, "reads files");
    if (gn_check_input_file("reads file", path, err) < 0)
        return err->code;
    errno = 0;
    file->file = sam_open(path, "r");
    if (file->file == NULL && gn_is_remote(path) && errno != ENOEXEC)
        return gn_fail(err, GN_E_NO_INPUT,
                       "cannot open reads file %s: %s; check address and network", path,
                       errno != 0 ? strerror(errno) : "no answer");
    if (file->file == NULL)
        return gn_fail(err, GN_E_DATA, "cannot open reads file %s: it is not a BAM or CRAM file",
                       path);
    hts_set_cache_size(file->file, BLOCK_CACHE_BYTES);
    const htsFormat *format = hts_get_format(file->file);
    if (format->format != bam && format->format != cram)
        return gn_fail(err, GN_E_DATA,
                       "reads file %s is not BAM or CRAM: run 'samtools sort -o x.bam' and "
                       "'samtools index x.bam'",
                       path);
    file->header = sam_hdr_read(file->file);
    if (file->header == NULL)
        return gn_fail(err, GN_E_DATA,
                       "cannot read the header of reads file %s: it is truncated or damaged", path);
    /* After the header: with a reference htslib would put its lengths in the place of the file's. */
    if (format->format == cram && hts_set_fai_filename(file->file, reference) != 0)
        return gn_fail(err, GN_E_NO_INPUT, "cannot use reference %s to decode CRAM file %s",
                       reference, path);
    int ret = check_sort_order(file, reference, err);
    if (ret == GN_OK)
        ret = check_end_of_file(file, err);
    return ret == GN_OK ? load_index(file, err) : ret;
}

void gn_read_file_close(struct gn_read_file *file)
{
    if (file->index != NULL)
        hts_idx_destroy(file->index);
    if (file->header != NULL)
        sam_hdr_destroy(file->header);
    if (file->file != NULL)
        sam_close(file->file);
    free(file->path);
    *file = (struct gn_read_file){.path = NULL};
}

static bool is_listed(const struct gn_texts *list, const char *text)
{
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->v[i], text) == 0)
            return true;
    return false;
}

int gn_read_file_samples(const struct gn_read_file *file, struct gn_texts *samples, gn_error_t *err)
{
    kstring_t sample = {0, 0, NULL};
    int n = sam_hdr_count_lines(file->header, "RG"), ret = GN_OK;
    for (int i = 0; i < n && ret == GN_OK; i++)
        if (sam_hdr_find_tag_pos(file->header, "RG", i, "SM", &sample) == 0 && sample.l > 0 &&
            !is_listed(samples, sample.s))
            ret = gn_texts_push(samples, sample.s, err);
    free(sample.s);
    return ret;
}
