/* SPDX-License-Identifier: MIT
 *
 * safetensors.h - reading a weights file in the safetensors format.
 *
 * The format: u64 little-endian length of the header, the header (JSON: name -> dtype, shape,
 * data_offsets), then the data (https://github.com/huggingface/safetensors). Only F32 tensors are
 * read. Knows nothing of layers.
 */
#ifndef GN_CNN_SAFETENSORS_H
#define GN_CNN_SAFETENSORS_H

#include <stddef.h>

#include "base/error.h"

typedef struct gn_safetensors gn_safetensors_t;

enum { GN_SAFETENSORS_MAX_RANK = 4 };

struct gn_safetensor {
    int rank;
    size_t shape[GN_SAFETENSORS_MAX_RANK];
    size_t count;              /* elements */
    const unsigned char *data; /* count little-endian float32; unaligned; belongs to the file */
};

/// Reads a whole file into memory (at most 1 GiB) and checks its header.
/** @param sha256  receives the file's SHA-256 in hex (65 bytes)
    @return        NULL with GN_E_NO_INPUT, GN_E_DATA, GN_E_IO or GN_E_MEMORY */
GN_MUST_CHECK
gn_safetensors_t *gn_safetensors_open(const char *path, char sha256[65], gn_error_t *err);
void gn_safetensors_close(gn_safetensors_t *file);

/// Finds a tensor by name and checks that it is F32 and inside the file. GN_E_DATA names what is
/// wrong. Thread-safe.
int gn_safetensors_find(const gn_safetensors_t *file, const char *name, struct gn_safetensor *out,
                        gn_error_t *err);

/// Element i of a tensor.
float gn_safetensor_value(const struct gn_safetensor *tensor, size_t i);

#endif
