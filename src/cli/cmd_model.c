/* SPDX-License-Identifier: MIT
 *
 * cmd_model.c - `gannet model`: what a model folder is, and whether it is whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cnn/infer.h"

struct model_args {
    bool none; /* the command has no options yet */
};

static const struct gn_option options[] = {
    {GN_OPTION_END},
};

static void print_info(const gn_model_t *model)
{
    int n;
    const int *channels = gn_model_channels(model, &n);
    printf("name:        %s\n", gn_model_name(model));
    printf("version:     %s\n", gn_model_version(model));
    printf("preset:      %s\n", gn_model_preset(model));
    printf("images:      %d x %d x %d\n", gn_model_height(model), gn_model_width(model), n);
    printf("channels:   ");
    for (int i = 0; i < n; i++)
        printf(" %d", channels[i]);
    printf("\nweights:     %zu\n", gn_model_parameters(model));
    printf("work:        %.1f million multiply-accumulates an image\n", gn_model_macs(model) / 1e6);
    printf("sha256:      %s\n", gn_model_weights_sha256(model));
    printf("calling:     %s\n", gn_model_calling_json(model));
    printf("training:    %s\n", gn_model_training_json(model));
}

/* Runs the network on a few made-up images: they must give probabilities. */
static int try_model(const gn_model_t *model, gn_error_t *err)
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
    for (int i = 0; rc == GN_OK && i < IMAGES; i++) {
        double sum =
            (double)probabilities[i][0] + (double)probabilities[i][1] + (double)probabilities[i][2];
        if (!(sum > 1 - 1e-6 && sum < 1 + 1e-6))
            rc = gn_fail(
                err, GN_E_DATA,
                "the network's probabilities sum to %g: the model is damaged, fetch it again", sum);
    }
    if (rc == GN_OK)
        printf("ok: %s %s (%s), weights %s\n", gn_model_name(model), gn_model_version(model),
               gn_network_describe(network), gn_model_weights_sha256(model));
out:
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    free(images);
    return rc;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct model_args args = {0};
    const char *words[2];
    int n_words;
    bool help;
    int rc = gn_options_parse(&gn_cmd_model, argc, argv, &args, words, 2, &n_words, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_model, stdout);
        return GN_OK;
    }
    bool info = n_words == 2 && strcmp(words[0], "info") == 0;
    if (!info && (n_words != 2 || strcmp(words[0], "verify") != 0))
        return gn_fail(err, GN_E_USAGE, "say 'info DIR' or 'verify DIR', DIR being a model folder");
    gn_model_t *model = gn_model_load(words[1], err);
    if (model == NULL)
        return err->code;
    if (info)
        print_info(model);
    else
        rc = try_model(model, err);
    gn_model_free(model);
    return rc;
}

const struct gn_command gn_cmd_model = {
    .name = "model",
    .summary = "describe or check a model folder",
    .about =
        "info prints what a model is made for and where it comes from. verify checks its files "
        "against their checksum and runs the network once",
    .usage = "info|verify DIR",
    .options = options,
    .examples = "  gannet model info models/wgs\n"
                "  gannet model verify models/wgs",
    .run = run,
};
