/* SPDX-License-Identifier: MIT
 *
 * infer.c - inference through the back end of this build: the CPU's.
 */
#include "cnn/infer.h"

#include <stdlib.h>

#include "cnn/backend.h"

struct gn_infer {
    const struct gn_backend *backend;
    void *state;
};

gn_infer_t *gn_infer_create(const gn_model_t *model, int max_batch, gn_error_t *err)
{
    gn_infer_t *infer = calloc(1, sizeof *infer);
    if (infer == NULL) {
        gn_fail_memory(err, "inference");
        return NULL;
    }
    infer->backend = &gn_backend_cpu;
    infer->state = infer->backend->create(model, max_batch, err);
    if (infer->state == NULL) {
        free(infer);
        return NULL;
    }
    return infer;
}

int gn_infer_run(gn_infer_t *infer, const uint8_t *images, size_t n, float (*probabilities)[3],
                 gn_error_t *err)
{
    return infer->backend->run(infer->state, images, n, probabilities, err);
}

void gn_infer_destroy(gn_infer_t *infer)
{
    if (infer == NULL)
        return;
    infer->backend->destroy(infer->state);
    free(infer);
}

const char *gn_infer_backend(const gn_infer_t *infer)
{
    return infer->backend->name(infer->state);
}
