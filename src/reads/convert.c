/* SPDX-License-Identifier: MIT
 *
 * convert.c - the fields of a read. Tags are looked for only when an option asks for them.
 */
#include "reads/convert.h"

#include <string.h>

#include "reads/modifications.h"

enum { NO_QUALITY = 0xff, FIRST_QUALITY_LETTER = '!', MAX_HAPLOTYPE = 100 };

void gn_base_pairs_fill(struct gn_base_pairs *pairs)
{
    for (int byte = 0; byte < 256; byte++) {
        pairs->letters[byte][0] = seq_nt16_str[byte >> 4];
        pairs->letters[byte][1] = seq_nt16_str[byte & 15];
    }
}

void gn_plan_conversion(const bam1_t *record, const struct gn_read_options *options,
                        const struct gn_crop_window *window, struct gn_conversion *plan)
{
    struct gn_read whole = {.pos0 = record->core.pos,
                            .n_cigar = (int)record->core.n_cigar,
                            .cigar = bam_get_cigar(record),
                            .length = record->core.l_qseq};
    *plan = (struct gn_conversion){.cut = {.n_cigar = whole.n_cigar, .n_bases = whole.length}};
    plan->is_cropped = gn_plan_crop(window, &whole, &plan->to_skip, &plan->to_keep);
    if (plan->is_cropped)
        gn_cut_cigar(whole.cigar, whole.n_cigar, plan->to_skip, plan->to_keep, NULL, &plan->cut);
    plan->has_modifications = options->parse_base_modifications && gn_has_modifications(record);
    /* A CIGAR that does not fit may claim any number of bases. */
    int64_t n_bases = plan->cut.n_bases < whole.length ? plan->cut.n_bases : whole.length;
    size_t rows = plan->has_modifications ? 4 : 2; /* bases, qualities, two likelihoods */
    plan->bytes = (size_t)plan->cut.n_cigar * sizeof(uint32_t) + (size_t)n_bases * rows +
                  strlen(bam_get_qname(record)) + 1;
}

static const char *original_qualities(const bam1_t *record)
{
    const uint8_t *tag = bam_aux_get(record, "OQ");
    return tag != NULL ? bam_aux2Z(tag) : NULL;
}

int gn_check_record(const bam1_t *record, const struct gn_read_options *options, const char *path,
                    gn_error_t *err)
{
    int n = record->core.l_qseq;
    const char *missing = NULL;
    if (n == 0) {
        missing = "bases";
    } else if (options->use_original_quality_scores) {
        const char *original = original_qualities(record);
        missing = original != NULL && strlen(original) == (size_t)n
                      ? NULL
                      : "original base qualities (OQ)";
    } else if (*bam_get_qual(record) == NO_QUALITY) {
        missing = "base qualities";
    }
    if (missing != NULL)
        return gn_fail(
            err, GN_E_DATA,
            "read %s in %s has no %s: make the file again with them, or remove such reads",
            bam_get_qname(record), path, missing);
    if (record->core.n_cigar > 0 &&
        bam_cigar2qlen((int)record->core.n_cigar, bam_get_cigar(record)) != n)
        return gn_fail(
            err, GN_E_DATA,
            "read %s in %s has a CIGAR that does not fit its %d bases: the file is damaged",
            bam_get_qname(record), path, n);
    return GN_OK;
}

static void unpack_bases(const bam1_t *record, int64_t first, int64_t n,
                         const struct gn_base_pairs *pairs, char *bases)
{
    const uint8_t *packed = bam_get_seq(record);
    int64_t i = 0;
    if (first % 2 != 0 && n > 0)
        bases[i++] = seq_nt16_str[bam_seqi(packed, first)];
    const uint8_t *next = packed + (first + i) / 2;
    for (; i + 1 < n; i += 2)
        memcpy(bases + i, pairs->letters[*next++], 2);
    if (i < n)
        bases[i] = seq_nt16_str[*next >> 4];
}

static void copy_qualities(const bam1_t *record, bool use_original, int64_t first, int64_t n,
                           uint8_t *qualities)
{
    if (!use_original) {
        memcpy(qualities, bam_get_qual(record) + first, (size_t)n);
        return;
    }
    const char *original = original_qualities(record) + first;
    for (int64_t i = 0; i < n; i++)
        qualities[i] =
            original[i] > FIRST_QUALITY_LETTER ? (uint8_t)(original[i] - FIRST_QUALITY_LETTER) : 0;
}

/* HP of any integer type. */
static int8_t haplotype_of(const bam1_t *record)
{
    const uint8_t *tag = bam_aux_get(record, "HP");
    if (tag == NULL || strchr("cCsSiI", *tag) == NULL)
        return 0;
    int64_t value = bam_aux2i(tag);
    return (int8_t)(value < -1 ? -1 : value > MAX_HAPLOTYPE ? MAX_HAPLOTYPE : value);
}

static void fill_modifications(const bam1_t *record, const struct gn_conversion *plan,
                               uint8_t *rows, struct gn_read *read)
{
    struct gn_modifications m = {.first_base = plan->cut.first_base,
                                 .n_bases = plan->cut.n_bases,
                                 .values_5mc = rows,
                                 .values_6ma = rows + plan->cut.n_bases};
    gn_read_modifications(record, &m);
    read->likelihood_5mc = m.has_5mc ? m.values_5mc : NULL;
    read->likelihood_6ma = m.has_6ma ? m.values_6ma : NULL;
}

void gn_convert_record(const bam1_t *record, const struct gn_read_options *options,
                       const struct gn_conversion *plan, const struct gn_base_pairs *pairs,
                       uint8_t *buffer, struct gn_read *read)
{
    const bam1_core_t *core = &record->core;
    const struct gn_cut *cut = &plan->cut;
    uint32_t *cigar = (uint32_t *)(void *)buffer;
    uint8_t *bases = (uint8_t *)(cigar + cut->n_cigar);
    uint8_t *qualities = bases + cut->n_bases, *after = qualities + cut->n_bases;
    *read =
        (struct gn_read){.read_number = (core->flag & BAM_FPAIRED) && !(core->flag & BAM_FREAD1),
                         .mapping_quality = core->qual,
                         .is_reverse = bam_is_rev(record),
                         .fragment_length = (int32_t)core->isize,
                         .pos0 = core->pos + plan->to_skip,
                         .n_cigar = cut->n_cigar,
                         .cigar = cigar,
                         .length = (int)cut->n_bases,
                         .bases = (char *)bases,
                         .qualities = qualities,
                         .cropped_bp = plan->to_skip,
                         .cropped_bases = core->l_qseq - (int)cut->n_bases};
    if (plan->has_modifications) {
        fill_modifications(record, plan, after, read);
        after += 2 * cut->n_bases;
    }
    if (plan->is_cropped) {
        struct gn_cut same;
        gn_cut_cigar(bam_get_cigar(record), (int)core->n_cigar, plan->to_skip, plan->to_keep, cigar,
                     &same);
    } else {
        memcpy(cigar, bam_get_cigar(record), core->n_cigar * sizeof *cigar);
    }
    unpack_bases(record, cut->first_base, cut->n_bases, pairs, (char *)bases);
    copy_qualities(record, options->use_original_quality_scores, cut->first_base, cut->n_bases,
                   qualities);
    read->end0 = gn_cigar_end(read->pos0, cigar, read->n_cigar);
    if (options->parse_haplotype_tag)
        read->haplotype = haplotype_of(record);
    read->name = memcpy(after, bam_get_qname(record), strlen(bam_get_qname(record)) + 1);
}
