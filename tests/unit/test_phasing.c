/* SPDX-License-Identifier: MIT
 *
 * test_phasing.c - direct phasing: cases worked out by hand, and random ones with another program's answers
 * (tests/data/phasing).
 */
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

enum { MOST_SITES = 32, MOST_READS = 64, MOST_LINE = 4096 };

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

static void start(struct problem *p, int n_reads)
{
    memset(p, 0, sizeof *p);
    p->list.v = p->candidates;
    p->n_reads = n_reads;
    p->arena = gn_arena_create(1 << 26);
    assert_non_null(p->arena);
}

static void end(struct problem *p)
{
    for (size_t i = 0; i < p->list.n; i++)
        gn_variant_free(p->candidates[i].variant);
    gn_arena_destroy(p->arena);
}

/* Adds a candidate; reads are "KEY:ALLELE:LOW ...", see tests/data/README.md. */
static void add_site(struct problem *p, int64_t pos0, const char *ref, const char *alts,
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

static void phase(struct problem *p)
{
    gn_error_t err = {0};
    assert_int_equal(gn_phase_directly(&p->list, (uint32_t)p->n_reads, &p->phasing, p->arena, &err),
                     GN_OK);
    assert_int_equal(gn_phase_info_fill(&p->list, &p->phasing, &err), GN_OK);
}

static void assert_haplotypes(const struct problem *p, const char *expected)
{
    for (int key = 0; key < p->n_reads; key++) {
        while (*expected == ' ')
            expected++;
        assert_int_equal(p->phasing.of_key[key], *expected - '0');
        expected++;
    }
}

static const char *name_of(const struct problem *p, const struct gn_phased_site *site, int which)
{
    int allele = site->alleles[which];
    return allele == GN_SUPPORTS_REFERENCE ? "REF"
           : allele == GN_SUPPORTS_UNCALLED
               ? "UNCALLED_ALLELE"
               : p->candidates[site->candidate].variant->alts.v[allele];
}

static void assert_alleles(const struct gn_variant *variant, const char *expected)
{
    if (*expected == '-') {
        assert_int_equal(variant->alt_ps.n, 0);
        return;
    }
    assert_int_equal(variant->alt_ps.n, variant->alts.n + 1);
    for (int i = 0; i < variant->alt_ps.n; i++, expected += 2)
        assert_int_equal(variant->alt_ps.v[i], *expected - '0');
}

/* Two SNVs, three reads on either haplotype. A chain starts with pairs in the order (REF, A), never (A, REF), so the first
 * site's reference is on haplotype 1; its reads go on to T. */
static void two_sites(void **state)
{
    (void)state;
    struct problem p;
    start(&p, 6);
    add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:r:0 3:0:0 4:0:0 5:0:0");
    add_site(&p, 20, "C", "T", "0:0:0 1:0:0 2:0:0 3:r:0 4:r:0 5:r:0");
    phase(&p);
    assert_int_equal(p.phasing.n_sites, 2);
    assert_string_equal(name_of(&p, &p.phasing.sites[0], 0), "REF");
    assert_string_equal(name_of(&p, &p.phasing.sites[0], 1), "A");
    assert_string_equal(name_of(&p, &p.phasing.sites[1], 0), "T");
    assert_string_equal(name_of(&p, &p.phasing.sites[1], 1), "REF");
    assert_haplotypes(&p, "1 1 1 2 2 2");
    assert_alleles(p.candidates[0].variant, "1 2");
    assert_alleles(p.candidates[1].variant, "2 1");
    end(&p);
}

/* An indel between them is no site of the graph; its alleles follow the reads. */
static void indel_follows_the_reads(void **state)
{
    (void)state;
    struct problem p;
    start(&p, 6);
    add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:r:0 3:0:0 4:0:0 5:0:0");
    add_site(&p, 15, "C", "CT", "0:0:0 1:0:0 3:r:0 4:r:0 5:r:0");
    add_site(&p, 20, "C", "T", "0:0:0 1:0:0 2:0:0 3:r:0 4:r:0 5:r:0");
    phase(&p);
    assert_int_equal(p.phasing.n_sites, 2);
    assert_alleles(p.candidates[1].variant, "2 1");
    end(&p);
}

/* One read of another allele keeps a site out of the graph, and every site that ends within it. */
static void uncalled_reads_reject(void **state)
{
    (void)state;
    struct problem p;
    start(&p, 7);
    add_site(&p, 10, "CC", "CA", "0:r:0 1:r:0 2:r:0 3:0:0 4:0:0 5:0:0 6:u:0");
    add_site(&p, 11, "C", "A", "0:r:0 1:r:0 2:r:0 3:0:0 4:0:0 5:0:0");
    add_site(&p, 12, "C", "G", "0:r:0 1:r:0 2:r:0 3:0:0 4:0:0 5:0:0");
    phase(&p);
    assert_int_equal(p.phasing.n_sites, 1);
    assert_int_equal(p.phasing.sites[0].candidate, 2);
    assert_haplotypes(&p, "0 0 0 0 0 0 0"); /* two sites are needed */
    end(&p);
}

static void no_candidates(void **state)
{
    (void)state;
    struct problem p;
    start(&p, 3);
    phase(&p);
    assert_int_equal(p.phasing.n_sites, 0);
    assert_haplotypes(&p, "0 0 0");
    end(&p);
}

/* Reads the lines of one case. */
static void run_line(struct problem *p, const char *line, size_t *n_phased, size_t *n_alleles)
{
    long pos0;
    char a[64], b[64];
    int used = 0;
    if (sscanf(line, "site %ld %63s %63s %n", &pos0, a, b, &used) == 3) {
        add_site(p, pos0, a, b, line + used);
    } else if (strncmp(line, "haplotypes ", 11) == 0) {
        phase(p);
        assert_haplotypes(p, line + 11);
    } else if (sscanf(line, "phased %ld %63s %63s", &pos0, a, b) == 3) {
        const struct gn_phased_site *site = &p->phasing.sites[(*n_phased)++];
        assert_int_equal(p->candidates[site->candidate].variant->start0, pos0);
        assert_string_equal(name_of(p, site, 0), a);
        assert_string_equal(name_of(p, site, 1), b);
    } else if (strncmp(line, "alleles ", 8) == 0) {
        assert_alleles(p->candidates[(*n_alleles)++].variant, line + 8);
    } else {
        fail_msg("unknown line: %s", line);
    }
}

static void another_programs_answers(void **state)
{
    (void)state;
    FILE *file = fopen("tests/data/phasing/cases.txt", "r");
    assert_non_null(file);
    struct problem p;
    char line[MOST_LINE];
    int n_cases = 0, n_reads;
    size_t n_phased = 0, n_alleles = 0, n_all_phased = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "case %*d %d", &n_reads) != 1) {
            run_line(&p, line, &n_phased, &n_alleles);
            continue;
        }
        if (n_cases++ > 0) {
            assert_int_equal(p.phasing.n_sites, n_phased);
            assert_int_equal(p.list.n, n_alleles);
            end(&p);
        }
        n_all_phased += n_phased;
        n_phased = n_alleles = 0;
        start(&p, n_reads);
    }
    end(&p);
    fclose(file);
    assert_int_equal(n_cases, 250);
    assert_true(n_all_phased > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sites),
        cmocka_unit_test(indel_follows_the_reads),
        cmocka_unit_test(uncalled_reads_reject),
        cmocka_unit_test(no_candidates),
        cmocka_unit_test(another_programs_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
