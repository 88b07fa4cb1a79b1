/* SPDX-License-Identifier: MIT
 *
 * bench_case.c - a child process, its threads, and the clock.
 */
#include "cli/bench_case.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "cnn/cpu/maxima.h"
#include "cnn/example_images.h"
#include "cnn/graph.h"
#include "cnn/infer.h"
#include "cnn/quantisation.h"

enum { MOST_BATCHES = 1 << 16 };

struct bench;

/* One thread and what it measures. */
struct runner {
    pthread_t thread;
    gn_infer_t *infer;
    struct bench *bench;
    float (*probabilities)[3]; /* of a batch */
    int next_batch;            /* of the images */
    double *seconds;           /* of each batch */
    double least_cpu_seconds;  /* of a batch */
    int n_batches;
    gn_error_t failure;
};

struct bench {
    const struct gn_bench_case *what;
    struct gn_bench_result *result;
    gn_model_t *model;
    gn_network_t *network;
    uint8_t *images;
    int image_batches; /* batches of different images */
    bool on_gpu;
    pthread_barrier_t start;
    struct runner *runners;
};

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* Cells of the kernel's rows (or columns) that lie on the map, over all positions of the output. */
static double cells_inside(int outputs, int kernel, int stride, int pad, int inputs)
{
    double cells = 0;
    for (int o = 0; o < outputs; o++)
        for (int k = 0; k < kernel; k++) {
            int i = o * stride + k - pad;
            cells += i >= 0 && i < inputs;
        }
    return cells;
}

static double macs_inside(const struct gn_graph *graph, const struct gn_layer *layer)
{
    if (layer->op != GN_LAYER_CONV2D && layer->op != GN_LAYER_DENSE)
        return 0;
    const struct gn_tensor *in = &graph->tensors[layer->inputs[0]];
    const struct gn_tensor *out = &graph->tensors[layer->output];
    if (layer->op == GN_LAYER_DENSE)
        return (double)in->channels * out->channels;
    return cells_inside(out->height, layer->kernel_height, layer->stride_height, layer->pad_top,
                        in->height) *
           cells_inside(out->width, layer->kernel_width, layer->stride_width, layer->pad_left,
                        in->width) *
           in->channels * out->channels;
}

static int make_images(struct bench *bench, gn_error_t *err)
{
    const int height = gn_model_height(bench->model), filled = bench->what->filled_rows;
    if (filled > height)
        return gn_fail(err, GN_E_USAGE, "--filled-rows %d: the model's images have %d rows", filled,
                       height);
    bench->result->filled_rows = filled == GN_BENCH_ALL_ROWS ? height : filled;
    const size_t size = gn_model_image_size(bench->model);
    const size_t bytes = size / (size_t)height * (size_t)bench->result->filled_rows;
    bench->images = calloc((size_t)bench->what->batch_size, size);
    if (bench->images == NULL)
        return gn_fail_memory(err, "images");
    struct gn_mt64 random;
    gn_mt64_seed(&random, 1);
    for (int i = 0; i < bench->what->batch_size; i++)
        for (size_t b = 0; b < bytes; b++)
            bench->images[(size_t)i * size + b] = (uint8_t)(gn_mt64_next(&random) >> 56);
    bench->image_batches = 1;
    return GN_OK;
}

static int read_images(struct bench *bench, gn_error_t *err)
{
    enum { ENOUGH_IMAGES = 1024 };
    const int batch = bench->what->batch_size;
    const int most = batch > ENOUGH_IMAGES ? batch : ENOUGH_IMAGES / batch * batch;
    bench->result->filled_rows = gn_model_height(bench->model);
    struct gn_images images = {0};
    int rc = gn_images_read(bench->what->examples, bench->model, (size_t)most, &images, err);
    bench->images = images.bytes;
    if (rc != GN_OK)
        return rc;
    const int n = (int)images.n;
    bench->image_batches = n / batch;
    if (bench->image_batches == 0)
        return gn_fail(err, GN_E_DATA, "%s: %d images are no batch of %d: lower --batch-size",
                       bench->what->examples, n, batch);
    return GN_OK;
}

static int make_runner(struct bench *bench, struct runner *runner, gn_error_t *err)
{
    runner->bench = bench;
    runner->next_batch = (int)(runner - bench->runners);
    runner->probabilities = calloc((size_t)bench->what->batch_size, sizeof *runner->probabilities);
    runner->seconds = calloc(MOST_BATCHES, sizeof *runner->seconds);
    if (runner->probabilities == NULL || runner->seconds == NULL)
        return gn_fail_memory(err, "results");
    runner->infer = gn_infer_create(bench->network, err);
    return runner->infer != NULL ? GN_OK : err->code;
}

/* Scales for a model that was not calibrated, from the first images: good enough to measure the
 * speed of integers, not to call with. */
static int make_scales(struct bench *bench, gn_error_t *err)
{
    enum { IMAGES = 4 };
    if (gn_model_quantisation(bench->model)->maxima != NULL)
        return GN_OK;
    const int n = bench->what->batch_size < IMAGES ? bench->what->batch_size : IMAGES;
    struct gn_quantisation scales = {
        .maxima = calloc((size_t)gn_model_graph(bench->model)->n_tensors, sizeof *scales.maxima)};
    if (scales.maxima == NULL)
        return gn_fail_memory(err, "scales");
    int rc = gn_cpu_maxima(bench->model, bench->images, (size_t)n, scales.maxima, err);
    if (rc == GN_OK)
        gn_model_set_quantisation(bench->model, &scales);
    gn_quantisation_clear(&scales);
    return rc;
}

static int prepare(struct bench *bench, gn_error_t *err)
{
    struct gn_network_options options = {.precision = bench->what->precision,
                                         .fast_only = bench->what->examples == NULL};
    char ignored[1];
    gn_device_choice_settle(&bench->what->device, &options, ignored, sizeof ignored);
    options.isa = strcmp(options.engine, "cpu") == 0 ? gn_isa_name(bench->what->isa) : NULL;
    bench->on_gpu = strcmp(options.engine, "cuda") == 0;
    snprintf(bench->result->engine, sizeof bench->result->engine, "%s", options.engine);
    bench->model = gn_model_load(bench->what->model, err);
    if (bench->model == NULL)
        return err->code;
    int rc = bench->what->examples != NULL ? read_images(bench, err) : make_images(bench, err);
    if (rc == GN_OK && (bench->what->precision == GN_PRECISION_INT16 ||
                        bench->what->precision == GN_PRECISION_INT8))
        rc = make_scales(bench, err);
    if (rc != GN_OK)
        return rc;
    bench->network = gn_network_create(bench->model, &options, err);
    if (bench->network == NULL)
        return err->code;
    snprintf(bench->result->computed_by, sizeof bench->result->computed_by, "%s",
             gn_network_describe(bench->network));
    bench->runners = calloc((size_t)bench->what->threads, sizeof *bench->runners);
    if (bench->runners == NULL)
        return gn_fail_memory(err, "threads");
    for (int i = 0; rc == GN_OK && i < bench->what->threads; i++)
        rc = make_runner(bench, &bench->runners[i], err);
    return rc;
}

static int run_batch(struct runner *runner)
{
    const struct bench *bench = runner->bench;
    const size_t n = (size_t)bench->what->batch_size, size = gn_model_image_size(bench->model);
    const size_t batch = (size_t)(runner->next_batch++ % bench->image_batches);
    return gn_infer_run(runner->infer, bench->images + batch * n * size, n, runner->probabilities,
                        &runner->failure);
}

/* A batch to warm up, then batches until the time is over: at least one. */
static void *run_batches(void *argument)
{
    struct runner *runner = argument;
    int rc = run_batch(runner);
    pthread_barrier_wait(&runner->bench->start);
    double last = now(), last_cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    const double end = last + runner->bench->what->seconds;
    while (rc == GN_OK && runner->n_batches < MOST_BATCHES &&
           (last < end || runner->n_batches == 0)) {
        rc = run_batch(runner);
        double time = now(), cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        if (runner->n_batches == 0 || cpu - last_cpu < runner->least_cpu_seconds)
            runner->least_cpu_seconds = cpu - last_cpu;
        runner->seconds[runner->n_batches++] = time - last;
        last = time;
        last_cpu = cpu;
    }
    return NULL;
}

/* Threads that wait for one that does not start end with the process. */
static int run_threads(struct bench *bench, gn_error_t *err)
{
    const int n = bench->what->threads;
    if (pthread_barrier_init(&bench->start, NULL, (unsigned)n) != 0)
        return gn_fail_memory(err, "a barrier");
    for (int i = 0; i < n; i++) {
        struct runner *runner = &bench->runners[i];
        if (pthread_create(&runner->thread, NULL, run_batches, runner) != 0)
            return gn_fail(err, GN_E_UNAVAILABLE, "only %d of %d threads start: use fewer", i, n);
    }
    for (int i = 0; i < n; i++)
        pthread_join(bench->runners[i].thread, NULL);
    for (int i = 0; i < n; i++)
        if (bench->runners[i].failure.code != GN_OK) {
            *err = bench->runners[i].failure;
            return err->code;
        }
    return GN_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sum_up(const struct bench *bench)
{
    struct gn_bench_result *result = bench->result;
    double images = 0, again = 0;
    for (int i = 0; i < bench->what->threads; i++) {
        struct runner *runner = &bench->runners[i];
        double total = 0;
        for (int b = 0; b < runner->n_batches; b++)
            total += runner->seconds[b];
        qsort(runner->seconds, (size_t)runner->n_batches, sizeof(double), ascending);
        double median = runner->seconds[runner->n_batches / 2];
        result->images_per_s += bench->what->batch_size / median;
        result->images_per_s_mean += bench->what->batch_size * runner->n_batches / total;
        if (!bench->on_gpu) /* where threads only wait */
            result->images_per_s_idle += bench->what->batch_size / runner->least_cpu_seconds;
        struct gn_infer_counts counts = gn_infer_counts(runner->infer);
        images += (double)counts.images;
        again += (double)counts.recomputed;
    }
    result->again = images > 0 ? again / images : 0;
}

static int measure_peak(struct bench *bench, gn_error_t *err)
{
    struct gn_peak peak;
    if (bench->on_gpu)
        return GN_OK;
    int rc = gn_peak_measure(bench->result->precision, bench->what->isa, bench->what->threads,
                             &peak, err);
    if (rc == GN_OK && peak.best > bench->result->peak.best)
        bench->result->peak = peak;
    return rc;
}

/* After each batch: the seconds of each layer's fastest batch so far. */
static void note_layers(const gn_infer_t *infer, double *totals, struct gn_bench_result *result)
{
    for (int i = 0; i < result->n_layers; i++) {
        const double total = gn_infer_layer_seconds(infer, i), last = total - totals[i];
        struct gn_bench_layer *layer = &result->layers[i];
        if (totals[i] == 0 || last < layer->seconds)
            layer->seconds = last;
        totals[i] = total;
    }
}

static int measure_layers(struct bench *bench, gn_error_t *err)
{
    const struct gn_graph *graph = gn_model_graph(bench->model);
    struct gn_bench_result *result = bench->result;
    struct runner *runner = &bench->runners[0];
    double totals[GN_BENCH_LAYERS] = {0};
    if (graph->n_layers > GN_BENCH_LAYERS)
        return gn_fail(err, GN_E_DATA, "%d layers are too many to measure: leave --layers out",
                       graph->n_layers);
    result->n_layers = graph->n_layers;
    int rc = gn_infer_time_layers(runner->infer, true, err);
    if (rc != GN_OK)
        return rc;
    const double end = now() + bench->what->seconds;
    do {
        rc = run_batch(runner);
        note_layers(runner->infer, totals, result);
    } while (rc == GN_OK && now() < end);
    for (int i = 0; i < graph->n_layers; i++) {
        struct gn_bench_layer *layer = &result->layers[i];
        const char *name = graph->tensors[graph->layers[i].output].name;
        memcpy(layer->name, name, strnlen(name, sizeof layer->name - 1));
        layer->macs = macs_inside(graph, &graph->layers[i]);
        layer->seconds /= bench->what->batch_size;
    }
    if (rc != GN_OK)
        *err = runner->failure;
    return rc;
}

static int measure(struct bench *bench, gn_error_t *err)
{
    int rc = prepare(bench, err);
    if (rc != GN_OK)
        return rc;
    const struct gn_graph *graph = gn_model_graph(bench->model);
    bench->result->precision = gn_network_precision(bench->network);
    bench->result->macs = gn_model_macs(bench->model);
    for (int i = 0; i < graph->n_layers; i++)
        bench->result->macs_inside += macs_inside(graph, &graph->layers[i]);
    rc = measure_peak(bench, err);
    if (rc == GN_OK)
        rc = run_threads(bench, err);
    if (rc != GN_OK)
        return rc;
    sum_up(bench);
    rc = measure_peak(bench, err);
    return rc == GN_OK && bench->what->layers ? measure_layers(bench, err) : rc;
}

/* The child: what it allocates goes with it. */
static void run_child(const struct gn_bench_case *what, struct gn_bench_result *result)
{
    struct bench bench = {.what = what, .result = result};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    result->failure.code = GN_OK;
    int rc = measure(&bench, &result->failure);
    result->failure.code = rc;
    _exit(0);
}

int gn_bench_case_run(const struct gn_bench_case *what, struct gn_bench_result *result,
                      gn_error_t *err)
{
    struct gn_bench_result *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return gn_fail_memory(err, "results");
    pid_t child = fork();
    if (child == 0)
        run_child(what, shared);
    int status = 0;
    struct rusage usage = {0};
    int rc;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        rc = gn_fail(err, GN_E_UNAVAILABLE, "no process can be started to measure in");
    } else if (!WIFEXITED(status)) {
        rc = gn_fail(err, GN_E_INTERNAL, "the measuring process ended by signal %d",
                     WTERMSIG(status));
    } else {
        *result = *shared;
        *err = shared->failure;
        rc = err->code;
    }
    result->peak_memory_mb = (double)usage.ru_maxrss / 1024;
    munmap(shared, sizeof *shared);
    return rc;
}
