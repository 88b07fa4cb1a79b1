/* SPDX-License-Identifier: MIT
 *
 * onnx_spelling.h - one small network in the several ways in which exporters write it.
 */
#ifndef GN_TESTS_ONNX_SPELLING_H
#define GN_TESTS_ONNX_SPELLING_H

#include <stdbool.h>

#include "onnx_graph.h"

/* A small network in one of several spellings, or with one fault. */
struct spelling {
    bool is_nhwc, has_pad, is_reduced, is_reshaped, has_matmul, has_mul;
    int type;                            /* of the input; 0: float32 */
    float normalisation[2];              /* subtract, then divide; divide by 0: none */
    void (*spoil)(struct onnx_graph *g); /* a fault, at the end */
};

static inline const char *first_map(struct onnx_graph *g, const struct spelling *how)
{
    const char *name = "images";
    if (how->type == ONNX_UINT8) {
        onnx_int(g, onnx_node(g, "Cast", name, "cast"), "to", ONNX_FLOAT32);
        name = "cast";
    }
    if (how->normalisation[1] != 0) {
        onnx_tensor(g, "mean", ONNX_FLOAT32, 0, NULL)->float_data = onnx_new(g, sizeof(float));
        g->tensors[g->graph.n_initializer - 1]->n_float_data = 1;
        g->tensors[g->graph.n_initializer - 1]->float_data[0] = how->normalisation[0];
        onnx_vector(g, "range", 1, &how->normalisation[1]);
        char inputs[32];
        snprintf(inputs, sizeof inputs, "%s,mean", name);
        onnx_node(g, "Sub", inputs, "shifted");
        onnx_node(g, "Div", "shifted,range", "normalised");
        name = "normalised";
    }
    if (how->is_nhwc) {
        onnx_ints(g, onnx_node(g, "Transpose", name, "nchw"), "perm", 4,
                  (const int64_t[]){0, 3, 1, 2});
        name = "nchw";
    }
    return name;
}

/* 3 -> 4 channels, 3 x 3, same; batch normalisation; ReLU. */
static inline void add_first_convolution(struct onnx_graph *g, const struct spelling *how,
                                         const char *name)
{
    static const float gamma[] = {1, 2, 0.5F, -1}, beta[] = {0.5F, 0, -0.25F, 1};
    static const float mean[] = {1, -1, 0.5F, 0}, variance[] = {0.75F, 3.75F, 0, 8.75F};
    /* gamma / sqrt(variance + 0.25), and what is left of beta and mean */
    static const float scale[] = {1, 1, 1, -1 / 3.0F}, offset[] = {-0.5F, 1, -0.75F, 1};
    char inputs[32];
    if (how->has_pad) {
        onnx_list(g, "zeros", 8, (const int64_t[]){0, 0, 1, 1, 0, 0, 1, 1});
        snprintf(inputs, sizeof inputs, "%s,zeros", name);
        onnx_node(g, "Pad", inputs, "padded");
        name = "padded";
    }
    onnx_weights(g, "kernel1", 4, (const int64_t[]){4, 3, 3, 3});
    snprintf(inputs, sizeof inputs, "%s,kernel1", name);
    Onnx__Node *conv = onnx_node(g, "Conv", inputs, "conv1");
    if (!how->has_pad)
        onnx_ints(g, conv, "pads", 4, (const int64_t[]){1, 1, 1, 1});
    if (how->has_mul) {
        onnx_vector(g, "scale", 4, scale)->n_dims = 3;
        g->tensors[g->graph.n_initializer - 1]->dims = onnx_new(g, 3 * sizeof(int64_t));
        memcpy(g->tensors[g->graph.n_initializer - 1]->dims, (const int64_t[]){4, 1, 1}, 24);
        onnx_vector(g, "offset", 4, offset)->n_dims = 4;
        g->tensors[g->graph.n_initializer - 1]->dims = onnx_new(g, 4 * sizeof(int64_t));
        memcpy(g->tensors[g->graph.n_initializer - 1]->dims, (const int64_t[]){1, 4, 1, 1}, 32);
        onnx_node(g, "Mul", "scale,conv1", "scaled");
        onnx_node(g, "Add", "scaled,offset", "norm1");
    } else {
        onnx_vector(g, "gamma", 4, gamma);
        onnx_vector(g, "beta", 4, beta);
        onnx_vector(g, "mean1", 4, mean);
        onnx_vector(g, "variance", 4, variance);
        Onnx__Node *norm =
            onnx_node(g, "BatchNormalization", "conv1,gamma,beta,mean1,variance", "norm1");
        onnx_attribute(g, norm, "epsilon")->f = 0.25F;
    }
    onnx_node(g, "Relu", "norm1", "map1");
}

/* Average pool and 1 x 1 convolution beside a strided max pool of stride 1, joined. */
static inline void add_branches(struct onnx_graph *g)
{
    Onnx__Node *mean = onnx_node(g, "AveragePool", "map1", "mean3");
    onnx_ints(g, mean, "kernel_shape", 2, (const int64_t[]){3, 3});
    onnx_ints(g, mean, "pads", 4, (const int64_t[]){1, 1, 1, 1});
    onnx_weights(g, "kernel2", 4, (const int64_t[]){2, 4, 1, 1});
    onnx_vector(g, "bias2", 2, (const float[]){0.25F, -0.5F});
    onnx_node(g, "Conv", "mean3,kernel2,bias2", "conv2");
    onnx_node(g, "Relu", "conv2", "branch1");
    Onnx__Node *most = onnx_node(g, "MaxPool", "map1", "branch2");
    onnx_ints(g, most, "kernel_shape", 2, (const int64_t[]){3, 3});
    onnx_attribute(g, most, "auto_pad")->s =
        (ProtobufCBinaryData){10, (uint8_t *)onnx_text(g, "SAME_UPPER")};
    onnx_int(g, onnx_node(g, "Concat", "branch1,branch2", "joined"), "axis", 1);
}

static inline void add_head(struct onnx_graph *g, const struct spelling *how)
{
    if (how->is_reduced) {
        Onnx__Node *node = onnx_node(g, "ReduceMean", "joined", "features");
        onnx_ints(g, node, "axes", 2, (const int64_t[]){-1, 2});
        onnx_int(g, node, "keepdims", 0);
    } else {
        onnx_node(g, "GlobalAveragePool", "joined", "pooled");
        if (how->is_reshaped) {
            onnx_list(g, "sizes", 2, (const int64_t[]){-1, 6});
            onnx_node(g, "Reshape", "pooled,sizes", "features");
        } else {
            onnx_node(g, "Flatten", "pooled", "features");
        }
    }
    onnx_vector(g, "bias", 3, (const float[]){0.125F, 0, -1});
    if (how->has_matmul) {
        onnx_weights(g, "matrix", 2, (const int64_t[]){6, 3});
        onnx_node(g, "MatMul", "features,matrix", "product");
        onnx_node(g, "Add", "bias,product", "logits");
    } else {
        onnx_weights(g, "matrix", 2, (const int64_t[]){6, 3});
        onnx_node(g, "Gemm", "features,matrix,bias", "logits");
    }
    onnx_node(g, "Softmax", "logits", "probabilities");
}

static inline void write_graph(const char *path, const struct spelling *how)
{
    struct onnx_graph g;
    onnx_start(&g);
    onnx_input(&g, "images", how->type == 0 ? ONNX_FLOAT32 : how->type,
               how->is_nhwc ? (const int[]){-1, 6, 7, 3} : (const int[]){-1, 3, 6, 7});
    onnx_output(&g, "probabilities");
    add_first_convolution(&g, how, first_map(&g, how));
    add_branches(&g);
    add_head(&g, how);
    if (how->spoil != NULL)
        how->spoil(&g);
    onnx_finish(&g, path);
}

#endif
