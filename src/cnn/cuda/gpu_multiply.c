/* SPDX-License-Identifier: MIT
 *
 * gpu_multiply.c - choosing and running cuBLASLt's algorithms.
 */
#include "cnn/cuda/gpu_multiply.h"

#include <string.h>

enum { MOST_ALGORITHMS = 16 };

/* A run of calls that stops at the first failure. */
struct maker {
    const struct gn_gpu_libraries *libraries;
    cublasStatus_t status;
};

static void set(struct maker *maker, cublasLtMatmulDesc_t operation,
                cublasLtMatmulDescAttributes_t name, const void *value, size_t size)
{
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status = maker->libraries->lt_operation_set(operation, name, value, size);
}

static void prefer(struct maker *maker, cublasLtMatmulPreference_t preference,
                   cublasLtMatmulPreferenceAttributes_t name, const void *value, size_t size)
{
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status = maker->libraries->lt_preference_set(preference, name, value, size);
}

/* Rows of a matrix lie side by side; columns are `pitch` numbers apart. */
static void make_layout(struct maker *maker, cublasLtMatrixLayout_t *layout, cudaDataType_t type,
                        uint64_t rows, uint64_t columns, int64_t pitch)
{
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status = maker->libraries->lt_layout_create(layout, type, rows, columns, pitch);
}

static cudaDataType_t data_type(enum gn_device_type type)
{
    return type == GN_DEVICE_FLOAT16 ? CUDA_R_16F
           : type == GN_DEVICE_BF16  ? CUDA_R_16BF
                                     : CUDA_R_32F;
}

static void make_operation(struct maker *maker, struct gn_gpu_product *product, bool relu,
                           const struct gn_device_code *code, const void *bias)
{
    cublasComputeType_t compute = code->type == GN_DEVICE_FLOAT32 && code->tf32
                                      ? CUBLAS_COMPUTE_32F_FAST_TF32
                                      : CUBLAS_COMPUTE_32F;
    cublasOperation_t turned = CUBLAS_OP_T, straight = CUBLAS_OP_N;
    cublasLtEpilogue_t end = relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
    int32_t bias_type = (int32_t)data_type(code->type);
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status =
            maker->libraries->lt_operation_create(&product->operation, compute, CUDA_R_32F);
    set(maker, product->operation, CUBLASLT_MATMUL_DESC_TRANSA, &turned, sizeof turned);
    set(maker, product->operation, CUBLASLT_MATMUL_DESC_TRANSB, &straight, sizeof straight);
    set(maker, product->operation, CUBLASLT_MATMUL_DESC_EPILOGUE, &end, sizeof end);
    set(maker, product->operation, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &bias_type,
        sizeof bias_type);
    set(maker, product->operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias);
}

/* Input and output of `pixels` columns. */
static void make_maps(struct maker *maker, struct gn_gpu_product *product,
                      const struct gn_device_step *step, cudaDataType_t type, uint64_t pixels)
{
    make_layout(maker, &product->input, type, (uint64_t)step->input.channels, pixels,
                step->input.pitch);
    make_layout(maker, &product->output, type, (uint64_t)step->output.channels, pixels,
                step->output.pitch);
}

static void drop_maps(struct gn_gpu_product *product, const struct gn_gpu_libraries *libraries)
{
    if (product->input != NULL)
        libraries->lt_layout_destroy(product->input);
    if (product->output != NULL)
        libraries->lt_layout_destroy(product->output);
    product->input = product->output = NULL;
}

/* Algorithms for the maps of a product, best first; returns how many. */
static int ask(struct maker *maker, const struct gn_gpu_product *product, cublasLtHandle_t handle,
               cublasLtMatmulHeuristicResult_t found[MOST_ALGORITHMS])
{
    cublasLtMatmulPreference_t preference = NULL;
    uint64_t work = GN_GPU_MULTIPLY_WORK;
    uint32_t no_reduction = CUBLASLT_REDUCTION_SCHEME_NONE, alignment = 16;
    int n = 0;
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status = maker->libraries->lt_preference_create(&preference);
    prefer(maker, preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &work, sizeof work);
    prefer(maker, preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &no_reduction,
           sizeof no_reduction);
    for (int i = 0; i < 4; i++) {
        static const cublasLtMatmulPreferenceAttributes_t names[4] = {
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES};
        prefer(maker, preference, names[i], &alignment, sizeof alignment);
    }
    if (maker->status == CUBLAS_STATUS_SUCCESS)
        maker->status = maker->libraries->lt_heuristic(
            handle, product->operation, product->weights, product->input, product->output,
            product->output, preference, MOST_ALGORITHMS, found, &n);
    if (preference != NULL)
        maker->libraries->lt_preference_destroy(preference);
    return maker->status == CUBLAS_STATUS_SUCCESS ? n : 0;
}

static bool is_unsplit(const struct maker *maker, const cublasLtMatmulAlgo_t *algorithm)
{
    int32_t parts = 1;
    uint32_t scheme = CUBLASLT_REDUCTION_SCHEME_NONE;
    size_t written;
    cublasStatus_t first = maker->libraries->lt_algorithm_get(
        algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &parts, sizeof parts, &written);
    cublasStatus_t second = maker->libraries->lt_algorithm_get(
        algorithm, CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, &scheme, sizeof scheme, &written);
    return first == CUBLAS_STATUS_SUCCESS && second == CUBLAS_STATUS_SUCCESS && parts <= 1 &&
           scheme == CUBLASLT_REDUCTION_SCHEME_NONE;
}

/* The first algorithm found for the reference that also computes the actual maps. */
static bool choose(const struct maker *maker, struct gn_gpu_product *product,
                   cublasLtHandle_t handle, const cublasLtMatmulHeuristicResult_t *found, int n)
{
    for (int i = 0; i < n; i++) {
        cublasLtMatmulHeuristicResult_t result;
        memset(&result, 0, sizeof result);
        if (found[i].state != CUBLAS_STATUS_SUCCESS || !is_unsplit(maker, &found[i].algo) ||
            maker->libraries->lt_algorithm_check(handle, product->operation, product->weights,
                                                 product->input, product->output, product->output,
                                                 &found[i].algo, &result) != CUBLAS_STATUS_SUCCESS)
            continue;
        product->algorithm = found[i].algo;
        product->work_size = result.workspaceSize;
        return true;
    }
    return false;
}

static bool is_aligned(const struct gn_device_map *map, size_t number)
{
    return map->offset % 16 == 0 && (size_t)map->pitch * number % 16 == 0;
}

int gn_gpu_product_make(struct gn_gpu_product *product, const struct gn_gpu_libraries *libraries,
                        cublasLtHandle_t handle, const struct gn_device_step *step,
                        const struct gn_device_code *code, const void *bias, gn_error_t *err)
{
    struct maker maker = {libraries, CUBLAS_STATUS_SUCCESS};
    cublasLtMatmulHeuristicResult_t found[MOST_ALGORITHMS];
    cudaDataType_t type = data_type(code->type);
    size_t number = gn_device_type_size(code->type);
    uint64_t depth = (uint64_t)step->input.channels, width = (uint64_t)step->input.width;
    int full = step->full_height > step->input.height ? step->full_height : step->input.height;
    if (!is_aligned(&step->input, number) || !is_aligned(&step->output, number) ||
        depth * number % 16 != 0)
        return gn_fail(err, GN_E_UNAVAILABLE, "the maps of this product are not aligned");
    make_operation(&maker, product, step->relu, code, bias);
    make_layout(&maker, &product->weights, type, depth, (uint64_t)step->output.channels,
                (int64_t)depth);
    make_maps(&maker, product, step, type, GN_GPU_REFERENCE_BATCH * (uint64_t)full * width);
    int n = ask(&maker, product, handle, found);
    drop_maps(product, libraries);
    make_maps(&maker, product, step, type,
              (uint64_t)code->batch * (uint64_t)step->input.height * width);
    if (maker.status == CUBLAS_STATUS_SUCCESS && choose(&maker, product, handle, found, n))
        return GN_OK;
    return gn_fail(err, GN_E_UNAVAILABLE, "cuBLASLt has no algorithm for this product (%s)",
                   libraries->lt_status_string(maker.status));
}

void gn_gpu_product_clear(struct gn_gpu_product *product, const struct gn_gpu_libraries *libraries)
{
    drop_maps(product, libraries);
    if (product->weights != NULL)
        libraries->lt_layout_destroy(product->weights);
    if (product->operation != NULL)
        libraries->lt_operation_destroy(product->operation);
    memset(product, 0, sizeof *product);
}

int gn_gpu_product_run(const struct gn_gpu_product *product,
                       const struct gn_gpu_libraries *libraries, cublasLtHandle_t handle,
                       const struct gn_gpu_operands *operands, cudaStream_t stream, gn_error_t *err)
{
    float one = 1, zero = 0;
    cublasStatus_t status = libraries->lt_multiply(
        handle, product->operation, &one, operands->weights, product->weights, operands->input,
        product->input, &zero, operands->output, product->output, operands->output, product->output,
        &product->algorithm, operands->work, product->work_size, stream);
    if (status == CUBLAS_STATUS_SUCCESS)
        return GN_OK;
    return gn_fail(err, GN_E_UNAVAILABLE, "cuBLASLt failed to compute a product (%s)",
                   libraries->lt_status_string(status));
}
