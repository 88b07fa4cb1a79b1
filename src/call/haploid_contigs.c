/* SPDX-License-Identifier: MIT
 *
 * haploid_contigs.c - names that match nothing would silently call a haploid contig as diploid.
 */
#include "call/haploid_contigs.h"

int gn_check_haploid_contigs(const struct gn_texts *names, const struct gn_contigs *contigs,
                             gn_error_t *err)
{
    for (int i = 0; i < names->n; i++)
        if (gn_contigs_find(contigs, names->v[i]) >= 0)
            return GN_OK;
    if (names->n == 0)
        return GN_OK;
    return gn_fail(err, GN_E_MISMATCH,
                   "none of the haploid contigs (%s%s) is in the reference, whose contigs are "
                   "named like '%s': "
                   "write them as the reference does",
                   names->v[0], names->n > 1 ? ", ..." : "",
                   contigs->n > 0 ? contigs->names[0] : "");
}
