/* SPDX-License-Identifier: MIT
 *
 * mlp.c - loads and runs perceptrons. A dense layer is a 1 x 1 convolution whose pixels are examples,
 * so the kernels of convolutions do the work: examples that go together read the weights once.
 */
#include "cnn/mlp.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/cpu/tile.h"
#include "cnn/softmax.h"

enum {
    MAX_LAYERS = 32,
    MAX_UNITS = 1 << 16,
    BLOCK = GN_BLOCK,   /* outputs that are stored side by side */
    ROWS_AT_A_TIME = 48 /* examples whose activations stay in the cache */
};

struct layer {
    int inputs, units;
    bool relu;
    float *weights; /* [blocks][inputs][16], padded with zeros */
    float *bias;    /* [blocks][16] */
};

struct gn_mlp {
    struct gn_model_texts texts;
    struct layer layers[MAX_LAYERS];
    int n_layers;
    int widest; /* units of a layer, rounded up to blocks */
};

static int round_up(int units)
{
    return (units + BLOCK - 1) / BLOCK * BLOCK;
}

/* ---- loading ---- */

/* Copies a tensor of [inputs][units] (a bias has one row) into blocks of 16 units. */
static int pack_tensor(const struct gn_model_file *file, const char *name, int inputs, int units,
                       float *packed, gn_error_t *err)
{
    struct gn_safetensor tensor;
    int rc = gn_safetensors_find(file->weights, name, &tensor, err);
    if (rc < 0)
        return rc;
    if (tensor.rank < 1 || tensor.shape[tensor.rank - 1] != (size_t)units ||
        tensor.count != (size_t)inputs * (size_t)units)
        return gn_fail(err, GN_E_DATA,
                       "%s: tensor '%s' has %zu elements, model.json asks for %d x %d: the two "
                       "files of the model do not belong together",
                       file->weights_path, name, tensor.count, inputs, units);
    for (int i = 0; i < inputs; i++)
        for (int u = 0; u < units; u++) {
            float value = gn_safetensor_value(&tensor, (size_t)i * (size_t)units + (size_t)u);
            if (!isfinite(value))
                return gn_fail(err, GN_E_DATA,
                               "%s: tensor '%s' has a value that is no finite number: the model "
                               "is damaged, fetch it again",
                               file->weights_path, name);
            size_t block = (size_t)(u / BLOCK) * (size_t)inputs + (size_t)i;
            packed[block * BLOCK + (size_t)(u % BLOCK)] = value;
        }
    return GN_OK;
}

static int pack_layer(const struct gn_model_file *file, const char *name, struct layer *layer,
                      gn_error_t *err)
{
    enum { NAME_SIZE = 256 };
    char tensor[NAME_SIZE];
    size_t units = (size_t)round_up(layer->units);
    layer->weights = gn_aligned_zeros((size_t)layer->inputs * units * sizeof(float));
    layer->bias = gn_aligned_zeros(units * sizeof(float));
    if (layer->weights == NULL || layer->bias == NULL)
        return gn_fail_memory(err, "the model");
    snprintf(tensor, sizeof tensor, "%s.weight", name);
    int rc = pack_tensor(file, tensor, layer->inputs, layer->units, layer->weights, err);
    snprintf(tensor, sizeof tensor, "%s.bias", name);
    return rc < 0 ? rc : pack_tensor(file, tensor, 1, layer->units, layer->bias, err);
}

static int read_layer(gn_mlp_t *mlp, const struct gn_model_file *file, const json_t *item,
                      int inputs, bool is_last, gn_error_t *err)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    const char *op = json_string_value(json_object_get(item, "op"));
    const char *activation = json_string_value(json_object_get(item, "activation"));
    json_int_t units = json_integer_value(json_object_get(item, "units"));
    if (name == NULL || op == NULL || strcmp(op, "dense") != 0 || activation == NULL)
        return gn_model_file_bad(file, "a layer is not {name, op: dense, units, activation}", err);
    if (units < 1 || units > MAX_UNITS)
        return gn_model_file_bad(file, "'units' is not 1 to 65536", err);
    if (strcmp(activation, is_last ? "softmax" : "relu") != 0)
        return gn_model_file_bad(file, "'activation' is not relu, and softmax in the last layer",
                                 err);
    struct layer *layer = &mlp->layers[mlp->n_layers++];
    *layer = (struct layer){.inputs = inputs, .units = (int)units, .relu = !is_last};
    if (round_up(layer->units) > mlp->widest)
        mlp->widest = round_up(layer->units);
    return pack_layer(file, name, layer, err);
}

static int read_layers(gn_mlp_t *mlp, const struct gn_model_file *file, gn_error_t *err)
{
    const json_t *input = json_object_get(file->root, "input");
    const json_t *layers = json_object_get(file->root, "layers");
    json_int_t features = json_integer_value(json_object_get(input, "features"));
    size_t n = json_array_size(layers);
    if (features < 1 || features > MAX_UNITS)
        return gn_model_file_bad(file, "'features' is not 1 to 65536", err);
    if (n < 1 || n > MAX_LAYERS)
        return gn_model_file_bad(file, "'layers' is not a list of 1 to 32 layers", err);
    int rc = GN_OK, inputs = (int)features;
    for (size_t i = 0; i < n && rc == GN_OK; i++) {
        rc = read_layer(mlp, file, json_array_get(layers, i), inputs, i + 1 == n, err);
        inputs = rc == GN_OK ? mlp->layers[i].units : 0;
    }
    return rc;
}

static int read_mlp(gn_mlp_t *mlp, struct gn_model_file *file, const char *dir, gn_error_t *err)
{
    int rc = gn_model_file_open(file, dir, "mlp", err);
    if (rc == GN_OK)
        rc = gn_model_file_texts(file, &mlp->texts, err);
    if (rc == GN_OK)
        rc = gn_model_file_open_weights(file, dir, mlp->texts.sha256, err);
    return rc == GN_OK ? read_layers(mlp, file, err) : rc;
}

gn_mlp_t *gn_mlp_load(const char *dir, gn_error_t *err)
{
    struct gn_model_file file;
    gn_mlp_t *mlp = calloc(1, sizeof *mlp);
    if (mlp == NULL) {
        gn_fail_memory(err, "the model");
        return NULL;
    }
    int rc = read_mlp(mlp, &file, dir, err);
    gn_model_file_close(&file);
    if (rc == GN_OK)
        return mlp;
    gn_mlp_free(mlp);
    return NULL;
}

void gn_mlp_free(gn_mlp_t *mlp)
{
    if (mlp == NULL)
        return;
    for (int i = 0; i < mlp->n_layers; i++) {
        free(mlp->layers[i].weights);
        free(mlp->layers[i].bias);
    }
    gn_model_texts_clear(&mlp->texts);
    free(mlp);
}

int gn_mlp_inputs(const gn_mlp_t *mlp)
{
    return mlp->layers[0].inputs;
}

int gn_mlp_outputs(const gn_mlp_t *mlp)
{
    return mlp->layers[mlp->n_layers - 1].units;
}

size_t gn_mlp_parameters(const gn_mlp_t *mlp)
{
    size_t total = 0;
    for (int i = 0; i < mlp->n_layers; i++)
        total += ((size_t)mlp->layers[i].inputs + 1) * (size_t)mlp->layers[i].units;
    return total;
}

const struct gn_model_texts *gn_mlp_texts(const gn_mlp_t *mlp)
{
    return &mlp->texts;
}

/* ---- running ---- */

/* n examples before and after a layer, each so many numbers after the one before. */
struct rows {
    const float *input;
    float *output;
    int input_stride, output_stride, n;
};

/* Blocks [first, first + blocks) of a layer's units for all rows. */
static void run_blocks(const struct layer *layer, const struct gn_kernels *kernels, int first,
                       int blocks, const struct rows *rows)
{
    static const int32_t only_tap = 0;
    const void *starts[GN_TILE_MAX_PIXELS];
    void *outputs[GN_TILE_MAX_PIXELS];
    struct gn_tile tile = {
        .starts = starts,
        .taps = &only_tap,
        .n_taps = 1,
        .words = layer->inputs,
        .weights = layer->weights + (size_t)first * BLOCK * (size_t)layer->inputs,
        .block_stride = (size_t)layer->inputs * BLOCK * sizeof(float),
        .bias = layer->bias + first * BLOCK,
        .scale = layer->bias + first * BLOCK, /* float32 kernels do not read it */
        .outputs = outputs,
        .channels = blocks * BLOCK,
        .store = layer->relu ? GN_STORE_RELU : GN_STORE_LINEAR,
    };
    for (int row = 0; row < rows->n; row += kernels->pixels) {
        tile.pixels = rows->n - row < kernels->pixels ? rows->n - row : kernels->pixels;
        for (int p = 0; p < kernels->pixels; p++) {
            size_t at = (size_t)(p < tile.pixels ? row + p : row);
            starts[p] = rows->input + at * (size_t)rows->input_stride;
            outputs[p] = rows->output + at * (size_t)rows->output_stride + first * BLOCK;
        }
        kernels->by_blocks[blocks - 1](&tile);
    }
}

static void run_layer(const struct layer *layer, const struct rows *rows)
{
    const struct gn_kernels *kernels = gn_kernels_of(GN_PRECISION_FLOAT32, gn_isa_best());
    int blocks = round_up(layer->units) / BLOCK;
    for (int first = 0; first < blocks; first += kernels->max_blocks) {
        int n = blocks - first < kernels->max_blocks ? blocks - first : kernels->max_blocks;
        run_blocks(layer, kernels, first, n, rows);
    }
}

/* scratch: two buffers of ROWS_AT_A_TIME rows, used in turn. */
static void run_rows(const gn_mlp_t *mlp, const float *inputs, int n, float *const scratch[2],
                     float *outputs)
{
    int classes = gn_mlp_outputs(mlp);
    struct rows rows = {
        .input = inputs, .input_stride = gn_mlp_inputs(mlp), .output_stride = mlp->widest, .n = n};
    for (int i = 0; i < mlp->n_layers; i++) {
        rows.output = scratch[i % 2];
        run_layer(&mlp->layers[i], &rows);
        rows.input = rows.output;
        rows.input_stride = rows.output_stride;
    }
    for (int i = 0; i < n; i++)
        gn_softmax(rows.input + (size_t)i * (size_t)rows.input_stride, classes,
                   outputs + (size_t)i * (size_t)classes);
}

int gn_mlp_run(const gn_mlp_t *mlp, const float *inputs, size_t n, float *outputs, gn_error_t *err)
{
    int features = gn_mlp_inputs(mlp), classes = gn_mlp_outputs(mlp);
    size_t size = (size_t)ROWS_AT_A_TIME * (size_t)mlp->widest;
    float *memory = gn_aligned_zeros(2 * size * sizeof(float));
    if (memory == NULL)
        return gn_fail_memory(err, "a perceptron");
    float *const scratch[2] = {memory, memory + size};
    for (size_t first = 0; first < n; first += ROWS_AT_A_TIME) {
        int rows = n - first < ROWS_AT_A_TIME ? (int)(n - first) : ROWS_AT_A_TIME;
        run_rows(mlp, inputs + first * (size_t)features, rows, scratch,
                 outputs + first * (size_t)classes);
    }
    free(memory);
    return GN_OK;
}
