/* SPDX-License-Identifier: MIT
 *
 * tensorflow_layers.c - Keras' keys and names (spec 91.4, 91.6).
 *
 * A key ends with the variable's role in its layer ("layer_with_weights-5/kernel", Keras 3:
 * "layers/5/_kernel"), or with its number in a list of all variables ("variables/17"), and then the
 * role comes from the variable's full name.
 */
#include "cnn/tensorflow_layers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_VARIABLES = 1 << 16, MAX_PATH_LENGTH = 512, MAX_NUMBER = 1 << 24 };

static const char KEY_END[] = "/.ATTRIBUTES/VARIABLE_VALUE";
static const char PLACE[] = "layer_with_weights-";

static const char *const PARTS[GN_TENSORFLOW_PARTS] = {
    [GN_TENSORFLOW_KERNEL] = "kernel",    [GN_TENSORFLOW_BIAS] = "bias",
    [GN_TENSORFLOW_BETA] = "beta",        [GN_TENSORFLOW_GAMMA] = "gamma",
    [GN_TENSORFLOW_MEAN] = "moving_mean", [GN_TENSORFLOW_VARIANCE] = "moving_variance",
};

/* A variable: its layer, its role there, and where the layer stands. */
struct variable {
    char group[GN_TENSORFLOW_MAX_NAME], name[GN_TENSORFLOW_MAX_NAME];
    int part, place;
    bool place_is_exact;
};

const char *gn_tensorflow_part_name(enum gn_tensorflow_part part)
{
    return PARTS[part];
}

/* A whole number that is the whole of the text; -1 when it is none. */
static int parse_number(const char *text)
{
    int value = 0;
    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text) || value > MAX_NUMBER)
            return -1;
        value = value * 10 + (*text - '0');
    }
    return value;
}

static int find_part(const char *text)
{
    if (*text == '_') /* Keras 3 */
        text++;
    for (int i = 0; i < GN_TENSORFLOW_PARTS; i++)
        if (strcmp(text, PARTS[i]) == 0)
            return i;
    return -1;
}

/* Cuts the last part of a path off and returns it. */
static char *cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return path + strlen(path);
    *slash = '\0';
    return slash + 1;
}

static const char *last_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The path of a key of a variable of the model; false for other keys. */
static bool read_path(const char *key, char path[MAX_PATH_LENGTH])
{
    size_t n = strlen(key), end = sizeof KEY_END - 1;
    if (n <= end || n - end >= MAX_PATH_LENGTH || strcmp(key + n - end, KEY_END) != 0)
        return false;
    snprintf(path, MAX_PATH_LENGTH, "%.*s", (int)(n - end), key);
    return strstr(path, ".OPTIMIZER_SLOT") == NULL && strstr(path, "optimizer/") == NULL &&
           strstr(path, "keras_api/") == NULL;
}

/* Splits the full name "conv2d_5/kernel:0" into the layer's name and the part, -1 for no part. */
static int split_full_name(const char *full_name, char path[MAX_PATH_LENGTH])
{
    snprintf(path, MAX_PATH_LENGTH, "%s", full_name == NULL ? "" : full_name);
    path[strcspn(path, ":")] = '\0';
    return find_part(cut_last(path));
}

/* The name that Keras gave a variable, NULL when none of the files tells. */
static const char *find_name(const struct gn_tensorflow_files *files, const char *key,
                             const char *path)
{
    const char *name = gn_object_graph_full_name(files->graph, key);
    if ((name == NULL || name[0] == '\0') && files->saved_model != NULL)
        name = gn_saved_model_variable(files->saved_model, path);
    return name;
}

/* 1 and the variable; 0 when it is none of a layer; GN_E_DATA. */
static int read_variable(const struct gn_tensorflow_files *files, const char *key,
                         struct variable *variable, gn_error_t *err)
{
    char path[MAX_PATH_LENGTH], name[MAX_PATH_LENGTH];
    if (!read_path(key, path))
        return 0;
    const char *group = path;
    int name_part = split_full_name(find_name(files, key, path), name);
    const char *last = cut_last(path);
    int part = find_part(last), place = part < 0 ? parse_number(last) : -1;
    if (part < 0 && (place < 0 || name_part < 0))
        return 0;
    *variable = (struct variable){.part = part < 0 ? name_part : part, .place = place};
    if (part < 0)
        group = name;
    else if (strncmp(last_of(path), PLACE, sizeof PLACE - 1) == 0)
        variable->place = parse_number(last_of(path) + sizeof PLACE - 1);
    else
        variable->place = parse_number(last_of(path));
    variable->place_is_exact = part >= 0 && strstr(path, PLACE) != NULL;
    const char *nested = strstr(path, PLACE);
    if (nested != NULL && strstr(nested + 1, PLACE) != NULL)
        return gn_fail(err, GN_E_DATA,
                       "'%s' belongs to a model inside a model, as old versions of DeepVariant "
                       "saved them: export it with DeepVariant 1.5 or later",
                       key);
    if (strlen(group) >= sizeof variable->group)
        return gn_fail(err, GN_E_DATA, "'%s': the name is too long: the checkpoint is damaged",
                       key);
    memcpy(variable->group, group, strlen(group) + 1);
    if (name_part >= 0)
        snprintf(variable->name, sizeof variable->name, "%.*s", (int)sizeof variable->name - 1,
                 last_of(name));
    return 1;
}

static struct gn_tensorflow_layer *find_layer(struct gn_tensorflow_layers *layers,
                                              const char *group)
{
    for (size_t i = layers->n; i-- > 0;)
        if (strcmp(layers->list[i].group, group) == 0)
            return &layers->list[i];
    return NULL;
}

static void read_number(struct gn_tensorflow_layer *layer)
{
    const char *last = strrchr(layer->name, '_');
    int number = last == NULL ? -1 : parse_number(last + 1);
    layer->stem_length = (int)(number < 0 ? strlen(layer->name) : (size_t)(last - layer->name));
    layer->number = layer->name[0] == '\0' ? -1 : number < 0 ? 0 : number;
}

static int add_variable(struct gn_tensorflow_layers *layers, const struct variable *variable,
                        const struct gn_bundle_tensor *tensor, gn_error_t *err)
{
    struct gn_tensorflow_layer *layer = find_layer(layers, variable->group);
    if (layer == NULL) {
        if (layers->n == GN_TENSORFLOW_MAX_LAYERS)
            return gn_fail(err, GN_E_DATA, "the checkpoint has more than %d layers with weights",
                           GN_TENSORFLOW_MAX_LAYERS);
        layer = &layers->list[layers->n++];
        *layer = (struct gn_tensorflow_layer){
            .place = variable->place, .place_is_exact = variable->place_is_exact, .number = -1};
        memcpy(layer->group, variable->group, sizeof layer->group);
    }
    if (layer->parts[variable->part] != NULL)
        return gn_fail(err, GN_E_DATA, "'%s' and '%s' are the same variable of one layer",
                       layer->parts[variable->part]->key, tensor->key);
    layer->parts[variable->part] = tensor;
    if (variable->place < layer->place)
        layer->place = variable->place;
    if (layer->name[0] == '\0') {
        memcpy(layer->name, variable->name, sizeof layer->name);
        read_number(layer);
    }
    return GN_OK;
}

static int fail_missing(const struct gn_tensorflow_layer *layer, enum gn_tensorflow_part part,
                        gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "the variable '%s/%s' is missing from the checkpoint: it is damaged or cut, "
                   "fetch or export it again",
                   layer->group, PARTS[part]);
}

static int find_kind(struct gn_tensorflow_layer *layer, gn_error_t *err)
{
    const struct gn_bundle_tensor *kernel = layer->parts[GN_TENSORFLOW_KERNEL];
    if (kernel == NULL) {
        static const enum gn_tensorflow_part needed[] = {GN_TENSORFLOW_BETA, GN_TENSORFLOW_MEAN,
                                                         GN_TENSORFLOW_VARIANCE};
        if (layer->parts[GN_TENSORFLOW_BIAS] != NULL)
            return fail_missing(layer, GN_TENSORFLOW_KERNEL, err);
        for (size_t i = 0; i < 3; i++)
            if (layer->parts[needed[i]] == NULL)
                return fail_missing(layer, needed[i], err);
        layer->kind = GN_TENSORFLOW_NORM;
        return GN_OK;
    }
    if (kernel->rank != 2 && kernel->rank != 4)
        return gn_fail(err, GN_E_DATA,
                       "'%s' has %d dimensions: gannet knows dense layers (2) and convolutions (4)",
                       kernel->key, kernel->rank);
    layer->kind = kernel->rank == 4 ? GN_TENSORFLOW_CONV : GN_TENSORFLOW_DENSE;
    if (layer->kind == GN_TENSORFLOW_DENSE && layer->parts[GN_TENSORFLOW_BIAS] == NULL)
        return fail_missing(layer, GN_TENSORFLOW_BIAS, err);
    return GN_OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct gn_tensorflow_layer *left = a, *right = b;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    return strcmp(left->group, right->group);
}

/* Sorts by place. Numbers that do not count layers with weights alone become their ranks. */
static void settle_places(struct gn_tensorflow_layers *layers)
{
    bool known = true, exact = true;
    qsort(layers->list, layers->n, sizeof *layers->list, compare_places);
    for (size_t i = 0; i < layers->n; i++) {
        known = known && layers->list[i].place >= 0 &&
                (i == 0 || layers->list[i].place != layers->list[i - 1].place);
        exact = exact && layers->list[i].place_is_exact;
    }
    for (size_t i = 0; i < layers->n; i++) {
        struct gn_tensorflow_layer *layer = &layers->list[i];
        layer->place = !known ? -1 : exact ? layer->place : (int)i;
        layer->place_is_exact = known && exact;
    }
}

/* The graph names every variable that was saved: a weight that has no tensor got lost. */
static int check_complete(const struct gn_tensorflow_files *files, gn_error_t *err)
{
    struct variable variable;
    for (size_t i = 0; i < MAX_VARIABLES; i++) {
        const char *key = gn_object_graph_key(files->graph, i);
        if (key == NULL)
            break;
        int rc = read_variable(files, key, &variable, err);
        if (rc < 0)
            return rc;
        if (rc > 0 && gn_tensor_bundle_find(files->bundle, key) == NULL)
            return gn_fail(err, GN_E_DATA,
                           "the variable '%s' is missing from the checkpoint: it is damaged or "
                           "cut, fetch or export it again",
                           key);
    }
    return GN_OK;
}

int gn_tensorflow_layers_read(struct gn_tensorflow_layers *layers,
                              const struct gn_tensorflow_files *files, gn_error_t *err)
{
    size_t n;
    const struct gn_bundle_tensor *tensors = gn_tensor_bundle_list(files->bundle, &n);
    *layers = (struct gn_tensorflow_layers){calloc(GN_TENSORFLOW_MAX_LAYERS, sizeof *layers->list)};
    if (layers->list == NULL)
        return gn_fail_memory(err, "the layers of a checkpoint");
    if (n > MAX_VARIABLES)
        return gn_fail(err, GN_E_DATA, "the checkpoint has more than %d variables", MAX_VARIABLES);
    int rc = check_complete(files, err);
    if (rc != GN_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct variable variable;
        rc = read_variable(files, tensors[i].key, &variable, err);
        if (rc > 0)
            rc = add_variable(layers, &variable, &tensors[i], err);
        if (rc < 0)
            return rc;
    }
    settle_places(layers);
    for (size_t i = 0; i < layers->n; i++) {
        rc = find_kind(&layers->list[i], err);
        if (rc != GN_OK)
            return rc;
        layers->n_kinds[layers->list[i].kind]++;
    }
    return GN_OK;
}

void gn_tensorflow_layers_clear(struct gn_tensorflow_layers *layers)
{
    free(layers->list);
    *layers = (struct gn_tensorflow_layers){0};
}
