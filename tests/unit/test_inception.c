/* SPDX-License-Identifier: MIT
 *
 * test_inception.c - the layers of Inception v3 against a published table of its convolutions, of
 * the feature maps at 100 x 221 and of their places in a checkpoint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/graph.h"
#include "cnn/inception_v3.h"

struct row {
    short rows, columns, in, out, stride, same, conv_place, norm_place, height, width;
};

/* In order of creation; 0 input channels: those of the image. */
static const struct row TABLE[GN_INCEPTION_CONVS] = {
    {3, 3, 0, 32, 2, 0, 0, 1, 49, 110},      {3, 3, 32, 32, 1, 0, 2, 3, 47, 108},
    {3, 3, 32, 64, 1, 1, 4, 5, 47, 108},     {1, 1, 64, 80, 1, 0, 6, 7, 23, 53},
    {3, 3, 80, 192, 1, 0, 8, 9, 21, 51},     {1, 1, 192, 64, 1, 1, 16, 20, 10, 25},
    {1, 1, 192, 48, 1, 1, 12, 14, 10, 25},   {5, 5, 48, 64, 1, 1, 17, 21, 10, 25},
    {1, 1, 192, 64, 1, 1, 10, 11, 10, 25},   {3, 3, 64, 96, 1, 1, 13, 15, 10, 25},
    {3, 3, 96, 96, 1, 1, 18, 22, 10, 25},    {1, 1, 192, 32, 1, 1, 19, 23, 10, 25},
    {1, 1, 256, 64, 1, 1, 30, 34, 10, 25},   {1, 1, 256, 48, 1, 1, 26, 28, 10, 25},
    {5, 5, 48, 64, 1, 1, 31, 35, 10, 25},    {1, 1, 256, 64, 1, 1, 24, 25, 10, 25},
    {3, 3, 64, 96, 1, 1, 27, 29, 10, 25},    {3, 3, 96, 96, 1, 1, 32, 36, 10, 25},
    {1, 1, 256, 64, 1, 1, 33, 37, 10, 25},   {1, 1, 288, 64, 1, 1, 44, 48, 10, 25},
    {1, 1, 288, 48, 1, 1, 40, 42, 10, 25},   {5, 5, 48, 64, 1, 1, 45, 49, 10, 25},
    {1, 1, 288, 64, 1, 1, 38, 39, 10, 25},   {3, 3, 64, 96, 1, 1, 41, 43, 10, 25},
    {3, 3, 96, 96, 1, 1, 46, 50, 10, 25},    {1, 1, 288, 64, 1, 1, 47, 51, 10, 25},
    {3, 3, 288, 384, 2, 0, 56, 58, 4, 12},   {1, 1, 288, 64, 1, 1, 52, 53, 10, 25},
    {3, 3, 64, 96, 1, 1, 54, 55, 10, 25},    {3, 3, 96, 96, 2, 0, 57, 59, 4, 12},
    {1, 1, 768, 192, 1, 1, 72, 76, 4, 12},   {1, 1, 768, 128, 1, 1, 64, 66, 4, 12},
    {1, 7, 128, 128, 1, 1, 68, 70, 4, 12},   {7, 1, 128, 192, 1, 1, 73, 77, 4, 12},
    {1, 1, 768, 128, 1, 1, 60, 61, 4, 12},   {7, 1, 128, 128, 1, 1, 62, 63, 4, 12},
    {1, 7, 128, 128, 1, 1, 65, 67, 4, 12},   {7, 1, 128, 128, 1, 1, 69, 71, 4, 12},
    {1, 7, 128, 192, 1, 1, 74, 78, 4, 12},   {1, 1, 768, 192, 1, 1, 75, 79, 4, 12},
    {1, 1, 768, 192, 1, 1, 92, 96, 4, 12},   {1, 1, 768, 160, 1, 1, 84, 86, 4, 12},
    {1, 7, 160, 160, 1, 1, 88, 90, 4, 12},   {7, 1, 160, 192, 1, 1, 93, 97, 4, 12},
    {1, 1, 768, 160, 1, 1, 80, 81, 4, 12},   {7, 1, 160, 160, 1, 1, 82, 83, 4, 12},
    {1, 7, 160, 160, 1, 1, 85, 87, 4, 12},   {7, 1, 160, 160, 1, 1, 89, 91, 4, 12},
    {1, 7, 160, 192, 1, 1, 94, 98, 4, 12},   {1, 1, 768, 192, 1, 1, 95, 99, 4, 12},
    {1, 1, 768, 192, 1, 1, 112, 116, 4, 12}, {1, 1, 768, 160, 1, 1, 104, 106, 4, 12},
    {1, 7, 160, 160, 1, 1, 108, 110, 4, 12}, {7, 1, 160, 192, 1, 1, 113, 117, 4, 12},
    {1, 1, 768, 160, 1, 1, 100, 101, 4, 12}, {7, 1, 160, 160, 1, 1, 102, 103, 4, 12},
    {1, 7, 160, 160, 1, 1, 105, 107, 4, 12}, {7, 1, 160, 160, 1, 1, 109, 111, 4, 12},
    {1, 7, 160, 192, 1, 1, 114, 118, 4, 12}, {1, 1, 768, 192, 1, 1, 115, 119, 4, 12},
    {1, 1, 768, 192, 1, 1, 132, 136, 4, 12}, {1, 1, 768, 192, 1, 1, 124, 126, 4, 12},
    {1, 7, 192, 192, 1, 1, 128, 130, 4, 12}, {7, 1, 192, 192, 1, 1, 133, 137, 4, 12},
    {1, 1, 768, 192, 1, 1, 120, 121, 4, 12}, {7, 1, 192, 192, 1, 1, 122, 123, 4, 12},
    {1, 7, 192, 192, 1, 1, 125, 127, 4, 12}, {7, 1, 192, 192, 1, 1, 129, 131, 4, 12},
    {1, 7, 192, 192, 1, 1, 134, 138, 4, 12}, {1, 1, 768, 192, 1, 1, 135, 139, 4, 12},
    {1, 1, 768, 192, 1, 1, 144, 146, 4, 12}, {3, 3, 192, 320, 2, 0, 148, 150, 1, 5},
    {1, 1, 768, 192, 1, 1, 140, 141, 4, 12}, {1, 7, 192, 192, 1, 1, 142, 143, 4, 12},
    {7, 1, 192, 192, 1, 1, 145, 147, 4, 12}, {3, 3, 192, 192, 2, 0, 149, 151, 1, 5},
    {1, 1, 1280, 320, 1, 1, 162, 168, 1, 5}, {1, 1, 1280, 384, 1, 1, 154, 156, 1, 5},
    {1, 3, 384, 384, 1, 1, 158, 163, 1, 5},  {3, 1, 384, 384, 1, 1, 159, 164, 1, 5},
    {1, 1, 1280, 448, 1, 1, 152, 153, 1, 5}, {3, 3, 448, 384, 1, 1, 155, 157, 1, 5},
    {1, 3, 384, 384, 1, 1, 160, 165, 1, 5},  {3, 1, 384, 384, 1, 1, 161, 166, 1, 5},
    {1, 1, 1280, 192, 1, 1, 167, 169, 1, 5}, {1, 1, 2048, 320, 1, 1, 180, 186, 1, 5},
    {1, 1, 2048, 384, 1, 1, 172, 174, 1, 5}, {1, 3, 384, 384, 1, 1, 176, 181, 1, 5},
    {3, 1, 384, 384, 1, 1, 177, 182, 1, 5},  {1, 1, 2048, 448, 1, 1, 170, 171, 1, 5},
    {3, 3, 448, 384, 1, 1, 173, 175, 1, 5},  {1, 3, 384, 384, 1, 1, 178, 183, 1, 5},
    {3, 1, 384, 384, 1, 1, 179, 184, 1, 5},  {1, 1, 2048, 192, 1, 1, 185, 187, 1, 5},
};

static struct gn_inception *full_network(int channels)
{
    static struct gn_inception net;
    gn_error_t err = {0};
    int widths[GN_INCEPTION_CONVS];
    gn_inception_widths(1, widths);
    assert_int_equal(gn_inception_build(&net, (int[]){100, 221, channels}, widths, &err), GN_OK);
    return &net;
}

static void every_convolution_is_the_published_one(void **state)
{
    (void)state;
    const struct gn_inception *net = full_network(7);
    assert_int_equal(net->n_layers, GN_INCEPTION_LAYERS);
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        const struct gn_inception_layer *layer = &net->layers[net->convs[i]];
        const struct row *row = &TABLE[i];
        assert_int_equal(layer->conv, i);
        assert_int_equal(layer->kernel_rows, row->rows);
        assert_int_equal(layer->kernel_columns, row->columns);
        assert_int_equal(gn_inception_input_channels(net, net->convs[i]),
                         row->in == 0 ? 7 : row->in);
        assert_int_equal(layer->channels, row->out);
        assert_int_equal(layer->stride, row->stride);
        assert_int_equal(layer->same, row->same);
        assert_int_equal(layer->height, row->height);
        assert_int_equal(layer->width, row->width);
    }
}

static void places_in_a_checkpoint(void **state)
{
    (void)state;
    int convs[GN_INCEPTION_CONVS], norms[GN_INCEPTION_CONVS];
    gn_inception_places(full_network(7), convs, norms);
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        assert_int_equal(convs[i], TABLE[i].conv_place);
        assert_int_equal(norms[i], TABLE[i].norm_place);
    }
}

/* Keras' own count for three channels: kernels, beta, moving mean and variance. */
static void number_of_parameters(void **state)
{
    (void)state;
    const struct gn_inception *net = full_network(3);
    size_t total = 0;
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        const struct gn_inception_layer *layer = &net->layers[net->convs[i]];
        size_t taps = (size_t)layer->kernel_rows * layer->kernel_columns *
                      gn_inception_input_channels(net, net->convs[i]);
        total += (taps + 3) * layer->channels;
    }
    assert_int_equal(total, 21802784);
}

/* The reader of model.json infers the same shapes. */
static void json_describes_the_same_network(void **state)
{
    (void)state;
    const struct gn_inception *net = full_network(9);
    gn_error_t err = {0};
    json_t *layers = gn_inception_json(net);
    struct gn_graph graph = {0};
    assert_int_equal(gn_graph_from_json(&graph, net->shape, layers, "test", &err), GN_OK);
    assert_int_equal(graph.n_layers, net->n_layers);
    for (int i = 0; i < net->n_layers; i++) {
        assert_string_equal(graph.tensors[i + 1].name, net->layers[i].name);
        assert_int_equal(graph.tensors[i + 1].height, net->layers[i].height);
        assert_int_equal(graph.tensors[i + 1].width, net->layers[i].width);
        assert_int_equal(graph.tensors[i + 1].channels, net->layers[i].channels);
    }
    gn_graph_clear(&graph);
    json_decref(layers);
}

static void narrow_and_smallest(void **state)
{
    (void)state;
    struct gn_inception net;
    gn_error_t err = {0};
    int widths[GN_INCEPTION_CONVS];
    gn_inception_widths(16, widths);
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        assert_int_equal(widths[i] * 16, TABLE[i].out);
    assert_int_equal(gn_inception_build(&net, (int[]){75, 75, 1}, widths, &err), GN_OK);
    const struct gn_inception_layer *last = &net.layers[net.convs[93]];
    assert_int_equal(last->height, 1);
    assert_int_equal(last->width, 1);
    assert_int_equal(gn_inception_build(&net, (int[]){74, 75, 1}, widths, &err), GN_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_convolution_is_the_published_one),
        cmocka_unit_test(places_in_a_checkpoint),
        cmocka_unit_test(number_of_parameters),
        cmocka_unit_test(json_describes_the_same_network),
        cmocka_unit_test(narrow_and_smallest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
