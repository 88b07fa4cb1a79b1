/* SPDX-License-Identifier: MIT
 *
 * infer.c - inference through one of the back ends of this build.
 */
#include "cnn/infer.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/backend.h"
#include "cnn/cuda/built_driver.h"

struct gn_network {
    const struct gn_backend *backend;
    void *state;
};

struct gn_infer {
    const struct gn_backend *backend;
    void *state;
};

static const struct {
    const char *name;
    const struct gn_backend *backend; /* NULL: not in this build, which is how to get one */
    const char *build;
} ENGINES[] = {
    {"cpu", &gn_backend_cpu, ""},
#ifdef GN_ONEDNN
    {"onednn", &gn_backend_onednn, ""},
#else
    {"onednn", NULL, "this build has no oneDNN: build with make ONEDNN=1"},
#endif
    {"cuda", &gn_backend_cuda, ""}, /* in every build; without CUDA its networks cannot be made */
};

static const struct gn_backend *find_engine(const char *name, gn_error_t *err)
{
    if (name == NULL)
        return &gn_backend_cpu;
    for (size_t i = 0; i < sizeof ENGINES / sizeof ENGINES[0]; i++)
        if (strcmp(name, ENGINES[i].name) == 0) {
            if (ENGINES[i].backend == NULL)
                gn_fail(err, GN_E_UNAVAILABLE, "%s", ENGINES[i].build);
            return ENGINES[i].backend;
        }
    gn_fail(err, GN_E_USAGE, "'%s' is no engine: say cpu, onednn or cuda", name);
    return NULL;
}

bool gn_engine_is_built(const char *name)
{
    const struct gn_backend *backend = find_engine(name, NULL);
    return backend != NULL && (backend != &gn_backend_cuda || gn_cuda_driver(NULL) != NULL);
}

gn_network_t *gn_network_create(const gn_model_t *model, const struct gn_network_options *options,
                                gn_error_t *err)
{
    static const struct gn_network_options defaults = {.precision = GN_PRECISION_AUTO};
    if (options == NULL)
        options = &defaults;
    const struct gn_backend *backend = find_engine(options->engine, err);
    if (backend == NULL)
        return NULL;
    gn_network_t *network = calloc(1, sizeof *network);
    if (network == NULL) {
        gn_fail_memory(err, "the network");
        return NULL;
    }
    network->backend = backend;
    network->state = backend->create_network(model, options, err);
    if (network->state == NULL) {
        free(network);
        return NULL;
    }
    return network;
}

void gn_network_destroy(gn_network_t *network)
{
    if (network == NULL)
        return;
    network->backend->destroy_network(network->state);
    free(network);
}

enum gn_precision gn_network_precision(const gn_network_t *network)
{
    return network->backend->precision(network->state);
}

const char *gn_network_describe(const gn_network_t *network)
{
    return network->backend->describe(network->state);
}

const char *gn_network_warning(const gn_network_t *network)
{
    return network->backend->warning == NULL ? NULL : network->backend->warning(network->state);
}

double gn_network_busy_share(const gn_network_t *network)
{
    return network->backend->busy_share == NULL ? -1.0
                                                : network->backend->busy_share(network->state);
}

gn_infer_t *gn_infer_create(const gn_network_t *network, gn_error_t *err)
{
    gn_infer_t *infer = calloc(1, sizeof *infer);
    if (infer == NULL) {
        gn_fail_memory(err, "inference");
        return NULL;
    }
    infer->backend = network->backend;
    infer->state = infer->backend->create_worker(network->state, err);
    if (infer->state == NULL) {
        free(infer);
        return NULL;
    }
    return infer;
}

int gn_infer_run_logits(gn_infer_t *infer, const uint8_t *images, size_t n, float (*logits)[3],
                        float (*probabilities)[3], gn_error_t *err)
{
    return infer->backend->run(infer->state, images, n, logits, probabilities, err);
}

int gn_infer_run(gn_infer_t *infer, const uint8_t *images, size_t n, float (*probabilities)[3],
                 gn_error_t *err)
{
    return infer->backend->run(infer->state, images, n, NULL, probabilities, err);
}

void gn_infer_destroy(gn_infer_t *infer)
{
    if (infer == NULL)
        return;
    infer->backend->destroy_worker(infer->state);
    free(infer);
}

int gn_infer_time_layers(gn_infer_t *infer, bool on, gn_error_t *err)
{
    return infer->backend->time_layers(infer->state, on, err);
}

double gn_infer_layer_seconds(const gn_infer_t *infer, int layer)
{
    return infer->backend->layer_seconds(infer->state, layer);
}

struct gn_infer_counts gn_infer_counts(const gn_infer_t *infer)
{
    return infer->backend->counts(infer->state);
}
