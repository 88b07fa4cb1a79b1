/* SPDX-License-Identifier: MIT
 *
 * bam_writer.c - a buffer of pending records, sorted and emptied up to the place that no later
 * record can precede.
 */
#include "simulate/bam_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <utime.h>

#include <htslib/kstring.h>

#include "io/pending_file.h"

enum { MOST_PENDING = 1 << 25 };

struct pending {
    int contig;
    int64_t pos0;
    uint64_t serial; /* of arrival */
    bam1_t *record;
};

struct gn_bam_writer {
    struct gn_pending_file bam, bai;
    samFile *file;
    sam_hdr_t *header;
    struct pending *v;
    size_t n, cap;
    uint64_t n_pushed;
};

static sam_hdr_t *make_header(const struct gn_contigs *contigs, const char *sample,
                              const char *platform)
{
    kstring_t text = KS_INITIALIZE;
    int failed = kputs("@HD\tVN:1.6\tSO:coordinate\n", &text) < 0;
    for (int i = 0; i < contigs->n; i++)
        failed |= ksprintf(&text, "@SQ\tSN:%s\tLN:%lld\n", contigs->names[i],
                           (long long)contigs->lengths[i]) < 0;
    failed |=
        ksprintf(&text, "@RG\tID:%s\tSM:%s\tLB:%s\tPL:%s\n", sample, sample, sample, platform) < 0;
    failed |= ksprintf(&text, "@PG\tID:gannet\tPN:gannet\tVN:%s\n", GN_VERSION) < 0;
    sam_hdr_t *header = failed ? NULL : sam_hdr_parse(text.l, text.s);
    ks_free(&text);
    return header;
}

static int open_file(gn_bam_writer_t *writer, const char *path, gn_error_t *err)
{
    writer->file = sam_open(writer->bam.temporary_name, "wb5");
    if (writer->file == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "%s: cannot create the BAM file: check the folder",
                       path);
    if (sam_hdr_write(writer->file, writer->header) < 0 ||
        sam_idx_init(writer->file, writer->header, 0, writer->bai.temporary_name) < 0)
        return gn_fail(err, GN_E_IO, "%s: cannot write the header: check the free space", path);
    return GN_OK;
}

gn_bam_writer_t *gn_bam_writer_open(const char *path, const struct gn_contigs *contigs,
                                    const char *sample, const char *platform, gn_error_t *err)
{
    gn_bam_writer_t *writer = calloc(1, sizeof *writer);
    kstring_t index_path = KS_INITIALIZE;
    if (writer == NULL || ksprintf(&index_path, "%s.bai", path) < 0) {
        gn_fail_memory(err, "the BAM writer");
        goto fail;
    }
    if (gn_pending_file_begin(&writer->bam, path, err) < 0 ||
        gn_pending_file_begin(&writer->bai, index_path.s, err) < 0)
        goto fail;
    writer->header = make_header(contigs, sample, platform);
    if (writer->header == NULL) {
        gn_fail(err, GN_E_DATA, "%s: these contig or sample names make no SAM header", path);
        goto fail;
    }
    if (open_file(writer, path, err) < 0)
        goto fail;
    ks_free(&index_path);
    return writer;
fail:
    ks_free(&index_path);
    gn_bam_writer_abort(writer);
    return NULL;
}

int gn_bam_writer_push(gn_bam_writer_t *writer, bam1_t *record, gn_error_t *err)
{
    struct pending *v = gn_reserve(writer->v, &writer->cap, writer->n + 1, sizeof *v, MOST_PENDING,
                                   "simulated reads in memory", err);
    if (v == NULL) {
        bam_destroy1(record);
        return GN_E_MEMORY;
    }
    writer->v = v;
    v[writer->n++] =
        (struct pending){record->core.tid, record->core.pos, writer->n_pushed++, record};
    return GN_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->pos0 != y->pos0)
        return x->pos0 < y->pos0 ? -1 : 1;
    return x->serial < y->serial ? -1 : 1;
}

int gn_bam_writer_flush(gn_bam_writer_t *writer, int contig, int64_t pos0, gn_error_t *err)
{
    if (writer->n > 1)
        qsort(writer->v, writer->n, sizeof *writer->v, by_place);
    size_t n_written = 0;
    int code = GN_OK;
    for (; n_written < writer->n && code == GN_OK; n_written++) {
        struct pending *next = &writer->v[n_written];
        if (next->contig > contig || (next->contig == contig && next->pos0 >= pos0))
            break;
        if (sam_write1(writer->file, writer->header, next->record) < 0)
            code = gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                           writer->bam.final_name);
        bam_destroy1(next->record);
    }
    writer->n -= n_written;
    for (size_t i = 0; i < writer->n; i++)
        writer->v[i] = writer->v[i + n_written];
    return code;
}

int gn_bam_writer_commit(gn_bam_writer_t *writer, gn_error_t *err)
{
    int code = gn_bam_writer_flush(writer, INT32_MAX, 0, err);
    if (code == GN_OK && sam_idx_save(writer->file) < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot write the index: check the free space",
                       writer->bai.final_name);
    int closed = sam_close(writer->file);
    writer->file = NULL;
    if (code == GN_OK && closed < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot finish the file: check the free space",
                       writer->bam.final_name);
    /* the index was saved before the file's last block: an index must not look older than its file
     * */
    if (code == GN_OK && utime(writer->bai.temporary_name, NULL) < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot set the index's time", writer->bai.final_name);
    if (code == GN_OK)
        code = gn_pending_file_commit(&writer->bam, err);
    if (code == GN_OK)
        code = gn_pending_file_commit(&writer->bai, err);
    gn_bam_writer_abort(writer);
    return code;
}

void gn_bam_writer_abort(gn_bam_writer_t *writer)
{
    if (writer == NULL)
        return;
    if (writer->file != NULL)
        sam_close(writer->file);
    sam_hdr_destroy(writer->header);
    for (size_t i = 0; i < writer->n; i++)
        bam_destroy1(writer->v[i].record);
    free(writer->v);
    gn_pending_file_discard(&writer->bam);
    gn_pending_file_discard(&writer->bai);
    free(writer);
}
