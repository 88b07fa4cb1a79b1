/* SPDX-License-Identifier: MIT
 *
 * test_phase_sets.c - blocks of phased sites within a partition, and phase sets over partitions. All by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "phase/phase_blocks.h"
#include "phase/phase_stitcher.h"
#include "phase_problem.h"

/* Sites whose first haplotype carries the reference and whose second carries alt 0, as if they had been phased so. */
static void phase_as_written(struct problem *p, struct gn_phase_blocks *blocks)
{
    gn_error_t err = {0};
    static struct gn_phased_site sites[MOST_SITES];
    struct gn_phasing phasing = {.sites = sites};
    for (size_t i = 0; i < p->list.n; i++)
        if (strlen(p->candidates[i].variant->alts.v[0]) == 1)
            sites[phasing.n_sites++] =
                (struct gn_phased_site){.candidate = i, .alleles = {GN_SUPPORTS_REFERENCE, 0}};
    assert_int_equal(
        gn_phase_blocks_find(&p->list, &phasing, (uint32_t)p->n_reads, blocks, p->arena, &err),
        GN_OK);
}

static void connected_sites_are_one_block(void **state)
{
    (void)state;
    struct problem p;
    struct gn_phase_blocks blocks;
    start(&p, 4);
    add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0");
    add_site(&p, 515, "C", "CT", "0:r:0 1:0:0"); /* an indel goes with its reads */
    add_site(&p, 1020, "C", "T", "0:r:0 1:r:0 2:0:0 3:0:0");
    phase_as_written(&p, &blocks);
    assert_int_equal(blocks.n, 1);
    assert_int_equal(blocks.v[0].first_pos0, 10);
    assert_int_equal(blocks.v[0].n_sites, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(blocks.of_candidate[i], 0);
    static const int haplotypes[] = {1, 1, 2, 2};
    for (int key = 0; key < 4; key++) {
        assert_int_equal(blocks.of_key[key], 0);
        assert_int_equal(blocks.haplotype_of_key[key], haplotypes[key]);
    }
    end(&p);
}

/* Three sites of one repeat count as much as one site elsewhere: of the read that shows them against one other there is nothing
 * to say, and against two others it goes with those. */
static void sites_of_a_cluster_count_once(void **state)
{
    (void)state;
    for (int n_others = 1; n_others <= 2; n_others++) {
        struct problem p;
        struct gn_phase_blocks blocks;
        start(&p, 7);
        for (int i = 0; i < n_others; i++)
            add_site(&p, 1000 + 500 * i, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0 6:0:0");
        add_site(&p, 3000, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0 6:r:0");
        add_site(&p, 3060, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0 6:r:0");
        add_site(&p, 3160, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0 6:r:0"); /* 100 bases on */
        phase_as_written(&p, &blocks);
        assert_int_equal(blocks.n, 1);
        assert_int_equal(blocks.haplotype_of_key[0], 1);
        assert_int_equal(blocks.haplotype_of_key[6], n_others == 1 ? 0 : 2);
        end(&p);
    }
}

/* One read alone connects nothing, nor do two that agree beside one that does not. */
static void one_agreeing_read_is_not_enough(void **state)
{
    (void)state;
    static const char *const second_sites[] = {"0:r:0 4:0:0", "0:r:0 1:r:0 2:r:0 4:0:0"};
    for (int i = 0; i < 2; i++) {
        struct problem p;
        struct gn_phase_blocks blocks;
        start(&p, 5);
        add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0");
        add_site(&p, 1020, "C", "T", second_sites[i]);
        phase_as_written(&p, &blocks);
        assert_int_equal(blocks.n, 2);
        assert_int_equal(blocks.v[1].first_pos0, 1020);
        assert_false(blocks.v[1].is_exchanged);
        assert_int_equal(blocks.of_candidate[0], 0);
        assert_int_equal(blocks.of_candidate[1], 1);
        assert_int_equal(blocks.of_key[4], 1);
        assert_int_equal(blocks.haplotype_of_key[4], 2);
        end(&p);
    }
}

/* Reads of low quality do not count. */
static void low_quality_does_not_connect(void **state)
{
    (void)state;
    struct problem p;
    struct gn_phase_blocks blocks;
    start(&p, 4);
    add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0");
    add_site(&p, 1020, "C", "T", "0:r:0 1:r:1 2:0:1 3:0:1");
    phase_as_written(&p, &blocks);
    assert_int_equal(blocks.n, 2);
    end(&p);
}

static void disagreeing_reads_exchange_the_haplotypes(void **state)
{
    (void)state;
    struct problem p;
    struct gn_phase_blocks blocks;
    start(&p, 4);
    add_site(&p, 10, "C", "A", "0:r:0 1:r:0 2:0:0 3:0:0");
    add_site(&p, 1020, "C", "T", "0:0:0 1:0:0 2:r:0 3:r:0");
    add_site(&p, 2030, "C", "T", "0:0:0 1:0:0 2:r:0 3:r:0");
    phase_as_written(&p, &blocks);
    assert_int_equal(blocks.n, 2);
    assert_true(blocks.v[1].is_exchanged);
    assert_int_equal(blocks.of_candidate[2], 1);
    for (int key = 0; key < 4; key++) /* two sites there, one before */
        assert_int_equal(blocks.of_key[key], 1);
    end(&p);
}

/* A partition of phase stitching: blocks start at the given places; reads are 1, 2, ... */
static void push(gn_phase_stitcher_t *stitcher, int contig, int64_t start0,
                 const struct gn_phase_block *blocks, size_t n_blocks,
                 const struct gn_phase_vote *votes, size_t n_votes, struct gn_phase_place *places)
{
    gn_error_t err = {0};
    struct gn_phased_partition partition = {contig, start0, blocks, n_blocks, votes, n_votes};
    assert_int_equal(gn_phase_stitcher_push(stitcher, &partition, places, &err), GN_OK);
}

static void expect_place(const struct gn_phase_place *place, int64_t phase_set, bool is_exchanged)
{
    assert_int_equal(place->phase_set, phase_set);
    assert_int_equal(place->is_exchanged, is_exchanged);
}

static void shared_reads_join_partitions(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[2];
    const struct gn_phase_block first[] = {{100, 2, false}}, second[] = {{1100, 2, false}},
                                third[] = {{2100, 2, false}}, fourth[] = {{3100, 2, false}};
    const struct gn_phase_vote one[] = {{1, 1500, 0, 1}, {2, 1500, 0, 2}, {3, 900, 0, 1}};
    const struct gn_phase_vote two[] = {
        {1, 1500, 0, 2}, {2, 1500, 0, 1}, {4, 2500, 0, 1}, {5, 2500, 0, 2}};
    const struct gn_phase_vote three[] = {{4, 2500, 0, 1}, {5, 2500, 0, 2}, {6, 3500, 0, 1}};
    const struct gn_phase_vote four[] = {{6, 3500, 0, 1}, {7, 3600, 0, 2}};
    push(stitcher, 0, 0, first, 1, one, 3, places);
    expect_place(&places[0], 101, false);
    push(stitcher, 0, 1000, second, 1, two, 4, places);
    expect_place(&places[0], 101, true); /* both shared reads say so */
    push(stitcher, 0, 2000, third, 1, three, 3, places);
    expect_place(&places[0], 101, true); /* like the second */
    push(stitcher, 0, 3000, fourth, 1, four, 2, places);
    expect_place(&places[0], 3101, false); /* one shared read is not enough */
}

static void contradicting_reads_begin_a_phase_set(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[1];
    const struct gn_phase_block first[] = {{100, 2, false}}, second[] = {{1100, 2, false}};
    const struct gn_phase_vote one[] = {{1, 1500, 0, 1}, {2, 1500, 0, 2}, {3, 1500, 0, 1}};
    const struct gn_phase_vote two[] = {{1, 1500, 0, 1}, {2, 1500, 0, 1}, {3, 1500, 0, 1}};
    push(stitcher, 0, 0, first, 1, one, 3, places);
    push(stitcher, 0, 1000, second, 1, two, 3, places);
    expect_place(&places[0], 1101, false); /* 2 agree, 1 disagrees */
}

/* Without reads from before, a block that exchanges the one before it in its partition belongs to the same set. */
static void exchanged_blocks_stay_together(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[3];
    const struct gn_phase_block blocks[] = {{100, 2, false}, {200, 2, true}, {300, 2, false}};
    push(stitcher, 0, 0, blocks, 3, NULL, 0, places);
    expect_place(&places[0], 101, false);
    expect_place(&places[1], 101, true);
    expect_place(&places[2], 301, false);
}

/* A single site has a phase set only when reads connect it to others. */
static void single_sites(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[4];
    const struct gn_phase_block first[] = {
        {100, 1, false}, {200, 1, false}, {300, 1, true}, {400, 2, false}};
    const struct gn_phase_block second[] = {{1100, 1, false}};
    const struct gn_phase_vote one[] = {
        {1, 1500, 0, 1}, {2, 1500, 0, 2}, {3, 1500, 3, 1}, {4, 1500, 3, 2}};
    const struct gn_phase_vote two[] = {{1, 1500, 0, 1}, {2, 1500, 0, 2}};
    const struct gn_phase_vote three[] = {{3, 1500, 0, 1}, {4, 1500, 0, 2}};
    push(stitcher, 0, 0, first, 4, one, 4, places);
    expect_place(&places[0], 0, false);
    expect_place(&places[1], 201, false); /* the next one follows it, exchanged */
    expect_place(&places[2], 201, true);
    expect_place(&places[3], 401, false);
    push(stitcher, 0, 1000, second, 1, two, 2, places);
    expect_place(&places[0], 0, false); /* known reads, but of no phase set */
    push(stitcher, 0, 1000, second, 1, three, 2, places);
    expect_place(&places[0], 401, false);
}

/* The block of a later partition may begin in its padding, where a phase set of that name exists. */
static void names_grow(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[1];
    const struct gn_phase_block late[] = {{900, 2, false}}, early[] = {{850, 2, false}};
    push(stitcher, 0, 0, late, 1, NULL, 0, places);
    expect_place(&places[0], 901, false);
    push(stitcher, 0, 1000, early, 1, NULL, 0, places);
    expect_place(&places[0], 902, false);
    push(stitcher, 1, 0, early, 1, NULL, 0, places); /* another contig begins anew */
    expect_place(&places[0], 851, false);
}

/* Reads that end before a partition are forgotten, as are those of another contig. */
static void reads_are_forgotten(void **state)
{
    gn_phase_stitcher_t *stitcher = *state;
    struct gn_phase_place places[1];
    const struct gn_phase_block first[] = {{100, 2, false}}, second[] = {{2100, 2, false}};
    const struct gn_phase_vote votes[] = {{1, 1500, 0, 1}, {2, 1500, 0, 2}};
    push(stitcher, 0, 0, first, 1, votes, 2, places);
    push(stitcher, 0, 2000, second, 1, votes, 2, places);
    expect_place(&places[0], 2101, false);
    push(stitcher, 1, 0, first, 1, votes, 2, places);
    expect_place(&places[0], 101, false);
}

static int setup(void **state)
{
    *state = gn_phase_stitcher_create(NULL);
    return *state == NULL;
}

static int teardown(void **state)
{
    gn_phase_stitcher_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_sites_are_one_block),
        cmocka_unit_test(sites_of_a_cluster_count_once),
        cmocka_unit_test(one_agreeing_read_is_not_enough),
        cmocka_unit_test(low_quality_does_not_connect),
        cmocka_unit_test(disagreeing_reads_exchange_the_haplotypes),
        cmocka_unit_test_setup_teardown(shared_reads_join_partitions, setup, teardown),
        cmocka_unit_test_setup_teardown(contradicting_reads_begin_a_phase_set, setup, teardown),
        cmocka_unit_test_setup_teardown(exchanged_blocks_stay_together, setup, teardown),
        cmocka_unit_test_setup_teardown(single_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(names_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_are_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
