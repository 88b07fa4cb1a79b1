/* SPDX-License-Identifier: MIT
 *
 * quality.h - base qualities as sequencers report them: by instrument, position in the read and
 * luck of the read.
 */
#ifndef GN_SIMULATE_QUALITY_H
#define GN_SIMULATE_QUALITY_H

#include "simulate/draw.h"

enum gn_quality_profile {
    GN_QUALITY_HISEQ,        /* 40 levels, rising over the first bases, falling toward the end */
    GN_QUALITY_NOVASEQ,      /* four bins: 2, 12, 23, 37 */
    GN_QUALITY_RECALIBRATED, /* four bins after recalibration: 6, 10, 20, 30 */
};

/// Draws the qualities of n bases in the order of sequencing.
void gn_quality_draw(struct gn_mt64 *rng, enum gn_quality_profile profile, bool is_second, int n,
                     uint8_t *qualities);

/// Fills table[q] = 10^(-q/10) for q in [0, 64).
void gn_quality_error_table(double table[64]);

#endif
