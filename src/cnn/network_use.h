/* SPDX-License-Identifier: MIT
 *
 * network_use.h - what a run says about its network afterwards.
 */
#ifndef GN_CNN_NETWORK_USE_H
#define GN_CNN_NETWORK_USE_H

#include "cnn/infer.h"
#include "gannet/call.h"

/// Notes what computed, how busy its GPUs were and its warning; call it when all is computed and before the network is freed.
/// Images and why_no_gpu are left as they are.
void gn_network_use_note(const gn_network_t *network, gn_network_use_t *use);

/// Adds a worker's images.
void gn_network_use_count(const struct gn_infer_counts *counts, gn_network_use_t *use);

#endif
