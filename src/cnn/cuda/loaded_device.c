/* SPDX-License-Identifier: MIT
 *
 * loaded_device.c - puts a network on a device.
 */
#include "cnn/cuda/loaded_device.h"

#include "cnn/cuda/empty_maps.h"

/* Of what is free; the rest is for the work space of programs. */
static const double LARGEST_SHARE = 0.8;

int gn_loaded_device_open(struct gn_loaded_device *loaded, const struct gn_device_driver *driver,
                          const struct gn_device_info *info, gn_error_t *err)
{
    loaded->driver = driver;
    loaded->info = *info;
    gn_busy_clock_init(&loaded->clock);
    pthread_mutex_init(&loaded->lock, NULL);
    loaded->device = driver->open(info->number, err);
    return loaded->device == NULL ? err->code : GN_OK;
}

void gn_loaded_device_close(struct gn_loaded_device *loaded)
{
    const struct gn_device_driver *driver = loaded->driver;
    if (driver == NULL)
        return;
    for (int i = 0; i < GN_CUDA_LANES; i++)
        driver->close_lane(loaded->lanes[i]);
    for (int i = 0; i < GN_CUDA_PLANS; i++)
        driver->free_program(loaded->programs[i]);
    if (loaded->constants != NULL)
        driver->upload_free(loaded->device, loaded->constants);
    if (loaded->float32_constants != NULL)
        driver->upload_free(loaded->device, loaded->float32_constants);
    driver->close(loaded->device);
    gn_busy_clock_destroy(&loaded->clock);
    pthread_mutex_destroy(&loaded->lock);
    *loaded = (struct gn_loaded_device){.driver = NULL};
}

int gn_loaded_device_check_memory(const struct gn_loaded_device *loaded,
                                  const struct gn_cuda_plans *plans, gn_error_t *err)
{
    struct gn_device_info now = {0};
    int rc = loaded->driver->info(loaded->device, &now, err);
    if (rc != GN_OK || now.memory_free == 0) /* 0: unknown */
        return rc;
    const size_t per_image = plans->image_size + 3 * sizeof(float);
    const size_t lane = plans->activations_size + (size_t)gn_cuda_plans_batch(plans, 0) * per_image;
    const double need =
        GN_CUDA_LANES * (double)lane + (double)plans->fast.size + (double)plans->float32.size;
    if (need <= LARGEST_SHARE * (double)now.memory_free)
        return GN_OK;
    return gn_fail(err, GN_E_MEMORY, "needs %.0f MB, and work space, of %.0f MB that are free",
                   need / 1e6, (double)now.memory_free / 1e6);
}

static int upload_constants(struct gn_loaded_device *loaded, const struct gn_cuda_plans *plans,
                            const struct gn_host_constants *constants, gn_error_t *err)
{
    const struct gn_device_driver *driver = loaded->driver;
    const int all_rows = plans->groups.n - 1;
    if (plans->groups.n > 1) { /* there are cut plans */
        int rc = gn_cuda_fill_empty_maps(
            driver, loaded->device, plans->graph, &plans->fast, &plans->plans[all_rows],
            plans->precision == GN_PRECISION_TF32, constants->fast, err);
        if (rc != GN_OK)
            return rc;
    }
    loaded->constants = driver->upload(loaded->device, constants->fast, plans->fast.size, err);
    if (loaded->constants == NULL)
        return err->code;
    if (constants->float32 == NULL)
        return GN_OK;
    loaded->float32_constants =
        driver->upload(loaded->device, constants->float32, plans->float32.size, err);
    return loaded->float32_constants == NULL ? err->code : GN_OK;
}

static gn_device_program_t *make_program(const struct gn_loaded_device *loaded,
                                         const struct gn_cuda_plans *plans, int number,
                                         gn_error_t *err)
{
    const struct gn_cuda_plan *plan = &plans->plans[number];
    const struct gn_cuda_layout *layout = gn_cuda_plans_layout(plans, number);
    const struct gn_device_code code = {
        .steps = plan->steps,
        .n_steps = plan->n_steps,
        .batch = plan->options.batch,
        .type = layout->type,
        .tf32 = number < plans->groups.n && plans->precision == GN_PRECISION_TF32,
        .image_size = plans->image_size,
        .activations_size = plan->activations_size,
        .constants = layout == &plans->fast ? loaded->constants : loaded->float32_constants,
    };
    return loaded->driver->make_program(loaded->device, &code, err);
}

/* Lanes last: they take the work space that programs need, so that what does not fit shows now and not in a run. */
int gn_loaded_device_fill(struct gn_loaded_device *loaded, const struct gn_cuda_plans *plans,
                          const struct gn_host_constants *constants, gn_error_t *err)
{
    int rc = upload_constants(loaded, plans, constants, err);
    for (int i = 0; i < plans->n && rc == GN_OK; i++) {
        loaded->programs[i] = make_program(loaded, plans, i, err);
        rc = loaded->programs[i] == NULL ? err->code : GN_OK;
    }
    for (int i = 0; i < GN_CUDA_LANES && rc == GN_OK; i++) {
        loaded->lanes[i] = gn_loaded_device_open_lane(loaded, plans, err);
        rc = loaded->lanes[i] == NULL ? err->code : GN_OK;
    }
    return rc;
}

gn_device_lane_t *gn_loaded_device_open_lane(struct gn_loaded_device *loaded,
                                             const struct gn_cuda_plans *plans, gn_error_t *err)
{
    pthread_mutex_lock(&loaded->lock);
    gn_device_lane_t *lane =
        loaded->driver->open_lane(loaded->device, plans->activations_size, plans->image_size,
                                  gn_cuda_plans_batch(plans, 0), err);
    pthread_mutex_unlock(&loaded->lock);
    return lane;
}

void gn_loaded_device_close_lane(struct gn_loaded_device *loaded, gn_device_lane_t *lane)
{
    pthread_mutex_lock(&loaded->lock);
    loaded->driver->close_lane(lane);
    pthread_mutex_unlock(&loaded->lock);
}
