/* SPDX-License-Identifier: MIT
 *
 * test_methylation_phasing.c - haplotypes from methylation (spec 70 section 8): cases worked out by hand, and random ones with
 * another program's answers (tests/data/methylation_phasing).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phase/methylation_phasing.h"
#include "phase/phase_info.h"

enum { MOST_SITES = 32, MOST_READS = 64, MOST_LINE = 4096 };

/* Sites and reads. */
struct problem {
    struct gn_candidate candidates[MOST_SITES];
    struct gn_allele alleles[MOST_SITES][MOST_READS];
    int16_t supports[MOST_SITES][MOST_READS];
    struct gn_candidate_list list;
    uint8_t of_key[MOST_READS];
    uint32_t n_reads;
    gn_arena_t *arena;
};

static int setup(void **state)
{
    static struct problem problem;
    memset(&problem, 0, sizeof problem);
    problem.list.v = problem.candidates;
    problem.arena = gn_arena_create(1 << 24);
    *state = &problem;
    return problem.arena == NULL;
}

static int teardown(void **state)
{
    struct problem *p = *state;
    for (size_t i = 0; i < p->list.n; i++)
        gn_variant_free(p->candidates[i].variant);
    gn_arena_destroy(p->arena);
    return 0;
}

/* "2 1 0": haplotypes of reads 0, 1 and 2. */
static void set_haplotypes(struct problem *p, const char *text)
{
    p->n_reads = 0;
    for (int used, haplotype; sscanf(text, "%d%n", &haplotype, &used) == 1; text += used) {
        assert_true(p->n_reads < MOST_READS);
        p->of_key[p->n_reads++] = (uint8_t)haplotype;
    }
}

static void expect_haplotypes(const struct problem *p, const char *expected)
{
    char text[2 * MOST_READS + 1] = "";
    for (uint32_t i = 0; i < p->n_reads; i++)
        sprintf(text + strlen(text), "%s%d", i == 0 ? "" : " ", p->of_key[i]);
    assert_string_equal(text, expected);
}

/* Reads of the reference with their levels, "READ:LEVEL ...". */
static struct gn_candidate *add_site(struct problem *p, const char *levels)
{
    size_t at = p->list.n++;
    assert_true(at < MOST_SITES);
    struct gn_candidate *c = &p->candidates[at];
    *c = (struct gn_candidate){.alleles = p->alleles[at], .supports = p->supports[at]};
    unsigned read, level;
    for (int used; sscanf(levels, " %u:%u%n", &read, &level, &used) == 2; levels += used) {
        uint32_t n = c->n_alleles++;
        assert_true(n < MOST_READS);
        p->alleles[at][n] = (struct gn_allele){.key = read, .methylation_level = (uint8_t)level};
        p->supports[at][n] = GN_SUPPORTS_REFERENCE;
    }
    return c;
}

static void phase(struct problem *p)
{
    gn_error_t err = {0};
    assert_int_equal(gn_phase_by_methylation(&p->list, p->n_reads, p->of_key, p->arena, &err),
                     GN_OK);
}

/* "1 1 255": a read for each level. */
static struct gn_methylation_histogram histogram(const char *levels)
{
    struct gn_methylation_histogram h = {{0}};
    for (int used, level; sscanf(levels, "%d%n", &level, &used) == 1; levels += used)
        h.reads[level]++;
    return h;
}

static double rank_sum_p(const char *first, const char *second)
{
    struct gn_methylation_histogram a = histogram(first), b = histogram(second);
    return gn_rank_sum_p(&a, &b);
}

static void expect_p(const char *first, const char *second, double expected)
{
    assert_true(fabs(rank_sum_p(first, second) - expected) < 5e-6);
    assert_true(fabs(rank_sum_p(second, first) - expected) < 5e-6);
}

/* z = (U - n1 n2 / 2) / sqrt(n1 n2 (n1 + n2 + 1) / 12), and twice the normal tail beyond it, from a table. */
static void rank_sum_test(void **state)
{
    (void)state;
    expect_p("1 2 3", "4 5 6", 0.049535);   /* U 0: -4.5 / sqrt(5.25) = -1.963961 */
    expect_p("5", "6", 0.317311);           /* U 0: -0.5 / 0.5 = -1 */
    expect_p("1 2", "3 4 5 6 7 8", 0.0455); /* U 0: -6 / 3 = -2 */
    expect_p("1 4", "2 3", 1);              /* ranks 1 and 4: U 2, the mean */
    expect_p("9 9 9", "9 9", 1);            /* all share rank 3: U 3, the mean */
    /* ranks 1.5 1.5 4 4 of 4 | 4 6: U 1, mean 4, sqrt(8 * 7 / 12) = 2.160247: z -1.388730 */
    expect_p("1 1 2 2", "2 3", 0.164915);
    assert_true(rank_sum_p("", "1 2") == -1);
    assert_true(rank_sum_p("1 2", "") == -1);
}

static bool is_informative(const char *first, const char *second)
{
    struct gn_methylation_histogram a = histogram(first), b = histogram(second);
    bool is = gn_is_informative(&a, &b);
    assert_int_equal(gn_is_informative(&b, &a), is);
    return is;
}

static void informative_sites(void **state)
{
    (void)state;
    assert_true(is_informative("25 25 25", "230 230 230"));
    assert_false(is_informative("25 25 25", "230 230"));               /* five reads */
    assert_false(is_informative("25", "230 230 230 230 230 230 230")); /* one on a haplotype */
    assert_false(is_informative("25 25", "230 230 230 230 230"));    /* p 0.0528: z -5 / 2.581989 */
    assert_true(is_informative("25 25", "230 230 230 230 230 230")); /* p 0.0455 */
    assert_false(is_informative("100 100 100", "163 163 163"));      /* 63 / 255 apart: 0.247 */
    assert_true(is_informative("100 100 100", "164 164 164"));       /* 64 / 255 apart: 0.251 */
    assert_false(
        is_informative("50 50 154 154", "250 250 250 250"));         /* deviation 52 / 255: 0.204 */
    assert_true(is_informative("52 52 152 152", "250 250 250 250")); /* deviation 50 / 255: 0.196 */
    assert_false(is_informative("", ""));
}

#define LOW_AND_HIGH "0:25 1:25 2:25 3:230 4:230 5:230 "

static void three_votes_and_a_majority(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 1 2 2 2 0 0 0 0");
    add_site(p, LOW_AND_HIGH "6:1 7:255 8:1 9:1");
    add_site(p, LOW_AND_HIGH "6:90 7:180 8:1 9:1");
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 0 0 0 0"); /* two votes each */
    add_site(p, LOW_AND_HIGH "6:120 7:136 8:0 9:255");
    add_site(p, "0:25 1:25 2:25 3:30 4:30 5:30 8:25"); /* not informative */
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 1 2 0 0");
}

static void as_many_votes_for_either(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 1 2 2 2 0 0");
    for (int i = 0; i < 6; i++)
        add_site(p, i < 3 ? LOW_AND_HIGH "6:1 7:1" : LOW_AND_HIGH "6:255");
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 0 1");
}

/* 55 / 255 lies between 20 / 255 and 90 / 255, and does so in double precision too. */
static void the_second_haplotype_when_both_are_as_near(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 1 2 2 2 0");
    for (int i = 0; i < 3; i++)
        add_site(p, "0:20 1:20 2:20 3:90 4:90 5:90 6:55");
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 2");
}

/* Reads with another allele say nothing, those of low quality do. */
static void which_reads_count(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 1 2 2 2 0 0");
    for (int i = 0; i < 3; i++) {
        struct gn_candidate *c = add_site(p, LOW_AND_HIGH "6:20 7:20");
        p->alleles[i][0].is_low_quality = p->alleles[i][6].is_low_quality = true;
        c->supports[7] = GN_SUPPORTS_UNCALLED;
    }
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 1 0");
}

/* Read 6 joins haplotype 1 in the first round, which makes the last three sites informative for read 7. */
static void newly_phased_reads_help(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 1 2 2 2 0 0");
    for (int i = 0; i < 3; i++)
        add_site(p, LOW_AND_HIGH "6:20");
    for (int i = 0; i < 3; i++)
        add_site(p, "0:25 1:25 3:230 4:230 5:230 6:25 7:231");
    phase(p);
    expect_haplotypes(p, "1 1 1 2 2 2 1 2");
}

/* Reads one after another, each told by the one before: ten rounds, so that the eleventh stays unknown. */
static void at_most_ten_rounds(void **state)
{
    struct problem *p = *state;
    set_haplotypes(p, "1 1 2 2 2 1 0 0 0 0 0 0 0 0 0 0 0");
    for (unsigned read = 6; read < 16; read++)
        for (int i = 0; i < 3; i++) {
            char levels[128];
            snprintf(levels, sizeof levels, "0:25 1:25 2:230 3:230 4:230 %u:25 %u:25", read - 1,
                     read);
            if (p->list.n < MOST_SITES)
                add_site(p, levels);
        }
    phase(p);
    expect_haplotypes(p, "1 1 2 2 2 1 1 1 1 1 1 1 1 1 1 1 0");
}

/* Without methylation-aware phasing, direct phasing has reference sites among its candidates. */
static struct gn_candidate *add_direct(struct problem *p, int64_t pos0, const char *alts,
                                       double share)
{
    struct gn_candidate *c = add_site(p, "0:1 1:1 2:1 3:1 4:1 5:1");
    c->variant = gn_variant_create();
    c->variant->start0 = pos0;
    c->variant->end0 = pos0 + 1;
    assert_int_equal(gn_text_set(&c->variant->ref, "C", NULL), GN_OK);
    assert_int_equal(gn_texts_split(&c->variant->alts, alts, ",", NULL), GN_OK);
    if (share >= 0)
        assert_int_equal(gn_doubles_set(&c->variant->mf, &share, 1, NULL), GN_OK);
    return c;
}

static void mark_reads(struct problem *p, const struct gn_candidate *c, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        p->alleles[c - p->candidates][i].is_methylated = true;
}

static void phase_directly(struct problem *p, struct gn_phasing *phasing)
{
    gn_error_t err = {0};
    p->n_reads = 6;
    assert_int_equal(gn_phase_directly(&p->list, p->n_reads, phasing, p->arena, &err), GN_OK);
    assert_int_equal(gn_phase_info_fill(&p->list, phasing, &err), GN_OK);
    memcpy(p->of_key, phasing->of_key, p->n_reads);
}

/* The methylated reads come first, as "M" does before "U": haplotype 1. ALT_PS cannot name them. */
static void methylated_reads_as_an_allele(void **state)
{
    struct problem *p = *state;
    struct gn_phasing phasing;
    for (int i = 0; i < 2; i++)
        mark_reads(p, add_direct(p, 10 + 10 * i, ".", 0.5), 3, 6);
    phase_directly(p, &phasing);
    assert_int_equal(phasing.n_sites, 2);
    expect_haplotypes(p, "2 2 2 1 1 1");
    assert_int_equal(p->candidates[0].variant->alt_ps.n, 0);
}

/* Two SNVs whose alleles go crosswise. A reference site between them that is methylated throughout breaks the chain: each
 * then has its reference on haplotype 1, and the reads contradict themselves. */
static void other_reference_sites_break_chains(void **state)
{
    struct problem *p = *state;
    struct gn_phasing phasing;
    struct gn_candidate *first = add_direct(p, 10, "T", -1), *second = add_direct(p, 30, "T", -1);
    for (int i = 0; i < 3; i++) {
        first->supports[3 + i] = 0;
        second->supports[i] = 0;
    }
    phase_directly(p, &phasing);
    expect_haplotypes(p, "1 1 1 2 2 2");
    struct gn_candidate *between = add_direct(p, 20, ".", 1);
    mark_reads(p, between, 0, 6);
    struct gn_candidate site = *between;
    *between = *second;
    p->candidates[1] = site;
    phase_directly(p, &phasing);
    expect_haplotypes(p, "0 0 0 0 0 0");
    assert_int_equal(phasing.n_sites, 2);
}

/* "test LEVELS | LEVELS | P" */
static void check_test(char *line)
{
    char *second = strchr(line, '|'), *p = second == NULL ? NULL : strchr(second + 1, '|');
    assert_non_null(p);
    *second = *p = '\0';
    double expected = atof(p + 1);
    assert_true(fabs(rank_sum_p(line, second + 1) - expected) <= 1e-15);
}

static FILE *open_cases(void)
{
    FILE *file = fopen("tests/data/methylation_phasing/cases.txt", "r");
    assert_non_null(file);
    return file;
}

static void other_programs_answers(void **state)
{
    struct problem *p = *state;
    FILE *file = open_cases();
    char line[MOST_LINE];
    int n_cases = 0, n_tests = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "test ", 5) == 0) {
            check_test(line + 5);
            n_tests++;
        } else if (strncmp(line, "case ", 5) == 0) {
            p->list.n = 0;
            set_haplotypes(p, line + 5);
        } else if (strncmp(line, "site ", 5) == 0) {
            add_site(p, line + 5);
        } else {
            assert_int_equal(strncmp(line, "haplotypes ", 11), 0);
            phase(p);
            expect_haplotypes(p, line + 11);
            n_cases++;
        }
    }
    fclose(file);
    assert_int_equal(n_tests, 20);
    assert_int_equal(n_cases, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_sum_test),
        cmocka_unit_test(informative_sites),
        cmocka_unit_test_setup_teardown(three_votes_and_a_majority, setup, teardown),
        cmocka_unit_test_setup_teardown(as_many_votes_for_either, setup, teardown),
        cmocka_unit_test_setup_teardown(the_second_haplotype_when_both_are_as_near, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(which_reads_count, setup, teardown),
        cmocka_unit_test_setup_teardown(newly_phased_reads_help, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_ten_rounds, setup, teardown),
        cmocka_unit_test_setup_teardown(methylated_reads_as_an_allele, setup, teardown),
        cmocka_unit_test_setup_teardown(other_reference_sites_break_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(other_programs_answers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
