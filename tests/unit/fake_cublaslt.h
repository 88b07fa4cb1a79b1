/* SPDX-License-Identifier: MIT
 *
 * fake_cublaslt.h - cuBLASLt on the fake runtime: products of matrices by what their descriptors say, and two algorithms of
 * which the first splits its sums and may not be taken.
 */
#ifndef GN_TESTS_FAKE_CUBLASLT_H
#define GN_TESTS_FAKE_CUBLASLT_H

#include <cublasLt.h>

#include "cnn/cuda/gpu_kernel_bodies.h"
#include "cnn/cuda/gpu_libraries.h"
#include "fake_numbers.h"
#include "fake_world.h"

enum { FAKE_SPLIT = 1, FAKE_UNSPLIT = 2 };

struct cublasLtContext {
    int device;
};

/* These lie in the libraries' opaque structures. */
struct fake_operation {
    int32_t transposed_a, transposed_b, epilogue, bias_type;
    const void *bias;
};

struct fake_layout {
    cudaDataType type;
    uint64_t rows, columns;
    int64_t pitch;
};

struct fake_product {
    struct fake_operation operation;
    struct fake_layout a, b, d;
    const void *a_start, *b_start;
    void *d_start, *work;
    size_t work_size;
};

static inline enum gn_device_type fake_type_of(int32_t type)
{
    return type == CUDA_R_16F    ? GN_DEVICE_FLOAT16
           : type == CUDA_R_16BF ? GN_DEVICE_BF16
                                 : GN_DEVICE_FLOAT32;
}

static inline void fake_write_column(const struct fake_product *product, uint64_t column,
                                     const float *sums)
{
    const struct fake_operation *operation = &product->operation;
    for (int64_t row = 0; row < (int64_t)product->d.rows; row++) {
        float bias, sum = sums[row];
        gn_body_read(fake_type_of(operation->bias_type), 1, operation->bias, row, &bias);
        sum += bias;
        if (operation->epilogue == CUBLASLT_EPILOGUE_RELU_BIAS && sum < 0)
            sum = 0;
        gn_body_write(fake_type_of((int32_t)product->d.type), 1, product->d_start,
                      row + (int64_t)column * product->d.pitch, &sum);
    }
}

/* D = relu(transposed A times B + bias), column by column. */
static inline void fake_multiply(const void *arguments)
{
    struct fake_product product;
    memcpy(&product, arguments, sizeof product);
    const int64_t rows = (int64_t)product.d.rows, depth = (int64_t)product.a.rows;
    float *weights = fake_floats(depth * rows), *sums = fake_floats(rows);
    for (int64_t k = 0; k < depth; k++)
        for (int64_t row = 0; row < rows; row++)
            gn_body_read(fake_type_of((int32_t)product.a.type), 1, product.a_start,
                         k + row * product.a.pitch, &weights[k * rows + row]);
    for (uint64_t column = 0; column < product.d.columns; column++) {
        memset(sums, 0, (size_t)rows * sizeof *sums);
        for (int64_t k = 0; k < depth; k++) {
            float factor;
            gn_body_read(fake_type_of((int32_t)product.b.type), 1, product.b_start,
                         k + (int64_t)column * product.b.pitch, &factor);
            fake_add_scaled(sums, weights + k * rows, factor, rows);
        }
        fake_write_column(&product, column, sums);
    }
    memset(product.work, 0x55, product.work_size);
    free(weights);
    free(sums);
}

static inline bool fake_holds_matrix(const void *start, const struct fake_layout *layout)
{
    size_t numbers = (size_t)(layout->columns - 1) * (size_t)layout->pitch + (size_t)layout->rows;
    size_t number = gn_device_type_size(fake_type_of((int32_t)layout->type));
    return (uintptr_t)start % 16 == 0 && fake_holds(start, numbers * number, true);
}

static inline size_t fake_product_work(const struct fake_layout *output)
{
    return 1000 + (size_t)output->columns;
}

static inline cublasStatus_t
fake_lt_multiply(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void *alpha,
                 const void *a, cublasLtMatrixLayout_t a_layout, const void *b,
                 cublasLtMatrixLayout_t b_layout, const void *beta, const void *c,
                 cublasLtMatrixLayout_t c_layout, void *d, cublasLtMatrixLayout_t d_layout,
                 const cublasLtMatmulAlgo_t *algorithm, void *work, size_t work_size,
                 cudaStream_t stream)
{
    struct fake_product product = {.a_start = a, .b_start = b, .d_start = d, .work = work};
    if (fake_fails(FAKE_LT_MULTIPLY))
        return CUBLAS_STATUS_EXECUTION_FAILED;
    memcpy(&product.operation, operation, sizeof product.operation);
    memcpy(&product.a, a_layout, sizeof product.a);
    memcpy(&product.b, b_layout, sizeof product.b);
    memcpy(&product.d, d_layout, sizeof product.d);
    product.work_size = fake_product_work(&product.d);
    bool is_right = handle->device == fake_current && *(const float *)alpha == 1 &&
                    *(const float *)beta == 0 && c == d && c_layout == d_layout &&
                    algorithm->data[0] == FAKE_UNSPLIT && work_size >= product.work_size;
    is_right = is_right && product.operation.transposed_a == CUBLAS_OP_T &&
               product.operation.transposed_b == CUBLAS_OP_N && product.a.rows == product.b.rows &&
               product.a.columns == product.d.rows && product.d.rows % FAKE_GROUP == 0 &&
               product.b.columns == product.d.columns;
    if (!is_right || !fake_holds(work, work_size, true) || !fake_holds_matrix(a, &product.a) ||
        !fake_holds_matrix(b, &product.b) || !fake_holds_matrix(d, &product.d) ||
        !fake_holds(product.operation.bias, 2 * (size_t)product.d.rows, true)) {
        fake_misuse("a product outside of its memory");
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    fake_start(stream, fake_multiply, &product, sizeof product);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_operation_create(cublasLtMatmulDesc_t *operation,
                                                   cublasComputeType_t compute,
                                                   cudaDataType_t scale)
{
    if (scale != CUDA_R_32F ||
        (compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32))
        return CUBLAS_STATUS_NOT_SUPPORTED;
    *operation = fake_make(sizeof **operation, &fake.descriptors);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_drop(void *descriptor)
{
    free(descriptor);
    fake_add(&fake.descriptors, -1);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_operation_destroy(cublasLtMatmulDesc_t operation)
{
    return fake_drop(operation);
}

static inline cublasStatus_t fake_operation_set(cublasLtMatmulDesc_t operation,
                                                cublasLtMatmulDescAttributes_t name,
                                                const void *value, size_t size)
{
    struct fake_operation *of = (struct fake_operation *)operation;
    void *place = name == CUBLASLT_MATMUL_DESC_TRANSA           ? &of->transposed_a
                  : name == CUBLASLT_MATMUL_DESC_TRANSB         ? &of->transposed_b
                  : name == CUBLASLT_MATMUL_DESC_EPILOGUE       ? &of->epilogue
                  : name == CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE ? &of->bias_type
                  : name == CUBLASLT_MATMUL_DESC_BIAS_POINTER   ? (void *)&of->bias
                                                                : NULL;
    size_t expected = name == CUBLASLT_MATMUL_DESC_BIAS_POINTER ? sizeof of->bias : 4;
    if (place == NULL || size != expected)
        return CUBLAS_STATUS_INVALID_VALUE;
    memcpy(place, value, size);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_layout_create(cublasLtMatrixLayout_t *layout, cudaDataType type,
                                                uint64_t rows, uint64_t columns, int64_t pitch)
{
    struct fake_layout made = {type, rows, columns, pitch};
    *layout = fake_make(sizeof **layout, &fake.descriptors);
    memcpy(*layout, &made, sizeof made);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_layout_destroy(cublasLtMatrixLayout_t layout)
{
    return fake_drop(layout);
}

static inline cublasStatus_t fake_preference_create(cublasLtMatmulPreference_t *preference)
{
    *preference = fake_make(sizeof **preference, &fake.descriptors);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_preference_destroy(cublasLtMatmulPreference_t preference)
{
    return fake_drop(preference);
}

static inline cublasStatus_t fake_preference_set(cublasLtMatmulPreference_t preference,
                                                 cublasLtMatmulPreferenceAttributes_t name,
                                                 const void *value, size_t size)
{
    (void)preference, (void)name, (void)value;
    return size == 4 || size == 8 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

static inline cublasStatus_t fake_heuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                            cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                            cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                            cublasLtMatmulPreference_t preference, int wanted,
                                            cublasLtMatmulHeuristicResult_t *results, int *n)
{
    (void)handle, (void)operation, (void)a, (void)b, (void)c, (void)d, (void)preference;
    *n = fake.no_products ? 0 : wanted < 2 ? wanted : 2;
    for (int i = 0; i < *n; i++) {
        memset(&results[i], 0, sizeof results[i]);
        results[i].algo.data[0] = i == 0 ? FAKE_SPLIT : FAKE_UNSPLIT;
        results[i].state = CUBLAS_STATUS_SUCCESS;
    }
    return fake.no_products ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_algorithm_get(const cublasLtMatmulAlgo_t *algorithm,
                                                cublasLtMatmulAlgoConfigAttributes_t name,
                                                void *value, size_t size, size_t *written)
{
    bool splits = algorithm->data[0] == FAKE_SPLIT;
    int32_t found =
        name == CUBLASLT_ALGO_CONFIG_SPLITK_NUM ? (splits ? 4 : 1) : CUBLASLT_REDUCTION_SCHEME_NONE;
    if (size != sizeof found)
        return CUBLAS_STATUS_INVALID_VALUE;
    memcpy(value, &found, size);
    *written = size;
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t
fake_algorithm_check(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                     cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                     cublasLtMatrixLayout_t d, const cublasLtMatmulAlgo_t *algorithm,
                     cublasLtMatmulHeuristicResult_t *result)
{
    struct fake_layout output;
    (void)handle, (void)operation, (void)a, (void)b, (void)c, (void)algorithm;
    memcpy(&output, d, sizeof output);
    result->workspaceSize = fake_product_work(&output);
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_lt_create(cublasLtHandle_t *handle)
{
    if (fake_fails(FAKE_LT_CREATE))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    *handle = fake_make(sizeof **handle, &fake.handles);
    (*handle)->device = fake_current;
    return CUBLAS_STATUS_SUCCESS;
}

static inline cublasStatus_t fake_lt_destroy(cublasLtHandle_t handle)
{
    free(handle);
    fake_add(&fake.handles, -1);
    return CUBLAS_STATUS_SUCCESS;
}

static inline size_t fake_lt_version(void)
{
    return 130000;
}

static inline const char *fake_lt_status(cublasStatus_t status)
{
    (void)status;
    return "a fake status of cuBLASLt";
}

int gn_gpu_libraries_open_cublaslt(struct gn_gpu_libraries *libraries, gn_error_t *err)
{
    (void)err;
    libraries->lt_version = fake_lt_version;
    libraries->lt_status_string = fake_lt_status;
    libraries->lt_create = fake_lt_create;
    libraries->lt_destroy = fake_lt_destroy;
    libraries->lt_operation_create = fake_operation_create;
    libraries->lt_operation_destroy = fake_operation_destroy;
    libraries->lt_operation_set = fake_operation_set;
    libraries->lt_layout_create = fake_layout_create;
    libraries->lt_layout_destroy = fake_layout_destroy;
    libraries->lt_preference_create = fake_preference_create;
    libraries->lt_preference_destroy = fake_preference_destroy;
    libraries->lt_preference_set = fake_preference_set;
    libraries->lt_heuristic = fake_heuristic;
    libraries->lt_algorithm_get = fake_algorithm_get;
    libraries->lt_algorithm_check = fake_algorithm_check;
    libraries->lt_multiply = fake_lt_multiply;
    return GN_OK;
}

#endif
