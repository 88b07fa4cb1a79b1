/* SPDX-License-Identifier: MIT
 *
 * test_cnn_engine.c - whole networks: against a naive engine in double that walks model.json itself, and the same bits
 * for every instruction set, batch and order of images, with and without the skipping of empty rows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/tile.h"
#include "cnn/infer.h"
#include "naive_network.h"

enum { HEIGHT = 41, WIDTH = 37, CHANNELS = 3, IMAGES = 12 };

/* Every operation, odd channel counts, a tensor used by two concats, a nested concat, a crop in a concat. */
static const char LAYERS[] =
    "[{'name':'a','op':'conv2d','inputs':['image'],'filters':16,'kernel':[3,3],'stride':[2,2],"
    "'padding':'valid','activation':'relu'},"
    "{'name':'b','op':'conv2d','inputs':['a'],'filters':21,'kernel':[3,5],'stride':[2,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'c','op':'max_pool','inputs':['b'],'kernel':[3,3],'stride':[2,2],'padding':'same'},"
    "{'name':'d','op':'conv2d','inputs':['c'],'filters':9,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'e','op':'avg_pool','inputs':['c'],'kernel':[3,3],'stride':[1,1],'padding':'same'},"
    "{'name':'f','op':'conv2d','inputs':['e'],'filters':34,'kernel':[7,1],'stride':[1,1],"
    "'padding':'same','activation':'none'},"
    "{'name':'g','op':'concat','inputs':['d','f']},"
    "{'name':'h','op':'concat','inputs':['d','g','c']},"
    "{'name':'i','op':'max_pool','inputs':['h'],'kernel':[2,2],'stride':[1,2],'padding':'valid'},"
    "{'name':'j','op':'global_avg_pool','inputs':['i']},"
    "{'name':'k','op':'crop','inputs':['image'],'rows':[1,41],'columns':[9,30]},"
    "{'name':'l','op':'conv2d','inputs':['k'],'filters':40,'kernel':[1,21],'stride':[1,1],"
    "'padding':'valid','activation':'relu'},"
    "{'name':'m','op':'max_pool','inputs':['l'],'kernel':[40,1],'stride':[1,1],'padding':'valid'},"
    "{'name':'n','op':'crop','inputs':['l'],'rows':[3,4],'columns':[0,1]},"
    "{'name':'o','op':'avg_pool','inputs':['l'],'kernel':[40,1],'stride':[1,1],'padding':'valid'},"
    "{'name':'p','op':'concat','inputs':['j','m','n','o','n']},"
    "{'name':'q','op':'dense','inputs':['p'],'units':19,'activation':'relu'},"
    "{'name':'r','op':'dense','inputs':['q'],'units':3,'activation':'none'},"
    "{'name':'s','op':'softmax','inputs':['r']}]";

struct fixture {
    struct test_model folder;
    gn_model_t *model;
    uint8_t *images;
    size_t size;
};

/* Images with different numbers of used rows: none, one, some, all. */
static void make_images(struct fixture *f)
{
    static const int used[IMAGES] = {41, 0, 5, 40, 1, 17, 41, 6, 0, 23, 2, 30};
    uint64_t seed = 3;
    f->size = HEIGHT * WIDTH * CHANNELS;
    f->images = calloc(IMAGES, f->size);
    for (int i = 0; i < IMAGES; i++)
        for (int b = 0; b < used[i] * WIDTH * CHANNELS; b++)
            f->images[(size_t)i * f->size + (size_t)b] = (uint8_t)(test_random(&seed) & 255);
}

/* Layer, and for weights: kernel height, width, inputs, outputs. */
static void add_weights(struct test_model *folder)
{
    static const struct {
        const char *layer;
        size_t shape[4];
        int rank;
    } weights[] = {
        {"a", {3, 3, 3, 16}, 4},  {"b", {3, 5, 16, 21}, 4}, {"d", {1, 1, 21, 9}, 4},
        {"f", {7, 1, 21, 34}, 4}, {"l", {1, 21, 3, 40}, 4}, {"q", {233, 19}, 2},
        {"r", {19, 3}, 2},
    };
    uint64_t seed = 11;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        int rank = weights[i].rank;
        test_add_tensor(folder, weights[i].layer, "weight", weights[i].shape, rank, &seed);
        test_add_tensor(folder, weights[i].layer, "bias", &weights[i].shape[rank - 1], 1, &seed);
    }
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

struct results {
    float logits[IMAGES][3], probabilities[IMAGES][3];
};

static void run_network(const struct fixture *f, enum gn_precision precision, enum gn_isa isa,
                        bool keep, struct results *out)
{
    gn_error_t err = {0};
    struct gn_network_options options = {precision, gn_isa_name(isa), keep};
    gn_network_t *network = gn_network_create(f->model, &options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    assert_int_equal(
        gn_infer_run_logits(infer, f->images, IMAGES, out->logits, out->probabilities, &err),
        GN_OK);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static void test_against_naive(void **state)
{
    const struct fixture *f = *state;
    struct results out;
    double spread = 0;
    run_network(f, GN_PRECISION_FLOAT32, GN_ISA_PORTABLE, false, &out);
    for (int i = 0; i < IMAGES; i++) {
        double expected[3];
        naive_run(&f->folder, f->images + (size_t)i * f->size, expected);
        for (int c = 0; c < 3; c++)
            assert_true(fabs((double)out.probabilities[i][c] - expected[c]) < 1e-5);
        spread += fabs((double)out.probabilities[i][0] - (double)out.probabilities[0][0]);
    }
    assert_true(spread > 0.01); /* the images are not all the same to this network */
}

static void test_same_bits_everywhere(void **state)
{
    const struct fixture *f = *state;
    struct results reference, out;
    run_network(f, GN_PRECISION_FLOAT32, GN_ISA_PORTABLE, true, &reference);
    for (int isa = GN_ISA_PORTABLE; isa < GN_ISAS; isa++)
        for (int keep = 0; keep < 2; keep++) {
            if (!gn_isa_available((enum gn_isa)isa))
                continue;
            run_network(f, GN_PRECISION_FLOAT32, (enum gn_isa)isa, keep != 0, &out);
            assert_memory_equal(&out, &reference, sizeof out);
        }
}

static void test_batch_and_order(void **state)
{
    const struct fixture *f = *state;
    gn_error_t err = {0};
    struct results reference;
    float out[IMAGES][3], logits[IMAGES][3];
    run_network(f, GN_PRECISION_FLOAT32, gn_isa_best(), true, &reference);
    gn_network_t *network = gn_network_create(f->model, NULL, &err);
    assert_non_null(network);
    for (int batch = 1; batch <= IMAGES; batch++) {
        gn_infer_t *infer = gn_infer_create(network, &err);
        assert_non_null(infer);
        for (int i = IMAGES - batch; i >= 0;
             i -= batch) /* backwards: other row counts before each */
            assert_int_equal(gn_infer_run_logits(infer, f->images + (size_t)i * f->size,
                                                 (size_t)batch, logits + i, out + i, &err),
                             GN_OK);
        int first = IMAGES % batch;
        size_t size = sizeof *out * (size_t)(IMAGES - first);
        assert_memory_equal(out + first, reference.probabilities + first, size);
        assert_memory_equal(logits + first, reference.logits + first, size);
        assert_int_equal(gn_infer_run(infer, f->images, 0, out, &err), GN_OK);
        gn_infer_destroy(infer);
    }
    gn_network_destroy(network);
}

static void test_counts(void **state)
{
    const struct fixture *f = *state;
    size_t parameters = 0;
    for (int i = 0; i < f->folder.n_tensors; i++)
        parameters += f->folder.tensors[i].count;
    assert_int_equal(gn_model_parameters(f->model), parameters);
    /* pixels x weights: a 20x18, b 10x18, d and f 5x9, l 40x1, q and r 1 */
    double macs = 360.0 * 432 + 180.0 * 5040 + 45.0 * 189 + 45.0 * 4998 + 40.0 * 2520 + 4427 + 57;
    assert_true(gn_model_macs(f->model) == macs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_same_bits_everywhere),
        cmocka_unit_test(test_batch_and_order),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
