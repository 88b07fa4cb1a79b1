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
#include <string.h>

#include "phase_problem.h"

enum { MOST_LINE = 4096 };

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
