/* SPDX-License-Identifier: MIT
 *
 * merged_records.c - one stream a file, the least record of all streams next. A sample has few files: looking at each
 * is enough.
 */
#include "phase/merged_records.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reads/read_file.h"

/* What is left of a file. */
struct stream {
    struct gn_read_file file;
    bam1_t *record; /* the next one; unless is_empty or at_end */
    bool is_empty;  /* the record was given away: read on */
    bool at_end;
    int tid; /* place of the record before, for the check of the order */
    int64_t pos0;
    hts_itr_t *iterator; /* of a range */
    size_t range;        /* that is being read, or comes next */
};

struct gn_merged_records {
    struct stream *streams;
    int n;
    bool has_ranges;
    struct gn_ranges ranges; /* on contigs numbered as in the headers: regions, else all contigs */
};

/* Unplaced records (tid -1) come last. */
static bool is_before(int tid, int64_t pos0, int other_tid, int64_t other_pos0)
{
    if (tid != other_tid)
        return (uint32_t)tid < (uint32_t)other_tid;
    return pos0 < other_pos0;
}

static bool is_same_sequence(sam_hdr_t *a, sam_hdr_t *b, int tid)
{
    const char *name = sam_hdr_tid2name(a, tid);
    if (strcmp(name, sam_hdr_tid2name(b, tid)) != 0 ||
        sam_hdr_tid2len(a, tid) != sam_hdr_tid2len(b, tid))
        return false;
    kstring_t x = KS_INITIALIZE, y = KS_INITIALIZE;
    bool is_same = sam_hdr_find_tag_id(a, "SQ", "SN", name, "M5", &x) != 0 ||
                   sam_hdr_find_tag_id(b, "SQ", "SN", name, "M5", &y) != 0 ||
                   strcasecmp(x.s, y.s) == 0;
    ks_free(&x);
    ks_free(&y);
    return is_same;
}

static int check_sequences(const gn_merged_records_t *records, int i, gn_error_t *err)
{
    struct gn_read_file *first = &records->streams[0].file, *file = &records->streams[i].file;
    int n = sam_hdr_nref(file->header);
    if (n != sam_hdr_nref(first->header))
        return gn_fail(err, GN_E_MISMATCH,
                       "%s has %d contigs and %s has %d: files of one output must be aligned to "
                       "one reference",
                       first->path, sam_hdr_nref(first->header), file->path, n);
    for (int tid = 0; tid < n; tid++)
        if (!is_same_sequence(first->header, file->header, tid))
            return gn_fail(err, GN_E_MISMATCH,
                           "contig %d is %s (%lld bases) in %s and %s (%lld bases) in %s, or its "
                           "checksums differ: files of one output must be aligned to one reference",
                           tid + 1, sam_hdr_tid2name(first->header, tid),
                           (long long)sam_hdr_tid2len(first->header, tid), first->path,
                           sam_hdr_tid2name(file->header, tid),
                           (long long)sam_hdr_tid2len(file->header, tid), file->path);
    return GN_OK;
}

static int list_contigs(gn_merged_records_t *records, gn_error_t *err)
{
    sam_hdr_t *header = records->streams[0].file.header;
    int status = GN_OK;
    for (int tid = 0; tid < sam_hdr_nref(header) && status == GN_OK; tid++)
        status = gn_ranges_push(&records->ranges,
                                (struct gn_range){tid, 0, sam_hdr_tid2len(header, tid)}, err);
    return status;
}

static int open_stream(gn_merged_records_t *records, const char *path, const char *reference,
                       gn_error_t *err)
{
    struct stream *stream = &records->streams[records->n++];
    *stream = (struct stream){.record = bam_init1(), .is_empty = true, .pos0 = -1};
    if (stream->record == NULL)
        return gn_fail_memory(err, "reads files");
    return gn_read_file_open(&stream->file, path, reference, err);
}

gn_merged_records_t *gn_merged_records_open(const struct gn_texts *paths, const char *reference,
                                            gn_error_t *err)
{
    gn_merged_records_t *records = calloc(1, sizeof *records);
    if (records != NULL)
        records->streams = calloc((size_t)paths->n, sizeof *records->streams);
    int status =
        records == NULL || records->streams == NULL ? gn_fail_memory(err, "reads files") : GN_OK;
    for (int i = 0; i < paths->n && status == GN_OK; i++) {
        status = open_stream(records, paths->v[i], reference, err);
        if (status == GN_OK)
            status = check_sequences(records, i, err);
    }
    if (status == GN_OK)
        status = list_contigs(records, err);
    if (status == GN_OK)
        return records;
    gn_merged_records_close(records);
    return NULL;
}

void gn_merged_records_close(gn_merged_records_t *records)
{
    if (records == NULL)
        return;
    for (int i = 0; i < records->n; i++) {
        struct stream *stream = &records->streams[i];
        hts_itr_destroy(stream->iterator);
        bam_destroy1(stream->record);
        gn_read_file_close(&stream->file);
    }
    gn_ranges_clear(&records->ranges);
    free(records->streams);
    free(records);
}

sam_hdr_t *gn_merged_records_header(const gn_merged_records_t *records, int file)
{
    return records->streams[file].file.header;
}

const char *gn_merged_records_path(const gn_merged_records_t *records, int file)
{
    return records->streams[file].file.path;
}

int gn_merged_records_restrict(gn_merged_records_t *records, const struct gn_ranges *regions,
                               const struct gn_contigs *contigs, gn_error_t *err)
{
    struct gn_ranges ranges = {NULL, 0, 0};
    int status = GN_OK;
    for (size_t i = 0; i < regions->n && status == GN_OK; i++) {
        struct gn_range range = regions->v[i];
        range.contig =
            sam_hdr_name2tid(records->streams[0].file.header, contigs->names[range.contig]);
        if (range.contig >= 0)
            status = gn_ranges_push(&ranges, range, err);
    }
    /* The reference may list its contigs in another order. */
    gn_ranges_normalise(&ranges);
    gn_ranges_clear(&records->ranges);
    records->ranges = ranges;
    records->has_ranges = true;
    return status;
}

int gn_merged_records_use_threads(gn_merged_records_t *records, htsThreadPool *pool,
                                  gn_error_t *err)
{
    for (int i = 0; i < records->n; i++)
        if (hts_set_thread_pool(records->streams[i].file.file, pool) != 0)
            return gn_fail_memory(err, "decompression threads");
    return GN_OK;
}

/* Where the range before ends: what starts before it overlaps that range too and was given with it. */
static int64_t end_of_previous(const struct gn_ranges *ranges, size_t i)
{
    return i > 0 && ranges->v[i - 1].contig == ranges->v[i].contig ? ranges->v[i - 1].end0 : -1;
}

/* As sam_read1(). */
static int read_in_ranges(const struct gn_ranges *ranges, struct stream *stream)
{
    for (; stream->range < ranges->n; stream->range++) {
        const struct gn_range *range = &ranges->v[stream->range];
        if (stream->iterator == NULL)
            stream->iterator =
                sam_itr_queryi(stream->file.index, range->contig, range->start0, range->end0);
        if (stream->iterator == NULL)
            return -2;
        int64_t new_from = end_of_previous(ranges, stream->range);
        int got;
        do
            got = sam_itr_next(stream->file.file, stream->iterator, stream->record);
        while (got >= 0 && stream->record->core.pos < new_from);
        if (got != -1)
            return got;
        hts_itr_destroy(stream->iterator);
        stream->iterator = NULL;
    }
    return -1;
}

static int advance(gn_merged_records_t *records, struct stream *stream, gn_error_t *err)
{
    const bam1_core_t *core = &stream->record->core;
    int got = records->has_ranges
                  ? read_in_ranges(&records->ranges, stream)
                  : sam_read1(stream->file.file, stream->file.header, stream->record);
    stream->at_end = got == -1;
    stream->is_empty = false;
    if (got < -1)
        return gn_fail(err, GN_E_DATA,
                       "cannot read reads file %s: it is truncated or damaged, its index is old, "
                       "or the reference is not the one it was made with; run 'samtools "
                       "quickcheck' and 'samtools index'",
                       stream->file.path);
    if (stream->at_end)
        return GN_OK;
    if (is_before(core->tid, core->pos, stream->tid, stream->pos0))
        return gn_fail(err, GN_E_DATA,
                       "reads file %s is not sorted by coordinate at read %s: run 'samtools sort' "
                       "and 'samtools index'",
                       stream->file.path, bam_get_qname(stream->record));
    stream->tid = core->tid;
    stream->pos0 = core->pos;
    return GN_OK;
}

int gn_merged_records_next(gn_merged_records_t *records, bam1_t **record, int *file,
                           gn_error_t *err)
{
    struct stream *least = NULL;
    for (int i = 0; i < records->n; i++) {
        struct stream *stream = &records->streams[i];
        if (stream->is_empty && advance(records, stream, err) < 0)
            return GN_E_DATA;
        if (!stream->at_end &&
            (least == NULL || is_before(stream->tid, stream->pos0, least->tid, least->pos0)))
            least = stream;
    }
    if (least == NULL)
        return 0;
    least->is_empty = true;
    *record = least->record;
    *file = (int)(least - records->streams);
    return 1;
}

int64_t gn_merged_records_bases(const gn_merged_records_t *records)
{
    return gn_ranges_bases(&records->ranges);
}

int64_t gn_merged_records_bases_before(const gn_merged_records_t *records, int tid, int64_t pos0)
{
    int64_t bases = 0;
    for (size_t i = 0; i < records->ranges.n; i++) {
        const struct gn_range *range = &records->ranges.v[i];
        if (!is_before(range->contig, range->start0, tid, pos0))
            break;
        bases += range->contig == tid && pos0 < range->end0 ? pos0 - range->start0
                                                            : range->end0 - range->start0;
    }
    return bases;
}
