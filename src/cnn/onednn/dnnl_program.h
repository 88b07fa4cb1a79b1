/* SPDX-License-Identifier: MIT
 *
 * dnnl_program.h - a network made ready for oneDNN in one number type: what every layer is, its
 * weights, and where in a worker's memory its output lies.
 *
 * Immutable after gn_dnnl_program_make(), shared by all workers. It always computes `capacity`
 * images at a time: an image's results cannot depend on how many there are.
 */
#ifndef GN_CNN_ONEDNN_DNNL_PROGRAM_H
#define GN_CNN_ONEDNN_DNNL_PROGRAM_H

#include "cnn/graph.h"
#include "cnn/onednn/dnnl_layers.h"

enum { GN_DNNL_LINE = 64 /* alignment of all memory */ };

/// A tensor in a worker's memory: `capacity` images side by side.
struct gn_dnnl_place {
    bool bf16;         /* else float32 */
    size_t offset;     /* bytes */
    size_t image_size; /* bytes */
};

/// What oneDNN knows of a layer; NULLs where the layer is done without it.
struct gn_dnnl_step {
    dnnl_primitive_desc_t described;
    dnnl_primitive_t primitive;
    dnnl_memory_t weights, bias;
};

struct gn_dnnl_program {
    const struct gn_graph *graph;
    int capacity;                 /* images */
    struct gn_dnnl_place *places; /* per tensor */
    struct gn_dnnl_step *steps;   /* per layer */
    size_t memory_size;           /* of a worker: tensors, then scratch memory */
    size_t scratch_offset;
};

/// Makes a graph ready. The program starts zeroed; gn_dnnl_program_clear() also after a failure
/// (GN_E_MEMORY, GN_E_UNAVAILABLE, GN_E_INTERNAL). The graph and the engine must outlive it.
int gn_dnnl_program_make(struct gn_dnnl_program *program, const struct gn_graph *graph,
                         dnnl_engine_t engine, bool bf16, int capacity, gn_error_t *err);
void gn_dnnl_program_clear(struct gn_dnnl_program *program);

#endif
