/* SPDX-License-Identifier: MIT
 *
 * fake_gpu.h - all fakes that the driver of GPUs needs, and what its tests begin and end with.
 */
#ifndef GN_TESTS_FAKE_GPU_H
#define GN_TESTS_FAKE_GPU_H

#include "fake_cublaslt.h"
#include "fake_cuda.h"
#include "fake_cudnn.h"
#include "fake_kernels.h"

static const struct gn_device_driver *const driver = &gn_gpu_driver;

static inline int set_up(void **state)
{
    (void)state;
    fake_forget();
    fake_reset(2);
    unsetenv("CUDA_VISIBLE_DEVICES");
    return 0;
}

static inline int tear_down(void **state)
{
    const char *left = fake_check_idle();
    (void)state;
    if (left != NULL)
        print_error("%s\n", left);
    return left == NULL ? 0 : -1;
}

/* The second device: a thread starts on the first one. */
static inline gn_device_t *open_second(void)
{
    gn_error_t err = {0};
    gn_device_t *device = driver->open(1, &err);
    if (device == NULL)
        fail_msg("%s", err.message);
    cudaSetDevice(0);
    return device;
}

#endif
