/* SPDX-License-Identifier: MIT
 *
 * test_ops.c - every step of cnn/cuda/device.h on a GPU, in every number type: the largest difference from plain loops in
 * double, and whether an image has the same bits in batches of 1, 7, 64 and 512, step by step and replayed as a graph, and
 * whether what lies beside a slice stays as it is.
 *
 *   test_ops [DEVICE]    exit status 0, 1 (a difference is too large), 69 (there is no usable GPU)
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/gpu_kernel_bodies.h"
#include "cnn/inception_v3.h"

enum { COMPARED = 7, MOST_CASES = 200, ALIGNMENT = 256 };

static const int batches[] = {64, 1, 7, 512};

struct number_type {
    const char *name;
    enum gn_device_type type;
    bool tf32;
    double last_bit,
        products; /* of an output, relative; of a sum of products, relative to their absolute values */
};

static const struct number_type number_types[] = {
    {"float32", GN_DEVICE_FLOAT32, false, 0x1p-22, 0x1p-20},
    {"tf32", GN_DEVICE_FLOAT32, true, 0x1p-22, 0x1p-10},
    {"float16", GN_DEVICE_FLOAT16, false, 0x1p-10, 0x1p-20},
    {"bf16", GN_DEVICE_BF16, false, 0x1p-7, 0x1p-20},
};

/* A step to test; its input is loaded from bytes, its output lies in a map that was filled with zeros. */
struct op_case {
    const char *what;
    struct gn_device_step step;
};

struct bench {
    gn_device_t *device;
    const struct number_type *number;
    const struct op_case *op;
    unsigned char *constants; /* host */
    void *uploaded;
    size_t image_size;
    double worst, worst_share; /* difference; of what is allowed */
    bool same_bits, clean;
    char note[200];
};

static uint32_t scramble(uint32_t x)
{
    x = (x ^ x >> 16) * 0x45d9f3bU;
    x = (x ^ x >> 16) * 0x45d9f3bU;
    return x ^ x >> 16;
}

static uint8_t byte_of(int image, size_t i)
{
    return (uint8_t)scramble((uint32_t)image * 7919U + (uint32_t)i * 31U + 1U);
}

static size_t pixels(const struct gn_device_map *map)
{
    return (size_t)map->height * (size_t)map->width;
}

static size_t align(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool has_kernel(const struct gn_device_step *step)
{
    return step->op == GN_DEVICE_CONVOLVE || step->op == GN_DEVICE_MULTIPLY;
}

static size_t weights_of(const struct gn_device_step *step)
{
    size_t in = (size_t)step->input.channels;
    if (has_kernel(step))
        return (size_t)step->output.channels * (size_t)(step->kernel_height * step->kernel_width) *
               in;
    if (step->op == GN_DEVICE_EXTEND)
        return pixels(&step->output) * (size_t)step->output.channels;
    return step->op == GN_DEVICE_CLASSIFY ? 3 * in : 0;
}

static double number_at(enum gn_device_type type, const void *from, size_t index)
{
    float value;
    gn_body_read(type, 1, from, (int64_t)index, &value);
    return value;
}

/* Weights of about the size by which sums stay near 1, and biases around 0. */
static void fill_constants(struct bench *bench)
{
    const struct gn_device_step *step = &bench->op->step;
    bool whole = step->op == GN_DEVICE_CLASSIFY;
    enum gn_device_type type = whole ? GN_DEVICE_FLOAT32 : bench->number->type;
    size_t n = weights_of(step), n_bias = whole ? 3 : (size_t)step->output.channels;
    size_t start = align(n_bias * sizeof(float));
    double depth = has_kernel(step) ? step->kernel_height * step->kernel_width : 1;
    float scale = (float)sqrt(12 / (depth * step->input.channels));
    bench->constants = calloc(1, start + n * 4 + 16);
    if (bench->constants == NULL)
        abort();
    for (size_t i = 0; i < n_bias; i++)
        ((float *)bench->constants)[i] = (float)(scramble((uint32_t)i + 77) % 1000) / 2000 - 0.25F;
    for (size_t i = 0; i < n; i++) {
        float value = ((float)(scramble((uint32_t)i + 5) % 10000) / 10000 - 0.5F) * scale;
        gn_body_write(type, 1, bench->constants + start, (int64_t)i, &value);
    }
}

/* The steps: load, clear what the output lies in, the step. Their places are filled in. */
static int make_steps(const struct bench *bench, int batch, struct gn_device_step steps[3],
                      size_t *activations_size)
{
    size_t number = gn_device_type_size(bench->number->type);
    struct gn_device_step *step = &steps[2];
    *step = bench->op->step;
    if (step->full_height < step->input.height)
        step->full_height = step->input.height;
    size_t in = align((size_t)batch * pixels(&step->input) * (size_t)step->input.pitch * number);
    struct gn_device_map whole = step->output;
    whole.channels = whole.pitch;
    step->bias = 0;
    size_t n_bias = step->op == GN_DEVICE_CLASSIFY ? 3 : (size_t)bench->op->step.output.channels;
    step->weights = align(n_bias * sizeof(float));
    whole.offset = step->op == GN_DEVICE_CLASSIFY ? 0 : in;
    step->output.offset += whole.offset;
    steps[0] = (struct gn_device_step){.op = GN_DEVICE_LOAD, .output = step->input};
    steps[0].input = step->input;
    steps[0].output.channels = step->input.pitch;
    steps[1] = (struct gn_device_step){.op = GN_DEVICE_LOAD, .output = whole};
    steps[1].input = (struct gn_device_map){whole.height, whole.width, 0, 0, 0};
    *activations_size =
        in + align((size_t)batch * pixels(&whole) * (size_t)whole.pitch * number) + ALIGNMENT;
    if (step->op == GN_DEVICE_LOAD) { /* itself loads: only the clearing goes before it */
        steps[0] = steps[1];
        steps[1] = *step;
        return 2;
    }
    if (step->op == GN_DEVICE_CLASSIFY)
        steps[1] = *step;
    return step->op == GN_DEVICE_CLASSIFY ? 2 : 3;
}

/* What a step reads of an image, (x - 128) / 128 of the bytes. */
static double input_at(const struct bench *bench, int image, int y, int x, int c)
{
    const struct gn_device_map *map = &bench->op->step.input;
    size_t pixel = (size_t)y * (size_t)map->width + (size_t)x;
    return (byte_of(image, pixel * (size_t)map->channels + (size_t)c) - 128.0) / 128;
}

struct reference {
    double value, absolute; /* and the sum of the products' absolute values */
};

static struct reference convolved(const struct bench *bench, const double *input, int y, int x,
                                  int c)
{
    const struct gn_device_step *step = &bench->op->step;
    const struct gn_device_map *in = &step->input;
    const unsigned char *weights =
        bench->constants + align((size_t)step->output.channels * sizeof(float));
    double sum = ((const float *)bench->constants)[c], absolute = fabs(sum);
    for (int i = 0; i < step->kernel_height; i++)
        for (int j = 0; j < step->kernel_width; j++) {
            int row = y * step->stride_height - step->pad_top + i;
            int column = x * step->stride_width - step->pad_left + j;
            if (row < 0 || column < 0 || row >= in->height || column >= in->width)
                continue;
            size_t tap = (size_t)((c * step->kernel_height + i) * step->kernel_width + j);
            const double *cell =
                input + ((size_t)row * (size_t)in->width + (size_t)column) * (size_t)in->channels;
            for (int k = 0; k < in->channels; k++) {
                double product = cell[k] * number_at(bench->number->type, weights,
                                                     tap * (size_t)in->channels + (size_t)k);
                sum += product;
                absolute += fabs(product);
            }
        }
    return (struct reference){step->relu && sum < 0 ? 0 : sum, absolute};
}

static struct reference pooled(const struct bench *bench, const double *input, int y, int x, int c)
{
    const struct gn_device_step *step = &bench->op->step;
    double best = -INFINITY, sum = 0, absolute = 0;
    int cells = 0;
    for (int i = 0; i < step->kernel_height; i++)
        for (int j = 0; j < step->kernel_width; j++) {
            int row = y * step->stride_height - step->pad_top + i;
            int column = x * step->stride_width - step->pad_left + j;
            if (row < 0 || column < 0 || row >= step->input.height || column >= step->input.width)
                continue;
            size_t pixel = (size_t)row * (size_t)step->input.width + (size_t)column;
            double value = input[pixel * (size_t)step->input.channels + (size_t)c];
            best = value > best ? value : best;
            sum += value;
            absolute += fabs(value);
            cells++;
        }
    if (step->op == GN_DEVICE_MAX_POOL)
        return (struct reference){best, 0};
    return (struct reference){sum / cells, absolute / cells};
}

static struct reference mean(const struct bench *bench, const double *input, int c)
{
    size_t n = pixels(&bench->op->step.input), channels = (size_t)bench->op->step.input.channels;
    double sum = 0, absolute = 0;
    for (size_t i = 0; i < n; i++) {
        sum += input[i * channels + (size_t)c];
        absolute += fabs(input[i * channels + (size_t)c]);
    }
    return (struct reference){sum / (double)n, absolute / (double)n};
}

static struct reference logit(const struct bench *bench, const double *input, int k)
{
    int channels = bench->op->step.input.channels;
    const float *weights = (const float *)(bench->constants + align(3 * sizeof(float)));
    double sum = ((const float *)bench->constants)[k], absolute = fabs(sum);
    for (int c = 0; c < channels; c++) {
        double product = mean(bench, input, c).value * weights[k * channels + c];
        sum += product;
        absolute +=
            fabs(product) + mean(bench, input, c).absolute * fabsf(weights[k * channels + c]);
    }
    return (struct reference){sum, absolute};
}

static struct reference expected(const struct bench *bench, int image, const double *input,
                                 const int place[3])
{
    const struct gn_device_step *step = &bench->op->step;
    int y = place[0], x = place[1], c = place[2];
    switch (step->op) {
    case GN_DEVICE_LOAD:
        y += step->crop_top, x += step->crop_left;
        return (struct reference){c < step->input.channels ? input_at(bench, image, y, x, c) : 0,
                                  0};
    case GN_DEVICE_CONVOLVE:
    case GN_DEVICE_MULTIPLY:
        return convolved(bench, input, y, x, c);
    case GN_DEVICE_MAX_POOL:
    case GN_DEVICE_AVG_POOL:
        return pooled(bench, input, y, x, c);
    case GN_DEVICE_EXTEND:
        if (y >= step->input.height)
            return (struct reference){
                number_at(bench->number->type,
                          bench->constants + align((size_t)step->output.channels * sizeof(float)),
                          (size_t)((y * step->output.width + x) * step->output.channels + c)),
                0};
        return (struct reference){input_at(bench, image, y, x, c), 0};
    case GN_DEVICE_COPY:
        y += step->crop_top, x += step->crop_left;
        return (struct reference){input_at(bench, image, y, x, c), 0};
    case GN_DEVICE_MEAN:
        return mean(bench, input, c);
    case GN_DEVICE_CLASSIFY:
        return logit(bench, input, c);
    }
    return (struct reference){NAN, 0};
}

static void compare(struct bench *bench, double found, struct reference wanted)
{
    const struct number_type *number = bench->number;
    bool whole = bench->op->step.op == GN_DEVICE_CLASSIFY;
    double allowed = fabs(wanted.value) * (whole ? 0x1p-22 : number->last_bit);
    allowed += wanted.absolute * (has_kernel(&bench->op->step) ? number->products : 0x1p-20);
    if (has_kernel(&bench->op->step)) /* biases are rounded to the program's type */
        allowed += 0.25 * number->last_bit;
    double difference = fabs(found - wanted.value);
    if (!(difference <= bench->worst))
        bench->worst = difference;
    double share = difference == 0 ? 0 : difference / allowed;
    if (!(share <= bench->worst_share))
        bench->worst_share = share;
}

/* All numbers of an image: those of the step, and zeros beside them. */
static void compare_image(struct bench *bench, int image, const unsigned char *output)
{
    const struct gn_device_step *step = &bench->op->step;
    const struct gn_device_map *in = &step->input;
    struct gn_device_map out = step->output;
    size_t n = pixels(in) * (size_t)in->channels;
    double *input = malloc((n + 1) * sizeof *input);
    if (input == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        input[i] = (byte_of(image, i) - 128.0) / 128;
    enum gn_device_type type = bench->number->type;
    if (step->op == GN_DEVICE_CLASSIFY) {
        out = (struct gn_device_map){1, 1, 3, 3, 0};
        type = GN_DEVICE_FLOAT32;
    }
    size_t first = out.offset / gn_device_type_size(type);
    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++)
            for (int c = 0; c < out.pitch; c++) {
                size_t pixel = (size_t)y * (size_t)out.width + (size_t)x;
                double found = number_at(type, output, pixel * (size_t)out.pitch + (size_t)c);
                int channel = c - (int)first;
                if (channel < 0 || channel >= out.channels)
                    bench->clean = bench->clean && found == 0;
                else
                    compare(bench, found, expected(bench, image, input, (int[]){y, x, channel}));
            }
    free(input);
}

/* Bytes of an image's output, slices' neighbours included. */
static size_t output_size(const struct bench *bench)
{
    const struct gn_device_step *step = &bench->op->step;
    if (step->op == GN_DEVICE_CLASSIFY)
        return 3 * sizeof(float);
    return pixels(&step->output) * (size_t)step->output.pitch *
           gn_device_type_size(bench->number->type);
}

static int read_output(struct bench *bench, gn_device_lane_t *lane, const float (*logits)[3],
                       const struct gn_device_step *step, int n, unsigned char *to)
{
    gn_error_t err = {0};
    if (step->op == GN_DEVICE_CLASSIFY) {
        memcpy(to, logits, (size_t)n * 3 * sizeof(float));
        return GN_OK;
    }
    size_t offset = step->output.offset - bench->op->step.output.offset;
    int ret =
        gn_gpu_driver.read_activations(lane, offset, to, (size_t)n * output_size(bench), &err);
    if (ret < 0)
        snprintf(bench->note, sizeof bench->note, "%.190s", err.message);
    return ret;
}

/* Three times: step by step, captured, replayed. The first and the last must agree. */
static int run_lane(struct bench *bench, gn_device_lane_t *lane, gn_device_program_t *program,
                    int batch, const struct gn_device_step *step, unsigned char *output)
{
    gn_error_t err = {0};
    int n = batch < COMPARED ? batch : COMPARED, ret = GN_OK;
    size_t size = (size_t)n * output_size(bench);
    unsigned char *again = malloc(size);
    if (again == NULL)
        abort();
    uint8_t *images = gn_gpu_driver.lane_images(lane);
    for (int image = 0; image < batch; image++)
        for (size_t i = 0; i < bench->image_size; i++)
            images[(size_t)image * bench->image_size + i] = byte_of(image, i);
    for (int turn = 0; turn < 3 && ret == GN_OK; turn++) {
        const float(*logits)[3] = NULL;
        ret = gn_gpu_driver.launch(lane, program, batch, &err);
        if (ret == GN_OK)
            ret = gn_gpu_driver.wait(lane, &logits, &err);
        if (ret < 0)
            snprintf(bench->note, sizeof bench->note, "%.190s", err.message);
        else if (turn != 1)
            ret = read_output(bench, lane, logits, step, n, turn == 0 ? output : again);
    }
    if (ret == GN_OK && memcmp(output, again, size) != 0) {
        bench->same_bits = false;
        snprintf(bench->note, sizeof bench->note, "the graph differs from the steps");
    }
    free(again);
    return ret;
}

static int run_batch(struct bench *bench, int batch, unsigned char *output)
{
    gn_error_t err = {0};
    struct gn_device_step steps[3];
    size_t activations_size;
    int n = make_steps(bench, batch, steps, &activations_size), ret = GN_E_UNAVAILABLE;
    struct gn_device_code code = {.steps = steps,
                                  .n_steps = n,
                                  .batch = batch,
                                  .type = bench->number->type,
                                  .tf32 = bench->number->tf32,
                                  .image_size = bench->image_size,
                                  .activations_size = activations_size,
                                  .constants = bench->uploaded};
    gn_device_program_t *program = gn_gpu_driver.make_program(bench->device, &code, &err);
    gn_device_lane_t *lane = program == NULL
                                 ? NULL
                                 : gn_gpu_driver.open_lane(bench->device, activations_size,
                                                           bench->image_size, batch, &err);
    if (lane != NULL)
        ret = run_lane(bench, lane, program, batch, &steps[n - 1], output);
    else
        snprintf(bench->note, sizeof bench->note, "%.190s", err.message);
    if (lane == NULL && err.code == GN_E_MEMORY)
        ret = GN_E_MEMORY;
    gn_gpu_driver.close_lane(lane);
    gn_gpu_driver.free_program(program);
    return ret;
}

static bool run_batches(struct bench *bench)
{
    size_t size = COMPARED * output_size(bench);
    unsigned char *first = malloc(size), *other = malloc(size);
    if (first == NULL || other == NULL)
        abort();
    bool good = true;
    for (int b = 0; b < 4 && good; b++) {
        int n = batches[b] < COMPARED ? batches[b] : COMPARED;
        int ret = run_batch(bench, batches[b], b == 0 ? first : other);
        if (ret == GN_E_MEMORY && b > 0)
            continue; /* a small GPU */
        good = ret == GN_OK;
        if (good && b > 0 && memcmp(first, other, (size_t)n * output_size(bench)) != 0) {
            bench->same_bits = false;
            snprintf(bench->note, sizeof bench->note, "a batch of %d has other bits", batches[b]);
        }
    }
    if (good) {
        compare_image(bench, 0, first);
        compare_image(bench, COMPARED - 1, first + (COMPARED - 1) * output_size(bench));
    }
    free(first);
    free(other);
    return good;
}

/* True when a case is right. */
static bool run_case(gn_device_t *device, const struct number_type *number,
                     const struct op_case *op)
{
    gn_error_t err = {0};
    const struct gn_device_map *in = &op->step.input, *out = &op->step.output;
    struct bench bench = {.device = device, .number = number, .op = op};
    bench.same_bits = bench.clean = true;
    bench.image_size = pixels(in) * (size_t)in->channels;
    fill_constants(&bench);
    size_t bias = align((op->step.op == GN_DEVICE_CLASSIFY ? 3 : (size_t)out->channels) * 4);
    bench.uploaded =
        gn_gpu_driver.upload(device, bench.constants, bias + weights_of(&op->step) * 4 + 16, &err);
    bool ran = bench.uploaded != NULL && run_batches(&bench);
    bool good = ran && bench.same_bits && bench.clean && bench.worst_share <= 1;
    printf(
        "%-8s %-9s %4dx%-4dx%-5d %dx%d/%d  %4dx%-4dx%-5d pitch %-5d %9.2e %6.2f  %-4s %-5s %s %s\n",
        number->name, op->what, in->height, in->width, in->channels, op->step.kernel_height,
        op->step.kernel_width, op->step.stride_height, out->height, out->width, out->channels,
        out->pitch, bench.worst, bench.worst_share, bench.same_bits ? "same" : "NOT",
        bench.clean ? "clean" : "DIRTY", good ? "ok" : "FAILED", bench.note);
    fflush(stdout);
    gn_gpu_driver.upload_free(device, bench.uploaded);
    free(bench.constants);
    return good;
}

static struct gn_device_step windowed(enum gn_device_op op, const int in[3], int channels,
                                      const int kernel[2], int stride)
{
    struct gn_device_step step = {.op = op, .relu = true, .full_height = in[0]};
    step.input = (struct gn_device_map){in[0], in[1], in[2], in[2], 0};
    step.kernel_height = kernel[0], step.kernel_width = kernel[1];
    step.stride_height = step.stride_width = stride;
    step.output = (struct gn_device_map){0, 0, channels, channels, 0};
    return step;
}

/* The output's size by the input's, kernel and zeros around. */
static struct gn_device_step sized(struct gn_device_step step, const int pads[4])
{
    step.pad_top = pads[0], step.pad_left = pads[1];
    step.pad_bottom = pads[2], step.pad_right = pads[3];
    step.output.height =
        (step.input.height + pads[0] + pads[2] - step.kernel_height) / step.stride_height + 1;
    step.output.width =
        (step.input.width + pads[1] + pads[3] - step.kernel_width) / step.stride_width + 1;
    return step;
}

/* 64 numbers of a larger map lie before the slice, 32 behind it. */
static struct gn_device_step sliced(struct gn_device_step step, enum gn_device_type type)
{
    step.output.pitch += 96;
    step.output.offset = 64 * gn_device_type_size(type);
    return step;
}

static void add(struct op_case *cases, int *n, const char *what, struct gn_device_step step)
{
    for (int i = 0; i < *n; i++)
        if (memcmp(&cases[i].step, &step, sizeof step) == 0)
            return;
    if (*n < MOST_CASES)
        cases[(*n)++] = (struct op_case){what, step};
}

/* The convolutions and pools of Inception v3, each shape once; 1 x 1 kernels as products, into slices. */
static void add_inception(struct op_case *cases, int *n, enum gn_device_type type)
{
    static struct gn_inception net;
    int widths[GN_INCEPTION_CONVS], shape[3] = {100, 221, 7};
    gn_error_t err = {0};
    gn_inception_widths(1, widths);
    if (gn_inception_build(&net, shape, widths, &err) < 0)
        abort();
    for (int i = 0; i < net.n_layers; i++) {
        const struct gn_inception_layer *layer = &net.layers[i];
        if (layer->op != GN_INCEPTION_CONV && layer->op != GN_INCEPTION_MAX_POOL &&
            layer->op != GN_INCEPTION_AVG_POOL)
            continue;
        const struct gn_inception_layer *from =
            layer->inputs[0] < 0 ? NULL : &net.layers[layer->inputs[0]];
        int in[3] = {from ? from->height : 100, from ? from->width : 221,
                     from ? from->channels : 8};
        int kernel[2] = {layer->kernel_rows, layer->kernel_columns}, pads[4] = {0};
        bool single = kernel[0] * kernel[1] * layer->stride == 1;
        for (int axis = 0; axis < 2 && layer->same; axis++) {
            int size = axis == 0 ? layer->height : layer->width;
            int all = (size - 1) * layer->stride + kernel[axis] - in[axis];
            pads[axis] = all > 0 ? all / 2 : 0;
            pads[axis + 2] = all > 0 ? all - all / 2 : 0;
        }
        enum gn_device_op op = layer->op == GN_INCEPTION_MAX_POOL   ? GN_DEVICE_MAX_POOL
                               : layer->op == GN_INCEPTION_AVG_POOL ? GN_DEVICE_AVG_POOL
                               : single                             ? GN_DEVICE_MULTIPLY
                                                                    : GN_DEVICE_CONVOLVE;
        struct gn_device_step step =
            sized(windowed(op, in, layer->channels, kernel, layer->stride), pads);
        const char *what = op == GN_DEVICE_MAX_POOL   ? "max pool"
                           : op == GN_DEVICE_AVG_POOL ? "avg pool"
                           : single                   ? "product"
                                                      : "convolve";
        add(cases, n, what, op == GN_DEVICE_CONVOLVE ? step : sliced(step, type));
    }
}

/* What the network's own shapes leave out. */
static void add_special(struct op_case *cases, int *n, enum gn_device_type type)
{
    const int k3[2] = {3, 3}, k5[2] = {5, 5}, k17[2] = {1, 7}, k1[2] = {1, 1};
    const int in[3] = {23, 30, 32}, thin[3] = {10, 221, 8}, compact[3] = {50, 111, 16};
    struct gn_device_step step = windowed(GN_DEVICE_CONVOLVE, in, 48, k3, 1);
    add(cases, n, "slice", sliced(sized(step, (int[4]){1, 1, 1, 1}), type));
    add(cases, n, "uneven", sized(step, (int[4]){0, 2, 1, 0}));
    step.full_height = 47; /* cut: rows, not zeros, below */
    add(cases, n, "cut", sized(step, (int[4]){1, 1, 0, 1}));
    step.relu = false;
    add(cases, n, "no relu", sized(step, (int[4]){1, 1, 1, 1}));
    step = windowed(GN_DEVICE_CONVOLVE, in, 64, k5, 2);
    add(cases, n, "stride 2", sized(step, (int[4]){1, 2, 2, 1}));
    step = windowed(GN_DEVICE_CONVOLVE, thin, 32, k3, 2);
    step.full_height = 100;
    add(cases, n, "cut", sized(step, (int[4]){0, 0, 0, 0}));
    step = windowed(GN_DEVICE_CONVOLVE, compact, 24, k17, 1);
    add(cases, n, "compact", sized(step, (int[4]){0, 3, 0, 3}));
    step = windowed(GN_DEVICE_MULTIPLY, compact, 40, k1, 1);
    step.relu = false;
    step.full_height = 100;
    add(cases, n, "product", sized(step, (int[4]){0, 0, 0, 0}));
    step = windowed(GN_DEVICE_MAX_POOL, in, 32, (int[2]){2, 5}, 3);
    add(cases, n, "max pool", sliced(sized(step, (int[4]){1, 2, 0, 1}), type));
}

static void add_copies(struct op_case *cases, int *n, enum gn_device_type type)
{
    struct gn_device_step step = {.op = GN_DEVICE_LOAD, .crop_top = 5, .crop_left = 3};
    step.input = (struct gn_device_map){100, 221, 7, 7, 0};
    step.output = (struct gn_device_map){40, 200, 8, 8, 0};
    add(cases, n, "load", step);
    step = (struct gn_device_step){.op = GN_DEVICE_COPY, .crop_top = 2, .crop_left = 1};
    step.input = (struct gn_device_map){21, 51, 64, 64, 0};
    step.output = (struct gn_device_map){17, 40, 64, 64, 0};
    add(cases, n, "copy", sliced(step, type));
    step = (struct gn_device_step){.op = GN_DEVICE_EXTEND};
    step.input = (struct gn_device_map){9, 51, 192, 192, 0};
    step.output = (struct gn_device_map){21, 51, 192, 192, 0};
    add(cases, n, "extend", step);
    step = (struct gn_device_step){.op = GN_DEVICE_MEAN};
    step.input = (struct gn_device_map){1, 5, 2048, 2048, 0};
    step.output = (struct gn_device_map){1, 1, 2048, 2048, 0};
    add(cases, n, "mean", step);
    step = (struct gn_device_step){.op = GN_DEVICE_CLASSIFY};
    step.input = (struct gn_device_map){1, 5, 2048, 2048, 0};
    add(cases, n, "classify", step);
    step.input = (struct gn_device_map){6, 14, 96, 96, 0};
    add(cases, n, "classify", step);
}

int main(int argc, char **argv)
{
    static struct op_case cases[MOST_CASES];
    gn_error_t err = {0};
    gn_device_t *device = gn_gpu_driver.open(argc > 1 ? atoi(argv[1]) : 0, &err);
    struct gn_device_info info = {0};
    int failed = 0;
    if (device == NULL) {
        fprintf(stderr, "test_ops: %s\n", err.message);
        return gn_exit_status(err.code);
    }
    if (gn_gpu_driver.info(device, &info, &err) < 0)
        return gn_exit_status(err.code);
    printf(
        "type     step      input           kernel   output          slice of     largest  share  "
        "bits beside\n"
        "                                                                     difference of "
        "allowed\n");
    for (size_t t = 0; t < sizeof number_types / sizeof *number_types; t++) {
        const struct number_type *number = &number_types[t];
        int n = 0;
        if (number->type == GN_DEVICE_BF16 && info.compute_major < 8) {
            printf("bf16: not on this GPU\n");
            continue;
        }
        add_copies(cases, &n, number->type);
        add_special(cases, &n, number->type);
        add_inception(cases, &n, number->type);
        for (int i = 0; i < n; i++)
            failed += !run_case(device, number, &cases[i]);
    }
    gn_gpu_driver.close(device);
    printf("%d cases failed\n", failed);
    return failed > 0;
}
