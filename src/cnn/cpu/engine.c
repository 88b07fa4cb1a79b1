/* SPDX-License-Identifier: MIT
 *
 * engine.c - the CPU back end: a network as one or two programs, and which image goes through which.
 *
 * In other types than float32 an image is computed once more in float32 where the fast result may
 * not be trusted: its two best classes are close, or an activation was cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/backend.h"
#include "cnn/cpu/program.h"
#include "cnn/cpu/worker.h"
#include "cnn/decision.h"
#include "cnn/filled_rows.h"
#include "cnn/graph.h"
#include "cnn/quantisation.h"

enum { ALIGNMENT = 64, EXACT_CAPACITY = 8, TILE_IMAGES = 8 };

struct cpu_network {
    struct gn_program fast;  /* of the type that was asked for */
    struct gn_program exact; /* float32, when that is another type */
    enum gn_precision precision;
    bool keep_empty_rows, fast_only;
    int height;
    size_t row_size, image_size; /* bytes of an image */
    char description[64];
};

struct cpu_worker {
    const struct cpu_network *network;
    char *memory;
    struct gn_worker fast, exact;
    double *seconds;
    int n_layers;
    struct gn_infer_counts counts;
};

static bool needs_exact(const struct cpu_network *network)
{
    return network->precision != GN_PRECISION_FLOAT32 && !network->fast_only;
}

static int choose_isa(const char *name, enum gn_isa *isa, gn_error_t *err)
{
    *isa = gn_isa_best();
    if (name == NULL)
        return GN_OK;
    for (int i = 0; i < GN_ISAS; i++)
        if (strcmp(name, gn_isa_name((enum gn_isa)i)) == 0) {
            *isa = (enum gn_isa)i;
            if (gn_isa_available(*isa))
                return GN_OK;
            return gn_fail(err, GN_E_UNAVAILABLE, "this CPU has no %s instructions", name);
        }
    return gn_fail(err, GN_E_USAGE,
                   "'%s' is no instruction set: say portable, avx2, avx512 or avx512_vnni", name);
}

static int choose_precision(const gn_model_t *model, enum gn_precision asked,
                            enum gn_precision *precision, gn_error_t *err)
{
    const struct gn_quantisation *known = gn_model_quantisation(model);
    *precision = asked;
    if (asked == GN_PRECISION_AUTO)
        *precision = known->maxima != NULL && known->agreement[GN_PRECISION_INT16].passed
                         ? GN_PRECISION_INT16
                         : GN_PRECISION_FLOAT32;
    if (*precision == GN_PRECISION_FLOAT16 || *precision == GN_PRECISION_TF32)
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "%s is a number type of GPUs: use --device cuda, or --precision auto",
                       gn_precision_name(*precision));
    if (!gn_precision_available(*precision))
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "this CPU has no instructions for %s: use --precision auto",
                       gn_precision_name(*precision));
    bool integer = *precision == GN_PRECISION_INT16 || *precision == GN_PRECISION_INT8;
    if (integer && known->maxima == NULL)
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "the model %s has no scales for %s: run 'gannet model calibrate' on it, or "
                       "use --precision float32",
                       gn_model_name(model), gn_precision_name(*precision));
    return GN_OK;
}

static void destroy_network(void *state)
{
    struct cpu_network *network = state;
    gn_program_clear(&network->fast);
    gn_program_clear(&network->exact);
    free(network);
}

static int make_programs(struct cpu_network *network, const gn_model_t *model, enum gn_isa isa,
                         gn_error_t *err)
{
    const struct gn_graph *graph = gn_model_graph(model);
    struct gn_cpu_plan_options options = {.precision = network->precision,
                                          .maxima = gn_model_quantisation(model)->maxima,
                                          .capacity = GN_PLAN_CAPACITY,
                                          .reuse_memory = true};
    int rc = gn_program_make(&network->fast, graph, &options, isa, err);
    if (rc != GN_OK || !needs_exact(network))
        return rc;
    options.precision = GN_PRECISION_FLOAT32;
    options.capacity = EXACT_CAPACITY;
    return gn_program_make(&network->exact, graph, &options, isa, err);
}

static void *create_network(const gn_model_t *model, const struct gn_network_options *options,
                            gn_error_t *err)
{
    enum gn_isa isa;
    enum gn_precision precision;
    if (choose_isa(options->isa, &isa, err) != GN_OK ||
        choose_precision(model, options->precision, &precision, err) != GN_OK)
        return NULL;
    struct cpu_network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        gn_fail_memory(err, "the network");
        return NULL;
    }
    network->precision = precision;
    network->keep_empty_rows = options->keep_empty_rows;
    network->fast_only = options->fast_only;
    network->height = gn_model_height(model);
    network->image_size = gn_model_image_size(model);
    network->row_size = network->image_size / (size_t)network->height;
    snprintf(network->description, sizeof network->description, "cpu %s %s", gn_isa_name(isa),
             gn_precision_name(precision));
    if (make_programs(network, model, isa, err) == GN_OK)
        return network;
    destroy_network(network);
    return NULL;
}

static enum gn_precision network_precision(const void *state)
{
    return ((const struct cpu_network *)state)->precision;
}

static const char *describe(const void *state)
{
    return ((const struct cpu_network *)state)->description;
}

static void destroy_worker(void *state)
{
    struct cpu_worker *worker = state;
    gn_worker_clear(&worker->fast);
    gn_worker_clear(&worker->exact);
    free(worker->memory);
    free(worker->seconds);
    free(worker);
}

static void *create_worker(const void *state, gn_error_t *err)
{
    const struct cpu_network *network = state;
    struct cpu_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        gn_fail_memory(err, "inference");
        return NULL;
    }
    worker->network = network;
    worker->n_layers = network->fast.plan.graph->n_layers;
    size_t size = network->fast.plan.memory_size;
    if (needs_exact(network) && network->exact.plan.memory_size > size)
        size = network->exact.plan.memory_size;
    worker->memory = aligned_alloc(ALIGNMENT, size); /* the programs never run at the same time */
    if (worker->memory == NULL)
        gn_fail_memory(err, "inference");
    else if (gn_worker_make(&worker->fast, &network->fast, worker->memory, err) == GN_OK &&
             (!needs_exact(network) ||
              gn_worker_make(&worker->exact, &network->exact, worker->memory, err) == GN_OK))
        return worker;
    destroy_worker(worker);
    return NULL;
}

/* Rows of an image to compute. */
static int rows_used(const struct cpu_network *network, const uint8_t *image)
{
    return network->keep_empty_rows ? network->height
                                    : gn_filled_rows(image, network->height, network->row_size);
}

/* Images that a fast run left undecided, waiting for float32. */
struct undecided {
    const uint8_t *images[GN_PLAN_CAPACITY];
    int rows[GN_PLAN_CAPACITY];
    int which[GN_PLAN_CAPACITY];
    int n;
};

static void decide(struct cpu_worker *worker, const struct undecided *undecided, float (*logits)[3],
                   float (*probabilities)[3])
{
    float exact_logits[EXACT_CAPACITY][3], exact[EXACT_CAPACITY][3];
    for (int first = 0; first < undecided->n; first += EXACT_CAPACITY) {
        int n = undecided->n - first < EXACT_CAPACITY ? undecided->n - first : EXACT_CAPACITY;
        gn_worker_run(&worker->exact, undecided->images + first, undecided->rows + first, n,
                      exact_logits, exact);
        for (int i = 0; i < n; i++) {
            memcpy(logits[undecided->which[first + i]], exact_logits[i], sizeof *logits);
            memcpy(probabilities[undecided->which[first + i]], exact[i], sizeof *probabilities);
        }
    }
}

/* Classifies at most GN_PLAN_CAPACITY images. */
static void run_group(struct cpu_worker *worker, const uint8_t *images, int n, float (*logits)[3],
                      float (*probabilities)[3])
{
    const uint8_t *pointers[GN_PLAN_CAPACITY];
    int rows[GN_PLAN_CAPACITY];
    struct undecided undecided = {.n = 0};
    for (int i = 0; i < n; i++) {
        pointers[i] = images + (size_t)i * worker->network->image_size;
        rows[i] = rows_used(worker->network, pointers[i]);
    }
    gn_worker_run(&worker->fast, pointers, rows, n, logits, probabilities);
    worker->counts.images += (uint64_t)n;
    for (int i = 0; i < n && needs_exact(worker->network); i++) {
        bool near = gn_near_decision(probabilities[i]);
        if (!near && !worker->fast.cut[i])
            continue;
        worker->counts.recomputed++;
        worker->counts.near_decision += near;
        worker->counts.saturated += worker->fast.cut[i];
        undecided.images[undecided.n] = pointers[i];
        undecided.rows[undecided.n] = rows[i];
        undecided.which[undecided.n++] = i;
    }
    decide(worker, &undecided, logits, probabilities);
}

/* Groups of about the same size, in whole tiles: a last group of few images would read all weights
 * for little work. */
static size_t next_group(size_t left)
{
    size_t groups = (left + GN_PLAN_CAPACITY - 1) / GN_PLAN_CAPACITY;
    size_t count = (left + groups * TILE_IMAGES - 1) / (groups * TILE_IMAGES) * TILE_IMAGES;
    return count < left ? count : left;
}

static int run(void *state, const uint8_t *images, size_t n, float (*logits)[3],
               float (*probabilities)[3], gn_error_t *err)
{
    struct cpu_worker *worker = state;
    (void)err;
    for (size_t first = 0; first < n;) {
        float own[GN_PLAN_CAPACITY][3];
        size_t count = next_group(n - first);
        run_group(worker, images + first * worker->network->image_size, (int)count,
                  logits == NULL ? own : logits + first, probabilities + first);
        first += count;
    }
    return GN_OK;
}

static int time_layers(void *state, bool on, gn_error_t *err)
{
    struct cpu_worker *worker = state;
    free(worker->seconds);
    worker->seconds = NULL;
    if (on) {
        worker->seconds = calloc((size_t)worker->n_layers, sizeof *worker->seconds);
        if (worker->seconds == NULL)
            return gn_fail_memory(err, "the times of the layers");
    }
    worker->fast.seconds = worker->exact.seconds = worker->seconds;
    return GN_OK;
}

static double layer_seconds(const void *state, int layer)
{
    const struct cpu_worker *worker = state;
    return worker->seconds == NULL || layer < 0 || layer >= worker->n_layers
               ? 0.0
               : worker->seconds[layer];
}

static struct gn_infer_counts counts(const void *state)
{
    return ((const struct cpu_worker *)state)->counts;
}

const struct gn_backend gn_backend_cpu = {
    create_network, destroy_network, network_precision, describe, NULL,
    NULL,           create_worker,   destroy_worker,    run,      time_layers,
    layer_seconds,  counts,
};
