/* SPDX-License-Identifier: MIT
 *
 * ssw.c - local alignment: a pass for the end, a reversed pass for the begin, a traceback between (spec 30 section 6).
 */
#include "realign/ssw.h"

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "realign/ssw_pass.h"
#include "realign/ssw_traceback.h"

enum { ALIGNMENT = 32, TRACE_SPAN_MAX = 32768 };

static const size_t query_limit = (size_t)1 << 22, states_limit = (size_t)1 << 27;

/* One query, forwards or backwards, ready for passes. */
struct oriented_query {
    uint8_t *codes;
    size_t codes_cap;
    int16_t *profile; /* unaligned allocation */
    size_t profile_cap;
    int n;
};

struct gn_ssw {
    struct gn_ssw_scores scores;
    gn_ssw_pass_fn *pass;
    gn_ssw_sibling_fn *sibling; /* NULL: targets are walked whole */
    int lanes;                  /* of the passes; 0: they read the query, not the profile */
    struct oriented_query forward, backward;
    int16_t *columns; /* unaligned allocation */
    size_t columns_cap;
    struct gn_ssw_trail trail;
    int16_t *states; /* of the trail, unaligned allocation */
    size_t states_cap;
    int *bests; /* of the trail */
    size_t bests_cap;
    int longest_target; /* that the trail has room for */
    struct gn_ssw_traceback trace;
    uint32_t *cigar;
    size_t cigar_cap;
};

static bool choose_pass(gn_ssw_t *ssw, enum gn_ssw_isa isa)
{
#ifdef __SSE2__
    bool has_avx2 = __builtin_cpu_supports("avx2");
    if (has_avx2 && (isa == GN_SSW_AVX2 || isa == GN_SSW_BEST)) {
        ssw->pass = gn_ssw_pass_avx2;
        ssw->sibling = gn_ssw_sibling_avx2;
        ssw->lanes = 16;
        return true;
    }
    if (isa == GN_SSW_SSE2 || isa == GN_SSW_BEST) {
        ssw->pass = gn_ssw_pass_sse2;
        ssw->sibling = gn_ssw_sibling_sse2;
        ssw->lanes = 8;
        return true;
    }
#endif
    ssw->pass = gn_ssw_pass_scalar;
    ssw->lanes = 0;
    return isa == GN_SSW_SCALAR || isa == GN_SSW_BEST;
}

gn_ssw_t *gn_ssw_create(const struct gn_ssw_scores *scores, enum gn_ssw_isa isa, gn_error_t *err)
{
    gn_ssw_t *ssw = calloc(1, sizeof *ssw);
    if (ssw == NULL) {
        gn_fail_memory(err, "an aligner");
        return NULL;
    }
    ssw->scores = *scores;
    if (!choose_pass(ssw, isa)) {
        gn_fail(err, GN_E_UNAVAILABLE,
                "this CPU has no such vector instructions: choose another pass");
        free(ssw);
        return NULL;
    }
    return ssw;
}

static void clear_query(struct oriented_query *query)
{
    free(query->codes);
    free(query->profile);
}

void gn_ssw_destroy(gn_ssw_t *ssw)
{
    if (ssw == NULL)
        return;
    clear_query(&ssw->forward);
    clear_query(&ssw->backward);
    free(ssw->columns);
    free(ssw->states);
    free(ssw->bests);
    gn_ssw_traceback_clear(&ssw->trace);
    free(ssw->cigar);
    free(ssw);
}

void gn_ssw_encode(const char *letters, size_t n, uint8_t *codes)
{
    static const uint8_t code_plus_one[256] = {
        ['A'] = 1, ['C'] = 2, ['G'] = 3, ['T'] = 4, ['U'] = 1,
        ['a'] = 1, ['c'] = 2, ['g'] = 3, ['t'] = 4, ['u'] = 1,
    };
    for (size_t i = 0; i < n; i++) {
        uint8_t code = code_plus_one[(uint8_t)letters[i]];
        codes[i] = code == 0 ? GN_SSW_LETTERS - 1 : code - 1;
    }
}

static int16_t *aligned(int16_t *memory)
{
    uintptr_t address = ((uintptr_t)memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
    return (int16_t *)address;
}

/* Scores of each letter against each query row, in the striped order of ssw_pass.h. */
static void fill_profile(const gn_ssw_t *ssw, const struct oriented_query *query)
{
    int rows = gn_ssw_rows(query->n, ssw->lanes), segment = rows / ssw->lanes;
    int16_t match = (int16_t)ssw->scores.match, mismatch = (int16_t)-ssw->scores.mismatch;
    int16_t *profile = aligned(query->profile);
    for (int i = 0; i < GN_SSW_LETTERS * rows; i++)
        profile[i] = mismatch;
    for (int lane = 0, row = 0; lane < ssw->lanes; lane++)
        for (int j = 0; j < segment && row < query->n; j++, row++)
            if (query->codes[row] < GN_SSW_LETTERS - 1)
                profile[query->codes[row] * rows + j * ssw->lanes + lane] = match;
}

/* Makes room for n codes and their profile. */
static int reserve_query(const gn_ssw_t *ssw, struct oriented_query *query, int n, gn_error_t *err)
{
    void *codes = gn_reserve(query->codes, &query->codes_cap, (size_t)n, 1, query_limit,
                             "bases of a query", err);
    if (codes == NULL)
        return GN_E_MEMORY;
    query->codes = codes;
    query->n = n;
    if (ssw->lanes == 0)
        return GN_OK;
    size_t cells = GN_SSW_LETTERS * (size_t)gn_ssw_rows(n, ssw->lanes) + ALIGNMENT;
    void *profile = gn_reserve(query->profile, &query->profile_cap, cells, sizeof(int16_t),
                               8 * query_limit, "scores of a query", err);
    if (profile == NULL)
        return GN_E_MEMORY;
    query->profile = profile;
    return GN_OK;
}

int gn_ssw_set_query(gn_ssw_t *ssw, const char *letters, int n, gn_error_t *err)
{
    int status = reserve_query(ssw, &ssw->forward, n, err);
    if (status != GN_OK)
        return status;
    size_t cells = GN_SSW_COLUMNS * ((size_t)n + ALIGNMENT) + ALIGNMENT;
    void *columns = gn_reserve(ssw->columns, &ssw->columns_cap, cells, sizeof(int16_t),
                               8 * query_limit, "cells of an alignment column", err);
    if (columns == NULL)
        return GN_E_MEMORY;
    ssw->columns = columns;
    gn_ssw_encode(letters, (size_t)n, ssw->forward.codes);
    ssw->trail.n_begin = ssw->trail.n_end = 0;
    ssw->longest_target = 0;
    if (ssw->lanes != 0)
        fill_profile(ssw, &ssw->forward);
    return GN_OK;
}

static struct gn_ssw_pass make_pass(const gn_ssw_t *ssw, const struct oriented_query *query,
                                    const uint8_t *target, int n)
{
    return (struct gn_ssw_pass){.query = query->codes,
                                .profile = ssw->lanes == 0 ? NULL : aligned(query->profile),
                                .n_query = query->n,
                                .target = target,
                                .n_target = n,
                                .scores = ssw->scores,
                                .columns = aligned(ssw->columns)};
}

static struct gn_ssw_end find_end(const gn_ssw_t *ssw, const uint8_t *target, int n)
{
    if (ssw->forward.n == 0 || n == 0)
        return (struct gn_ssw_end){0, -1, 0};
    struct gn_ssw_pass pass = make_pass(ssw, &ssw->forward, target, n);
    return ssw->pass(&pass);
}

/* Finds where the alignment that ends in `end` begins: row and column in the original order. */
static int find_begin(gn_ssw_t *ssw, const uint8_t *target, struct gn_ssw_end end,
                      struct gn_ssw_end *begin, gn_error_t *err)
{
    int n = end.row + 1;
    int status = reserve_query(ssw, &ssw->backward, n, err);
    if (status != GN_OK)
        return status;
    for (int i = 0; i < n; i++)
        ssw->backward.codes[i] = ssw->forward.codes[end.row - i];
    if (ssw->lanes != 0)
        fill_profile(ssw, &ssw->backward);
    struct gn_ssw_pass pass = make_pass(ssw, &ssw->backward, target, end.column + 1);
    pass.backwards = 1;
    pass.stop_score = end.score;
    *begin = ssw->pass(&pass);
    begin->row = end.row - begin->row;
    return GN_OK;
}

static void append(gn_ssw_t *ssw, struct gn_ssw_alignment *alignment, int length,
                   uint32_t operation)
{
    if (length > 0)
        ssw->cigar[alignment->n_cigar++] = bam_cigar_gen((uint32_t)length, operation);
}

/* Splits a match of `length` bases into runs of = and X. */
static void append_match(gn_ssw_t *ssw, struct gn_ssw_alignment *alignment, const uint8_t *target,
                         const uint8_t *query, int length)
{
    for (int first = 0, next; first < length; first = next) {
        bool equal = target[first] == query[first];
        for (next = first + 1; next < length && (target[next] == query[next]) == equal; next++)
            ;
        append(ssw, alignment, next - first, equal ? BAM_CEQUAL : BAM_CDIFF);
    }
}

/* Writes the CIGAR of the traced alignment. Returns 0 when its operations do not fit the two stretches. */
static int write_cigar(gn_ssw_t *ssw, const uint8_t *target, struct gn_ssw_alignment *alignment,
                       gn_error_t *err)
{
    size_t n = (size_t)ssw->forward.n + (size_t)ssw->trace.n_operations + 2;
    void *cigar = gn_reserve(ssw->cigar, &ssw->cigar_cap, n, sizeof *ssw->cigar, 4 * query_limit,
                             "operations of an alignment", err);
    if (cigar == NULL)
        return GN_E_MEMORY;
    alignment->cigar = ssw->cigar = cigar;
    int t = alignment->target_begin, q = alignment->query_begin;
    append(ssw, alignment, q, BAM_CSOFT_CLIP);
    for (int i = ssw->trace.n_operations - 1; i >= 0; i--) {
        uint32_t operation = bam_cigar_op(ssw->trace.operations[i]);
        int length = (int)bam_cigar_oplen(ssw->trace.operations[i]);
        int takes_target = operation != BAM_CINS ? length : 0;
        int takes_query = operation != BAM_CDEL ? length : 0;
        if (t + takes_target > alignment->target_end || q + takes_query > alignment->query_end)
            return 0;
        if (operation == BAM_CMATCH)
            append_match(ssw, alignment, target + t, ssw->forward.codes + q, length);
        else
            append(ssw, alignment, length, operation);
        t += takes_target;
        q += takes_query;
    }
    append(ssw, alignment, ssw->forward.n - alignment->query_end, BAM_CSOFT_CLIP);
    return 1;
}

int gn_ssw_score(gn_ssw_t *ssw, const uint8_t *target, int n)
{
    return find_end(ssw, target, n).score;
}

/* Makes room for the states of targets of up to n codes. */
static int reserve_trail(gn_ssw_t *ssw, int n, gn_error_t *err)
{
    size_t state = 2 * (size_t)gn_ssw_rows(ssw->forward.n, ssw->lanes);
    size_t n_states = (size_t)n / GN_SSW_STRIDE + 2;
    void *states = gn_reserve(ssw->states, &ssw->states_cap, 2 * n_states * state + ALIGNMENT,
                              sizeof *ssw->states, states_limit, "states of an alignment", err);
    if (states == NULL)
        return GN_E_MEMORY;
    ssw->states = states;
    int *bests = gn_reserve(ssw->bests, &ssw->bests_cap, 2 * n_states, sizeof *bests, states_limit,
                            "states of an alignment", err);
    if (bests == NULL)
        return GN_E_MEMORY;
    ssw->bests = bests;
    ssw->trail = (struct gn_ssw_trail){.begin_states = aligned(ssw->states),
                                       .end_states = aligned(ssw->states) + n_states * state,
                                       .begin_best = bests,
                                       .end_best = bests + n_states};
    ssw->longest_target = n;
    return GN_OK;
}

int gn_ssw_score_sibling(gn_ssw_t *ssw, const uint8_t *target, int n, int shared_prefix,
                         int shared_suffix, gn_error_t *err)
{
    if (ssw->sibling == NULL || ssw->forward.n == 0)
        return find_end(ssw, target, n).score;
    if (n > ssw->longest_target) {
        /* Forgets the predecessor, so all of this target is walked. */
        int status = reserve_trail(ssw, n + n / 4, err);
        if (status != GN_OK)
            return status;
    }
    struct gn_ssw_pass pass = make_pass(ssw, &ssw->forward, target, n);
    struct gn_ssw_sibling sibling = {shared_prefix, shared_suffix};
    return ssw->sibling(&pass, sibling, &ssw->trail);
}

int gn_ssw_align(gn_ssw_t *ssw, const uint8_t *target, int n, struct gn_ssw_alignment *alignment,
                 gn_error_t *err)
{
    *alignment = (struct gn_ssw_alignment){0};
    struct gn_ssw_end end = find_end(ssw, target, n), begin;
    if (end.score == 0)
        return 0;
    int status = find_begin(ssw, target, end, &begin, err);
    if (status != GN_OK)
        return status;
    if (begin.score < end.score)
        return 0;
    *alignment = (struct gn_ssw_alignment){.score = end.score,
                                           .target_begin = begin.column,
                                           .target_end = end.column + 1,
                                           .query_begin = begin.row,
                                           .query_end = end.row + 1};
    struct gn_ssw_box box = {.target = target + begin.column,
                             .n_target = end.column + 1 - begin.column,
                             .query = ssw->forward.codes + begin.row,
                             .n_query = end.row + 1 - begin.row,
                             .score = end.score,
                             .scores = ssw->scores};
    /* PARITY(dv-1.9): longer alignments count, but have no CIGAR. */
    if (box.n_target > TRACE_SPAN_MAX || box.n_query > TRACE_SPAN_MAX)
        return 1;
    status = gn_ssw_trace(&ssw->trace, &box, err);
    return status <= 0 ? status : write_cigar(ssw, target, alignment, err);
}
