/* SPDX-License-Identifier: MIT
 *
 * cuda_engine.c - the CUDA back end.
 */
#include "cnn/backend.h"
#include "cnn/cuda/built_driver.h"

static void *create_network(const gn_model_t *model, const struct gn_network_options *options,
                            gn_error_t *err)
{
    (void)model;
    (void)options;
    if (gn_cuda_driver(err) != NULL)
        gn_fail(err, GN_E_UNAVAILABLE, "the engine cuda is not finished");
    return NULL;
}

const struct gn_backend gn_backend_cuda = {.create_network = create_network};
