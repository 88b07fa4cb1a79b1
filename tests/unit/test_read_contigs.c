/* SPDX-License-Identifier: MIT
 *
 * test_read_contigs.c - which contigs reads and reference share, and which are never called
 * (spec 10 section 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_bam.h"
#include "reads/read_source.h"
#include "temporary_folder.h"

enum { MAX_CONTIGS = 4 };

/* A contig of the reference; has_reads: 0 not in the BAM file, else its length there. */
struct contig_case {
    const char *name;
    int64_t length, in_reads;
};

/* Matches a reference with a BAM file; `usable` receives one letter per contig. */
static int match(const struct contig_case *cases, char usable[MAX_CONTIGS + 1], gn_error_t *err)
{
    struct temporary_folder folder;
    struct gn_contigs contigs = {.n = 0};
    char header[512] = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:extra\tLN:77\n", path[160];
    bool flags[MAX_CONTIGS];
    temporary_make(&folder);
    strcpy(path, temporary_path(&folder, "reads.bam"));
    for (const struct contig_case *c = cases; c->name != NULL; c++) {
        assert_int_equal(gn_contigs_add(&contigs, c->name, c->length, err), GN_OK);
        if (c->in_reads > 0)
            sprintf(header + strlen(header), "@SQ\tSN:%s\tLN:%lld\n", c->name,
                    (long long)c->in_reads);
    }
    hand_bam_write(path, header, "", HAND_BAM_INDEX);
    char *list[] = {path};
    struct gn_read_options options = gn_read_options_default();
    gn_read_source_t *source =
        gn_read_source_open(&(struct gn_texts){list, 1}, NULL, &options, err);
    assert_non_null(source);
    int ret = gn_read_source_match_contigs(source, &contigs, flags, err);
    for (int i = 0; i < contigs.n; i++)
        usable[i] = flags[i] ? 'y' : 'n';
    usable[contigs.n] = '\0';
    gn_read_source_close(source);
    gn_contigs_clear(&contigs);
    temporary_remove(&folder);
    return ret;
}

static void contigs_with_reads_are_usable(void **state)
{
    (void)state;
    char usable[MAX_CONTIGS + 1];
    gn_error_t err = {0};
    static const struct contig_case shared[] = {
        {"chr1", 900, 900}, {"chr2", 99, 99}, {"chrM", 1, 0}, {NULL, 0, 0}};
    assert_int_equal(match(shared, usable, &err), GN_OK);
    assert_string_equal(usable, "yyn");
    /* excluded contigs are no part of the reckoning */
    static const struct contig_case decoy[] = {
        {"chr1", 900, 900}, {"hs37d5", 90000, 0}, {"chrEBV", 100, 100}, {NULL, 0, 0}};
    assert_int_equal(match(decoy, usable, &err), GN_OK);
    assert_string_equal(usable, "ynn");
}

static void nine_tenths_of_the_reference_must_be_shared(void **state)
{
    (void)state;
    char usable[MAX_CONTIGS + 1];
    gn_error_t err = {0};
    static const struct contig_case enough[] = {{"1", 900, 900}, {"2", 100, 0}, {NULL, 0, 0}};
    assert_int_equal(match(enough, usable, &err), GN_OK);
    static const struct contig_case too_few[] = {{"1", 899, 899}, {"2", 101, 0}, {NULL, 0, 0}};
    assert_int_equal(match(too_few, usable, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "89.9"));
    assert_non_null(strstr(err.message, "90"));
    static const struct contig_case other_names[] = {{"chr1", 900, 0}, {NULL, 0, 0}};
    assert_int_equal(match(other_names, usable, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "'extra'")); /* both namings */
    assert_non_null(strstr(err.message, "'chr1'"));
}

static void a_contig_has_one_length(void **state)
{
    (void)state;
    char usable[MAX_CONTIGS + 1];
    gn_error_t err = {0};
    static const struct contig_case other_length[] = {
        {"chr1", 90000, 90000}, {"chr2", 100, 101}, {NULL, 0, 0}};
    assert_int_equal(match(other_length, usable, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "chr2"));
    assert_non_null(strstr(err.message, "100"));
    assert_non_null(strstr(err.message, "101"));
}

static void excluded_contigs(void **state)
{
    (void)state;
    static const char *const excluded[] = {"hs37d5",
                                           "chrEBV",
                                           "NC_007605",
                                           "GL000191.1",
                                           "GL000249.1",
                                           "GL000228.1",
                                           "chrUn_KI270302v1",
                                           "chr1_KI270762v1_alt",
                                           "chr1_KI270706v1_random",
                                           "HLA-A*01:01:01:01"};
    static const char *const called[] = {"chr1", "1",  "chrM", "MT",    "chrX",
                                         "Y",    "22", "alt",  "chr20", "GL000190.1"};
    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++)
        assert_true(gn_contig_is_excluded(excluded[i]));
    for (size_t i = 0; i < sizeof called / sizeof *called; i++)
        assert_false(gn_contig_is_excluded(called[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contigs_with_reads_are_usable),
        cmocka_unit_test(nine_tenths_of_the_reference_must_be_shared),
        cmocka_unit_test(a_contig_has_one_length),
        cmocka_unit_test(excluded_contigs),
    };
    return cmocka_run_group_tests_name("read_contigs", tests, NULL, NULL);
}
