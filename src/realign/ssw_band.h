/* SPDX-License-Identifier: MIT
 *
 * ssw_band.h - the score pass of two sequences that are nearly equal, over the diagonals that can matter.
 *
 * Private to ssw*.c.
 */
#ifndef GN_REALIGN_SSW_BAND_H
#define GN_REALIGN_SSW_BAND_H

#include <stdbool.h>

#include "realign/ssw_pass.h"

/// Diagonals, column minus row, both included.
struct gn_ssw_band {
    int first, last;
};

/// Finds a band outside which no path reaches the score of the pass's plain alignment: common prefix, common suffix,
/// one gap between. Every best alignment lies inside.
/** @return  false when scores saturate, so that the band proves nothing */
bool gn_ssw_find_band(const struct gn_ssw_pass *pass, struct gn_ssw_band *band);

/// The pass over the cells of the band alone. Its result is that of a full pass if the band holds every best alignment.
struct gn_ssw_end gn_ssw_pass_banded(const struct gn_ssw_pass *pass, struct gn_ssw_band band);

#endif
