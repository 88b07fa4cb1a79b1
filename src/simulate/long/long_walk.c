/* SPDX-License-Identifier: MIT
 *
 * long_walk.c - decodes a record, brings its alignment into normal form, then goes along it once.
 */
#include "simulate/long/long_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_BASES = 1 << 24 };

static int reserve(struct gn_long_walk *walk, gn_error_t *err)
{
    size_t n = (size_t)walk->n_read + 1, m = (size_t)walk->n_ref + 1;
    static const char what[] = "a read to learn from";
    void *p;
    if ((p = gn_reserve(walk->read, &walk->cap_read, n, 1, MOST_BASES, what, err)) == NULL)
        return GN_E_MEMORY;
    walk->read = p;
    if ((p = gn_reserve(walk->states, &walk->cap_states, n, 1, MOST_BASES, what, err)) == NULL)
        return GN_E_MEMORY;
    walk->states = p;
    if ((p = gn_reserve(walk->origins, &walk->cap_origins, n, sizeof *walk->origins, MOST_BASES,
                        what, err)) == NULL)
        return GN_E_MEMORY;
    walk->origins = p;
    if ((p = gn_reserve(walk->ref, &walk->cap_ref, m, 1, MOST_BASES, what, err)) == NULL)
        return GN_E_MEMORY;
    walk->ref = p;
    if ((p = gn_reserve(walk->usable, &walk->cap_usable, m, sizeof *walk->usable, MOST_BASES, what,
                        err)) == NULL)
        return GN_E_MEMORY;
    walk->usable = p;
    if ((p = gn_reserve(walk->contexts, &walk->cap_contexts, m, sizeof *walk->contexts, MOST_BASES,
                        what, err)) == NULL)
        return GN_E_MEMORY;
    walk->contexts = p;
    return GN_OK;
}

static void fill_usable(struct gn_long_walk *walk, int contig, const struct gn_ranges *usable)
{
    memset(walk->usable, 0, (size_t)walk->n_ref * sizeof *walk->usable);
    size_t low = 0, high = usable->n;
    while (low < high) { /* first range that ends after the read's start */
        size_t middle = low + (high - low) / 2;
        const struct gn_range *range = &usable->v[middle];
        bool is_before =
            range->contig < contig || (range->contig == contig && range->end0 <= walk->pos0);
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    for (size_t i = low; i < usable->n; i++) {
        const struct gn_range *range = &usable->v[i];
        int64_t start = range->start0 - walk->pos0, end = range->end0 - walk->pos0;
        if (range->contig != contig || start >= walk->n_ref)
            break;
        start = start > 0 ? start : 0;
        end = end < walk->n_ref ? end : walk->n_ref;
        memset(walk->usable + start, 1, (size_t)(end - start) * sizeof *walk->usable);
    }
}

static int take_alignment(struct gn_long_walk *walk, const bam1_t *record, gn_error_t *err)
{
    const uint32_t *cigar = bam_get_cigar(record);
    int code = GN_OK;
    gn_long_alignment_start(&walk->alignment, 0);
    walk->clip[0] = walk->clip[1] = 0;
    for (uint32_t i = 0; i < record->core.n_cigar && code == GN_OK; i++) {
        int op = bam_cigar_op(cigar[i]), n = (int)bam_cigar_oplen(cigar[i]);
        if (op == BAM_CSOFT_CLIP)
            walk->clip[walk->alignment.n > 0] += n;
        else if (bam_cigar_type(op) == 3)
            code = gn_long_alignment_push(&walk->alignment, BAM_CMATCH, n, err);
        else if (op == BAM_CINS || op == BAM_CDEL)
            code = gn_long_alignment_push(&walk->alignment, op, n, err);
    }
    walk->alignment.clip_left = walk->clip[0];
    walk->alignment.clip_right = walk->clip[1];
    struct gn_long_pairing pairing = {walk->read, walk->ref, 0};
    return code < 0 ? code : gn_long_alignment_normalise(&walk->alignment, &pairing, err);
}

static bool continues_repeat(const struct gn_long_walk *walk, const struct gn_long_event *event)
{
    const struct gn_long_base *base = &walk->contexts[event->ref];
    if (!base->starts_repeat || event->n % base->unit != 0)
        return false;
    for (int i = 0; !event->is_deletion && i < event->n; i++)
        if (walk->read[event->read + i] != walk->ref[event->ref + i % base->unit])
            return false;
    return !event->is_deletion || event->n < base->copies * base->unit;
}

static bool continues_run(const struct gn_long_walk *walk, const struct gn_long_event *event)
{
    for (int i = 0; i < event->n; i++)
        if (walk->read[event->read + i] != walk->ref[event->ref])
            return false;
    return true;
}

/* Bases from event->ref on that lie beside the indel, as the sequencer counts them. */
static int64_t reach_of(const struct gn_long_walk *walk, const struct gn_long_event *event)
{
    const struct gn_long_base *base = &walk->contexts[event->ref];
    if (event->is_repeat)
        return (int64_t)base->copies * base->unit;
    int64_t run = base->run - base->index;
    return event->is_deletion && event->n > run ? event->n : run;
}

static int add_event(struct gn_long_walk *walk, struct gn_long_event event, int64_t *erred_upto,
                     gn_error_t *err)
{
    struct gn_long_event *v = gn_reserve(walk->events, &walk->cap_events, walk->n_events + 1,
                                         sizeof *v, MOST_BASES, "indels of a read", err);
    if (v == NULL)
        return GN_E_MEMORY;
    walk->events = v;
    event.is_usable = walk->usable[event.ref];
    event.is_repeat = continues_repeat(walk, &event);
    event.is_stray = !event.is_deletion && !event.is_repeat && !continues_run(walk, &event);
    v[walk->n_events++] = event;
    if (event.read > 0 && walk->states[event.read - 1] == GN_LONG_PLAIN)
        walk->states[event.read - 1] = GN_LONG_ERRED;
    int64_t upto = event.ref + reach_of(walk, &event);
    *erred_upto = upto > *erred_upto ? upto : *erred_upto;
    return GN_OK;
}

static int go_along(struct gn_long_walk *walk, gn_error_t *err)
{
    const struct gn_long_alignment *alignment = &walk->alignment;
    int64_t read = alignment->clip_left, ref = alignment->pos0, erred_upto = -1;
    int code = GN_OK;
    walk->n_events = 0;
    for (int64_t i = 0; i < walk->n_read; i++) {
        walk->states[i] = GN_LONG_PLAIN;
        walk->origins[i] = -1;
    }
    for (size_t i = 0; i < alignment->n && code == GN_OK; i++) {
        struct gn_long_op op = alignment->v[i];
        if (op.op != BAM_CMATCH)
            code = add_event(
                walk,
                (struct gn_long_event){
                    .is_deletion = op.op == BAM_CDEL, .read = read, .ref = ref, .n = op.n},
                &erred_upto, err);
        for (int32_t k = 0; k < op.n && op.op != BAM_CDEL; k++) {
            int64_t at = op.op == BAM_CMATCH ? ref + k : ref;
            walk->origins[read + k] = at;
            walk->states[read + k] = op.op == BAM_CINS  ? GN_LONG_INSERTED
                                     : at <= erred_upto ? GN_LONG_ERRED
                                                        : GN_LONG_PLAIN;
        }
        read += op.op == BAM_CDEL ? 0 : op.n;
        ref += op.op == BAM_CINS ? 0 : op.n;
    }
    return code;
}

static bool teaches(const bam1_t *record)
{
    enum { UNWANTED = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FDUP | BAM_FQCFAIL };
    if ((record->core.flag & UNWANTED) != 0 || record->core.l_qseq <= 0 ||
        record->core.n_cigar == 0)
        return false;
    const uint32_t *cigar = bam_get_cigar(record);
    for (uint32_t i = 0; i < record->core.n_cigar; i++)
        if (bam_cigar_op(cigar[i]) == BAM_CREF_SKIP || bam_cigar_op(cigar[i]) == BAM_CPAD)
            return false;
    return bam_cigar2qlen((int)record->core.n_cigar, cigar) == record->core.l_qseq;
}

int gn_long_walk(struct gn_long_walk *walk, const bam1_t *record, gn_fasta_t *fasta, int contig,
                 const struct gn_ranges *usable, gn_error_t *err)
{
    if (!teaches(record))
        return 0;
    walk->pos0 = record->core.pos;
    walk->n_ref = bam_endpos(record) - walk->pos0;
    walk->n_read = record->core.l_qseq;
    walk->is_reverse = bam_is_rev(record);
    walk->qualities = bam_get_qual(record);
    walk->has_qualities = walk->qualities[0] != 0xff;
    if (walk->pos0 + walk->n_ref > gn_fasta_contigs(fasta)->lengths[contig])
        return 0;
    int code = reserve(walk, err);
    if (code < 0)
        return code;
    const char *ref = gn_fasta_peek(fasta, contig, walk->pos0, walk->pos0 + walk->n_ref, err);
    if (ref == NULL)
        return err == NULL ? GN_E_DATA : err->code;
    memcpy(walk->ref, ref, (size_t)walk->n_ref);
    for (int64_t i = 0; i < walk->n_read; i++)
        walk->read[i] = seq_nt16_str[bam_seqi(bam_get_seq(record), i)];
    gn_long_contexts(walk->ref, walk->n_ref, walk->contexts);
    fill_usable(walk, contig, usable);
    code = take_alignment(walk, record, err);
    if (code == GN_OK)
        code = go_along(walk, err);
    return code < 0 ? code : 1;
}

void gn_long_walk_free(struct gn_long_walk *walk)
{
    free(walk->read);
    free(walk->ref);
    free(walk->usable);
    free(walk->contexts);
    free(walk->states);
    free(walk->origins);
    free(walk->events);
    gn_long_alignment_free(&walk->alignment);
    *walk = (struct gn_long_walk){0};
}
