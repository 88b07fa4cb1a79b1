/* SPDX-License-Identifier: MIT
 *
 * device.h - what the engine asks of a device: memory, lanes that copy and compute at their own pace, and programs made
 * of steps.
 *
 * A driver is a table of functions. gpu_driver.c fills it with CUDA, cuDNN and cuBLASLt; tests fill it with plain loops, so
 * that everything above this header runs on any machine. Nothing here needs CUDA's headers.
 */
#ifndef GN_CNN_CUDA_DEVICE_H
#define GN_CNN_CUDA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cnn/precision.h"

/// How activations and weights lie in a device's memory.
enum gn_device_type { GN_DEVICE_FLOAT32, GN_DEVICE_FLOAT16, GN_DEVICE_BF16 };

/// Bytes of a number of a type.
static inline size_t gn_device_type_size(enum gn_device_type type)
{
    return type == GN_DEVICE_FLOAT32 ? 4 : 2;
}

/// A tensor, or some of its channels, for all images of a batch: images x height x width x channels, channel fastest.
/// From a pixel to the next there are `pitch` numbers (>= channels: a slice of a concatenation); rows and images follow without gaps.
struct gn_device_map {
    int height, width, channels, pitch;
    size_t offset; /* bytes from the start of a lane's activations */
};

enum gn_device_op {
    GN_DEVICE_LOAD, /* bytes of the images to numbers, (x - 128) / 128; channels beyond the image's become 0 */
    GN_DEVICE_CONVOLVE, /* with bias, and ReLU where `relu` */
    GN_DEVICE_MULTIPLY, /* the same for 1 x 1 kernels of stride 1: a product of matrices */
    GN_DEVICE_MAX_POOL,
    GN_DEVICE_AVG_POOL, /* cells outside the map are left out of the count */
    GN_DEVICE_COPY, /* a rectangle of the input from (crop_top, crop_left) on, as large as the output */
    GN_DEVICE_EXTEND, /* the input's rows, then those of the empty image up to the output's height */
    GN_DEVICE_MEAN,   /* over rows and columns, summed in float32 in the order of memory */
    GN_DEVICE_CLASSIFY, /* MEAN, and three sums of products and bias in float32: the logits. Input of any size */
};

/// One launch. Unused fields are 0.
struct gn_device_step {
    enum gn_device_op op;
    int layer; /* of the graph, for times */
    struct gn_device_map input,
        output; /* LOAD: `input` describes the bytes of an image, CLASSIFY: no output */
    int kernel_height, kernel_width, stride_height, stride_width;
    int pad_top, pad_left, pad_bottom, pad_right; /* zeros around the input */
    int crop_top, crop_left;                      /* LOAD, COPY */
    bool relu;
    /* CONVOLVE, MULTIPLY: [output channel][kernel row][kernel column][input channel] of the program's type, and [output channel]
     * of float32. CLASSIFY: [3][input channel] and [3], of float32. EXTEND: the map of the empty image, all rows of
     * the output, pitch = channels, of the program's type. Bytes from the start of the program's constants. */
    size_t weights, bias;
    /* The shape by which an algorithm is chosen, so that every batch and number of rows is computed in the same way: the
     * input's height with all rows (input.height unless the image is cut). */
    int full_height;
};

/// What a program is made of. `steps` and `constants` (host memory) are needed while it is made only.
struct gn_device_code {
    const struct gn_device_step *steps;
    int n_steps;
    int batch;                /* images that each run computes; callers fill up with any images */
    enum gn_device_type type; /* of activations and weights; sums are of float32 everywhere */
    bool tf32;                /* float32 may be rounded to 10 bits before products */
    size_t image_size;        /* bytes of an image as it comes in */
    size_t activations_size;  /* bytes that a lane needs */
    const void *constants;    /* a device address (from upload) */
};

typedef struct gn_device gn_device_t; /* an opened device */
typedef struct gn_device_lane gn_device_lane_t;
typedef struct gn_device_program gn_device_program_t;

/// What is known of a device without opening it.
struct gn_device_info {
    int number; /* as CUDA counts: CUDA_VISIBLE_DEVICES is in force */
    char name[256];
    int compute_major, compute_minor;
    size_t memory_total, memory_free; /* bytes; 0 where unknown */
    int multiprocessors;
    bool usable;
    char reason[512]; /* why not usable, and what to do; else empty */
};

struct gn_device_driver {
    const char *name; /* "cuda" */
    int channel_unit; /* maps of 2-byte numbers have channels and pitches that are multiples of it; float32: half of it */

    /// Versions of driver, runtime and libraries in one line, as "CUDA runtime 13.0, driver 13.0, cuDNN 9.19, cuBLASLt 13.0";
    /// what is not there is named as absent. Never fails. Thread-safe.
    void (*describe)(char *text, size_t size);

    /// Lists at most `max` devices. GN_OK with *n = 0 is possible; GN_E_UNAVAILABLE: there is no way to reach any, err says why
    /// (no driver, driver older than the runtime, no device visible). Thread-safe.
    int (*list)(struct gn_device_info *infos, int max, int *n, gn_error_t *err);

    /// Opens a device and the libraries that computing needs. NULL: GN_E_UNAVAILABLE, GN_E_MEMORY. All that follows may be
    /// called by any thread, for one device by one thread at a time while programs and memory are made; lanes run independently.
    gn_device_t *(*open)(int number, gn_error_t *err);
    void (*close)(gn_device_t *device); /* NULL is fine */
    int (*info)(gn_device_t *device, struct gn_device_info *info,
                gn_error_t *err); /* with what is free now */

    /// Copies to new device memory; upload_free() frees it. GN_E_MEMORY when the device has no room.
    void *(*upload)(gn_device_t *device, const void *from, size_t size, gn_error_t *err);
    void (*upload_free)(gn_device_t *device, void *memory);

    /// A lane: a stream of its own, its activations, room for the bytes of `batch` images on the device and in pinned host memory,
    /// and for logits likewise. GN_E_MEMORY when the device (or the host) has no room.
    gn_device_lane_t *(*open_lane)(gn_device_t *device, size_t activations_size, size_t image_size,
                                   int batch, gn_error_t *err);
    void (*close_lane)(gn_device_lane_t *lane);      /* NULL is fine */
    uint8_t *(*lane_images)(gn_device_lane_t *lane); /* host memory to fill, of the next launch */

    /// Chooses algorithms and makes a program ready for all lanes of a device, work space included. NULL: GN_E_MEMORY,
    /// GN_E_UNAVAILABLE (no algorithm for a step: the message names it).
    gn_device_program_t *(*make_program)(gn_device_t *device, const struct gn_device_code *code,
                                         gn_error_t *err);
    void (*free_program)(
        gn_device_program_t *program); /* NULL is fine; no lane may be running it */

    /// Starts a run of the n <= batch images in lane_images(); returns at once. Then wait() for it: logits (host, of the lane,
    /// 3 per image) are valid until the next launch, and lane_images() may be filled for it. What the images beyond n hold does not
    /// matter. A lane runs one at a time; its activations must be as large as the program's.
    int (*launch)(gn_device_lane_t *lane, gn_device_program_t *program, int n, gn_error_t *err);
    int (*wait)(gn_device_lane_t *lane, const float (**logits)[3], gn_error_t *err);

    /// Copies `size` bytes at an offset of a lane's activations to the host, after wait(). For tests, and for the empty image's rows.
    int (*read_activations)(gn_device_lane_t *lane, size_t offset, void *to, size_t size,
                            gn_error_t *err);

    /// Seconds that the device computed for a lane so far (copies not counted).
    double (*busy_seconds)(const gn_device_lane_t *lane);

    /// Runs once on the images in lane_images() and adds the seconds of every step to seconds[step].
    int (*time_steps)(gn_device_lane_t *lane, gn_device_program_t *program, double *seconds,
                      gn_error_t *err);
};

#ifdef GN_CUDA
extern const struct gn_device_driver gn_gpu_driver;
#endif

#endif
