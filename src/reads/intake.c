/* SPDX-License-Identifier: MIT
 *
 * intake.c - slots, their buffers, and the keys of reads.
 */
#include "reads/intake.h"

#include <htslib/khash.h>
#include <stdlib.h>
#include <string.h>

#include "reads/convert.h"
#include "reads/sampling.h"
#include "reads/split.h"

enum { MAX_SLOTS = 1 << 26 };

static inline khint_t hash_identity(const struct gn_read *read)
{
    return kh_str_hash_func(read->name) * 31 + read->read_number;
}

static inline bool is_same_read(const struct gn_read *a, const struct gn_read *b)
{
    return a->read_number == b->read_number && strcmp(a->name, b->name) == 0;
}

/* spec 10 section 1: a read's identity is its name and number. */
KHASH_INIT(identity, const struct gn_read *, uint32_t, 1, hash_identity, is_same_read)

/* The memory of one slot. */
struct buffer {
    uint8_t *data;
    size_t cap;
};

struct gn_intake {
    struct gn_read_options options;
    int64_t start0, end0;
    struct gn_crop_window window;
    struct gn_sampler sampler;
    struct gn_read *reads;  /* one per slot */
    struct buffer *buffers; /* one per slot */
    size_t reads_cap, buffers_cap, n_buffers;
    size_t held; /* bytes of all buffers */
    struct gn_base_pairs pairs;
    khash_t(identity) * keys; /* of the partition's reads */
};

struct gn_read_options gn_read_options_default(void)
{
    return (struct gn_read_options){.min_mapping_quality = 5,
                                    .max_reads_per_partition = 1500,
                                    .crop_margin = 50000,
                                    .max_bytes = GN_READ_BYTES_MAX};
}

static void free_buffers(gn_intake_t *intake)
{
    for (size_t i = 0; i < intake->n_buffers; i++)
        free(intake->buffers[i].data);
    intake->n_buffers = intake->held = 0;
}

static int add_slot(gn_intake_t *intake, size_t slot, gn_error_t *err)
{
    struct gn_read *reads = gn_reserve(intake->reads, &intake->reads_cap, slot + 1, sizeof *reads,
                                       MAX_SLOTS, "reads of one partition", err);
    if (reads == NULL)
        return GN_E_MEMORY;
    intake->reads = reads;
    struct buffer *buffers = gn_reserve(intake->buffers, &intake->buffers_cap, slot + 1,
                                        sizeof *buffers, MAX_SLOTS, "reads of one partition", err);
    if (buffers == NULL)
        return GN_E_MEMORY;
    intake->buffers = buffers;
    if (slot == intake->n_buffers)
        intake->buffers[intake->n_buffers++] = (struct buffer){NULL, 0};
    return GN_OK;
}

void gn_intake_destroy(gn_intake_t *intake)
{
    if (intake == NULL)
        return;
    free_buffers(intake);
    free(intake->buffers);
    free(intake->reads);
    if (intake->keys != NULL)
        kh_destroy(identity, intake->keys);
    gn_sampler_clear(&intake->sampler);
    free(intake);
}

gn_intake_t *gn_intake_create(const struct gn_read_options *options, gn_error_t *err)
{
    gn_intake_t *intake = calloc(1, sizeof *intake);
    if (intake != NULL)
        intake->keys = kh_init(identity);
    if (intake == NULL || intake->keys == NULL || add_slot(intake, 0, err) < 0) {
        gn_intake_destroy(intake);
        gn_fail_memory(err, "reads of one partition");
        return NULL;
    }
    intake->options = *options;
    if (options->max_bytes <= 0)
        intake->options.max_bytes = GN_READ_BYTES_MAX;
    gn_base_pairs_fill(&intake->pairs);
    return intake;
}

void gn_intake_start(gn_intake_t *intake, int64_t start0, int64_t end0)
{
    const struct gn_read_options *o = &intake->options;
    struct gn_sampling_limits limits = {.max_reads = o->max_reads_per_partition,
                                        .max_bases = o->max_reads_for_dynamic_bases_per_region *
                                                     (end0 - start0),
                                        .max_bytes = o->max_bytes};
    gn_sampler_start(&intake->sampler, &limits);
    intake->start0 = start0;
    intake->end0 = end0;
    intake->window = gn_crop_window(start0, end0, o->crop_margin);
    kh_clear(identity, intake->keys);
    if (intake->held > (size_t)o->max_bytes)
        free_buffers(intake);
}

/* spec 10 section 2. */
static bool passes_filters(const struct gn_read_options *o, const bam1_t *record,
                           struct gn_mt64 *sampling)
{
    uint16_t flag = record->core.flag;
    if ((flag & (BAM_FQCFAIL | BAM_FUNMAP)) || ((flag & BAM_FDUP) && !o->keep_duplicates) ||
        ((flag & BAM_FSECONDARY) && !o->keep_secondary_alignments) ||
        ((flag & BAM_FSUPPLEMENTARY) && !o->keep_supplementary_alignments))
        return false;
    bool has_mate = (flag & BAM_FPAIRED) && !(flag & BAM_FMUNMAP) && record->core.mtid >= 0;
    if (has_mate && !(flag & BAM_FPROPER_PAIR) && record->core.mtid != record->core.tid)
        return false;
    /* A position before the contig is a place of unmapped reads, whatever the flag says. */
    if (record->core.pos < 0 || record->core.qual < o->min_mapping_quality)
        return false;
    if (o->downsample_fraction > 0)
        return gn_mt64_uniform(sampling) <= (double)(float)o->downsample_fraction;
    return true;
}

static int64_t overlap_of(const gn_intake_t *intake, const bam1_t *record)
{
    int64_t from = record->core.pos > intake->start0 ? record->core.pos : intake->start0;
    int64_t end = bam_endpos(record);
    int64_t to = end < intake->end0 ? end : intake->end0;
    return to > from ? to - from : 0;
}

/* Makes room in a slot whose read is not wanted any more. Where memory is short a buffer that is much too large goes. */
static int reserve_buffer(gn_intake_t *intake, size_t slot, size_t bytes, gn_error_t *err)
{
    struct buffer *buffer = &intake->buffers[slot];
    bool is_short = intake->held > (size_t)intake->options.max_bytes;
    if (buffer->cap >= bytes && !(is_short && buffer->cap / 2 > bytes))
        return GN_OK;
    free(buffer->data);
    intake->held -= buffer->cap;
    *buffer = (struct buffer){malloc(bytes), bytes};
    if (buffer->data == NULL) {
        buffer->cap = 0;
        return gn_fail_memory(err, "reads of one partition");
    }
    intake->held += bytes;
    return GN_OK;
}

static int check_size(const gn_intake_t *intake, const bam1_t *record, int64_t bytes,
                      const char *path, gn_error_t *err)
{
    if (bytes <= intake->options.max_bytes)
        return GN_OK;
    return gn_fail(
        err, GN_E_MEMORY,
        "read %s in %s takes %lld MiB, more than all reads of a partition may (%lld MiB): "
        "remove it",
        bam_get_qname(record), path, (long long)(bytes >> 20),
        (long long)(intake->options.max_bytes >> 20));
}

int gn_intake_offer(gn_intake_t *intake, const bam1_t *record, const char *path,
                    struct gn_mt64 *sampling, gn_error_t *err)
{
    if (!passes_filters(&intake->options, record, sampling))
        return GN_OK;
    struct gn_conversion plan;
    gn_plan_conversion(record, &intake->options, &intake->window, &plan);
    int64_t bytes = (int64_t)(plan.bytes + sizeof(struct gn_read) + sizeof(struct buffer));
    int ret = check_size(intake, record, bytes, path, err);
    if (ret < 0)
        return ret;
    int64_t slot = gn_sampler_offer(
        &intake->sampler, (struct gn_sampled_read){overlap_of(intake, record), bytes}, err);
    if (slot < 0)
        return slot == -1 ? GN_OK : GN_E_MEMORY;
    ret = gn_check_record(record, &intake->options, path, err);
    if (ret == GN_OK)
        ret = add_slot(intake, (size_t)slot, err);
    if (ret == GN_OK)
        ret = reserve_buffer(intake, (size_t)slot, plan.bytes, err);
    if (ret == GN_OK)
        gn_convert_record(record, &intake->options, &plan, &intake->pairs,
                          intake->buffers[slot].data, &intake->reads[slot]);
    return ret;
}

static bool is_to_split(const gn_intake_t *intake, const struct gn_read *read)
{
    int limit = intake->options.split_max_read_length;
    return (limit == 0 || gn_read_original_length(read) <= limit) && gn_count_skips(read) > 0;
}

static int split_reads(gn_intake_t *intake, gn_arena_t *arena, struct gn_read_list *list,
                       gn_error_t *err)
{
    size_t room = list->n + 1;
    for (size_t i = 0; i < list->n; i++)
        room += (size_t)gn_count_skips(&list->v[i]);
    struct gn_read *parts = gn_arena_alloc(arena, room * sizeof *parts);
    if (parts == NULL)
        return gn_fail_memory(err, "reads of one partition");
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (!is_to_split(intake, &list->v[i])) {
            parts[n++] = list->v[i];
            continue;
        }
        int made = gn_split_read(&list->v[i], parts + n, arena, err);
        if (made < 0)
            return made;
        n += (size_t)made;
    }
    list->v = parts;
    list->n = n;
    return GN_OK;
}

/* Numbers the reads: equal identities, equal numbers. */
static int assign_keys(gn_intake_t *intake, struct gn_read_list *list, gn_error_t *err)
{
    list->keys_are_unique = true;
    for (size_t i = 0; i < list->n; i++) {
        struct gn_read *read = &list->v[i];
        int absent;
        khint_t at = kh_put(identity, intake->keys, read, &absent);
        if (absent < 0)
            return gn_fail_memory(err, "reads of one partition");
        if (absent != 0)
            kh_value(intake->keys, at) = kh_size(intake->keys) - 1;
        list->keys_are_unique = list->keys_are_unique && absent != 0;
        read->key = kh_value(intake->keys, at);
    }
    return GN_OK;
}

int gn_intake_finish(gn_intake_t *intake, gn_arena_t *arena, struct gn_read_list *reads,
                     gn_error_t *err)
{
    *reads =
        (struct gn_read_list){.v = intake->reads, .n = (size_t)gn_sampler_finish(&intake->sampler)};
    int ret = GN_OK;
    if (intake->options.split_skip_reads)
        ret = split_reads(intake, arena, reads, err);
    return ret == GN_OK ? assign_keys(intake, reads, err) : ret;
}
