/* SPDX-License-Identifier: MIT
 *
 * gpu_libraries.c - finding cuDNN and cuBLASLt: by $GANNET_CUDNN and $GANNET_CUBLASLT, by the loader's rules, then where
 * CUDA is installed by habit.
 */
#include "cnn/cuda/gpu_libraries.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CUDA's libraries register themselves with the driver and cannot be unloaded safely: closing gives the reference back only. */
enum { LOAD_MODE = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE };

struct symbol {
    const char *name;
    size_t place; /* of the pointer in struct gn_gpu_libraries */
};

static const struct symbol cudnn_symbols[] = {
    {"cudnnGetVersion", offsetof(struct gn_gpu_libraries, cudnn_version)},
    {"cudnnGetErrorString", offsetof(struct gn_gpu_libraries, cudnn_error_string)},
    {"cudnnGetLastErrorString", offsetof(struct gn_gpu_libraries, cudnn_last_error)},
    {"cudnnCreate", offsetof(struct gn_gpu_libraries, cudnn_create)},
    {"cudnnDestroy", offsetof(struct gn_gpu_libraries, cudnn_destroy)},
    {"cudnnSetStream", offsetof(struct gn_gpu_libraries, cudnn_set_stream)},
    {"cudnnBackendCreateDescriptor", offsetof(struct gn_gpu_libraries, create_descriptor)},
    {"cudnnBackendDestroyDescriptor", offsetof(struct gn_gpu_libraries, destroy_descriptor)},
    {"cudnnBackendSetAttribute", offsetof(struct gn_gpu_libraries, set_attribute)},
    {"cudnnBackendGetAttribute", offsetof(struct gn_gpu_libraries, get_attribute)},
    {"cudnnBackendFinalize", offsetof(struct gn_gpu_libraries, finalize)},
    {"cudnnBackendExecute", offsetof(struct gn_gpu_libraries, execute)},
    {NULL, 0},
};

static const struct symbol lt_symbols[] = {
    {"cublasLtGetVersion", offsetof(struct gn_gpu_libraries, lt_version)},
    {"cublasLtGetStatusString", offsetof(struct gn_gpu_libraries, lt_status_string)},
    {"cublasLtCreate", offsetof(struct gn_gpu_libraries, lt_create)},
    {"cublasLtDestroy", offsetof(struct gn_gpu_libraries, lt_destroy)},
    {"cublasLtMatmulDescCreate", offsetof(struct gn_gpu_libraries, lt_operation_create)},
    {"cublasLtMatmulDescDestroy", offsetof(struct gn_gpu_libraries, lt_operation_destroy)},
    {"cublasLtMatmulDescSetAttribute", offsetof(struct gn_gpu_libraries, lt_operation_set)},
    {"cublasLtMatrixLayoutCreate", offsetof(struct gn_gpu_libraries, lt_layout_create)},
    {"cublasLtMatrixLayoutDestroy", offsetof(struct gn_gpu_libraries, lt_layout_destroy)},
    {"cublasLtMatmulPreferenceCreate", offsetof(struct gn_gpu_libraries, lt_preference_create)},
    {"cublasLtMatmulPreferenceDestroy", offsetof(struct gn_gpu_libraries, lt_preference_destroy)},
    {"cublasLtMatmulPreferenceSetAttribute", offsetof(struct gn_gpu_libraries, lt_preference_set)},
    {"cublasLtMatmulAlgoGetHeuristic", offsetof(struct gn_gpu_libraries, lt_heuristic)},
    {"cublasLtMatmulAlgoConfigGetAttribute", offsetof(struct gn_gpu_libraries, lt_algorithm_get)},
    {"cublasLtMatmulAlgoCheck", offsetof(struct gn_gpu_libraries, lt_algorithm_check)},
    {"cublasLtMatmul", offsetof(struct gn_gpu_libraries, lt_multiply)},
    {NULL, 0},
};

/* One library: its file names in the order of trying. */
struct library {
    const char *name, *variable, *remedy;
    const char *files[7]; /* NULL ends */
    const struct symbol *symbols;
};

static const struct library cudnn_library = {
    "cuDNN 9",
    "GANNET_CUDNN",
    "install cuDNN 9 for your CUDA, and name its folder in LD_LIBRARY_PATH or the file in "
    "GANNET_CUDNN",
    {"libcudnn.so.9", "/usr/local/cuda/lib64/libcudnn.so.9"},
    cudnn_symbols,
};

/* The calls below are the same in CUDA 12 and 13; the one that the headers are of goes first. */
static const struct library lt_library = {
    "cuBLASLt",
    "GANNET_CUBLASLT",
    "install cuBLAS of CUDA 13 or 12, and name its folder in LD_LIBRARY_PATH or the file in "
    "GANNET_CUBLASLT",
#if CUBLAS_VER_MAJOR >= 13
    {"libcublasLt.so.13", "/usr/local/cuda/lib64/libcublasLt.so.13", "libcublasLt.so.12",
     "/usr/local/cuda/lib64/libcublasLt.so.12"},
#else
    {"libcublasLt.so.12", "/usr/local/cuda/lib64/libcublasLt.so.12", "libcublasLt.so.13",
     "/usr/local/cuda/lib64/libcublasLt.so.13"},
#endif
    lt_symbols,
};

static int find_symbols(struct gn_gpu_libraries *libraries, void *file,
                        const struct library *library, gn_error_t *err)
{
    for (const struct symbol *symbol = library->symbols; symbol->name != NULL; symbol++) {
        void *address = dlsym(file, symbol->name);
        if (address == NULL)
            return gn_fail(err, GN_E_UNAVAILABLE, "%s lacks the function %s: %s", library->name,
                           symbol->name, library->remedy);
        memcpy((char *)libraries + symbol->place, &address, sizeof address);
    }
    return GN_OK;
}

/* Kept in `*file`, which stays NULL on failure. */
static int load(const struct library *library, void **file, gn_error_t *err)
{
    char reason[400] = "";
    const char *own = getenv(library->variable);
    if (own != NULL && own[0] != '\0') {
        *file = dlopen(own, LOAD_MODE);
        if (*file != NULL)
            return GN_OK;
        return gn_fail(err, GN_E_UNAVAILABLE, "%s of %s cannot be loaded (%s)", library->name,
                       library->variable, dlerror());
    }
    for (int i = 0; library->files[i] != NULL; i++) {
        *file = dlopen(library->files[i], LOAD_MODE);
        if (*file != NULL)
            return GN_OK;
        const char *why = dlerror();
        if (i == 0)
            snprintf(reason, sizeof reason, "%s", why == NULL ? "no reason given" : why);
    }
    return gn_fail(err, GN_E_UNAVAILABLE, "%s is not there (%s): %s", library->name, reason,
                   library->remedy);
}

int gn_gpu_libraries_open_cudnn(struct gn_gpu_libraries *libraries, gn_error_t *err)
{
    int ret = load(&cudnn_library, &libraries->cudnn_file, err);
    if (ret == GN_OK)
        ret = find_symbols(libraries, libraries->cudnn_file, &cudnn_library, err);
    if (ret < 0)
        return ret;
    size_t version = libraries->cudnn_version();
    if (version / 10000 != CUDNN_MAJOR)
        return gn_fail(err, GN_E_UNAVAILABLE, "cuDNN %zu was loaded, but this build is for %d: %s",
                       version / 10000, CUDNN_MAJOR, cudnn_library.remedy);
    return GN_OK;
}

int gn_gpu_libraries_open_cublaslt(struct gn_gpu_libraries *libraries, gn_error_t *err)
{
    int ret = load(&lt_library, &libraries->lt_file, err);
    if (ret == GN_OK)
        ret = find_symbols(libraries, libraries->lt_file, &lt_library, err);
    if (ret < 0)
        return ret;
    size_t version = libraries->lt_version();
    if (version / 10000 != 12 && version / 10000 != 13)
        return gn_fail(err, GN_E_UNAVAILABLE, "cuBLASLt %zu was loaded, but 12 or 13 is needed: %s",
                       version / 10000, lt_library.remedy);
    return GN_OK;
}

void gn_gpu_libraries_close(struct gn_gpu_libraries *libraries)
{
    if (libraries->cudnn_file != NULL)
        dlclose(libraries->cudnn_file);
    if (libraries->lt_file != NULL)
        dlclose(libraries->lt_file);
    memset(libraries, 0, sizeof *libraries);
}
