/* SPDX-License-Identifier: MIT
 *
 * customized.c - a candidate takes the class of the truth record that the positional labeler matches it with. spec 150.6.
 */
#include "label/customized.h"

#include <string.h>

#include "label/positional.h"

static bool is_reference(const struct gn_variant *truth)
{
    for (int i = 0; i < truth->genotype.n; i++)
        if (truth->genotype.v[i] != 0)
            return false;
    return true;
}

/* PARITY(dv-1.9): only the truth's first alternate allele can carry the class. */
static int find_alt(const struct gn_variant *candidate, const struct gn_variant *truth)
{
    for (int i = 0; i < candidate->alts.n; i++)
        if (strcmp(candidate->alts.v[i], truth->alts.v[0]) == 0)
            return i;
    return -1;
}

/* `candidate` and `match` are simplified; match is a copy of truth record number i. */
static int take_class(const struct gn_variant *candidate, const struct gn_variant *match,
                      const struct gn_truth *truth, size_t i, struct gn_label *label,
                      gn_error_t *err)
{
    if (is_reference(match) || strcmp(match->ref, candidate->ref) != 0)
        return GN_OK;
    if (truth->notes[i].class < 0)
        return gn_fail(
            err, GN_E_DATA,
            "truth record %s:%lld: its INFO field of classes is missing or names none of "
            "the list: check --customized-classes-labeler-info-field-name and "
            "--customized-classes-labeler-classes-list",
            match->contig, (long long)match->start0 + 1);
    label->class_alt = find_alt(candidate, match);
    label->class_id = truth->notes[i].class;
    return GN_OK;
}

int gn_label_customized(const struct gn_variant *candidate, const struct gn_label_source *source,
                        struct gn_label *label, gn_error_t *err)
{
    const struct gn_truth *truth = source->truth;
    size_t i;
    int code = gn_label_positional(candidate, source, label, err);
    if (code == GN_OK)
        code = gn_positional_match(candidate, truth, &i, err);
    label->has_class = true;
    label->class_alt = -1;
    if (code < 0 || i == truth->n)
        return code;
    struct gn_variant *simple = gn_variant_copy(candidate), *match = gn_variant_copy(truth->v[i]);
    if (simple == NULL || match == NULL) {
        code = gn_fail_memory(err, "a candidate");
    } else {
        gn_variant_simplify(simple);
        gn_variant_simplify(match);
        code = take_class(simple, match, truth, i, label, err);
    }
    gn_variant_free(simple);
    gn_variant_free(match);
    return code;
}
