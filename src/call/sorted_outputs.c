/* SPDX-License-Identifier: MIT
 *
 * sorted_outputs.c - packed network outputs and their sort keys.
 */
#include "call/sorted_outputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/tfrecord.h"

static const size_t max_outputs = (size_t)1 << 31;
static const size_t max_bytes = (size_t)64 << 30;

struct entry {
    struct gn_position start;
    int64_t end0;
    size_t order; /* of loading */
    const uint8_t *data;
    size_t len;
};

struct gn_sorted_outputs {
    const struct gn_contigs *contigs;
    const struct gn_ranges *regions;
    gn_arena_t *bytes;
    struct entry *entries;
    size_t n, capacity, next;
    char *sample;
};

gn_sorted_outputs_t *gn_sorted_outputs_create(const struct gn_contigs *contigs,
                                              const struct gn_ranges *regions, gn_error_t *err)
{
    gn_sorted_outputs_t *outputs = calloc(1, sizeof *outputs);
    gn_arena_t *bytes = gn_arena_create(max_bytes);
    if (outputs == NULL || bytes == NULL) {
        gn_fail_memory(err, "network outputs");
        free(outputs);
        gn_arena_destroy(bytes);
        return NULL;
    }
    outputs->contigs = contigs;
    outputs->regions = regions;
    outputs->bytes = bytes;
    return outputs;
}

void gn_sorted_outputs_destroy(gn_sorted_outputs_t *outputs)
{
    if (outputs == NULL)
        return;
    gn_arena_destroy(outputs->bytes);
    free(outputs->entries);
    free(outputs->sample);
    free(outputs);
}

static int take_sample(gn_sorted_outputs_t *outputs, const struct gn_variant *variant,
                       gn_error_t *err)
{
    if (!variant->has_call)
        return gn_fail(err, GN_E_DATA, "the network output at %s:%lld has no call of a sample",
                       variant->contig, (long long)variant->start0 + 1);
    if (outputs->sample != NULL)
        return GN_OK;
    if (variant->sample == NULL || variant->sample[0] == '\0')
        return gn_fail(
            err, GN_E_DATA,
            "the first network output names no sample: make the examples with a sample name");
    return gn_text_set(&outputs->sample, variant->sample, err);
}

static int add_entry(gn_sorted_outputs_t *outputs, struct entry entry, gn_error_t *err)
{
    struct entry *grown = gn_reserve(outputs->entries, &outputs->capacity, outputs->n + 1,
                                     sizeof *grown, max_outputs, "network outputs", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    outputs->entries = grown;
    uint8_t *copy = gn_arena_alloc(outputs->bytes, entry.len);
    if (copy == NULL)
        return gn_fail_memory(err, "network outputs");
    memcpy(copy, entry.data, entry.len);
    entry.data = copy;
    entry.order = outputs->n;
    outputs->entries[outputs->n++] = entry;
    return GN_OK;
}

static int add_record(gn_sorted_outputs_t *outputs, const uint8_t *data, size_t len,
                      gn_error_t *err)
{
    struct gn_call_output *output = gn_call_output_unpack(data, len, err);
    if (output == NULL)
        return GN_E_DATA;
    const struct gn_variant *variant = output->variant;
    int contig = gn_contigs_find(outputs->contigs, variant->contig);
    int status = take_sample(outputs, variant, err);
    if (status == GN_OK && contig < 0)
        status = gn_fail(
            err, GN_E_MISMATCH,
            "contig '%s' is not in the reference: use the reference that the reads were aligned to",
            variant->contig);
    if (status == GN_OK && (outputs->regions == NULL ||
                            gn_ranges_contain(outputs->regions, contig, variant->start0))) {
        struct entry entry = {
            .start = {contig, variant->start0}, .end0 = variant->end0, .data = data, .len = len};
        status = add_entry(outputs, entry, err);
    }
    gn_call_output_free(output);
    return status;
}

int gn_sorted_outputs_load(gn_sorted_outputs_t *outputs, const char *path, gn_error_t *err)
{
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, err);
    if (reader == NULL)
        return GN_E_NO_INPUT;
    const uint8_t *data;
    size_t len;
    int status;
    while ((status = gn_tfrecord_next(reader, &data, &len, err)) > 0) {
        status = add_record(outputs, data, len, err);
        if (status < 0) {
            gn_error_prefix(err, "'%s'", path);
            break;
        }
    }
    gn_tfrecord_reader_close(reader);
    return status;
}

const char *gn_sorted_outputs_sample(const gn_sorted_outputs_t *outputs)
{
    return outputs->sample;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = gn_position_compare(left->start, right->start);
    if (order == 0)
        order = (left->end0 > right->end0) - (left->end0 < right->end0);
    return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

void gn_sorted_outputs_sort(gn_sorted_outputs_t *outputs)
{
    if (outputs->n > 0)
        qsort(outputs->entries, outputs->n, sizeof *outputs->entries, compare_entries);
}

bool gn_sorted_outputs_peek(const gn_sorted_outputs_t *outputs, struct gn_position *start)
{
    if (outputs->next == outputs->n)
        return false;
    *start = outputs->entries[outputs->next].start;
    return true;
}

struct gn_call_output *gn_sorted_outputs_next(gn_sorted_outputs_t *outputs, gn_error_t *err)
{
    if (outputs->next == outputs->n)
        return NULL;
    const struct entry *entry = &outputs->entries[outputs->next++];
    return gn_call_output_unpack(entry->data, entry->len, err);
}
