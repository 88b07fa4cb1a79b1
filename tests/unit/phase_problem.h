/* SPDX-License-Identifier: MIT
 *
 * phase_problem.h - candidates with the reads that show their alleles, written down as text, for the tests of phasing.
 */
#ifndef GN_TESTS_PHASE_PROBLEM_H
#define GN_TESTS_PHASE_PROBLEM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phase/direct_phasing.h"
#include "phase/phase_info.h"

enum { MOST_SITES = 32, MOST_READS = 64 };

/* A set of candidates. */
struct problem {
    struct gn_candidate candidates[MOST_SITES];
    struct gn_allele alleles[MOST_SITES][MOST_READS];
    int16_t supports[MOST_SITES][MOST_READS];
    struct gn_candidate_list list;
    int n_reads;
    gn_arena_t *arena;
    struct gn_phasing phasing;
};

static inline void start(struct problem *p, int n_reads)
{
    memset(p, 0, sizeof *p);
    p->list.v = p->candidates;
    p->n_reads = n_reads;
    p->arena = gn_arena_create(1 << 26);
    assert_non_null(p->arena);
}

static inline void end(struct problem *p)
{
    for (size_t i = 0; i < p->list.n; i++)
        gn_variant_free(p->candidates[i].variant);
    gn_arena_destroy(p->arena);
}

/* Adds a candidate; reads are "KEY:ALLELE:LOW ...", see tests/data/README.md. */
static inline void add_site(struct problem *p, int64_t pos0, const char *ref, const char *alts,
                            const char *reads)
{
    size_t at = p->list.n++;
    assert_true(at < MOST_SITES);
    struct gn_candidate *c = &p->candidates[at];
    *c = (struct gn_candidate){
        .variant = gn_variant_create(), .alleles = p->alleles[at], .supports = p->supports[at]};
    c->variant->start0 = pos0;
    c->variant->end0 = pos0 + (int64_t)strlen(ref);
    assert_int_equal(gn_text_set(&c->variant->ref, ref, NULL), GN_OK);
    assert_int_equal(gn_texts_split(&c->variant->alts, alts, ",", NULL), GN_OK);
    while (*reads != '\0') {
        unsigned key;
        char allele[8];
        int low, used = 0;
        assert_int_equal(sscanf(reads, " %u:%7[^:]:%d%n", &key, allele, &low, &used), 3);
        reads += used;
        reads += strspn(reads, " \n");
        uint32_t n = c->n_alleles++;
        assert_true(n < MOST_READS);
        p->alleles[at][n] = (struct gn_allele){.key = key, .is_low_quality = low != 0};
        p->supports[at][n] = (int16_t)(*allele == 'r'   ? GN_SUPPORTS_REFERENCE
                                       : *allele == 'u' ? GN_SUPPORTS_UNCALLED
                                                        : atoi(allele));
    }
}

static inline void phase(struct problem *p)
{
    gn_error_t err = {0};
    assert_int_equal(gn_phase_directly(&p->list, (uint32_t)p->n_reads, &p->phasing, p->arena, &err),
                     GN_OK);
    assert_int_equal(gn_phase_info_fill(&p->list, &p->phasing, &err), GN_OK);
}

#endif
