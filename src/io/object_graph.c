/* SPDX-License-Identifier: MIT
 *
 * object_graph.c - the nodes' variables, sorted by key. The links between the nodes are not needed:
 * keys hold the path, and variables are unique.
 */
#include "io/object_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor_bundle.pb-c.h"

enum { MAX_CONTENT = 1 << 28, MAX_VARIABLES = 1 << 20 };

struct variable {
    const char *key, *full_name; /* in the arena */
};

struct gn_object_graph {
    gn_arena_t *arena;
    struct variable *variables;
    size_t n, capacity;
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

static int compare_variables(const void *a, const void *b)
{
    return strcmp(((const struct variable *)a)->key, ((const struct variable *)b)->key);
}

static int add_node(gn_object_graph_t *graph, const Tb__TrackableObject *node, gn_error_t *err)
{
    for (size_t i = 0; i < node->n_attributes; i++) {
        const Tb__SerializedTensor *tensor = node->attributes[i];
        struct variable *grown =
            gn_reserve(graph->variables, &graph->capacity, graph->n + 1, sizeof *grown,
                       MAX_VARIABLES, "variables of a checkpoint", err);
        if (grown == NULL)
            return GN_E_MEMORY;
        graph->variables = grown;
        grown[graph->n++] = (struct variable){tensor->checkpoint_key, tensor->full_name};
    }
    return GN_OK;
}

static int read_graph(gn_object_graph_t *graph, const char *text, size_t length, gn_error_t *err)
{
    ProtobufCAllocator allocator = {allocate, keep, graph->arena};
    const Tb__ObjectGraph *message =
        tb__object_graph__unpack(&allocator, length, (const uint8_t *)text);
    if (message == NULL)
        return gn_fail(err, GN_E_DATA,
                       "the checkpoint's object graph cannot be parsed: fetch the files again");
    int rc = GN_OK;
    for (size_t i = 0; rc == GN_OK && i < message->n_nodes; i++)
        rc = add_node(graph, message->nodes[i], err);
    if (graph->n > 0)
        qsort(graph->variables, graph->n, sizeof *graph->variables, compare_variables);
    return rc;
}

gn_object_graph_t *gn_object_graph_read(const gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    const struct gn_bundle_tensor *tensor =
        gn_tensor_bundle_find(bundle, "_CHECKPOINTABLE_OBJECT_GRAPH");
    gn_object_graph_t *graph = calloc(1, sizeof *graph);
    char *text = NULL;
    size_t length;
    int rc = GN_OK;
    if (graph == NULL || (graph->arena = gn_arena_create(MAX_CONTENT)) == NULL)
        rc = gn_fail_memory(err, "the object graph of a checkpoint");
    else if (tensor != NULL)
        rc = gn_tensor_bundle_read_string(bundle, tensor, &text, &length, err);
    if (rc == GN_OK && tensor != NULL)
        rc = read_graph(graph, text, length, err);
    free(text);
    if (rc == GN_OK)
        return graph;
    gn_object_graph_free(graph);
    return NULL;
}

void gn_object_graph_free(gn_object_graph_t *graph)
{
    if (graph == NULL)
        return;
    gn_arena_destroy(graph->arena);
    free(graph->variables);
    free(graph);
}

static int compare_key(const void *key, const void *variable)
{
    return strcmp(key, ((const struct variable *)variable)->key);
}

const char *gn_object_graph_full_name(const gn_object_graph_t *graph, const char *key)
{
    const struct variable *found =
        graph->n == 0 ? NULL : bsearch(key, graph->variables, graph->n, sizeof *found, compare_key);
    return found == NULL ? NULL : found->full_name;
}

const char *gn_object_graph_key(const gn_object_graph_t *graph, size_t i)
{
    return i < graph->n ? graph->variables[i].key : NULL;
}
