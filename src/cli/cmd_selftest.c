/* SPDX-License-Identifier: MIT
 *
 * cmd_selftest.c - `gannet selftest`: whether a device computes what the CPU's float32 computes.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/default_model.h"
#include "cli/device_flags.h"
#include "cli/selftest_case.h"
#include "cnn/frozen_images.h"
#include "io/variant.h"

struct selftest_args {
    const char *model, *examples;
    struct device_flags device;
    int64_t images;
};

#define NETWORK_ARGS struct selftest_args

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "What is computed"},
    {GN_OPTION_TEXT, .letter = 'm', .name = "model", .metavar = "DIR",
     .offset = offsetof(struct selftest_args, model), .fallback = "the wgs model",
     .help = "Model folder"},
    {GN_OPTION_TEXT, .name = "examples", .metavar = "FILES",
     .offset = offsetof(struct selftest_args, examples),
     .help = "Images of make-examples instead of the frozen ones that are made up here"},
    {GN_OPTION_INT, .name = "images", .metavar = "INT",
     .offset = offsetof(struct selftest_args, images), .fallback = "64", .min = 1, .max = 4096,
     .help = "How many images, of examples the first ones"},
    {GN_OPTION_GROUP, .help = "Where"},
#include "cli/device_rows.def"
    {GN_OPTION_END},
};

/* Of a probability in float32: sums in another order differ by some 1e-6. */
static const double MOST_DIFFERENCE = 1e-4;

static int load_images(const struct selftest_args *args, const gn_model_t *model,
                       struct gn_images *images, gn_error_t *err)
{
    const size_t n = (size_t)args->images;
    int channels;
    if (args->examples != NULL)
        return gn_images_read(args->examples, model, n, images, err);
    (void)gn_model_channels(model, &channels);
    images->size = gn_model_image_size(model);
    images->bytes = malloc(n * images->size);
    if (images->bytes == NULL)
        return gn_fail_memory(err, "images");
    images->n = n;
    gn_frozen_images(n, gn_model_height(model), gn_model_width(model), channels, images->bytes);
    return GN_OK;
}

static void print_row(const char *label, const struct selftest_result *result, size_t images)
{
    printf("%-15s %9.1f %11.1e %8zu %6.1f %%  %s\n", label, result->images_per_s,
           result->largest_difference, result->changed_calls,
           100 * (double)result->recomputed / (double)images, result->computed_by);
    if (result->warning[0] != '\0')
        printf("%-15s warning: %s\n", "", result->warning);
    fflush(stdout);
}

/* What "auto" becomes must call as float32 does. */
static int test_auto(const struct selftest_reference *reference, struct gn_network_options *network,
                     enum gn_precision *precision, size_t *changed_calls, gn_error_t *err)
{
    enum { LONGEST = 32 };
    char label[LONGEST];
    struct selftest_result result;
    network->precision = GN_PRECISION_AUTO;
    int rc = selftest_compare(reference, network, &result, err);
    if (rc != GN_OK)
        return rc;
    *precision = result.precision;
    *changed_calls = result.changed_calls;
    snprintf(label, sizeof label, "auto (%s)", gn_precision_name(result.precision));
    print_row(label, &result, reference->images->n);
    return GN_OK;
}

/* Every other number type that the device has; what float32 differs by. */
static int test_types(const struct selftest_reference *reference,
                      struct gn_network_options *network, double *float32_difference,
                      gn_error_t *err)
{
    int rc = GN_OK;
    for (int p = GN_PRECISION_FLOAT32; rc == GN_OK && p < GN_PRECISIONS; p++) {
        struct selftest_result result;
        const char *name = gn_precision_name((enum gn_precision)p);
        gn_error_t reason = {0};
        network->precision = (enum gn_precision)p;
        rc = selftest_compare(reference, network, &result, &reason);
        if (rc == GN_OK)
            print_row(name, &result, reference->images->n);
        if (rc == GN_OK && p == GN_PRECISION_FLOAT32)
            *float32_difference = result.largest_difference;
        if (rc == GN_E_UNAVAILABLE && p != GN_PRECISION_FLOAT32) {
            printf("%-15s not here: %s\n", name, reason.message);
            rc = GN_OK;
        }
        if (rc != GN_OK)
            *err = reason;
    }
    return rc;
}

static int judge(enum gn_precision precision, size_t changed_calls, double float32_difference,
                 gn_error_t *err)
{
    if (float32_difference > MOST_DIFFERENCE)
        return gn_fail(err, GN_E_INTERNAL,
                       "float32 differs from the CPU's by %.1e, which is more than %.0e: do not "
                       "call variants on this device, and report it",
                       float32_difference, MOST_DIFFERENCE);
    if (changed_calls > 0)
        return gn_fail(err, GN_E_INTERNAL,
                       "--precision auto, which is %s, changes %zu calls: use --precision float32 "
                       "on this device with this model",
                       gn_precision_name(precision), changed_calls);
    printf("\npassed: float32 within %.0e, the same calls in --precision auto\n", MOST_DIFFERENCE);
    return GN_OK;
}

static void print_heading(const struct selftest_args *args,
                          const struct selftest_reference *reference, const char *why_no_gpu)
{
    printf("device  %s%s%s\n", args->device.device, why_no_gpu[0] != '\0' ? ": no GPU: " : "",
           why_no_gpu);
    printf("model   %s %s\n", gn_model_name(reference->model), gn_model_version(reference->model));
    printf("images  %zu, %s: %zu, %zu and %zu of 0, 1 and 2 copies\n", reference->images->n,
           args->examples != NULL ? args->examples : "frozen ones", reference->calls[0],
           reference->calls[1], reference->calls[2]);
    printf("against %s\n\n%-15s %9s %11s %8s %8s  %s\n", reference->computed_by, "precision",
           "images/s", "difference", "changed", "again", "computed by");
}

static int test_device(const struct selftest_args *args, const struct gn_device_choice *choice,
                       const struct selftest_reference *reference, gn_error_t *err)
{
    enum { LONGEST = 1024 };
    char why_no_gpu[LONGEST];
    struct gn_network_options network = {.precision = GN_PRECISION_AUTO};
    enum gn_precision precision;
    size_t changed_calls;
    double float32_difference = 0;
    gn_device_choice_settle(choice, &network, why_no_gpu, sizeof why_no_gpu);
    print_heading(args, reference, why_no_gpu);
    int rc = test_auto(reference, &network, &precision, &changed_calls, err);
    if (rc == GN_OK)
        rc = test_types(reference, &network, &float32_difference, err);
    return rc == GN_OK ? judge(precision, changed_calls, float32_difference, err) : rc;
}

static int selftest(const struct selftest_args *args, gn_error_t *err)
{
    struct gn_device_choice choice;
    struct gn_images images = {0};
    struct selftest_reference reference = {.images = &images};
    char *folder = NULL;
    gn_model_t *model = NULL;
    int rc = device_flags_read(&args->device, &choice, err);
    if (rc == GN_OK)
        rc = args->model != NULL ? gn_text_set(&folder, args->model, err)
                                 : gn_default_model("wgs", &folder, err);
    if (rc == GN_OK && (model = gn_model_load(folder, err)) == NULL)
        rc = err->code;
    if (rc == GN_OK)
        rc = load_images(args, model, &images, err);
    reference.model = model;
    if (rc == GN_OK)
        rc = selftest_compute_reference(&reference, err);
    if (rc == GN_OK)
        rc = test_device(args, &choice, &reference, err);
    free(reference.probabilities);
    free(images.bytes);
    gn_model_free(model);
    free(folder);
    return rc;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct selftest_args args = {.device = device_flags_default(), .images = 64};
    bool help;
    int rc = gn_options_parse(&gn_cmd_selftest, argc, argv, &args, NULL, 0, NULL, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_selftest, stdout);
        return GN_OK;
    }
    return selftest(&args, err);
}

const struct gn_command gn_cmd_selftest = {
    .name = "selftest",
    .summary = "whether a device computes what it should",
    .about =
        "Classifies the same images in every number type that a device has and compares them "
        "with the CPU's float32: the largest difference of a probability, how many images "
        "change their call, how many were computed again in float32. Fails with status 70 when "
        "float32 differs by more than 1e-4 or --precision auto changes a call",
    .usage = "[--device DEVICE] [options]",
    .options = options,
    .examples = "  gannet selftest\n"
                "  gannet selftest --device cuda --model models/pacbio\n"
                "  gannet selftest --device cuda:1 --examples examples.tfrecord.gz --images 1024",
    .run = run,
};
