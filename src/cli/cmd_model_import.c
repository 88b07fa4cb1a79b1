/* SPDX-License-Identifier: MIT
 *
 * cmd_model_import.c - `gannet model import` and `gannet model new`: options -> library calls.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/model_actions.h"
#include "cnn/import_onnx.h"
#include "cnn/import_tensorflow.h"
#include "cnn/random_model.h"

enum { NARROW_DIVISOR = 8 };

/* Reads whole numbers between separators; -1 when the text is not such a list. */
static int read_numbers(const char *text, char separator, long most, int *numbers, int max)
{
    int n = 0;
    for (;;) {
        char *end;
        long value = strtol(text, &end, 10);
        if (end == text || value < 1 || value > most || n == max)
            return -1;
        numbers[n++] = (int)value;
        if (*end == '\0')
            return n;
        if (*end != separator)
            return -1;
        text = end + 1;
    }
}

static int read_options(const struct gn_model_args *args, struct gn_import_options *options,
                        gn_error_t *err)
{
    enum { MAX_SIDE = 4096, MAX_CHANNEL = 1000 };
    *options = (struct gn_import_options){.preset = args->preset, .name = args->name};
    if (args->shape != NULL && (read_numbers(args->shape, 'x', MAX_SIDE, options->shape, 3) != 3 ||
                                options->shape[2] > GN_IMPORT_MAX_CHANNELS))
        return gn_fail(err, GN_E_USAGE, "--shape %s: say rows x columns x channels, as 100x221x7",
                       args->shape);
    if (args->channels != NULL)
        options->n_channels = read_numbers(args->channels, ',', MAX_CHANNEL, options->channels,
                                           GN_IMPORT_MAX_CHANNELS);
    if (options->n_channels < 0)
        return gn_fail(err, GN_E_USAGE,
                       "--channels %s: give DeepVariant's numbers, as 1,2,3,4,5,6,19",
                       args->channels);
    return GN_OK;
}

static bool is_onnx(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".onnx") == 0;
}

int gn_model_import_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    struct gn_import_options options;
    int rc = read_options(args, &options, err);
    if (rc != GN_OK)
        return rc;
    if (args->output == NULL)
        return gn_fail(err, GN_E_USAGE, "model import needs --output DIR, the folder to make");
    if (is_onnx(word))
        return gn_import_onnx(word, &options, args->output, err);
    return gn_import_tensorflow(word, &options, args->output, err);
}

int gn_model_new_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    struct gn_import_options options;
    int rc = read_options(args, &options, err);
    if (rc != GN_OK)
        return rc;
    if (args->shape == NULL)
        return gn_fail(err, GN_E_USAGE, "model new needs --shape, as 100x221x7");
    int divisor = strcmp(args->architecture, "narrow") == 0 ? NARROW_DIVISOR : 1;
    return gn_random_model_write(&options, divisor, (uint64_t)args->seed, word, err);
}
