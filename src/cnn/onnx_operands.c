/* SPDX-License-Identifier: MIT
 *
 * onnx_operands.c - looking up what nodes name, and refusing what is not there or not supported.
 */
#include "cnn/onnx_operands.h"

#include <string.h>

bool gn_onnx_has_input(const Onnx__Node *node, size_t i)
{
    return i < node->n_input && node->input[i][0] != '\0';
}

/* The value of input i; NULL with err. */
static struct gn_onnx_value *find_input(const struct gn_onnx_network *net, const Onnx__Node *node,
                                        size_t i, gn_error_t *err)
{
    if (!gn_onnx_has_input(node, i)) {
        gn_onnx_bad_node(net->file, node, err, "input %zu is missing: the file is damaged", i);
        return NULL;
    }
    struct gn_onnx_value *value = gn_onnx_find_value(net, node->input[i]);
    if (value->is_defined)
        return value;
    gn_onnx_bad_node(net->file, node, err, "nothing computes its input '%.100s' before it",
                     value->name);
    return NULL;
}

struct gn_onnx_value *gn_onnx_map_input(const struct gn_onnx_network *net, const Onnx__Node *node,
                                        size_t i, gn_error_t *err)
{
    struct gn_onnx_value *value = find_input(net, node, i, err);
    if (value == NULL || value->constant == NULL)
        return value;
    gn_onnx_bad_node(net->file, node, err,
                     "its input '%.100s' is a constant: export the network with constants folded",
                     value->name);
    return NULL;
}

struct gn_onnx_value *gn_onnx_layer_input(const struct gn_onnx_network *net, const Onnx__Node *node,
                                          size_t i, gn_error_t *err)
{
    struct gn_onnx_value *value = gn_onnx_map_input(net, node, i, err);
    if (value == NULL || value->layer != GN_ONNX_IMAGE)
        return value;
    bool is_untouched = value->scale == 1 && value->offset == 0;
    if (is_untouched ? !value->is_byte : value->scale == 1.0 / 128 && value->offset == -1)
        return value;
    gn_onnx_bad_node(net->file, node, err,
                     "it gets x * %.9g + %.9g of a pixel x: DeepVariant's networks, and gannet's "
                     "engine, work with (x - 128) / 128",
                     value->scale, value->offset);
    return NULL;
}

int gn_onnx_constant_input(const struct gn_onnx_network *net, const Onnx__Node *node, size_t i,
                           struct gn_onnx_tensor *tensor, gn_error_t *err)
{
    const struct gn_onnx_value *value = find_input(net, node, i, err);
    if (value == NULL)
        return GN_E_DATA;
    if (value->constant == NULL)
        return gn_onnx_bad_node(net->file, node, err,
                                "its input '%.100s' is computed: only constants are supported "
                                "there",
                                value->name);
    return gn_onnx_tensor_open(tensor, net->file, value->constant, err);
}

int gn_onnx_integers(const struct gn_onnx_network *net, const Onnx__Node *node, const char *name,
                     size_t i, int64_t *list, int max, gn_error_t *err)
{
    const Onnx__Attribute *attribute = gn_onnx_attribute(node, name);
    struct gn_onnx_tensor tensor = {0};
    if (attribute == NULL && gn_onnx_has_input(node, i)) {
        int rc = gn_onnx_constant_input(net, node, i, &tensor, err);
        if (rc != GN_OK)
            return rc;
    }
    size_t n = attribute != NULL ? attribute->n_ints : tensor.n;
    if (tensor.message == NULL && attribute == NULL)
        return 0;
    if (n > (size_t)max)
        return gn_onnx_bad_node(net->file, node, err, "'%s' has %zu numbers, not %d", name, n, max);
    for (size_t k = 0; k < n; k++)
        list[k] = attribute == NULL                ? gn_onnx_whole_at(&tensor, k)
                  : attribute->ints[k] > INT32_MAX ? INT32_MAX
                  : attribute->ints[k] < INT32_MIN ? INT32_MIN
                                                   : attribute->ints[k];
    return (int)n;
}

/* The node's output, now defined; NULL with err. */
static struct gn_onnx_value *define(const struct gn_onnx_network *net, const Onnx__Node *node,
                                    gn_error_t *err)
{
    for (size_t i = 1; i < node->n_output; i++)
        if (node->output[i][0] != '\0' && gn_onnx_find_value(net, node->output[i])->uses > 0) {
            gn_onnx_bad_node(net->file, node, err, "its output %zu, '%.100s', is not supported", i,
                             node->output[i]);
            return NULL;
        }
    struct gn_onnx_value *value =
        node->n_output == 0 ? NULL : gn_onnx_find_value(net, node->output[0]);
    if (value == NULL || value->is_defined) {
        gn_onnx_bad_node(net->file, node, err, "its output is missing or computed twice");
        return NULL;
    }
    value->is_defined = true;
    return value;
}

struct gn_onnx_value *gn_onnx_define_view(const struct gn_onnx_network *net, const Onnx__Node *node,
                                          const struct gn_onnx_value *value, gn_error_t *err)
{
    struct gn_onnx_value *view = define(net, node, err);
    if (view == NULL)
        return NULL;
    const char *name = view->name;
    int uses = view->uses;
    *view = *value;
    view->name = name;
    /* A map with several users stays one, whichever name is used. */
    view->uses = value->uses > uses ? value->uses : uses;
    return view;
}

struct gn_onnx_value *gn_onnx_define_map(const struct gn_onnx_network *net, const Onnx__Node *node,
                                         const struct gn_onnx_value *like, gn_error_t *err)
{
    struct gn_onnx_value *value = define(net, node, err);
    if (value == NULL)
        return NULL;
    value->layer = net->n_layers - 1;
    value->rank = like->rank;
    memcpy(value->axes, like->axes, sizeof value->axes);
    value->height = like->height;
    value->width = like->width;
    value->channels = like->channels;
    return value;
}

int gn_onnx_define_constant(const struct gn_onnx_network *net, const Onnx__Node *node,
                            const Onnx__Tensor *constant, gn_error_t *err)
{
    struct gn_onnx_value *value = define(net, node, err);
    if (value == NULL)
        return GN_E_DATA;
    value->constant = constant;
    return GN_OK;
}

int gn_onnx_axis_size(const struct gn_onnx_value *value, int i)
{
    switch (value->axes[i]) {
    case GN_ONNX_ROW:
        return value->height;
    case GN_ONNX_COLUMN:
        return value->width;
    case GN_ONNX_CHANNEL:
        return value->channels;
    default:
        return 1;
    }
}

/* An added axis stands for rows or columns where there is one of them. */
static bool is_side(enum gn_onnx_axis axis, enum gn_onnx_axis side)
{
    return axis == side || axis == GN_ONNX_SINGLE;
}

int gn_onnx_check_order(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_value *value, gn_error_t *err)
{
    const enum gn_onnx_axis *axes = value->axes;
    if (value->rank == 4 && axes[0] == GN_ONNX_BATCH && axes[1] == GN_ONNX_CHANNEL &&
        is_side(axes[2], GN_ONNX_ROW) && is_side(axes[3], GN_ONNX_COLUMN))
        return GN_OK;
    return gn_onnx_bad_node(net->file, node, err,
                            "its input '%.100s' is not ordered as [number, channels, rows, "
                            "columns]",
                            value->name);
}
