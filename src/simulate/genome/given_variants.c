/* SPDX-License-Identifier: MIT
 *
 * given_variants.c - one pass over the file; each record that fits becomes a site.
 */
#include "simulate/genome/given_variants.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/vcf.h>

/* The file while it is read. */
struct given {
    const struct gn_given_task *task;
    struct gn_mt64 *rng;
    struct gn_sites *sites;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    int32_t *genotypes;
    int n_genotypes, sample;
    int64_t free_from[2]; /* per haplotype: first base that no variant has taken */
    int64_t last_start0;
};

enum verdict { TAKEN, SKIPPED, NOTHING };

static int choose_sample(struct given *given, gn_error_t *err)
{
    const char *name = given->task->sample, *path = given->task->path;
    int n = bcf_hdr_nsamples(given->header);
    if (name == NULL && n != 1)
        return gn_fail(err, GN_E_DATA, "%s: holds %d samples: name one with --variants-sample",
                       path, n);
    given->sample = name == NULL ? 0 : bcf_hdr_id2int(given->header, BCF_DT_SAMPLE, name);
    if (given->sample < 0 || given->sample >= n)
        return gn_fail(err, GN_E_MISMATCH, "%s: no sample %s: see bcftools query -l %s", path, name,
                       path);
    return GN_OK;
}

static int open_given(struct given *given, gn_error_t *err)
{
    const char *path = given->task->path;
    given->file = hts_open(path, "r");
    if (given->file == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "%s: cannot open the variants: check the name", path);
    given->header = bcf_hdr_read(given->file);
    if (given->header == NULL)
        return gn_fail(err, GN_E_DATA, "%s: not a VCF or BCF file", path);
    given->record = bcf_init();
    return given->record == NULL ? gn_fail_memory(err, "variants") : choose_sample(given, err);
}

static void close_given(struct given *given)
{
    free(given->genotypes);
    if (given->record != NULL)
        bcf_destroy(given->record);
    if (given->header != NULL)
        bcf_hdr_destroy(given->header);
    if (given->file != NULL)
        hts_close(given->file);
}

static bool is_plain(const char *allele)
{
    return allele[0] != '\0' && allele[strspn(allele, "ACGTacgt")] == '\0' &&
           strlen(allele) <= GN_SITE_LONGEST_ALLELE;
}

static void copy_upper(char *to, const char *from)
{
    for (; *from != '\0'; from++)
        *to++ = (char)toupper((unsigned char)*from);
    *to = '\0';
}

static bool agrees_with_reference(const struct gn_given_task *task, int64_t pos0, const char *ref)
{
    for (; *ref != '\0'; ref++, pos0++)
        if (toupper((unsigned char)*ref) != task->bases[pos0])
            return false;
    return true;
}

/* The two alleles as numbers of the record; NOTHING when none is an alternative. */
static enum verdict read_genotype(struct given *given, int alleles[2])
{
    int n = bcf_get_genotypes(given->header, given->record, &given->genotypes, &given->n_genotypes);
    int n_samples = bcf_hdr_nsamples(given->header), ploidy = n_samples > 0 ? n / n_samples : 0;
    if (n <= 0 || ploidy < 1)
        return NOTHING;
    const int32_t *genotype = given->genotypes + given->sample * ploidy;
    if (ploidy != 2 || genotype[1] == bcf_int32_vector_end)
        return SKIPPED;
    for (int h = 0; h < 2; h++) {
        if (bcf_gt_is_missing(genotype[h]))
            return NOTHING;
        alleles[h] = bcf_gt_allele(genotype[h]);
        if (strcmp(given->record->d.allele[alleles[h]], "*") == 0)
            alleles[h] = 0;
    }
    if (alleles[0] == 0 && alleles[1] == 0)
        return NOTHING;
    if (!bcf_gt_is_phased(genotype[1]) && alleles[0] != alleles[1] &&
        gn_draw_chance(given->rng, 0.5)) {
        int first = alleles[0];
        alleles[0] = alleles[1];
        alleles[1] = first;
    }
    return TAKEN;
}

/* Only alleles that the person has. */
static bool fill_alleles(const struct given *given, const int alleles[2], struct gn_site *site)
{
    for (int h = 0; h < 2; h++) {
        if (alleles[h] == 0)
            continue;
        if (h == 1 && alleles[1] == alleles[0]) {
            site->genotype[1] = site->genotype[0];
            continue;
        }
        const char *alt = given->record->d.allele[alleles[h]];
        if (!is_plain(alt))
            return false;
        copy_upper(site->alts[site->n_alts++], alt);
        site->genotype[h] = (int8_t)site->n_alts;
    }
    return true;
}

static enum verdict make_site(struct given *given, struct gn_site *site)
{
    int alleles[2];
    enum verdict verdict = read_genotype(given, alleles);
    if (verdict != TAKEN)
        return verdict;
    const char *ref = given->record->d.allele[0];
    *site = (struct gn_site){.start0 = given->record->pos};
    if (!is_plain(ref) || site->start0 + (int64_t)strlen(ref) > given->task->end0 ||
        !agrees_with_reference(given->task, site->start0, ref) ||
        !fill_alleles(given, alleles, site))
        return SKIPPED;
    site->ref_length = (int)strlen(ref);
    if (site->start0 <= given->last_start0)
        return SKIPPED;
    for (int h = 0; h < 2; h++)
        if (site->genotype[h] > 0 && site->start0 < given->free_from[h])
            return SKIPPED;
    given->last_start0 = site->start0;
    for (int h = 0; h < 2; h++)
        if (site->genotype[h] > 0)
            given->free_from[h] = site->start0 + site->ref_length;
    return TAKEN;
}

/* Whether the record could be read; contigs and tags that the header lacks do not matter. */
static bool is_sound(const bcf1_t *record)
{
    return (record->errcode & ~(BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF)) == 0;
}

static int take_all(struct given *given, struct gn_given_counts *counts, gn_error_t *err)
{
    const struct gn_given_task *task = given->task;
    bcf1_t *record = given->record;
    int status = 0, code = GN_OK;
    while (code == GN_OK && (status = bcf_read(given->file, given->header, record)) == 0) {
        if (!is_sound(record)) {
            counts->skipped++;
            continue;
        }
        const char *contig = bcf_seqname(given->header, record);
        if (contig == NULL || strcmp(contig, task->contig) != 0 || record->pos < task->start0 ||
            record->pos >= task->end0)
            continue;
        bcf_unpack(record, BCF_UN_ALL);
        struct gn_site site;
        enum verdict verdict = make_site(given, &site);
        counts->taken += verdict == TAKEN;
        counts->skipped += verdict == SKIPPED;
        if (verdict == TAKEN)
            code = gn_sites_add(given->sites, &site, err);
    }
    if (code == GN_OK && status < -1)
        return gn_fail(err, GN_E_DATA, "%s: damaged or cut off: check the file", task->path);
    return code;
}

int gn_given_variants(struct gn_sites *sites, struct gn_mt64 *rng, const struct gn_given_task *task,
                      struct gn_given_counts *counts, gn_error_t *err)
{
    struct given given = {.task = task, .rng = rng, .sites = sites, .last_start0 = -1};
    int code = open_given(&given, err);
    if (code == GN_OK)
        code = take_all(&given, counts, err);
    close_given(&given);
    return code;
}
