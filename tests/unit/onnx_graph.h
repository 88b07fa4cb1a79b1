/* SPDX-License-Identifier: MIT
 *
 * onnx_graph.h - ONNX files of small graphs, for tests: nodes one by one, weights by a formula.
 */
#ifndef GN_TESTS_ONNX_GRAPH_H
#define GN_TESTS_ONNX_GRAPH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "onnx.pb-c.h"

enum { ONNX_MAX_ITEMS = 40, ONNX_FLOAT32 = 1, ONNX_UINT8 = 2, ONNX_INT64 = 7 };

struct onnx_graph {
    gn_arena_t *arena;
    Onnx__Model model;
    Onnx__Graph graph;
    Onnx__OperatorSet version;
    Onnx__OperatorSet *versions[1];
    Onnx__Node *nodes[ONNX_MAX_ITEMS];
    Onnx__Tensor *tensors[ONNX_MAX_ITEMS];
    Onnx__ValueInfo *inputs[2], *outputs[2];
};

static inline void *onnx_new(struct onnx_graph *g, size_t size)
{
    void *memory = gn_arena_zalloc(g->arena, 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

static inline char *onnx_text(struct onnx_graph *g, const char *text)
{
    return strcpy(onnx_new(g, strlen(text) + 1), text);
}

static inline void onnx_start(struct onnx_graph *g)
{
    *g = (struct onnx_graph){.arena = gn_arena_create(1 << 20)};
    onnx__model__init(&g->model);
    onnx__graph__init(&g->graph);
    onnx__operator_set__init(&g->version);
    g->version.version = 13;
    g->versions[0] = &g->version;
    g->model.ir_version = 7;
    g->model.opset_import = g->versions;
    g->model.n_opset_import = 1;
    g->model.graph = &g->graph;
    g->graph.node = g->nodes;
    g->graph.initializer = g->tensors;
    g->graph.input = g->inputs;
    g->graph.output = g->outputs;
}

/* Sizes of an axis: -1 is dynamic, called "n". */
static inline Onnx__ValueInfo *onnx_port(struct onnx_graph *g, const char *name, int type,
                                         const int *sizes, size_t n)
{
    Onnx__ValueInfo *info = onnx_new(g, sizeof *info);
    onnx__value_info__init(info);
    info->name = onnx_text(g, name);
    info->type = onnx_new(g, sizeof *info->type);
    onnx__type__init(info->type);
    Onnx__TensorType *tensor = info->type->tensor_type = onnx_new(g, sizeof *tensor);
    onnx__tensor_type__init(tensor);
    tensor->elem_type = type;
    tensor->shape = onnx_new(g, sizeof *tensor->shape);
    onnx__shape__init(tensor->shape);
    tensor->shape->dim = onnx_new(g, n * sizeof(Onnx__Dimension *));
    tensor->shape->n_dim = n;
    for (size_t i = 0; i < n; i++) {
        Onnx__Dimension *dim = tensor->shape->dim[i] = onnx_new(g, sizeof *dim);
        onnx__dimension__init(dim);
        if (sizes[i] >= 0)
            dim->dim_value = sizes[i];
        else
            dim->dim_param = onnx_text(g, "n");
    }
    return info;
}

static inline void onnx_input(struct onnx_graph *g, const char *name, int type, const int sizes[4])
{
    g->inputs[g->graph.n_input++] = onnx_port(g, name, type, sizes, 4);
}

static inline void onnx_output(struct onnx_graph *g, const char *name)
{
    g->outputs[g->graph.n_output++] = onnx_port(g, name, ONNX_FLOAT32, (const int[]){-1, 3}, 2);
}

/* A node whose inputs are a list with commas; its name is that of its output. */
static inline Onnx__Node *onnx_node(struct onnx_graph *g, const char *type, const char *inputs,
                                    const char *output)
{
    Onnx__Node *node = g->nodes[g->graph.n_node++] = onnx_new(g, sizeof *node);
    onnx__node__init(node);
    node->op_type = onnx_text(g, type);
    node->name = onnx_text(g, output);
    node->output = onnx_new(g, sizeof(char *));
    node->output[0] = node->name;
    node->n_output = 1;
    node->input = onnx_new(g, 8 * sizeof(char *));
    char *rest = onnx_text(g, inputs), *word;
    while ((word = strsep(&rest, ",")) != NULL)
        node->input[node->n_input++] = word;
    return node;
}

static inline Onnx__Attribute *onnx_attribute(struct onnx_graph *g, Onnx__Node *node,
                                              const char *name)
{
    Onnx__Attribute *attribute = onnx_new(g, sizeof *attribute);
    onnx__attribute__init(attribute);
    attribute->name = onnx_text(g, name);
    if (node->attribute == NULL)
        node->attribute = onnx_new(g, 8 * sizeof(Onnx__Attribute *));
    node->attribute[node->n_attribute++] = attribute;
    return attribute;
}

static inline void onnx_int(struct onnx_graph *g, Onnx__Node *node, const char *name, int value)
{
    onnx_attribute(g, node, name)->i = value;
}

static inline void onnx_ints(struct onnx_graph *g, Onnx__Node *node, const char *name, size_t n,
                             const int64_t *values)
{
    Onnx__Attribute *attribute = onnx_attribute(g, node, name);
    attribute->ints = onnx_new(g, n * sizeof *values);
    attribute->n_ints = n;
    memcpy(attribute->ints, values, n * sizeof *values);
}

static inline Onnx__Tensor *onnx_tensor(struct onnx_graph *g, const char *name, int type, size_t n,
                                        const int64_t *dims)
{
    Onnx__Tensor *tensor = g->tensors[g->graph.n_initializer++] = onnx_new(g, sizeof *tensor);
    onnx__tensor__init(tensor);
    tensor->name = onnx_text(g, name);
    tensor->data_type = type;
    tensor->dims = onnx_new(g, n * sizeof *dims + 1);
    tensor->n_dims = n;
    if (n > 0)
        memcpy(tensor->dims, dims, n * sizeof *dims);
    return tensor;
}

/* A tensor of one dimension. */
static inline Onnx__Tensor *onnx_vector(struct onnx_graph *g, const char *name, size_t n,
                                        const float *values)
{
    Onnx__Tensor *tensor = onnx_tensor(g, name, ONNX_FLOAT32, 1, (const int64_t[]){(int64_t)n});
    tensor->float_data = onnx_new(g, n * sizeof *values);
    tensor->n_float_data = n;
    memcpy(tensor->float_data, values, n * sizeof *values);
    return tensor;
}

static inline Onnx__Tensor *onnx_list(struct onnx_graph *g, const char *name, size_t n,
                                      const int64_t *values)
{
    Onnx__Tensor *tensor = onnx_tensor(g, name, ONNX_INT64, 1, (const int64_t[]){(int64_t)n});
    tensor->int64_data = onnx_new(g, n * sizeof *values);
    tensor->n_int64_data = n;
    memcpy(tensor->int64_data, values, n * sizeof *values);
    return tensor;
}

/* Element i is (i * 7 % 13 - 6) / 8, as raw bytes. */
static inline Onnx__Tensor *onnx_weights(struct onnx_graph *g, const char *name, size_t rank,
                                         const int64_t *dims)
{
    Onnx__Tensor *tensor = onnx_tensor(g, name, ONNX_FLOAT32, rank, dims);
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    float *values = onnx_new(g, n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)((int)(i * 7 % 13) - 6) / 8;
    tensor->raw_data.data = (uint8_t *)values;
    tensor->raw_data.len = n * sizeof *values;
    return tensor;
}

/* Writes the file and forgets the graph. */
static inline void onnx_finish(struct onnx_graph *g, const char *path)
{
    size_t size = onnx__model__get_packed_size(&g->model);
    uint8_t *bytes = onnx_new(g, size + 1);
    onnx__model__pack(&g->model, bytes);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
    gn_arena_destroy(g->arena);
}

#endif
