/* SPDX-License-Identifier: MIT
 *
 * pool_portable.c - pooling with the instructions of any machine.
 */
#define POOLS gn_pools_portable

#include "cnn/cpu/pool_loops.h"
