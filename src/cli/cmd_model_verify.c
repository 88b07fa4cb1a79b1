/* SPDX-License-Identifier: MIT
 *
 * cmd_model_verify.c - `gannet model verify`: loads a model, which checks its files, and runs it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/model_actions.h"
#include "cnn/infer.h"
#include "cnn/mlp.h"

static int check_sum(double sum, gn_error_t *err)
{
    if (sum > 1 - 1e-6 && sum < 1 + 1e-6)
        return GN_OK;
    return gn_fail(err, GN_E_DATA,
                   "the network's probabilities sum to %g: the model is damaged, fetch it again",
                   sum);
}

/* Runs the network on a few made-up images: they must give probabilities. */
static int try_network(const gn_model_t *model, gn_error_t *err)
{
    enum { IMAGES = 4, STEP = 37 };
    float probabilities[IMAGES][3];
    size_t size = gn_model_image_size(model);
    gn_network_t *network = NULL;
    gn_infer_t *infer = NULL;
    int rc = GN_OK;
    uint8_t *images = malloc(IMAGES * size);
    if (images == NULL)
        return gn_fail(err, GN_E_MEMORY, "out of memory for the test images");
    for (size_t i = 0; i < IMAGES * size; i++)
        images[i] = (uint8_t)(i / size * STEP * (i % 251));
    network = gn_network_create(model, NULL, err);
    if (network != NULL)
        infer = gn_infer_create(network, err);
    if (infer == NULL) {
        rc = err->code;
        goto out;
    }
    rc = gn_infer_run(infer, images, IMAGES, probabilities, err);
    for (int i = 0; rc == GN_OK && i < IMAGES; i++)
        rc = check_sum((double)probabilities[i][0] + (double)probabilities[i][1] +
                           (double)probabilities[i][2],
                       err);
    if (rc == GN_OK)
        printf("ok: %s %s (%s), weights %s\n", gn_model_name(model), gn_model_version(model),
               gn_network_describe(network), gn_model_weights_sha256(model));
out:
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    free(images);
    return rc;
}

static int verify_network(const char *dir, gn_error_t *err)
{
    gn_model_t *model = gn_model_load(dir, err);
    if (model == NULL)
        return err->code;
    int rc = try_network(model, err);
    gn_model_free(model);
    return rc;
}

static int verify_perceptron(const char *dir, gn_error_t *err)
{
    gn_mlp_t *mlp = gn_mlp_load(dir, err);
    if (mlp == NULL)
        return err->code;
    int n = gn_mlp_outputs(mlp);
    float *inputs = calloc((size_t)gn_mlp_inputs(mlp), sizeof *inputs);
    float *outputs = calloc((size_t)n, sizeof *outputs);
    int rc = inputs == NULL || outputs == NULL ? gn_fail_memory(err, "the test numbers")
                                               : gn_mlp_run(mlp, inputs, 1, outputs, err);
    double sum = 0;
    for (int i = 0; rc == GN_OK && i < n; i++)
        sum += (double)outputs[i];
    if (rc == GN_OK)
        rc = check_sum(sum, err);
    if (rc == GN_OK)
        printf("ok: %s %s (perceptron), weights %s\n", gn_mlp_texts(mlp)->name,
               gn_mlp_texts(mlp)->version, gn_mlp_texts(mlp)->sha256);
    free(inputs);
    free(outputs);
    gn_mlp_free(mlp);
    return rc;
}

int gn_model_verify_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    (void)args;
    bool is_mlp;
    int rc = gn_model_kind_of(word, &is_mlp, err);
    if (rc != GN_OK)
        return rc;
    return is_mlp ? verify_perceptron(word, err) : verify_network(word, err);
}
