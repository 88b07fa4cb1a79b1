/* SPDX-License-Identifier: MIT
 *
 * outline.c - crops from the image downwards, readers from the logits upwards.
 */
#include "cnn/cuda/outline.h"

#include <stdlib.h>

/* Crops of the image, and of its crops, are where loads begin. */
static void find_loads(struct gn_cuda_role *roles, const struct gn_graph *graph)
{
    roles[0].is_loaded = true;
    for (int i = 0; i < graph->n_layers; i++) {
        const struct gn_layer *layer = &graph->layers[i];
        const struct gn_cuda_role *input = &roles[layer->inputs[0]];
        struct gn_cuda_role *output = &roles[layer->output];
        if (layer->op != GN_LAYER_CROP || !input->is_loaded)
            continue;
        output->is_loaded = true;
        output->crop_top = input->crop_top + layer->crop_top;
        output->crop_left = input->crop_left + layer->crop_left;
    }
}

static void add_reader(struct gn_cuda_role *role, int layer)
{
    role->n_readers++;
    role->reader = layer;
}

/* The dense layer in front of the softmax, and the map behind which a mean and it are one step. */
static int find_classifier(struct gn_cuda_outline *outline, const struct gn_graph *graph,
                           gn_error_t *err)
{
    const struct gn_layer *softmax = &graph->layers[graph->n_layers - 1];
    outline->classifier = softmax->inputs[0] - 1;
    if (outline->classifier < 0 || graph->layers[outline->classifier].op != GN_LAYER_DENSE ||
        graph->layers[outline->classifier].relu)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "the network cannot be computed on a GPU: layer '%s' does not follow a dense "
            "layer without ReLU: use --device cpu",
            graph->tensors[softmax->output].name);
    outline->features = graph->layers[outline->classifier].inputs[0];
    if (outline->features > 0) {
        const struct gn_layer *maker = &graph->layers[outline->features - 1];
        if (maker->op == GN_LAYER_GLOBAL_AVG_POOL)
            outline->features = maker->inputs[0];
    }
    return GN_OK;
}

int gn_cuda_outline_make(struct gn_cuda_outline *outline, const struct gn_graph *graph,
                         gn_error_t *err)
{
    outline->roles = calloc((size_t)graph->n_tensors, sizeof *outline->roles);
    if (outline->roles == NULL)
        return gn_fail_memory(err, "the plan of the network");
    int rc = find_classifier(outline, graph, err);
    if (rc != GN_OK)
        return rc;
    find_loads(outline->roles, graph);
    add_reader(&outline->roles[outline->features], outline->classifier);
    for (int i = graph->n_layers - 1; i >= 0; i--) {
        const struct gn_layer *layer = &graph->layers[i];
        const struct gn_cuda_role *output = &outline->roles[layer->output];
        for (int k = 0; output->n_readers > 0 && !output->is_loaded && k < layer->n_inputs; k++)
            add_reader(&outline->roles[layer->inputs[k]], i);
    }
    return GN_OK;
}

void gn_cuda_outline_clear(struct gn_cuda_outline *outline)
{
    free(outline->roles);
    *outline = (struct gn_cuda_outline){0};
}

int gn_cuda_chain_next(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                       int tensor)
{
    const struct gn_cuda_role *role = &outline->roles[tensor];
    if (role->n_readers != 1 || role->reader == outline->classifier)
        return -1;
    const struct gn_layer *reader = &graph->layers[role->reader];
    return reader->op == GN_LAYER_CONV2D || reader->op == GN_LAYER_MAX_POOL ||
                   reader->op == GN_LAYER_AVG_POOL
               ? reader->output
               : -1;
}

int gn_cuda_chain_end(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                      int tensor)
{
    int end = -1;
    if (!outline->roles[tensor].is_loaded)
        return -1;
    for (int next = gn_cuda_chain_next(outline, graph, tensor); next >= 0;
         next = gn_cuda_chain_next(outline, graph, next))
        end = next;
    return end;
}
