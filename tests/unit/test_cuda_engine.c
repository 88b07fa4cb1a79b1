/* SPDX-License-Identifier: MIT
 *
 * test_cuda_engine.c - the CUDA engine on stub devices: results against the CPU engine's, which images are computed once more,
 * the same bits however images are spread, memory that is short, devices that fail or cannot be used.
 */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/backend.h"
#include "cnn/cuda/cuda_network.h"
#include "cnn/decision.h"
#include "cnn/devices.h"
#include "cnn/graph.h"
#include "model_folder.h"
#include "stub_device.h"

enum {
    HEIGHT = 60,
    WIDTH = 5,
    CHANNELS = 3,
    IMAGES = 500,
    SOME = 100,
    MOST_THREADS = 4,
    SHIPPED = 9
};

static const float NEAR = 1e-5F;

/* Two chains that lead away from the image, branches and their concatenation, a dense layer. */
static const char LAYERS[] =
    "[{'name':'a','op':'conv2d','inputs':['image'],'filters':8,'kernel':[3,3],'stride':[2,2],"
    "'padding':'same','activation':'relu'},"
    "{'name':'b','op':'conv2d','inputs':['a'],'filters':8,'kernel':[3,3],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'c','op':'max_pool','inputs':['b'],'kernel':[3,3],'stride':[2,2],'padding':'valid'},"
    "{'name':'d','op':'conv2d','inputs':['c'],'filters':8,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'e','op':'avg_pool','inputs':['c'],'kernel':[3,3],'stride':[1,1],'padding':'same'},"
    "{'name':'f','op':'conv2d','inputs':['e'],'filters':16,'kernel':[1,1],'stride':[1,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'g','op':'concat','inputs':['d','f']},"
    "{'name':'h','op':'conv2d','inputs':['g'],'filters':16,'kernel':[3,1],'stride':[2,1],"
    "'padding':'same','activation':'relu'},"
    "{'name':'i','op':'global_avg_pool','inputs':['h']},"
    "{'name':'j','op':'dense','inputs':['i'],'units':3,'activation':'none'},"
    "{'name':'k','op':'softmax','inputs':['j']}]";

struct fixture {
    struct test_model folder;
    gn_model_t *model;
    uint8_t *images;
    size_t size;
};

struct results {
    float logits[IMAGES][3], probabilities[IMAGES][3];
    struct gn_infer_counts counts;
};

/* `gain` multiplies the weights of the first layer and divides those of the last. The other factors are such that the logits of
 * different images differ, and each class wins some. */
static void make_model(struct fixture *f, float gain)
{
    static const struct {
        const char *layer;
        size_t shape[4];
        int rank;
    } weights[] = {
        {"a", {3, 3, 3, 8}, 4},  {"b", {3, 3, 8, 8}, 4},   {"d", {1, 1, 8, 8}, 4},
        {"f", {1, 1, 8, 16}, 4}, {"h", {3, 1, 24, 16}, 4}, {"j", {16, 3}, 2},
    };
    char layers[sizeof LAYERS];
    uint64_t seed = 11;
    gn_error_t err = {0};
    for (size_t i = 0; i < sizeof LAYERS; i++)
        layers[i] = LAYERS[i] == '\'' ? '"' : LAYERS[i];
    test_model_begin(&f->folder, layers, HEIGHT, WIDTH, CHANNELS);
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        const int rank = weights[i].rank;
        const bool is_last = weights[i].layer[0] == 'j';
        const float factor = i == 0 ? 2.5F * gain : is_last ? 3.0F / gain : 2.5F;
        test_add_tensor(&f->folder, weights[i].layer, "weight", weights[i].shape, rank, &seed);
        struct test_tensor *tensor = &f->folder.tensors[f->folder.n_tensors - 1];
        for (size_t k = 0; k < tensor->count; k++)
            tensor->values[k] *= factor;
        test_add_tensor(&f->folder, weights[i].layer, "bias", &weights[i].shape[rank - 1], 1,
                        &seed);
        if (is_last)
            f->folder.tensors[f->folder.n_tensors - 1].values[0] += 0.9F;
    }
    test_write_model(&f->folder);
    f->model = gn_model_load(f->folder.dir, &err);
    if (f->model == NULL)
        fail_msg("%s", err.message);
}

/* Images of few to all rows, an empty one among them; of differing brightness, so that results differ. */
static void make_images(struct fixture *f, size_t n)
{
    uint64_t seed = 5;
    f->size = gn_model_image_size(f->model);
    f->images = calloc(n, f->size);
    assert_non_null(f->images);
    const size_t height = (size_t)gn_model_height(f->model), row_size = f->size / height;
    for (size_t i = 0; i < n; i++) {
        size_t rows = i == 0 ? 0 : i % 7 == 0 ? height : 1 + test_random(&seed) % height;
        uint32_t darkest = test_random(&seed) % 200, span = 1 + test_random(&seed) % 56;
        for (size_t b = 0; b < rows * row_size; b++)
            f->images[i * f->size + b] = (uint8_t)(darkest + test_random(&seed) % span);
    }
}

static int set_up(void **state)
{
    static struct fixture fixture;
    make_model(&fixture, 1.0F);
    make_images(&fixture, IMAGES);
    stub_reset(1);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    const char *left = stub_check_idle();
    gn_model_free(f->model);
    test_model_end(&f->folder);
    free(f->images);
    if (left != NULL)
        print_error("%s\n", left);
    return left == NULL ? 0 : -1;
}

static struct gn_cuda_network *make_network(const struct fixture *f,
                                            const struct gn_network_options *options)
{
    gn_error_t err = {0};
    struct gn_cuda_network *network = gn_cuda_network_create(&stub_driver, f->model, options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    return network;
}

/* One of several threads: classifies images [from, to) in calls of `call` images. */
struct caller {
    const struct fixture *f;
    void *worker;
    size_t from, to, call;
    struct results *out;
    int rc;
    gn_error_t err;
};

static void *run_caller(void *argument)
{
    struct caller *caller = argument;
    for (size_t i = caller->from; i < caller->to && caller->rc == GN_OK; i += caller->call) {
        size_t n = caller->to - i < caller->call ? caller->to - i : caller->call;
        caller->rc = gn_backend_cuda.run(caller->worker, caller->f->images + i * caller->f->size, n,
                                         caller->out->logits + i, caller->out->probabilities + i,
                                         &caller->err);
    }
    return NULL;
}

/* Returns how many threads failed; the last failure in *err. */
static int classify(const struct fixture *f, const struct gn_cuda_network *network, size_t n,
                    size_t call, size_t n_threads, struct results *out, gn_error_t *err)
{
    struct caller callers[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    int failed = 0;
    memset(out, 0, sizeof *out);
    for (size_t t = 0; t < n_threads; t++) {
        callers[t] = (struct caller){f,
                                     gn_backend_cuda.create_worker(network, err),
                                     n * t / n_threads,
                                     n * (t + 1) / n_threads,
                                     call,
                                     out};
        assert_non_null(callers[t].worker);
        assert_int_equal(pthread_create(&threads[t], NULL, run_caller, &callers[t]), 0);
    }
    for (size_t t = 0; t < n_threads; t++) {
        pthread_join(threads[t], NULL);
        struct gn_infer_counts counts = gn_backend_cuda.counts(callers[t].worker);
        out->counts.images += counts.images;
        out->counts.recomputed += counts.recomputed;
        out->counts.near_decision += counts.near_decision;
        out->counts.saturated += counts.saturated;
        gn_backend_cuda.destroy_worker(callers[t].worker);
        failed += callers[t].rc != GN_OK;
        if (callers[t].rc != GN_OK) {
            assert_int_equal(callers[t].rc, callers[t].err.code);
            *err = callers[t].err;
        }
    }
    return failed;
}

static void classify_well(const struct fixture *f, const struct gn_network_options *options,
                          size_t n, size_t call, size_t n_threads, struct results *out)
{
    gn_error_t err = {0};
    struct gn_cuda_network *network = make_network(f, options);
    if (classify(f, network, n, call, n_threads, out, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(out->counts.images, n);
    gn_cuda_network_destroy(network);
}

static void classify_on_cpu(const struct fixture *f, size_t n, struct results *out)
{
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(f->model, &options, &err);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    assert_int_equal(
        gn_infer_run_logits(infer, f->images, n, out->logits, out->probabilities, &err), GN_OK);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static int best(const float probabilities[3])
{
    int first = probabilities[1] > probabilities[0];
    return probabilities[2] > probabilities[first] ? 2 : first;
}

static void assert_same_bits(const struct results *a, const struct results *b, size_t n)
{
    assert_memory_equal(a->logits, b->logits, n * sizeof *a->logits);
    assert_memory_equal(a->probabilities, b->probabilities, n * sizeof *a->probabilities);
}

static void assert_near(const struct results *a, const struct results *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            assert_true(fabsf(a->probabilities[i][c] - b->probabilities[i][c]) < NEAR);
}

static void test_float32(void **state)
{
    const struct fixture *f = *state;
    static struct results ours, cpu;
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    classify_on_cpu(f, SOME, &cpu);
    classify_well(f, &options, SOME, 64, 1, &ours);
    assert_near(&ours, &cpu, SOME);
    assert_int_equal(ours.counts.recomputed, 0);
}

static bool is_finite(const float logits[3])
{
    return isfinite(logits[0]) && isfinite(logits[1]) && isfinite(logits[2]);
}

/* Images near a decision, and those beyond the type's range, have float32's bits, others those of the fast type. */
static struct gn_infer_counts check_recomputation(const struct fixture *f,
                                                  enum gn_precision precision)
{
    static struct results both, fast, exact;
    struct gn_network_options options = {.precision = precision};
    struct gn_infer_counts expected = {.images = SOME};
    classify_well(f, &options, SOME, 64, 1, &both);
    options.fast_only = true;
    classify_well(f, &options, SOME, 64, 1, &fast);
    assert_int_equal(fast.counts.recomputed, 0);
    options = (struct gn_network_options){.precision = GN_PRECISION_FLOAT32};
    classify_well(f, &options, SOME, 64, 1, &exact);
    for (size_t i = 0; i < SOME; i++) {
        const bool is_cut = !is_finite(fast.logits[i]);
        const bool is_near = !is_cut && gn_near_decision(fast.probabilities[i]);
        const struct results *right = is_cut || is_near ? &exact : &fast;
        assert_memory_equal(both.logits[i], right->logits[i], sizeof both.logits[i]);
        assert_memory_equal(both.probabilities[i], right->probabilities[i],
                            sizeof both.probabilities[i]);
        expected.near_decision += is_near;
        expected.saturated += is_cut;
        expected.recomputed += is_near || is_cut;
    }
    assert_true(memcmp(fast.logits, exact.logits, SOME * sizeof *fast.logits) != 0);
    assert_memory_equal(&both.counts, &expected, sizeof expected);
    return expected;
}

static void test_recomputation(void **state)
{
    static const enum gn_precision types[] = {GN_PRECISION_FLOAT16, GN_PRECISION_BF16,
                                              GN_PRECISION_TF32};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct gn_infer_counts counts = check_recomputation(*state, types[i]);
        assert_true(counts.near_decision > 0 && counts.near_decision < SOME / 2);
        assert_int_equal(counts.saturated, 0);
    }
}

static void test_calls_of_float16(void **state)
{
    const struct fixture *f = *state;
    static struct results ours, cpu;
    const struct gn_network_options options = {.precision = GN_PRECISION_AUTO};
    int classes[3] = {0};
    classify_on_cpu(f, IMAGES, &cpu);
    classify_well(f, &options, IMAGES, 64, 1, &ours);
    for (size_t i = 0; i < IMAGES; i++) {
        assert_int_equal(best(ours.probabilities[i]), best(cpu.probabilities[i]));
        classes[best(cpu.probabilities[i])]++;
    }
    assert_true(classes[0] > 0 && classes[1] > 0 && classes[2] > 0);
}

/* Sums beyond float16's 65504 end in infinities: float32 decides. */
static void test_saturation(void **state)
{
    struct fixture loud = *(const struct fixture *)*state;
    make_model(&loud, 2e4F);
    struct gn_infer_counts counts = check_recomputation(&loud, GN_PRECISION_FLOAT16);
    assert_true(counts.saturated > 0 && counts.saturated < SOME);
    gn_model_free(loud.model);
    test_model_end(&loud.folder);
}

static void test_same_bits(void **state)
{
    const struct fixture *f = *state;
    static struct results reference, out;
    static const struct {
        size_t n, call, threads;
        int batch;
        const char *devices;
    } ways[] = {
        {SOME, 1, 1, 8, NULL},   {SOME, 7, 4, 8, NULL},      {SOME, 64, 1, 32, "all"},
        {SOME, 64, 4, 8, "all"}, {SOME, 7, 4, 32, "2,0"},    {IMAGES, 500, 1, 0, "1"},
        {SOME, 1, 4, 3, "all"},  {IMAGES, 500, 1, 8, "1,0"},
    };
    stub_reset(3);
    classify_well(f, &(struct gn_network_options){0}, IMAGES, 64, 1, &reference);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const struct gn_network_options options = {.devices = ways[i].devices,
                                                   .device_batch = ways[i].batch};
        stub.run_in_wait = i % 2 == 1;
        classify_well(f, &options, ways[i].n, ways[i].call, ways[i].threads, &out);
        assert_same_bits(&out, &reference, ways[i].n);
    }
}

static void test_rows(void **state)
{
    const struct fixture *f = *state;
    static struct results grouped, whole;
    struct gn_network_options options = {.precision = GN_PRECISION_FLOAT16, .device_batch = 8};
    struct gn_cuda_network *network = make_network(f, &options);
    assert_int_equal(network->plans.groups.n, 3); /* else there is nothing to compare */
    gn_cuda_network_destroy(network);
    classify_well(f, &options, SOME, 64, 1, &grouped);
    options.keep_empty_rows = true;
    classify_well(f, &options, SOME, 64, 1, &whole);
    assert_same_bits(&grouped, &whole, SOME);
}

/* The compact network that ships with gannet. */
static void test_shipped_model(void **state)
{
    static struct results ours, whole, cpu;
    struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32, .device_batch = 8};
    struct fixture shipped = {.model = gn_model_load("models/wgs", NULL)};
    (void)state;
    if (shipped.model == NULL) {
        print_message("models/wgs is absent\n");
        skip();
    }
    make_images(&shipped, SHIPPED);
    classify_on_cpu(&shipped, SHIPPED, &cpu);
    classify_well(&shipped, &options, SHIPPED, SHIPPED, 1, &ours);
    options.keep_empty_rows = true;
    classify_well(&shipped, &options, SHIPPED, 4, 1, &whole);
    assert_same_bits(&ours, &whole, SHIPPED);
    assert_near(&ours, &cpu, SHIPPED);
    free(shipped.images);
    gn_model_free(shipped.model);
}

/* Bytes of a device that a network of a batch takes. */
static size_t memory_of(const struct fixture *f, int batch)
{
    const struct gn_network_options options = {.device_batch = batch};
    struct gn_cuda_network *network = make_network(f, &options);
    size_t used = stub.devices[0].used;
    assert_null(gn_backend_cuda.warning(network));
    gn_cuda_network_destroy(network);
    return used;
}

/* With so much memory: batches of `expected`, and a warning when that is less than `asked` (0: 512). */
static void check_batch(const struct fixture *f, double memory, int asked, int expected)
{
    const struct gn_network_options options = {.device_batch = asked};
    char text[256];
    stub.devices[0].memory = (size_t)memory;
    struct gn_cuda_network *network = make_network(f, &options);
    snprintf(text, sizeof text, "stub stub 0 float16, batches of %d", expected);
    assert_string_equal(gn_backend_cuda.describe(network), text);
    snprintf(text, sizeof text,
             "the GPU 0 (stub 0) has little free memory: batches of %d images instead of %d",
             expected, asked == 0 ? 512 : asked);
    if (expected == (asked == 0 ? 512 : asked))
        assert_null(gn_backend_cuda.warning(network));
    else
        assert_string_equal(gn_backend_cuda.warning(network), text);
    gn_cuda_network_destroy(network);
}

static void test_memory(void **state)
{
    const struct fixture *f = *state;
    const double of_64 = (double)memory_of(f, 64);
    check_batch(f, 1e9, 0, 512);
    check_batch(f, 1.26 * of_64, 0, 64); /* the lanes may take 80 % */
    check_batch(f, 1.24 * of_64, 0, 32);
    check_batch(f, of_64, 64, 64); /* what is asked for may take all */
    check_batch(f, of_64, 512, 64);
    check_batch(f, of_64 - 1, 64, 32);
    check_batch(f, of_64 - 1, 100, 50);
    check_batch(f, (double)memory_of(f, 2), 2, 2);
    stub.devices[0].memory = (size_t)1 << 30;
    stub.program_memory = (size_t)(0.15 * of_64); /* of four programs */
    check_batch(f, 1.26 * of_64, 0, 32);
}

static void test_too_little_memory(void **state)
{
    const struct fixture *f = *state;
    const struct gn_network_options automatic = {0}, asked = {.device_batch = 100};
    gn_error_t err = {0};
    stub_reset(2);
    const size_t of_8 = memory_of(f, 8);
    stub.devices[1].memory = of_8;
    struct gn_network_options second = {.devices = "0,1"};
    assert_null(gn_cuda_network_create(&stub_driver, f->model, &second, &err));
    assert_int_equal(err.code, GN_E_MEMORY);
    assert_non_null(strstr(err.message, "GPU 1 (stub 1)"));
    assert_non_null(strstr(err.message, "--device cpu"));
    stub.devices[0].memory = of_8 - 1;
    assert_null(gn_cuda_network_create(&stub_driver, f->model, &asked, &err));
    assert_int_equal(err.code, GN_E_MEMORY);
    stub.devices[0].memory = 100;
    assert_null(gn_cuda_network_create(&stub_driver, f->model, &automatic, NULL));
}

static void check_device_failure(const struct fixture *f, bool in_wait)
{
    static struct results out;
    const struct gn_network_options options = {.devices = "all", .device_batch = 8};
    gn_error_t err = {0};
    stub_reset(2);
    stub.run_in_wait = in_wait;
    struct gn_cuda_network *network = make_network(f, &options);
    stub.devices[0].launches_left = stub.devices[1].launches_left = 2;
    assert_int_equal(classify(f, network, IMAGES, 64, MOST_THREADS, &out, &err), MOST_THREADS);
    assert_int_equal(err.code, GN_E_INTERNAL);
    assert_non_null(strstr(err.message, "GPU "));
    assert_non_null(strstr(err.message, "the launch failed"));
    stub.devices[0].launches_left = stub.devices[1].launches_left = INT_MAX;
    assert_int_equal(classify(f, network, 1, 1, 1, &out, &err), 1); /* it stays failed */
    assert_non_null(strstr(err.message, "the launch failed"));
    assert_int_equal(out.counts.images, 0);
    gn_cuda_network_destroy(network);
    assert_null(stub_check_idle());
}

static void test_device_failure(void **state)
{
    check_device_failure(*state, false);
    check_device_failure(*state, true);
}

/* The network cannot be made; the message has the given words in it. */
static void check_refused(const struct fixture *f, struct gn_network_options options, int code,
                          const char *words)
{
    gn_error_t err = {0};
    assert_null(gn_cuda_network_create(&stub_driver, f->model, &options, &err));
    assert_int_equal(err.code, code);
    if (strstr(err.message, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, err.message);
}

static void check_devices(const struct fixture *f, const char *devices, const char *description)
{
    const struct gn_network_options options = {.devices = devices, .device_batch = 8};
    struct gn_cuda_network *network = make_network(f, &options);
    assert_string_equal(gn_backend_cuda.describe(network), description);
    gn_cuda_network_destroy(network);
}

static void test_devices(void **state)
{
    const struct fixture *f = *state;
    static const char *const malformed[] = {"x",  "",   "0,",  ",0",    "0,0",   "0 ",
                                            "-1", "+1", "0;1", "all,0", "99999", "0,,1"};
    stub_reset(3);
    stub.devices[0].reason = "it is of the year 2012";
    check_devices(f, NULL, "stub stub 1 float16, batches of 8");
    check_devices(f, "2", "stub stub 2 float16, batches of 8");
    check_devices(f, "2,1", "stub stub 2, stub 1 float16, batches of 8");
    check_devices(f, "all", "stub stub 1, stub 2 float16, batches of 8");
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        check_refused(f, (struct gn_network_options){.devices = malformed[i]}, GN_E_USAGE,
                      "names no GPUs");
    check_refused(f, (struct gn_network_options){.devices = "1,7"}, GN_E_UNAVAILABLE,
                  "there is no GPU 7");
    check_refused(f, (struct gn_network_options){.devices = "1,0"}, GN_E_UNAVAILABLE,
                  "GPU 0 (stub 0) cannot be used: it is of the year 2012");
    stub.devices[1].reason = stub.devices[2].reason = "it is hot";
    check_refused(f, (struct gn_network_options){0}, GN_E_UNAVAILABLE, "the year 2012");
    check_refused(f, (struct gn_network_options){.devices = "all"}, GN_E_UNAVAILABLE, "2012");
    stub.unreachable = "the driver is too old";
    check_refused(f, (struct gn_network_options){0}, GN_E_UNAVAILABLE, "the driver is too old");
    stub_reset(0);
    check_refused(f, (struct gn_network_options){0}, GN_E_UNAVAILABLE, "no GPU is visible");
}

static int list_equal_names(struct gn_device_info *infos, int max, int *n, gn_error_t *err)
{
    int rc = stub_list(infos, max, n, err);
    for (int i = 0; i < *n; i++)
        snprintf(infos[i].name, sizeof infos[i].name, "%s", i == 1 ? "L4" : "H200");
    return rc;
}

static void test_description(void **state)
{
    const struct fixture *f = *state;
    const struct gn_network_options options = {
        .precision = GN_PRECISION_BF16, .devices = "all", .device_batch = 8};
    struct gn_device_driver driver = stub_driver;
    gn_error_t err = {0};
    driver.name = "cuda";
    driver.list = list_equal_names;
    stub_reset(3);
    struct gn_cuda_network *network = gn_cuda_network_create(&driver, f->model, &options, &err);
    assert_non_null(network);
    assert_string_equal(gn_backend_cuda.describe(network), "cuda 2 x H200, L4 bf16, batches of 8");
    assert_int_equal(gn_backend_cuda.precision(network), GN_PRECISION_BF16);
    gn_cuda_network_destroy(network);
}

static void test_options(void **state)
{
    const struct fixture *f = *state;
    check_refused(f, (struct gn_network_options){.precision = GN_PRECISION_INT16}, GN_E_UNAVAILABLE,
                  "not in int16");
    check_refused(f, (struct gn_network_options){.precision = GN_PRECISION_INT8}, GN_E_UNAVAILABLE,
                  "not in int8");
    check_refused(f, (struct gn_network_options){.isa = "avx2"}, GN_E_UNAVAILABLE,
                  "instruction sets");
    check_refused(f, (struct gn_network_options){.device_batch = -1}, GN_E_USAGE, "batch");
    check_refused(f, (struct gn_network_options){.device_batch = 1 << 20}, GN_E_USAGE, "batch");
}

static void test_layer_times(void **state)
{
    const struct fixture *f = *state;
    static struct results plain, timed;
    const struct gn_network_options options = {.device_batch = 32};
    gn_error_t err = {0};
    struct gn_cuda_network *network = make_network(f, &options);
    void *worker = gn_backend_cuda.create_worker(network, &err);
    assert_int_equal(
        gn_backend_cuda.run(worker, f->images, 70, plain.logits, plain.probabilities, &err), GN_OK);
    assert_true(gn_backend_cuda.layer_seconds(worker, 1) == 0.0);
    assert_int_equal(gn_backend_cuda.time_layers(worker, true, &err), GN_OK);
    assert_true(gn_backend_cuda.layer_seconds(worker, 1) == 0.0);
    assert_int_equal(
        gn_backend_cuda.run(worker, f->images, 70, timed.logits, timed.probabilities, &err), GN_OK);
    assert_same_bits(&plain, &timed, 70);
    assert_true(gn_backend_cuda.layer_seconds(worker, 0) > 0.0);
    assert_true(gn_backend_cuda.layer_seconds(worker, 1) > 0.0);
    assert_true(gn_backend_cuda.layer_seconds(worker, 99) == 0.0);
    assert_int_equal(gn_backend_cuda.time_layers(worker, false, &err), GN_OK);
    assert_true(gn_backend_cuda.layer_seconds(worker, 1) == 0.0);
    const double busy = gn_backend_cuda.busy_share(network);
    assert_true(busy > 0.0 && busy <= 1.0);
    assert_int_equal(gn_backend_cuda.run(worker, NULL, 0, NULL, NULL, &err), GN_OK);
    gn_backend_cuda.destroy_worker(worker);
    gn_cuda_network_destroy(network);
}

static void test_build_without_cuda(void **state)
{
    const struct fixture *f = *state;
    const struct gn_network_options options = {.engine = "cuda"};
    struct gn_device_info info;
    char text[256];
    gn_error_t err = {0};
    int n = 1;
    if (gn_engine_is_built("cuda"))
        skip();
    assert_null(gn_network_create(f->model, &options, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
    assert_string_equal(err.message, "this build has no CUDA: build with make CUDA=1");
    assert_int_equal(gn_devices_list(&info, 1, &n, &err), GN_E_UNAVAILABLE);
    assert_int_equal(n, 0);
    assert_int_equal(gn_devices_describe(text, sizeof text), GN_E_UNAVAILABLE);
    assert_non_null(strstr(text, "make CUDA=1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_float32, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recomputation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_calls_of_float16, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_saturation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shipped_model, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_little_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_device_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_devices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_description, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_layer_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_build_without_cuda, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
