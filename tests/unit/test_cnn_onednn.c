/* SPDX-License-Identifier: MIT
 *
 * test_cnn_onednn.c - the engine of oneDNN against our own kernels (which test_cnn_engine.c holds against a naive
 * engine), in builds that have it; what a build without it says.
 */
#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/example_source.h"
#include "cnn/infer.h"
#include "cnn/random_model.h"
#include "model_folder.h"
#include "temporary_folder.h"

enum { IMAGES = 37, GOLDEN_IMAGES = 84 };

static const float NEAR = 1e-5F;

/* What Inception v3 lacks: crops, a map that two concats read, a concat of means with maps, windows that leave a rest,
 * a mean of the image, a convolution without ReLU, strides that differ, a dense layer with ReLU. */
static const char LAYERS[] =
    "[{'name':'a','op':'conv2d','inputs':['image'],'filters':21,'kernel':[3,5],'stride':[2,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'b','op':'max_pool','inputs':['a'],'kernel':[3,2],'stride':[2,2],'padding':'same'},"
    "{'name':'c','op':'conv2d','inputs':['b'],'filters':9,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'none'},"
    "{'name':'d','op':'avg_pool','inputs':['c'],'kernel':[3,3],'stride':[2,2],'padding':'same'},"
    "{'name':'e','op':'avg_pool','inputs':['b'],'kernel':[3,3],'stride':[2,2],'padding':'same'},"
    "{'name':'f','op':'concat','inputs':['d','e']},"
    "{'name':'g','op':'concat','inputs':['e','f','d']},"
    "{'name':'h','op':'max_pool','inputs':['g'],'kernel':[2,2],'stride':[2,2],'padding':'valid'},"
    "{'name':'i','op':'global_avg_pool','inputs':['h']},"
    "{'name':'j','op':'crop','inputs':['image'],'rows':[1,23],'columns':[9,15]},"
    "{'name':'k','op':'conv2d','inputs':['j'],'filters':18,'kernel':[22,6],'stride':[1,1],"
    "'padding':'valid','activation':'relu'},"
    "{'name':'l','op':'global_avg_pool','inputs':['image']},"
    "{'name':'m','op':'concat','inputs':['k','i','l']},"
    "{'name':'n','op':'dense','inputs':['m'],'units':19,'activation':'relu'},"
    "{'name':'o','op':'dense','inputs':['n'],'units':3,'activation':'none'},"
    "{'name':'p','op':'softmax','inputs':['o']}]";

/* Layer, and for weights: kernel height, width, inputs, outputs. */
static void add_weights(struct test_model *folder)
{
    static const struct {
        const char *layer;
        size_t shape[4];
        int rank;
    } weights[] = {
        {"a", {3, 5, 3, 21}, 4}, {"c", {1, 1, 21, 9}, 4}, {"k", {22, 6, 3, 18}, 4},
        {"n", {81, 19}, 2},      {"o", {19, 3}, 2},
    };
    uint64_t seed = 5;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        int rank = weights[i].rank;
        test_add_tensor(folder, weights[i].layer, "weight", weights[i].shape, rank, &seed);
        test_add_tensor(folder, weights[i].layer, "bias", &weights[i].shape[rank - 1], 1, &seed);
    }
}

static gn_model_t *load(const char *dir)
{
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(dir, &err);
    if (model == NULL)
        fail_msg("%s", err.message);
    return model;
}

static gn_model_t *odd_model(void)
{
    struct test_model folder;
    char layers[sizeof LAYERS];
    for (size_t i = 0; i < sizeof LAYERS; i++)
        layers[i] = LAYERS[i] == '\'' ? '"' : LAYERS[i];
    test_model_begin(&folder, layers, 25, 19, 3);
    add_weights(&folder);
    test_write_model(&folder);
    gn_model_t *model = load(folder.dir);
    test_model_end(&folder);
    return model;
}

static gn_model_t *inception_model(void)
{
    const struct gn_import_options options = {
        .preset = "wgs", .name = "test", .shape = {75, 99, 7}};
    struct temporary_folder folder;
    gn_error_t err = {0};
    temporary_make(&folder);
    const char *dir = temporary_path(&folder, "model");
    if (gn_random_model_write(&options, 8, 1, dir, &err) != GN_OK)
        fail_msg("%s", err.message);
    gn_model_t *model = load(dir);
    temporary_remove(&folder);
    return model;
}

/* Images whose lower rows are empty, more or less of them. */
static uint8_t *random_images(const gn_model_t *model, size_t n)
{
    size_t size = gn_model_image_size(model);
    uint8_t *images = calloc(n, size);
    uint64_t seed = 3;
    assert_non_null(images);
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < size * (i % 4 + 1) / 4; b++)
            images[i * size + b] = (uint8_t)(test_random(&seed) & 255);
    return images;
}

static gn_network_t *make_network(const gn_model_t *model, const char *engine)
{
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32, .engine = engine};
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(model, &options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    return network;
}

/* Classifies the images in batches. */
static void classify(const gn_network_t *network, const gn_model_t *model, const uint8_t *images,
                     size_t n, size_t batch, float (*probabilities)[3])
{
    gn_error_t err = {0};
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    for (size_t i = 0; i < n; i += batch)
        assert_int_equal(gn_infer_run(infer, images + i * gn_model_image_size(model),
                                      n - i < batch ? n - i : batch, probabilities + i, &err),
                         GN_OK);
    assert_int_equal(gn_infer_counts(infer).images, n);
    gn_infer_destroy(infer);
}

static void compare_engines(const gn_model_t *model, const uint8_t *images, size_t n)
{
    float(*ours)[3] = calloc(n, sizeof *ours), (*theirs)[3] = calloc(n, sizeof *theirs);
    float spread = 0;
    gn_network_t *cpu = make_network(model, "cpu"), *onednn = make_network(model, "onednn");
    assert_memory_equal(gn_network_describe(onednn), "onednn ", strlen("onednn "));
    classify(cpu, model, images, n, n, ours);
    classify(onednn, model, images, n, n, theirs);
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) {
            assert_true(fabsf(ours[i][c] - theirs[i][c]) < NEAR);
            spread = fmaxf(spread, fabsf(ours[i][c] - ours[0][c]));
        }
    assert_true(spread > 0.01F); /* the images are not all the same to this network */
    gn_network_destroy(cpu);
    gn_network_destroy(onednn);
    free(ours);
    free(theirs);
}

static void skip_without_onednn(void)
{
    if (!gn_engine_is_built("onednn")) {
        print_message("no oneDNN in this build: make ONEDNN=1\n");
        skip();
    }
}

static void test_refusals(void **state)
{
    (void)state;
    gn_model_t *model = odd_model();
    struct gn_network_options options = {.engine = "abacus"};
    gn_error_t err = {0};
    assert_null(gn_network_create(model, &options, &err));
    assert_int_equal(err.code, GN_E_USAGE);
    options = (struct gn_network_options){.precision = GN_PRECISION_INT16, .engine = "onednn"};
    assert_null(gn_network_create(model, &options, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
#ifdef GN_ONEDNN
    assert_non_null(strstr(err.message, "not in int16"));
    options = (struct gn_network_options){.isa = "avx2", .engine = "onednn"};
    assert_null(gn_network_create(model, &options, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
#else
    assert_string_equal(err.message, "this build has no oneDNN: build with make ONEDNN=1");
#endif
    gn_model_free(model);
}

static void test_every_operation(void **state)
{
    (void)state;
    skip_without_onednn();
    gn_model_t *model = odd_model();
    uint8_t *images = random_images(model, IMAGES);
    compare_engines(model, images, IMAGES);
    free(images);
    gn_model_free(model);
}

static void test_inception(void **state)
{
    (void)state;
    skip_without_onednn();
    gn_model_t *model = inception_model();
    uint8_t *images = random_images(model, IMAGES);
    compare_engines(model, images, IMAGES);
    free(images);
    gn_model_free(model);
}

static void test_golden_images(void **state)
{
    (void)state;
    const char *root = getenv("GANNET_SHARED"), *first;
    char path[512];
    gn_error_t err = {0};
    size_t n = 0;
    skip_without_onednn();
    snprintf(path, sizeof path, "%s/testdata/dv-1.9.0/golden.calling_examples.tfrecord.gz",
             root != NULL ? root : "../shared");
    gn_example_source_t *source = gn_example_source_open(path, &first, &err);
    if (source == NULL) {
        print_message("%s is absent\n", path);
        skip();
    }
    gn_model_t *model = load("models/wgs");
    const size_t size = gn_model_image_size(model);
    uint8_t *images = calloc(GOLDEN_IMAGES, size);
    for (struct gn_example example = {0};
         n < GOLDEN_IMAGES && gn_example_source_next(source, &example, &err) == 1; n++) {
        assert_int_equal(example.image.len, size);
        memcpy(images + n * size, example.image.data, size);
        gn_example_clear(&example);
    }
    assert_int_equal(n, GOLDEN_IMAGES);
    compare_engines(model, images, n);
    gn_example_source_close(source);
    free(images);
    gn_model_free(model);
}

static void test_batches(void **state)
{
    (void)state;
    skip_without_onednn();
    gn_model_t *model = inception_model();
    uint8_t *images = random_images(model, IMAGES);
    gn_network_t *network = make_network(model, "onednn");
    float reference[IMAGES][3], out[IMAGES][3];
    classify(network, model, images, IMAGES, IMAGES, reference);
    static const size_t batches[] = {1, 7, 16, 19};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        classify(network, model, images, IMAGES, batches[i], out);
        assert_memory_equal(out, reference, sizeof out);
    }
    gn_network_destroy(network);
    free(images);
    gn_model_free(model);
}

/* bf16 has 8 significant bits; where it leaves an image open, float32 decides. */
static void test_bf16(void **state)
{
    (void)state;
    const struct gn_network_options options = {.precision = GN_PRECISION_BF16, .engine = "onednn"};
    gn_error_t err = {0};
    skip_without_onednn();
    gn_model_t *model = inception_model();
    gn_network_t *network = gn_network_create(model, &options, &err);
    if (network == NULL) {
        assert_int_equal(err.code, GN_E_UNAVAILABLE);
        assert_false(gn_precision_available(GN_PRECISION_BF16));
        gn_model_free(model);
        print_message("%s\n", err.message);
        skip();
    }
    uint8_t *images = random_images(model, IMAGES);
    gn_network_t *cpu = make_network(model, "cpu");
    float reference[IMAGES][3], out[IMAGES][3], again[IMAGES][3];
    classify(cpu, model, images, IMAGES, IMAGES, reference);
    classify(network, model, images, IMAGES, IMAGES, out);
    classify(network, model, images, IMAGES, 3, again);
    assert_memory_equal(out, again, sizeof out);
    for (int i = 0; i < IMAGES; i++)
        for (int c = 0; c < 3; c++)
            assert_true(fabsf(reference[i][c] - out[i][c]) < 0.02F);
    assert_int_equal(gn_network_precision(network), GN_PRECISION_BF16);
    gn_network_destroy(network);
    gn_network_destroy(cpu);
    free(images);
    gn_model_free(model);
}

static void test_layer_times(void **state)
{
    (void)state;
    gn_error_t err = {0};
    float out[1][3];
    skip_without_onednn();
    gn_model_t *model = odd_model();
    uint8_t *images = random_images(model, 1);
    gn_network_t *network = make_network(model, "onednn");
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    assert_true(gn_infer_layer_seconds(infer, 0) == 0.0);
    assert_int_equal(gn_infer_time_layers(infer, true, &err), GN_OK);
    assert_int_equal(gn_infer_run(infer, images, 1, out, &err), GN_OK);
    assert_true(gn_infer_layer_seconds(infer, 0) > 0.0);
    assert_true(gn_infer_layer_seconds(infer, 99) == 0.0);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    free(images);
    gn_model_free(model);
}

static int threads_of_this_process(void)
{
    DIR *folder = opendir("/proc/self/task");
    int n = 0;
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

/* Fails only on machines with more than one CPU, where OpenMP would start more threads. */
static void test_no_threads_of_its_own(void **state)
{
    (void)state;
    skip_without_onednn();
    float out[IMAGES][3];
    gn_model_t *model = inception_model();
    uint8_t *images = random_images(model, IMAGES);
    const int before = threads_of_this_process();
    gn_network_t *network = make_network(model, "onednn");
    classify(network, model, images, IMAGES, IMAGES, out);
    assert_int_equal(threads_of_this_process(), before);
    gn_network_destroy(network);
    free(images);
    gn_model_free(model);
}

struct job {
    const gn_network_t *network;
    const gn_model_t *model;
    const uint8_t *images;
    float out[IMAGES][3];
};

static void *work(void *argument)
{
    struct job *job = argument;
    classify(job->network, job->model, job->images, IMAGES, 5, job->out);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    skip_without_onednn();
    gn_model_t *model = inception_model();
    uint8_t *images = random_images(model, IMAGES);
    gn_network_t *network = make_network(model, "onednn");
    struct job jobs[3] = {
        {network, model, images}, {network, model, images}, {network, model, images}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_memory_equal(jobs[0].out, jobs[1].out, sizeof jobs[0].out);
    assert_memory_equal(jobs[0].out, jobs[2].out, sizeof jobs[0].out);
    gn_network_destroy(network);
    free(images);
    gn_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_threads_of_its_own), /* first: threads stay once started */
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_every_operation),
        cmocka_unit_test(test_inception),
        cmocka_unit_test(test_golden_images),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_layer_times),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
