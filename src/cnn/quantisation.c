/* SPDX-License-Identifier: MIT
 *
 * quantisation.c - the key "quantisation" of model.json.
 */
#include "cnn/quantisation.h"

#include <math.h>
#include <stdlib.h>

static int read_maxima(struct gn_quantisation *quantisation, const struct gn_graph *graph,
                       const json_t *maxima, const char *what, gn_error_t *err)
{
    quantisation->maxima = calloc((size_t)graph->n_tensors, sizeof *quantisation->maxima);
    if (quantisation->maxima == NULL)
        return gn_fail_memory(err, "the scales of the model");
    for (int t = 1; t < graph->n_tensors; t++) {
        const json_t *value = json_object_get(maxima, graph->tensors[t].name);
        double number = json_number_value(value);
        if (!json_is_number(value) || !(number >= 0 && number < 1e30))
            return gn_fail(err, GN_E_DATA,
                           "%s: 'quantisation': no maximum of layer '%s': run 'gannet model "
                           "calibrate' again",
                           what, graph->tensors[t].name);
        quantisation->maxima[t] = (float)number;
    }
    return GN_OK;
}

int gn_quantisation_read(struct gn_quantisation *quantisation, const struct gn_graph *graph,
                         const json_t *json, const char *what, gn_error_t *err)
{
    if (json == NULL)
        return GN_OK;
    for (int p = GN_PRECISION_INT16; p <= GN_PRECISION_INT8; p++) {
        struct gn_agreement *agreement = &quantisation->agreement[p];
        const json_t *object = json_object_get(json, gn_precision_name((enum gn_precision)p));
        agreement->measured = json_is_object(object);
        agreement->passed = json_is_true(json_object_get(object, "passed"));
        agreement->images = (int)json_integer_value(json_object_get(object, "images"));
        agreement->same_call = json_number_value(json_object_get(object, "same_call"));
        agreement->same_quality = json_number_value(json_object_get(object, "same_quality"));
        agreement->largest_change = json_number_value(json_object_get(object, "largest_change"));
        agreement->recomputed = json_number_value(json_object_get(object, "recomputed"));
    }
    return read_maxima(quantisation, graph, json_object_get(json, "maxima"), what, err);
}

static json_t *write_agreement(const struct gn_agreement *agreement)
{
    return json_pack("{s:b, s:i, s:f, s:f, s:f, s:f}", "passed", agreement->passed, "images",
                     agreement->images, "same_call", agreement->same_call, "same_quality",
                     agreement->same_quality, "largest_change", agreement->largest_change,
                     "recomputed", agreement->recomputed);
}

json_t *gn_quantisation_write(const struct gn_quantisation *quantisation,
                              const struct gn_graph *graph)
{
    json_t *maxima = json_object(), *json = json_object();
    bool failed = maxima == NULL || json == NULL;
    for (int p = GN_PRECISION_INT16; p <= GN_PRECISION_INT8 && !failed; p++)
        if (quantisation->agreement[p].measured)
            failed = json_object_set_new(json, gn_precision_name((enum gn_precision)p),
                                         write_agreement(&quantisation->agreement[p])) != 0;
    for (int t = 1; t < graph->n_tensors && !failed; t++)
        failed = json_object_set_new(maxima, graph->tensors[t].name,
                                     json_real((double)quantisation->maxima[t])) != 0;
    if (!failed)
        failed = json_object_set(json, "maxima", maxima) != 0;
    json_decref(maxima);
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

void gn_quantisation_clear(struct gn_quantisation *quantisation)
{
    free(quantisation->maxima);
    *quantisation = (struct gn_quantisation){0};
}
