/* SPDX-License-Identifier: MIT
 *
 * pileup.c - chooses and orders the rows of a candidate's images, and paints them.
 *
 * Which reads get a row, and in which order, is the same for all images of a candidate: it is worked out once. The
 * images differ in the channels that look at the supported allele.
 */
#include "pileup/pileup.h"

#include <stdlib.h>
#include <string.h>

#include "pileup/read_pixels.h"
#include "pileup/trim.h"

enum {
    READ_OVERLAP_BUFFER = 5,    /* bp around the variant in which reads are looked for */
    MIN_REFERENCE_OVERLAP = 15, /* bp that a trimmed read must cover */
    SHUFFLE_SEED = 2101079370,
    MAX_PIXELS = 1 << 24,
    MAX_KEYS = 1 << 27,
};

static const float OTHER_ALT_ALPHA = 0.6F, OTHER_ALT_COLOR_ALPHA = 0.3F;

struct gn_pileup {
    struct gn_pileup_options options;
    const struct gn_channel *channels[GN_MAX_CHANNELS];
    int16_t *alt_of_key; /* 1 + number of the alt that the read of a key supports, 0 none */
    size_t keys_cap;
    struct gn_pixel *pixels;
    size_t pixels_cap;
};

/* A read that may get a row. */
struct row {
    struct gn_read read; /* trimmed */
    int64_t original_pos0;
    int haplotype;
    uint32_t order; /* before sorting */
};

/* Everything about the candidate at hand. */
struct scene {
    struct gn_pileup *pileup;
    const struct gn_candidate *candidate;
    struct gn_pixel_window window;
    const char *ref; /* of the columns */
    struct row *rows;
    size_t n_rows;
    gn_arena_t *arena;
    gn_error_t *err;
};

struct gn_pileup_options gn_pileup_options_default(void)
{
    return (struct gn_pileup_options){.height = 100,
                                      .width = 221,
                                      .min_mapping_quality = 5,
                                      .min_base_quality = 10,
                                      .shuffle = GN_SHUFFLE_LIBSTDCXX};
}

gn_pileup_t *gn_pileup_create(const struct gn_pileup_options *options, gn_error_t *err)
{
    gn_pileup_t *pileup = calloc(1, sizeof *pileup);
    if (pileup == NULL) {
        gn_fail_memory(err, "pileup images");
        return NULL;
    }
    pileup->options = *options;
    for (int i = 0; i < options->n_channels; i++) {
        pileup->channels[i] = gn_channel_find(options->channels[i]);
        if (pileup->channels[i] == NULL) {
            gn_fail(err, GN_E_USAGE,
                    "pileup channel %d is unknown or not available in this version",
                    options->channels[i]);
            free(pileup);
            return NULL;
        }
    }
    return pileup;
}

void gn_pileup_destroy(gn_pileup_t *pileup)
{
    if (pileup == NULL)
        return;
    free(pileup->alt_of_key);
    free(pileup->pixels);
    free(pileup);
}

static int reserve_pixels(struct scene *scene, const struct gn_read *read)
{
    struct gn_pileup *p = scene->pileup;
    size_t need = gn_read_pixels_max(read, scene->window.width);
    void *grown = gn_reserve(p->pixels, &p->pixels_cap, need, sizeof *p->pixels, MAX_PIXELS,
                             "pixels of one read", scene->err);
    if (grown == NULL)
        return GN_E_MEMORY;
    p->pixels = grown;
    return GN_OK;
}

/* Reads near the variant, trimmed to the window of the image (wider for deletions). */
static int trim_reads(struct scene *scene, const struct gn_pileup_reads *reads,
                      int64_t contig_length, struct row **trimmed, size_t *n_trimmed)
{
    const struct gn_variant *variant = scene->candidate->variant;
    int64_t half = (scene->window.width - 1) / 2;
    int64_t start0 = variant->start0 - half > 0 ? variant->start0 - half : 0;
    int64_t end0 = variant->end0 + half < contig_length ? variant->end0 + half : contig_length;
    size_t n = 0;
    for (size_t i = 0; i < reads->n; i++)
        n += gn_read_overlaps(&reads->v[i], variant->start0 - READ_OVERLAP_BUFFER,
                              variant->end0 + READ_OVERLAP_BUFFER);
    *trimmed = gn_arena_alloc(scene->arena, (n + 1) * sizeof **trimmed);
    if (*trimmed == NULL)
        return gn_fail_memory(scene->err, "pileup images of one partition");
    *n_trimmed = 0;
    for (size_t i = 0; i < reads->n; i++) {
        if (!gn_read_overlaps(&reads->v[i], variant->start0 - READ_OVERLAP_BUFFER,
                              variant->end0 + READ_OVERLAP_BUFFER))
            continue;
        struct row *row = &(*trimmed)[*n_trimmed];
        int64_t covered =
            gn_trim_read(&reads->v[i], start0, end0, &row->read, scene->arena, scene->err);
        if (covered < 0)
            return GN_E_MEMORY;
        row->original_pos0 = reads->v[i].pos0;
        *n_trimmed += covered >= MIN_REFERENCE_OVERLAP && row->read.length > 0;
    }
    return GN_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->haplotype != y->haplotype)
        return x->haplotype < y->haplotype ? -1 : 1;
    if (x->original_pos0 != y->original_pos0)
        return x->original_pos0 < y->original_pos0 ? -1 : 1;
    int order = strcmp(x->read.name, y->read.name);
    if (order != 0)
        return order;
    if (x->read.read_number != y->read.read_number)
        return x->read.read_number < y->read.read_number ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Takes reads in their order, or in a random one where there are too many, until the image is full; then sorts. */
static int choose_rows(struct scene *scene, struct row *trimmed, size_t n)
{
    const struct gn_pileup_options *o = &scene->pileup->options;
    size_t max_rows = (size_t)(o->height - GN_REFERENCE_ROWS);
    uint32_t *order = gn_arena_alloc(scene->arena, (n + 1) * sizeof *order);
    scene->rows = gn_arena_alloc(scene->arena, (max_rows + 1) * sizeof *scene->rows);
    if (order == NULL || scene->rows == NULL)
        return gn_fail_memory(scene->err, "pileup images of one partition");
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    if (n > max_rows)
        gn_shuffle(order, n, SHUFFLE_SEED, o->shuffle);
    for (size_t i = 0; i < n && scene->n_rows < max_rows; i++) {
        struct row *row = &trimmed[order[i]];
        if (row->read.mapping_quality < o->min_mapping_quality)
            continue;
        if (reserve_pixels(scene, &row->read) < 0)
            return GN_E_MEMORY;
        if (gn_read_pixels(&row->read, &scene->window, scene->pileup->pixels) < 0)
            continue;
        row->haplotype = o->sort_by_haplotypes && row->read.haplotype > 0 ? row->read.haplotype : 0;
        row->order = (uint32_t)scene->n_rows;
        scene->rows[scene->n_rows++] = *row;
    }
    qsort(scene->rows, scene->n_rows, sizeof *scene->rows, compare_rows);
    return GN_OK;
}

static void paint_reference_rows(const struct scene *scene, uint8_t *pixels)
{
    const struct gn_pileup_options *o = &scene->pileup->options;
    size_t row_bytes = (size_t)o->width * (size_t)o->n_channels;
    for (int c = 0; c < o->n_channels; c++)
        scene->pileup->channels[c]->paint_reference(scene->ref, o->width, pixels + c,
                                                    o->n_channels);
    for (int row = 1; row < GN_REFERENCE_ROWS; row++)
        memcpy(pixels + (size_t)row * row_bytes, pixels, row_bytes);
}

/* Whether the read supports an alt of the image (1), another alt of the record (2), or none (0). */
static int support_of(const struct scene *scene, const struct gn_read *read,
                      const struct gn_pileup_image *image, int *alt)
{
    *alt = scene->pileup->alt_of_key[read->key] - 1;
    if (*alt < 0)
        return 0;
    for (int i = 0; i < image->n_alts; i++)
        if (image->alts[i] == *alt)
            return 1;
    return 2;
}

static void paint_row(const struct scene *scene, const struct row *row, int n_pixels,
                      const struct gn_pileup_image *image, uint8_t *pixels)
{
    const struct gn_pileup_options *o = &scene->pileup->options;
    int alt;
    struct gn_channel_read view = {.read = &row->read,
                                   .pixels = scene->pileup->pixels,
                                   .n_pixels = n_pixels,
                                   .ref = scene->ref,
                                   .supports = support_of(scene, &row->read, image, &alt),
                                   .other_alt_alpha = o->add_supporting_other_alt_color
                                                          ? OTHER_ALT_COLOR_ALPHA
                                                          : OTHER_ALT_ALPHA};
    if (view.supports == 1 && scene->candidate->alt_frequencies != NULL)
        view.alt_frequency = scene->candidate->alt_frequencies[alt];
    for (int c = 0; c < o->n_channels; c++)
        scene->pileup->channels[c]->paint_read(&view, pixels + c, o->n_channels);
}

/* The sets of alts that get an image: those that the small model declined, or each alt and each pair. */
static int list_sets(struct scene *scene, struct gn_pileup_images *out)
{
    const struct gn_candidate *candidate = scene->candidate;
    int n_alts = candidate->variant->alts.n;
    int pairs = scene->pileup->options.exclude_het_alt_images ? 0 : n_alts * (n_alts - 1) / 2;
    size_t n = candidate->n_declined > 0 ? candidate->n_declined : (size_t)(n_alts + pairs);
    out->v = gn_arena_alloc(scene->arena, (n + 1) * sizeof *out->v);
    if (out->v == NULL)
        return gn_fail_memory(scene->err, "pileup images of one partition");
    for (size_t i = 0; i < candidate->n_declined; i++) {
        const struct gn_alt_set *set = &candidate->declined[i];
        out->v[out->n++] =
            (struct gn_pileup_image){.alts = {set->alts[0], set->alts[1]}, .n_alts = set->n};
    }
    if (candidate->n_declined > 0)
        return GN_OK;
    for (int i = 0; i < n_alts; i++)
        out->v[out->n++] = (struct gn_pileup_image){.alts = {i}, .n_alts = 1};
    for (int i = 0; i < n_alts && pairs > 0; i++)
        for (int j = i + 1; j < n_alts; j++)
            out->v[out->n++] = (struct gn_pileup_image){.alts = {i, j}, .n_alts = 2};
    return GN_OK;
}

static int list_images(struct scene *scene, struct gn_pileup_images *out)
{
    const struct gn_pileup_options *o = &scene->pileup->options;
    size_t bytes = (size_t)o->height * (size_t)o->width * (size_t)o->n_channels;
    int ret = list_sets(scene, out);
    for (int i = 0; i < out->n && ret == GN_OK; i++) {
        out->v[i].pixels = gn_arena_zalloc(scene->arena, bytes, 1);
        if (out->v[i].pixels == NULL)
            return gn_fail_memory(scene->err, "pileup images of one partition");
        paint_reference_rows(scene, out->v[i].pixels);
    }
    return ret;
}

static int paint_images(struct scene *scene, struct gn_pileup_images *out)
{
    const struct gn_pileup_options *o = &scene->pileup->options;
    int ret = list_images(scene, out);
    if (ret < 0)
        return ret;
    size_t row_bytes = (size_t)o->width * (size_t)o->n_channels;
    for (size_t i = 0; i < scene->n_rows; i++) {
        const struct row *row = &scene->rows[i];
        int n_pixels = gn_read_pixels(&row->read, &scene->window, scene->pileup->pixels);
        for (int k = 0; k < out->n; k++)
            paint_row(scene, row, n_pixels, &out->v[k],
                      out->v[k].pixels + (GN_REFERENCE_ROWS + i) * row_bytes);
    }
    return GN_OK;
}

static int note_supports(struct scene *scene, uint32_t key_limit)
{
    struct gn_pileup *p = scene->pileup;
    size_t before = p->alt_of_key == NULL ? 0 : p->keys_cap;
    int16_t *grown = gn_reserve(p->alt_of_key, &p->keys_cap, key_limit, sizeof *grown, MAX_KEYS,
                                "reads of one partition", scene->err);
    if (grown == NULL)
        return GN_E_MEMORY;
    if (p->keys_cap > before)
        memset(grown + before, 0, (p->keys_cap - before) * sizeof *grown);
    p->alt_of_key = grown;
    for (uint32_t i = 0; i < scene->candidate->n_alleles; i++)
        if (scene->candidate->supports[i] >= 0)
            grown[scene->candidate->alleles[i].key] = (int16_t)(scene->candidate->supports[i] + 1);
    return GN_OK;
}

static void forget_supports(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->candidate->n_alleles; i++)
        scene->pileup->alt_of_key[scene->candidate->alleles[i].key] = 0;
}

bool gn_pileup_fits(const struct gn_pileup_options *options, const struct gn_variant *variant,
                    int64_t contig_length)
{
    int64_t start0 = variant->start0 - (options->width - 1) / 2;
    return start0 >= 0 && start0 + options->width <= contig_length;
}

int gn_pileup_draw(gn_pileup_t *pileup, gn_fasta_t *fasta, int contig,
                   const struct gn_candidate *candidate, const struct gn_pileup_reads *reads,
                   struct gn_pileup_images *images, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_pileup_options *o = &pileup->options;
    int64_t contig_length = gn_fasta_contigs(fasta)->lengths[contig];
    int64_t start0 = candidate->variant->start0 - (o->width - 1) / 2;
    *images = (struct gn_pileup_images){NULL, 0};
    if (!gn_pileup_fits(o, candidate->variant, contig_length))
        return GN_OK;
    struct scene scene = {
        .pileup = pileup,
        .candidate = candidate,
        .window = {start0, o->width, candidate->variant->start0, o->min_base_quality},
        .arena = arena,
        .err = err};
    scene.ref = gn_fasta_fetch(fasta, contig, start0, start0 + o->width, arena, err);
    if (scene.ref == NULL)
        return err == NULL ? GN_E_IO : err->code;
    struct row *trimmed = NULL;
    size_t n_trimmed = 0;
    int ret = trim_reads(&scene, reads, contig_length, &trimmed, &n_trimmed);
    if (ret == GN_OK)
        ret = choose_rows(&scene, trimmed, n_trimmed);
    if (ret == GN_OK)
        ret = note_supports(&scene, reads->key_limit);
    if (ret == GN_OK) {
        ret = paint_images(&scene, images);
        forget_supports(&scene);
    }
    return ret;
}
