/* SPDX-License-Identifier: MIT
 *
 * op_run.h - running a step with the GPU's driver, in several batches, step by step and as a graph, and comparing.
 */
#ifndef GN_TESTS_OP_RUN_H
#define GN_TESTS_OP_RUN_H

#include "op_reference.h"

static inline void compare(struct bench *bench, double found, struct reference wanted)
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
static inline void compare_image(struct bench *bench, int image, const unsigned char *output)
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
static inline size_t output_size(const struct bench *bench)
{
    const struct gn_device_step *step = &bench->op->step;
    if (step->op == GN_DEVICE_CLASSIFY)
        return 3 * sizeof(float);
    return pixels(&step->output) * (size_t)step->output.pitch *
           gn_device_type_size(bench->number->type);
}

static inline int read_output(struct bench *bench, gn_device_lane_t *lane, const float (*logits)[3],
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
static inline int run_lane(struct bench *bench, gn_device_lane_t *lane,
                           gn_device_program_t *program, int batch,
                           const struct gn_device_step *step, unsigned char *output)
{
    gn_error_t err = {0};
    int n = batch < bench->compared ? batch : bench->compared, ret = GN_OK;
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

static inline int run_batch(struct bench *bench, int batch, unsigned char *output)
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

static inline bool run_batches(struct bench *bench)
{
    size_t size = bench->compared * output_size(bench);
    unsigned char *first = malloc(size), *other = malloc(size);
    if (first == NULL || other == NULL)
        abort();
    bool good = true;
    for (int b = 0; bench->batches[b] > 0 && good; b++) {
        int n = bench->batches[b] < bench->compared ? bench->batches[b] : bench->compared;
        int ret = run_batch(bench, bench->batches[b], b == 0 ? first : other);
        if (ret == GN_E_MEMORY && b > 0)
            continue; /* a small GPU */
        good = ret == GN_OK;
        if (good && b > 0 && memcmp(first, other, (size_t)n * output_size(bench)) != 0) {
            bench->same_bits = false;
            snprintf(bench->note, sizeof bench->note, "a batch of %d has other bits",
                     bench->batches[b]);
        }
    }
    if (good) {
        compare_image(bench, 0, first);
        compare_image(bench, bench->compared - 1,
                      first + (bench->compared - 1) * output_size(bench));
    }
    free(first);
    free(other);
    return good;
}

/* True when a case is right. The caller sets device, batches, compared, number and op. */
static inline bool run_case(struct bench *bench)
{
    gn_error_t err = {0};
    const struct op_case *op = bench->op;
    bench->same_bits = bench->clean = true;
    bench->image_size = pixels(&op->step.input) * (size_t)op->step.input.channels;
    fill_constants(bench);
    size_t n_bias = op->step.op == GN_DEVICE_CLASSIFY ? 3 : (size_t)op->step.output.channels;
    size_t size = align(n_bias * sizeof(float)) + weights_of(&op->step) * 4 + 16;
    bench->uploaded = gn_gpu_driver.upload(bench->device, bench->constants, size, &err);
    bool ran = bench->uploaded != NULL && run_batches(bench);
    if (bench->uploaded == NULL)
        snprintf(bench->note, sizeof bench->note, "%.190s", err.message);
    gn_gpu_driver.upload_free(bench->device, bench->uploaded);
    free(bench->constants);
    return ran && bench->same_bits && bench->clean && bench->worst_share <= 1;
}

static inline void print_case(const struct bench *bench, bool good)
{
    const struct gn_device_step *step = &bench->op->step;
    const struct gn_device_map *in = &step->input, *out = &step->output;
    printf(
        "%-8s %-9s %4dx%-4dx%-5d %dx%d/%d  %4dx%-4dx%-5d pitch %-5d %9.2e %6.2f  %-4s %-5s %s %s\n",
        bench->number->name, bench->op->what, in->height, in->width, in->channels,
        step->kernel_height, step->kernel_width, step->stride_height, out->height, out->width,
        out->channels, out->pitch, bench->worst, bench->worst_share,
        bench->same_bits ? "same" : "NOT", bench->clean ? "clean" : "DIRTY", good ? "ok" : "FAILED",
        bench->note);
    fflush(stdout);
}

#endif
