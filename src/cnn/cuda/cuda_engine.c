/* SPDX-License-Identifier: MIT
 *
 * cuda_engine.c - the CUDA back end: workers that put their images into the network's queue and wait.
 *
 * An image whose two best classes are close, or whose sums went beyond the number type, is computed once more in float32.
 * How many filled rows an image has decides which plan computes it, so that its results depend on nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/backend.h"
#include "cnn/cuda/built_driver.h"
#include "cnn/cuda/cuda_network.h"
#include "cnn/cuda/layer_timer.h"
#include "cnn/filled_rows.h"
#include "cnn/steady_clock.h"

/* Images of one call. What they take here is a thousandth of their pixels. */
static const size_t MOST_IMAGES = (size_t)1 << 24;

struct cuda_worker {
    const struct gn_cuda_network *network;
    struct gn_queued_image *images; /* of the call under way */
    size_t images_cap;
    struct gn_infer_counts counts;
    gn_layer_timer_t *timer; /* NULL: layers are not timed */
};

static void *create_network(const gn_model_t *model, const struct gn_network_options *options,
                            gn_error_t *err)
{
    const struct gn_device_driver *driver = gn_cuda_driver(err);
    return driver == NULL ? NULL : gn_cuda_network_create(driver, model, options, err);
}

static void destroy_network(void *state)
{
    gn_cuda_network_destroy(state);
}

static enum gn_precision network_precision(const void *state)
{
    return ((const struct gn_cuda_network *)state)->plans.precision;
}

static const char *describe(const void *state)
{
    return ((const struct gn_cuda_network *)state)->description;
}

static const char *warning(const void *state)
{
    const struct gn_cuda_network *network = state;
    return network->warning[0] == '\0' ? NULL : network->warning;
}

static double busy_share(const void *state)
{
    const struct gn_cuda_network *network = state;
    const double elapsed = gn_steady_seconds() - network->start;
    double busy = 0.0;
    for (int i = 0; i < network->n_devices; i++)
        busy += gn_busy_clock_seconds(&network->devices[i].clock);
    const double share = elapsed > 0.0 ? busy / (network->n_devices * elapsed) : 0.0;
    return share < 1.0 ? share : 1.0;
}

static void *create_worker(const void *state, gn_error_t *err)
{
    struct cuda_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        gn_fail_memory(err, "inference");
    else
        worker->network = state;
    return worker;
}

static void destroy_worker(void *state)
{
    struct cuda_worker *worker = state;
    gn_layer_timer_destroy(worker->timer);
    free(worker->images);
    free(worker);
}

/* Sorts the images into groups. */
static int prepare(struct cuda_worker *worker, const uint8_t *pixels, size_t n, gn_error_t *err)
{
    const struct gn_cuda_network *network = worker->network;
    struct gn_queued_image *images =
        gn_reserve(worker->images, &worker->images_cap, n, sizeof *images, MOST_IMAGES,
                   "the images of a call", err);
    if (images == NULL)
        return GN_E_MEMORY;
    worker->images = images;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *image = pixels + i * network->image_size;
        int rows = gn_filled_rows(image, network->height, network->row_size);
        images[i] = (struct gn_queued_image){.pixels = image,
                                             .group = gn_row_group(&network->plans.groups, rows)};
    }
    return GN_OK;
}

static void take_results(struct cuda_worker *worker, size_t n, float (*logits)[3],
                         float (*probabilities)[3])
{
    for (size_t i = 0; i < n; i++) {
        const struct gn_queued_image *image = &worker->images[i];
        if (logits != NULL)
            memcpy(logits[i], image->logits, sizeof *logits);
        memcpy(probabilities[i], image->probabilities, sizeof *probabilities);
        worker->counts.near_decision += image->near_decision;
        worker->counts.saturated += image->saturated;
        worker->counts.recomputed += image->near_decision || image->saturated;
    }
    worker->counts.images += n;
}

static int run(void *state, const uint8_t *pixels, size_t n, float (*logits)[3],
               float (*probabilities)[3], gn_error_t *err)
{
    struct cuda_worker *worker = state;
    gn_image_queue_t *queue = worker->network->queue;
    if (n == 0)
        return GN_OK;
    int rc = prepare(worker, pixels, n, err);
    if (rc == GN_OK && worker->timer != NULL)
        rc = gn_layer_timer_run(worker->timer, pixels, n, err);
    if (rc != GN_OK)
        return rc;
    struct gn_image_request request = {.images = worker->images, .n = n};
    gn_image_queue_put(queue, &request);
    rc = gn_image_queue_wait(queue, &request, err);
    if (rc == GN_OK)
        take_results(worker, n, logits, probabilities);
    return rc;
}

static int time_layers(void *state, bool on, gn_error_t *err)
{
    struct cuda_worker *worker = state;
    gn_layer_timer_destroy(worker->timer);
    worker->timer = on ? gn_layer_timer_create(worker->network, err) : NULL;
    return on && worker->timer == NULL ? GN_E_MEMORY : GN_OK;
}

static double layer_seconds(const void *state, int layer)
{
    const struct cuda_worker *worker = state;
    return worker->timer == NULL ? 0.0 : gn_layer_timer_seconds(worker->timer, layer);
}

static struct gn_infer_counts counts(const void *state)
{
    return ((const struct cuda_worker *)state)->counts;
}

const struct gn_backend gn_backend_cuda = {
    create_network, destroy_network, network_precision, describe, warning,
    busy_share,     create_worker,   destroy_worker,    run,      time_layers,
    layer_seconds,  counts,
};
