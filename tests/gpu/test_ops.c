/* SPDX-License-Identifier: MIT
 *
 * test_ops.c - every step of cnn/cuda/device.h on a GPU, in every number type: the largest difference from plain loops in
 * double, and whether an image has the same bits in batches of 1, 7, 64 and 512, step by step and replayed as a graph, and
 * whether what lies beside a slice stays as it is.
 *
 *   test_ops [DEVICE]    exit status 0, 1 (a difference is too large), 69 (there is no usable GPU)
 */
#include <stdio.h>
#include <stdlib.h>

#include "cnn/inception_v3.h"
#include "op_cases.h"
#include "op_run.h"

static const int batches[] = {64, 1, 7, 512, 0};

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
        for (int i = 0; i < n; i++) {
            struct bench bench = {device, batches, number, &cases[i], .compared = 7};
            bool good = run_case(&bench);
            print_case(&bench, good);
            failed += !good;
        }
    }
    gn_gpu_driver.close(device);
    printf("%d cases failed\n", failed);
    return failed > 0;
}
