/* SPDX-License-Identifier: MIT
 *
 * pool_avx512.c - pooling with the instructions of AVX-512.
 */
#define POOLS gn_pools_avx512

#include "cnn/cpu/pool_loops.h"
