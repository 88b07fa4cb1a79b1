/* SPDX-License-Identifier: MIT
 *
 * onnx_affine.c - batch normalisation, additions and multiplications by constants, and ReLU: all
 * folded into the layer that makes their input; on the image they are its normalisation.
 */
#include <math.h>

#include "cnn/onnx_operands.h"
#include "cnn/onnx_operators.h"

/* The convolution or dense layer that alone makes this map for this node; NULL with err. */
static struct gn_onnx_layer *layer_before(const struct gn_onnx_network *net, const Onnx__Node *node,
                                          const struct gn_onnx_value *value, gn_error_t *err)
{
    struct gn_onnx_layer *layer = value->layer == GN_ONNX_IMAGE ? NULL : &net->layers[value->layer];
    const char *problem = NULL;
    if (layer == NULL || layer->scale == NULL)
        problem = "only the output of a Conv, MatMul or Gemm can be changed so";
    else if (layer->relu)
        problem = "the Relu before it cannot be swapped with it";
    else if (value->uses > 1)
        problem = "other nodes use its input, too";
    if (problem == NULL)
        return layer;
    gn_onnx_bad_node(net->file, node, err, "%s", problem);
    return NULL;
}

static int no_padding(const struct gn_onnx_network *net, const Onnx__Node *node,
                      const struct gn_onnx_value *value, gn_error_t *err)
{
    for (int i = 0; i < 4; i++)
        if (value->padding[i] != 0)
            return gn_onnx_bad_node(net->file, node, err,
                                    "a Pad before it is only supported right before a Conv");
    return GN_OK;
}

/* What a node does to its map: x * scale + offset, both per channel or one for all. */
struct affine {
    struct gn_onnx_tensor scale, offset; /* n is 0: 1, 0 */
    double scale_sign, offset_sign;
    bool is_inverse; /* divides by scale */
};

static double affine_scale(const struct affine *affine, size_t channel)
{
    if (affine->scale.n == 0)
        return affine->scale_sign;
    double value = gn_onnx_value_at(&affine->scale, affine->scale.n == 1 ? 0 : channel);
    return affine->is_inverse ? 1 / value : value;
}

static double affine_offset(const struct affine *affine, size_t channel)
{
    return affine->offset.n == 0
               ? 0
               : affine->offset_sign *
                     gn_onnx_value_at(&affine->offset, affine->offset.n == 1 ? 0 : channel);
}

/* One change for all pixels, whatever the channel; the image's own channels may not differ. */
static int change_image(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_value *value, const struct affine *affine,
                        gn_error_t *err)
{
    struct gn_onnx_value *view = gn_onnx_define_view(net, node, value, err);
    if (view == NULL)
        return err->code;
    double scale = affine_scale(affine, 0), offset = affine_offset(affine, 0);
    for (int i = 1; i < value->channels; i++)
        if (affine_scale(affine, (size_t)i) != scale || affine_offset(affine, (size_t)i) != offset)
            return gn_onnx_bad_node(net->file, node, err,
                                    "it changes the image's channels differently: gannet's engine "
                                    "works with (x - 128) / 128 for all");
    view->scale = value->scale * scale;
    view->offset = value->offset * scale + offset;
    return GN_OK;
}

static int apply(const struct gn_onnx_network *net, const Onnx__Node *node,
                 const struct gn_onnx_value *value, const struct affine *affine, gn_error_t *err)
{
    int rc = no_padding(net, node, value, err);
    if (rc != GN_OK)
        return rc;
    if (value->layer == GN_ONNX_IMAGE)
        return change_image(net, node, value, affine, err);
    struct gn_onnx_layer *layer = layer_before(net, node, value, err);
    if (layer == NULL || gn_onnx_define_view(net, node, value, err) == NULL)
        return err->code;
    for (size_t i = 0; i < (size_t)layer->channels; i++) {
        double scale = affine_scale(affine, i);
        layer->scale[i] *= scale;
        layer->offset[i] = layer->offset[i] * scale + affine_offset(affine, i);
    }
    return GN_OK;
}

/* The constant beside the map: one value, or one for each channel, broadcast along the channels. */
static int check_channels(const struct gn_onnx_network *net, const Onnx__Node *node,
                          const struct gn_onnx_value *value, const struct gn_onnx_tensor *constant,
                          gn_error_t *err)
{
    bool fits = constant->rank <= value->rank && constant->n > 0;
    for (int i = 0; i < constant->rank && fits; i++) {
        int axis = value->rank - constant->rank + i;
        fits = constant->dims[i] == 1 || (value->axes[axis] == GN_ONNX_CHANNEL &&
                                          constant->dims[i] == (size_t)value->channels);
    }
    if (fits)
        return GN_OK;
    return gn_onnx_bad_node(net->file, node, err,
                            "its constant has neither one value nor one for each of %d channels",
                            value->channels);
}

/* Which input is the map; the other goes to `constant`. */
static struct gn_onnx_value *read_operands(const struct gn_onnx_network *net,
                                           const Onnx__Node *node, struct gn_onnx_tensor *constant,
                                           bool *map_is_second, gn_error_t *err)
{
    const struct gn_onnx_value *first =
        gn_onnx_has_input(node, 0) ? gn_onnx_find_value(net, node->input[0]) : NULL;
    *map_is_second = first != NULL && first->constant != NULL;
    struct gn_onnx_value *value = gn_onnx_map_input(net, node, *map_is_second, err);
    const struct gn_onnx_value *other = gn_onnx_has_input(node, !*map_is_second)
                                            ? gn_onnx_find_value(net, node->input[!*map_is_second])
                                            : NULL;
    if (value == NULL)
        return NULL;
    if (other != NULL && other->constant == NULL) {
        gn_onnx_bad_node(net->file, node, err,
                         "both its inputs are computed: only constants are supported beside a map");
        return NULL;
    }
    if (gn_onnx_constant_input(net, node, !*map_is_second, constant, err) != GN_OK ||
        check_channels(net, node, value, constant, err) != GN_OK)
        return NULL;
    return value;
}

int gn_onnx_add(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    bool swapped;
    struct affine affine = {.scale_sign = 1, .offset_sign = 1};
    const struct gn_onnx_value *value = read_operands(net, node, &affine.offset, &swapped, err);
    return value == NULL ? err->code : apply(net, node, value, &affine, err);
}

int gn_onnx_subtract(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    bool swapped;
    struct affine affine = {.scale_sign = 1, .offset_sign = -1};
    const struct gn_onnx_value *value = read_operands(net, node, &affine.offset, &swapped, err);
    if (value == NULL)
        return err->code;
    if (swapped) {
        affine.scale_sign = -1;
        affine.offset_sign = 1;
    }
    return apply(net, node, value, &affine, err);
}

int gn_onnx_multiply(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    bool swapped;
    struct affine affine = {.scale_sign = 1};
    const struct gn_onnx_value *value = read_operands(net, node, &affine.scale, &swapped, err);
    return value == NULL ? err->code : apply(net, node, value, &affine, err);
}

int gn_onnx_divide(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    bool swapped;
    struct affine affine = {.scale_sign = 1, .is_inverse = true};
    const struct gn_onnx_value *value = read_operands(net, node, &affine.scale, &swapped, err);
    if (value == NULL)
        return err->code;
    if (swapped)
        return gn_onnx_bad_node(net->file, node, err, "it divides by a map");
    return apply(net, node, value, &affine, err);
}

static int read_statistics(const struct gn_onnx_network *net, const Onnx__Node *node, int channels,
                           struct gn_onnx_tensor tensors[4], gn_error_t *err)
{
    for (size_t i = 0; i < 4; i++) {
        int rc = gn_onnx_constant_input(net, node, i + 1, &tensors[i], err);
        if (rc != GN_OK)
            return rc;
        if (tensors[i].n != (size_t)channels)
            return gn_onnx_bad_node(net->file, node, err,
                                    "input %zu has %zu values for %d channels", i + 1, tensors[i].n,
                                    channels);
    }
    return GN_OK;
}

int gn_onnx_batch_normalization(struct gn_onnx_network *net, const Onnx__Node *node,
                                gn_error_t *err)
{
    struct gn_onnx_tensor tensors[4]; /* gamma, beta, mean, variance */
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = read_statistics(net, node, value->channels, tensors, err);
    if (rc == GN_OK)
        rc = gn_onnx_check_order(net, node, value, err);
    if (rc == GN_OK)
        rc = no_padding(net, node, value, err);
    if (rc == GN_OK && gn_onnx_int(node, "training_mode", 0) != 0)
        rc = gn_onnx_bad_node(net->file, node, err,
                              "it is in training mode: export the network for inference");
    if (rc != GN_OK)
        return rc;
    struct gn_onnx_layer *layer = layer_before(net, node, value, err);
    if (layer == NULL || gn_onnx_define_view(net, node, value, err) == NULL)
        return err->code;
    double epsilon = gn_onnx_float(node, "epsilon", 1e-5);
    for (size_t i = 0; i < (size_t)layer->channels; i++) {
        double variance = gn_onnx_value_at(&tensors[3], i) + epsilon;
        if (!(variance > 0))
            return gn_onnx_bad_node(net->file, node, err,
                                    "the variance of channel %zu is not positive", i);
        double scale = gn_onnx_value_at(&tensors[0], i) / sqrt(variance);
        layer->scale[i] *= scale;
        layer->offset[i] = (layer->offset[i] - gn_onnx_value_at(&tensors[2], i)) * scale +
                           gn_onnx_value_at(&tensors[1], i);
    }
    return GN_OK;
}

int gn_onnx_relu(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = no_padding(net, node, value, err);
    struct gn_onnx_layer *layer = rc == GN_OK ? layer_before(net, node, value, err) : NULL;
    if (layer == NULL || gn_onnx_define_view(net, node, value, err) == NULL)
        return err->code;
    layer->relu = true;
    return GN_OK;
}
