/* SPDX-License-Identifier: MIT
 *
 * tile.h - one register tile of a convolution, as the kernels see it, and the choice of a kernel.
 *
 * A kernel knows pointers and lengths only: no graph, no images, no padding rule. It multiplies
 * the inputs of a few output pixels with the weights of a few blocks of 16 output channels. The
 * unit of work is a 32-bit word of inputs: 1 float32, 2 int16, 2 bfloat16 or 4 uint8.
 *
 * float32: every output is one chain of fused multiply-adds that starts at the bias and goes over
 * taps and inputs in ascending order. int16, int8: the sums are exact 32-bit integers, the result
 * is fma(float(sum), scale, bias), rounded to nearest even. Hence the kernels of all instruction
 * sets give the same bits. bfloat16: as the CPU's dot product rounds; only where it exists.
 */
#ifndef GN_CNN_CPU_TILE_H
#define GN_CNN_CPU_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cnn/precision.h"

enum {
    GN_BLOCK = 16,           /* output channels that are stored side by side */
    GN_TILE_MAX_PIXELS = 12, /* of any kernel */
    GN_TILE_MAX_BLOCKS = 4,
    GN_INT16_TOP = 8191, /* the largest activation in the int16 mode: 13 bits */
    GN_INT8_TOP = 255,
};

enum gn_tile_store {
    GN_STORE_RELU,   /* max(x, 0) as an element of the type; integers are cut at the type's top */
    GN_STORE_LINEAR, /* x as it is: float32 of float32 kernels only */
    GN_STORE_RAW,    /* float32, whatever the type: sum * scale + bias, no ReLU */
};

struct gn_tile {
    /* starts[tap * kernel pixels + pixel]: the tap's first word for the pixel; aligned to an
     * element only. All pixels of the kernel have readable addresses, stored or not. */
    const void *const *starts;
    const int32_t *taps; /* the taps to visit, ascending; they index starts and weights */
    int n_taps;
    int words;           /* 32-bit words of a tap */
    const void *weights; /* of the tile's first block: [tap][word][16 channels][elements of a word],
                            64-byte aligned */
    size_t block_stride; /* bytes from the weights of a block to those of the next */
    const float *bias;   /* [blocks][16] */
    const float *scale;  /* [blocks][16] of integer types */
    void *const *outputs; /* [pixels]: where each pixel's first output channel goes */
    int pixels;           /* to store, 1 ... the kernel's */
    int channels;         /* to store, 1 ... blocks * 16 */
    enum gn_tile_store store;
};

/// Computes and stores a tile. Bit p of the result is set when an output of pixel p was cut at the
/// type's top (integer types, GN_STORE_RELU).
typedef uint32_t gn_tile_kernel(const struct gn_tile *tile);

enum gn_isa { GN_ISA_PORTABLE, GN_ISA_AVX2, GN_ISA_AVX512, GN_ISA_AVX512_VNNI, GN_ISAS };

/// The kernels of one type and instruction set: all have the same number of pixels.
struct gn_kernels {
    int pixels;                                    /* of a tile; divides 24 */
    int max_blocks;                                /* the most blocks of a tile */
    gn_tile_kernel *by_blocks[GN_TILE_MAX_BLOCKS]; /* [blocks - 1], up to max_blocks */
};

/// The kernels of a type for an instruction set, or for the best one below it that has any: never
/// NULL for float32, int16 and int8. NULL for bf16 where the CPU has no such instructions. The
/// instruction set must be available. Static storage.
const struct gn_kernels *gn_kernels_of(enum gn_precision precision, enum gn_isa isa);

/// The best instruction set that this CPU and this build have.
enum gn_isa gn_isa_best(void);

/// True when kernels of an instruction set can run here.
bool gn_isa_available(enum gn_isa isa);

/// "portable", "avx2", "avx512", "avx512_vnni". Static storage.
const char *gn_isa_name(enum gn_isa isa);

#endif
