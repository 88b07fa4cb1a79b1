/* SPDX-License-Identifier: MIT
 *
 * mlp_folder.h - makes folders of perceptrons with random weights, and runs them without the code under test.
 */
#ifndef GN_TESTS_MLP_FOLDER_H
#define GN_TESTS_MLP_FOLDER_H

#include <math.h>

#include "model_folder.h"

enum { TEST_MLP_LAYERS = 8 };

struct test_mlp {
    struct test_model folder;
    int sizes[TEST_MLP_LAYERS + 1]; /* inputs, then the units of each layer */
    int n_layers;
};

/* A folder whose layers have sizes[1 ... n_layers] units; its weights are in folder.tensors, two a layer. */
static inline void test_mlp_begin(struct test_mlp *mlp, const int *sizes, int n_layers)
{
    uint64_t seed = 7;
    *mlp = (struct test_mlp){.folder = {.dir = "/tmp/gannet-mlp-XXXXXX"}, .n_layers = n_layers};
    if (mkdtemp(mlp->folder.dir) == NULL)
        abort();
    json_t *layers = json_array();
    mlp->sizes[0] = sizes[0];
    for (int i = 0; i < n_layers; i++) {
        char name[16];
        size_t units = (size_t)sizes[i + 1];
        mlp->sizes[i + 1] = sizes[i + 1];
        snprintf(name, sizeof name, "dense%d", i);
        test_add_tensor(&mlp->folder, name, "weight", (size_t[]){(size_t)sizes[i], units}, 2,
                        &seed);
        test_add_tensor(&mlp->folder, name, "bias", (size_t[]){units}, 1, &seed);
        json_array_append_new(layers, json_pack("{s:s, s:s, s:i, s:s}", "name", name, "op", "dense",
                                                "units", sizes[i + 1], "activation",
                                                i + 1 < n_layers ? "relu" : "softmax"));
    }
    mlp->folder.root =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:{s:i}, s:o}", "format", "gannet-model",
                  "format_version", 1, "kind", "mlp", "name", "test", "version", "1", "preset",
                  "wgs", "input", "features", sizes[0], "layers", layers);
    test_write_model(&mlp->folder);
}

static inline void test_mlp_end(struct test_mlp *mlp)
{
    test_model_end(&mlp->folder);
}

/* The logits in float32 with one chain of fmaf() an output: what all kernels must give. */
static inline void test_mlp_logits(const struct test_mlp *mlp, const float *inputs, float *logits)
{
    float buffers[2][1024];
    memcpy(buffers[0], inputs, (size_t)mlp->sizes[0] * sizeof *inputs);
    for (int l = 0; l < mlp->n_layers; l++) {
        const float *w = mlp->folder.tensors[2 * l].values,
                    *b = mlp->folder.tensors[2 * l + 1].values;
        const float *x = buffers[l % 2];
        int n = mlp->sizes[l + 1];
        for (int u = 0; u < n; u++) {
            float sum = b[u];
            for (int i = 0; i < mlp->sizes[l]; i++)
                sum = fmaf(x[i], w[(size_t)i * (size_t)n + (size_t)u], sum);
            buffers[(l + 1) % 2][u] = l + 1 < mlp->n_layers && !(sum > 0) ? 0 : sum;
        }
    }
    memcpy(logits, buffers[mlp->n_layers % 2], (size_t)mlp->sizes[mlp->n_layers] * sizeof *logits);
}

/* The probabilities in double precision. */
static inline void test_mlp_exact(const struct test_mlp *mlp, const float *inputs, double *out)
{
    double buffers[2][1024], sum = 0;
    int classes = mlp->sizes[mlp->n_layers];
    for (int i = 0; i < mlp->sizes[0]; i++)
        buffers[0][i] = (double)inputs[i];
    for (int l = 0; l < mlp->n_layers; l++) {
        const float *w = mlp->folder.tensors[2 * l].values,
                    *b = mlp->folder.tensors[2 * l + 1].values;
        int n = mlp->sizes[l + 1];
        for (int u = 0; u < n; u++) {
            double value = (double)b[u];
            for (int i = 0; i < mlp->sizes[l]; i++)
                value += buffers[l % 2][i] * (double)w[(size_t)i * (size_t)n + (size_t)u];
            buffers[(l + 1) % 2][u] = l + 1 < mlp->n_layers && value < 0 ? 0 : value;
        }
    }
    for (int u = 0; u < classes; u++)
        sum += out[u] = exp(buffers[mlp->n_layers % 2][u]);
    for (int u = 0; u < classes; u++)
        out[u] /= sum;
}

#endif
