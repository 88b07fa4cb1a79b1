/* SPDX-License-Identifier: MIT
 *
 * map_places.c - concatenations from the last to the first, so that one inside another finds its place in it.
 */
#include "cnn/cuda/map_places.h"

#include <stdlib.h>

/* What the functions that place read. */
struct ground {
    const struct gn_graph *graph;
    const struct gn_cuda_outline *outline;
    const struct gn_cuda_layout *layout;
    const int *rows;
};

static int add_buffer(struct gn_cuda_places *places, const struct ground *ground, int tensor,
                      int rows)
{
    places->buffers[places->n_buffers] = (struct gn_cuda_buffer){
        .rows = rows,
        .width = ground->graph->tensors[tensor].width,
        .pitch = gn_cuda_stored_channels(ground->layout, ground->graph, tensor),
    };
    return places->n_buffers++;
}

/* Gives a tensor a buffer of its own: of all rows, unless it lies within a chain that is cut. */
static void place_alone(struct gn_cuda_places *places, const struct ground *ground, int tensor)
{
    const bool extended = places->places[tensor].cut_buffer != GN_CUDA_NO_BUFFER;
    const int height = ground->graph->tensors[tensor].height;
    places->places[tensor].buffer =
        add_buffer(places, ground, tensor, extended ? height : ground->rows[tensor]);
    places->places[tensor].channel = 0;
}

/* The parts that have no place yet lie in the map of the whole; others will be copied. */
static int place_parts(struct gn_cuda_places *places, const struct ground *ground,
                       const struct gn_layer *concat, gn_error_t *err)
{
    const struct gn_tensor *tensors = ground->graph->tensors;
    struct gn_cuda_place *whole = &places->places[concat->output];
    if (whole->buffer == GN_CUDA_NO_BUFFER)
        place_alone(places, ground, concat->output);
    for (int k = 0, channel = whole->channel; k < concat->n_inputs; k++) {
        const int part = concat->inputs[k];
        struct gn_cuda_place *place = &places->places[part];
        if (k + 1 < concat->n_inputs && tensors[part].channels % ground->layout->channel_unit != 0)
            return gn_fail(err, GN_E_UNAVAILABLE,
                           "the network cannot be computed on a GPU: layer '%s' joins %d channels "
                           "('%s'), which are no multiple of %d: use --device cpu",
                           tensors[concat->output].name, tensors[part].channels, tensors[part].name,
                           ground->layout->channel_unit);
        if (place->buffer == GN_CUDA_NO_BUFFER) {
            place->buffer = whole->buffer;
            place->channel = channel;
        }
        channel += tensors[part].channels;
    }
    return GN_OK;
}

/* Ends of chains that are cut have a second buffer. */
static void place_cut_ends(struct gn_cuda_places *places, const struct ground *ground)
{
    for (int t = 0; t < ground->graph->n_tensors; t++) {
        const int end = gn_cuda_chain_end(ground->outline, ground->graph, t);
        if (end >= 0 && ground->rows[end] < ground->graph->tensors[end].height)
            places->places[end].cut_buffer = add_buffer(places, ground, end, ground->rows[end]);
    }
}

int gn_cuda_places_make(struct gn_cuda_places *places, const struct gn_graph *graph,
                        const struct gn_cuda_outline *outline, const struct gn_cuda_layout *layout,
                        const int *rows, gn_error_t *err)
{
    const struct ground ground = {graph, outline, layout, rows};
    const size_t n = (size_t)graph->n_tensors;
    places->places = calloc(n, sizeof *places->places);
    places->buffers = calloc(2 * n, sizeof *places->buffers);
    if (places->places == NULL || places->buffers == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int t = 0; t < graph->n_tensors; t++)
        places->places[t].buffer = places->places[t].cut_buffer = GN_CUDA_NO_BUFFER;
    place_cut_ends(places, &ground);
    for (int i = graph->n_layers - 1; i >= 0; i--) {
        const struct gn_layer *layer = &graph->layers[i];
        if (layer->op != GN_LAYER_CONCAT || outline->roles[layer->output].n_readers == 0)
            continue;
        int rc = place_parts(places, &ground, layer, err);
        if (rc != GN_OK)
            return rc;
    }
    for (int t = 0; t < graph->n_tensors; t++)
        if (outline->roles[t].n_readers > 0 && places->places[t].buffer == GN_CUDA_NO_BUFFER)
            place_alone(places, &ground, t);
    return GN_OK;
}

void gn_cuda_places_clear(struct gn_cuda_places *places)
{
    free(places->places);
    free(places->buffers);
    *places = (struct gn_cuda_places){0};
}
