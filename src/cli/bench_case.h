/* SPDX-License-Identifier: MIT
 *
 * bench_case.h - measures the network in one configuration, in a process of its own.
 *
 * The process of its own is for the peak memory: it is that of the one configuration.
 */
#ifndef GN_CLI_BENCH_CASE_H
#define GN_CLI_BENCH_CASE_H

#include "cnn/cpu/peak.h"
#include "cnn/device_choice.h"

enum { GN_BENCH_LAYERS = 512, GN_BENCH_ALL_ROWS = -1 };

struct gn_bench_case {
    const char *model;    /* folder */
    const char *examples; /* files of real images; NULL: made-up ones */
    enum gn_precision precision;
    struct gn_device_choice device;
    enum gn_isa isa; /* of the engine cpu, and of the machine's peak */
    int threads, batch_size;
    int filled_rows; /* of made-up images: rows of pseudo-random bytes, zeros below; or
                        GN_BENCH_ALL_ROWS */
    double seconds;
    bool layers; /* also measure the layers, for as long again, on one thread */
};

struct gn_bench_layer {
    char name[64];
    double macs;    /* an image, without those that multiply padding; 0: other work */
    double seconds; /* an image of the fastest batch */
};

struct gn_bench_result {
    gn_error_t failure;          /* its code is GN_OK after a success */
    char engine[16];             /* that computed: "cpu", "onednn", "cuda" */
    char computed_by[512];       /* gn_network_describe() */
    enum gn_precision precision; /* never AUTO */
    int filled_rows;
    double images_per_s;      /* of all threads, by each thread's median batch */
    double images_per_s_mean; /* images by time, whatever disturbed them */
    double images_per_s_idle; /* by each thread's batch of least CPU time: what an
                                 idle machine would do; on a GPU unknown: 0 */
    double again;             /* share of the images that were computed again in float32 */
    double macs;              /* an image, all that the model names */
    double macs_inside;       /* without those that multiply padding */
    double peak_memory_mb;    /* of the process, loading the model included */
    struct gn_peak
        peak;     /* of the type and instruction set with as many threads; on a GPU unknown: 0 */
    int n_layers; /* 0 unless asked for */
    struct gn_bench_layer layers[GN_BENCH_LAYERS];
};

/// Loads the model, makes `threads` workers that classify batches of the same images for `seconds`,
/// and measures the machine's peak before and after.
/** Only real images are computed again in float32 where a faster type leaves a decision open: how
   often made-up ones would be says nothing.
    @return  GN_OK, or what the measuring process failed with, and err */
GN_MUST_CHECK
int gn_bench_case_run(const struct gn_bench_case *what, struct gn_bench_result *result,
                      gn_error_t *err);

#endif
