/* SPDX-License-Identifier: MIT
 *
 * test_gvcf_merge.c - blocks cut around variants, the gVCF form of variants, and when pushed
 * records leave (spec 120).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <htslib/faidx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcf/gvcf_merge.h"

static char fasta_path[] = "/tmp/gannet_merge_XXXXXX";
static gn_fasta_t *fasta;

/* chr1: position 0 A, 1 C, 2 G, 3 T, 4 A, ... */
static int make_reference(void **state)
{
    (void)state;
    int fd = mkstemp(fasta_path);
    FILE *file = fdopen(fd, "w");
    fputs(">chr1\n", file);
    for (int i = 0; i < 250; i++)
        fputs("ACGT", file);
    fputs("\n>chr2\nACGTACGTACGTACGT\n", file);
    fclose(file);
    if (fai_build(fasta_path) != 0)
        return -1;
    fasta = gn_fasta_open(fasta_path, NULL);
    return fasta == NULL ? -1 : 0;
}

static int remove_reference(void **state)
{
    (void)state;
    char index[64];
    snprintf(index, sizeof index, "%s.fai", fasta_path);
    gn_fasta_close(fasta);
    unlink(index);
    return unlink(fasta_path);
}

struct output {
    char variants[2000], records[2000]; /* "contig:start-end REF>ALT,ALT " each */
};

static void describe(char *to, const struct gn_variant *v)
{
    to += strlen(to);
    to += sprintf(to, "%s:%d-%d %s>", v->contig, (int)v->start0, (int)v->end0, v->ref);
    for (int i = 0; i < v->alts.n; i++)
        to += sprintf(to, "%s%s", i > 0 ? "," : "", v->alts.v[i]);
    sprintf(to, "; ");
}

static int take_variant(void *state, struct gn_variant *v, gn_error_t *err)
{
    (void)err;
    describe(((struct output *)state)->variants, v);
    gn_variant_free(v);
    return GN_OK;
}

static int take_record(void *state, struct gn_variant *v, gn_error_t *err)
{
    (void)err;
    describe(((struct output *)state)->records, v);
    gn_variant_free(v);
    return GN_OK;
}

static struct gn_variant *make(const char *contig, int64_t start0, int64_t end0, const char *ref,
                               const char *alt)
{
    struct gn_variant *v = gn_variant_create();
    gn_text_set(&v->contig, contig, NULL);
    gn_text_set(&v->ref, ref, NULL);
    gn_texts_push(&v->alts, alt, NULL);
    v->start0 = start0;
    v->end0 = end0;
    v->has_call = true;
    gn_doubles_set(&v->gl, (const double[]){-3, -1, -2}, 3, NULL);
    return v;
}

static gn_gvcf_merge_t *open_merge(struct output *out, const struct gn_ranges *regions)
{
    *out = (struct output){"", ""};
    struct gn_gvcf_merge_options options = {
        fasta, regions, {take_variant, out}, {take_record, out}};
    gn_gvcf_merge_t *merge = gn_gvcf_merge_create(&options, NULL);
    assert_non_null(merge);
    return merge;
}

static void push_variant(gn_gvcf_merge_t *merge, struct gn_variant *v)
{
    assert_int_equal(gn_gvcf_merge_push_variant(merge, v, NULL), GN_OK);
}

static void push_block(gn_gvcf_merge_t *merge, struct gn_variant *v)
{
    assert_int_equal(gn_gvcf_merge_push_block(merge, v, NULL), GN_OK);
}

static void finish(gn_gvcf_merge_t *merge)
{
    assert_int_equal(gn_gvcf_merge_advance_variants(merge, gn_position_end, NULL), GN_OK);
    assert_int_equal(gn_gvcf_merge_advance_blocks(merge, gn_position_end, NULL), GN_OK);
    gn_gvcf_merge_destroy(merge);
}

static void blocks_are_cut_around_variants(void **state)
{
    (void)state;
    struct output out;
    gn_gvcf_merge_t *merge = open_merge(&out, NULL);
    push_block(merge, make("chr1", 0, 20, "A", "<*>"));
    push_block(merge, make("chr1", 20, 30, "A", "<*>"));
    push_block(merge, make("chr1", 30, 40, "G", "<*>"));
    push_variant(merge, make("chr1", 5, 7, "CG", "C"));
    push_variant(merge, make("chr1", 18, 32, "GTACGTACGTACGT", "G")); /* covers the second block */
    finish(merge);
    assert_string_equal(out.records, "chr1:0-5 A><*>; chr1:5-7 CG>C,<*>; chr1:7-18 T><*>; "
                                     "chr1:18-32 GTACGTACGTACGT>G,<*>; chr1:32-40 A><*>; ");
    assert_string_equal(out.variants, "chr1:5-7 CG>C; chr1:18-32 GTACGTACGTACGT>G; ");
}

static void overlapping_variants_do_not_interact(void **state)
{
    (void)state;
    struct output out;
    gn_gvcf_merge_t *merge = open_merge(&out, NULL);
    push_variant(merge, make("chr1", 4, 10, "ACGTAC", "A"));
    push_variant(merge, make("chr1", 6, 7, "G", "C"));
    push_variant(merge, make("chr1", 8, 9, "A", "C"));
    push_block(merge, make("chr1", 0, 12, "A", "<*>"));
    finish(merge);
    assert_string_equal(
        out.records, "chr1:0-4 A><*>; chr1:4-10 ACGTAC>A,<*>; chr1:6-7 G>C,<*>; chr1:8-9 A>C,<*>; "
                     "chr1:10-12 G><*>; ");
}

static void contigs_follow_the_reference(void **state)
{
    (void)state;
    struct output out;
    gn_gvcf_merge_t *merge = open_merge(&out, NULL);
    push_variant(merge, make("chr1", 900, 901, "A", "C"));
    push_variant(merge, make("chr2", 3, 4, "T", "C"));
    push_block(merge, make("chr1", 0, 10, "A", "<*>"));
    push_block(merge, make("chr2", 0, 16, "A", "<*>"));
    finish(merge);
    assert_string_equal(out.records, "chr1:0-10 A><*>; chr1:900-901 A>C,<*>; chr2:0-3 A><*>; "
                                     "chr2:3-4 T>C,<*>; chr2:4-16 A><*>; ");
}

static void records_leave_as_soon_as_they_are_safe(void **state)
{
    (void)state;
    struct output out;
    gn_gvcf_merge_t *merge = open_merge(&out, NULL);
    push_block(merge, make("chr1", 0, 10, "A", "<*>"));
    assert_string_equal(out.records, "");
    assert_int_equal(gn_gvcf_merge_advance_variants(merge, (struct gn_position){0, 9}, NULL),
                     GN_OK);
    assert_string_equal(out.records, "");
    assert_int_equal(gn_gvcf_merge_advance_variants(merge, (struct gn_position){0, 10}, NULL),
                     GN_OK);
    assert_string_equal(out.records, "chr1:0-10 A><*>; ");
    push_variant(merge, make("chr1", 12, 14, "AC", "A"));
    assert_string_equal(out.variants, "");
    assert_int_equal(gn_gvcf_merge_advance_blocks(merge, (struct gn_position){0, 13}, NULL), GN_OK);
    assert_string_equal(out.variants, ""); /* a block may still start inside it */
    assert_int_equal(gn_gvcf_merge_advance_blocks(merge, (struct gn_position){0, 14}, NULL), GN_OK);
    assert_string_equal(out.variants, "chr1:12-14 AC>A; ");
    assert_int_equal(gn_gvcf_merge_push_block(merge, make("chr1", 13, 20, "C", "<*>"), NULL),
                     GN_E_DATA);
    finish(merge);
}

/* Whatever the interleaving of the two kinds, the records are the same. */
static void interleaving_does_not_matter(void **state)
{
    (void)state;
    const int64_t blocks[][2] = {{0, 7}, {7, 8}, {8, 40}, {50, 60}},
                  variants[][2] = {{3, 9}, {9, 10}, {20, 30}, {22, 23}, {58, 70}};
    char expected[2000] = "";
    for (unsigned order = 0; order < 1u << 9; order++) {
        if (__builtin_popcount(order) != 4)
            continue;
        struct output out;
        gn_gvcf_merge_t *merge = open_merge(&out, NULL);
        int b = 0, v = 0;
        for (int i = 0; i < 9; i++) {
            if (order >> i & 1) {
                push_block(merge, make("chr1", blocks[b][0], blocks[b][1], "N", "<*>"));
                b++;
            } else {
                push_variant(merge, make("chr1", variants[v][0], variants[v][1], "N", "C"));
                v++;
            }
        }
        finish(merge);
        if (expected[0] == '\0')
            strcpy(expected, out.records);
        assert_string_equal(out.records, expected);
    }
    assert_string_equal(
        expected, "chr1:0-3 N><*>; chr1:3-9 N>C,<*>; chr1:9-10 N>C,<*>; chr1:10-20 G><*>; "
                  "chr1:20-30 N>C,<*>; chr1:22-23 N>C,<*>; chr1:30-40 G><*>; chr1:50-58 N><*>; "
                  "chr1:58-70 N>C,<*>; ");
}

static void blocks_outside_the_regions_are_dropped(void **state)
{
    (void)state;
    struct gn_range range = {0, 5, 25};
    struct gn_ranges regions = {&range, 1, 1};
    struct output out;
    gn_gvcf_merge_t *merge = open_merge(&out, &regions);
    push_block(merge, make("chr1", 0, 5, "A", "<*>"));
    push_block(merge, make("chr1", 5, 30, "C", "<*>"));
    push_variant(
        merge, make("chr1", 20, 27, "ACGTACG", "A")); /* what is left of the block begins outside */
    push_block(merge, make("chr1", 30, 40, "G", "<*>"));
    finish(merge);
    assert_string_equal(out.records, "chr1:5-20 C><*>; chr1:20-27 ACGTACG>A,<*>; ");
}

static void foreign_records_are_refused(void **state)
{
    (void)state;
    struct output out;
    gn_error_t err = {0};
    gn_gvcf_merge_t *merge = open_merge(&out, NULL);
    assert_int_equal(gn_gvcf_merge_push_block(merge, make("chr9", 0, 5, "A", "<*>"), &err),
                     GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "chr9"));
    assert_int_equal(gn_gvcf_merge_push_block(merge, make("chr2", 0, 17, "A", "<*>"), &err),
                     GN_E_MISMATCH);
    gn_gvcf_merge_destroy(merge);
}

static void gvcf_form_of_a_variant(void **state)
{
    (void)state;
    struct gn_variant *v = make("chr1", 1, 2, "A", "C");
    gn_ints_set(&v->ad, (const int32_t[]){4, 5}, 2, NULL);
    gn_doubles_set(&v->vaf, (const double[]){0.5}, 1, NULL);
    assert_int_equal(gn_gvcf_form(v, NULL), GN_OK);
    assert_int_equal(v->alts.n, 2);
    const double gl[] = {-2, 0, -1, -99, -99, -99};
    assert_int_equal(v->gl.n, 6);
    assert_memory_equal(v->gl.v, gl, sizeof gl);
    assert_int_equal(v->ad.n, 3);
    assert_int_equal(v->ad.v[2], 0);
    assert_int_equal(v->vaf.n, 2);
    assert_true(v->vaf.v[1] == 0);
    assert_int_equal(gn_gvcf_form(v, NULL), GN_OK); /* once is enough */
    assert_int_equal(v->alts.n, 2);
    gn_variant_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_cut_around_variants),
        cmocka_unit_test(overlapping_variants_do_not_interact),
        cmocka_unit_test(contigs_follow_the_reference),
        cmocka_unit_test(records_leave_as_soon_as_they_are_safe),
        cmocka_unit_test(interleaving_does_not_matter),
        cmocka_unit_test(blocks_outside_the_regions_are_dropped),
        cmocka_unit_test(foreign_records_are_refused),
        cmocka_unit_test(gvcf_form_of_a_variant),
    };
    return cmocka_run_group_tests(tests, make_reference, remove_reference);
}
