/* SPDX-License-Identifier: MIT
 *
 * eval_strata.c - strata from a unit's edits and the reference bases beside them.
 */
#include "label/eval_strata.h"

enum { AROUND = 60 }; /* reference bases looked at to either side */

static const struct {
    const char *family, *name;
} STRATA[GN_EVAL_STRATA] = {
    {"type", "SNV"},        {"type", "MNV"},        {"type", "insertion"},
    {"type", "deletion"},   {"type", "complex"},    {"length", "1"},
    {"length", "2-5"},      {"length", "6-15"},     {"length", "16-50"},
    {"length", ">50"},      {"homopolymer", "1-3"}, {"homopolymer", "4-6"},
    {"homopolymer", "7-9"}, {"homopolymer", "10+"}, {"repeat", "of 2-4 bases"},
    {"repeat", "none"},
};

const char *gn_stratum_family(enum gn_eval_stratum stratum)
{
    return STRATA[stratum].family;
}

const char *gn_stratum_name(enum gn_eval_stratum stratum)
{
    return STRATA[stratum].name;
}

static enum gn_eval_stratum type_of_edit(const struct gn_edit *edit)
{
    int64_t n_deleted = edit->end0 - edit->start0;
    if (n_deleted == edit->length)
        return GN_STRATUM_SNV;
    return n_deleted == 0      ? GN_STRATUM_INSERTION
           : edit->length == 0 ? GN_STRATUM_DELETION
                               : GN_STRATUM_COMPLEX;
}

static enum gn_eval_stratum type_of(const struct gn_eval_unit *unit)
{
    if (unit->is_snv)
        return unit->is_mnv ? GN_STRATUM_MNV : GN_STRATUM_SNV;
    const struct gn_edit *a = &unit->edits[0], *b = &unit->edits[1];
    if (a->alt == NULL || b->alt == NULL)
        return type_of_edit(a->alt == NULL ? b : a);
    return type_of_edit(a) == type_of_edit(b) ? type_of_edit(a) : GN_STRATUM_COMPLEX;
}

/* Bases inserted or deleted, whichever are more, of the longer allele. */
static int64_t length_of(const struct gn_eval_unit *unit)
{
    int64_t longest = 0;
    for (int h = 0; h < 2; h++) {
        const struct gn_edit *edit = &unit->edits[h];
        int64_t n = edit->end0 - edit->start0;
        if (edit->alt == NULL)
            continue;
        n = n > edit->length ? n : edit->length;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* The last stratum from `first` on whose lower bound the value reaches. */
static enum gn_eval_stratum bin(enum gn_eval_stratum first, int64_t value, const int *bounds, int n)
{
    int i = 0;
    while (i + 1 < n && value >= bounds[i + 1])
        i++;
    return (enum gn_eval_stratum)((int)first + i);
}

int gn_longest_run(const char *bases, int n, int first, int end)
{
    int longest = 0;
    for (int i = 0, next; i < n && i < end; i = next) {
        next = i + 1;
        while (next < n && bases[next] == bases[i])
            next++;
        if (next > first && next - i > longest)
            longest = next - i;
    }
    return longest;
}

static bool is_one_base(const char *bases, int n)
{
    int i = 1;
    while (i < n && bases[i] == bases[0])
        i++;
    return i == n;
}

bool gn_touches_repeat(const char *bases, int n, int first, int end)
{
    for (int period = 2; period <= 4; period++) {
        int least = period == 2 ? 8 : 3 * period;
        for (int i = 0, next; i + period < n && i < end; i = next) {
            int k = i + period;
            while (k < n && bases[k] == bases[k - period])
                k++;
            next = k - period + 1; /* no stretch from a base before this one is longer */
            if (k - i >= least && k > first && !is_one_base(bases + i, period))
                return true;
        }
    }
    return false;
}

static int context_of(const struct gn_eval_unit *unit, gn_fasta_t *fasta,
                      enum gn_eval_stratum strata[2], gn_error_t *err)
{
    static const int runs[] = {1, 4, 7, 10};
    int64_t length = gn_fasta_contigs(fasta)->lengths[unit->contig];
    int64_t start0 = unit->span_start0 > AROUND ? unit->span_start0 - AROUND : 0;
    int64_t end0 = unit->span_end0 + AROUND < length ? unit->span_end0 + AROUND : length;
    const char *ref = gn_fasta_peek(fasta, unit->contig, start0, end0, err);
    if (ref == NULL)
        return err->code;
    int first = (int)(unit->span_start0 - start0) - 1, end = (int)(unit->span_end0 - start0) + 1;
    int n = (int)(end0 - start0);
    first = first > 0 ? first : 0;
    strata[0] = bin(GN_STRATUM_RUN_1, gn_longest_run(ref, n, first, end), runs, 4);
    strata[1] = gn_touches_repeat(ref, n, first, end) ? GN_STRATUM_REPEAT : GN_STRATUM_NO_REPEAT;
    return 2;
}

int gn_unit_strata(const struct gn_eval_unit *unit, gn_fasta_t *fasta,
                   enum gn_eval_stratum strata[GN_STRATUM_FAMILIES], gn_error_t *err)
{
    static const int lengths[] = {1, 2, 6, 16, 51};
    int n = 0;
    strata[n++] = type_of(unit);
    if (!unit->is_snv)
        strata[n++] = bin(GN_STRATUM_LENGTH_1, length_of(unit), lengths, 5);
    if (fasta == NULL)
        return n;
    int more = context_of(unit, fasta, strata + n, err);
    return more < 0 ? more : n + more;
}
