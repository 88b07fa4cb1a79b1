/* SPDX-License-Identifier: MIT
 *
 * example.c - packing.
 */
#include "call/example.h"

#include <htslib/kstring.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MAX_RECORDS = 1 << 24 };

void gn_records_clear(struct gn_record_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i].data);
    free(list->v);
    *list = (struct gn_record_list){NULL, 0, 0};
}

int gn_records_push(struct gn_record_list *list, struct gn_bytes record, gn_error_t *err)
{
    struct gn_bytes *v = gn_reserve(list->v, &list->cap, list->n + 1, sizeof *v, MAX_RECORDS,
                                    "records of one partition", err);
    if (v == NULL) {
        free(record.data);
        return GN_E_MEMORY;
    }
    list->v = v;
    v[list->n++] = record;
    return GN_OK;
}

int gn_examples_pack(const struct gn_variant *variant, const struct gn_pileup_images *images,
                     const struct gn_pileup_options *pileup, const int *labels,
                     struct gn_record_list *out, gn_error_t *err)
{
    struct gn_bytes packed_variant = {NULL, 0};
    kstring_t locus = {0, 0, NULL};
    int height = gn_pileup_image_height(pileup);
    int ret = gn_variant_pack(variant, &packed_variant, err);
    if (ret == GN_OK && ksprintf(&locus, "%s:%lld-%lld", variant->contig,
                                 (long long)variant->start0 + 1, (long long)variant->end0) < 0)
        ret = gn_fail_memory(err, "examples of one partition");
    for (int i = 0; i < images->n && ret == GN_OK; i++) {
        struct gn_pileup_image *image = &images->v[i];
        size_t size = (size_t)height * (size_t)pileup->width * (size_t)pileup->n_channels;
        struct gn_example example = {.variant = packed_variant,
                                     .alt_indices = {image->alts, image->n_alts},
                                     .locus = locus.s,
                                     .variant_type = gn_variant_type(variant),
                                     .sequencing_type = pileup->sequencing_type,
                                     .label = labels == NULL ? -1 : labels[i],
                                     .height = height,
                                     .width = pileup->width,
                                     .channels = pileup->n_channels,
                                     .image = {image->pixels, size}};
        struct gn_bytes record = {NULL, 0};
        ret = gn_example_pack(&example, &record, err);
        if (ret == GN_OK)
            ret = gn_records_push(out, record, err);
    }
    free(packed_variant.data);
    free(locus.s);
    return ret;
}

char *gn_example_info_text(const struct gn_pileup_options *pileup, bool has_images)
{
    kstring_t text = {0, 0, NULL};
    /* PARITY(dv-1.9): readers look at this version, so it is the one whose format this is. */
    kputs("{\"version\": \"1.9.0\", \"shape\": ", &text);
    if (has_images)
        ksprintf(&text, "[%d, %d, %d]", gn_pileup_image_height(pileup), pileup->width,
                 pileup->n_channels);
    else
        kputs("null", &text);
    kputs(", \"channels\": [", &text);
    for (int i = 0; i < pileup->n_channels; i++)
        ksprintf(&text, "%s%d", i > 0 ? ", " : "", pileup->channels[i]);
    kputs("]}", &text);
    return text.s;
}
