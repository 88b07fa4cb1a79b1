/* SPDX-License-Identifier: MIT
 *
 * bench_cnn.c - lists of configurations in, a table or JSON out.
 */
#include "cli/bench_cnn.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "io/variant.h"

/* The lists of the command line, read. */
struct lists {
    struct gn_ints precisions, threads, filled_rows;
};

/* Whole numbers from min to max; the name of the option starts messages. */
static int parse_numbers(const struct gn_texts *words, const char *option, int min, int max,
                         struct gn_ints *numbers, gn_error_t *err)
{
    int rc = GN_OK;
    for (int i = 0; rc == GN_OK && i < words->n; i++) {
        char *end;
        errno = 0;
        long number = strtol(words->v[i], &end, 10);
        if (errno != 0 || *end != '\0' || number < min || number > max)
            return gn_fail(err, GN_E_USAGE, "%s '%s': say whole numbers from %d to %d", option,
                           words->v[i], min, max);
        rc = gn_ints_push(numbers, (int32_t)number, err);
    }
    return rc;
}

static int parse_precisions(const struct gn_texts *words, struct gn_ints *precisions,
                            gn_error_t *err)
{
    int rc = GN_OK;
    for (int i = 0; rc == GN_OK && i < words->n; i++) {
        enum gn_precision precision;
        rc = gn_precision_parse(words->v[i], &precision, err);
        if (rc != GN_OK)
            return gn_error_prefix(err, "--precision");
        rc = gn_ints_push(precisions, (int32_t)precision, err);
    }
    return rc;
}

/* Splits a list; NULL is left empty, but a text without words is wrong. */
static int split(const char *text, const char *option, struct gn_texts *words, gn_error_t *err)
{
    gn_texts_clear(words);
    int rc = gn_texts_split(words, text, ",", err);
    if (rc == GN_OK && text != NULL && words->n == 0)
        return gn_fail(err, GN_E_USAGE, "%s names nothing", option);
    return rc;
}

static int parse_lists(const struct gn_bench_cnn *request, struct lists *lists, gn_error_t *err)
{
    enum { MOST_THREADS = 1024 };
    struct gn_texts words = {0};
    if (request->examples != NULL && request->filled_rows != NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--filled-rows is for made-up images: leave it or --examples out");
    int rc = split(request->precisions, "--precision", &words, err);
    if (rc == GN_OK)
        rc = parse_precisions(&words, &lists->precisions, err);
    if (rc == GN_OK)
        rc = split(request->threads, "--threads", &words, err);
    if (rc == GN_OK)
        rc = parse_numbers(&words, "--threads", 1, MOST_THREADS, &lists->threads, err);
    if (rc == GN_OK)
        rc = split(request->filled_rows, "--filled-rows", &words, err);
    if (rc == GN_OK)
        rc = parse_numbers(&words, "--filled-rows", 0, INT16_MAX, &lists->filled_rows, err);
    if (rc == GN_OK && request->filled_rows == NULL)
        rc = gn_ints_push(&lists->filled_rows, GN_BENCH_ALL_ROWS, err);
    gn_texts_clear(&words);
    return rc;
}

/* Of the machine's peak; 0 where it has none. */
static double peak_fraction(const struct gn_bench_result *result, double macs, double images_per_s)
{
    return result->peak.best > 0 ? 2e-9 * macs * images_per_s / result->peak.best : 0;
}

static void print_heading(const struct gn_bench_cnn *request, const struct gn_bench_result *result)
{
    printf(
        "model %s, engine %s, kernels %s, images %s\n\n"
        "images/s  of the median batch; idle: of the batch of least CPU time, as on a machine\n"
        "          that does nothing else; on a GPU unknown\n"
        "of peak   of images/s, on all multiply-accumulates of the model, those with padding and\n"
        "          with empty rows (which are left out) included; inside: without padding's\n"
        "again     images computed again in float32\n"
        "memory    peak of the process, loading the model included\n\n",
        request->model, result->engine,
        strcmp(result->engine, "cpu") == 0 ? gn_isa_name(request->isa) : "its own",
        request->examples != NULL ? request->examples : "made up");
    printf("%-9s %7s %4s %5s %9s %8s %9s %8s %7s %7s %7s\n", "precision", "threads", "rows",
           "batch", "images/s", "idle", "peakGop/s", "of peak", "inside", "again", "memory");
}

static void print_percent(double fraction, int width)
{
    if (fraction > 0)
        printf(" %*.1f %%", width - 2, 100 * fraction);
    else
        printf(" %*s", width, "-");
}

static void print_row(const struct gn_bench_case *what, const struct gn_bench_result *result)
{
    enum { PEAK_WIDTH = 8, WIDTH = 7 };
    printf("%-9s %7d %4d %5d %9.1f %8.1f %9.1f", gn_precision_name(result->precision),
           what->threads, result->filled_rows, what->batch_size, result->images_per_s,
           result->images_per_s_idle, result->peak.best);
    print_percent(peak_fraction(result, result->macs, result->images_per_s), PEAK_WIDTH);
    print_percent(peak_fraction(result, result->macs_inside, result->images_per_s), WIDTH);
    print_percent(result->again, WIDTH);
    printf(" %4.0f MB\n", result->peak_memory_mb);
    fflush(stdout);
}

/* Layers are measured on one thread, so that their part of the peak is known only for one. */
static void print_layers(const struct gn_bench_case *what, const struct gn_bench_result *result)
{
    enum { PEAK_WIDTH = 8 };
    double total = 0;
    for (int i = 0; i < result->n_layers; i++)
        total += result->layers[i].seconds;
    if (result->n_layers > 0)
        printf("\n  %-34s %9s %7s %9s %8s %8s\n", "layer", "ms/image", "share", "Mmacs", "Gop/s",
               "of peak");
    for (int i = 0; i < result->n_layers; i++) {
        const struct gn_bench_layer *layer = &result->layers[i];
        const double speed = layer->seconds > 0 ? 2e-9 * layer->macs / layer->seconds : 0;
        const bool peak_is_known = what->threads == 1 && result->peak.best > 0;
        printf("  %-34s %9.4f %5.1f %% %9.2f %8.1f", layer->name, 1e3 * layer->seconds,
               total > 0 ? 100 * layer->seconds / total : 0, 1e-6 * layer->macs, speed);
        print_percent(peak_is_known ? speed / result->peak.best : 0, PEAK_WIDTH);
        putchar('\n');
    }
    if (result->n_layers > 0)
        printf("  %-34s %9.4f\n\n", "all layers", 1e3 * total);
}

static json_t *layers_as_json(const struct gn_bench_result *result)
{
    json_t *list = json_array();
    for (int i = 0; i < result->n_layers; i++)
        json_array_append_new(list, json_pack("{s:s, s:f, s:f}", "name", result->layers[i].name,
                                              "seconds", result->layers[i].seconds, "macs_inside",
                                              result->layers[i].macs));
    return list;
}

/* peak_fraction is on all multiply-accumulates that the model names (print_heading()). */
static json_t *as_json(const struct gn_bench_case *what, const struct gn_bench_result *result)
{
    const double speed = result->images_per_s, idle = result->images_per_s_idle;
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}",
        "precision", gn_precision_name(result->precision), "engine", result->engine, "computed_by",
        result->computed_by, "isa", gn_isa_name(what->isa), "threads", what->threads, "filled_rows",
        result->filled_rows, "batch_size", what->batch_size, "images_per_s", speed,
        "images_per_s_mean", result->images_per_s_mean, "images_per_s_idle", idle, "peak_gops",
        result->peak.best, "peak_fraction", peak_fraction(result, result->macs, speed),
        "peak_fraction_inside", peak_fraction(result, result->macs_inside, speed),
        "peak_fraction_idle", peak_fraction(result, result->macs, idle), "again_fraction",
        result->again, "peak_memory_mb", result->peak_memory_mb);
    if (row != NULL && result->n_layers > 0)
        json_object_set_new(row, "layers", layers_as_json(result));
    return row;
}

static int report(const struct gn_bench_cnn *request, const struct gn_bench_case *what,
                  const struct gn_bench_result *result, json_t *rows, gn_error_t *err)
{
    if (request->json)
        return json_array_append_new(rows, as_json(what, result)) == 0
                   ? GN_OK
                   : gn_fail_memory(err, "results");
    print_row(what, result);
    print_layers(what, result);
    return GN_OK;
}

static int measure_all(const struct gn_bench_cnn *request, const struct lists *lists, json_t *rows,
                       gn_error_t *err)
{
    struct gn_bench_result *result = malloc(sizeof *result);
    if (result == NULL)
        return gn_fail_memory(err, "results");
    const int n_rows = lists->filled_rows.n, n_threads = lists->threads.n;
    int rc = GN_OK;
    for (int i = 0; rc == GN_OK && i < lists->precisions.n * n_threads * n_rows; i++) {
        const struct gn_bench_case what = {
            .model = request->model,
            .examples = request->examples,
            .precision = (enum gn_precision)lists->precisions.v[i / n_rows / n_threads],
            .device = request->device,
            .isa = request->isa,
            .threads = lists->threads.v[i / n_rows % n_threads],
            .filled_rows = lists->filled_rows.v[i % n_rows],
            .batch_size = (int)request->batch_size,
            .seconds = request->seconds,
            .layers = request->layers,
        };
        rc = gn_bench_case_run(&what, result, err);
        if (rc == GN_OK && i == 0 && !request->json)
            print_heading(request, result);
        if (rc == GN_OK)
            rc = report(request, &what, result, rows, err);
    }
    free(result);
    return rc;
}

int gn_bench_cnn(const struct gn_bench_cnn *request, gn_error_t *err)
{
    struct lists lists = {0};
    json_t *rows = json_array();
    int rc = rows == NULL ? gn_fail_memory(err, "results") : parse_lists(request, &lists, err);
    if (rc == GN_OK)
        rc = measure_all(request, &lists, rows, err);
    if (rc == GN_OK && request->json) {
        json_t *root = json_pack("{s:s, s:O}", "model", request->model, "results", rows);
        if (root == NULL || json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) < 0)
            rc = gn_fail(err, GN_E_IO, "cannot write JSON to standard output");
        putchar('\n');
        json_decref(root);
    }
    free(lists.precisions.v);
    free(lists.threads.v);
    free(lists.filled_rows.v);
    json_decref(rows);
    return rc;
}
