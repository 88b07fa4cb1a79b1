/* SPDX-License-Identifier: MIT
 *
 * cut_rows.c - forward from the image: which rows may differ; back from the chain's end: which rows those need.
 */
#include "cnn/cuda/cut_rows.h"

static int at_most(int rows, int height)
{
    return rows < height ? rows : height;
}

/* Rows of a layer's output whose windows touch one of the input's first `rows`. */
static int rows_reached(const struct gn_layer *layer, int rows, int height)
{
    if (rows <= 0)
        return 0;
    return at_most((rows + layer->pad_top + layer->stride_height - 1) / layer->stride_height,
                   height);
}

/* Rows of a layer's input that the output's first `rows` see. */
static int rows_seen(const struct gn_layer *layer, int rows, int height)
{
    return at_most((rows - 1) * layer->stride_height + layer->kernel_height - layer->pad_top,
                   height);
}

/* True when the chain that `loaded` begins is cut. */
static bool cut_chain(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                      int loaded, int end, int filled, int *rows)
{
    const struct gn_tensor *tensors = graph->tensors;
    int reached = at_most(filled - outline->roles[loaded].crop_top, tensors[loaded].height);
    for (int t = loaded; t != end; t = gn_cuda_chain_next(outline, graph, t)) {
        const struct gn_layer *reader = &graph->layers[outline->roles[t].reader];
        reached = rows_reached(reader, reached, tensors[reader->output].height);
    }
    if (reached == tensors[end].height)
        return false;
    rows[end] = reached > 1 ? reached : 1; /* no map is empty */
    if (rows[end] == tensors[end].height)
        return false;
    for (int t = end; t != loaded; t = graph->layers[t - 1].inputs[0]) {
        const int input = graph->layers[t - 1].inputs[0];
        rows[input] = rows_seen(&graph->layers[t - 1], rows[t], tensors[input].height);
    }
    return true;
}

bool gn_cuda_cut_rows(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                      int filled, int *rows)
{
    bool is_cut = false;
    for (int t = 0; t < graph->n_tensors; t++)
        rows[t] = graph->tensors[t].height;
    for (int t = 0; t < graph->n_tensors && filled < graph->tensors[0].height; t++) {
        const int end = gn_cuda_chain_end(outline, graph, t);
        if (end >= 0 && cut_chain(outline, graph, t, end, filled, rows))
            is_cut = true;
    }
    return is_cut;
}
