/* SPDX-License-Identifier: MIT
 *
 * test_cnn_integers.c - networks in int16 and int8: close to a naive engine in double, the same
 * bits for every instruction set, batch and use of empty rows, and float32's bits where an
 * activation passes what calibration saw.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/maxima.h"
#include "cnn/cpu/plan.h"
#include "cnn/cpu/tile.h"
#include "cnn/graph.h"
#include "cnn/infer.h"
#include "cnn/quantisation.h"
#include "naive_network.h"

enum { HEIGHT = 45, WIDTH = 39, CHANNELS = 3, IMAGES = 29 /* more than one group of 24 */ };

/* Padding around the image itself, odd numbers of channels and of taps, a mean that moves behind its
 * convolution and one that does not, a crop, a concat of integers and one that ends in float32. */
static const char LAYERS[] =
    "[{'name':'a','op':'conv2d','inputs':['image'],'filters':17,'kernel':[3,3],'stride':[2,2],"
    "'padding':'same','activation':'relu'},"
    "{'name':'b','op':'conv2d','inputs':['a'],'filters':21,'kernel':[3,5],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'c','op':'max_pool','inputs':['b'],'kernel':[3,3],'stride':[2,2],'padding':'valid'},"
    "{'name':'d','op':'conv2d','inputs':['c'],'filters':9,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'e','op':'avg_pool','inputs':['c'],'kernel':[3,3],'stride':[1,1],'padding':'same'},"
    "{'name':'f','op':'conv2d','inputs':['e'],'filters':34,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'g','op':'conv2d','inputs':['c'],'filters':19,'kernel':[7,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'h','op':'concat','inputs':['d','f','g']},"
    "{'name':'i','op':'avg_pool','inputs':['h'],'kernel':[2,2],'stride':[2,2],'padding':'same'},"
    "{'name':'j','op':'conv2d','inputs':['i'],'filters':40,'kernel':[3,3],'stride':[2,2],"
    "'padding':'valid','activation':'relu'},"
    "{'name':'k','op':'global_avg_pool','inputs':['j']},"
    "{'name':'l','op':'crop','inputs':['image'],'rows':[2,45],'columns':[7,28]},"
    "{'name':'m','op':'conv2d','inputs':['l'],'filters':30,'kernel':[1,21],'stride':[1,1],"
    "'padding':'valid','activation':'relu'},"
    "{'name':'n','op':'max_pool','inputs':['m'],'kernel':[43,1],'stride':[1,1],'padding':'valid'},"
    "{'name':'o','op':'concat','inputs':['k','n']},"
    "{'name':'p','op':'dense','inputs':['o'],'units':19,'activation':'relu'},"
    "{'name':'q','op':'dense','inputs':['p'],'units':3,'activation':'none'},"
    "{'name':'r','op':'softmax','inputs':['q']}]";

struct fixture {
    struct test_model folder;
    gn_model_t *model;
    uint8_t *images;
    size_t size;
};

struct results {
    float logits[IMAGES][3], probabilities[IMAGES][3];
};

static void make_images(struct fixture *f)
{
    uint64_t seed = 5;
    f->size = HEIGHT * WIDTH * CHANNELS;
    f->images = calloc(IMAGES, f->size);
    for (int i = 0; i < IMAGES; i++) {
        int used = i % 5 == 4 ? HEIGHT : (int)(test_random(&seed) % (HEIGHT + 1));
        for (int b = 0; b < used * WIDTH * CHANNELS; b++)
            f->images[(size_t)i * f->size + (size_t)b] = (uint8_t)(test_random(&seed) & 255);
    }
}

static void add_weights(struct test_model *folder)
{
    static const struct {
        const char *layer;
        size_t shape[4];
        int rank;
    } weights[] = {
        {"a", {3, 3, 3, 17}, 4},  {"b", {3, 5, 17, 21}, 4}, {"d", {1, 1, 21, 9}, 4},
        {"f", {1, 1, 21, 34}, 4}, {"g", {7, 1, 21, 19}, 4}, {"j", {3, 3, 62, 40}, 4},
        {"m", {1, 21, 3, 30}, 4}, {"p", {70, 19}, 2},       {"q", {19, 3}, 2},
    };
    uint64_t seed = 11;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        int rank = weights[i].rank;
        test_add_tensor(folder, weights[i].layer, "weight", weights[i].shape, rank, &seed);
        test_add_tensor(folder, weights[i].layer, "bias", &weights[i].shape[rank - 1], 1, &seed);
    }
}

/* Calibrates on the images; `share` of the true maxima. */
static void calibrate(struct fixture *f, float share)
{
    gn_error_t err = {0};
    int n = gn_model_graph(f->model)->n_tensors;
    struct gn_quantisation quantisation = {.maxima = calloc((size_t)n, sizeof(float))};
    assert_int_equal(gn_cpu_maxima(f->model, f->images, IMAGES, quantisation.maxima, &err), GN_OK);
    for (int t = 0; t < n; t++)
        quantisation.maxima[t] *= share;
    gn_model_set_quantisation(f->model, &quantisation);
}

static int set_up(void **state)
{
    static struct fixture f;
    char layers[sizeof LAYERS];
    gn_error_t err = {0};
    for (size_t i = 0; i < sizeof LAYERS; i++)
        layers[i] = LAYERS[i] == '\'' ? '"' : LAYERS[i];
    test_model_begin(&f.folder, layers, HEIGHT, WIDTH, CHANNELS);
    add_weights(&f.folder);
    test_write_model(&f.folder);
    make_images(&f);
    f.model = gn_model_load(f.folder.dir, &err);
    if (f.model == NULL)
        print_error("%s\n", err.message);
    *state = &f;
    return f.model == NULL;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    gn_model_free(f->model);
    free(f->images);
    test_model_end(&f->folder);
    return 0;
}

/* Classifies the images `batch` at a time. */
static struct gn_infer_counts run_network(const struct fixture *f,
                                          const struct gn_network_options *options, int batch,
                                          struct results *out)
{
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(f->model, options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    for (int i = 0; i < IMAGES; i += batch) {
        size_t n = (size_t)(IMAGES - i < batch ? IMAGES - i : batch);
        assert_int_equal(gn_infer_run_logits(infer, f->images + (size_t)i * f->size, n,
                                             out->logits + i, out->probabilities + i, &err),
                         GN_OK);
    }
    struct gn_infer_counts counts = gn_infer_counts(infer);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    return counts;
}

static void compare_with_naive(const struct fixture *f, enum gn_precision precision,
                               double tolerance)
{
    struct results out;
    double furthest = 0;
    const struct gn_network_options options = {precision, "portable", false};
    struct gn_infer_counts counts = run_network(f, &options, IMAGES, &out);
    assert_int_equal(counts.images, IMAGES);
    assert_true(counts.recomputed < IMAGES); /* else float32 would be what is tested */
    for (int i = 0; i < IMAGES; i++) {
        double expected[3];
        naive_run(&f->folder, f->images + (size_t)i * f->size, expected);
        for (int c = 0; c < 3; c++)
            furthest = fmax(furthest, fabs((double)out.probabilities[i][c] - expected[c]));
    }
    assert_true(furthest < tolerance);
    assert_true(furthest > 1e-7); /* it did not run in float32 */
}

static void test_against_naive(void **state)
{
    struct fixture *f = *state;
    calibrate(f, 1.0F);
    compare_with_naive(f, GN_PRECISION_INT16, 2e-3);
    if (gn_precision_available(GN_PRECISION_INT8))
        compare_with_naive(f, GN_PRECISION_INT8, 0.1);
}

static void test_same_bits_everywhere(void **state)
{
    static const int batches[] = {1, 7, 24, IMAGES};
    struct fixture *f = *state;
    calibrate(f, 1.0F);
    for (int p = GN_PRECISION_FLOAT32; p < GN_PRECISIONS; p++) {
        struct results reference, out;
        struct gn_network_options options = {(enum gn_precision)p, "portable", true};
        if (p == GN_PRECISION_BF16 || !gn_precision_available((enum gn_precision)p))
            continue; /* bfloat16 exists in one instruction set only */
        run_network(f, &options, IMAGES, &reference);
        for (int isa = GN_ISA_PORTABLE; isa < GN_ISAS; isa++)
            for (int keep = 0; keep < 2 && gn_isa_available((enum gn_isa)isa); keep++)
                for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
                    options.isa = gn_isa_name((enum gn_isa)isa);
                    options.keep_empty_rows = keep != 0;
                    run_network(f, &options, batches[b], &out);
                    assert_memory_equal(&out, &reference, sizeof out);
                }
    }
}

/* With too small maxima every image that is not empty is cut, and float32 decides. */
static void test_cut(void **state)
{
    struct fixture *f = *state;
    struct results exact, fast;
    const struct gn_network_options float32 = {GN_PRECISION_FLOAT32, NULL, false};
    const struct gn_network_options int16 = {GN_PRECISION_INT16, NULL, false};
    calibrate(f, 0.1F);
    run_network(f, &float32, IMAGES, &exact);
    struct gn_infer_counts counts = run_network(f, &int16, IMAGES, &fast);
    assert_int_equal(counts.saturated, IMAGES);
    assert_int_equal(counts.recomputed, IMAGES);
    assert_memory_equal(&fast, &exact, sizeof exact);
}

static void test_auto(void **state)
{
    struct fixture *f = *state;
    gn_error_t err = {0};
    struct gn_agreement agreement[GN_PRECISIONS] = {{0}};
    calibrate(f, 1.0F);
    for (int passed = 0; passed < 2; passed++) {
        agreement[GN_PRECISION_INT16].passed = passed != 0;
        gn_model_set_agreement(f->model, agreement);
        gn_network_t *network = gn_network_create(f->model, NULL, &err);
        assert_non_null(network);
        assert_int_equal(gn_network_precision(network),
                         passed ? GN_PRECISION_INT16 : GN_PRECISION_FLOAT32);
        gn_network_destroy(network);
    }
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;
    gn_error_t err = {0};
    struct gn_quantisation none = {0};
    struct gn_network_options options = {GN_PRECISION_INT16, NULL, false};
    gn_model_set_quantisation(f->model, &none);
    assert_null(gn_network_create(f->model, &options, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
    assert_non_null(strstr(err.message, "calibrate"));
    options = (struct gn_network_options){GN_PRECISION_FLOAT32, "sse9", false};
    assert_null(gn_network_create(f->model, &options, &err));
    assert_int_equal(err.code, GN_E_USAGE);
    assert_non_null(strstr(err.message, "sse9"));
}

/* Tensors that are alive at the same step never share a byte; reuse saves memory. */
static void test_plan_memory(void **state)
{
    const struct fixture *f = *state;
    const struct gn_graph *graph = gn_model_graph(f->model);
    gn_error_t err = {0};
    size_t sizes[2];
    for (int reuse = 0; reuse < 2; reuse++) {
        struct gn_cpu_plan plan = {0};
        const struct gn_cpu_plan_options options = {GN_PRECISION_FLOAT32, NULL, GN_PLAN_CAPACITY,
                                                    reuse != 0};
        assert_int_equal(gn_cpu_plan_make(&plan, graph, &options, &err), GN_OK);
        sizes[reuse] = plan.memory_size;
        for (int i = 0; i < plan.n_steps; i++) { /* a step's input and output are both alive */
            const struct gn_place *in = &plan.places[plan.steps[i].input];
            const struct gn_place *out = &plan.places[plan.steps[i].output];
            if (plan.steps[i].kind == GN_STEP_CONCAT)
                continue; /* its inputs lie inside it */
            size_t in_end = in->offset + in->slot_stride * (size_t)(in->slots - 1) +
                            in->row_stride * (size_t)in->height;
            size_t out_end = out->offset + out->slot_stride * (size_t)(out->slots - 1) +
                             out->row_stride * (size_t)out->height;
            bool apart = in_end <= out->offset || out_end <= in->offset;
            bool side_by_side = in->slot_stride == out->slot_stride; /* inside one concat */
            assert_true(apart || side_by_side);
            assert_true(in_end <= plan.memory_size && out_end <= plan.memory_size);
        }
        gn_cpu_plan_clear(&plan);
    }
    assert_true(sizes[1] < sizes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_naive), cmocka_unit_test(test_same_bits_everywhere),
        cmocka_unit_test(test_cut),           cmocka_unit_test(test_auto),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_plan_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
