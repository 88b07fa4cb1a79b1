/* SPDX-License-Identifier: MIT
 *
 * calibrate.c - measuring scales and agreement, and writing them into model.json.
 */
#include "cnn/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cpu/maxima.h"
#include "cnn/decision.h"
#include "cnn/example_images.h"
#include "cnn/infer.h"
#include "cnn/model_file.h"
#include "cnn/model_writer.h"

static const double ENOUGH_SAME_QUALITY = 0.99;
static const double LEAST_ERROR = 1.25e-10; /* caps genotype qualities, spec 110 */

/* Probabilities of all images in one number type; *recomputed: how many float32 decided. */
static int classify(const gn_model_t *model, enum gn_precision precision,
                    const struct gn_images *images, float (*probabilities)[3], uint64_t *recomputed,
                    gn_error_t *err)
{
    const struct gn_network_options options = {.precision = precision};
    int rc = GN_OK;
    gn_infer_t *infer = NULL;
    gn_network_t *network = gn_network_create(model, &options, err);
    if (network == NULL || (infer = gn_infer_create(network, err)) == NULL)
        rc = err->code;
    else
        rc = gn_infer_run(infer, images->bytes, images->n, probabilities, err);
    if (rc == GN_OK) {
        struct gn_infer_counts counts = gn_infer_counts(infer);
        *recomputed = counts.recomputed;
    }
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    return rc;
}

static double quality(const float probabilities[3])
{
    double error = 1.0 - (double)probabilities[gn_best_class(probabilities)];
    return nearbyint(-10.0 * log10(error < LEAST_ERROR ? LEAST_ERROR : error));
}

static void compare(const float (*exact)[3], const float (*fast)[3], size_t n,
                    struct gn_agreement *agreement)
{
    size_t calls = 0, qualities = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = gn_best_class(exact[i]) == gn_best_class(fast[i]);
        calls += same;
        qualities += same && quality(exact[i]) == quality(fast[i]);
        for (int c = 0; c < 3; c++)
            agreement->largest_change =
                fmax(agreement->largest_change, fabs((double)exact[i][c] - (double)fast[i][c]));
    }
    agreement->measured = true;
    agreement->images = (int)n;
    agreement->same_call = (double)calls / (double)n;
    agreement->same_quality = (double)qualities / (double)n;
    agreement->passed = calls == n && agreement->same_quality >= ENOUGH_SAME_QUALITY;
}

static int measure(const gn_model_t *model, const struct gn_images *images,
                   struct gn_agreement agreement[GN_PRECISIONS], gn_error_t *err)
{
    static const enum gn_precision types[] = {GN_PRECISION_INT16, GN_PRECISION_INT8};
    uint64_t recomputed = 0;
    float(*exact)[3] = malloc(images->n * sizeof *exact), (*fast)[3] = NULL;
    fast = malloc(images->n * sizeof *fast);
    int rc = exact == NULL || fast == NULL ? gn_fail_memory(err, "the calibration") : GN_OK;
    if (rc == GN_OK)
        rc = classify(model, GN_PRECISION_FLOAT32, images, exact, &recomputed, err);
    for (size_t t = 0; t < sizeof types / sizeof *types && rc == GN_OK; t++) {
        if (!gn_precision_available(types[t]))
            continue;
        rc = classify(model, types[t], images, fast, &recomputed, err);
        if (rc == GN_OK) {
            compare(exact, fast, images->n, &agreement[types[t]]);
            agreement[types[t]].recomputed = (double)recomputed / (double)images->n;
        }
    }
    free(exact);
    free(fast);
    return rc;
}

/* Replaces model.json by itself with another "quantisation". */
static int write_json(const char *dir, const gn_model_t *model, gn_error_t *err)
{
    char *path = gn_model_file_path(dir, "model.json", err);
    json_error_t problem;
    if (path == NULL)
        return GN_E_MEMORY;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    json_t *value = gn_quantisation_write(gn_model_quantisation(model), gn_model_graph(model));
    int rc = root == NULL || value == NULL || json_object_set(root, "quantisation", value) != 0
                 ? gn_fail_memory(err, "model.json")
                 : gn_model_write_description(dir, root, err);
    json_decref(value);
    json_decref(root);
    free(path);
    return rc;
}

int gn_calibrate(const char *dir, const char *examples, int64_t limit,
                 struct gn_calibration *result, gn_error_t *err)
{
    struct gn_images images = {0};
    struct gn_quantisation quantisation = {0};
    *result = (struct gn_calibration){0};
    gn_model_t *model = gn_model_load(dir, err);
    if (model == NULL)
        return err->code;
    int rc = gn_images_read(examples, model, (size_t)limit, &images, err);
    if (rc != GN_OK)
        goto out;
    quantisation.maxima =
        calloc((size_t)gn_model_graph(model)->n_tensors, sizeof *quantisation.maxima);
    if (quantisation.maxima == NULL) {
        rc = gn_fail_memory(err, "the calibration");
        goto out;
    }
    rc = gn_cpu_maxima(model, images.bytes, images.n, quantisation.maxima, err);
    if (rc != GN_OK)
        goto out;
    gn_model_set_quantisation(model, &quantisation);
    rc = measure(model, &images, result->agreement, err);
    if (rc != GN_OK)
        goto out;
    result->images = (int)images.n;
    gn_model_set_agreement(model, result->agreement);
    rc = write_json(dir, model, err);
out:
    gn_quantisation_clear(&quantisation);
    free(images.bytes);
    gn_model_free(model);
    return rc;
}
