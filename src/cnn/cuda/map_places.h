/* SPDX-License-Identifier: MIT
 *
 * map_places.h - which maps share memory: what a concatenation joins lies side by side in its map.
 *
 * Knows buffers and channels; when a buffer is needed, and so its address, is step_plan.c's matter.
 */
#ifndef GN_CNN_CUDA_MAP_PLACES_H
#define GN_CNN_CUDA_MAP_PLACES_H

#include "cnn/cuda/constants.h"
#include "cnn/cuda/outline.h"

enum { GN_CUDA_NO_BUFFER = -1 };

/// A map of all images of a batch, with room for all that lies in it.
struct gn_cuda_buffer {
    int rows, width, pitch;
};

struct gn_cuda_place {
    int buffer, channel; /* where readers find a tensor; GN_CUDA_NO_BUFFER: it is not needed */
    int cut_buffer; /* where its first rows are computed, if its map is put together from them */
};

struct gn_cuda_places {
    struct gn_cuda_place *places; /* per tensor */
    struct gn_cuda_buffer *buffers;
    int n_buffers;
};

/// Places the tensors of a graph. The result starts zeroed; gn_cuda_places_clear() also after a failure.
/** @param rows  that are computed of each tensor (cut_rows.h)
    @return      GN_OK, GN_E_MEMORY, GN_E_UNAVAILABLE (what is joined is no multiple of the channel unit). Thread-safe. */
GN_MUST_CHECK
int gn_cuda_places_make(struct gn_cuda_places *places, const struct gn_graph *graph,
                        const struct gn_cuda_outline *outline, const struct gn_cuda_layout *layout,
                        const int *rows, gn_error_t *err);
void gn_cuda_places_clear(struct gn_cuda_places *places);

#endif
