/* SPDX-License-Identifier: MIT
 *
 * dnnl_layers.h - the few things that the network needs of oneDNN, the same for its 2.x and 3.x.
 *
 * Knows oneDNN and shapes; no graph, no models. Maps lie in memory as everywhere in gannet: image,
 * row, column, channel.
 */
#ifndef GN_CNN_ONEDNN_DNNL_LAYERS_H
#define GN_CNN_ONEDNN_DNNL_LAYERS_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

#include "base/error.h"

struct gn_dnnl_map {
    dnnl_dim_t images, height, width, channels;
    dnnl_data_type_t type;
};

/// A window that slides over a map; rows first, columns second.
struct gn_dnnl_window {
    struct gn_dnnl_map input, output;
    dnnl_dims_t kernel, stride;
    dnnl_dims_t before, after; /* rows and columns of padding */
};

/// Describes a convolution with float32 bias; weights of the input's type in the order that oneDNN
/// likes best; scratch memory from the caller.
/** @param out  to be destroyed by the caller */
dnnl_status_t gn_dnnl_describe_convolution(dnnl_engine_t engine,
                                           const struct gn_dnnl_window *window, bool relu,
                                           dnnl_primitive_desc_t *out);

/// Describes a pooling (dnnl_pooling_max or dnnl_pooling_avg_exclude_padding).
dnnl_status_t gn_dnnl_describe_pool(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                    dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t *out);

/// Bytes of an argument (DNNL_ARG_SRC, ...) of what was described; 0 when it has none such.
size_t gn_dnnl_argument_size(dnnl_primitive_desc_t described, int argument);

/// Makes a memory object for an argument of what was described.
/** @param address  of the data, or DNNL_MEMORY_ALLOCATE
    @param out      to be destroyed by the caller */
dnnl_status_t gn_dnnl_argument(dnnl_primitive_desc_t described, int argument, void *address,
                               dnnl_memory_t *out);

/// Makes the weights of a described convolution out of those of a layer (graph.h's order).
/** @param out  to be destroyed by the caller */
dnnl_status_t gn_dnnl_pack_weights(dnnl_engine_t engine, dnnl_primitive_desc_t described,
                                   const struct gn_dnnl_window *window, const float *weights,
                                   dnnl_memory_t *out);

/// Turns a status of oneDNN into ours: GN_OK, GN_E_MEMORY, GN_E_UNAVAILABLE, GN_E_INTERNAL.
/** @param what  what was tried ("layer 'conv2d_3'"), for the message */
int gn_dnnl_check(dnnl_status_t status, const char *what, gn_error_t *err);

/// True when this CPU and this oneDNN have instructions for bfloat16.
bool gn_dnnl_has_bf16(void);

/// Makes oneDNN compute in the calling thread alone until gn_dnnl_restore_threads(), which takes
/// what this returns. gannet's threads work on different images, so oneDNN must not start its own.
int gn_dnnl_use_one_thread(void);
void gn_dnnl_restore_threads(int threads);

#endif
