/* SPDX-License-Identifier: MIT
 *
 * model_file.c - the outer keys of model.json and the weights file.
 */
#include "cnn/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { FORMAT_VERSION = 1 };

int gn_model_file_bad(const struct gn_model_file *file, const char *what, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA, "%s: %s: the model is damaged or made for a newer gannet",
                   file->path, what);
}

char *gn_model_file_path(const char *dir, const char *file, gn_error_t *err)
{
    size_t size = strlen(dir) + strlen(file) + 2;
    char *path = malloc(size);
    if (path == NULL)
        gn_fail_memory(err, "the path of the model");
    else
        snprintf(path, size, "%s/%s", dir, file);
    return path;
}

static int read_json(struct gn_model_file *file, gn_error_t *err)
{
    if (access(file->path, R_OK) != 0)
        return gn_fail(err, GN_E_NO_INPUT,
                       "%s: no such file: a model is a folder with model.json and its weights; "
                       "'gannet model import' makes one of a TensorFlow or ONNX model",
                       file->path);
    json_error_t problem;
    file->root = json_load_file(file->path, JSON_REJECT_DUPLICATES, &problem);
    if (file->root == NULL)
        return gn_fail(err, GN_E_DATA, "%s: line %d: %s: the model is damaged, fetch it again",
                       file->path, problem.line, problem.text);
    return GN_OK;
}

/* The folder's model.json must be of a format that is known here. */
static int check_format(const struct gn_model_file *file, gn_error_t *err)
{
    const char *format = json_string_value(json_object_get(file->root, "format"));
    const json_t *version = json_object_get(file->root, "format_version");
    if (format == NULL || strcmp(format, "gannet-model") != 0)
        return gn_model_file_bad(file, "'format' is not gannet-model", err);
    if (!json_is_integer(version) || json_integer_value(version) != FORMAT_VERSION)
        return gn_model_file_bad(file, "unknown 'format_version'", err);
    return GN_OK;
}

static int check_kind(const struct gn_model_file *file, const char *wanted, gn_error_t *err)
{
    const json_t *value = json_object_get(file->root, "kind");
    const char *kind = value == NULL ? "cnn" : json_string_value(value);
    if (kind == NULL || (strcmp(kind, "cnn") != 0 && strcmp(kind, "mlp") != 0))
        return gn_model_file_bad(file, "'kind' is neither cnn nor mlp", err);
    if (strcmp(kind, wanted) == 0)
        return GN_OK;
    return gn_fail(
        err, GN_E_DATA, "%s: the model is %s, wanted is %s: give another model folder", file->path,
        strcmp(kind, "mlp") == 0 ? "a perceptron (kind mlp)" : "a network of images (kind cnn)",
        strcmp(wanted, "mlp") == 0 ? "a perceptron (kind mlp)" : "a network of images (kind cnn)");
}

int gn_model_file_open(struct gn_model_file *file, const char *dir, const char *kind,
                       gn_error_t *err)
{
    *file = (struct gn_model_file){.path = gn_model_file_path(dir, "model.json", err)};
    if (file->path == NULL)
        return GN_E_MEMORY;
    int rc = read_json(file, err);
    if (rc == GN_OK)
        rc = check_format(file, err);
    return rc == GN_OK ? check_kind(file, kind, err) : rc;
}

static int copy_text(char **field, const struct gn_model_file *file, const char *key,
                     gn_error_t *err)
{
    const char *text = json_string_value(json_object_get(file->root, key));
    if (text == NULL)
        return gn_fail(err, GN_E_DATA, "%s: '%s' is missing: the model is damaged, fetch it again",
                       file->path, key);
    *field = gn_strdup(text);
    return *field == NULL ? gn_fail_memory(err, "the model") : GN_OK;
}

static int copy_json(char **field, const struct gn_model_file *file, const char *key,
                     gn_error_t *err)
{
    const json_t *value = json_object_get(file->root, key);
    *field =
        value == NULL ? gn_strdup("{}") : json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(10));
    return *field == NULL ? gn_fail_memory(err, "the model") : GN_OK;
}

int gn_model_file_texts(const struct gn_model_file *file, struct gn_model_texts *texts,
                        gn_error_t *err)
{
    int rc = copy_text(&texts->name, file, "name", err);
    if (rc == GN_OK)
        rc = copy_text(&texts->version, file, "version", err);
    if (rc == GN_OK)
        rc = copy_text(&texts->preset, file, "preset", err);
    if (rc == GN_OK)
        rc = copy_json(&texts->calling, file, "calling", err);
    if (rc == GN_OK)
        rc = copy_json(&texts->training, file, "training", err);
    return rc;
}

int gn_model_file_open_weights(struct gn_model_file *file, const char *dir, char sha256[65],
                               gn_error_t *err)
{
    const json_t *weights = json_object_get(file->root, "weights");
    const char *name = json_string_value(json_object_get(weights, "file"));
    const char *expected = json_string_value(json_object_get(weights, "sha256"));
    if (name == NULL || expected == NULL || strchr(name, '/') != NULL)
        return gn_model_file_bad(file, "'weights' must give the file's name and sha256", err);
    file->weights_path = gn_model_file_path(dir, name, err);
    if (file->weights_path == NULL)
        return GN_E_MEMORY;
    gn_error_t local = {0};
    file->weights = gn_safetensors_open(file->weights_path, sha256, &local);
    if (file->weights == NULL)
        return gn_fail(err, local.code, "%s", local.message);
    if (strcmp(expected, sha256) != 0)
        return gn_fail(err, GN_E_DATA,
                       "%s: SHA-256 is %s, model.json says %s: the file is damaged or of another "
                       "model, fetch the model again",
                       file->weights_path, sha256, expected);
    return GN_OK;
}

void gn_model_file_close(struct gn_model_file *file)
{
    gn_safetensors_close(file->weights);
    json_decref(file->root);
    free(file->path);
    free(file->weights_path);
    *file = (struct gn_model_file){NULL, NULL, NULL, NULL};
}

void gn_model_texts_clear(struct gn_model_texts *texts)
{
    free(texts->name);
    free(texts->version);
    free(texts->preset);
    free(texts->calling);
    free(texts->training);
    *texts = (struct gn_model_texts){NULL};
}
