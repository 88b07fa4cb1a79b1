/* SPDX-License-Identifier: MIT
 *
 * maxima.c - runs a float32 program in which every tensor keeps its memory, and looks at it.
 */
#include "cnn/cpu/maxima.h"

#include "cnn/cpu/program.h"
#include "cnn/cpu/worker.h"

int gn_cpu_maxima(const gn_model_t *model, const uint8_t *images, size_t n, float *maxima,
                  gn_error_t *err)
{
    const struct gn_cpu_plan_options options = {.precision = GN_PRECISION_FLOAT32, .capacity = 1};
    const size_t size = gn_model_image_size(model);
    const int rows = gn_model_height(model);
    struct gn_program program = {0};
    struct gn_worker worker = {0};
    int rc = gn_program_make(&program, gn_model_graph(model), &options, gn_isa_best(), err);
    if (rc == GN_OK)
        rc = gn_worker_make(&worker, &program, NULL, err);
    for (size_t i = 0; i < n && rc == GN_OK; i++) {
        const uint8_t *image = images + i * size;
        float logits[1][3], probabilities[1][3];
        gn_worker_run(&worker, &image, &rows, 1, logits, probabilities);
        gn_worker_raise_maxima(&worker, 1, maxima);
    }
    gn_worker_clear(&worker);
    gn_program_clear(&program);
    return rc;
}
