/* SPDX-License-Identifier: MIT
 *
 * onnx_views.c - operators that compute nothing: order of axes, added and dropped axes of one
 * element, constants, zeros around a map.
 */
#include <string.h>

#include "cnn/onnx_operands.h"
#include "cnn/onnx_operators.h"

int gn_onnx_transpose(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    const Onnx__Attribute *perm = gn_onnx_attribute(node, "perm");
    int rank = value->rank;
    if (perm != NULL && perm->n_ints != (size_t)rank)
        return gn_onnx_bad_node(net->file, node, err, "'perm' has %zu numbers for %d axes",
                                perm->n_ints, rank);
    struct gn_onnx_value *view = gn_onnx_define_view(net, node, value, err);
    if (view == NULL)
        return err->code;
    unsigned seen = 0;
    for (int i = 0; i < rank; i++) {
        int64_t from = perm == NULL ? rank - 1 - i : perm->ints[i];
        if (from < 0 || from >= rank || (seen >> from & 1) != 0)
            return gn_onnx_bad_node(net->file, node, err, "'perm' is no order of %d axes", rank);
        seen |= 1U << from;
        view->axes[i] = value->axes[from];
    }
    return GN_OK;
}

/* Whether an axis says something: channels always do. */
static bool matters(const struct gn_onnx_value *value, int axis)
{
    return value->axes[axis] == GN_ONNX_CHANNEL || gn_onnx_axis_size(value, axis) != 1;
}

/* The next axis from *at on that matters; -1 when there is none. */
static int next_axis(const struct gn_onnx_value *value, int at)
{
    while (at < value->rank && !matters(value, at))
        at++;
    return at < value->rank ? at : -1;
}

/* Whether a size of Reshape keeps an axis: 0 copies the size, -1 takes what is left. */
static bool keeps(const struct gn_onnx_value *value, int axis, int64_t size, int position)
{
    return axis >= 0 && (size == gn_onnx_axis_size(value, axis) || size == -1 ||
                         (size == 0 && position == axis));
}

int gn_onnx_reshape(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int64_t sizes[GN_ONNX_MAX_RANK];
    int n = gn_onnx_integers(net, node, "shape", 1, sizes, GN_ONNX_MAX_RANK, err);
    if (n < 0)
        return n;
    struct gn_onnx_value *view = gn_onnx_define_view(net, node, value, err);
    if (view == NULL)
        return err->code;
    bool fits = n > 0 && sizes[0] >= -1 && sizes[0] <= 1 && value->axes[0] == GN_ONNX_BATCH;
    int axis = next_axis(value, 1);
    for (int i = 1; i < n && fits; i++) {
        if (keeps(value, axis, sizes[i], i)) {
            view->axes[i] = value->axes[axis];
            axis = next_axis(value, axis + 1);
        } else {
            fits = sizes[i] == 1 || (i < value->rank && sizes[i] == 0 && !matters(value, i));
            view->axes[i] = GN_ONNX_SINGLE;
        }
    }
    view->rank = n;
    if (fits && axis < 0)
        return GN_OK;
    return gn_onnx_bad_node(net->file, node, err,
                            "it mixes axes: only axes of one element may be added or dropped");
}

int gn_onnx_flatten(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    if (gn_onnx_int(node, "axis", 1) != 1 || value->height != 1 || value->width != 1)
        return gn_onnx_bad_node(net->file, node, err,
                                "it flattens a map of %d x %d: only maps of 1 x 1 are supported, "
                                "along axis 1",
                                value->height, value->width);
    struct gn_onnx_value *view = gn_onnx_define_view(net, node, value, err);
    if (view == NULL)
        return err->code;
    view->rank = 2;
    view->axes[0] = GN_ONNX_BATCH;
    view->axes[1] = GN_ONNX_CHANNEL;
    return GN_OK;
}

/* The beginning of Squeeze and Unsqueeze: the input, the view that is its output, and the node's axes;
 * returns the number of axes, or a code. */
static int define_by_axes(struct gn_onnx_network *net, const Onnx__Node *node,
                          const struct gn_onnx_value **value, struct gn_onnx_value **view,
                          int64_t axes[GN_ONNX_MAX_RANK], gn_error_t *err)
{
    *value = gn_onnx_map_input(net, node, 0, err);
    if (*value == NULL)
        return err->code;
    int n = gn_onnx_integers(net, node, "axes", 1, axes, GN_ONNX_MAX_RANK, err);
    if (n < 0)
        return n;
    *view = gn_onnx_define_view(net, node, *value, err);
    return *view == NULL ? err->code : n;
}

int gn_onnx_squeeze(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value;
    struct gn_onnx_value *view;
    int64_t axes[GN_ONNX_MAX_RANK];
    int n = define_by_axes(net, node, &value, &view, axes, err);
    if (n < 0)
        return n;
    if (n == 0)
        return gn_onnx_bad_node(net->file, node, err, "it does not say which axes it drops");
    view->rank = 0;
    for (int i = 0; i < value->rank; i++) {
        bool is_dropped = false;
        for (int k = 0; k < n; k++)
            is_dropped = is_dropped || axes[k] == i || axes[k] + value->rank == i;
        if (is_dropped && (value->axes[i] == GN_ONNX_BATCH || matters(value, i)))
            return gn_onnx_bad_node(net->file, node, err, "axis %d has more than one element", i);
        if (!is_dropped)
            view->axes[view->rank++] = value->axes[i];
    }
    return GN_OK;
}

int gn_onnx_unsqueeze(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value;
    struct gn_onnx_value *view;
    int64_t axes[GN_ONNX_MAX_RANK];
    int n = define_by_axes(net, node, &value, &view, axes, err);
    if (n < 0)
        return n;
    int rank = value->rank + n, from = 0;
    for (int i = 0; i < rank && rank <= GN_ONNX_MAX_RANK; i++) {
        bool is_added = false;
        for (int k = 0; k < n; k++)
            is_added = is_added || axes[k] == i || axes[k] + rank == i;
        if (!is_added && from == value->rank)
            rank = GN_ONNX_MAX_RANK + 1; /* an axis twice */
        else
            view->axes[i] = is_added ? GN_ONNX_SINGLE : value->axes[from++];
    }
    view->rank = rank;
    if (n == 0 || rank > GN_ONNX_MAX_RANK || from != value->rank)
        return gn_onnx_bad_node(net->file, node, err, "its axes are wrong or too many");
    return GN_OK;
}

/* Identity, Dropout, Cast. */
int gn_onnx_identity(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    enum { FLOAT32 = 1 };
    if (strcmp(node->op_type, "Cast") == 0 && gn_onnx_int(node, "to", FLOAT32) != FLOAT32)
        return gn_onnx_bad_node(net->file, node, err,
                                "it casts to ONNX's data type %lld: export the network in float32",
                                (long long)gn_onnx_int(node, "to", FLOAT32));
    const struct gn_onnx_value *value =
        node->n_input == 0 ? NULL : gn_onnx_find_value(net, node->input[0]);
    if (value != NULL && value->constant != NULL)
        return gn_onnx_define_constant(net, node, value->constant, err);
    value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL || gn_onnx_define_view(net, node, value, err) == NULL)
        return err->code;
    return GN_OK;
}

int gn_onnx_constant(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    enum { FLOAT32 = 1, INT64 = 7 };
    const Onnx__Attribute *given = node->n_attribute == 1 ? node->attribute[0] : NULL;
    if (given != NULL && strcmp(given->name, "value") == 0 && given->t != NULL)
        return gn_onnx_define_constant(net, node, given->t, err);
    Onnx__Tensor *tensor = gn_arena_zalloc(net->file->arena, 1, sizeof *tensor);
    int64_t *dims = gn_arena_zalloc(net->file->arena, 1, sizeof *dims);
    if (tensor == NULL || dims == NULL)
        return gn_fail_memory(err, "an ONNX network");
    onnx__tensor__init(tensor);
    tensor->dims = dims;
    if (given != NULL && strcmp(given->name, "value_float") == 0) {
        tensor->data_type = FLOAT32;
        tensor->float_data = &node->attribute[0]->f;
        tensor->n_float_data = 1;
    } else if (given != NULL && strcmp(given->name, "value_ints") == 0) {
        tensor->data_type = INT64;
        tensor->int64_data = given->ints;
        tensor->n_int64_data = given->n_ints;
        dims[0] = (int64_t)given->n_ints;
        tensor->n_dims = 1;
    } else {
        return gn_onnx_bad_node(net->file, node, err, "its kind of constant is not supported");
    }
    return gn_onnx_define_constant(net, node, tensor, err);
}

/* Adds the zeros that a Pad lists, first those before, then those after each axis. */
static bool add_zeros(struct gn_onnx_value *view, const int64_t *pads)
{
    enum { MAX_PADDING = 64 };
    int rank = view->rank;
    for (int i = 0; i < 2 * rank; i++) {
        int axis = i % rank, is_after = i / rank;
        if (pads[i] == 0)
            continue;
        if (pads[i] < 0 || pads[i] > MAX_PADDING ||
            (view->axes[axis] != GN_ONNX_ROW && view->axes[axis] != GN_ONNX_COLUMN))
            return false;
        view->padding[2 * is_after + (view->axes[axis] == GN_ONNX_COLUMN)] += (int)pads[i];
    }
    return true;
}

int gn_onnx_pad(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_map_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int64_t pads[2 * GN_ONNX_MAX_RANK];
    struct gn_onnx_tensor filler = {0};
    int n = gn_onnx_integers(net, node, "pads", 1, pads, 2 * GN_ONNX_MAX_RANK, err);
    if (n < 0)
        return n;
    int rc =
        gn_onnx_has_input(node, 2) ? gn_onnx_constant_input(net, node, 2, &filler, err) : GN_OK;
    if (rc != GN_OK)
        return rc;
    const Onnx__Attribute *mode = gn_onnx_attribute(node, "mode");
    bool is_zero =
        (mode == NULL || (mode->s.len == 8 && memcmp(mode->s.data, "constant", 8) == 0)) &&
        gn_onnx_float(node, "value", 0) == 0 &&
        (filler.n == 0 || gn_onnx_value_at(&filler, 0) == 0);
    struct gn_onnx_value *view = gn_onnx_define_view(net, node, value, err);
    if (view == NULL)
        return err->code;
    if (!is_zero || gn_onnx_has_input(node, 3) || n != 2 * value->rank || !add_zeros(view, pads))
        return gn_onnx_bad_node(net->file, node, err,
                                "only up to 64 zeros around rows and columns are supported");
    return GN_OK;
}
