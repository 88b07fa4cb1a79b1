/* SPDX-License-Identifier: MIT
 *
 * test_simulate_long.c - contexts, alignments and the sequencer of long reads on cases made by hand;
 * profiles as files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <htslib/sam.h>

#include "simulate/long/long_sequencer.h"

static void test_contexts(void **state)
{
    (void)state;
    /*                    0         1         2
     *                    0123456789012345678901234 */
    static const char bases[] = "GATTTTTCACACACACGATGATGATC";
    struct gn_long_base v[sizeof bases];
    gn_long_contexts(bases, (int64_t)strlen(bases), v);
    assert_int_equal(v[0].run, 1);
    for (int i = 2; i <= 6; i++) {
        assert_int_equal(v[i].run, 5);
        assert_int_equal(v[i].index, i - 2);
        assert_int_equal(v[i].unit, 0);
    }
    assert_true(v[7].starts_repeat); /* CACACACAC: four copies of CA and a C */
    assert_int_equal(v[7].unit, 2);
    assert_int_equal(v[7].copies, 4);
    assert_true(v[8].is_first && !v[9].is_first);
    assert_true(v[14].is_last && v[15].is_last && !v[13].is_last);
    assert_true(v[16].starts_repeat); /* GATGATGAT */
    assert_int_equal(v[16].unit, 3);
    assert_int_equal(v[16].copies, 3);
    assert_int_equal(v[25].unit, 0);
    /* what is read first on one strand is read last on the other */
    assert_int_equal(gn_long_quality_context(&v[2], false), gn_long_quality_context(&v[6], true));
    assert_int_not_equal(gn_long_quality_context(&v[2], false),
                         gn_long_quality_context(&v[2], true));
    assert_int_equal(gn_long_quality_context(&v[4], false), gn_long_quality_context(&v[4], true));
    assert_int_equal(gn_long_quality_context(&v[0], true), 0);
}

/*                         0         1         2         3         4         5         6
 *                         0123456789012345678901234567890123456789012345678901234567890123 */
static const char REF[] = "GATTACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG";

/* Pushes the operations of a CIGAR without clips. */
static void push_cigar(struct gn_long_alignment *alignment, const char *cigar)
{
    for (const char *p = cigar; *p != '\0'; p++) {
        char *end;
        int64_t n = strtol(p, &end, 10);
        int op = *end == 'M' ? BAM_CMATCH : *end == 'I' ? BAM_CINS : BAM_CDEL;
        assert_int_equal(gn_long_alignment_push(alignment, op, n, NULL), GN_OK);
        p = end;
    }
}

static void check(const char *read, const char *before, const char *after, int64_t pos0, int edits)
{
    struct gn_long_alignment alignment = {0};
    struct gn_long_pairing pairing = {read, REF, 0};
    gn_long_alignment_start(&alignment, 0);
    push_cigar(&alignment, before);
    assert_int_equal(gn_long_alignment_normalise(&alignment, &pairing, NULL), GN_OK);
    gn_long_alignment_clip(&alignment, &pairing);
    assert_int_equal(gn_long_alignment_cigar(&alignment, &pairing, NULL), GN_OK);
    char text[256] = "";
    for (size_t i = 0; i < alignment.n_cigar; i++)
        sprintf(text + strlen(text), "%u%c", bam_cigar_oplen(alignment.cigar[i]),
                bam_cigar_opchr(alignment.cigar[i]));
    assert_string_equal(text, after);
    assert_int_equal(alignment.pos0, pos0);
    assert_int_equal(alignment.edit_distance, edits);
    gn_long_alignment_free(&alignment);
}

static void test_indels_go_left(void **state)
{
    (void)state;
    /* one A of the run of eight (23 to 30) is missing */
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "27M1D36M", "23M1D40M",
          0, 1);
    /* one too many */
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "29M1I35M",
          "23M1I41M", 0, 1);
}

static void test_indels_of_one_run_join(void **state)
{
    (void)state;
    /* a true deletion of two and an error of one: three */
    check("GATTACAGGCTTAACCGTGATCGAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "24M2D2M1D35M",
          "23M3D38M", 0, 3);
    /* a true deletion of two and an inserted base: one missing */
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "24M2D3M1I35M",
          "23M1D40M", 0, 1);
    /* one missing, one inserted: nothing to see */
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "24M1D3M1I36M", "64M",
          0, 0);
}

static void test_neighbours_become_mismatches(void **state)
{
    (void)state;
    /* C at 38 deleted, T inserted after the A at 39: two mismatches cost less than two gaps */
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCATTGAGTACGGATCTTCAGGACCTAG", "37M1D2M1I24M", "64M",
          0, 2);
}

static void test_bad_ends_are_clipped(void **state)
{
    (void)state;
    check("CTAACCAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "64M", "5S59M", 5, 0);
    check("GATTACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGTTAGCA", "64M", "58M6S", 0, 0);
    /* one wrong base near the end is worth keeping when more follow that match */
    check("GACTACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAG", "64M", "64M", 0, 1);
    /* a deletion near the end costs more than it keeps; an insertion at the end is clipped */
    check("GAACAGGCTTAACCGTGATCGAAAAAAAAGCACGTCCATGAGTACGGATCTTCAGGACCTAGC", "2M2D60M1I", "2S60M1S",
          4, 0);
}

/* A profile without errors: one quality, reads of 1 kb. */
static struct gn_long_profile *plain_profile(void)
{
    struct gn_long_profile *p = calloc(1, sizeof *p);
    for (int i = 0; i < GN_LONG_PERCENTILES; i++)
        p->read_length[i] = 1000;
    struct gn_long_qualities *q = &p->qualities;
    q->n_levels = 2;
    q->low[0] = q->high[0] = 10;
    q->low[1] = q->high[1] = 30;
    for (int i = 0; i < GN_LONG_PREVIOUS; i++)
        q->previous_upto[i] = 1;
    q->previous_upto[0] = 0;
    for (int c = 0; c < GN_LONG_QUALITY_CONTEXTS; c++)
        for (int g = 0; g < GN_LONG_PREVIOUS; g++) {
            /* low quality beside indels, high elsewhere */
            q->erred[c][g].upto[0] = q->inserted[c][g].upto[0] = 65535;
            q->erred[c][g].upto[1] = q->inserted[c][g].upto[1] = 65535;
            for (int k = 0; k < GN_LONG_CLASSES; k++)
                q->plain[k][c][g].upto[1] = 65535;
        }
    for (int k = 0; k < GN_LONG_CLASSES; k++)
        p->classes[k] = (struct gn_long_class){0.25, 1, 1, 1};
    for (int i = 0; i < GN_LONG_FACTORS; i++) {
        p->deletion.short_run_factor[i] = p->deletion.long_run_factor[i] = 1;
        p->insertion.short_run_factor[i] = p->insertion.long_run_factor[i] = 1;
        p->deletion.short_strand_factor[i] = p->deletion.long_strand_factor[i] = 1;
        p->insertion.short_strand_factor[i] = p->insertion.long_strand_factor[i] = 1;
    }
    for (int i = 0; i < GN_LONG_LENGTH_CLASSES; i++)
        p->deletion.length[i][0] = p->insertion.length[i][0] = 1;
    for (int i = 0; i < 4; i++)
        p->deletion.by_base[i] = p->insertion.by_base[i] = 1;
    return p;
}

/* The haplotype has REF without base 10 and with GG after base 40. */
static int64_t make_molecule(char *bases, int64_t *positions)
{
    int64_t n = 0;
    for (int i = 0; REF[i] != '\0'; i++) {
        if (i == 10)
            continue;
        bases[n] = REF[i];
        positions[n++] = i;
        for (int k = 0; i == 40 && k < 2; k++) {
            bases[n] = 'C';
            positions[n++] = -1;
        }
    }
    bases[n] = '\0';
    return n;
}

static void test_without_errors_the_haplotype_is_read(void **state)
{
    (void)state;
    char bases[100];
    int64_t positions[100];
    struct gn_long_profile *profile = plain_profile();
    struct gn_long_sequencer sequencer;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, 1);
    /* rates are there, but the scale is 0 */
    profile->stray_insertion = 0.5;
    profile->qualities.mismatch[1] = 0.5;
    profile->deletion.run[0][1] = profile->deletion.run[1][1] = 0.5;
    gn_long_sequencer_init(&sequencer, profile, 0, 1);
    struct gn_long_molecule molecule = {.bases = bases, .positions = positions};
    molecule.n = make_molecule(bases, positions);
    struct gn_long_read read = {0};
    for (int strand = 0; strand < 2; strand++) {
        molecule.is_reverse = strand;
        assert_int_equal(gn_long_sequence(&sequencer, &rng, &molecule, &read, NULL), GN_OK);
        assert_int_equal(read.n, molecule.n);
        assert_memory_equal(read.bases, bases, read.n);
        for (size_t i = 0; i < read.n; i++)
            assert_int_equal(read.qualities[i], 30);
        struct gn_long_pairing pairing = {read.bases, REF, 0};
        struct gn_long_alignment *a = &read.alignment;
        assert_int_equal(gn_long_alignment_normalise(a, &pairing, NULL), GN_OK);
        assert_int_equal(gn_long_alignment_cigar(a, &pairing, NULL), GN_OK);
        static const struct gn_long_op expected[] = {
            {BAM_CMATCH, 10}, {BAM_CDEL, 1}, {BAM_CMATCH, 30}, {BAM_CINS, 2}, {BAM_CMATCH, 23}};
        assert_int_equal(a->n, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(a->v[i].op, expected[i].op);
            assert_int_equal(a->v[i].n, expected[i].n);
        }
        assert_int_equal(a->edit_distance, 3);
    }
    gn_long_read_free(&read);
    gn_long_profile_free(profile);
}

/* The run of eight loses a base in every read; nothing else does. */
static void test_runs_slip_at_their_rate(void **state)
{
    (void)state;
    enum { READS = 2000 };
    int64_t positions[100];
    for (int i = 0; i < 100; i++)
        positions[i] = i;
    struct gn_long_profile *profile = plain_profile();
    profile->deletion.run[0][8] = 0.25;
    profile->insertion.run[0][8] = 0.125;
    struct gn_long_sequencer sequencer;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, 7);
    gn_long_sequencer_init(&sequencer, profile, 1, 1);
    struct gn_long_molecule molecule = {REF, positions, (int64_t)strlen(REF)};
    struct gn_long_read read = {0};
    int shorter = 0, longer = 0;
    for (int i = 0; i < READS; i++) {
        assert_int_equal(gn_long_sequence(&sequencer, &rng, &molecule, &read, NULL), GN_OK);
        shorter += read.n == strlen(REF) - 1;
        longer += read.n == strlen(REF) + 1;
        /* the quality is low in the whole run and beside it exactly when it slipped */
        bool slipped = read.n != strlen(REF);
        assert_int_equal(read.qualities[25], slipped ? 10 : 30);
        assert_int_equal(read.qualities[22], slipped ? 10 : 30);
        assert_int_equal(read.qualities[20], 30);
    }
    /* five standard deviations: 2000 * 0.25 +- 97, 2000 * 0.125 +- 74 */
    assert_in_range(shorter, 403, 597);
    assert_in_range(longer, 176, 324);
    gn_long_read_free(&read);
    gn_long_profile_free(profile);
}

static const char *const SHIPPED[] = {"profiles/hifi-revio.json", "profiles/hifi-sequel2.json",
                                      "profiles/ont-r9.4.json", "profiles/ont-r10.4.json",
                                      "profiles/ont-r10.4-hac.json"}; /* from the root */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    assert_non_null(file);
    size_t n = fread(text, 1, (1 << 20) - 1, file);
    assert_true(n > 0 && n < 200000);
    fclose(file);
    return text;
}

static void test_profiles_come_back_from_their_files(void **state)
{
    (void)state;
    char path[] = "/tmp/gannet-test-profile-XXXXXX";
    assert_true(close(mkstemp(path)) == 0);
    for (size_t i = 0; i < sizeof SHIPPED / sizeof *SHIPPED; i++) {
        gn_error_t err = {0};
        struct gn_long_profile *first = gn_long_profile_load(SHIPPED[i], &err);
        assert_non_null(first);
        assert_int_equal(gn_long_profile_save(first, path, &err), GN_OK);
        struct gn_long_profile *second = gn_long_profile_load(path, &err);
        assert_non_null(second);
        assert_string_equal(first->name, second->name);
        assert_memory_equal(&first->qualities.low, &second->qualities.low,
                            sizeof first->qualities.low);
        for (int k = 0; k < GN_LONG_PERCENTILES; k++)
            assert_true(first->read_length[k] * 0.999 <= second->read_length[k] &&
                        first->read_length[k] * 1.001 >= second->read_length[k]);
        for (int run = 1; run <= GN_LONG_LONGEST_RUN; run++)
            assert_true(first->deletion.run[1][run] * 0.999 <= second->deletion.run[1][run] &&
                        first->deletion.run[1][run] * 1.001 >= second->deletion.run[1][run]);
        gn_long_profile_free(first);
        gn_long_profile_free(second);
    }
    unlink(path);
}

/* Writes a shipped profile with a text replaced. */
static void write_changed(const char *path, const char *old, const char *new)
{
    char *text = read_file(SHIPPED[0]);
    char *at = strstr(text, old);
    assert_non_null(at);
    FILE *file = fopen(path, "w");
    fwrite(text, 1, (size_t)(at - text), file);
    fprintf(file, "%s%s", new, at + strlen(old));
    fclose(file);
    free(text);
}

static void test_bad_profiles_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *message;
    } cases[] = {{"\"kind\": \"long\"", "\"kind\": \"wide\"", "kind"},
                 {"\"stray_insertion\": ", "\"stray_insertion\": 7, \"y\": ", "stray_insertion"},
                 {"\"clip_share\": ", "\"clip_share\": \"x\", \"y\": ", "clip_share"},
                 {"\"read_length\": [", "\"read_length\": [99999,", "read_length"},
                 {"\"run\":[[", "\"run\":[[], [", "run"},
                 {"\"n_levels\":7", "\"n_levels\":6", "levels_low"},
                 {"\"levels_low\":[3,10", "\"levels_low\":[3,3", "levels_low"},
                 {"\"wrong\":[[", "\"wrong\":[[-1,", "wrong"},
                 {"\"name\": ", "\"nome\": ", "name"},
                 {"{", "", "line "}};
    char path[] = "/tmp/gannet-test-profile-XXXXXX";
    assert_true(close(mkstemp(path)) == 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gn_error_t err = {0};
        write_changed(path, cases[i].old, cases[i].new);
        assert_null(gn_long_profile_load(path, &err));
        assert_int_equal(err.code, GN_E_DATA);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_non_null(strstr(err.message, path));
    }
    unlink(path);
    gn_error_t err = {0};
    assert_null(gn_long_profile_load(path, &err));
    assert_int_equal(err.code, GN_E_NO_INPUT);
    assert_false(gn_long_profile_is(path));
    assert_true(gn_long_profile_is(SHIPPED[0]));
    assert_false(gn_long_profile_is("profiles/novaseq-2x150.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contexts),
        cmocka_unit_test(test_indels_go_left),
        cmocka_unit_test(test_indels_of_one_run_join),
        cmocka_unit_test(test_neighbours_become_mismatches),
        cmocka_unit_test(test_bad_ends_are_clipped),
        cmocka_unit_test(test_without_errors_the_haplotype_is_read),
        cmocka_unit_test(test_runs_slip_at_their_rate),
        cmocka_unit_test(test_profiles_come_back_from_their_files),
        cmocka_unit_test(test_bad_profiles_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
