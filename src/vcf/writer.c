/* SPDX-License-Identifier: MIT
 *
 * writer.c - htslib files and their indexes behind pending names.
 */
#include "vcf/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/pending_file.h"
#include "vcf/record.h"

/* PARITY(dv-1.9): .csi from this contig length on, although .tbi reaches 2^29. */
static const int64_t longest_for_tbi = 500000000;

enum { CSI_MIN_SHIFT = 14 };

struct kind {
    const char *suffix, *mode, *index; /* index: NULL none */
};

/* .bcf is compressed and indexed as bcftools writes it; DeepVariant leaves it uncompressed. Readers
   see no difference. */
static const struct kind kinds[] = {
    {".bcf.gz", "wb", ".csi"},
    {".bcf", "wb", ".csi"},
    {".gz", "wz", ".tbi"},
    {"", "w", NULL},
};

struct gn_vcf_writer {
    struct gn_pending_file file, index; /* index.final_name NULL: none */
    htsFile *stream;
    bcf_hdr_t *header;
    bcf1_t *record;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static const struct kind *kind_of(const char *path)
{
    const struct kind *kind = kinds;
    while (!ends_with(path, kind->suffix))
        kind++;
    return kind;
}

static bool is_device(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int fail_write(const gn_vcf_writer_t *writer, gn_error_t *err)
{
    return gn_fail(err, GN_E_IO, "cannot write '%s': %s; check the free space",
                   writer->file.final_name,
                   errno != 0 ? strerror(errno) : "htslib reports a failure");
}

static int begin_index(gn_vcf_writer_t *writer, const struct kind *kind,
                       const struct gn_contigs *contigs, gn_error_t *err)
{
    const char *path = writer->file.final_name;
    if (kind->index == NULL || is_device(path))
        return GN_OK;
    int min_shift = strcmp(kind->index, ".tbi") == 0 ? 0 : CSI_MIN_SHIFT;
    for (int i = 0; i < contigs->n; i++)
        if (contigs->lengths[i] > longest_for_tbi)
            min_shift = CSI_MIN_SHIFT;
    char *name = malloc(strlen(path) + sizeof ".tbi");
    if (name == NULL)
        return gn_fail_memory(err, "an index name");
    stpcpy(stpcpy(name, path), min_shift == 0 ? ".tbi" : ".csi");
    int status = gn_pending_file_begin(&writer->index, name, err);
    free(name);
    /* htslib keeps the pointer to the index's name until the index is saved */
    if (status == GN_OK &&
        bcf_idx_init(writer->stream, writer->header, min_shift, writer->index.temporary_name) != 0)
        status = gn_fail(err, GN_E_MEMORY, "cannot start the index of '%s'", path);
    return status;
}

static int open_stream(gn_vcf_writer_t *writer, const char *path, gn_error_t *err)
{
    int status = gn_pending_file_begin(&writer->file, path, err);
    if (status < 0)
        return status;
    errno = 0;
    writer->stream =
        hts_open(gn_names_stdout(path) ? "-" : writer->file.temporary_name, kind_of(path)->mode);
    if (writer->stream == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "cannot create '%s': %s", path, strerror(errno));
    /* No threads compress: with them htslib 1.16 indexes all records of a VCF in its first block. */
    if (bcf_hdr_write(writer->stream, writer->header) != 0)
        return fail_write(writer, err);
    return GN_OK;
}

gn_vcf_writer_t *gn_vcf_writer_open(const char *path, const struct gn_vcf_header_options *header,
                                    gn_error_t *err)
{
    gn_vcf_writer_t *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        gn_fail_memory(err, "a VCF writer");
        return NULL;
    }
    writer->record = bcf_init();
    writer->header = gn_vcf_header_create(header, err);
    int status = writer->header == NULL ? GN_E_DATA : open_stream(writer, path, err);
    if (status == GN_OK)
        status = writer->record == NULL ? gn_fail_memory(err, "a VCF writer")
                                        : begin_index(writer, kind_of(path), header->contigs, err);
    if (status < 0) {
        gn_vcf_writer_abort(writer);
        return NULL;
    }
    return writer;
}

int gn_vcf_write(gn_vcf_writer_t *writer, const struct gn_variant *variant, gn_error_t *err)
{
    int status = gn_vcf_record_fill(writer->record, writer->header, variant, err);
    if (status < 0)
        return status;
    errno = 0;
    return bcf_write(writer->stream, writer->header, writer->record) < 0 ? fail_write(writer, err)
                                                                         : GN_OK;
}

int gn_vcf_writer_close(gn_vcf_writer_t *writer, gn_error_t *err)
{
    int status = GN_OK;
    errno = 0;
    if (writer->index.final_name != NULL && bcf_idx_save(writer->stream) != 0)
        status = gn_fail(err, GN_E_IO, "cannot write the index '%s': check the free space",
                         writer->index.final_name);
    if (hts_close(writer->stream) != 0 && status == GN_OK)
        status = fail_write(writer, err);
    writer->stream = NULL;
    return status;
}

int gn_vcf_writer_commit(gn_vcf_writer_t *writer, gn_error_t *err)
{
    int status = writer->stream == NULL ? GN_OK : gn_vcf_writer_close(writer, err);
    if (status == GN_OK)
        status = gn_pending_file_commit(&writer->file, err);
    if (status == GN_OK && writer->index.final_name != NULL)
        status = gn_pending_file_commit(&writer->index, err);
    gn_vcf_writer_abort(writer);
    return status;
}

void gn_vcf_writer_abort(gn_vcf_writer_t *writer)
{
    if (writer == NULL)
        return;
    if (writer->stream != NULL)
        hts_close(writer->stream);
    gn_pending_file_discard(&writer->file);
    gn_pending_file_discard(&writer->index);
    if (writer->header != NULL)
        bcf_hdr_destroy(writer->header);
    if (writer->record != NULL)
        bcf_destroy(writer->record);
    free(writer);
}
