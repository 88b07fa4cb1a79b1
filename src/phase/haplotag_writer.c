/* SPDX-License-Identifier: MIT
 *
 * haplotag_writer.c - records in, tags exchanged, records out.
 */
#include "phase/haplotag_writer.h"

#include <errno.h>
#include <htslib/kstring.h>
#include <htslib/thread_pool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "base/memory.h"
#include "io/index_file.h"
#include "io/pending_file.h"
#include "phase/merged_records.h"
#include "phase/united_header.h"

enum { CSI_MIN_SHIFT = 14, RECORDS_A_REPORT = 1 << 14 };

static const int64_t longest_for_bai = (int64_t)1 << 29;

struct writing {
    const struct gn_haplotag_options *options;
    bool is_cram;
    gn_merged_records_t *records;
    gn_united_header_t *header;
    int *contigs; /* of the headers' contigs: number in the reference's table, -1: not there */
    struct gn_pending_file output, index; /* index.final_name NULL: none */
    samFile *file;
    htsThreadPool pool;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

static int check_output(const struct gn_haplotag_options *options, gn_error_t *err)
{
    if (!ends_with(options->output, ".bam") && !ends_with(options->output, ".cram"))
        return gn_fail(err, GN_E_USAGE,
                       "cannot tell the format of '%s': choose a name that ends in .bam or .cram",
                       options->output);
    for (int i = 0; i < options->inputs->n; i++)
        if (gn_is_same_file(options->output, options->inputs->v[i]))
            return gn_fail(err, GN_E_USAGE,
                           "the output '%s' is an input: choose another name for the output",
                           options->output);
    return GN_OK;
}

static int open_inputs(struct writing *writing, gn_error_t *err)
{
    const struct gn_haplotag_options *o = writing->options;
    writing->records = gn_merged_records_open(o->inputs, o->reference, err);
    if (writing->records == NULL)
        return err->code;
    sam_hdr_t **headers = malloc((size_t)o->inputs->n * sizeof *headers);
    if (headers == NULL)
        return gn_fail_memory(err, "reads files");
    for (int i = 0; i < o->inputs->n; i++)
        headers[i] = gn_merged_records_header(writing->records, i);
    writing->header = gn_united_header_create(headers, o->inputs->n, err);
    free(headers);
    if (writing->header == NULL)
        return err->code;
    return o->regions == NULL
               ? GN_OK
               : gn_merged_records_restrict(writing->records, o->regions, o->contigs, err);
}

static int number_contigs(struct writing *writing, gn_error_t *err)
{
    const struct gn_contigs *contigs = writing->options->contigs;
    const sam_hdr_t *header = gn_united_header_get(writing->header);
    int n = sam_hdr_nref(header);
    writing->contigs = malloc(((size_t)n + 1) * sizeof *writing->contigs);
    if (writing->contigs == NULL)
        return gn_fail_memory(err, "contig numbers");
    for (int tid = 0; tid < n; tid++) {
        const char *name = sam_hdr_tid2name(header, tid);
        int contig = gn_contigs_find(contigs, name);
        writing->contigs[tid] = contig;
        /* htslib would look for it elsewhere, on the network too, or embed a sequence of its own. */
        if (writing->is_cram &&
            (contig < 0 || contigs->lengths[contig] != sam_hdr_tid2len(header, tid)))
            return gn_fail(err, GN_E_MISMATCH,
                           "contig %s of %s is not in the reference %s with the same length, and "
                           "CRAM needs it: write a .bam, or give the reference that the reads "
                           "were aligned to",
                           name, gn_merged_records_path(writing->records, 0),
                           writing->options->reference);
    }
    return GN_OK;
}

/* Tabs and line ends would end the field. */
static char *as_field(const char *text)
{
    char *field = gn_strdup(text);
    for (char *p = field; p != NULL && *p != '\0'; p++)
        if (*p == '\t' || *p == '\n' || *p == '\r')
            *p = ' ';
    return field;
}

static int add_program(struct writing *writing, gn_error_t *err)
{
    const char *given = writing->options->command_line;
    char *command_line = as_field(given);
    if (given != NULL && command_line == NULL)
        return gn_fail_memory(err, "the command line");
    int failed = sam_hdr_add_pg(gn_united_header_get(writing->header), "gannet", "VN", GN_VERSION,
                                command_line != NULL ? "CL" : NULL, command_line, NULL);
    free(command_line);
    return failed != 0 ? gn_fail(err, GN_E_DATA,
                                 "the @PG lines of %s are damaged: correct them with 'samtools "
                                 "reheader'",
                                 gn_merged_records_path(writing->records, 0))
                       : GN_OK;
}

static int fail_write(const struct writing *writing, gn_error_t *err)
{
    return gn_fail(err, GN_E_IO, "cannot write '%s': %s; check the free space",
                   writing->output.final_name,
                   errno != 0 ? strerror(errno) : "htslib reports a failure");
}

static bool is_device(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int begin_index(struct writing *writing, gn_error_t *err)
{
    const char *path = writing->output.final_name;
    sam_hdr_t *header = gn_united_header_get(writing->header);
    if (is_device(path))
        return GN_OK;
    int min_shift = 0;
    for (int tid = 0; tid < sam_hdr_nref(header); tid++)
        if (sam_hdr_tid2len(header, tid) > longest_for_bai)
            min_shift = CSI_MIN_SHIFT;
    const char *suffix = writing->is_cram ? ".crai" : min_shift == 0 ? ".bai" : ".csi";
    kstring_t name = KS_INITIALIZE;
    if (ksprintf(&name, "%s%s", path, suffix) < 0)
        return gn_fail_memory(err, "an index name");
    int status = gn_pending_file_begin(&writing->index, name.s, err);
    ks_free(&name);
    /* htslib keeps the pointer to the index's name until the index is saved */
    if (status == GN_OK &&
        sam_idx_init(writing->file, header, min_shift, writing->index.temporary_name) < 0)
        status = gn_fail(err, GN_E_MEMORY, "cannot start the index of '%s'", path);
    return status;
}

static int begin_output(struct writing *writing, gn_error_t *err)
{
    const struct gn_haplotag_options *o = writing->options;
    int status = gn_pending_file_begin(&writing->output, o->output, err);
    if (status < 0)
        return status;
    errno = 0;
    writing->file = sam_open(writing->output.temporary_name, writing->is_cram ? "wc" : "wb");
    if (writing->file == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "cannot create '%s': %s", o->output,
                       strerror(errno));
    if (writing->is_cram && hts_set_fai_filename(writing->file, o->reference) != 0)
        return gn_fail(err, GN_E_NO_INPUT, "cannot use reference %s to encode '%s'", o->reference,
                       o->output);
    /* Without a thread htslib writes other, equivalent offsets into the index: one is the least. */
    writing->pool.pool = hts_tpool_init(o->threads < 1 ? 1 : o->threads);
    if (writing->pool.pool == NULL ||
        (!writing->is_cram && hts_set_thread_pool(writing->file, &writing->pool) != 0))
        return gn_fail_memory(err, "compression threads");
    if (o->regions == NULL)
        status = gn_merged_records_use_threads(writing->records, &writing->pool, err);
    if (status == GN_OK && sam_hdr_write(writing->file, gn_united_header_get(writing->header)) < 0)
        status = fail_write(writing, err);
    return status == GN_OK ? begin_index(writing, err) : status;
}

/* All but the output. */
static int begin(struct writing *writing, const struct gn_haplotag_options *options,
                 gn_error_t *err)
{
    *writing = (struct writing){.options = options, .is_cram = ends_with(options->output, ".cram")};
    int status = check_output(options, err);
    if (status == GN_OK)
        status = open_inputs(writing, err);
    if (status == GN_OK)
        status = number_contigs(writing, err);
    return status == GN_OK ? add_program(writing, err) : status;
}

/* What is still open is unfinished. */
static void end(struct writing *writing)
{
    if (writing->file != NULL)
        sam_close(writing->file);
    gn_merged_records_close(writing->records);
    if (writing->pool.pool != NULL)
        hts_tpool_destroy(writing->pool.pool);
    gn_united_header_destroy(writing->header);
    free(writing->contigs);
    gn_pending_file_discard(&writing->output);
    gn_pending_file_discard(&writing->index);
}

static int drop_tag(bam1_t *record, const char *tag, const char *path, gn_error_t *err)
{
    uint8_t *found;
    while (errno = 0, (found = bam_aux_get(record, tag)) != NULL)
        if (bam_aux_del(record, found) < 0)
            break;
    if (errno == EINVAL)
        return gn_fail(err, GN_E_DATA,
                       "read %s in %s has damaged tags: make the file again, or remove the read",
                       bam_get_qname(record), path);
    return GN_OK;
}

static bool may_be_tagged(const struct gn_haplotag_options *options, uint16_t flag)
{
    return !(flag & BAM_FUNMAP) && (!(flag & BAM_FSECONDARY) || options->tag_secondary) &&
           (!(flag & BAM_FSUPPLEMENTARY) || options->tag_supplementary);
}

static struct gn_haplotag find_tag(const struct writing *writing, const gn_haplotags_t *table,
                                   const bam1_t *record)
{
    uint16_t flag = record->core.flag;
    if (record->core.tid < 0 || !may_be_tagged(writing->options, flag))
        return (struct gn_haplotag){0, 0};
    struct gn_read_identity read = {.name = bam_get_qname(record),
                                    .read_number = (flag & BAM_FPAIRED) && !(flag & BAM_FREAD1),
                                    .contig = writing->contigs[record->core.tid],
                                    .pos0 = record->core.pos};
    return gn_haplotags_find(table, gn_read_identity_hash(&read));
}

/* 1 when the record was tagged. */
static int change_tags(const struct writing *writing, const gn_haplotags_t *table, bam1_t *record,
                       int file, gn_error_t *err)
{
    const char *path = gn_merged_records_path(writing->records, file);
    if (drop_tag(record, "HP", path, err) < 0 || drop_tag(record, "PS", path, err) < 0 ||
        gn_united_header_translate(writing->header, file, record, err) < 0)
        return err->code;
    struct gn_haplotag tag = find_tag(writing, table, record);
    if (tag.haplotype == 0)
        return 0;
    if (bam_aux_update_int(record, "HP", tag.haplotype) < 0 ||
        bam_aux_update_int(record, "PS", tag.phase_set) < 0)
        return gn_fail_memory(err, "a record");
    return 1;
}

static int report(const struct writing *writing, const bam1_t *record, gn_error_t *err)
{
    const struct gn_haplotag_options *o = writing->options;
    if (o->progress == NULL ||
        o->progress(
            o->progress_context,
            gn_merged_records_bases_before(writing->records, record->core.tid, record->core.pos),
            gn_merged_records_bases(writing->records)) == 0)
        return GN_OK;
    return gn_fail(err, GN_E_CANCELLED, "stopped on request; '%s' was not written", o->output);
}

static int copy_records(const struct writing *writing, const gn_haplotags_t *table,
                        struct gn_haplotag_counts *counts, gn_error_t *err)
{
    bam1_t *record;
    int file, status;
    while ((status = gn_merged_records_next(writing->records, &record, &file, err)) == 1) {
        int tagged = change_tags(writing, table, record, file, err);
        if (tagged < 0)
            return tagged;
        errno = 0;
        if (sam_write1(writing->file, gn_united_header_get(writing->header), record) < 0)
            return fail_write(writing, err);
        counts->tagged += tagged;
        counts->records++;
        if (counts->records % RECORDS_A_REPORT == 0 && report(writing, record, err) < 0)
            return GN_E_CANCELLED;
    }
    return status;
}

static int finish(struct writing *writing, gn_error_t *err)
{
    int status = GN_OK;
    bool has_index = writing->index.final_name != NULL;
    errno = 0;
    if (has_index && sam_idx_save(writing->file) < 0)
        status = gn_fail(err, GN_E_IO, "cannot write the index '%s': check the free space",
                         writing->index.final_name);
    if (sam_close(writing->file) < 0 && status == GN_OK)
        status = fail_write(writing, err);
    writing->file = NULL;
    /* The index was saved before the file's last block: it must not look older than its file. */
    if (status == GN_OK && has_index && utime(writing->index.temporary_name, NULL) < 0)
        status = gn_fail(err, GN_E_IO, "cannot set the time of '%s': %s",
                         writing->index.temporary_name, strerror(errno));
    if (status == GN_OK)
        status = gn_pending_file_commit(&writing->output, err);
    if (status == GN_OK && has_index)
        status = gn_pending_file_commit(&writing->index, err);
    return status;
}

int gn_haplotag_check(const struct gn_haplotag_options *options, gn_error_t *err)
{
    struct writing writing;
    int status = begin(&writing, options, err);
    if (status == GN_OK)
        status = gn_pending_file_begin(&writing.output, options->output, err);
    end(&writing);
    return status;
}

int gn_haplotag_write(const struct gn_haplotag_options *options, const gn_haplotags_t *table,
                      struct gn_haplotag_counts *counts, gn_error_t *err)
{
    struct writing writing;
    struct gn_haplotag_counts seen = {0, 0};
    int status = begin(&writing, options, err);
    if (status == GN_OK)
        status = begin_output(&writing, err);
    if (status == GN_OK)
        status = copy_records(&writing, table, &seen, err);
    if (status == GN_OK)
        status = finish(&writing, err);
    end(&writing);
    if (status == GN_OK && counts != NULL)
        *counts = seen;
    return status;
}
