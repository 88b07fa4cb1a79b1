/* SPDX-License-Identifier: MIT
 *
 * empty_maps.c - runs the steps up to each map on an image of zeros and reads it.
 */
#include "cnn/cuda/empty_maps.h"

#include <stdlib.h>
#include <string.h>

/* What computes the maps. */
struct run {
    const struct gn_device_driver *driver;
    gn_device_t *device;
    gn_device_lane_t *lane;
    struct gn_device_code code;
};

static int compute(const struct run *run, gn_error_t *err)
{
    const float(*logits)[3];
    gn_device_program_t *program = run->driver->make_program(run->device, &run->code, err);
    if (program == NULL)
        return err->code;
    memset(run->driver->lane_images(run->lane), 0, run->code.image_size);
    int rc = run->driver->launch(run->lane, program, 1, err);
    if (rc == GN_OK)
        rc = run->driver->wait(run->lane, &logits, err);
    run->driver->free_program(program);
    return rc;
}

/* Reads a map of the lane's first image; what lies beside a slice is left out. */
static int read_map(const struct run *run, const struct gn_device_map *map, unsigned char *to,
                    gn_error_t *err)
{
    const size_t number = gn_device_type_size(run->code.type);
    const size_t pixels = (size_t)map->height * (size_t)map->width;
    const size_t pitch = (size_t)map->pitch * number, line = (size_t)map->channels * number;
    const size_t size = (pixels - 1) * pitch + line;
    unsigned char *read = malloc(size);
    if (read == NULL)
        return gn_fail_memory(err, "the maps of the empty image");
    int rc = run->driver->read_activations(run->lane, map->offset, read, size, err);
    for (size_t i = 0; i < pixels && rc == GN_OK; i++)
        memcpy(to + i * line, read + i * pitch, line);
    free(read);
    return rc;
}

static int fill(struct run *run, const struct gn_graph *graph, const struct gn_cuda_layout *layout,
                const struct gn_cuda_plan *whole, unsigned char *constants, gn_error_t *err)
{
    int rc = GN_OK;
    for (int t = 0; t < graph->n_tensors && rc == GN_OK; t++) {
        struct gn_device_map map;
        if (layout->empty[t] == GN_CUDA_NO_PLACE)
            continue;
        const int last = gn_cuda_plan_find(whole, graph, t, &map);
        if (last < 0)
            return gn_fail(err, GN_E_INTERNAL, "no step makes the map of layer '%s'",
                           graph->tensors[t].name);
        run->code.n_steps = last + 1; /* later steps would use its memory again */
        rc = compute(run, err);
        if (rc == GN_OK)
            rc = read_map(run, &map, constants + layout->empty[t], err);
    }
    return rc;
}

int gn_cuda_fill_empty_maps(const struct gn_device_driver *driver, gn_device_t *device,
                            const struct gn_graph *graph, const struct gn_cuda_layout *layout,
                            const struct gn_cuda_plan *whole, bool tf32, unsigned char *constants,
                            gn_error_t *err)
{
    const struct gn_tensor *image = &graph->tensors[0];
    struct run run = {
        .driver = driver,
        .device = device,
        .code = {.steps = whole->steps,
                 .batch = whole->options.batch,
                 .type = layout->type,
                 .tf32 = tf32,
                 .image_size =
                     (size_t)image->height * (size_t)image->width * (size_t)image->channels,
                 .activations_size = whole->activations_size},
    };
    gn_error_t ignored = {0};
    err = err == NULL ? &ignored : err;
    void *uploaded = driver->upload(device, constants, layout->size, err);
    run.code.constants = uploaded;
    if (uploaded != NULL)
        run.lane = driver->open_lane(device, run.code.activations_size, run.code.image_size,
                                     run.code.batch, err);
    int rc = run.lane == NULL ? err->code : fill(&run, graph, layout, whole, constants, err);
    driver->close_lane(run.lane);
    driver->upload_free(device, uploaded);
    return rc;
}
