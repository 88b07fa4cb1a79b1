/* SPDX-License-Identifier: MIT
 *
 * truth_writer.c - records through htslib; intervals as plain text.
 */
#include "simulate/genome/truth_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/tbx.h>
#include <htslib/vcf.h>

#include "io/pending_file.h"

struct gn_truth_writer {
    struct gn_pending_file vcf, tbi, bed;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    FILE *bed_file;
    const struct gn_contigs *contigs; /* borrowed */
};

static bcf_hdr_t *make_header(const struct gn_contigs *contigs, const char *sample)
{
    bcf_hdr_t *header = bcf_hdr_init("w");
    if (header == NULL)
        return NULL;
    int failed = 0;
    for (int i = 0; i < contigs->n; i++)
        failed |= bcf_hdr_printf(header, "##contig=<ID=%s,length=%lld>", contigs->names[i],
                                 (long long)contigs->lengths[i]) < 0;
    failed |= bcf_hdr_append(header, "##FORMAT=<ID=GT,Number=1,Type=String,"
                                     "Description=\"Simulated genotype, phased\">") < 0;
    failed |= bcf_hdr_add_sample(header, sample) < 0 || bcf_hdr_sync(header) < 0;
    if (!failed)
        return header;
    bcf_hdr_destroy(header);
    return NULL;
}

static int begin_files(gn_truth_writer_t *writer, const char *prefix, gn_error_t *err)
{
    static const char *const endings[] = {"truth.vcf.gz", "truth.vcf.gz.tbi", "truth.bed"};
    struct gn_pending_file *files[] = {&writer->vcf, &writer->tbi, &writer->bed};
    for (int i = 0; i < 3; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s.%s", prefix, endings[i]) < 0)
            return gn_fail_memory(err, "the truth's file names");
        int code = gn_pending_file_begin(files[i], path, err);
        free(path);
        if (code < 0)
            return code;
    }
    return GN_OK;
}

static int open_files(gn_truth_writer_t *writer, const char *sample, gn_error_t *err)
{
    writer->header = make_header(writer->contigs, sample);
    writer->record = bcf_init();
    if (writer->header == NULL || writer->record == NULL)
        return gn_fail_memory(err, "the truth's header");
    writer->file = bcf_open(writer->vcf.temporary_name, "wz");
    writer->bed_file = fopen(writer->bed.temporary_name, "w");
    if (writer->file == NULL || writer->bed_file == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "%s: cannot create: check the folder",
                       writer->vcf.final_name);
    if (bcf_hdr_write(writer->file, writer->header) < 0)
        return gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                       writer->vcf.final_name);
    return GN_OK;
}

gn_truth_writer_t *gn_truth_writer_open(const char *prefix, const struct gn_contigs *contigs,
                                        const char *sample, gn_error_t *err)
{
    gn_truth_writer_t *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        gn_fail_memory(err, "the truth writer");
        return NULL;
    }
    writer->contigs = contigs;
    if (begin_files(writer, prefix, err) < 0 || open_files(writer, sample, err) < 0) {
        gn_truth_writer_abort(writer);
        return NULL;
    }
    return writer;
}

static int write_site(gn_truth_writer_t *writer, int contig, const char *bases,
                      const struct gn_site *site)
{
    char ref[GN_SITE_ALLELE_SIZE];
    memcpy(ref, bases + site->start0, (size_t)site->ref_length);
    ref[site->ref_length] = '\0';
    const char *alleles[3] = {ref, site->alts[0], site->alts[1]};
    int32_t genotype[2] = {bcf_gt_phased(site->genotype[0]), bcf_gt_phased(site->genotype[1])};
    int32_t pass = bcf_hdr_id2int(writer->header, BCF_DT_ID, "PASS");
    bcf1_t *record = writer->record;
    bcf_clear(record);
    record->rid = contig;
    record->pos = site->start0;
    record->qual = 50;
    if (bcf_update_alleles(writer->header, record, alleles, 1 + site->n_alts) < 0 ||
        bcf_update_filter(writer->header, record, &pass, 1) < 0 ||
        bcf_update_genotypes(writer->header, record, genotype, 2) < 0)
        return -1;
    return bcf_write(writer->file, writer->header, record);
}

int gn_truth_writer_sites(gn_truth_writer_t *writer, int contig, const char *bases,
                          const struct gn_sites *sites, size_t first, gn_error_t *err)
{
    for (size_t i = first; i < sites->n; i++)
        if (write_site(writer, contig, bases, &sites->v[i]) < 0)
            return gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                           writer->vcf.final_name);
    return GN_OK;
}

static bool is_known(char base)
{
    return base == 'A' || base == 'C' || base == 'G' || base == 'T';
}

/* The known bases of [start0, end0), stretch by stretch. */
static int write_known(gn_truth_writer_t *writer, int contig, const char *bases, int64_t start0,
                       int64_t end0, gn_error_t *err)
{
    for (int64_t pos0 = start0; pos0 < end0;) {
        int64_t last = pos0;
        while (last < end0 && is_known(bases[last]))
            last++;
        if (last > pos0 &&
            fprintf(writer->bed_file, "%s\t%lld\t%lld\n", writer->contigs->names[contig],
                    (long long)pos0, (long long)last) < 0)
            return gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                           writer->bed.final_name);
        pos0 = last + 1;
    }
    return GN_OK;
}

int gn_truth_writer_confident(gn_truth_writer_t *writer, int contig, const char *bases,
                              const struct gn_ranges *doubtful, int64_t start0, int64_t end0,
                              gn_error_t *err)
{
    int64_t pos0 = start0;
    int code = GN_OK;
    for (size_t i = 0; i < doubtful->n && code == GN_OK; i++) {
        const struct gn_range *range = &doubtful->v[i];
        if (range->contig != contig || range->end0 <= pos0 || range->start0 >= end0)
            continue;
        code = write_known(writer, contig, bases, pos0, range->start0, err);
        pos0 = range->end0;
    }
    return code < 0 ? code : write_known(writer, contig, bases, pos0, end0, err);
}

static int close_files(gn_truth_writer_t *writer, gn_error_t *err)
{
    int failed = 0;
    if (writer->file != NULL)
        failed |= bcf_close(writer->file) < 0;
    if (writer->bed_file != NULL)
        failed |= fclose(writer->bed_file) != 0;
    writer->file = NULL;
    writer->bed_file = NULL;
    if (failed)
        return gn_fail(err, GN_E_IO, "%s: cannot finish the truth's files: check the free space",
                       writer->vcf.final_name);
    return GN_OK;
}

int gn_truth_writer_commit(gn_truth_writer_t *writer, gn_error_t *err)
{
    int code = close_files(writer, err);
    if (code == GN_OK && tbx_index_build2(writer->vcf.temporary_name, writer->tbi.temporary_name, 0,
                                          &tbx_conf_vcf) < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot make the index", writer->tbi.final_name);
    struct gn_pending_file *files[] = {&writer->vcf, &writer->tbi, &writer->bed};
    for (int i = 0; i < 3 && code == GN_OK; i++)
        code = gn_pending_file_commit(files[i], err);
    gn_truth_writer_abort(writer);
    return code;
}

void gn_truth_writer_abort(gn_truth_writer_t *writer)
{
    if (writer == NULL)
        return;
    (void)close_files(writer, NULL);
    if (writer->header != NULL)
        bcf_hdr_destroy(writer->header);
    if (writer->record != NULL)
        bcf_destroy(writer->record);
    gn_pending_file_discard(&writer->vcf);
    gn_pending_file_discard(&writer->tbi);
    gn_pending_file_discard(&writer->bed);
    free(writer);
}
