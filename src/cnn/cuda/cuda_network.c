/* SPDX-License-Identifier: MIT
 *
 * cuda_network.c - the order in which a network is set up, and how large its batches are.
 */
#include "cnn/cuda/cuda_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/steady_clock.h"

/* Where halving starts and ends unless a batch is asked for, and the most that may be. */
enum { LARGEST_BATCH = 512, SMALLEST_BATCH = 8, MOST_ASKED_FOR = 1 << 14 };

static int check_options(const struct gn_network_options *options, gn_error_t *err)
{
    if (options->isa != NULL)
        return gn_fail(err, GN_E_UNAVAILABLE, "GPUs have no instruction sets to choose from");
    if (options->device_batch < 0 || options->device_batch > MOST_ASKED_FOR)
        return gn_fail(err, GN_E_USAGE, "a batch of %d images on a GPU: say 1 to %d, or 0",
                       options->device_batch, MOST_ASKED_FOR);
    return GN_OK;
}

/* Puts plans for network->batch on all devices. Which one had no room: *at. */
static int try_batch(struct gn_cuda_network *network, const struct gn_host_constants *constants,
                     bool is_asked_for, int *at, gn_error_t *err)
{
    *at = 0;
    int rc = gn_cuda_plans_set_batch(&network->plans, network->batch, err);
    for (int i = 0; i < network->n_devices && rc == GN_OK; i++) {
        struct gn_loaded_device *device = &network->devices[i];
        *at = i;
        rc = gn_loaded_device_open(device, network->driver, &network->chosen[i], err);
        if (rc == GN_OK && !is_asked_for)
            rc = gn_loaded_device_check_memory(device, &network->plans, err);
        if (rc == GN_OK)
            rc = gn_loaded_device_fill(device, &network->plans, constants, err);
    }
    return rc;
}

static void close_devices(struct gn_cuda_network *network)
{
    for (int i = 0; i < network->n_devices && network->devices != NULL; i++)
        gn_loaded_device_close(&network->devices[i]);
}

/* A batch that was asked for is tried as it is, else one that leaves memory for work space; what finds no room is halved. Devices
 * are opened anew then, so that nothing is left of the larger batch. */
static int fit_batch(struct gn_cuda_network *network, const struct gn_host_constants *constants,
                     int asked, gn_error_t *err)
{
    const int wanted = asked > 0 ? asked : LARGEST_BATCH;
    const int smallest = wanted < SMALLEST_BATCH ? wanted : SMALLEST_BATCH;
    const struct gn_device_info *small = network->chosen;
    int at, rc;
    network->batch = wanted;
    while ((rc = try_batch(network, constants, asked > 0, &at, err)) == GN_E_MEMORY) {
        small = &network->chosen[at];
        if (network->batch / 2 < smallest)
            break;
        close_devices(network);
        network->batch /= 2;
    }
    if (rc == GN_OK && network->batch < wanted)
        snprintf(network->warning, sizeof network->warning,
                 "the GPU %d (%s) has little free memory: batches of %d images instead of %d",
                 small->number, small->name, network->batch, wanted);
    if (rc == GN_E_MEMORY) {
        gn_error_t why = *err;
        gn_fail(err, rc,
                "the GPU %d (%s) has too little free memory for batches of %d images: end other "
                "programs on it, name another GPU, or use --device cpu (%.400s)",
                small->number, small->name, network->batch, why.message);
    }
    return rc;
}

static int put_on_devices(struct gn_cuda_network *network, int asked, gn_error_t *err)
{
    const struct gn_cuda_plans *plans = &network->plans;
    network->devices = calloc((size_t)network->n_devices, sizeof *network->devices);
    if (network->devices == NULL)
        return gn_fail_memory(err, "the GPUs");
    struct gn_host_constants constants = {gn_cuda_constants_make(&plans->fast, plans->graph, err)};
    int rc = constants.fast == NULL ? err->code : GN_OK;
    if (rc == GN_OK && plans->float32.size > 0) {
        constants.float32 = gn_cuda_constants_make(&plans->float32, plans->graph, err);
        rc = constants.float32 == NULL ? err->code : GN_OK;
    }
    if (rc == GN_OK)
        rc = fit_batch(network, &constants, asked, err);
    free(constants.fast);
    free(constants.float32);
    return rc;
}

static int start_lanes(struct gn_cuda_network *network, gn_error_t *err)
{
    const struct gn_cuda_plans *plans = &network->plans;
    int capacities[GN_CUDA_PLANS];
    for (int i = 0; i < plans->n; i++)
        capacities[i] = gn_cuda_plans_batch(plans, i);
    network->queue = gn_image_queue_create(capacities, plans->n, plans->groups.n, err);
    if (network->queue == NULL)
        return err->code;
    const int n_lanes = network->n_devices * GN_CUDA_LANES;
    network->lanes = calloc((size_t)n_lanes, sizeof *network->lanes);
    if (network->lanes == NULL)
        return gn_fail_memory(err, "the lanes of the GPUs");
    for (int i = 0; i < n_lanes; i++) {
        struct gn_loaded_device *device = &network->devices[i / GN_CUDA_LANES];
        struct gn_lane_thread *lane = &network->lanes[i];
        *lane = (struct gn_lane_thread){.device = device,
                                        .lane = device->lanes[i % GN_CUDA_LANES],
                                        .plans = plans,
                                        .queue = network->queue};
        int rc = gn_lane_thread_start(lane, err);
        if (rc != GN_OK)
            return rc;
        network->n_lanes++;
    }
    return GN_OK;
}

/* "cuda 2 x NVIDIA H200 float16, batches of 512"; GPUs of other names follow with commas. */
static void write_description(struct gn_cuda_network *network)
{
    char *text = network->description;
    const size_t size = sizeof network->description;
    size_t used = (size_t)snprintf(text, size, "%s", network->driver->name);
    for (int i = 0; i < network->n_devices && used < size; i++) {
        const char *name = network->chosen[i].name;
        int same = 0, earlier = 0;
        for (int k = 0; k < network->n_devices; k++) {
            same += strcmp(network->chosen[k].name, name) == 0;
            earlier += k < i && strcmp(network->chosen[k].name, name) == 0;
        }
        if (earlier > 0)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s ", i > 0 ? "," : "");
        if (same > 1 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%d x ", same);
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s", name);
    }
    if (used < size)
        snprintf(text + used, size - used, " %s, batches of %d",
                 gn_precision_name(network->plans.precision), network->batch);
}

static int set_up(struct gn_cuda_network *network, const gn_model_t *model,
                  const struct gn_network_options *options, gn_error_t *err)
{
    int rc = check_options(options, err);
    if (rc == GN_OK)
        rc = gn_cuda_choose_devices(network->driver, options->devices, network->chosen,
                                    &network->n_devices, err);
    if (rc == GN_OK)
        rc =
            gn_cuda_plans_make(&network->plans, model, options, network->driver->channel_unit, err);
    if (rc == GN_OK)
        rc = put_on_devices(network, options->device_batch, err);
    if (rc == GN_OK)
        rc = start_lanes(network, err);
    return rc;
}

struct gn_cuda_network *gn_cuda_network_create(const struct gn_device_driver *driver,
                                               const gn_model_t *model,
                                               const struct gn_network_options *options,
                                               gn_error_t *err)
{
    gn_error_t failure = {0}; /* err may be NULL */
    struct gn_cuda_network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        gn_fail_memory(err, "the network");
        return NULL;
    }
    network->driver = driver;
    network->height = gn_model_height(model);
    network->image_size = gn_model_image_size(model);
    network->row_size = network->image_size / (size_t)network->height;
    if (set_up(network, model, options, &failure) != GN_OK) {
        gn_fail(err, failure.code, "%s", failure.message);
        gn_cuda_network_destroy(network);
        return NULL;
    }
    write_description(network);
    network->start = gn_steady_seconds();
    return network;
}

void gn_cuda_network_destroy(struct gn_cuda_network *network)
{
    if (network->queue != NULL)
        gn_image_queue_stop(network->queue);
    for (int i = 0; i < network->n_lanes; i++)
        gn_lane_thread_join(&network->lanes[i]);
    gn_image_queue_destroy(network->queue);
    close_devices(network);
    gn_cuda_plans_clear(&network->plans);
    free(network->lanes);
    free(network->devices);
    free(network);
}
