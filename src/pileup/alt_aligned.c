/* SPDX-License-Identifier: MIT
 *
 * alt_aligned.c - a haplotype for each alt, the reads aligned to it, the picture of them.
 *
 * An alt's picture is worked out once and painted into the images of the alt alone and of its pairs. Rows are chosen anew
 * for each picture: they need not correspond to those of the image.
 */
#include "pileup/alt_aligned.h"

#include <string.h>

enum { PICTURES_OF_AN_IMAGE = 2 };

bool gn_alt_aligned_needs(const struct gn_pileup_options *options, const struct gn_variant *variant)
{
    if (options->alt_aligned == GN_ALT_ALIGNED_NONE)
        return false;
    /* PARITY(dv-1.9): all alts of the record count, not only those of the image. */
    bool is_indel = strlen(variant->ref) > 1;
    for (int i = 0; i < variant->alts.n; i++)
        is_indel = is_indel || strlen(variant->alts.v[i]) > 1;
    return is_indel || options->alt_align_all;
}

static const char *alt_of(const struct gn_alt_aligned_task *task, int alt)
{
    return task->painter->candidate->variant->alts.v[alt];
}

/* Whether a haplotype fills the columns. One that is too long to align to, which takes an insertion of more than 65 kb, is
 * left out too; upstream's alignments to it would fail one by one. */
static bool has_picture(const struct gn_alt_aligned_task *task, int alt)
{
    size_t length = task->n_before + strlen(alt_of(task, alt)) + task->n_after;
    return length >= (size_t)task->painter->options->width && length <= GN_REALIGN_HAPLOTYPE_MAX;
}

/* How many pictures of an image there are. PARITY(dv-1.9): a haplotype that is too short ends the list of the image. */
static int count_pictures(const struct gn_alt_aligned_task *task,
                          const struct gn_pileup_image *image)
{
    int n = 0;
    while (n < image->n_alts && has_picture(task, image->alts[n]))
        n++;
    return n;
}

/* First pixel of the picture in a slot (0 or 1) of an image. */
static uint8_t *find_slot(const struct gn_pileup_options *options,
                          const struct gn_pileup_image *image, int slot)
{
    if (gn_alt_aligned_adds_channels(options))
        return image->pixels + options->n_channels - PICTURES_OF_AN_IMAGE + slot;
    size_t picture = (size_t)options->height * (size_t)options->width * (size_t)options->n_channels;
    return image->pixels + (size_t)(1 + slot) * picture;
}

/* Lists the places where the picture of an alt is wanted; there is room for two per image. */
static int list_canvases(const struct gn_alt_aligned_task *task,
                         const struct gn_pileup_images *images, int alt, struct gn_canvas *canvases)
{
    const struct gn_pileup_options *options = task->painter->options;
    int n = 0;
    for (int i = 0; i < images->n; i++) {
        const struct gn_pileup_image *image = &images->v[i];
        int n_pictures = count_pictures(task, image);
        for (int slot = 0; slot < n_pictures; slot++)
            if (image->alts[slot] == alt)
                canvases[n++] = (struct gn_canvas){image, find_slot(options, image, slot)};
        /* PARITY(dv-1.9): as a channel, the only picture is shown twice. */
        if (n_pictures == 1 && image->alts[0] == alt && gn_alt_aligned_adds_channels(options))
            canvases[n++] = (struct gn_canvas){image, find_slot(options, image, 1)};
    }
    return n;
}

/* Spells the haplotype of an alt out; NULL when out of memory. */
static char *make_haplotype(const struct gn_alt_aligned_task *task, int alt, size_t *length)
{
    size_t n_alt = strlen(alt_of(task, alt));
    *length = task->n_before + n_alt + task->n_after;
    char *haplotype = gn_arena_alloc(task->rules->arena, *length + 1);
    if (haplotype == NULL)
        return NULL;
    memcpy(haplotype, task->before, task->n_before);
    memcpy(haplotype + task->n_before, alt_of(task, alt), n_alt);
    memcpy(haplotype + task->n_before + n_alt, task->after, task->n_after);
    haplotype[*length] = '\0';
    return haplotype;
}

/* Aligns the reads to the haplotype and chooses rows among those that align. */
static int make_picture(const struct gn_alt_aligned_task *task, int alt, struct gn_picture *picture)
{
    const struct gn_row_rules *rules = task->rules;
    size_t n = task->reads->n, length;
    char *haplotype = make_haplotype(task, alt, &length);
    uint32_t *kept = gn_arena_alloc(rules->arena, (n + 1) * sizeof *kept);
    struct gn_near_reads aligned = {
        .v = gn_arena_alloc(rules->arena, (n + 1) * sizeof *aligned.v),
        .original_pos0 = gn_arena_alloc(rules->arena, (n + 1) * sizeof *aligned.original_pos0)};
    if (haplotype == NULL || kept == NULL || aligned.v == NULL || aligned.original_pos0 == NULL)
        return gn_fail_memory(rules->err, "pileup images of one partition");
    picture->ref = haplotype;
    int n_kept =
        gn_realign_to_haplotype(task->realigner, haplotype, length, rules->window.start0,
                                task->reads->v, n, aligned.v, kept, rules->arena, rules->err);
    if (n_kept < 0)
        return n_kept;
    aligned.n = (size_t)n_kept;
    for (size_t i = 0; i < aligned.n; i++)
        aligned.original_pos0[i] = task->reads->original_pos0[kept[i]];
    return gn_rows_choose(rules, &aligned, &picture->rows);
}

int gn_alt_aligned_paint(const struct gn_alt_aligned_task *task,
                         const struct gn_pileup_images *images)
{
    const struct gn_pileup_options *options = task->painter->options;
    bool adds_channels = gn_alt_aligned_adds_channels(options);
    int first = adds_channels ? gn_alt_aligned_shown(options) : 0,
        n_channels = adds_channels ? 1 : options->n_channels, ret = GN_OK;
    struct gn_canvas *canvases = gn_arena_alloc(
        task->rules->arena, (size_t)(images->n + 1) * PICTURES_OF_AN_IMAGE * sizeof *canvases);
    if (canvases == NULL)
        return gn_fail_memory(task->rules->err, "pileup images of one partition");
    for (int alt = 0; alt < task->painter->candidate->variant->alts.n && ret == GN_OK; alt++) {
        struct gn_picture picture;
        int n = list_canvases(task, images, alt, canvases);
        if (n == 0)
            continue;
        ret = make_picture(task, alt, &picture);
        if (ret == GN_OK)
            ret = gn_picture_paint(task->painter, &picture, canvases, n, first, n_channels);
    }
    return ret;
}
