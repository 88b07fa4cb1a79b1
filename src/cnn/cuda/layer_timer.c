/* SPDX-License-Identifier: MIT
 *
 * layer_timer.c - seconds per step, read per layer.
 */
#include "cnn/cuda/layer_timer.h"

#include <stdlib.h>
#include <string.h>

struct gn_layer_timer {
    struct gn_loaded_device *device;
    gn_device_lane_t *lane;
    gn_device_program_t *program;
    const struct gn_cuda_plan *plan;
    size_t image_size;
    double *seconds; /* per step */
};

gn_layer_timer_t *gn_layer_timer_create(const struct gn_cuda_network *network, gn_error_t *err)
{
    const struct gn_cuda_plans *plans = &network->plans;
    const int all_rows = plans->groups.n - 1;
    gn_layer_timer_t *timer = calloc(1, sizeof *timer);
    if (timer == NULL) {
        gn_fail_memory(err, "the times of the layers");
        return NULL;
    }
    timer->device = &network->devices[0];
    timer->program = timer->device->programs[all_rows];
    timer->plan = &plans->plans[all_rows];
    timer->image_size = network->image_size;
    timer->seconds = calloc((size_t)timer->plan->n_steps, sizeof *timer->seconds);
    if (timer->seconds == NULL)
        gn_fail_memory(err, "the times of the layers");
    else if ((timer->lane = gn_loaded_device_open_lane(timer->device, plans, err)) != NULL)
        return timer;
    gn_layer_timer_destroy(timer);
    return NULL;
}

void gn_layer_timer_destroy(gn_layer_timer_t *timer)
{
    if (timer == NULL)
        return;
    gn_loaded_device_close_lane(timer->device, timer->lane);
    free(timer->seconds);
    free(timer);
}

int gn_layer_timer_run(gn_layer_timer_t *timer, const uint8_t *images, size_t n, gn_error_t *err)
{
    const struct gn_device_driver *driver = timer->device->driver;
    const size_t batch = (size_t)timer->plan->options.batch;
    int rc = GN_OK;
    for (size_t first = 0; first < n && rc == GN_OK; first += batch) {
        size_t count = n - first < batch ? n - first : batch;
        memcpy(driver->lane_images(timer->lane), images + first * timer->image_size,
               count * timer->image_size);
        rc = driver->time_steps(timer->lane, timer->program, timer->seconds, err);
    }
    return rc;
}

double gn_layer_timer_seconds(const gn_layer_timer_t *timer, int layer)
{
    double seconds = 0.0;
    for (int s = 0; s < timer->plan->n_steps; s++)
        if (timer->plan->steps[s].layer == layer)
            seconds += timer->seconds[s];
    return seconds;
}
