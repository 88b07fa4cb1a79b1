/* SPDX-License-Identifier: MIT
 *
 * cut_rows.h - how many rows of each map must be computed when no read reaches the others.
 *
 * The rows of an image below its last read are zero, so what sees only such rows is that of the empty image.
 */
#ifndef GN_CNN_CUDA_CUT_ROWS_H
#define GN_CNN_CUDA_CUT_ROWS_H

#include "cnn/cuda/outline.h"

/// Fills rows[tensor] with the rows that its maker computes: all of them, but fewer in chains that lead away from the image.
/** At the end of such a chain the rows that may differ from the empty image's are computed (one at least), and before it
    those that they depend on. A chain whose end may differ in its last row is left whole.
    @param filled  rows of the image that may differ from zero
    @return        whether any chain is cut: its end then has fewer rows than the tensor. Thread-safe. */
bool gn_cuda_cut_rows(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                      int filled, int *rows);

#endif
