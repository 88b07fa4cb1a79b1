/* SPDX-License-Identifier: MIT
 *
 * test_cuda_constants.c - where a device's constants lie, weights in its order, and their rounding.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cuda/constants.h"
#include "cnn/float16.h"
#include "hand_network.h"
#include "stub_steps.h"

/* 17 outputs: one more than the graph stores side by side. The dense layer's weights are always float32. */
static const char layers[] = HAND_CONV("wide", "image", "17", "[2,3]", "[1,1]", "same")
    HAND_CONV("other", "wide", "5", "[1,1]", "[2,2]", "same") HAND_END("other");

enum { WIDE, OTHER, MEAN, LOGITS, END, LAYERS };

static void check_layout(const struct gn_cuda_layout *layout, const struct gn_graph *graph)
{
    size_t number = gn_device_type_size(layout->type), end = 0;
    /* in the order of the block: weights and bias of each layer, then the one map, of 3 x 2 x 8 numbers */
    const int64_t places[] = {
        layout->weights[WIDE],   layout->bias[WIDE],   layout->weights[OTHER],  layout->bias[OTHER],
        layout->weights[LOGITS], layout->bias[LOGITS], layout->empty[OTHER + 1]};
    const size_t sizes[] = {24 * 6 * 8 * number, 24 * 4, 8 * 24 * number,   8 * 4,
                            3 * 8 * 4,           3 * 4,  3 * 2 * 8 * number};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(places[i] % 256, 0);
        assert_true((size_t)places[i] >= end);
        end = (size_t)places[i] + sizes[i];
    }
    assert_true(layout->size >= end && layout->size < end + 256);
    assert_int_equal(layout->weights[MEAN], GN_CUDA_NO_PLACE);
    assert_int_equal(layout->bias[END], GN_CUDA_NO_PLACE);
    for (int t = 0; t < LAYERS + 1; t++)
        assert_int_equal(layout->empty[t] == GN_CUDA_NO_PLACE, t != OTHER + 1);
    assert_int_equal(gn_cuda_stored_channels(layout, graph, WIDE + 1), 24);
}

/* Every weight stands at [output][row][column][input], everything else is zero. */
static void check_weights(const struct gn_cuda_layout *layout, const struct hand_network *net,
                          const char *name, int layer, const unsigned char *block,
                          enum gn_device_type type)
{
    const struct test_tensor *weight = test_find_tensor(&net->folder, name, "weight");
    const struct test_tensor *bias = test_find_tensor(&net->folder, name, "bias");
    const size_t outputs = bias->count, inputs = weight->shape[weight->rank - 2];
    const size_t taps = weight->count / outputs / inputs, stored = (inputs + 7) / 8 * 8;
    const bool last = layer == LOGITS;
    const size_t stored_outputs = last ? 3 : (outputs + 7) / 8 * 8;
    const float tolerance = type == GN_DEVICE_FLOAT32   ? 0
                            : type == GN_DEVICE_FLOAT16 ? 0x1p-11F
                                                        : 0x1p-8F;
    for (size_t c = 0; c < stored_outputs; c++) {
        for (size_t i = 0; i < taps * stored; i++) {
            bool padding = c >= outputs || i % stored >= inputs;
            size_t in_file = (i / stored * inputs + i % stored) * outputs + c;
            float expected = padding ? 0 : weight->values[in_file];
            float found = stub_get(block + layout->weights[layer], c * taps * stored + i, type);
            assert_true(fabsf(found - expected) <= fabsf(expected) * tolerance);
        }
        float found = stub_get(block + layout->bias[layer], c, GN_DEVICE_FLOAT32);
        assert_true(found == (c < outputs ? bias->values[c] : 0));
    }
}

static void test_order(void **state)
{
    struct hand_network net;
    gn_error_t err = {0};
    (void)state;
    hand_network_begin(&net, layers, 5, 4, 2);
    for (int type = GN_DEVICE_FLOAT32; type <= GN_DEVICE_BF16; type++) {
        struct gn_cuda_layout layout = {0};
        assert_int_equal(
            gn_cuda_layout_make(&layout, net.graph, (enum gn_device_type)type, 8, &err), GN_OK);
        check_layout(&layout, net.graph);
        unsigned char *block = gn_cuda_constants_make(&layout, net.graph, &err);
        assert_non_null(block);
        check_weights(&layout, &net, "wide", WIDE, block, layout.type);
        check_weights(&layout, &net, "other", OTHER, block, layout.type);
        check_weights(&layout, &net, "logits", LOGITS, block, GN_DEVICE_FLOAT32);
        for (size_t i = 0; i < 3 * 2 * 8 * gn_device_type_size(layout.type); i++)
            assert_int_equal(block[(size_t)layout.empty[OTHER + 1] + i], 0);
        free(block);
        gn_cuda_layout_clear(&layout);
    }
    hand_network_end(&net);
}

/* One weight of the second convolution just beyond float16; bf16 takes it, and float16 takes its largest. */
static void test_range(void **state)
{
    struct hand_network net;
    (void)state;
    hand_network_begin(&net, layers, 5, 4, 2);
    float *weight = test_find_tensor(&net.folder, "other", "weight")->values + 3;
    const struct {
        float weight;
        enum gn_device_type type;
        bool fits;
    } cases[] = {{-65505, GN_DEVICE_FLOAT16, false},
                 {65504, GN_DEVICE_FLOAT16, true},
                 {-65505, GN_DEVICE_BF16, true},
                 {0x1.ffp127F, GN_DEVICE_BF16, false},
                 {0x1.ffp127F, GN_DEVICE_FLOAT32, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_cuda_layout layout = {0};
        gn_error_t err = {0};
        *weight = cases[i].weight;
        hand_network_rewrite(&net);
        assert_int_equal(gn_cuda_layout_make(&layout, net.graph, cases[i].type, 8, &err), GN_OK);
        unsigned char *block = gn_cuda_constants_make(&layout, net.graph, &err);
        assert_int_equal(block != NULL, cases[i].fits);
        if (block == NULL) {
            assert_int_equal(err.code, GN_E_UNAVAILABLE);
            assert_non_null(strstr(err.message, "'other'"));
            assert_non_null(
                strstr(err.message, cases[i].type == GN_DEVICE_BF16 ? "bf16" : "float16"));
        }
        free(block);
        gn_cuda_layout_clear(&layout);
    }
    hand_network_end(&net);
}

static void test_float16(void **state)
{
    static const struct {
        float value;
        uint16_t bits;
    } cases[] = {
        {0, 0},
        {-0.0F, 0x8000},
        {1, 0x3c00},
        {-2, 0xc000},
        {1 + 0x1p-11F, 0x3c00}, /* halfway: to even */
        {1 + 0x1.8p-10F, 0x3c02},
        {1 + 0x1.002p-11F, 0x3c01},
        {0x1.ffep0F, 0x4000}, /* into the next binade */
        {0x1p-14F, 0x0400},
        {0x1.ff8p-15F, 0x03ff}, /* 1023 steps of 2^-24, the largest below the normal numbers */
        {0x1.ffcp-15F, 0x0400}, /* 1023.5: to even */
        {0x1p-24F, 0x0001},
        {0x1p-25F, 0x0000},
        {0x1.8p-24F, 0x0002},
        {-0x1.002p-25F, 0x8001},
        {1e-30F, 0},
        {65504, 0x7bff},
        {65519, 0x7bff},
        {65520, 0x7c00},
        {-1e30F, 0xfc00},
    };
    uint64_t seed = 3;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(gn_to_float16(cases[i].value), cases[i].bits);
        assert_int_equal(stub_to_half(cases[i].value), cases[i].bits);
    }
    for (uint32_t half = 0; half < 0x10000; half++)
        if ((half & 0x7c00) != 0x7c00)
            assert_int_equal(gn_to_float16(stub_from_half((uint16_t)half)), half);
    for (int i = 0; i < 100000; i++) { /* two ways to round agree */
        float value = ldexpf(test_uniform(&seed), (int)(test_random(&seed) % 44) - 27);
        assert_int_equal(gn_to_float16(value), stub_to_half(value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_float16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
