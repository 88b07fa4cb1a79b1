/* SPDX-License-Identifier: MIT
 *
 * dnnl_maps.h - what is done to maps without oneDNN, because plain loops are as good: bringing in an
 * image, copying a map into another (concat, crop), the mean of a map.
 *
 * A map is of float32 or bfloat16 and lies row, column, channel. Knows no graph.
 */
#ifndef GN_CNN_ONEDNN_DNNL_MAPS_H
#define GN_CNN_ONEDNN_DNNL_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gn_dnnl_view {
    void *values; /* of one image */
    bool bf16;
    int height, width, channels;
};

/// Stores (x - 128) / 128 of n bytes; exact in both types.
void gn_dnnl_load_image(const uint8_t *bytes, size_t n, void *values, bool bf16);

/// Copies the rectangle of `input` that begins at (top, left) and has the output's rows and columns
/// into the output's channels from `channel` on. float32 does not go into bf16.
void gn_dnnl_copy(const struct gn_dnnl_view *input, int top, int left,
                  const struct gn_dnnl_view *output, int channel);

/// Stores the float32 mean of each channel.
void gn_dnnl_mean(const struct gn_dnnl_view *input, float *means);

/// Reads n values as float32.
void gn_dnnl_read(const void *values, bool bf16, size_t n, float *out);

#endif
