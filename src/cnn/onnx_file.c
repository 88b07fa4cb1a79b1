/* SPDX-License-Identifier: MIT
 *
 * onnx_file.c - the message is parsed into an arena of limited size; constants are checked when
 * they are used.
 */
#include "cnn/onnx_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum data_type {
    FLOAT32 = 1,
    UINT8 = 2,
    INT8 = 3,
    INT32 = 6,
    INT64 = 7,
    BOOL = 9,
    FLOAT16 = 10,
    FLOAT64 = 11,
};
enum { EXTERNAL = 1 }; /* data_location */

static const uint64_t MAX_FILE = ((uint64_t)1 << 31) - 1;
static const size_t MAX_CONTENT = (size_t)5 << 30, MAX_VALUES = (size_t)1 << 29;

static void *allocate(void *arena, size_t size)
{
    return gn_arena_alloc(arena, size);
}

static void keep(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

static int parse(struct gn_onnx_file *file, FILE *stream, gn_error_t *err)
{
    struct stat info;
    if (fstat(fileno(stream), &info) != 0)
        return gn_fail(err, GN_E_IO, "cannot read '%s': %s", file->path, strerror(errno));
    if (!S_ISREG(info.st_mode) || (uint64_t)info.st_size > MAX_FILE)
        return gn_fail(err, GN_E_DATA, "'%s' is no regular file of at most 2 GiB", file->path);
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return gn_fail_memory(err, "an ONNX file");
    int rc = GN_OK;
    ProtobufCAllocator allocator = {allocate, keep, file->arena};
    if (fread(bytes, 1, size, stream) != size)
        rc = gn_fail(err, GN_E_IO, "cannot read all of '%s'", file->path);
    else if ((file->model = onnx__model__unpack(&allocator, size, bytes)) == NULL)
        rc = gn_fail(err, GN_E_DATA, "'%s' cannot be parsed as ONNX: export or fetch it again",
                     file->path);
    free(bytes);
    return rc;
}

static int check(struct gn_onnx_file *file, gn_error_t *err)
{
    enum { MIN_VERSION = 7, MAX_NODES = 100000 };
    file->graph = file->model->graph;
    for (size_t i = 0; i < file->model->n_opset_import; i++)
        if (file->model->opset_import[i]->domain[0] == '\0' ||
            strcmp(file->model->opset_import[i]->domain, "ai.onnx") == 0)
            file->version = file->model->opset_import[i]->version;
    if (file->graph == NULL || file->graph->n_node == 0)
        return gn_fail(err, GN_E_DATA, "'%s' holds no graph: it is no ONNX network", file->path);
    if (file->graph->n_node > MAX_NODES)
        return gn_fail(err, GN_E_DATA, "'%s': more than %d nodes", file->path, MAX_NODES);
    if (file->version < MIN_VERSION)
        return gn_fail(err, GN_E_DATA,
                       "'%s' uses version %lld of ONNX's operators: export it with version %d or "
                       "later",
                       file->path, (long long)file->version, MIN_VERSION);
    return GN_OK;
}

int gn_onnx_file_open(struct gn_onnx_file *file, const char *path, gn_error_t *err)
{
    file->path = path;
    file->arena = gn_arena_create(MAX_CONTENT);
    if (file->arena == NULL)
        return gn_fail_memory(err, "an ONNX file");
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "cannot open '%s': %s", path, strerror(errno));
    int rc = parse(file, stream, err);
    fclose(stream);
    return rc == GN_OK ? check(file, err) : rc;
}

void gn_onnx_file_close(struct gn_onnx_file *file)
{
    gn_arena_destroy(file->arena);
    *file = (struct gn_onnx_file){0};
}

const char *gn_onnx_node_name(const Onnx__Node *node)
{
    return node->name[0] != '\0' || node->n_output == 0 ? node->name : node->output[0];
}

int gn_onnx_bad_node(const struct gn_onnx_file *file, const Onnx__Node *node, gn_error_t *err,
                     const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return gn_fail(err, GN_E_DATA, "'%s': node '%.100s' (%.40s): %s", file->path,
                   gn_onnx_node_name(node), node->op_type, text);
}

const Onnx__Attribute *gn_onnx_attribute(const Onnx__Node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(node->attribute[i]->name, name) == 0)
            return node->attribute[i];
    return NULL;
}

int64_t gn_onnx_int(const Onnx__Node *node, const char *name, int64_t fallback)
{
    const Onnx__Attribute *attribute = gn_onnx_attribute(node, name);
    return attribute == NULL ? fallback : attribute->i;
}

double gn_onnx_float(const Onnx__Node *node, const char *name, double fallback)
{
    const Onnx__Attribute *attribute = gn_onnx_attribute(node, name);
    return attribute == NULL ? fallback : attribute->f;
}

/* Bytes of a value in raw_data, and values in the typed list; 0 bytes: the type is not supported. */
static size_t value_size(const Onnx__Tensor *message, size_t *n_listed)
{
    switch (message->data_type) {
    case FLOAT32:
        *n_listed = message->n_float_data;
        return 4;
    case FLOAT64:
        *n_listed = message->n_double_data;
        return 8;
    case INT64:
        *n_listed = message->n_int64_data;
        return 8;
    case INT32:
        *n_listed = message->n_int32_data;
        return 4;
    case FLOAT16:
        *n_listed = message->n_int32_data;
        return 2;
    case BOOL:
        *n_listed = message->n_int32_data;
        return 1;
    default:
        *n_listed = 0;
        return 0;
    }
}

static int unsupported_type(const struct gn_onnx_file *file, const Onnx__Tensor *message,
                            gn_error_t *err)
{
    if (message->data_type == INT8 || message->data_type == UINT8)
        return gn_fail(
            err, GN_E_DATA,
            "'%s': tensor '%.100s' holds 8-bit integers: import the float32 network, not "
            "a quantised one",
            file->path, message->name);
    return gn_fail(err, GN_E_DATA,
                   "'%s': tensor '%.100s' has ONNX's data type %d: export the network in float32",
                   file->path, message->name, (int)message->data_type);
}

int gn_onnx_tensor_open(struct gn_onnx_tensor *tensor, const struct gn_onnx_file *file,
                        const Onnx__Tensor *message, gn_error_t *err)
{
    *tensor = (struct gn_onnx_tensor){.message = message, .rank = (int)message->n_dims, .n = 1};
    if (message->data_location == EXTERNAL || message->n_external_data > 0)
        return gn_fail(err, GN_E_DATA,
                       "'%s': the values of tensor '%.100s' are in another file: save the model "
                       "as one file, without external data",
                       file->path, message->name);
    if (message->n_dims > GN_ONNX_MAX_RANK)
        return gn_fail(err, GN_E_DATA, "'%s': tensor '%.100s' has %zu dimensions", file->path,
                       message->name, message->n_dims);
    for (int i = 0; i < tensor->rank; i++) {
        int64_t size = message->dims[i];
        if (size < 0 || (uint64_t)size > MAX_VALUES || (size_t)size * tensor->n > MAX_VALUES)
            return gn_fail(err, GN_E_DATA, "'%s': tensor '%.100s' is too large", file->path,
                           message->name);
        tensor->dims[i] = (size_t)size;
        tensor->n *= (size_t)size;
    }
    size_t n_listed, bytes = value_size(message, &n_listed);
    if (bytes == 0)
        return unsupported_type(file, message, err);
    if (message->raw_data.len > 0 ? message->raw_data.len != tensor->n * bytes
                                  : n_listed != tensor->n)
        return gn_fail(err, GN_E_DATA,
                       "'%s': tensor '%.100s' has %zu values, its shape wants %zu: the file is "
                       "damaged",
                       file->path, message->name,
                       message->raw_data.len > 0 ? message->raw_data.len / bytes : n_listed,
                       tensor->n);
    return GN_OK;
}

static double from_half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double sign = bits >> 15 ? -1 : 1;
    if (exponent == 31)
        return fraction != 0 ? (double)NAN : sign * (double)INFINITY;
    return exponent == 0 ? sign * ldexp(fraction, -24)
                         : sign * ldexp(fraction + 1024, exponent - 25);
}

static double raw_value(const Onnx__Tensor *message, size_t i)
{
    const uint8_t *raw = message->raw_data.data;
    float single;
    double twice;
    int64_t whole;
    int32_t number;
    uint16_t half;
    switch (message->data_type) {
    case FLOAT32:
        memcpy(&single, raw + i * sizeof single, sizeof single);
        return single;
    case FLOAT64:
        memcpy(&twice, raw + i * sizeof twice, sizeof twice);
        return twice;
    case INT64:
        memcpy(&whole, raw + i * sizeof whole, sizeof whole);
        return (double)whole;
    case INT32:
        memcpy(&number, raw + i * sizeof number, sizeof number);
        return number;
    case FLOAT16:
        memcpy(&half, raw + i * sizeof half, sizeof half);
        return from_half(half);
    default:
        return raw[i];
    }
}

double gn_onnx_value_at(const struct gn_onnx_tensor *tensor, size_t i)
{
    const Onnx__Tensor *message = tensor->message;
    if (message->raw_data.len > 0)
        return raw_value(message, i);
    switch (message->data_type) {
    case FLOAT32:
        return message->float_data[i];
    case FLOAT64:
        return message->double_data[i];
    case INT64:
        return (double)message->int64_data[i];
    case FLOAT16:
        return from_half((uint16_t)message->int32_data[i]);
    default:
        return message->int32_data[i];
    }
}

int64_t gn_onnx_whole_at(const struct gn_onnx_tensor *tensor, size_t i)
{
    double value = gn_onnx_value_at(tensor, i);
    if (isnan(value))
        return 0;
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int64_t)value;
}
