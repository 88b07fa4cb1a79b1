/* SPDX-License-Identifier: MIT
 *
 * reference.c - a made reference takes the same way through a FASTA file as a real one.
 */
#include "simulate/genome/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/faidx.h>

#include "simulate/genome/random_genome.h"

enum { LINE = 60 }; /* bases per line of FASTA */

static int write_contig(FILE *file, struct gn_mt64 *rng, int64_t number, int64_t length,
                        gn_error_t *err)
{
    char *bases = gn_random_contig(rng, length, err);
    if (bases == NULL)
        return GN_E_MEMORY;
    int failed = fprintf(file, ">chr%lld\n", (long long)number) < 0;
    for (int64_t i = 0; i < length && !failed; i += LINE)
        failed =
            fprintf(file, "%.*s\n", (int)(length - i < LINE ? length - i : LINE), bases + i) < 0;
    free(bases);
    return failed ? gn_fail(err, GN_E_IO, "cannot write the reference: check the free space")
                  : GN_OK;
}

static int write_fasta(const char *path, const struct gn_simulate_options *options,
                       struct gn_mt64 *rng, gn_error_t *err)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "%s: cannot create: check the folder", path);
    int code = GN_OK;
    int64_t left = options->genome_size;
    for (int64_t i = 1; i <= options->n_contigs && code == GN_OK; i++) {
        int64_t length = left / (options->n_contigs - i + 1);
        code = write_contig(file, rng, i, length, err);
        left -= length;
    }
    if (fclose(file) != 0 && code == GN_OK)
        code = gn_fail(err, GN_E_IO, "%s: cannot write: check the free space", path);
    return code;
}

/* The index lies beside the unfinished FASTA under the name that readers expect there. */
static int make_reference(struct gn_sim_reference *reference,
                          const struct gn_simulate_options *options, struct gn_mt64 *rng,
                          gn_error_t *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s.fa", options->prefix) < 0)
        return gn_fail_memory(err, "the reference's name");
    int code = gn_pending_file_begin(&reference->made, path, err);
    free(path);
    if (code < 0)
        return code;
    const char *made = reference->made.temporary_name;
    code = write_fasta(made, options, rng, err);
    if (code == GN_OK && asprintf(&reference->made_index, "%s.fai", made) < 0) {
        reference->made_index = NULL;
        code = gn_fail_memory(err, "the reference's name");
    }
    if (code == GN_OK && fai_build3(made, reference->made_index, NULL) < 0)
        code = gn_fail(err, GN_E_IO, "%s.fai: cannot make the index: check the free space",
                       reference->made.final_name);
    return code;
}

int gn_sim_reference_open(struct gn_sim_reference *reference,
                          const struct gn_simulate_options *options, struct gn_mt64 *rng,
                          gn_error_t *err)
{
    *reference = (struct gn_sim_reference){.contig = -1};
    const char *path = options->reference;
    if (path == NULL) {
        int code = make_reference(reference, options, rng, err);
        if (code < 0)
            return code;
        path = reference->made.temporary_name;
    }
    reference->fasta = gn_fasta_open(path, err);
    return reference->fasta == NULL ? err->code : GN_OK;
}

int gn_sim_reference_commit(struct gn_sim_reference *reference, gn_error_t *err)
{
    if (reference->made_index == NULL)
        return GN_OK;
    char *index_path = NULL;
    if (asprintf(&index_path, "%s.fai", reference->made.final_name) < 0)
        return gn_fail_memory(err, "the reference's name");
    int code = gn_pending_file_commit(&reference->made, err);
    if (code == GN_OK && rename(reference->made_index, index_path) < 0)
        code = gn_fail(err, GN_E_CANNOT_CREATE, "%s: cannot be put in place", index_path);
    free(index_path);
    return code;
}

const struct gn_contigs *gn_sim_reference_contigs(const struct gn_sim_reference *reference)
{
    return gn_fasta_contigs(reference->fasta);
}

const char *gn_sim_reference_bases(struct gn_sim_reference *reference, int contig, gn_error_t *err)
{
    if (reference->contig == contig)
        return reference->bases;
    int64_t length = gn_fasta_contigs(reference->fasta)->lengths[contig];
    const char *bases = gn_fasta_peek(reference->fasta, contig, 0, length, err);
    if (bases == NULL)
        return NULL;
    free(reference->bases);
    reference->bases = gn_strndup(bases, (size_t)length);
    reference->contig = reference->bases == NULL ? -1 : contig;
    if (reference->bases == NULL)
        gn_fail_memory(err, "a contig's bases");
    return reference->bases;
}

void gn_sim_reference_close(struct gn_sim_reference *reference)
{
    if (reference->fasta != NULL)
        gn_fasta_close(reference->fasta);
    free(reference->bases);
    gn_pending_file_discard(&reference->made);
    if (reference->made_index != NULL)
        unlink(reference->made_index);
    free(reference->made_index);
    *reference = (struct gn_sim_reference){.contig = -1};
}
