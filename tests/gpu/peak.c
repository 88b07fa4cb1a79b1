/* SPDX-License-Identifier: MIT
 *
 * peak.c - what the GPU's matrix units do at most, as far as a library shows: large square products by cuBLASLt. The yardstick
 * of tests/gpu/run.
 *
 *   peak [DEVICE]    a line a number type: name, 10^12 operations a second (a multiplication and an addition are two)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/gpu_device.h"

enum { SIDE = 8192, ROUNDS = 5, PRODUCTS = 20 };

struct kind {
    const char *name;
    enum gn_device_type type;
    bool tf32;
};

/* Seconds of PRODUCTS products, the best of several rounds; 0 where it fails. */
static double best_seconds(gn_device_t *device, const struct kind *kind, void *memory[4],
                           gn_error_t *err)
{
    struct gn_device_step step = {.op = GN_DEVICE_MULTIPLY, .full_height = 1};
    step.input = (struct gn_device_map){1, SIDE / GN_GPU_REFERENCE_BATCH, SIDE, SIDE, 0};
    step.output = step.input;
    struct gn_device_code code = {
        .batch = GN_GPU_REFERENCE_BATCH, .type = kind->type, .tf32 = kind->tf32};
    struct gn_gpu_product product;
    struct gn_gpu_operands operands = {memory[0], memory[1], NULL, memory[2], memory[3]};
    cudaEvent_t begin = NULL, end = NULL;
    double best = 0;
    memset(&product, 0, sizeof product);
    int ret =
        gn_gpu_product_make(&product, &device->libraries, device->lt, &step, &code, memory[3], err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaEventCreate(&begin), "an event", err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaEventCreate(&end), "an event", err);
    for (int round = 0; round < ROUNDS && ret == GN_OK; round++) {
        float milliseconds = 0;
        ret = gn_gpu_check(cudaEventRecord(begin, device->stream), "an event", err);
        for (int i = 0; i < PRODUCTS && ret == GN_OK; i++)
            ret = gn_gpu_product_run(&product, &device->libraries, device->lt, &operands,
                                     device->stream, err);
        if (ret == GN_OK)
            ret = gn_gpu_check(cudaEventRecord(end, device->stream), "an event", err);
        if (ret == GN_OK)
            ret = gn_gpu_check(cudaEventSynchronize(end), "a product", err);
        if (ret == GN_OK)
            ret = gn_gpu_check(cudaEventElapsedTime(&milliseconds, begin, end), "an event", err);
        if (ret == GN_OK && (best == 0 || milliseconds / 1000 < best))
            best = milliseconds / 1000;
    }
    if (begin != NULL)
        cudaEventDestroy(begin);
    if (end != NULL)
        cudaEventDestroy(end);
    gn_gpu_product_clear(&product, &device->libraries);
    return ret == GN_OK ? best : 0;
}

/* Two factors of small random numbers (zeros would draw less power and run faster), the product, work space. */
static int reserve(gn_device_t *device, void *memory[4], gn_error_t *err)
{
    size_t numbers = (size_t)SIDE * SIDE;
    uint16_t *drawn = malloc(numbers * sizeof(float));
    if (drawn == NULL)
        return gn_fail_memory(err, "a matrix");
    for (size_t i = 0; i < 2 * numbers;
         i++) /* as half, bf16 or the upper part of float32: below 1 */
        drawn[i] = (uint16_t)((uint32_t)i * 2654435761U >> 16 & 0xbaffU);
    int ret = GN_OK;
    for (int i = 0; i < 2 && ret == GN_OK; i++) {
        memory[i] = gn_gpu_driver.upload(device, drawn, numbers * sizeof(float), err);
        ret = memory[i] == NULL ? err->code : GN_OK;
    }
    free(drawn);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaMalloc(&memory[2], numbers * sizeof(float)), "a matrix", err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaMalloc(&memory[3], GN_GPU_MULTIPLY_WORK), "work space", err);
    return ret;
}

int main(int argc, char **argv)
{
    static const struct kind kinds[] = {{"float16", GN_DEVICE_FLOAT16, false},
                                        {"bf16", GN_DEVICE_BF16, false},
                                        {"tf32", GN_DEVICE_FLOAT32, true},
                                        {"float32", GN_DEVICE_FLOAT32, false}};
    gn_error_t err = {0};
    void *memory[4] = {NULL};
    gn_device_t *device = gn_gpu_driver.open(argc > 1 ? atoi(argv[1]) : 0, &err);
    int ret = device == NULL ? err.code : reserve(device, memory, &err);
    for (size_t i = 0; ret == GN_OK && i < sizeof kinds / sizeof *kinds; i++) {
        double seconds = best_seconds(device, &kinds[i], memory, &err);
        if (seconds > 0)
            printf("%-8s %8.1f\n", kinds[i].name,
                   2.0 * SIDE * SIDE * SIDE * PRODUCTS / seconds / 1e12);
        else
            printf("%-8s        -  (%s)\n", kinds[i].name, err.message);
    }
    if (ret < 0)
        fprintf(stderr, "peak: %s\n", err.message);
    for (int i = 0; i < 4; i++)
        gn_gpu_driver.upload_free(device, memory[i]);
    gn_gpu_driver.close(device);
    return gn_exit_status(ret);
}
