/* SPDX-License-Identifier: MIT
 *
 * test_debruijn.c - small hand-made graphs (spec 30 section 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "realign/debruijn.h"

enum { MAX_READS = 64, MAX_BASES = 512 };

static const struct gn_debruijn_options defaults = {10, 101, 1, 14, 15, 2, 256};

/* 60 bases without a repeated 10-mer. */
static const char ref60[] = "ACGTTGCAACGGTCATTGCAGGATCCTTAGACGATTACAGGCCTAATCGGATCTTCAGTA";

/* Reads of good quality, as many as are added. */
struct bench {
    struct gn_read reads[MAX_READS];
    const struct gn_read *list[MAX_READS];
    char bases[MAX_READS][MAX_BASES];
    uint8_t qualities[MAX_READS][MAX_BASES];
    size_t n;
    gn_arena_t *arena;
    struct gn_haplotypes haplotypes;
};

static struct gn_read *add_read(struct bench *bench, const char *bases, size_t n_bases)
{
    size_t i = bench->n++;
    memcpy(bench->bases[i], bases, n_bases);
    memset(bench->qualities[i], 30, n_bases);
    bench->reads[i] = (struct gn_read){.bases = bench->bases[i],
                                       .qualities = bench->qualities[i],
                                       .length = (int)n_bases,
                                       .mapping_quality = 60};
    bench->list[i] = &bench->reads[i];
    return &bench->reads[i];
}

static void assemble(struct bench *bench, const char *ref,
                     const struct gn_debruijn_options *options)
{
    gn_error_t err = {0};
    gn_debruijn_t *graph = gn_debruijn_create(options, &err);
    assert_non_null(graph);
    /* Twice: nothing of the first run may leak into the second. */
    for (int run = 0; run < 2; run++)
        assert_int_equal(gn_debruijn_haplotypes(graph, ref, (int)strlen(ref), bench->list, bench->n,
                                                &bench->haplotypes, bench->arena, &err),
                         GN_OK);
    gn_debruijn_destroy(graph);
}

static void expect_haplotype(const struct bench *bench, int h, const char *expected)
{
    assert_int_equal(bench->haplotypes.lengths[h], strlen(expected));
    assert_memory_equal(bench->haplotypes.bases[h], expected, strlen(expected));
}

static int setup(void **state)
{
    static struct bench bench;
    bench.n = 0;
    bench.arena = gn_arena_create((size_t)1 << 26);
    *state = &bench;
    return bench.arena == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_arena_destroy(bench->arena);
    return 0;
}

static void test_bubble(void **state)
{
    struct bench *bench = *state;
    char alt[] = "ACGTTGCAACGGTCATTGCAGGATCCTTAAACGATTACAGGCCTAATCGGATCTTCAGTA"; /* G -> A at 29 */
    add_read(bench, alt + 10, 40);
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 1); /* one read is too few */
    expect_haplotype(bench, 0, ref60);
    add_read(bench, alt + 12, 40);
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 2);
    expect_haplotype(bench, 0, alt); /* sorted: A before G */
    expect_haplotype(bench, 1, ref60);
}

static void test_bad_reads_and_bases(void **state)
{
    struct bench *bench = *state;
    char alt[] = "ACGTTGCAACGGTCATTGCAGGATCCTTAAACGATTACAGGCCTAATCGGATCTTCAGTA";
    add_read(bench, alt + 10, 40)->mapping_quality = 13;
    add_read(bench, alt + 12, 40);
    bench->qualities[1][17] = 14; /* the differing base */
    add_read(bench, alt + 12, 40);
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 1);
    bench->reads[0].mapping_quality = 14;
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 2);
    bench->bases[2][17] = 'N';
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 1);
    bench->qualities[1][17] = 15;
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 2);
}

static void test_dangling_ends_are_pruned(void **state)
{
    struct bench *bench = *state;
    char tail[MAX_BASES];
    snprintf(tail, sizeof tail, "%.30s%s", ref60 + 10, "TTTGGGCACACATGT");
    add_read(bench, tail, strlen(tail));
    add_read(bench, tail, strlen(tail));
    snprintf(tail, sizeof tail, "%s%.30s", "TTTGGGCACACATGT", ref60 + 10);
    add_read(bench, tail, strlen(tail));
    add_read(bench, tail, strlen(tail));
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 1);
    expect_haplotype(bench, 0, ref60);
}

static void test_cycle_takes_larger_k(void **state)
{
    struct bench *bench = *state;
    char duplicated[MAX_BASES], read[MAX_BASES];
    /* ref[20 .. 35) twice: k-mers up to 15 close a cycle. */
    snprintf(duplicated, sizeof duplicated, "%.35s%s", ref60, ref60 + 20);
    memcpy(read, duplicated + 5, 60);
    add_read(bench, read, 60);
    add_read(bench, read, 60);
    assemble(bench, ref60, &defaults);
    assert_int_equal(bench->haplotypes.n, 2);
    expect_haplotype(bench, 0, duplicated); /* G before T where they part */
    expect_haplotype(bench, 1, ref60);
    struct gn_debruijn_options small = defaults;
    small.max_k = 15;
    assemble(bench, ref60, &small);
    assert_int_equal(bench->haplotypes.n, 1); /* no graph: the reference alone */
    small.max_k = 16;
    assemble(bench, ref60, &small);
    assert_int_equal(bench->haplotypes.n, 2);
}

static void test_no_k_for_the_reference(void **state)
{
    struct bench *bench = *state;
    char repeat[MAX_BASES] = "";
    for (int i = 0; i < 100; i++)
        strcat(repeat, "CA");
    assemble(bench, repeat, &defaults);
    assert_int_equal(bench->haplotypes.n, 1);
    expect_haplotype(bench, 0, repeat);
    assemble(bench, "ACGT", &defaults); /* shorter than any k */
    assert_int_equal(bench->haplotypes.n, 1);
    expect_haplotype(bench, 0, "ACGT");
}

static void test_ambiguous_reference(void **state)
{
    struct bench *bench = *state;
    char ref[] = "ACGTTGCAACGGTCATTGCAGGATCCTTANACGATTACAGGCCTAATCGGATCTTCAGTA";
    char alt[] = "ACGTTGCAACGGTCATTGCAGGATCCTTATACGATTACAGGCCTAATCGGATCTTCAGTA";
    add_read(bench, alt + 10, 40);
    add_read(bench, alt + 10, 40);
    assemble(bench, ref, &defaults);
    assert_int_equal(bench->haplotypes.n, 2);
    expect_haplotype(bench, 0, ref); /* N before T */
    expect_haplotype(bench, 1, alt);
}

/* A random reference of 300 bases with a substitution every 30, each seen by two short reads. */
static void fill_bubbles(struct bench *bench, char *ref, int n_bubbles)
{
    struct gn_numpy_random rng;
    gn_numpy_seed(&rng, 11);
    for (int i = 0; i < 300; i++)
        ref[i] = "ACGT"[gn_numpy_randint(&rng, 4)];
    ref[300] = '\0';
    for (int b = 0; b < n_bubbles; b++) {
        int at = 20 + 30 * b;
        char read[40];
        memcpy(read, ref + at - 14, 29);
        read[14] = ref[at] == 'A' ? 'C' : 'A';
        add_read(bench, read, 29);
        add_read(bench, read, 29);
    }
}

static void test_too_many_paths(void **state)
{
    struct bench *bench = *state;
    static char ref[MAX_BASES];
    fill_bubbles(bench, ref, 8);
    assemble(bench, ref, &defaults);
    assert_int_equal(bench->haplotypes.n, 256);
    for (int h = 1; h < 256; h++)
        assert_true(memcmp(bench->haplotypes.bases[h - 1], bench->haplotypes.bases[h], 300) < 0);
    bench->n = 0;
    fill_bubbles(bench, ref, 9);
    assemble(bench, ref, &defaults);
    assert_int_equal(bench->haplotypes.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bubble, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_reads_and_bases, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dangling_ends_are_pruned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cycle_takes_larger_k, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_k_for_the_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ambiguous_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_paths, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
