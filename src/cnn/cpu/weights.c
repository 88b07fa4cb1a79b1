/* SPDX-License-Identifier: MIT
 *
 * weights.c - packing weights, and quantising them.
 */
#include "cnn/cpu/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/bf16.h"

enum { WORD = 4, IMAGE_ZERO = 128 /* the byte that stands for zero */ };

static void *aligned_zeros(size_t size, gn_error_t *err)
{
    void *memory = gn_aligned_zeros(size);
    if (memory == NULL)
        gn_fail_memory(err, "the weights of the network");
    return memory;
}

/* One convolution while it is packed. */
struct packer {
    struct gn_packed *packed;
    const struct gn_cpu_plan *plan;
    const struct gn_cpu_step *step;
    const struct gn_layer *layer;
    const struct gn_place *input, *output;
    int channels, blocks;
    size_t rows; /* weights of an output channel */
};

static float weight_at(const struct packer *packer, int channel, size_t row)
{
    size_t block = (size_t)(channel / GN_BLOCK) * packer->rows + row;
    return packer->layer->weights[block * GN_BLOCK + (size_t)(channel % GN_BLOCK)];
}

/* Where the weight of a channel goes: its element's number in the packed array. */
static size_t element_at(const struct packer *packer, int channel, size_t row, size_t per_word)
{
    size_t run = (size_t)packer->step->run, tap = row / run, in_tap = row % run;
    size_t word = ((size_t)(channel / GN_BLOCK) * (size_t)packer->step->taps + tap) *
                      (size_t)packer->packed->words +
                  in_tap / per_word;
    return (word * GN_BLOCK + (size_t)(channel % GN_BLOCK)) * per_word + in_tap % per_word;
}

/* Units of an integer weight in 1: the most that neither passes the type nor lets a sum of products
 * pass 31 bits (each weight may be rounded up by half a unit). */
static double weight_steps(const struct packer *packer, int channel, double top)
{
    bool wide = packer->plan->precision == GN_PRECISION_INT16;
    double largest = 1e-12, positive = 0, negative = 0;
    for (size_t row = 0; row < packer->rows; row++) {
        double weight = (double)weight_at(packer, channel, row);
        largest = fmax(largest, fabs(weight));
        if (weight > 0)
            positive += weight;
        else
            negative -= weight;
    }
    double of_type = (wide ? (double)INT16_MAX : (double)INT8_MAX) / largest;
    double room = (double)INT32_MAX - 1.0 - (double)packer->rows * top * 0.5;
    double of_sum = room / (top * fmax(fmax(positive, negative), 1e-12));
    return fmin(of_type, of_sum);
}

static void quantise_channel(const struct packer *packer, int channel)
{
    bool wide = packer->plan->precision == GN_PRECISION_INT16;
    bool image = packer->input->is_image;
    double top = image ? 255 : wide ? GN_INT16_TOP : GN_INT8_TOP;
    double steps = weight_steps(packer, channel, top), sum = 0;
    for (size_t row = 0; row < packer->rows; row++) {
        double weight = nearbyint((double)weight_at(packer, channel, row) * steps);
        size_t at = element_at(packer, channel, row, wide ? 2 : 4);
        sum += weight;
        if (wide)
            ((int16_t *)packer->packed->owned)[at] = (int16_t)weight;
        else
            ((int8_t *)packer->packed->owned)[at] = (int8_t)weight;
    }
    double unit = image ? 1.0 / IMAGE_ZERO : (double)packer->input->unit;
    double output = packer->step->raw ? 1.0 : (double)packer->output->unit;
    double bias = packer->step->raw ? 0.0 : (double)packer->layer->bias[channel];
    if (image)
        bias -= sum / steps;
    packer->packed->scale[channel] = (float)(unit / steps / output);
    packer->packed->bias[channel] = (float)(bias / output);
}

static void round_channel(const struct packer *packer, int channel)
{
    uint16_t *to = packer->packed->owned;
    for (size_t row = 0; row < packer->rows; row++)
        to[element_at(packer, channel, row, 2)] = gn_to_bf16(weight_at(packer, channel, row));
    if (!packer->step->raw)
        packer->packed->bias[channel] = packer->layer->bias[channel];
}

static int pack(const struct packer *packer, gn_error_t *err)
{
    struct gn_packed *packed = packer->packed;
    size_t element = gn_element_size(packer->input->element);
    size_t outputs = (size_t)packer->blocks * GN_BLOCK;
    packed->words = (int)(((size_t)packer->step->run * element + WORD - 1) / WORD);
    size_t padding = (size_t)(packed->words * packer->step->row_taps) * WORD;
    packed->block_stride = (size_t)packer->step->taps * (size_t)packed->words * GN_BLOCK * WORD;
    packed->bias = aligned_zeros(outputs * sizeof(float), err);
    packed->scale = aligned_zeros(outputs * sizeof(float), err);
    packed->padding = aligned_zeros(padding, err);
    if (packed->bias == NULL || packed->scale == NULL || packed->padding == NULL)
        return GN_E_MEMORY;
    packed->zero_padding = !packer->input->is_image || packer->input->element == GN_FLOAT32 ||
                           packer->input->element == GN_BF16;
    if (packer->input->element == GN_FLOAT32) {
        packed->weights = packer->layer->weights;
        if (!packer->step->raw)
            memcpy(packed->bias, packer->layer->bias, outputs * sizeof(float));
        return GN_OK;
    }
    packed->weights = packed->owned =
        aligned_zeros((size_t)packer->blocks * packed->block_stride, err);
    if (packed->owned == NULL)
        return GN_E_MEMORY;
    for (int c = 0; c < packer->channels; c++) {
        if (packer->input->element == GN_BF16)
            round_channel(packer, c);
        else
            quantise_channel(packer, c);
    }
    if (packer->input->is_image && packer->input->element == GN_INT16)
        for (size_t i = 0; i < padding / sizeof(int16_t); i++)
            ((int16_t *)packed->padding)[i] = IMAGE_ZERO;
    if (packer->input->is_image && packer->input->element == GN_UINT8)
        memset(packed->padding, IMAGE_ZERO, padding);
    return GN_OK;
}

int gn_packed_make(struct gn_packed *packed, const struct gn_cpu_plan *plan,
                   const struct gn_cpu_step *step, enum gn_isa isa, gn_error_t *err)
{
    const struct gn_layer *layer = &plan->graph->layers[step->layer];
    struct packer packer = {.packed = packed,
                            .plan = plan,
                            .step = step,
                            .layer = layer,
                            .input = &plan->places[step->input],
                            .output = &plan->places[step->output]};
    packer.channels = plan->graph->tensors[layer->output].channels;
    packer.blocks = (packer.channels + GN_BLOCK - 1) / GN_BLOCK;
    packer.rows =
        (size_t)layer->kernel_height * (size_t)layer->kernel_width * (size_t)packer.input->channels;
    enum gn_precision precision =
        packer.input->element == GN_FLOAT32 ? GN_PRECISION_FLOAT32 : plan->precision;
    packed->kernels = gn_kernels_of(precision, isa);
    if (packed->kernels == NULL)
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "this CPU has no instructions for %s: use --precision float32",
                       gn_precision_name(precision));
    return pack(&packer, err);
}

void gn_packed_clear(struct gn_packed *packed)
{
    free(packed->owned);
    free(packed->bias);
    free(packed->scale);
    free(packed->padding);
    *packed = (struct gn_packed){0};
}
