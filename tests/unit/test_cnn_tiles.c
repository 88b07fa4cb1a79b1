/* SPDX-License-Identifier: MIT
 *
 * test_cnn_tiles.c - every tile kernel that this CPU can run, against sums written out here.
 *
 * float32 must equal a chain of fmaf() in every bit and lie near a sum in double; integers must be
 * exact. Nothing outside the stored pixels and channels may be touched.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/tile.h"

enum { BLOCK = 16, ARENA = 1 << 16, MOST_CHANNELS = GN_TILE_MAX_BLOCKS * BLOCK, GAP = 8 };

/* Which kernel, and what it is to compute. */
struct shape {
    enum gn_precision precision;
    enum gn_isa isa;
    int blocks, taps, words, pixels, channels;
    enum gn_tile_store store;
};

/* Inputs lie in an arena in which taps start at random elements. */
struct fixture {
    struct shape shape;
    const struct gn_kernels *kernels;
    struct gn_tile tile;
    unsigned char *inputs, *weights, *outputs;
    const void **starts;
    int32_t *taps;
    void *pixels[GN_TILE_MAX_PIXELS];
    float bias[MOST_CHANNELS], scale[MOST_CHANNELS];
    size_t output_size, pixel_size;
};

static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

/* Uniform in [-1, 1). */
static float draw_real(uint64_t *seed)
{
    return (float)((double)draw(seed) / 1073741824.0 - 1.0);
}

static int elements_of_word(enum gn_precision precision)
{
    return precision == GN_PRECISION_INT8 ? 4 : precision == GN_PRECISION_FLOAT32 ? 1 : 2;
}

static size_t input_size(enum gn_precision precision)
{
    return sizeof(int32_t) / (size_t)elements_of_word(precision);
}

static int top_of(enum gn_precision precision)
{
    return precision == GN_PRECISION_INT8 ? 255 : 8191;
}

static void fill_inputs(struct fixture *f, uint64_t *seed)
{
    for (size_t i = 0; i < ARENA / input_size(f->shape.precision); i++) {
        if (f->shape.precision == GN_PRECISION_FLOAT32)
            ((float *)f->inputs)[i] = draw_real(seed);
        else if (f->shape.precision == GN_PRECISION_INT16)
            ((int16_t *)f->inputs)[i] = (int16_t)(draw(seed) % 8192);
        else
            f->inputs[i] = (unsigned char)(draw(seed) % 256);
    }
}

/* Weights such that the sums of a few thousand products stay far below 2^31. */
static void fill_weights(struct fixture *f, size_t bytes, uint64_t *seed)
{
    for (size_t i = 0; i < bytes / input_size(f->shape.precision); i++) {
        if (f->shape.precision == GN_PRECISION_FLOAT32)
            ((float *)f->weights)[i] = draw_real(seed);
        else if (f->shape.precision == GN_PRECISION_INT16)
            ((int16_t *)f->weights)[i] = (int16_t)((int)(draw(seed) % 401) - 200);
        else
            f->weights[i] = (unsigned char)(draw(seed) % 256);
    }
}

static void fill_scales(struct fixture *f, uint64_t *seed)
{
    const bool is_real = f->shape.precision == GN_PRECISION_FLOAT32;
    const int products = f->shape.taps * f->shape.words * elements_of_word(f->shape.precision);
    const float top = (float)top_of(f->shape.precision);
    const float spread = sqrtf((float)products) * (is_real ? 1 : top * 70);
    for (int c = 0; c < MOST_CHANNELS; c++) {
        f->bias[c] = draw_real(seed) * (is_real ? 1 : top / 4);
        f->scale[c] = (0.2F + fabsf(draw_real(seed))) * top / spread;
    }
}

static void set_up(struct fixture *f, const struct shape *shape, uint64_t seed)
{
    const size_t row = BLOCK * sizeof(int32_t), element = input_size(shape->precision);
    *f = (struct fixture){.shape = *shape};
    f->kernels = gn_kernels_of(shape->precision, shape->isa);
    const size_t pixels = (size_t)f->kernels->pixels;
    const size_t stride = (size_t)(shape->taps * shape->words) * row + row * (draw(&seed) % 3);
    const size_t weight_bytes = stride * (size_t)shape->blocks + row;
    f->inputs = aligned_alloc(64, ARENA);
    f->weights = aligned_alloc(64, weight_bytes);
    f->starts = malloc((size_t)shape->taps * pixels * sizeof *f->starts);
    f->taps = malloc((size_t)shape->taps * sizeof *f->taps);
    fill_inputs(f, &seed);
    fill_weights(f, weight_bytes, &seed);
    fill_scales(f, &seed);
    const size_t places = (ARENA - (size_t)shape->words * sizeof(int32_t)) / element;
    for (size_t i = 0; i < (size_t)shape->taps * pixels; i++)
        f->starts[i] = f->inputs + draw(&seed) % places * element;
    int n_taps = 0; /* a fifth of the taps is left out */
    for (int tap = 0; tap < shape->taps; tap++)
        if (shape->taps == 1 || draw(&seed) % 5 != 0)
            f->taps[n_taps++] = tap;
    f->pixel_size = (MOST_CHANNELS + GAP) * sizeof(float);
    f->output_size = f->pixel_size * (pixels + 1);
    f->outputs = malloc(f->output_size);
    for (size_t p = 0; p < pixels; p++) /* at an odd element, in no order */
        f->pixels[p] = f->outputs + (p * 5 + 3) % pixels * f->pixel_size + sizeof(float);
    f->tile = (struct gn_tile){.starts = f->starts,
                               .taps = f->taps,
                               .n_taps = n_taps,
                               .words = shape->words,
                               .weights = f->weights,
                               .block_stride = stride,
                               .bias = f->bias,
                               .scale = f->scale,
                               .outputs = f->pixels,
                               .pixels = shape->pixels,
                               .channels = shape->channels,
                               .store = shape->store};
}

static void tear_down(struct fixture *f)
{
    free(f->inputs);
    free(f->weights);
    free(f->outputs);
    free(f->starts);
    free(f->taps);
}

/* The i-th element of weights from the first one of a (tap, word) row of a block. */
static size_t weight_place(const struct fixture *f, int channel, int tap, int element)
{
    const int per_word = elements_of_word(f->shape.precision);
    size_t row = (size_t)(tap * f->shape.words + element / per_word) * BLOCK;
    size_t block = f->tile.block_stride / sizeof(int32_t) * (size_t)(channel / BLOCK);
    return (block + row + (size_t)(channel % BLOCK)) * (size_t)per_word +
           (size_t)(element % per_word);
}

static float expected_float(const struct fixture *f, int pixel, int channel)
{
    float sum = f->bias[channel];
    double exact = (double)sum, size = fabs(exact);
    for (int i = 0; i < f->tile.n_taps; i++) {
        const float *inputs = f->starts[f->taps[i] * f->kernels->pixels + pixel];
        for (int k = 0; k < f->shape.words; k++) {
            float w = ((const float *)f->weights)[weight_place(f, channel, f->taps[i], k)];
            sum = fmaf(inputs[k], w, sum);
            exact += (double)inputs[k] * (double)w;
            size += fabs((double)inputs[k] * (double)w);
        }
    }
    assert_true(fabs((double)sum - exact) <= 1e-5 * size);
    return f->shape.store == GN_STORE_RELU && !(sum > 0) ? 0.0F : sum;
}

static int64_t integer_sum(const struct fixture *f, int pixel, int channel)
{
    const bool is_int16 = f->shape.precision == GN_PRECISION_INT16;
    const int elements = f->shape.words * elements_of_word(f->shape.precision);
    int64_t sum = 0;
    for (int i = 0; i < f->tile.n_taps; i++) {
        const void *inputs = f->starts[f->taps[i] * f->kernels->pixels + pixel];
        for (int k = 0; k < elements; k++) {
            size_t place = weight_place(f, channel, f->taps[i], k);
            int x = is_int16 ? ((const int16_t *)inputs)[k] : ((const uint8_t *)inputs)[k];
            int w = is_int16 ? ((const int16_t *)f->weights)[place]
                             : ((const int8_t *)f->weights)[place];
            sum += (int64_t)x * w;
        }
    }
    assert_in_range(sum + 2147483648, 0, 4294967295);
    return sum;
}

/* Places the expected bytes of an output; true when the output is cut. */
static bool expect_output(const struct fixture *f, int pixel, int channel, unsigned char *pixels)
{
    const bool is_real = f->shape.precision == GN_PRECISION_FLOAT32;
    if (is_real || f->shape.store == GN_STORE_RAW) {
        float value = is_real ? expected_float(f, pixel, channel)
                              : fmaf((float)integer_sum(f, pixel, channel), f->scale[channel],
                                     f->bias[channel]);
        memcpy(pixels + (size_t)channel * sizeof value, &value, sizeof value);
        return false;
    }
    const double top = top_of(f->shape.precision);
    double value = nearbyint(
        (double)fmaf((float)integer_sum(f, pixel, channel), f->scale[channel], f->bias[channel]));
    int kept = value < 0 ? 0 : value > top ? (int)top : (int)value;
    if (f->shape.precision == GN_PRECISION_INT16)
        memcpy(pixels + (size_t)channel * 2, &(int16_t){(int16_t)kept}, 2);
    else
        pixels[channel] = (unsigned char)kept;
    return value > top;
}

/* Runs the kernel and compares all of the memory around its outputs. Returns the cut pixels. */
static uint32_t check(struct fixture *f)
{
    enum { UNTOUCHED = 0xa5 };
    unsigned char *expected = malloc(f->output_size);
    memset(f->outputs, UNTOUCHED, f->output_size);
    memset(expected, UNTOUCHED, f->output_size);
    uint32_t expected_cut = 0;
    for (int p = 0; p < f->shape.pixels; p++) {
        unsigned char *pixels = expected + ((unsigned char *)f->pixels[p] - f->outputs);
        for (int c = 0; c < f->shape.channels; c++)
            if (expect_output(f, p, c, pixels))
                expected_cut |= 1U << p;
    }
    uint32_t cut = f->kernels->by_blocks[f->shape.blocks - 1](&f->tile);
    assert_memory_equal(f->outputs, expected, f->output_size);
    assert_int_equal(cut, expected_cut);
    free(expected);
    return cut;
}

/* The kernels of a type that exist here and are not those of a lower instruction set. */
static bool has_kernels(enum gn_precision precision, enum gn_isa isa)
{
    if (!gn_isa_available(isa) || gn_kernels_of(precision, isa) == NULL)
        return false;
    return isa == GN_ISA_PORTABLE ||
           gn_kernels_of(precision, isa) != gn_kernels_of(precision, isa - 1);
}

static void check_random_shapes(enum gn_precision precision, enum gn_isa isa, uint64_t *seed)
{
    enum { ROUNDS = 300 };
    const struct gn_kernels *kernels = gn_kernels_of(precision, isa);
    const bool is_real = precision == GN_PRECISION_FLOAT32;
    int n_cut = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct fixture f;
        struct shape shape = {precision, isa};
        shape.blocks = 1 + (int)(draw(seed) % (uint32_t)kernels->max_blocks);
        shape.taps = 1 + (int)(draw(seed) % (i % 4 == 0 ? 1 : 25));
        shape.words = 1 + (int)(draw(seed) % (i % 3 == 0 ? 3 : 40));
        shape.pixels = 1 + (int)(draw(seed) % (uint32_t)kernels->pixels);
        shape.channels = 1 + (int)(draw(seed) % (uint32_t)(shape.blocks * BLOCK));
        if (i % 2 == 0) { /* the whole tile */
            shape.pixels = kernels->pixels;
            shape.channels = shape.blocks * BLOCK;
        }
        shape.store = i % 5 == 0 ? GN_STORE_RAW : GN_STORE_RELU;
        if (is_real && i % 5 == 1)
            shape.store = GN_STORE_LINEAR;
        set_up(&f, &shape, draw(seed));
        n_cut += check(&f) != 0;
        tear_down(&f);
    }
    if (is_real)
        assert_int_equal(n_cut, 0);
    else
        assert_in_range(n_cut, ROUNDS / 20, ROUNDS - ROUNDS / 5);
}

static void each_kernel(enum gn_precision precision,
                        void (*check_one)(enum gn_precision, enum gn_isa, uint64_t *))
{
    uint64_t seed = 17;
    for (int isa = GN_ISA_PORTABLE; isa < GN_ISAS; isa++) {
        if (has_kernels(precision, (enum gn_isa)isa))
            check_one(precision, (enum gn_isa)isa, &seed);
        else
            print_message("no kernel of its own here: %s %s\n", gn_precision_name(precision),
                          gn_isa_name((enum gn_isa)isa));
    }
}

static void test_float32(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_FLOAT32, check_random_shapes);
}

static void test_int16(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_INT16, check_random_shapes);
}

static void test_int8(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_INT8, check_random_shapes);
}

/* Sums whose order matters: large terms that cancel. */
static void check_order(enum gn_precision precision, enum gn_isa isa, uint64_t *seed)
{
    const struct gn_kernels *kernels = gn_kernels_of(precision, isa);
    struct shape shape = {precision, isa, 1, 9, 24, kernels->pixels, BLOCK, GN_STORE_LINEAR};
    struct fixture f;
    set_up(&f, &shape, draw(seed));
    for (int i = 0; i < shape.taps * shape.words * BLOCK; i++)
        ((float *)f.weights)[i] = ldexpf(draw_real(seed), (int)(draw(seed) % 40) - 20);
    check(&f);
    tear_down(&f);
}

static void test_order_of_addition(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_FLOAT32, check_order);
}

/* Weights at the limit of what a model may hold: sums that just fit into 32 bits, both signs. */
static void check_extremes(enum gn_precision precision, enum gn_isa isa, uint64_t *seed)
{
    const struct gn_kernels *kernels = gn_kernels_of(precision, isa);
    const bool is_int16 = precision == GN_PRECISION_INT16;
    const int words = is_int16 ? 4 : 16448; /* 8 * 8191 * 32767; 65792 * 255 * 127 */
    for (int store = GN_STORE_RELU; store <= GN_STORE_RAW; store += GN_STORE_RAW) {
        struct shape shape = {
            precision, isa, 1, 1, words, kernels->pixels, BLOCK, (enum gn_tile_store)store};
        struct fixture f;
        set_up(&f, &shape, draw(seed));
        if (is_int16)
            for (int i = 0; i < ARENA / 2; i++)
                ((int16_t *)f.inputs)[i] = 8191;
        else /* the arena ends before such a tap: all pixels read the same */
            memset(f.inputs = realloc(f.inputs, (size_t)words * 4), 255, (size_t)words * 4);
        for (int p = 0; p < kernels->pixels; p++)
            f.starts[p] = f.inputs;
        for (int c = 0; c < BLOCK; c++) {
            f.scale[c] = c % 4 < 2 ? 1.0F : 1e-6F;
            f.bias[c] = 0;
            for (int k = 0; k < words * elements_of_word(precision); k++) {
                size_t place = weight_place(&f, c, 0, k);
                if (is_int16)
                    ((int16_t *)f.weights)[place] = c % 2 == 0 ? INT16_MAX : -INT16_MAX;
                else
                    ((int8_t *)f.weights)[place] = c % 2 == 0 ? INT8_MAX : -INT8_MAX;
            }
        }
        uint32_t all = (1U << kernels->pixels) - 1;
        assert_int_equal(check(&f), store == GN_STORE_RELU ? all : 0);
        tear_down(&f);
    }
}

static void test_extreme_sums(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_INT16, check_extremes);
    each_kernel(GN_PRECISION_INT8, check_extremes);
}

/* Results around the type's top and beyond what an int32 holds, and halves: (sum, scale, bias). */
static void check_rounding(enum gn_precision precision, enum gn_isa isa, uint64_t *seed)
{
    const struct gn_kernels *kernels = gn_kernels_of(precision, isa);
    const float top = (float)top_of(precision);
    const float results[BLOCK] = {0,          0.5F,  1.5F,       2.5F,        -0.5F,       -3,
                                  top - 1.5F, top,   top - 0.5F, top + 0.49F, top - 0.25F, 100.5F,
                                  101.5F,     -0.0F, 1e-30F,     -1e30F};
    const float beyond[] = {top + 0.5F, top + 1, 3e9F, 1e30F, INFINITY};
    struct shape shape = {precision, isa, 1, 1, 1, kernels->pixels, BLOCK, GN_STORE_RELU};
    struct fixture f;
    set_up(&f, &shape, draw(seed));
    memset(f.weights, 0, (size_t)BLOCK * 4);
    memcpy(f.bias, results, sizeof results);
    assert_int_equal(check(&f), 0);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        f.bias[7] = beyond[i];
        assert_int_equal(check(&f), (1U << kernels->pixels) - 1);
    }
    tear_down(&f);
}

static void test_rounding(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_INT16, check_rounding);
    each_kernel(GN_PRECISION_INT8, check_rounding);
}

/* The bits of cut pixels name those pixels, and channels that are not stored do not count. */
static void check_cut_bits(enum gn_precision precision, enum gn_isa isa, uint64_t *seed)
{
    const struct gn_kernels *kernels = gn_kernels_of(precision, isa);
    const int high = kernels->pixels - 1;
    struct shape shape = {precision, isa, 1, 1, 1, kernels->pixels, BLOCK, GN_STORE_RELU};
    struct fixture f;
    set_up(&f, &shape, draw(seed));
    for (int p = 0; p < kernels->pixels; p++) {
        f.starts[p] = f.inputs + 4 * (p == high);
        f.pixels[p] = f.outputs + (size_t)p * f.pixel_size;
    }
    memset(f.inputs, 0, 8);
    f.inputs[4] = 1; /* of the last pixel, the first element is 1 */
    memset(f.weights, 0, (size_t)BLOCK * 4);
    memset(f.bias, 0, sizeof f.bias);
    f.scale[9] = 1e6F;
    if (precision == GN_PRECISION_INT16)
        ((int16_t *)f.weights)[weight_place(&f, 9, 0, 0)] = 1;
    else
        ((int8_t *)f.weights)[weight_place(&f, 9, 0, 0)] = 1;
    assert_int_equal(check(&f), 1U << high);
    f.tile.channels = f.shape.channels = 10;
    assert_int_equal(check(&f), 1U << high);
    f.tile.channels = f.shape.channels = 9;
    assert_int_equal(check(&f), 0);
    f.tile.channels = f.shape.channels = 16;
    f.tile.pixels = f.shape.pixels = high;
    assert_int_equal(check(&f), 0);
    tear_down(&f);
}

static void test_cut_bits(void **state)
{
    (void)state;
    each_kernel(GN_PRECISION_INT16, check_cut_bits);
    each_kernel(GN_PRECISION_INT8, check_cut_bits);
}

static float float_of_bf16(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The instruction's own rounding is not written out here: sums of small integers are exact. */
static void test_bf16(void **state)
{
    (void)state;
    if (!gn_precision_available(GN_PRECISION_BF16)) {
        print_message("this CPU or build has no bfloat16 instructions\n");
        skip();
    }
    enum { WORDS = 5 };
    const struct gn_kernels *kernels = gn_kernels_of(GN_PRECISION_BF16, gn_isa_best());
    struct shape shape = {GN_PRECISION_BF16, gn_isa_best(), 1, 1, WORDS, kernels->pixels, BLOCK,
                          GN_STORE_RELU};
    struct fixture f;
    uint64_t seed = 3;
    set_up(&f, &shape, 5);
    const uint16_t numbers[] = {0x0000, 0x3f80, 0x4000, 0xbf80, 0xc040}; /* 0 1 2 -1 -3 */
    for (int i = 0; i < ARENA / 2; i++)
        ((uint16_t *)f.inputs)[i] = numbers[draw(&seed) % 5];
    for (int i = 0; i < WORDS * BLOCK * 2; i++)
        ((uint16_t *)f.weights)[i] = numbers[draw(&seed) % 5];
    memset(f.bias, 0, sizeof f.bias);
    kernels->by_blocks[0](&f.tile);
    for (int p = 0; p < kernels->pixels; p++)
        for (int c = 0; c < BLOCK; c++) {
            float sum = 0;
            for (int k = 0; k < WORDS * 2; k++)
                sum += float_of_bf16(((const uint16_t *)f.starts[p])[k]) *
                       float_of_bf16(((uint16_t *)f.weights)[weight_place(&f, c, 0, k)]);
            assert_true(float_of_bf16(((uint16_t *)f.pixels[p])[c]) == (sum > 0 ? sum : 0));
        }
    tear_down(&f);
}

static void test_choice(void **state)
{
    (void)state;
    assert_true(gn_isa_available(GN_ISA_PORTABLE));
    assert_true(gn_isa_available(gn_isa_best()));
    for (int isa = 0; isa < GN_ISAS; isa++) {
        if (!gn_isa_available((enum gn_isa)isa))
            continue;
        assert_true(isa <= (int)gn_isa_best());
        const enum gn_precision always[] = {GN_PRECISION_FLOAT32, GN_PRECISION_INT16,
                                            GN_PRECISION_INT8};
        for (int i = 0; i < 3; i++) {
            const struct gn_kernels *kernels = gn_kernels_of(always[i], (enum gn_isa)isa);
            assert_non_null(kernels);
            assert_int_equal(24 % kernels->pixels, 0);
            assert_in_range(kernels->max_blocks, 1, GN_TILE_MAX_BLOCKS);
            for (int b = 0; b < kernels->max_blocks; b++)
                assert_non_null(kernels->by_blocks[b]);
        }
    }
    assert_true(gn_precision_available(GN_PRECISION_INT16));
    assert_int_equal(gn_precision_available(GN_PRECISION_INT8),
                     gn_isa_available(GN_ISA_AVX512_VNNI));
    assert_int_equal(gn_precision_available(GN_PRECISION_BF16),
                     gn_kernels_of(GN_PRECISION_BF16, gn_isa_best()) != NULL);
    assert_string_equal(gn_isa_name(GN_ISA_AVX512_VNNI), "avx512_vnni");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float32),      cmocka_unit_test(test_order_of_addition),
        cmocka_unit_test(test_int16),        cmocka_unit_test(test_int8),
        cmocka_unit_test(test_extreme_sums), cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_cut_bits),     cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
