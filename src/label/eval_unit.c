/* SPDX-License-Identifier: MIT
 *
 * eval_unit.c - trimming, splitting of substitutions of several bases, and how far an indel can
 * be shifted.
 */
#include "label/eval_unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_SHIFT = 1000 }; /* bases that an indel is followed to either side */
static const size_t MOST_UNITS = (size_t)1 << 28;

bool gn_edit_equal(const struct gn_edit *a, const struct gn_edit *b)
{
    if (a->alt == NULL || b->alt == NULL)
        return a->alt == b->alt;
    return a->start0 == b->start0 && a->end0 == b->end0 && a->length == b->length &&
           memcmp(a->alt, b->alt, (size_t)a->length) == 0;
}

/* The edit of one allele: common suffix, then common prefix removed. */
static struct gn_edit trim(const struct gn_variant *variant, int allele)
{
    struct gn_edit edit = {.start0 = variant->start0, .end0 = variant->end0};
    if (allele <= 0 || !gn_allele_is_sequence(variant->alts.v[allele - 1]))
        return edit;
    const char *ref = variant->ref, *alt = variant->alts.v[allele - 1];
    int n_ref = (int)strlen(ref), n_alt = (int)strlen(alt), prefix = 0;
    while (n_ref > 0 && n_alt > 0 && ref[n_ref - 1] == alt[n_alt - 1]) {
        n_ref--;
        n_alt--;
    }
    while (prefix < n_ref && prefix < n_alt && ref[prefix] == alt[prefix])
        prefix++;
    if (n_ref == 0 && n_alt == 0)
        return edit;
    return (struct gn_edit){variant->start0 + prefix, variant->start0 + n_ref, alt + prefix,
                            n_alt - prefix};
}

static bool is_substitution(const struct gn_edit *edit)
{
    return edit->alt == NULL || edit->end0 - edit->start0 == edit->length;
}

static int push(struct gn_eval_units *units, struct gn_eval_unit unit,
                const struct gn_variant *variant, gn_error_t *err)
{
    const struct gn_edit *edits = unit.edits;
    if (edits[0].alt == NULL && edits[1].alt == NULL)
        return GN_OK;
    const struct gn_edit *first = edits[0].alt == NULL ? &edits[1] : &edits[0];
    unit.span_start0 = first->start0;
    unit.span_end0 = first->end0;
    unit.scores[GN_EVAL_QUAL] = variant->quality < 0 ? -1 : variant->quality;
    unit.scores[GN_EVAL_GQ] = variant->gq.n > 0 ? variant->gq.v[0] : -1;
    unit.is_het = !gn_edit_equal(&edits[0], &edits[1]);
    unit.is_snv = true;
    for (int h = 0; h < 2; h++) {
        if (edits[h].alt == NULL)
            continue;
        unit.is_snv &= edits[h].length == 1 && edits[h].end0 - edits[h].start0 == 1;
        if (edits[h].start0 < unit.span_start0)
            unit.span_start0 = edits[h].start0;
        if (edits[h].end0 > unit.span_end0)
            unit.span_end0 = edits[h].end0;
    }
    bool is_substituting = is_substitution(&edits[0]) && is_substitution(&edits[1]);
    unit.anchor0 = unit.span_start0 - (is_substituting || unit.span_start0 == 0 ? 0 : 1);
    struct gn_eval_unit *v = gn_reserve(units->v, &units->cap, units->n + 1, sizeof *v, MOST_UNITS,
                                        "variants to compare", err);
    if (v == NULL)
        return GN_E_MEMORY;
    units->v = v;
    v[units->n++] = unit;
    return GN_OK;
}

/* The part of a substitution at one base; reference when that base does not change. */
static struct gn_edit base_of(const struct gn_edit *edit, const struct gn_variant *variant,
                              int64_t pos0)
{
    struct gn_edit part = {.start0 = pos0, .end0 = pos0 + 1};
    if (edit->alt == NULL || pos0 < edit->start0 || pos0 >= edit->end0)
        return part;
    const char *base = edit->alt + (pos0 - edit->start0);
    if (*base == variant->ref[pos0 - variant->start0])
        return part;
    part.alt = base;
    part.length = 1;
    return part;
}

/* A VCF of another reference would match nothing, or worse, something. */
static int check_reference(const struct gn_variant *variant, int contig, gn_fasta_t *fasta,
                           gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(fasta);
    const char *ref = NULL;
    if (variant->end0 <= contigs->lengths[contig]) {
        ref = gn_fasta_peek(fasta, contig, variant->start0, variant->end0, err);
        if (ref == NULL)
            return err->code;
    }
    for (int64_t i = 0; ref != NULL && i < variant->end0 - variant->start0; i++)
        if (ref[i] != variant->ref[i] && strchr("ACGT", ref[i]) && strchr("ACGT", variant->ref[i]))
            ref = NULL;
    if (ref != NULL)
        return GN_OK;
    return gn_fail(err, GN_E_MISMATCH,
                   "the record at %s:%lld has REF %.20s, which the reference has not: use the "
                   "reference on which the VCF was made",
                   variant->contig, (long long)variant->start0 + 1, variant->ref);
}

static int add_record(struct gn_eval_units *units, const struct gn_truth *records, size_t i,
                      gn_error_t *err)
{
    const struct gn_variant *variant = records->v[i];
    int contig = records->contigs[i];
    const struct gn_ints *gt = &variant->genotype;
    if (gt->n == 0)
        return GN_OK;
    struct gn_eval_unit unit = {.contig = contig, .record = i};
    for (int h = 0; h < 2; h++)
        unit.edits[h] = trim(variant, gt->v[h < gt->n ? h : 0]);
    if (!is_substitution(&unit.edits[0]) || !is_substitution(&unit.edits[1]))
        return push(units, unit, variant, err);
    size_t n_before = units->n;
    int code = GN_OK;
    for (int64_t pos0 = variant->start0; pos0 < variant->end0 && code == GN_OK; pos0++) {
        struct gn_eval_unit part = {.contig = contig, .record = i};
        for (int h = 0; h < 2; h++)
            part.edits[h] = base_of(&unit.edits[h], variant, pos0);
        code = push(units, part, variant, err);
    }
    for (size_t k = n_before; k < units->n && units->n - n_before > 1; k++)
        units->v[k].is_mnv = true;
    return code;
}

/* Widens the unit's span by how far a pure insertion or deletion can be shifted to either side. */
static void widen(struct gn_eval_unit *unit, const struct gn_edit *edit, const char *ref,
                  int64_t first0, int64_t end0)
{
    int64_t n_deleted = edit->end0 - edit->start0, left = 0, right = 0;
    if (edit->alt == NULL || (n_deleted > 0) == (edit->length > 0))
        return;
    int64_t n = n_deleted + edit->length; /* period of the shift */
    /* a shift is possible while the base that it passes equals the one a period away */
    for (; edit->start0 - left - 1 >= first0 && left < MOST_SHIFT; left++) {
        int64_t k = n - 1 - left; /* that base: inside the change while k >= 0 */
        const char *changed = n_deleted > 0 ? ref + (edit->start0 - first0) : edit->alt;
        char last = k >= 0 ? changed[k] : ref[edit->start0 + k - first0];
        if (ref[edit->start0 - left - 1 - first0] != last)
            break;
    }
    for (; edit->end0 + right < end0 && right < MOST_SHIFT; right++) {
        const char *changed = n_deleted > 0 ? ref + (edit->start0 - first0) : edit->alt;
        char next = right < n ? changed[right] : ref[edit->end0 + right - n - first0];
        if (ref[edit->end0 + right - first0] != next)
            break;
    }
    if (edit->start0 - left < unit->span_start0)
        unit->span_start0 = edit->start0 - left;
    if (edit->end0 + right > unit->span_end0)
        unit->span_end0 = edit->end0 + right;
}

static int widen_spans(struct gn_eval_units *units, gn_fasta_t *fasta, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(fasta);
    for (size_t i = 0; i < units->n; i++) {
        struct gn_eval_unit *unit = &units->v[i];
        int64_t length = contigs->lengths[unit->contig];
        if (unit->is_snv)
            continue;
        int64_t first0 = unit->span_start0 > MOST_SHIFT ? unit->span_start0 - MOST_SHIFT : 0;
        int64_t end0 =
            unit->span_end0 + MOST_SHIFT < length ? unit->span_end0 + MOST_SHIFT : length;
        const char *ref = gn_fasta_peek(fasta, unit->contig, first0, end0, err);
        if (ref == NULL)
            return err->code;
        for (int h = 0; h < 2; h++)
            widen(unit, &unit->edits[h], ref, first0, end0);
    }
    return GN_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct gn_eval_unit *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->span_start0 != y->span_start0)
        return x->span_start0 < y->span_start0 ? -1 : 1;
    if (x->span_end0 != y->span_end0)
        return x->span_end0 < y->span_end0 ? -1 : 1;
    if (x->anchor0 != y->anchor0)
        return x->anchor0 < y->anchor0 ? -1 : 1;
    return 0;
}

int gn_eval_units_add(struct gn_eval_units *units, const struct gn_truth *records,
                      gn_fasta_t *fasta, gn_error_t *err)
{
    for (size_t i = 0; i < records->n; i++) {
        int code =
            fasta == NULL ? GN_OK : check_reference(records->v[i], records->contigs[i], fasta, err);
        if (code == GN_OK)
            code = add_record(units, records, i, err);
        if (code < 0)
            return code;
    }
    int code = fasta == NULL ? GN_OK : widen_spans(units, fasta, err);
    if (code == GN_OK && units->n > 1)
        qsort(units->v, units->n, sizeof *units->v, by_place);
    return code;
}

void gn_eval_units_clear(struct gn_eval_units *units)
{
    free(units->v);
    *units = (struct gn_eval_units){NULL, 0, 0};
}
