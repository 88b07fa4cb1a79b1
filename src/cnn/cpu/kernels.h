/* SPDX-License-Identifier: MIT
 *
 * kernels.h - the tables of tile kernels, one a type and instruction set. isa.c chooses; others ask
 * gn_kernels_of() in tile.h.
 *
 * Where the build lacks an instruction set, its table is there and empty (pixels is 0).
 */
#ifndef GN_CNN_CPU_KERNELS_H
#define GN_CNN_CPU_KERNELS_H

#include "cnn/cpu/tile.h"

extern const struct gn_kernels gn_kernels_float32_portable, gn_kernels_float32_avx2,
    gn_kernels_float32_avx512;
extern const struct gn_kernels gn_kernels_int16_portable, gn_kernels_int16_avx2,
    gn_kernels_int16_avx512, gn_kernels_int16_vnni;
extern const struct gn_kernels gn_kernels_int8_portable, gn_kernels_int8_vnni;
extern const struct gn_kernels gn_kernels_bf16_avx512;

#endif
