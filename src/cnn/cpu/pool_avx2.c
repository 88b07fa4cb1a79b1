/* SPDX-License-Identifier: MIT
 *
 * pool_avx2.c - pooling with the instructions of AVX2.
 */
#define POOLS gn_pools_avx2

#include "cnn/cpu/pool_loops.h"
