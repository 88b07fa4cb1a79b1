/* SPDX-License-Identifier: MIT
 *
 * test_ssw.c - hand-made alignments, and the vector passes against the scalar twin on random pairs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <htslib/sam.h>

#include "base/random.h"
#include "realign/ssw.h"

enum { LONGEST = 4096, FUZZED_PAIRS = 200000 };

static const struct gn_ssw_scores scores = {4, 6, 8, 2};

static const char *cigar_text(const struct gn_ssw_alignment *alignment)
{
    static char text[16 * LONGEST];
    size_t n = 0;
    text[0] = '\0';
    for (int i = 0; i < alignment->n_cigar; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%u%c",
                              bam_cigar_oplen(alignment->cigar[i]),
                              bam_cigar_opchr(alignment->cigar[i]));
    return text;
}

static gn_ssw_t *make(enum gn_ssw_isa isa)
{
    gn_error_t err = {0};
    gn_ssw_t *ssw = gn_ssw_create(&scores, isa, &err);
    if (ssw == NULL)
        assert_int_equal(err.code, GN_E_UNAVAILABLE);
    return ssw;
}

static int align(gn_ssw_t *ssw, const char *target, const char *query,
                 struct gn_ssw_alignment *alignment)
{
    static uint8_t codes[LONGEST];
    gn_error_t err = {0};
    gn_ssw_encode(target, strlen(target), codes);
    assert_int_equal(gn_ssw_set_query(ssw, query, (int)strlen(query), &err), GN_OK);
    int n = (int)strlen(target), known = n % 2 == 0 ? gn_ssw_score(ssw, codes, n) : 0;
    int aligned = gn_ssw_align(ssw, codes, n, known, alignment, &err);
    assert_true(aligned >= 0);
    assert_int_equal(gn_ssw_score(ssw, codes, n), alignment->score);
    return aligned;
}

static void test_hand_made(void **state)
{
    (void)state;
    static const struct {
        const char *target, *query, *cigar;
        int score, target_begin;
    } cases[] = {
        {"ACGTACGT", "ACGTACGT", "8=", 32, 0},
        {"TTTTACGTACGTGGGG", "ACGTACGT", "8=", 32, 4},
        {"ACGTTGCAACGGTCATTGCA", "ACGTTGCAATGGTCATTGCA", "9=1X10=", 70, 0},
        {"ACGTTGCAACGGTCATTGCA", "ACGTTGCAAGGTCATTGCA", "9=1D10=", 68, 0},
        {"ACGTTGCAACGGTCATTGCA", "ACGTTGCAATTCGGTCATTGCA", "9=2I11=", 70, 0},
        {"ACGTTGCAACGGTCATTGCA", "GGGGGACGTTGCAACGG", "5S12=", 48, 0},
        {"AAAAAAAA", "AAAA", "4=", 16, 0},     /* the first of equal places */
        {"ACGUACGT", "ACGAacgt", "8=", 32, 0}, /* U counts as A, either case */
        {"ACGTNACGTTCA", "ACGTNACGTTCA", "4=1=7=", 38, 0},
        {"", "ACGT", "", 0, 0},
        {"ACGT", "", "", 0, 0},
        {"AAAA", "CCCC", "", 0, 0},
        {"NNNN", "NNNN", "", 0, 0}, /* N matches nothing, not even N */
    };
    for (int isa = GN_SSW_BEST; isa <= GN_SSW_AVX2; isa++) {
        gn_ssw_t *ssw = make((enum gn_ssw_isa)isa);
        for (size_t i = 0; ssw != NULL && i < sizeof cases / sizeof *cases; i++) {
            struct gn_ssw_alignment alignment;
            int aligned = align(ssw, cases[i].target, cases[i].query, &alignment);
            assert_int_equal(aligned, cases[i].score > 0);
            assert_int_equal(alignment.score, cases[i].score);
            assert_int_equal(alignment.target_begin, cases[i].target_begin);
            if (strcmp(cases[i].cigar, "4=1=7=") == 0)
                assert_string_equal(cigar_text(&alignment), "12="); /* N and N: equal codes */
            else
                assert_string_equal(cigar_text(&alignment), cases[i].cigar);
        }
        gn_ssw_destroy(ssw);
    }
}

static uint32_t below(struct gn_numpy_random *rng, uint32_t n)
{
    return gn_numpy_randint(rng, n);
}

static char random_base(struct gn_numpy_random *rng)
{
    return below(rng, 200) == 0 ? 'N' : "ACGT"[below(rng, 4)];
}

/* A target of up to `longest` bases, with tandem repeats in every other one. */
static void random_target(struct gn_numpy_random *rng, uint32_t longest, char *target)
{
    uint32_t n = below(rng, longest + 1), period = below(rng, 2) == 0 ? 0 : 1 + below(rng, 12);
    for (uint32_t i = 0; i < n; i++)
        target[i] = period > 0 && i >= period && below(rng, 30) != 0 ? target[i - period]
                                                                     : random_base(rng);
    target[n] = '\0';
}

/* A piece of the target with substitutions and indels, sometimes with foreign ends. */
static void random_query(struct gn_numpy_random *rng, const char *target, char *query)
{
    size_t n_target = strlen(target), n = 0;
    size_t first = below(rng, (uint32_t)n_target / 2 + 1),
           last = n_target - below(rng, (uint32_t)n_target / 2 + 1);
    uint32_t one_in = 3 + below(rng, 100), clip = below(rng, 3) == 0 ? below(rng, 40) : 0;
    for (uint32_t i = 0; i < clip; i++)
        query[n++] = random_base(rng);
    for (size_t i = first; i < last && n < LONGEST - 64; i++) {
        uint32_t event = below(rng, one_in);
        if (event == 0)
            query[n++] = random_base(rng);
        else if (event == 1 && below(rng, 2) == 0)
            i += below(rng, 30);
        else if (event == 1)
            for (uint32_t extra = 1 + below(rng, 20); extra > 0; extra--)
                query[n++] = random_base(rng);
        else
            query[n++] = target[i];
    }
    query[n] = '\0';
}

/* A target that shares a random prefix and suffix with another one. */
static void random_sibling(struct gn_numpy_random *rng, const char *target, char *sibling)
{
    uint32_t n = (uint32_t)strlen(target), first = below(rng, n + 1),
             last = first + below(rng, n - first + 1);
    uint32_t n_new = below(rng, 4) == 0 ? below(rng, 60) : last - first;
    memcpy(sibling, target, first);
    for (uint32_t i = 0; i < n_new; i++)
        sibling[first + i] =
            below(rng, 5) == 0 || i >= last - first ? random_base(rng) : target[first + i];
    memcpy(sibling + first + n_new, target + last, n - last + 1);
}

static void test_vector_passes_equal_scalar(void **state)
{
    (void)state;
    static char target[LONGEST], query[LONGEST], expected_cigar[16 * LONGEST];
    static struct gn_numpy_random rng;
    gn_ssw_t *scalar = make(GN_SSW_SCALAR);
    gn_ssw_t *vector[2] = {make(GN_SSW_SSE2), make(GN_SSW_AVX2)};
    gn_numpy_seed(&rng, 20260723);
    int n_aligned = 0, n_gapped = 0, n_beyond_8_bit = 0;
    for (int pair = 0; pair < FUZZED_PAIRS; pair++) {
        random_target(&rng, pair % 1000 == 0 ? 1500 : pair % 10 == 0 ? 300 : 80, target);
        if (pair % 4 == 1) /* nearly equal: the walk along a band of diagonals */
            random_sibling(&rng, target, query);
        else
            random_query(&rng, target, query);
        struct gn_ssw_alignment expected, found;
        int aligned = align(scalar, target, query, &expected);
        strcpy(expected_cigar, cigar_text(&expected));
        n_aligned += aligned;
        n_gapped += strpbrk(expected_cigar, "ID") != NULL;
        n_beyond_8_bit += expected.score + 6 >= 255;
        for (int i = 0; i < 2; i++) {
            if (vector[i] == NULL)
                continue;
            assert_int_equal(align(vector[i], target, query, &found), aligned);
            assert_int_equal(found.score, expected.score);
            assert_int_equal(found.target_begin, expected.target_begin);
            assert_int_equal(found.target_end, expected.target_end);
            assert_int_equal(found.query_begin, expected.query_begin);
            assert_int_equal(found.query_end, expected.query_end);
            assert_string_equal(cigar_text(&found), expected_cigar);
        }
    }
    print_message("%d pairs aligned, %d with gaps, %d with scores beyond 8 bits\n", n_aligned,
                  n_gapped, n_beyond_8_bit);
    assert_true(n_aligned > FUZZED_PAIRS / 2 && n_gapped > FUZZED_PAIRS / 10 &&
                n_beyond_8_bit > FUZZED_PAIRS / 50);
    gn_ssw_destroy(scalar);
    gn_ssw_destroy(vector[0]);
    gn_ssw_destroy(vector[1]);
}

static int shared_prefix(const char *a, const char *b)
{
    int n = 0;
    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

static int shared_suffix(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b), n = 0;
    while (n < n_a && n < n_b && a[n_a - 1 - n] == b[n_b - 1 - n])
        n++;
    return (int)n;
}

/* Families of similar targets: walking only their differences finds the scores of whole walks. */
static void test_siblings_equal_whole_targets(void **state)
{
    (void)state;
    static char targets[2][2 * LONGEST], query[LONGEST];
    static uint8_t codes[2 * LONGEST];
    static struct gn_numpy_random rng;
    gn_ssw_t *scalar = make(GN_SSW_SCALAR);
    gn_ssw_t *siblings[3] = {make(GN_SSW_SCALAR), make(GN_SSW_SSE2), make(GN_SSW_AVX2)};
    gn_error_t err = {0};
    gn_numpy_seed(&rng, 77);
    for (int family = 0; family < 4000; family++) {
        random_target(&rng, family % 100 == 0 ? 1500 : 300, targets[0]);
        random_query(&rng, targets[0], query);
        query[below(&rng, 150)] = '\0';
        int n_query = (int)strlen(query);
        assert_int_equal(gn_ssw_set_query(scalar, query, n_query, &err), GN_OK);
        for (int i = 0; i < 3; i++)
            if (siblings[i] != NULL)
                assert_int_equal(gn_ssw_set_query(siblings[i], query, n_query, &err), GN_OK);
        targets[1][0] = '\0';
        for (int member = 0; member < 6; member++) {
            const char *target = targets[member % 2], *previous = targets[1 - member % 2];
            int n = (int)strlen(target);
            gn_ssw_encode(target, (size_t)n, codes);
            int expected = gn_ssw_score(scalar, codes, n);
            for (int i = 0; i < 3; i++)
                if (siblings[i] != NULL)
                    assert_int_equal(gn_ssw_score_sibling(siblings[i], codes, n,
                                                          shared_prefix(target, previous),
                                                          shared_suffix(target, previous), &err),
                                     expected);
            random_sibling(&rng, target, targets[1 - member % 2]);
        }
    }
    gn_ssw_destroy(scalar);
    for (int i = 0; i < 3; i++)
        gn_ssw_destroy(siblings[i]);
}

/* Scores stay at 32767: the alignment ends where they first reach it. */
static void test_saturation(void **state)
{
    (void)state;
    enum { N = 9000 };
    static char bases[N];
    static uint8_t codes[N];
    static struct gn_numpy_random rng;
    gn_numpy_seed(&rng, 1);
    for (int i = 0; i < N; i++)
        bases[i] = "ACGT"[below(&rng, 4)];
    gn_ssw_encode(bases, N, codes);
    for (int isa = GN_SSW_BEST; isa <= GN_SSW_AVX2; isa++) {
        gn_ssw_t *ssw = make((enum gn_ssw_isa)isa);
        if (ssw == NULL)
            continue;
        gn_error_t err = {0};
        struct gn_ssw_alignment alignment;
        assert_int_equal(gn_ssw_set_query(ssw, bases, N, &err), GN_OK);
        assert_int_equal(gn_ssw_align(ssw, codes, N, 0, &alignment, &err), 1);
        assert_int_equal(alignment.score, 32767);
        assert_int_equal(alignment.target_end, 8192);
        assert_int_equal(alignment.query_end, 8192);
        gn_ssw_destroy(ssw);
    }
}

/* Cheap gaps: a query whose middle, most of it, the target lacks. The gap goes through up to 15 of 16 lanes; the score is at
 * least that of both ends less the gap, and all passes find the same. */
static void test_gaps_through_many_lanes(void **state)
{
    (void)state;
    enum { N = 640 };
    static const struct gn_ssw_scores cheap = {40, 6, 8, 1};
    static char query[N + 1], target[N + 1];
    static uint8_t codes[N];
    static struct gn_numpy_random rng;
    gn_numpy_seed(&rng, 5);
    for (int i = 0; i < N; i++)
        query[i] = "ACGT"[below(&rng, 4)];
    for (int gap = 1; gap <= N - 60; gap += 13) {
        int before = (N - gap) / 2, after = N - gap - before;
        memcpy(target, query, (size_t)before);
        memcpy(target + before, query + before + gap, (size_t)after);
        gn_ssw_encode(target, (size_t)(before + after), codes);
        int expected = 0;
        for (int isa = GN_SSW_SCALAR; isa <= GN_SSW_AVX2; isa++) {
            gn_error_t err = {0};
            gn_ssw_t *ssw = gn_ssw_create(&cheap, (enum gn_ssw_isa)isa, &err);
            if (ssw == NULL)
                continue;
            assert_int_equal(gn_ssw_set_query(ssw, query, N, &err), GN_OK);
            int score = gn_ssw_score(ssw, codes, before + after);
            if (isa == GN_SSW_SCALAR)
                expected = score;
            assert_int_equal(score, expected);
            assert_true(score >= 40 * (before + after) - 8 - (gap - 1));
            gn_ssw_destroy(ssw);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_made),
        cmocka_unit_test(test_vector_passes_equal_scalar),
        cmocka_unit_test(test_siblings_equal_whole_targets),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_gaps_through_many_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
