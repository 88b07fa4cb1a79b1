/* SPDX-License-Identifier: MIT
 *
 * stub_device.h - devices of plain loops in host memory, behind the driver table of cnn/cuda/device.h: they compute what
 * a GPU would, refuse what it would not take, count what they are asked for, and fail when a test wants it.
 *
 * Activations and logits start each run as NaN, so that what is read before it is written shows. stub_world.h says what
 * a test can ask for and see.
 */
#ifndef GN_TESTS_STUB_DEVICE_H
#define GN_TESTS_STUB_DEVICE_H

#include <time.h>

#include "stub_checks.h"
#include "stub_steps.h"
#include "stub_world.h"

struct gn_device {
    int number, lanes, programs;
};

struct gn_device_program {
    struct gn_device *device;
    struct gn_device_code code;
    struct gn_device_step *steps;
    int running;
};

struct gn_device_lane {
    struct gn_device *device;
    unsigned char *activations;
    uint8_t *images;
    float (*logits)[3];
    size_t activations_size, image_size, charged;
    int batch, n; /* images of the run that was launched; 0: none */
    struct gn_device_program *program;
    int rc; /* of a run in launch() */
    gn_error_t error;
    double seconds;
};

static inline void stub_describe(char *text, size_t size)
{
    snprintf(text, size, "stub runtime 1.0");
}

static inline void stub_fill_info(int number, struct gn_device_info *info)
{
    const struct stub_settings *settings = &stub.devices[number];
    *info = (struct gn_device_info){
        .number = number,
        .compute_major = 9,
        .memory_total = settings->memory,
        .memory_free = settings->memory - settings->used,
        .multiprocessors = 1,
        .usable = settings->reason == NULL,
    };
    snprintf(info->name, sizeof info->name, "stub %d", number);
    snprintf(info->reason, sizeof info->reason, "%s",
             settings->reason == NULL ? "" : settings->reason);
}

static inline int stub_list(struct gn_device_info *infos, int max, int *n, gn_error_t *err)
{
    *n = 0;
    if (stub.unreachable != NULL)
        return gn_fail(err, GN_E_UNAVAILABLE, "%s", stub.unreachable);
    pthread_mutex_lock(&stub.mutex);
    for (; *n < max && *n < stub.n_devices; ++*n)
        stub_fill_info(*n, &infos[*n]);
    pthread_mutex_unlock(&stub.mutex);
    return GN_OK;
}

static inline gn_device_t *stub_open(int number, gn_error_t *err)
{
    if (number < 0 || number >= stub.n_devices || stub.devices[number].reason != NULL) {
        gn_fail(err, GN_E_UNAVAILABLE, "device %d: %s", number,
                number < 0 || number >= stub.n_devices ? "there is none"
                                                       : stub.devices[number].reason);
        return NULL;
    }
    struct gn_device *device = calloc(1, sizeof *device);
    if (device == NULL)
        abort();
    device->number = number;
    stub_count(&stub.open_devices, 1);
    stub_count(&stub.devices[number].opened, 1);
    return device;
}

static inline void stub_close(gn_device_t *device)
{
    if (device == NULL)
        return;
    if (device->lanes > 0 || device->programs > 0)
        stub_misuse("close() of a device with lanes or programs", NULL);
    stub_count(&stub.open_devices, -1);
    free(device);
}

static inline int stub_info(gn_device_t *device, struct gn_device_info *info, gn_error_t *err)
{
    (void)err;
    pthread_mutex_lock(&stub.mutex);
    stub_fill_info(device->number, info);
    pthread_mutex_unlock(&stub.mutex);
    return GN_OK;
}

static inline void *stub_upload(gn_device_t *device, const void *from, size_t size, gn_error_t *err)
{
    if (stub_take(device->number, size, "constants", err) != GN_OK)
        return NULL;
    void *memory = malloc(size);
    pthread_mutex_lock(&stub.mutex);
    if (memory == NULL || stub.n_uploads == STUB_MOST_UPLOADS)
        abort();
    stub.uploads[stub.n_uploads++] = (struct stub_upload){memory, size, device->number};
    pthread_mutex_unlock(&stub.mutex);
    return memcpy(memory, from, size);
}

static inline void stub_upload_free(gn_device_t *device, void *memory)
{
    struct stub_upload upload = stub_find_upload(memory, true);
    if (memory == NULL)
        return;
    if (upload.memory == NULL || upload.device != device->number)
        stub_misuse("upload_free() of what was not uploaded to this device", NULL);
    else
        stub_give(device->number, upload.size);
    free(upload.memory);
}

static inline gn_device_lane_t *stub_open_lane(gn_device_t *device, size_t activations_size,
                                               size_t image_size, int batch, gn_error_t *err)
{
    size_t size = activations_size + (size_t)batch * (image_size + 3 * sizeof(float));
    if (batch < 1 || activations_size == 0 || image_size == 0) {
        stub_misuse("open_lane() of nothing", err);
        return NULL;
    }
    if (stub_take(device->number, size, "activations", err) != GN_OK)
        return NULL;
    struct gn_device_lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        abort();
    *lane = (struct gn_device_lane){device,
                                    malloc(activations_size),
                                    calloc((size_t)batch, image_size),
                                    calloc((size_t)batch, sizeof *lane->logits),
                                    activations_size,
                                    image_size,
                                    size,
                                    batch};
    if (lane->activations == NULL || lane->images == NULL || lane->logits == NULL)
        abort();
    stub_count(&stub.open_lanes, 1);
    stub_count(&device->lanes, 1);
    return lane;
}

static inline void stub_close_lane(gn_device_lane_t *lane)
{
    if (lane == NULL)
        return;
    if (lane->n > 0) /* a GPU would wait for it */
        stub_count(&lane->program->running, -1);
    stub_give(lane->device->number, lane->charged);
    stub_count(&lane->device->lanes, -1);
    stub_count(&stub.open_lanes, -1);
    free(lane->activations);
    free(lane->images);
    free(lane->logits);
    free(lane);
}

static inline uint8_t *stub_lane_images(gn_device_lane_t *lane)
{
    return lane->images;
}

/* GN_OK, or what a GPU would refuse. */
static inline int stub_check_code(const gn_device_t *device, const struct gn_device_code *code,
                                  gn_error_t *err);

static inline gn_device_program_t *
stub_make_program(gn_device_t *device, const struct gn_device_code *code, gn_error_t *err)
{
    if (stub_check_code(device, code, err) != GN_OK ||
        stub_take(device->number, stub.program_memory, "work space", err) != GN_OK)
        return NULL;
    struct gn_device_program *program = calloc(1, sizeof *program);
    if (program == NULL)
        abort();
    *program = (struct gn_device_program){device, *code,
                                          calloc((size_t)code->n_steps, sizeof *program->steps), 0};
    if (program->steps == NULL)
        abort();
    memcpy(program->steps, code->steps, (size_t)code->n_steps * sizeof *program->steps);
    program->code.steps = program->steps;
    stub_count(&stub.programs_made, 1);
    stub_count(&stub.open_programs, 1);
    stub_count(&device->programs, 1);
    return program;
}

static inline void stub_free_program(gn_device_program_t *program)
{
    if (program == NULL)
        return;
    if (program->running > 0)
        stub_misuse("free_program() of a program that a lane runs", NULL);
    stub_give(program->device->number, stub.program_memory);
    stub_count(&program->device->programs, -1);
    stub_count(&stub.open_programs, -1);
    free(program->steps);
    free(program);
}

static inline double stub_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Computes the n images of a lane; step by step, as a GPU does. */
static inline void stub_compute(gn_device_lane_t *lane, const struct gn_device_program *program,
                                int n, double *seconds)
{
    const struct gn_device_code *code = &program->code;
    memset(lane->activations, 0xff, lane->activations_size); /* NaN in all types */
    memset(lane->logits, 0xff, (size_t)lane->batch * sizeof *lane->logits);
    for (int s = 0; s < code->n_steps; s++) {
        double start = stub_now();
        for (int i = 0; i < n; i++)
            stub_run_step(&code->steps[s], code, lane->images + (size_t)i * lane->image_size,
                          lane->activations, i, lane->logits[i]);
        lane->seconds += stub_now() - start;
        if (seconds != NULL)
            seconds[s] += stub_now() - start;
    }
}

/* Counts a run and computes it, unless it is one that shall fail. */
static inline int stub_run(gn_device_lane_t *lane, gn_error_t *err)
{
    int number = lane->device->number;
    struct stub_settings *settings = &stub.devices[number];
    pthread_mutex_lock(&stub.mutex);
    bool fails = settings->launches_left <= 0;
    if (!fails) {
        int at = stub.launches++;
        settings->launches_left--;
        settings->launches++;
        stub.images += (uint64_t)lane->n;
        settings->images += (uint64_t)lane->n;
        if (at < STUB_MOST_BATCHES) {
            stub.batches[at].n = lane->n;
            stub.batches[at].batch = lane->program->code.batch;
            stub.batches[at].device = number;
        }
    }
    pthread_mutex_unlock(&stub.mutex);
    if (fails)
        return gn_fail(err, GN_E_INTERNAL, "device %d: the launch failed", number);
    stub_compute(lane, lane->program, lane->n, NULL);
    return GN_OK;
}

static inline int stub_launch(gn_device_lane_t *lane, gn_device_program_t *program, int n,
                              gn_error_t *err)
{
    const struct gn_device_code *code = &program->code;
    if (lane->n > 0)
        return stub_misuse("launch() on a lane that runs", err);
    if (n < 1 || n > code->batch || code->batch > lane->batch)
        return stub_misuse("launch() of more images than there is room for", err);
    if (program->device != lane->device || code->image_size != lane->image_size ||
        code->activations_size > lane->activations_size)
        return stub_misuse("launch() of a program that is too large for its lane", err);
    lane->n = n;
    lane->program = program;
    lane->rc = GN_OK;
    stub_count(&program->running, 1);
    if (stub.run_in_wait)
        return GN_OK;
    int rc = stub_run(lane, err);
    if (rc != GN_OK) {
        lane->n = 0;
        stub_count(&program->running, -1);
    }
    return rc;
}

static inline int stub_wait(gn_device_lane_t *lane, const float (**logits)[3], gn_error_t *err)
{
    if (lane->n == 0)
        return stub_misuse("wait() without launch()", err);
    int rc = stub.run_in_wait ? stub_run(lane, err) : GN_OK;
    stub_count(&lane->program->running, -1);
    lane->n = 0;
    *logits = (const float(*)[3])lane->logits;
    return rc;
}

static inline int stub_read_activations(gn_device_lane_t *lane, size_t offset, void *to,
                                        size_t size, gn_error_t *err)
{
    if (lane->n > 0)
        return stub_misuse("read_activations() of a lane that runs", err);
    if (size > lane->activations_size || offset > lane->activations_size - size)
        return stub_misuse("read_activations() beyond their end", err);
    memcpy(to, lane->activations + offset, size);
    return GN_OK;
}

static inline double stub_busy_seconds(const gn_device_lane_t *lane)
{
    return lane->seconds;
}

static inline int stub_time_steps(gn_device_lane_t *lane, gn_device_program_t *program,
                                  double *seconds, gn_error_t *err)
{
    if (lane->n > 0 || program->code.batch > lane->batch)
        return stub_misuse("time_steps() on a lane that runs or is too small", err);
    stub_compute(lane, program, program->code.batch, seconds);
    return GN_OK;
}

/* Not const: a test may choose another channel unit. */
static struct gn_device_driver stub_driver = {
    .name = "stub",
    .channel_unit = 8,
    .describe = stub_describe,
    .list = stub_list,
    .open = stub_open,
    .close = stub_close,
    .info = stub_info,
    .upload = stub_upload,
    .upload_free = stub_upload_free,
    .open_lane = stub_open_lane,
    .close_lane = stub_close_lane,
    .lane_images = stub_lane_images,
    .make_program = stub_make_program,
    .free_program = stub_free_program,
    .launch = stub_launch,
    .wait = stub_wait,
    .read_activations = stub_read_activations,
    .busy_seconds = stub_busy_seconds,
    .time_steps = stub_time_steps,
};

static inline int stub_check_code(const gn_device_t *device, const struct gn_device_code *code,
                                  gn_error_t *err)
{
    struct stub_upload constants = stub_find_upload(code->constants, false);
    int unit = stub_driver.channel_unit / (code->type == GN_DEVICE_FLOAT32 ? 2 : 1);
    int classifications = 0;
    if (code->n_steps < 1 || code->batch < 1)
        return stub_misuse("a program of nothing", err);
    if (constants.memory == NULL || constants.device != device->number)
        return stub_misuse("a program whose constants are not on its device", err);
    for (int s = 0; s < code->n_steps; s++) {
        const char *wrong =
            stub_check_step(code, &code->steps[s], unit < 1 ? 1 : unit, constants.size);
        classifications += code->steps[s].op == GN_DEVICE_CLASSIFY;
        if (wrong != NULL) {
            stub_misuse("a program with a step that no GPU takes", NULL);
            return gn_fail(err, GN_E_INTERNAL, "stub device: step %d (layer %d) has %s", s,
                           code->steps[s].layer, wrong);
        }
    }
    return classifications > 1 ? stub_misuse("a program with two ends", err) : GN_OK;
}

#endif
