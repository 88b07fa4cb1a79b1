/* SPDX-License-Identifier: MIT
 *
 * built_driver.c - the one place that asks how this build was made.
 */
#include "cnn/cuda/built_driver.h"

const struct gn_device_driver *gn_cuda_driver(gn_error_t *err)
{
#ifdef GN_CUDA
    (void)err;
    return &gn_gpu_driver;
#else
    gn_fail(err, GN_E_UNAVAILABLE, "this build has no CUDA: build with make CUDA=1");
    return NULL;
#endif
}
