/* SPDX-License-Identifier: MIT
 *
 * plan.h - what a network does in what order, and where its tensors lie.
 *
 * A plan is made once for a model and a number type and is shared by all workers: it holds offsets,
 * no addresses. It turns the graph's layers into steps (a mean of neighbours before a 1 x 1
 * convolution moves behind it, where there are fewer channels), lets the inputs of a concat be
 * computed inside the concat, gives memory to tensors only while somebody still reads them, and
 * splits the steps into segments: large maps are computed a few images at a time, so that they stay
 * in the cache, small ones many at a time, so that weights are read seldom. Nothing here computes.
 */
#ifndef GN_CNN_CPU_PLAN_H
#define GN_CNN_CPU_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "cnn/cpu/map.h"
#include "cnn/graph.h"
#include "cnn/precision.h"

enum { GN_PLAN_CAPACITY = 24, GN_MAX_SEGMENTS = 4 };

/// Where a tensor lies. Image i of a run is in slot i % slots.
struct gn_place {
    int height, width, channels;
    enum gn_element element;
    float unit;    /* of integers: the value of 1 */
    bool is_image; /* integers 0 ... 255 as in the file: the value is (x - 128) / 128 */
    size_t offset; /* of slot 0, bytes */
    size_t slot_stride, row_stride, pixel_stride; /* bytes */
    int slots;
};

enum gn_cpu_step_kind {
    GN_STEP_CONV,
    GN_STEP_MAX_POOL,
    GN_STEP_AVG_POOL,
    GN_STEP_CONCAT, /* brings in what was not computed in place */
    GN_STEP_GLOBAL_AVG_POOL,
    GN_STEP_DENSE,
    GN_STEP_SOFTMAX,
};

struct gn_cpu_step {
    enum gn_cpu_step_kind kind;
    int layer;         /* whose window, weights and inputs it uses */
    int timed;         /* the layer that its time is booked on */
    int input, output; /* tensors */
    /* Of a convolution: */
    bool raw;           /* stores sums without bias: a mean of neighbours follows */
    bool images_inside; /* neighbouring outputs in a tile are the same pixel of different images */
    bool padded;        /* some taps fall outside the map */
    int taps, run;      /* elements per tap */
    int32_t *offsets;   /* [pixels][taps]: bytes from the input's start, -1 outside */
    int row_taps;       /* taps of a kernel row; 1 when a row is one tap */
    bool
        *whole_rows; /* [pixels]: each kernel row lies inside or outside as a whole, so its taps can
                         be read as one; NULL: never */
    /* Of a mean behind its convolution: that layer, whose bias and ReLU it applies; else -1. */
    int finish;
};

struct gn_segment {
    int first, end; /* steps */
    int group;      /* images at a time */
};

struct gn_cpu_plan {
    const struct gn_graph *graph;
    enum gn_precision precision;
    struct gn_place *places; /* one per tensor */
    struct gn_cpu_step *steps;
    int n_steps;
    struct gn_segment segments[GN_MAX_SEGMENTS];
    int n_segments;
    int capacity;       /* images of a run */
    size_t memory_size; /* bytes of a worker's activations */
    bool **copied;      /* per layer: of a concat, the inputs that are not computed in place */
};

struct gn_cpu_plan_options {
    enum gn_precision precision; /* not AUTO */
    const float *maxima;         /* integer types: largest value of each tensor */
    int capacity;                /* images of a run, 1 ... GN_PLAN_CAPACITY */
    bool reuse_memory;           /* false: every tensor keeps its own memory */
};

/// Plans a graph. The plan starts zeroed; gn_cpu_plan_clear() also after a failure (GN_E_MEMORY,
/// GN_E_DATA, GN_E_UNAVAILABLE when the network cannot be computed in that type).
int gn_cpu_plan_make(struct gn_cpu_plan *plan, const struct gn_graph *graph,
                     const struct gn_cpu_plan_options *options, gn_error_t *err);
void gn_cpu_plan_clear(struct gn_cpu_plan *plan);

/// Gives every tensor its memory (places' offsets, strides and slots); called by gn_cpu_plan_make().
int gn_cpu_plan_place(struct gn_cpu_plan *plan, const struct gn_cpu_plan_options *options,
                      gn_error_t *err);

#endif
