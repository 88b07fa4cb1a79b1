/* SPDX-License-Identifier: MIT
 *
 * call_examples.h - the stage between examples files and call outputs files (call_variants, spec 100).
 */
#ifndef GN_CNN_CALL_EXAMPLES_H
#define GN_CNN_CALL_EXAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "cnn/device_choice.h"
#include "cnn/network_use.h"

struct gn_call_examples_options {
    const char *examples; /* list of names, "x@N.gz" specs and globs */
    const char *
        outfile; /* "x.tfrecord.gz" makes x-00000-of-0000N.tfrecord.gz; a shard's name is taken as it is */
    int batch_size; /* images computed between two writes; no effect on the results */
    int threads;
    enum gn_precision precision;
    struct gn_device_choice device;
    int writers;      /* output files; 0: one */
    int64_t limit;    /* examples; 0 all */
    bool debug_info;  /* attach debug_info, the image included */
    bool true_labels; /* with debug_info: the example's label too */
    bool allow_empty; /* no example is no error */
};

struct gn_call_examples_counts {
    int64_t examples;
    int files; /* written */
    gn_network_use_t network;
};

/// Classifies every example and writes the outputs, complete or not at all. The bytes do not depend on threads and batch_size
/// as long as there is one writer (with more, batches are dealt to the writers in turn).
int gn_call_examples(const gn_model_t *model, const struct gn_call_examples_options *options,
                     struct gn_call_examples_counts *counts, gn_error_t *err);

#endif
