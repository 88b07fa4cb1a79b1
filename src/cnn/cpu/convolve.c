/* SPDX-License-Identifier: MIT
 *
 * convolve.c - an implicit GEMM: lists the outputs, and feeds tiles of them to the kernel.
 *
 * The outputs go through in chunks whose inputs stay in the second-level cache while all blocks of
 * weights pass over them. Taps that lie outside the map for every pixel of a tile are left out:
 * they add zeros
 * (but not around an image of integers, where zero is the byte 128).
 */
#include "cnn/cpu/convolve.h"

#include <stdlib.h>

enum {
    CHUNK_BYTES = 384 * 1024, /* of inputs */
    MAX_STARTS = 8192,        /* addresses of a chunk's taps */
    TAPS_HEAD = 2,
};

/* An output to compute. */
struct gn_output_pixel {
    int32_t image, pixel;
};

/* A run of tiles. */
struct chunk {
    const struct gn_convolution *conv;
    const struct gn_output_pixel *pixels;
    int n_pixels, first;
    const void **starts; /* [tile][tap][pixel] */
    int32_t *taps;       /* [tile][2 + taps]: words of each, how many, and which */
    int first_block, blocks;
};

int gn_convolve_room_make(struct gn_convolve_room *room, const struct gn_cpu_plan *plan,
                          gn_error_t *err)
{
    for (int s = 0; s < plan->n_segments; s++)
        for (int i = plan->segments[s].first; i < plan->segments[s].end; i++) {
            const struct gn_place *output = &plan->places[plan->steps[i].output];
            size_t n =
                (size_t)output->height * (size_t)output->width * (size_t)plan->segments[s].group;
            if (plan->steps[i].kind == GN_STEP_CONV && n > room->n_pixels)
                room->n_pixels = n;
        }
    room->pixels = malloc((room->n_pixels + 1) * sizeof *room->pixels);
    room->starts = malloc(2 * (size_t)MAX_STARTS * sizeof *room->starts);
    room->taps = malloc(2 * (size_t)MAX_STARTS * sizeof *room->taps);
    if (room->pixels == NULL || room->starts == NULL || room->taps == NULL)
        return gn_fail_memory(err, "inference");
    return GN_OK;
}

void gn_convolve_room_clear(struct gn_convolve_room *room)
{
    free(room->pixels);
    free(room->starts);
    free(room->taps);
    *room = (struct gn_convolve_room){0};
}

/* Lists the outputs in the order of computation; returns their number. */
static int list_pixels(const struct gn_convolution *conv, struct gn_output_pixel *pixels)
{
    const int width = conv->outputs[0].width, height = conv->outputs[0].height;
    int n = 0;
    if (!conv->step->images_inside) {
        for (int image = 0; image < conv->images; image++)
            for (int p = 0; p < conv->outputs[image].rows * width; p++)
                pixels[n++] = (struct gn_output_pixel){image, p};
        return n;
    }
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int image = 0; image < conv->images; image++)
                if (y < conv->outputs[image].rows)
                    pixels[n++] = (struct gn_output_pixel){image, y * width + x};
    return n;
}

static bool all_whole_rows(const struct gn_cpu_step *step, const struct gn_output_pixel *pixels,
                           int n)
{
    bool whole = step->whole_rows != NULL;
    for (int p = 0; p < n && whole; p++)
        whole = step->whole_rows[pixels[p].pixel];
    return whole;
}

/* Finds where the taps of a tile's pixels start, and which of them lie inside the map for any pixel.
 * Where kernel rows are whole at every pixel, a row is one long tap. */
static void find_starts(const struct gn_convolution *conv, const struct gn_output_pixel *pixels,
                        int n, const void **starts, int32_t *taps)
{
    const struct gn_cpu_step *step = conv->step;
    const int tile = conv->packed->kernels->pixels;
    n = n < tile ? n : tile;
    const int joined = all_whole_rows(step, pixels, n) ? step->row_taps : 1;
    const int n_taps = step->taps / joined;
    for (int p = 0; p < tile; p++) {
        const struct gn_output_pixel *pixel = &pixels[p < n ? p : n - 1];
        const struct gn_map *map = &conv->inputs[pixel->image];
        const int32_t *offsets = step->offsets + (size_t)pixel->pixel * (size_t)step->taps;
        const size_t live = (size_t)map->rows * map->row_stride;
        for (int tap = 0; tap < n_taps; tap++) {
            const int32_t offset = offsets[tap * joined];
            const char *from = (size_t)offset < live ? map->live : map->empty;
            starts[tap * tile + p] = offset < 0 ? conv->packed->padding : from + offset;
        }
    }
    int alive = 0;
    for (int tap = 0; tap < n_taps; tap++) {
        bool inside = !step->padded || !conv->packed->zero_padding;
        for (int p = 0; p < tile && !inside; p++)
            inside = starts[tap * tile + p] != conv->packed->padding;
        if (inside)
            taps[TAPS_HEAD + alive++] = tap;
    }
    taps[0] = conv->packed->words * joined;
    taps[1] = alive;
}

static enum gn_tile_store store_of(const struct gn_convolution *conv)
{
    if (conv->step->raw && conv->inputs[0].element != GN_FLOAT32)
        return GN_STORE_RAW;
    return conv->relu && !conv->step->raw ? GN_STORE_RELU : GN_STORE_LINEAR;
}

/* One panel of blocks over all tiles of a chunk. */
static void run_panel(const struct chunk *chunk)
{
    const struct gn_convolution *conv = chunk->conv;
    const struct gn_packed *packed = conv->packed;
    const struct gn_map *outputs = conv->outputs;
    const int pixels = packed->kernels->pixels, n_taps = conv->step->taps;
    const int channel = chunk->first_block * GN_BLOCK;
    const int left = outputs[0].channels - channel;
    const size_t shift = (size_t)channel * gn_element_size(outputs[0].element);
    void *to[GN_TILE_MAX_PIXELS];
    struct gn_tile tile = {
        .weights = (const char *)packed->weights + chunk->first_block * packed->block_stride,
        .block_stride = packed->block_stride,
        .bias = packed->bias + channel,
        .scale = packed->scale + channel,
        .outputs = to,
        .channels = left < chunk->blocks * GN_BLOCK ? left : chunk->blocks * GN_BLOCK,
        .store = store_of(conv),
    };
    for (int q = 0; q * pixels < chunk->n_pixels; q++) {
        const struct gn_output_pixel *first = chunk->pixels + q * pixels;
        int n = chunk->n_pixels - q * pixels;
        tile.pixels = n < pixels ? n : pixels;
        for (int p = 0; p < tile.pixels; p++) {
            const struct gn_map *map = &outputs[first[p].image];
            to[p] = map->live + (size_t)first[p].pixel * map->pixel_stride + shift;
        }
        tile.starts = chunk->starts + (size_t)q * (size_t)n_taps * (size_t)pixels;
        const int32_t *taps = chunk->taps + q * (n_taps + TAPS_HEAD);
        tile.words = taps[0];
        tile.n_taps = taps[1];
        tile.taps = taps + TAPS_HEAD;
        uint32_t cut = packed->kernels->by_blocks[chunk->blocks - 1](&tile);
        for (int p = 0; cut != 0; p++, cut >>= 1)
            if (cut & 1U)
                conv->cut[first[p].image] = true;
    }
}

static int chunk_tiles(const struct gn_convolution *conv)
{
    const int pixels = conv->packed->kernels->pixels;
    const size_t pixel_bytes = conv->inputs[0].pixel_stride * (size_t)pixels;
    size_t tiles = CHUNK_BYTES / (pixel_bytes + 1);
    size_t most = MAX_STARTS / ((size_t)conv->step->taps * (size_t)pixels);
    tiles = tiles < most ? tiles : most;
    return tiles < 1 ? 1 : (int)tiles;
}

void gn_convolve(const struct gn_convolution *conv, struct gn_convolve_room *room)
{
    const struct gn_kernels *kernels = conv->packed->kernels;
    const int n_taps = conv->step->taps;
    const int total = list_pixels(conv, room->pixels);
    const int blocks = (conv->outputs[0].channels + GN_BLOCK - 1) / GN_BLOCK;
    const int panels = (blocks + kernels->max_blocks - 1) / kernels->max_blocks;
    const int step = chunk_tiles(conv) * kernels->pixels;
    for (int first = 0; first < total; first += step) {
        struct chunk chunk = {.conv = conv,
                              .pixels = room->pixels + first,
                              .n_pixels = total - first < step ? total - first : step,
                              .starts = room->starts,
                              .taps = room->taps};
        for (int p = 0, q = 0; p < chunk.n_pixels; p += kernels->pixels, q++)
            find_starts(conv, chunk.pixels + p, chunk.n_pixels - p,
                        room->starts + (size_t)p * (size_t)n_taps,
                        room->taps + q * (n_taps + TAPS_HEAD));
        for (int panel = 0; panel < panels; panel++) {
            chunk.first_block = panel * blocks / panels;
            chunk.blocks = (panel + 1) * blocks / panels - chunk.first_block;
            run_panel(&chunk);
        }
    }
}
