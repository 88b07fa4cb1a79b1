/* SPDX-License-Identifier: MIT
 *
 * bench_kernels.c - a 3 x 3 convolution of 64 words a tap, over and over.
 */
#include "cli/bench_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cnn/cpu/peak.h"
#include "cnn/steady_clock.h"

enum {
    TAPS = 9,
    WORDS = 64,
    PIXELS = 24, /* of a round, a few microseconds; a multiple of every kernel's */
    WORD = 4,
    ROW = GN_BLOCK * WORD,
    BLOCK_BYTES = TAPS * WORDS * ROW,
    INPUT_BYTES = (PIXELS + TAPS) * WORDS * WORD,
    OUTPUT_BYTES = GN_TILE_MAX_BLOCKS * ROW, /* of a pixel */
};

struct bench {
    unsigned char *weights, *inputs, *outputs;
    const void *starts[PIXELS * TAPS]; /* of one tile after the other */
    void *pixels[PIXELS];
    int32_t taps[TAPS];
    float bias[GN_TILE_MAX_BLOCKS * GN_BLOCK], scale[GN_TILE_MAX_BLOCKS * GN_BLOCK];
};

/* Which kernels to measure, for how long each. */
struct choice {
    enum gn_precision precision;
    enum gn_isa isa;
    double seconds;
};

static int elements_of_word(enum gn_precision precision)
{
    return precision == GN_PRECISION_FLOAT32 ? 1 : precision == GN_PRECISION_INT8 ? 4 : 2;
}

/* Small numbers of the type: slow ones (denormal) and sums beyond 2^31 are not what networks have. */
static void fill(unsigned char *bytes, size_t n, enum gn_precision precision)
{
    struct gn_mt64 random;
    gn_mt64_seed(&random, 1);
    for (size_t i = 0; i < n; i += WORD) {
        float number = (float)gn_mt64_uniform(&random);
        uint32_t bits = (uint32_t)gn_mt64_next(&random) & 0x003f003fU;
        if (precision == GN_PRECISION_FLOAT32 || precision == GN_PRECISION_BF16)
            memcpy(bytes + i, &number, WORD);
        else
            memcpy(bytes + i, &bits, WORD);
    }
}

static void lay_out(struct bench *bench, enum gn_precision precision, int tile_pixels)
{
    fill(bench->weights, GN_TILE_MAX_BLOCKS * BLOCK_BYTES, precision);
    fill(bench->inputs, INPUT_BYTES, precision);
    for (int tap = 0; tap < TAPS; tap++)
        bench->taps[tap] = tap;
    for (int p = 0; p < PIXELS; p++) {
        int tile = p / tile_pixels, within = p % tile_pixels;
        bench->pixels[p] = bench->outputs + (size_t)p * OUTPUT_BYTES;
        for (int tap = 0; tap < TAPS; tap++)
            bench->starts[(tile * TAPS + tap) * tile_pixels + within] =
                bench->inputs + (size_t)(p + tap) * WORDS * WORD;
    }
    for (int c = 0; c < GN_TILE_MAX_BLOCKS * GN_BLOCK; c++) {
        bench->bias[c] = 0;
        bench->scale[c] = 1e-5F; /* nothing is cut */
    }
}

static void run_round(const struct bench *bench, const struct gn_kernels *kernels, int blocks)
{
    struct gn_tile tile = {.taps = bench->taps,
                           .n_taps = TAPS,
                           .words = WORDS,
                           .weights = bench->weights,
                           .block_stride = BLOCK_BYTES,
                           .bias = bench->bias,
                           .scale = bench->scale,
                           .pixels = kernels->pixels,
                           .channels = blocks * GN_BLOCK,
                           .store = GN_STORE_RELU};
    for (int p = 0; p < PIXELS; p += kernels->pixels) {
        tile.starts = bench->starts + (size_t)p * TAPS;
        tile.outputs = bench->pixels + p;
        kernels->by_blocks[blocks - 1](&tile);
    }
}

/* Billions of operations a second, of the best rounds. */
struct speed {
    double kernel, peak;
};

/* Rounds of the kernel and of the peak in turn, equally long, since clocks and neighbours change: what
 * slows down one slows down the other. */
static struct speed measure(const struct bench *bench, const struct gn_kernels *kernels, int blocks,
                            const struct choice *what)
{
    const double macs =
        (double)PIXELS * blocks * GN_BLOCK * TAPS * WORDS * elements_of_word(what->precision);
    struct speed best = {0, 0};
    for (double end = gn_steady_seconds() + what->seconds, start;
         (start = gn_steady_seconds()) < end || best.kernel == 0;) {
        run_round(bench, kernels, blocks);
        const double time = gn_steady_seconds() - start, speed = 2e-9 * macs / time;
        const double peak = gn_peak_round(what->precision, what->isa, time);
        best.kernel = speed > best.kernel ? speed : best.kernel;
        best.peak = peak > best.peak ? peak : best.peak;
    }
    return best;
}

static void measure_all(struct bench *bench, const struct choice *what)
{
    const struct gn_kernels *kernels = gn_kernels_of(what->precision, what->isa);
    lay_out(bench, what->precision, kernels->pixels);
    for (int blocks = 1; blocks <= kernels->max_blocks; blocks++) {
        const struct speed speed = measure(bench, kernels, blocks, what);
        printf("%-9s %-12s %2d x %-2d %9.1f", gn_precision_name(what->precision),
               gn_isa_name(what->isa), kernels->pixels, blocks * GN_BLOCK, speed.kernel);
        if (speed.peak > 0)
            printf(" %9.1f %6.1f %%\n", speed.peak, 100 * speed.kernel / speed.peak);
        else
            printf(" %9s %8s\n", "-", "-");
        fflush(stdout);
    }
}

/* Whether an instruction set has kernels of its own for a type. */
static bool has_kernels(enum gn_precision precision, enum gn_isa isa)
{
    if (!gn_isa_available(isa) || gn_kernels_of(precision, isa) == NULL)
        return false;
    return isa == GN_ISA_PORTABLE ||
           gn_kernels_of(precision, isa) != gn_kernels_of(precision, isa - 1);
}

int gn_bench_kernels(double seconds, gn_error_t *err)
{
    struct bench *bench = calloc(1, sizeof *bench);
    int rc = GN_OK;
    if (bench == NULL)
        return gn_fail_memory(err, "the benchmark");
    bench->weights = aligned_alloc(ROW, GN_TILE_MAX_BLOCKS * BLOCK_BYTES);
    bench->inputs = aligned_alloc(ROW, INPUT_BYTES);
    bench->outputs = aligned_alloc(ROW, PIXELS * OUTPUT_BYTES);
    if (bench->weights == NULL || bench->inputs == NULL || bench->outputs == NULL) {
        rc = gn_fail_memory(err, "the benchmark");
        goto out;
    }
    printf("%-9s %-12s %-7s %9s %9s %8s\n", "type", "instructions", "tile", "Gop/s", "peak",
           "of peak");
    for (int precision = GN_PRECISION_FLOAT32; precision < GN_PRECISIONS; precision++)
        for (int isa = 0; isa < GN_ISAS; isa++) {
            const struct choice what = {(enum gn_precision)precision, (enum gn_isa)isa, seconds};
            if (has_kernels(what.precision, what.isa))
                measure_all(bench, &what);
        }
out:
    free(bench->weights);
    free(bench->inputs);
    free(bench->outputs);
    free(bench);
    return rc;
}
