/* SPDX-License-Identifier: MIT
 *
 * test_cuda_plan.c - networks as steps, on the stub device: against a naive engine in double and the CPU's, with the same
 * bits whether rows that no read reaches are computed or not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cnn/graph.h"
#include "cnn/infer.h"
#include "cnn/random_model.h"
#include "drawn_network.h"
#include "naive_network.h"
#include "on_stub.h"
#include "temporary_folder.h"

enum { NETWORKS = 42, IMAGES = 2, BATCH = 4, OPS = GN_DEVICE_CLASSIFY + 1 };

/* What the plans of the random networks were made of, so that none of it goes untested. */
struct seen {
    int ops[OPS], slices, cut, joined_twice;
};

static const enum gn_device_type types[] = {GN_DEVICE_FLOAT32, GN_DEVICE_FLOAT16, GN_DEVICE_BF16};

static void softmax_of(const float logits[3], double out[3])
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += exp((double)logits[c]);
    for (int c = 0; c < 3; c++)
        out[c] = exp((double)logits[c]) / sum;
}

static void note(struct seen *seen, const struct gn_cuda_plan *plan)
{
    seen->cut += plan->is_cut;
    for (int s = 0; s < plan->n_steps; s++) {
        const struct gn_device_step *step = &plan->steps[s];
        seen->ops[step->op]++;
        seen->slices +=
            step->op != GN_DEVICE_CLASSIFY && step->output.pitch > step->output.channels;
        seen->joined_twice +=
            step->op == GN_DEVICE_COPY && step->output.pitch > step->output.channels;
    }
}

/* Images whose first rows are random: `rows` of the first, fewer of the others. */
static void draw_images(const gn_model_t *model, int rows, uint64_t *seed, uint8_t *images)
{
    size_t size = gn_model_image_size(model), row = size / (size_t)gn_model_height(model);
    memset(images, 0, IMAGES * size);
    for (int i = 0; i < IMAGES; i++)
        for (size_t b = 0; b < row * (size_t)(rows - rows * i / IMAGES); b++)
            images[(size_t)i * size + b] = (uint8_t)(test_random(seed) & 255);
}

/* Cut plans of so many rows give the bits of the whole plan, for batches that are full or not. */
static void compare_rows(const struct on_stub *on, const gn_model_t *model, int rows,
                         uint64_t *seed, struct seen *seen)
{
    float whole[IMAGES][3], cut[IMAGES][3];
    uint8_t *images = malloc(IMAGES * on->image_size);
    const struct gn_cuda_plan_options options = {IMAGES, rows};
    gn_error_t err = {0};
    struct gn_cuda_plan plan = {0};
    draw_images(model, rows, seed, images);
    on_stub_run_plan(on, &on->whole, images, IMAGES, whole);
    on_stub_run(on, rows, images, 1 + rows % IMAGES, cut);
    assert_memory_equal(cut, whole, (size_t)(1 + rows % IMAGES) * sizeof *cut);
    assert_int_equal(gn_cuda_plan_make(&plan, on->graph, &on->layout, &options, &err), GN_OK);
    on_stub_run_plan(on, &plan, images, IMAGES, cut);
    assert_memory_equal(cut, whole, sizeof cut);
    for (int i = 0; i < IMAGES; i++)
        for (int c = 0; c < 3; c++)
            assert_true(isfinite(whole[i][c]));
    note(seen, &plan);
    gn_cuda_plan_clear(&plan);
    free(images);
}

static void compare_naive(const struct on_stub *on, const gn_model_t *model,
                          const struct test_model *folder, uint64_t *seed)
{
    const double tolerances[] = {1e-5, 0.02, 0.15};
    uint8_t *images = malloc(IMAGES * on->image_size);
    float logits[IMAGES][3];
    draw_images(model, gn_model_height(model), seed, images);
    on_stub_run(on, gn_model_height(model), images, IMAGES, logits);
    for (int i = 0; i < IMAGES; i++) {
        double expected[3], out[3];
        naive_run(folder, images + (size_t)i * on->image_size, expected);
        softmax_of(logits[i], out);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(out[c] - expected[c]) <
                        tolerances[on->layout.type] * fmax(expected[c], 0.1));
    }
    free(images);
}

static void check_network(struct drawn_network *net, struct seen *seen)
{
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(net->folder.dir, &err);
    if (model == NULL)
        fail_msg("%s", err.message);
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct on_stub on;
        on_stub_begin(&on, model, types[t], net->unit, BATCH);
        compare_naive(&on, model, &net->folder, &net->seed);
        for (int rows = 0; rows <= gn_model_height(model); rows += 1 + (t > 0) * 4)
            compare_rows(&on, model, rows, &net->seed, seen);
        on_stub_end(&on);
    }
    gn_model_free(model);
}

static void test_random_networks(void **state)
{
    static const int units[] = {1, 4, 8};
    struct seen seen = {{0}};
    (void)state;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        static struct drawn_network net;
        draw_network(&net, seed, units[seed % 3]);
        check_network(&net, &seen);
        test_model_end(&net.folder);
    }
    for (int op = 0; op < OPS; op++)
        assert_true(seen.ops[op] > NETWORKS);
    assert_true(seen.slices > NETWORKS && seen.joined_twice > NETWORKS && seen.cut > NETWORKS);
}

/* A large network: float32 as the CPU computes it, and all types the same whether cut or not. */
static void check_large(const gn_model_t *model, int unit, const int *rows, int n_rows)
{
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    const double tolerances[] = {1e-4, 0.05, 0.4};
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(model, &options, &err);
    on_stub_expect(network != NULL, &err);
    gn_infer_t *infer = gn_infer_create(network, &err);
    uint8_t *images = malloc(IMAGES * gn_model_image_size(model));
    uint64_t seed = 11;
    struct seen seen = {{0}};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct on_stub on;
        float logits[IMAGES][3], expected[IMAGES][3], probabilities[IMAGES][3];
        on_stub_begin(&on, model, types[t], unit, BATCH);
        draw_images(model, gn_model_height(model), &seed, images);
        on_stub_run_plan(&on, &on.whole, images, IMAGES, logits);
        assert_int_equal(gn_infer_run_logits(infer, images, IMAGES, expected, probabilities, &err),
                         GN_OK);
        for (int i = 0; i < IMAGES * 3; i++)
            assert_true(fabs((double)logits[i / 3][i % 3] - (double)expected[i / 3][i % 3]) <
                        tolerances[t]);
        for (int r = (int)t; r < n_rows; r += 3)
            compare_rows(&on, model, rows[r], &seed, &seen);
        on_stub_end(&on);
    }
    assert_true(seen.cut > 0);
    free(images);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static void test_compact(void **state)
{
    static const int rows[] = {0, 17, 68, 97};
    gn_error_t err = {0};
    (void)state;
    gn_model_t *model = gn_model_load("models/wgs", &err);
    on_stub_expect(model != NULL, &err);
    check_large(model, 8, rows, 4);
    gn_model_free(model);
}

static void test_inception(void **state)
{
    static const int rows[] = {41, 0, 75, 60};
    const struct gn_import_options options = {.shape = {100, 147, 7}};
    struct temporary_folder folder;
    gn_error_t err = {0};
    (void)state;
    temporary_make(&folder);
    const char *dir = temporary_path(&folder, "model");
    int rc = gn_random_model_write(&options, 8, 1, dir, &err);
    gn_model_t *model = rc == GN_OK ? gn_model_load(dir, &err) : NULL;
    on_stub_expect(model != NULL, &err);
    check_large(model, 4, rows, 4);
    gn_model_free(model);
    temporary_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_compact),
        cmocka_unit_test(test_inception),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
