/* SPDX-License-Identifier: MIT
 *
 * dnnl_maps.c - plain loops over maps.
 */
#include "cnn/onednn/dnnl_maps.h"

#include <string.h>

#include "cnn/bf16.h"

static size_t size_of(bool bf16)
{
    return bf16 ? sizeof(uint16_t) : sizeof(float);
}

void gn_dnnl_load_image(const uint8_t *bytes, size_t n, void *values, bool bf16)
{
    float *floats = values;
    uint16_t *halves = values;
    for (size_t i = 0; i < n && !bf16; i++)
        floats[i] = (float)(bytes[i] - 128) * 0.0078125F;
    for (size_t i = 0; i < n && bf16; i++) { /* 8 significant bits: nothing is cut off */
        float value = (float)(bytes[i] - 128) * 0.0078125F;
        halves[i] = gn_to_bf16(value);
    }
}

void gn_dnnl_read(const void *values, bool bf16, size_t n, float *out)
{
    const uint16_t *halves = values;
    if (!bf16)
        memcpy(out, values, n * sizeof *out);
    for (size_t i = 0; i < n && bf16; i++)
        out[i] = gn_from_bf16(halves[i]);
}

void gn_dnnl_copy(const struct gn_dnnl_view *input, int top, int left,
                  const struct gn_dnnl_view *output, int channel)
{
    const size_t from_pixel = (size_t)input->channels * size_of(input->bf16);
    const size_t to_element = size_of(output->bf16);
    const size_t to_pixel = (size_t)output->channels * to_element;
    for (int y = 0; y < output->height; y++) {
        const char *from = (const char *)input->values +
                           ((size_t)(top + y) * (size_t)input->width + (size_t)left) * from_pixel;
        char *to = (char *)output->values + (size_t)y * (size_t)output->width * to_pixel +
                   (size_t)channel * to_element;
        for (int x = 0; x < output->width; x++, from += from_pixel, to += to_pixel)
            if (input->bf16 == output->bf16)
                memcpy(to, from, from_pixel);
            else
                gn_dnnl_read(from, true, (size_t)input->channels, (float *)(void *)to);
    }
}

void gn_dnnl_mean(const struct gn_dnnl_view *input, float *means)
{
    const size_t pixels = (size_t)input->height * (size_t)input->width;
    const size_t channels = (size_t)input->channels;
    const float *floats = input->values;
    const uint16_t *halves = input->values;
    for (size_t c = 0; c < channels; c++)
        means[c] = 0.0F;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < channels; c++)
            means[c] +=
                input->bf16 ? gn_from_bf16(halves[i * channels + c]) : floats[i * channels + c];
    for (size_t c = 0; c < channels; c++)
        means[c] /= (float)pixels;
}
