/* SPDX-License-Identifier: MIT
 *
 * dnnl_engine.c - the oneDNN back end (make ONEDNN=1): for CPUs with AMX, whose bfloat16 our own
 * kernels do not reach, and to measure those against.
 *
 * float32 and bf16 only: oneDNN has no int16, and it cuts int8 without telling where.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/backend.h"
#include "cnn/decision.h"
#include "cnn/onednn/dnnl_worker.h"

enum { CAPACITY = 16, EXACT_CAPACITY = 4 };

struct dnnl_network {
    dnnl_engine_t engine;
    struct gn_dnnl_program fast;  /* of the type that was asked for */
    struct gn_dnnl_program exact; /* float32, when that is another type */
    enum gn_precision precision;
    bool fast_only;
    size_t image_size;
    char description[64];
};

struct dnnl_worker {
    const struct dnnl_network *network;
    char *memory; /* of both, which never run at the same time */
    struct gn_dnnl_worker fast, exact;
    double *seconds;
    struct gn_infer_counts counts;
};

static bool needs_exact(const struct dnnl_network *network)
{
    return network->precision != GN_PRECISION_FLOAT32 && !network->fast_only;
}

static int choose_precision(enum gn_precision asked, enum gn_precision *precision, gn_error_t *err)
{
    *precision = asked == GN_PRECISION_AUTO ? GN_PRECISION_FLOAT32 : asked;
    if (*precision == GN_PRECISION_FLOAT32)
        return GN_OK;
    if (*precision != GN_PRECISION_BF16)
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "the engine onednn computes in float32 and bf16, not in %s: use --engine "
                       "cpu or another --precision",
                       gn_precision_name(*precision));
    if (!gn_precision_available(*precision) || !gn_dnnl_has_bf16())
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "this CPU has no instructions for bf16: use --precision auto");
    return GN_OK;
}

static void destroy_network(void *state)
{
    struct dnnl_network *network = state;
    gn_dnnl_program_clear(&network->fast);
    gn_dnnl_program_clear(&network->exact);
    if (network->engine != NULL)
        dnnl_engine_destroy(network->engine);
    free(network);
}

static int make_programs(struct dnnl_network *network, const gn_model_t *model, gn_error_t *err)
{
    const struct gn_graph *graph = gn_model_graph(model);
    const bool bf16 = network->precision == GN_PRECISION_BF16;
    int rc = gn_dnnl_check(dnnl_engine_create(&network->engine, dnnl_cpu, 0), "oneDNN", err);
    if (rc == GN_OK)
        rc = gn_dnnl_program_make(&network->fast, graph, network->engine, bf16, CAPACITY, err);
    if (rc == GN_OK && needs_exact(network))
        rc = gn_dnnl_program_make(&network->exact, graph, network->engine, false, EXACT_CAPACITY,
                                  err);
    return rc;
}

static void *create_network(const gn_model_t *model, const struct gn_network_options *options,
                            gn_error_t *err)
{
    enum gn_precision precision;
    if (options->isa != NULL) {
        gn_fail(err, GN_E_UNAVAILABLE, "the engine onednn chooses its instruction set itself");
        return NULL;
    }
    if (choose_precision(options->precision, &precision, err) != GN_OK)
        return NULL;
    struct dnnl_network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        gn_fail_memory(err, "the network");
        return NULL;
    }
    const dnnl_version_t *version = dnnl_version();
    network->precision = precision;
    network->fast_only = options->fast_only;
    network->image_size = gn_model_image_size(model);
    snprintf(network->description, sizeof network->description, "onednn %d.%d.%d %s",
             version->major, version->minor, version->patch, gn_precision_name(precision));
    const int threads = gn_dnnl_use_one_thread(); /* primitives are made for a number of threads */
    int rc = make_programs(network, model, err);
    gn_dnnl_restore_threads(threads);
    if (rc == GN_OK)
        return network;
    destroy_network(network);
    return NULL;
}

static enum gn_precision network_precision(const void *state)
{
    return ((const struct dnnl_network *)state)->precision;
}

static const char *describe(const void *state)
{
    return ((const struct dnnl_network *)state)->description;
}

static void destroy_worker(void *state)
{
    struct dnnl_worker *worker = state;
    gn_dnnl_worker_clear(&worker->fast);
    gn_dnnl_worker_clear(&worker->exact);
    free(worker->memory);
    free(worker->seconds);
    free(worker);
}

static void *create_worker(const void *state, gn_error_t *err)
{
    const struct dnnl_network *network = state;
    struct dnnl_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        gn_fail_memory(err, "inference");
        return NULL;
    }
    worker->network = network;
    size_t size = network->fast.memory_size;
    if (needs_exact(network) && network->exact.memory_size > size)
        size = network->exact.memory_size;
    worker->memory = aligned_alloc(GN_DNNL_LINE, size);
    if (worker->memory == NULL)
        gn_fail_memory(err, "inference");
    else if (gn_dnnl_worker_make(&worker->fast, &network->fast, network->engine, worker->memory,
                                 err) == GN_OK &&
             (!needs_exact(network) ||
              gn_dnnl_worker_make(&worker->exact, &network->exact, network->engine, worker->memory,
                                  err) == GN_OK))
        return worker;
    destroy_worker(worker);
    return NULL;
}

/* Computes the images of a group that are near a decision once more, in float32. */
static int decide(struct dnnl_worker *worker, const uint8_t *const *images, int n,
                  float (*logits)[3], float (*probabilities)[3], gn_error_t *err)
{
    const uint8_t *undecided[EXACT_CAPACITY];
    int which[EXACT_CAPACITY], n_undecided = 0;
    for (int i = 0; i < n; i++) {
        float exact_logits[EXACT_CAPACITY][3], exact[EXACT_CAPACITY][3];
        if (gn_near_decision(probabilities[i])) {
            undecided[n_undecided] = images[i];
            which[n_undecided++] = i;
        }
        if (n_undecided == 0 || (n_undecided < EXACT_CAPACITY && i + 1 < n))
            continue;
        int rc =
            gn_dnnl_worker_run(&worker->exact, undecided, n_undecided, exact_logits, exact, err);
        if (rc != GN_OK)
            return rc;
        for (int k = 0; k < n_undecided; k++) {
            memcpy(logits[which[k]], exact_logits[k], sizeof *logits);
            memcpy(probabilities[which[k]], exact[k], sizeof *probabilities);
        }
        worker->counts.recomputed += (uint64_t)n_undecided;
        worker->counts.near_decision += (uint64_t)n_undecided;
        n_undecided = 0;
    }
    return GN_OK;
}

static int run(void *state, const uint8_t *images, size_t n, float (*logits)[3],
               float (*probabilities)[3], gn_error_t *err)
{
    struct dnnl_worker *worker = state;
    int rc = GN_OK;
    for (size_t first = 0; first < n && rc == GN_OK; first += CAPACITY) {
        const uint8_t *group[CAPACITY];
        float own[CAPACITY][3], (*group_logits)[3] = logits == NULL ? own : logits + first;
        int count = (int)(n - first < CAPACITY ? n - first : CAPACITY);
        for (int i = 0; i < count; i++)
            group[i] = images + (first + (size_t)i) * worker->network->image_size;
        rc = gn_dnnl_worker_run(&worker->fast, group, count, group_logits, probabilities + first,
                                err);
        worker->counts.images += (uint64_t)count;
        if (rc == GN_OK && needs_exact(worker->network))
            rc = decide(worker, group, count, group_logits, probabilities + first, err);
    }
    return rc;
}

static int time_layers(void *state, bool on, gn_error_t *err)
{
    struct dnnl_worker *worker = state;
    free(worker->seconds);
    worker->seconds = NULL;
    if (on) {
        size_t n = (size_t)worker->fast.program->graph->n_layers;
        worker->seconds = calloc(n, sizeof *worker->seconds);
        if (worker->seconds == NULL)
            gn_fail_memory(err, "the times of the layers");
    }
    worker->fast.seconds = worker->exact.seconds = worker->seconds;
    return on && worker->seconds == NULL ? GN_E_MEMORY : GN_OK;
}

static double layer_seconds(const void *state, int layer)
{
    const struct dnnl_worker *worker = state;
    const struct gn_graph *graph = worker->fast.program->graph;
    return worker->seconds == NULL || layer < 0 || layer >= graph->n_layers
               ? 0.0
               : worker->seconds[layer];
}

static struct gn_infer_counts counts(const void *state)
{
    return ((const struct dnnl_worker *)state)->counts;
}

const struct gn_backend gn_backend_onednn = {
    create_network, destroy_network, network_precision, describe, NULL,
    NULL,           create_worker,   destroy_worker,    run,      time_layers,
    layer_seconds,  counts,
};
