/* SPDX-License-Identifier: MIT
 *
 * model_folder.h - makes model folders with random weights for the tests of src/cnn.
 *
 * Writes both files with code of its own, so that the readers are tested against the format and not against themselves.
 */
#ifndef GN_TESTS_MODEL_FOLDER_H
#define GN_TESTS_MODEL_FOLDER_H

#include <jansson.h>
#include <sha256.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// A tensor of the weights file; `values` in the file's order.
struct test_tensor {
    char name[64];
    size_t shape[4];
    int rank;
    size_t count;
    float *values;
};

struct test_model {
    char dir[64];
    json_t *root; /* model.json */
    struct test_tensor tensors[64];
    int n_tensors;
};

/* Small, fixed and portable: the tests need no good numbers, but the same ones everywhere. */
static inline uint32_t test_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33);
}

/* Uniform in [-1, 1). */
static inline float test_uniform(uint64_t *state)
{
    return (float)((double)test_random(state) / 1073741824.0 - 1.0);
}

static inline void test_path(const struct test_model *model, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", model->dir, name);
}

static inline void test_add_tensor(struct test_model *model, const char *layer, const char *part,
                                   const size_t *shape, int rank, uint64_t *seed)
{
    struct test_tensor *tensor = &model->tensors[model->n_tensors++];
    size_t fan = 1;
    snprintf(tensor->name, sizeof tensor->name, "%s.%s", layer, part);
    tensor->rank = rank;
    tensor->count = 1;
    for (int i = 0; i < rank; i++) {
        tensor->shape[i] = shape[i];
        tensor->count *= shape[i];
        fan *= i + 1 < rank ? shape[i] : 1;
    }
    tensor->values = malloc(tensor->count * sizeof *tensor->values);
    float scale = 2.0F / (float)(fan > 4 ? fan / 2 : 2);
    for (size_t i = 0; i < tensor->count; i++)
        tensor->values[i] = test_uniform(seed) * (rank == 1 ? 0.3F : scale + 0.05F);
}

static inline const struct test_tensor *test_find_tensor(const struct test_model *model,
                                                         const char *layer, const char *part)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    for (int i = 0; i < model->n_tensors; i++)
        if (strcmp(model->tensors[i].name, name) == 0)
            return &model->tensors[i];
    return NULL;
}

/* Writes weights.safetensors; returns its SHA-256 in hex. */
static inline void test_write_weights(const struct test_model *model, char sha256[65])
{
    char path[128];
    json_t *header = json_object();
    size_t offset = 0;
    for (int i = 0; i < model->n_tensors; i++) {
        const struct test_tensor *tensor = &model->tensors[i];
        json_t *shape = json_array();
        for (int d = 0; d < tensor->rank; d++)
            json_array_append_new(shape, json_integer((json_int_t)tensor->shape[d]));
        size_t end = offset + tensor->count * sizeof(float);
        json_object_set_new(header, tensor->name,
                            json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
                                      "data_offsets", (json_int_t)offset, (json_int_t)end));
        offset = end;
    }
    char *text = json_dumps(header, JSON_COMPACT);
    uint64_t length = strlen(text);
    test_path(model, "weights.safetensors", path);
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 8; i++)
        fputc((int)(length >> (8 * i) & 255), file);
    fwrite(text, 1, length, file);
    for (int i = 0; i < model->n_tensors; i++)
        fwrite(model->tensors[i].values, sizeof(float), model->tensors[i].count, file);
    fclose(file);
    SHA256File(path, sha256);
    free(text);
    json_decref(header);
}

static inline void test_write_json(const struct test_model *model)
{
    char path[128];
    test_path(model, "model.json", path);
    json_dump_file(model->root, path, JSON_INDENT(1));
}

/* Puts the (changed) weights and JSON on disk, with the right checksum. */
static inline void test_write_model(struct test_model *model)
{
    char sha256[65];
    test_write_weights(model, sha256);
    json_object_set_new(model->root, "weights",
                        json_pack("{s:s, s:s}", "file", "weights.safetensors", "sha256", sha256));
    test_write_json(model);
}

/* A folder under the temporary directory with the given layers (JSON text) and input shape, its weights not made yet. */
static inline void test_model_begin(struct test_model *model, const char *layers, int height,
                                    int width, int channels)
{
    *model = (struct test_model){.dir = "/tmp/gannet-model-XXXXXX"};
    if (mkdtemp(model->dir) == NULL)
        abort();
    json_t *list = json_loads(layers, 0, NULL), *numbers = json_array();
    for (int c = 0; c < channels; c++)
        json_array_append_new(numbers, json_integer(c + 1));
    model->root = json_pack("{s:s, s:i, s:s, s:s, s:s, s:{s:[i, i, i], s:o, s:s}, s:o}", "format",
                            "gannet-model", "format_version", 1, "name", "test", "version", "1",
                            "preset", "wgs", "input", "shape", height, width, channels, "channels",
                            numbers, "normalisation", "(x - 128) / 128", "layers", list);
}

static inline void test_model_end(struct test_model *model)
{
    char path[128];
    test_path(model, "weights.safetensors", path);
    unlink(path);
    test_path(model, "model.json", path);
    unlink(path);
    rmdir(model->dir);
    for (int i = 0; i < model->n_tensors; i++)
        free(model->tensors[i].values);
    json_decref(model->root);
}

#endif
