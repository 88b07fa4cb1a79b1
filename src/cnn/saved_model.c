/* SPDX-License-Identifier: MIT
 *
 * saved_model.c - walks the objects for names; looks for operations called "<anything>/LAYER/Relu"
 * and the like for activations.
 */
#include "cnn/saved_model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "tensor_bundle.pb-c.h"

static const size_t MAX_FILE = (size_t)1 << 28, MAX_CONTENT = (size_t)1 << 30;

struct gn_saved_model {
    gn_arena_t *arena;
    const Tb__SavedModel *message; /* in the arena */
};

static void *allocate(void *arena, size_t size)
{
    return gn_arena_alloc(arena, size);
}

static void keep(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

static int parse(gn_saved_model_t *model, const char *path, FILE *stream, gn_error_t *err)
{
    struct stat info;
    if (fstat(fileno(stream), &info) != 0)
        return gn_fail(err, GN_E_IO, "cannot read '%s': %s", path, strerror(errno));
    size_t size = (size_t)info.st_size;
    if (!S_ISREG(info.st_mode) || size > MAX_FILE)
        return gn_fail(err, GN_E_DATA, "'%s' is no regular file of at most 256 MiB", path);
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return gn_fail_memory(err, "a saved model");
    int rc = GN_OK;
    ProtobufCAllocator allocator = {allocate, keep, model->arena};
    if (fread(bytes, 1, size, stream) != size)
        rc = gn_fail(err, GN_E_IO, "cannot read all of '%s'", path);
    else if ((model->message = tb__saved_model__unpack(&allocator, size, bytes)) == NULL)
        rc = gn_fail(err, GN_E_DATA, "'%s' cannot be parsed: fetch the file again", path);
    free(bytes);
    return rc;
}

gn_saved_model_t *gn_saved_model_read(const char *path, gn_error_t *err)
{
    gn_saved_model_t *model = calloc(1, sizeof *model);
    FILE *stream = NULL;
    if (model == NULL || (model->arena = gn_arena_create(MAX_CONTENT)) == NULL)
        gn_fail_memory(err, "a saved model");
    else if ((stream = fopen(path, "rb")) == NULL)
        gn_fail(err, GN_E_NO_INPUT, "cannot open '%s': %s", path, strerror(errno));
    if (stream != NULL) {
        int rc = parse(model, path, stream, err);
        fclose(stream);
        if (rc == GN_OK)
            return model;
    }
    gn_saved_model_free(model);
    return NULL;
}

void gn_saved_model_free(gn_saved_model_t *model)
{
    if (model == NULL)
        return;
    gn_arena_destroy(model->arena);
    free(model);
}

static bool is_activation(const char *op)
{
    static const char *const known[] = {"Relu",  "Softmax",   "Sigmoid",  "Tanh",     "Elu", "Selu",
                                        "Relu6", "LeakyRelu", "Softplus", "Softsign", "Erf"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(op, known[i]) == 0)
            return true;
    return false;
}

/* Whether a node's name is "LAYER/LAST" or ends with "/LAYER/LAST". */
static bool belongs_to(const char *node, const char *layer)
{
    const char *slash = strrchr(node, '/');
    size_t n = strlen(layer);
    if (slash == NULL || (size_t)(slash - node) < n || strncmp(slash - n, layer, n) != 0)
        return false;
    return slash - n == node || slash[-(ptrdiff_t)n - 1] == '/';
}

/* What is looked for among the operations. */
struct wanted {
    const char *layer; /* NULL: of any layer */
    const char *op;    /* NULL: any activation */
};

static const char *find(Tb__Node *const *nodes, size_t n, const struct wanted *wanted)
{
    for (size_t i = 0; i < n; i++) {
        bool fits = wanted->op == NULL ? is_activation(nodes[i]->op)
                                       : strcmp(nodes[i]->op, wanted->op) == 0;
        if (fits && (wanted->layer == NULL || belongs_to(nodes[i]->name, wanted->layer)))
            return nodes[i]->op;
    }
    return NULL;
}

/* The first operation that fits, in the graphs and their functions. */
static const char *find_operation(const gn_saved_model_t *model, const struct wanted *wanted)
{
    const char *found = NULL;
    for (size_t i = 0; found == NULL && i < model->message->n_meta_graphs; i++) {
        const Tb__Graph *graph = model->message->meta_graphs[i]->graph_def;
        if (graph == NULL)
            continue;
        found = find(graph->node, graph->n_node, wanted);
        size_t n = graph->library == NULL ? 0 : graph->library->n_function;
        for (size_t f = 0; found == NULL && f < n; f++)
            found = find(graph->library->function[f]->node_def,
                         graph->library->function[f]->n_node_def, wanted);
    }
    return found;
}

const char *gn_saved_model_activation(const gn_saved_model_t *model, const char *layer)
{
    return find_operation(model, &(struct wanted){.layer = layer});
}

bool gn_saved_model_has_operation(const gn_saved_model_t *model, const char *op)
{
    return find_operation(model, &(struct wanted){.op = op}) != NULL;
}

/* The node that a child's name leads to, NULL when none does. */
static const Tb__SavedObject *find_child(const Tb__SavedObjectGraph *graph,
                                         const Tb__SavedObject *node, const char *name, size_t n)
{
    for (size_t i = 0; i < node->n_children; i++) {
        const Tb__ObjectReference *child = node->children[i];
        if (strncmp(child->local_name, name, n) == 0 && child->local_name[n] == '\0' &&
            child->node_id >= 0 && (size_t)child->node_id < graph->n_nodes)
            return graph->nodes[child->node_id];
    }
    return NULL;
}

const char *gn_saved_model_variable(const gn_saved_model_t *model, const char *path)
{
    const Tb__SavedObjectGraph *graph = model->message->n_meta_graphs == 0
                                            ? NULL
                                            : model->message->meta_graphs[0]->object_graph_def;
    const Tb__SavedObject *node = graph == NULL || graph->n_nodes == 0 ? NULL : graph->nodes[0];
    while (node != NULL && *path != '\0') {
        size_t n = strcspn(path, "/");
        node = find_child(graph, node, path, n);
        path += path[n] == '/' ? n + 1 : n;
    }
    return node == NULL || node->variable == NULL ? NULL : node->variable->name;
}
