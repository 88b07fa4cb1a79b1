/* SPDX-License-Identifier: MIT
 *
 * cmd_model_info.c - `gannet model info` and `gannet model list`: what models say of themselves.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/default_model.h"
#include "cli/model_actions.h"
#include "cnn/mlp.h"
#include "cnn/model.h"

/* The value of a key of model.json as one line; "" when there is none. malloc'ed. */
static char *read_key(const char *dir, const char *key, gn_error_t *err)
{
    char *path = NULL, *text = NULL;
    if (asprintf(&path, "%s/model.json", dir) < 0) {
        gn_fail_memory(err, "a file name");
        return NULL;
    }
    json_t *root = json_load_file(path, 0, NULL);
    const json_t *value = json_object_get(root, key);
    if (json_is_string(value))
        text = gn_strdup(json_string_value(value));
    else
        text = value == NULL ? gn_strdup("") : json_dumps(value, JSON_ENCODE_ANY);
    if (text == NULL)
        gn_fail_memory(err, "the description of a model");
    json_decref(root);
    free(path);
    return text;
}

int gn_model_kind_of(const char *dir, bool *is_mlp, gn_error_t *err)
{
    char *kind = read_key(dir, "kind", err);
    if (kind == NULL)
        return GN_E_MEMORY;
    *is_mlp = strcmp(kind, "mlp") == 0;
    free(kind);
    return GN_OK;
}

static int print_source(const char *dir, gn_error_t *err)
{
    char *source = read_key(dir, "source", err);
    if (source == NULL)
        return GN_E_MEMORY;
    if (source[0] != '\0')
        printf("source:      %s\n", source);
    free(source);
    return GN_OK;
}

static void print_network(const gn_model_t *model)
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

static void print_perceptron(const gn_mlp_t *mlp)
{
    const struct gn_model_texts *texts = gn_mlp_texts(mlp);
    printf("name:        %s\n", texts->name);
    printf("version:     %s\n", texts->version);
    printf("preset:      %s\n", texts->preset);
    printf("kind:        perceptron, %d numbers in, %d probabilities out\n", gn_mlp_inputs(mlp),
           gn_mlp_outputs(mlp));
    printf("weights:     %zu\n", gn_mlp_parameters(mlp));
    printf("sha256:      %s\n", texts->sha256);
    printf("training:    %s\n", texts->training);
}

static int info_of_perceptron(const char *dir, gn_error_t *err)
{
    gn_mlp_t *mlp = gn_mlp_load(dir, err);
    if (mlp == NULL)
        return err->code;
    print_perceptron(mlp);
    gn_mlp_free(mlp);
    return GN_OK;
}

static int info_of_network(const char *dir, gn_error_t *err)
{
    gn_model_t *model = gn_model_load(dir, err);
    if (model == NULL)
        return err->code;
    print_network(model);
    gn_model_free(model);
    return GN_OK;
}

int gn_model_info_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    (void)args;
    bool is_mlp;
    int rc = gn_model_kind_of(word, &is_mlp, err);
    if (rc == GN_OK)
        rc = is_mlp ? info_of_perceptron(word, err) : info_of_network(word, err);
    return rc == GN_OK ? print_source(word, err) : rc;
}

/* A subfolder that holds a model.json. */
static int keep_models(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int print_row(const char *folder, const char *name, gn_error_t *err)
{
    static const char *const keys[] = {"name", "version", "preset", "kind"};
    char *dir = NULL, *json = NULL;
    int rc = GN_OK;
    if (asprintf(&dir, "%s/%s", folder, name) < 0)
        return gn_fail_memory(err, "a file name");
    if (asprintf(&json, "%s/model.json", dir) < 0) {
        free(dir);
        return gn_fail_memory(err, "a file name");
    }
    if (access(json, R_OK) == 0) {
        printf("%s", dir);
        for (size_t i = 0; rc == GN_OK && i < sizeof keys / sizeof *keys; i++) {
            char *text = read_key(dir, keys[i], err);
            rc = text == NULL ? GN_E_MEMORY : GN_OK;
            if (text != NULL)
                printf("\t%s", text[0] != '\0' ? text : i == 3 ? "cnn" : "?");
            free(text);
        }
        printf("\n");
    }
    free(json);
    free(dir);
    return rc;
}

static int list_folder(const char *folder, gn_error_t *err)
{
    struct dirent **names = NULL;
    int n = scandir(folder, &names, keep_models, alphasort);
    if (n < 0)
        return gn_fail(err, GN_E_NO_INPUT, "cannot read the folder '%s': %s", folder,
                       strerror(errno));
    int rc = GN_OK;
    printf("#folder\tname\tversion\tpreset\tkind\n");
    for (int i = 0; i < n; i++) {
        if (rc == GN_OK)
            rc = print_row(folder, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    return rc;
}

int gn_model_list_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    (void)args;
    char *folder = NULL;
    int rc = GN_OK;
    if (word != NULL)
        return list_folder(word, err);
    rc = gn_default_models_folder(&folder, err);
    if (rc == GN_OK)
        rc = list_folder(folder, err);
    free(folder);
    return rc;
}
