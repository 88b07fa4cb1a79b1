/* SPDX-License-Identifier: MIT
 *
 * pileup.c - from a candidate to its images: which there are, what stands in their pictures.
 *
 * Which reads get a row, and in which order, is the same for all images of a candidate: it is worked out once. The
 * images differ in the channels that look at the supported allele.
 */
#include "pileup/pileup.h"

#include <stdlib.h>
#include <string.h>

#include "pileup/alt_aligned.h"

enum { MAX_KEYS = 1 << 27 };

struct gn_pileup {
    struct gn_pileup_options options;
    gn_realigner_t *realigner; /* borrowed */
    const struct gn_channel *channels[GN_MAX_CHANNELS];
    int n_drawn;         /* channels drawn row by row */
    int16_t *alt_of_key; /* 1 + number of the alt that the read of a key supports, 0 none */
    size_t keys_cap;
    struct gn_pixel_buffer buffer;
};

/* The candidate at hand. */
struct drawing {
    struct gn_pileup *pileup;
    const struct gn_candidate *candidate;
    struct gn_row_rules rules;
    const char
        *ref; /* from the image's first column to where haplotypes end, at least `width` bases */
    int64_t ref_end0;
    struct gn_near_reads reads;
};

gn_pileup_t *gn_pileup_create(const struct gn_pileup_options *options, gn_realigner_t *realigner,
                              gn_error_t *err)
{
    if (gn_pileup_check_channels(options, err) < 0)
        return NULL;
    if (options->alt_aligned != GN_ALT_ALIGNED_NONE && realigner == NULL) {
        gn_fail(err, GN_E_INTERNAL, "alt-aligned images need a realigner");
        return NULL;
    }
    gn_pileup_t *pileup = calloc(1, sizeof *pileup);
    if (pileup == NULL) {
        gn_fail_memory(err, "pileup images");
        return NULL;
    }
    pileup->options = *options;
    pileup->realigner = realigner;
    for (int i = 0; i < options->n_channels; i++) {
        pileup->channels[i] = gn_channel_find(options->channels[i]);
        pileup->n_drawn += pileup->channels[i]->paint_read != NULL;
    }
    return pileup;
}

void gn_pileup_destroy(gn_pileup_t *pileup)
{
    if (pileup == NULL)
        return;
    free(pileup->alt_of_key);
    free(pileup->buffer.v);
    free(pileup);
}

/* The sets of alts that get an image: those that the small model declined, or each alt and each pair. */
static int list_sets(const struct drawing *drawing, struct gn_pileup_images *out)
{
    const struct gn_candidate *candidate = drawing->candidate;
    int n_alts = candidate->variant->alts.n;
    int pairs = drawing->pileup->options.exclude_het_alt_images ? 0 : n_alts * (n_alts - 1) / 2;
    size_t n = candidate->n_declined > 0 ? candidate->n_declined : (size_t)(n_alts + pairs);
    out->v = gn_arena_alloc(drawing->rules.arena, (n + 1) * sizeof *out->v);
    if (out->v == NULL)
        return gn_fail_memory(drawing->rules.err, "pileup images of one partition");
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

static int list_images(const struct drawing *drawing, struct gn_pileup_images *out)
{
    const struct gn_pileup_options *o = &drawing->pileup->options;
    size_t height = (size_t)gn_pileup_image_height(o);
    int ret = list_sets(drawing, out);
    for (int i = 0; i < out->n && ret == GN_OK; i++) {
        out->v[i].pixels =
            gn_arena_zalloc(drawing->rules.arena, height * (size_t)o->width, (size_t)o->n_channels);
        if (out->v[i].pixels == NULL)
            return gn_fail_memory(drawing->rules.err, "pileup images of one partition");
    }
    return ret;
}

static int paint_main_picture(const struct drawing *drawing, const struct gn_painter *painter,
                              const struct gn_pileup_images *images)
{
    struct gn_picture picture = {.ref = drawing->ref};
    struct gn_canvas *canvases =
        gn_arena_alloc(drawing->rules.arena, (size_t)(images->n + 1) * sizeof *canvases);
    if (canvases == NULL)
        return gn_fail_memory(drawing->rules.err, "pileup images of one partition");
    for (int i = 0; i < images->n; i++)
        canvases[i] = (struct gn_canvas){&images->v[i], images->v[i].pixels};
    int ret = gn_rows_choose(&drawing->rules, &drawing->reads, &picture.rows);
    return ret < 0 ? ret
                   : gn_picture_paint(painter, &picture, canvases, images->n, 0,
                                      drawing->pileup->n_drawn);
}

static int paint_alt_aligned_pictures(const struct drawing *drawing,
                                      const struct gn_painter *painter,
                                      const struct gn_pileup_images *images)
{
    const struct gn_variant *variant = drawing->candidate->variant;
    int64_t start0 = drawing->rules.window.start0;
    struct gn_alt_aligned_task task = {.painter = painter,
                                       .rules = &drawing->rules,
                                       .realigner = drawing->pileup->realigner,
                                       .reads = &drawing->reads,
                                       .before = drawing->ref,
                                       .n_before = (size_t)(variant->start0 - start0),
                                       .after = drawing->ref + (variant->end0 - start0),
                                       .n_after = (size_t)(drawing->ref_end0 - variant->end0)};
    return gn_alt_aligned_paint(&task, images);
}

static int paint_images(const struct drawing *drawing, struct gn_pileup_images *images)
{
    struct gn_pileup *p = drawing->pileup;
    struct gn_painter painter = {.options = &p->options,
                                 .channels = p->channels,
                                 .candidate = drawing->candidate,
                                 .alt_of_key = p->alt_of_key,
                                 .window = drawing->rules.window,
                                 .buffer = &p->buffer,
                                 .err = drawing->rules.err};
    int ret = list_images(drawing, images);
    if (ret == GN_OK)
        ret = paint_main_picture(drawing, &painter, images);
    if (ret == GN_OK && gn_alt_aligned_needs(&p->options, drawing->candidate->variant))
        ret = paint_alt_aligned_pictures(drawing, &painter, images);
    return ret;
}

static int note_supports(const struct drawing *drawing, uint32_t key_limit)
{
    struct gn_pileup *p = drawing->pileup;
    size_t before = p->alt_of_key == NULL ? 0 : p->keys_cap;
    int16_t *grown = gn_reserve(p->alt_of_key, &p->keys_cap, key_limit, sizeof *grown, MAX_KEYS,
                                "reads of one partition", drawing->rules.err);
    if (grown == NULL)
        return GN_E_MEMORY;
    if (p->keys_cap > before)
        memset(grown + before, 0, (p->keys_cap - before) * sizeof *grown);
    p->alt_of_key = grown;
    for (uint32_t i = 0; i < drawing->candidate->n_alleles; i++)
        if (drawing->candidate->supports[i] >= 0)
            grown[drawing->candidate->alleles[i].key] =
                (int16_t)(drawing->candidate->supports[i] + 1);
    return GN_OK;
}

static void forget_supports(const struct drawing *drawing)
{
    for (uint32_t i = 0; i < drawing->candidate->n_alleles; i++)
        drawing->pileup->alt_of_key[drawing->candidate->alleles[i].key] = 0;
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
    const struct gn_variant *variant = candidate->variant;
    int64_t contig_length = gn_fasta_contigs(fasta)->lengths[contig], half = (o->width - 1) / 2;
    int64_t start0 = variant->start0 - half, columns_end0 = start0 + o->width;
    *images = (struct gn_pileup_images){NULL, 0};
    if (!gn_pileup_fits(o, variant, contig_length))
        return GN_OK;
    struct drawing drawing = {
        .pileup = pileup,
        .candidate = candidate,
        .rules = {.options = o,
                  .window = {start0, o->width, variant->start0, o->min_base_quality},
                  .arena = arena,
                  .err = err},
        .ref_end0 = variant->end0 + half < contig_length ? variant->end0 + half : contig_length};
    drawing.ref = gn_fasta_fetch(fasta, contig, start0,
                                 drawing.ref_end0 > columns_end0 ? drawing.ref_end0 : columns_end0,
                                 arena, err);
    if (drawing.ref == NULL)
        return err == NULL ? GN_E_IO : err->code;
    int ret = gn_near_reads_find(&drawing.rules, reads, variant, contig_length, &drawing.reads);
    if (ret == GN_OK)
        ret = note_supports(&drawing, reads->key_limit);
    if (ret == GN_OK) {
        ret = paint_images(&drawing, images);
        forget_supports(&drawing);
    }
    return ret;
}
