/* SPDX-License-Identifier: MIT
 *
 * quantisation.h - what model.json knows of computing a network in integers: the largest value that
 * calibration saw in each layer, and how well the results agreed with float32.
 *
 * Reads and writes the key "quantisation"; the format is in models/README.md. calibrate.c makes it.
 */
#ifndef GN_CNN_QUANTISATION_H
#define GN_CNN_QUANTISATION_H

#include <jansson.h>
#include <stdbool.h>

#include "cnn/graph.h"
#include "cnn/precision.h"

/// How a number type did against float32 over the images of the calibration.
struct gn_agreement {
    bool measured, passed;
    int images;
    double same_call;      /* share of images with the same best class */
    double same_quality;   /* share of images with the same integer genotype quality */
    double largest_change; /* of a probability */
    double recomputed;     /* share of images that were computed once more in float32 */
};

struct gn_quantisation {
    float *maxima; /* per tensor of the graph; NULL when the model was not calibrated */
    struct gn_agreement agreement[GN_PRECISIONS];
};

/// Reads the key's value (NULL: not calibrated). Every layer of the graph must have its maximum.
/// Starts zeroed; gn_quantisation_clear() also after a failure. GN_E_DATA names `what` (a path).
int gn_quantisation_read(struct gn_quantisation *quantisation, const struct gn_graph *graph,
                         const json_t *json, const char *what, gn_error_t *err);

/// The key's value; NULL when out of memory. The caller decrefs it.
json_t *gn_quantisation_write(const struct gn_quantisation *quantisation,
                              const struct gn_graph *graph);

void gn_quantisation_clear(struct gn_quantisation *quantisation);

#endif
