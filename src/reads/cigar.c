/* SPDX-License-Identifier: MIT
 *
 * cigar.c - lengths of alignments.
 */
#include "reads/read.h"

int64_t gn_cigar_end(int64_t pos0, const uint32_t *cigar, int n_cigar)
{
    for (int i = 0; i < n_cigar; i++)
        if (gn_cigar_takes_reference(cigar[i] & 15))
            pos0 += cigar[i] >> 4;
    return pos0;
}
