/* SPDX-License-Identifier: MIT
 *
 * test_short_profile.c - profiles survive their file, bad ones are refused, and what is learned
 * from simulated reads is what they were simulated with.
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

#include <jansson.h>

#include "simulate/short/short_places.h"
#include "simulate/short/short_profile.h"
#include "simulate/short/short_profile_learn.h"
#include "simulate/short/short_strings.h"
#include "simulate/simulate.h"

static const char PROFILE[] = "profiles/novaseq-2x150.json"; /* from the project's root */

static char folder[64];

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/gannet-test-profile-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {
        "a.json",   "b.json",      "s.bam",          "s.bam.bai",          "s.fa",
        "s.fa.fai", "s.truth.bed", "s.truth.vcf.gz", "s.truth.vcf.gz.tbi", "learned.json"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void test_written_profile_reads_back(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_short_profile *profile = gn_short_profile_read(PROFILE, &err);
    assert_non_null(profile);
    assert_int_equal(gn_short_profile_write(profile, in_folder("a.json"), &err), GN_OK);
    struct gn_short_profile *again = gn_short_profile_read(in_folder("a.json"), &err);
    assert_non_null(again);
    assert_string_equal(again->name, profile->name);
    assert_int_equal(again->n_strings, profile->n_strings);
    assert_memory_equal(again->strings, profile->strings,
                        (size_t)profile->n_strings * sizeof *profile->strings);
    assert_memory_equal(again->mismatch, profile->mismatch, sizeof profile->mismatch);
    assert_memory_equal(again->context, profile->context, sizeof profile->context);
    assert_memory_equal(again->deletion, profile->deletion, sizeof profile->deletion);
    assert_memory_equal(&again->inserts, &profile->inserts, sizeof profile->inserts);
    assert_memory_equal(&again->clean, &profile->clean, sizeof profile->clean);
    char *shipped = read_text(PROFILE), *written = read_text(in_folder("a.json"));
    assert_string_equal(written, shipped);
    free(shipped);
    free(written);
    gn_short_profile_free(profile);
    gn_short_profile_free(again);
}

static void test_shipped_profiles_are_small_and_sound(void **state)
{
    static const char *const names[] = {"hiseq-2x101", "hiseq-2x101-pcrfree", "hiseq-2x148",
                                        "novaseq-2x150"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        gn_error_t err = {0};
        snprintf(path, sizeof path, "profiles/%s.json", names[i]);
        struct gn_short_profile *profile = gn_short_profile_read(path, &err);
        assert_non_null(profile);
        assert_string_equal(profile->name, names[i]);
        assert_true(strlen(profile->source) > 0 && strlen(profile->description) > 0);
        /* reported qualities rise, errors fall */
        assert_true(profile->mismatch[10] > profile->mismatch[20]);
        assert_true(profile->mismatch[20] > profile->mismatch[30]);
        gn_short_profile_free(profile);
        char *text = read_text(path);
        assert_true(strlen(text) < 150000);
        free(text);
    }
}

/* The profile with one key changed to the JSON text (NULL: left out) must be refused for it. */
static void refuse(const char *key, const char *json)
{
    gn_error_t err = {0};
    json_t *root = json_load_file(PROFILE, 0, NULL);
    assert_non_null(root);
    if (json == NULL)
        json_object_del(root, key);
    else
        json_object_set_new(root, key, json_loads(json, JSON_DECODE_ANY, NULL));
    assert_int_equal(json_dump_file(root, in_folder("b.json"), JSON_COMPACT), 0);
    json_decref(root);
    struct gn_short_profile *profile = gn_short_profile_read(in_folder("b.json"), &err);
    if (profile != NULL || strstr(err.message, key) == NULL ||
        strstr(err.message, "b.json") == NULL)
        fail_msg("%s = %.40s: %s", key, json == NULL ? "(none)" : json, err.message);
    assert_int_equal(err.code, GN_E_DATA);
}

static void test_bad_profiles_are_refused(void **state)
{
    (void)state;
    refuse("kind", "\"long\"");
    refuse("kind", NULL);
    refuse("version", "2");
    refuse("name", "7");
    refuse("read_length", "0");
    refuse("read_length", "100"); /* the strings are longer: see below */
    refuse("read_length", "1e3");
    refuse("insert_bin", "0");
    refuse("inserts", "[]");
    refuse("inserts", "[0, 0]");
    refuse("inserts", "[1, -1]");
    refuse("mismatch_by_quality", "[0.1, 1.5]");
    refuse("mismatch_by_quality", "\"none\"");
    refuse("mismatch_spectrum", "[[0, 1, 1, 1]]");
    refuse("repeat_deletion", "[[0], [0], [0], [0]]");
    refuse("repeat_insertion", NULL);
    refuse("error_prone_places", "[0, 0, 0, 0]");
    refuse("doubtful_share", "-0.1");
    refuse("doubtful_length", "0");
    refuse("duplicates", "1");
    refuse("mapq_clean", "[0]");
    refuse("depth_by_gc", "[1, 1]");
    refuse("qualities", "[]");
    refuse("qualities", "[[\"II\", \"II\"]]");
    refuse("qualities", "[7]");
}

static void test_files_that_are_no_profile(void **state)
{
    gn_error_t err = {0};
    (void)state;
    assert_null(gn_short_profile_read(in_folder("absent.json"), &err));
    assert_int_equal(err.code, GN_E_NO_INPUT);
    assert_null(gn_short_profile_read("Makefile", &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_non_null(strstr(err.message, "Makefile"));
}

static void test_drawn_qualities_have_the_strings_means(void **state)
{
    enum { PAIRS = 20000 };
    gn_error_t err = {0};
    struct gn_mt64 rng;
    struct gn_short_profile *profile = gn_short_profile_read("profiles/hiseq-2x148.json", &err);
    (void)state;
    assert_non_null(profile);
    gn_mt64_seed(&rng, 4);
    static double drawn[2][GN_SHORT_LONGEST_READ], real[2][GN_SHORT_LONGEST_READ];
    for (int i = 0; i < PAIRS; i++) {
        uint8_t qualities[2][GN_SHORT_LONGEST_READ];
        gn_short_profile_qualities(profile, &rng, 148, qualities);
        for (int k = 0; k < 2 * 148; k++)
            drawn[k % 2][k / 2] += (double)qualities[k % 2][k / 2] / PAIRS;
    }
    for (int s = 0; s < profile->n_strings; s++)
        for (int k = 0; k < 2 * 148; k++)
            real[k % 2][k / 2] += (double)profile->strings[s][k % 2][k / 2] / profile->n_strings;
    for (int k = 0; k < 2 * 148; k++)
        assert_true(drawn[k % 2][k / 2] > real[k % 2][k / 2] - 1.0 &&
                    drawn[k % 2][k / 2] < real[k % 2][k / 2] + 1.0);
    gn_short_profile_free(profile);
}

static void test_sampled_pairs_stay_pairs(void **state)
{
    gn_error_t err = {0};
    struct gn_string_sample sample;
    struct gn_short_profile profile = {.read_length = 40};
    (void)state;
    assert_int_equal(gn_string_sample_init(&sample, &err), GN_OK);
    for (int r = 0; r < 2; r++) /* far apart, and more than the table holds */
        for (int i = 0; i < 30000; i++) {
            char name[32];
            uint8_t qualities[40];
            snprintf(name, sizeof name, "read%d", i);
            for (int k = 0; k < 40; k++)
                qualities[k] = (uint8_t)(k == 0 ? i % 40 : k == 1 ? i / 40 % 40 : 10 + r);
            assert_int_equal(gn_string_sample_add(&sample, name, r == 1, qualities, 40, &err),
                             GN_OK);
        }
    assert_int_equal(gn_string_sample_take(&sample, 40, 500, &profile, &err), GN_OK);
    assert_int_equal(profile.n_strings, 500);
    double mean = 0;
    for (int s = 0; s < 500; s++) {
        assert_int_equal(profile.strings[s][0][0], profile.strings[s][1][0]);
        assert_int_equal(profile.strings[s][0][1], profile.strings[s][1][1]);
        assert_int_equal(profile.strings[s][1][5] - profile.strings[s][0][5], 1);
        mean += profile.strings[s][0][0] / 500.0;
    }
    assert_true(mean > 18.0 && mean < 21.0); /* 19.5: all names alike likely */
    free(profile.strings);
    gn_string_sample_clear(&sample);
}

static int draw_binomial(struct gn_mt64 *rng, int n, double p)
{
    int k = 0;
    for (int i = 0; i < n; i++)
        k += gn_draw_chance(rng, p);
    return k;
}

static void test_places_are_found_again(void **state)
{
    static struct gn_place_counts counts;
    const double error = 0.002, share[GN_SHORT_PLACE_LEVELS] = {0, 0, 0.003, 0.001, 0};
    double place[GN_SHORT_PLACE_LEVELS];
    struct gn_mt64 rng;
    (void)state;
    gn_mt64_seed(&rng, 9);
    for (int i = 0; i < 200000; i++) {
        double u = gn_mt64_uniform(&rng);
        int level = u < share[2] ? 2 : u < share[2] + share[3] ? 3 : -1;
        int wrong = level >= 0 ? draw_binomial(&rng, 20, gn_short_place_levels[level])
                               : draw_binomial(&rng, 20, error / 3);
        for (int b = 1; b < 3 && level < 0; b++) {
            int other = draw_binomial(&rng, 20, error / 3);
            wrong = other > wrong ? other : wrong;
        }
        gn_place_counts_add(&counts, 20, wrong);
    }
    double background = gn_place_counts_solve(&counts, 0.005, place);
    double misread = 0;
    for (int i = 0; i < GN_SHORT_PLACE_LEVELS; i++)
        misread += place[i] * gn_short_place_levels[i];
    assert_true(background > 0.0017 && background < 0.0023);
    assert_true(misread > 0.00068 && misread < 0.00092); /* 0.0008 went in */
    assert_true(place[2] + place[3] > 0.003 && place[2] + place[3] < 0.005);
    assert_true(place[4] < 0.0002);
}

/* Mean over qualities [from, to], each as often as in the profile's strings. */
static double mismatch_between(const struct gn_short_profile *profile, int from, int to)
{
    double sum = 0, n = 0;
    for (int s = 0; s < profile->n_strings; s++)
        for (int r = 0; r < 2; r++)
            for (int k = 0; k < profile->read_length; k++) {
                int q = profile->strings[s][r][k];
                sum += q >= from && q <= to ? profile->mismatch[q] : 0;
                n += q >= from && q <= to;
            }
    return n > 0 ? sum / n : 0;
}

static double mean_insert(const struct gn_short_profile *profile)
{
    double sum = 0, n = 0;
    for (int i = 0; i < profile->inserts.n; i++) {
        n += profile->inserts.share[i];
        sum += profile->inserts.share[i] * (i + 0.5) * profile->inserts.bin;
    }
    return sum / n;
}

static double sure_share(const struct gn_short_profile *profile)
{
    double sure = 0, all = 0;
    for (int q = 0; q < GN_SHORT_MAPQS; q++) {
        all += profile->clean.share[q];
        sure += q >= 50 ? profile->clean.share[q] : 0;
    }
    return sure / all;
}

static double run_deletion(const struct gn_short_profile *profile, int from, int to)
{
    double sum = 0;
    for (int c = from; c <= to; c++)
        sum += profile->deletion[0][c];
    return sum / (to - from + 1);
}

static void assert_near(const char *what, double found, double expected, double tolerance)
{
    if (found < expected * (1 - tolerance) || found > expected * (1 + tolerance))
        fail_msg("%s: %g went in, %g was learned", what, expected, found);
}

/* Tolerances: what 9 million bases allow, twice over. */
static void test_learning_gives_back_what_was_simulated(void **state)
{
    gn_error_t err = {0};
    struct gn_simulate_options options = gn_simulate_defaults();
    struct gn_simulate_counts counts;
    (void)state;
    options.prefix = in_folder("s");
    options.profile = PROFILE;
    options.genome_size = 300000;
    options.n_contigs = 1;
    options.copy_share = 0;
    options.indel_rate = 0.0001;
    assert_int_equal(gn_simulate(&options, &counts, &err), GN_OK);
    struct gn_short_learn_task task = {.reads = in_folder("s.bam"),
                                       .reference = in_folder("s.fa"),
                                       .truth = in_folder("s.truth.vcf.gz"),
                                       .name = "again",
                                       .source = "simulated",
                                       .description = "simulated"};
    struct gn_short_profile *in = gn_short_profile_read(PROFILE, &err);
    struct gn_short_profile *out = gn_short_profile_learn(&task, &err);
    assert_non_null(in);
    assert_non_null(out);
    assert_int_equal(out->read_length, in->read_length);
    assert_near("mismatches, low quality", mismatch_between(out, 2, 14),
                mismatch_between(in, 2, 14), 0.15);
    assert_near("mismatches, quality 20", mismatch_between(out, 15, 24),
                mismatch_between(in, 15, 24), 0.15);
    assert_near("mismatches, quality 30", mismatch_between(out, 25, 40),
                mismatch_between(in, 25, 40), 0.4);
    assert_near("deletions in runs of 8 to 12", run_deletion(out, 8, 12), run_deletion(in, 8, 12),
                0.5);
    assert_near("deletions in runs of 14 to 18", run_deletion(out, 14, 18),
                run_deletion(in, 14, 18), 0.4);
    assert_near("fragments", mean_insert(out), mean_insert(in), 0.02);
    assert_near("MAPQ of 50 and more", sure_share(out), sure_share(in), 0.03);
    assert_near("duplicates", out->duplicate, in->duplicate, 0.06);
    assert_near("clips at the end", out->clip_end, in->clip_end, 0.3);
    assert_near("error-prone places", out->place[0], in->place[0], 0.3);
    gn_short_profile_free(in);
    gn_short_profile_free(out);
}

static void test_learning_refuses_what_it_cannot_use(void **state)
{
    gn_error_t err = {0};
    (void)state;
    struct gn_short_learn_task task = {.reads = in_folder("absent.bam"),
                                       .reference = in_folder("s.fa"),
                                       .name = "x",
                                       .source = "",
                                       .description = ""};
    assert_null(gn_short_profile_learn(&task, &err));
    assert_int_equal(err.code, GN_E_NO_INPUT);
    assert_non_null(strstr(err.message, "absent.bam"));
    task.reads = " ";
    assert_null(gn_short_profile_learn(&task, &err));
    assert_int_equal(err.code, GN_E_USAGE);
    task.reads = in_folder("s.bam");
    task.reference = in_folder("absent.fa");
    assert_null(gn_short_profile_learn(&task, &err));
    assert_int_equal(err.code, GN_E_NO_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_profile_reads_back),
        cmocka_unit_test(test_shipped_profiles_are_small_and_sound),
        cmocka_unit_test(test_bad_profiles_are_refused),
        cmocka_unit_test(test_files_that_are_no_profile),
        cmocka_unit_test(test_drawn_qualities_have_the_strings_means),
        cmocka_unit_test(test_sampled_pairs_stay_pairs),
        cmocka_unit_test(test_places_are_found_again),
        cmocka_unit_test(test_learning_gives_back_what_was_simulated),
        cmocka_unit_test(test_learning_refuses_what_it_cannot_use),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
