/* SPDX-License-Identifier: MIT
 *
 * bench_cnn.h - `gannet bench cnn`: the network's speed in every configuration asked for.
 */
#ifndef GN_CLI_BENCH_CNN_H
#define GN_CLI_BENCH_CNN_H

#include <stdint.h>

#include "cli/bench_case.h"

/// As on the command line; lists are separated by commas.
struct gn_bench_cnn {
    const char *model, *examples, *precisions, *threads, *filled_rows;
    struct gn_device_choice device;
    enum gn_isa isa; /* of the engine cpu, and of the machine's peak */
    int64_t batch_size;
    double seconds;
    bool layers, json;
};

/// Measures one configuration after the other and prints a table row after each, or JSON at the end.
/// GN_E_USAGE for lists that cannot be read; whatever loading and running the model can fail with.
GN_MUST_CHECK
int gn_bench_cnn(const struct gn_bench_cnn *request, gn_error_t *err);

#endif
