/* SPDX-License-Identifier: MIT
 *
 * test_messages.c - protobuf bytes of variants, call outputs and examples; simplification of
 * alleles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/messages.h"
#include "io/tfrecord.h"

static struct gn_variant *make_variant(void)
{
    struct gn_variant *v = gn_variant_create();
    const char *alts[] = {"T", "CAA"}, *filters[] = {"PASS"}, *names[] = {"rs1", "rs2"};
    const int32_t genotype[] = {-1, 1}, ad[] = {3, 0, 70000}, ps[] = {-5}, alt_ps[] = {0, 1, 2},
                  one[] = {1};
    const double gl[] = {-1.5, 0, -99}, vaf[] = {0.25, 1e-300}, mf[] = {0, 0.5, 1};
    gn_text_set(&v->contig, "chr20", NULL);
    gn_text_set(&v->ref, "C", NULL);
    gn_texts_set(&v->alts, alts, 2, NULL);
    gn_texts_set(&v->filters, filters, 1, NULL);
    gn_texts_set(&v->names, names, 2, NULL);
    v->start0 = 3000000000;
    v->end0 = 3000000001;
    v->quality = -1;
    v->has_call = v->is_phased = true;
    gn_text_set(&v->sample, "NA12878", NULL);
    gn_ints_set(&v->genotype, genotype, 2, NULL);
    gn_ints_set(&v->ad, ad, 3, NULL);
    gn_ints_set(&v->md, ad, 3, NULL);
    gn_ints_set(&v->ps, ps, 1, NULL);
    gn_ints_set(&v->dp, one, 1, NULL);
    gn_ints_set(&v->gq, one, 1, NULL);
    gn_ints_set(&v->min_dp, one, 1, NULL);
    gn_ints_set(&v->med_dp, one, 1, NULL);
    gn_ints_set(&v->alt_ps, alt_ps, 3, NULL);
    gn_doubles_set(&v->gl, gl, 3, NULL);
    gn_doubles_set(&v->vaf, vaf, 2, NULL);
    gn_doubles_set(&v->mf, mf, 3, NULL);
    gn_text_set(&v->mid, "small_model", NULL);
    gn_text_set(&v->mt, "0/1", NULL);
    gn_text_set(&v->ps_contig, "0-17", NULL);
    gn_text_set(&v->bam_fname, "x.bam", NULL);
    gn_text_set(&v->candidates, "T|CAA", NULL);
    return v;
}

static void variants_come_back_whole(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_variant *v = make_variant();
    struct gn_bytes bytes;
    assert_int_equal(gn_variant_pack(v, &bytes, &err), GN_OK);
    struct gn_variant *back = gn_variant_unpack(bytes.data, bytes.len, &err);
    assert_non_null(back);
    assert_true(gn_variant_equal(v, back));
    gn_variant_free(v);
    gn_variant_free(back);
    free(bytes.data);
}

/* Bytes written by hand from the message's definition: start = 5 (field 16), end = 6 (13), ref "A"
   (6), alt "G" (7), one call (11) of genotype -1, 0 (packed, 7) and info (2) DP = int 7, GQ =
   number 3.0 (the wrong kind for GQ). */
static void wire_format_is_the_published_one(void **state)
{
    (void)state;
    static const uint8_t
        wire[] =
            {
                0x32, 1,    'A', /* 6 */
                0x3A, 1,    'G', /* 7 */
                0x5A, 48,        /* 11: call */
                0x12, 12,   0x0A, 2,    'D',  'P',  0x12, 6,    0x0A, 4,  0x38,
                7,    0x78, 1, /* field 15 unknown */
                0x12, 17,   0x0A, 2,    'G',  'Q',  0x12, 11,   0x0A, 9,  0x11,
                0,    0,    0,    0,    0,    0,    8,    0x40, 0x3A, 11, 0xFF,
                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,    0, /* 7: -1, 0 */
                0x50, 1,                                                 /* 10: phased */
                0x68, 6,    0x72, 2,    'c',  '1',  0x80, 1,    5,       /* 13, 14, 16 */
            };
    gn_error_t err = {0};
    struct gn_variant *v = gn_variant_unpack(wire, sizeof wire, &err);
    assert_non_null(v);
    assert_string_equal(v->contig, "c1");
    assert_int_equal(v->start0, 5);
    assert_int_equal(v->end0, 6);
    assert_string_equal(v->ref, "A");
    assert_string_equal(v->alts.v[0], "G");
    assert_int_equal(v->genotype.n, 2);
    assert_int_equal(v->genotype.v[0], -1);
    assert_int_equal(v->genotype.v[1], 0);
    assert_true(v->is_phased);
    assert_int_equal(v->dp.v[0], 7);
    assert_int_equal(v->gq.n, 1);
    assert_int_equal(v->gq.v[0], 0);
    gn_variant_free(v);
}

static void damaged_messages_are_refused(void **state)
{
    (void)state;
    gn_error_t err = {0};
    assert_null(gn_variant_unpack("\x32\x7f"
                                  "A",
                                  3, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_null(gn_call_output_unpack("\xff", 1, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_null(gn_call_output_unpack("", 0, &err));
    assert_int_equal(err.code, GN_E_DATA);
    struct gn_example example;
    assert_int_equal(gn_example_unpack("\xff", 1, &example, &err), GN_E_DATA);
}

static void call_outputs_come_back(void **state)
{
    (void)state;
    gn_error_t err = {0};
    int32_t indices[] = {0, 1};
    struct gn_call_output output = {make_variant(), {indices, 2}, {0.1, 1e-17, 0.9}};
    struct gn_bytes bytes;
    assert_int_equal(gn_call_output_pack(&output, &bytes, &err), GN_OK);
    struct gn_call_output *back = gn_call_output_unpack(bytes.data, bytes.len, &err);
    assert_non_null(back);
    assert_true(gn_variant_equal(output.variant, back->variant));
    assert_int_equal(back->alt_indices.n, 2);
    assert_memory_equal(back->alt_indices.v, indices, sizeof indices);
    assert_memory_equal(back->probabilities, output.probabilities, sizeof back->probabilities);
    gn_call_output_free(back);
    gn_variant_free(output.variant);
    free(bytes.data);
}

static void examples_come_back(void **state)
{
    (void)state;
    gn_error_t err = {0};
    uint8_t image[24], variant[] = {1, 2, 3};
    char locus[] = "chr20:10-11";
    int32_t indices[] = {1};
    for (size_t i = 0; i < sizeof image; i++)
        image[i] = (uint8_t)(i * 37);
    struct gn_example example = {.variant = {variant, 3},
                                 .alt_indices = {indices, 1},
                                 .locus = locus,
                                 .variant_type = 2,
                                 .sequencing_type = 1,
                                 .label = -1,
                                 .height = 2,
                                 .width = 4,
                                 .channels = 3,
                                 .image = {image, sizeof image}};
    for (int label = -1; label < 3; label++) {
        example.label = label;
        struct gn_bytes bytes;
        struct gn_example back;
        assert_int_equal(gn_example_pack(&example, &bytes, &err), GN_OK);
        assert_int_equal(gn_example_unpack(bytes.data, bytes.len, &back, &err), GN_OK);
        assert_int_equal(back.label, label);
        assert_int_equal(back.variant_type, 2);
        assert_int_equal(back.sequencing_type, 1);
        assert_int_equal(back.height * 100 + back.width * 10 + back.channels, 243);
        assert_string_equal(back.locus, locus);
        assert_int_equal(back.image.len, sizeof image);
        assert_memory_equal(back.image.data, image, sizeof image);
        assert_memory_equal(back.variant.data, variant, 3);
        assert_int_equal(back.alt_indices.v[0], 1);
        gn_example_clear(&back);
        free(bytes.data);
    }
    example.width = 5; /* the image no longer has the shape's size */
    struct gn_bytes bytes;
    struct gn_example back;
    assert_int_equal(gn_example_pack(&example, &bytes, &err), GN_OK);
    assert_int_equal(gn_example_unpack(bytes.data, bytes.len, &back, &err), GN_E_DATA);
    free(bytes.data);
}

/* The first record of DeepVariant's own calling examples, with the values that spec 80 names. */
static void deepvariants_examples_are_read(void **state)
{
    (void)state;
    const char *shared = getenv("GANNET_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/testdata/dv-1.9.0/golden.calling_examples.tfrecord.gz",
             shared == NULL ? "../shared" : shared);
    gn_error_t err = {0};
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, &err);
    if (reader == NULL) {
        print_message("skipped: %s\n", err.message);
        skip();
    }
    const uint8_t *data;
    size_t len;
    assert_int_equal(gn_tfrecord_next(reader, &data, &len, &err), 1);
    struct gn_example example;
    assert_int_equal(gn_example_unpack(data, len, &example, &err), GN_OK);
    assert_string_equal(example.locus, "chr20:10000117-10000117");
    assert_int_equal(example.height, 100);
    assert_int_equal(example.width, 221);
    assert_int_equal(example.channels, 7);
    assert_int_equal(example.variant_type, 1);
    struct gn_variant *v = gn_variant_unpack(example.variant.data, example.variant.len, &err);
    assert_non_null(v);
    assert_string_equal(v->ref, "C");
    assert_string_equal(v->alts.v[0], "T");
    assert_int_equal(v->dp.v[0], 55);
    assert_int_equal(v->ad.v[0], 25);
    assert_int_equal(v->ad.v[1], 30);
    assert_true(v->vaf.v[0] == 0.5454545454545454);
    assert_int_equal(v->genotype.v[0], -1);
    int n = 1;
    while (gn_tfrecord_next(reader, &data, &len, &err) == 1)
        n++;
    assert_int_equal(n, 84);
    gn_variant_free(v);
    gn_example_clear(&example);
    gn_tfrecord_reader_close(reader);
}

static void expect_simplified(const char *ref, const char *const *alts, int n, const char *new_ref,
                              const char *const *new_alts)
{
    struct gn_variant *v = gn_variant_create();
    gn_text_set(&v->ref, ref, NULL);
    gn_texts_set(&v->alts, alts, n, NULL);
    v->start0 = 100;
    v->end0 = 100 + (int64_t)strlen(ref);
    gn_variant_simplify(v);
    assert_string_equal(v->ref, new_ref);
    for (int i = 0; i < n; i++)
        assert_string_equal(v->alts.v[i], new_alts[i]);
    assert_int_equal(v->start0, 100);
    assert_int_equal(v->end0, 100 + (int64_t)strlen(new_ref));
    gn_variant_free(v);
}

static void simplify_strips_common_suffixes_only(void **state)
{
    (void)state;
    expect_simplified("C", (const char *[]){"T"}, 1, "C", (const char *[]){"T"});
    expect_simplified("CTT", (const char *[]){"CT"}, 1, "CT", (const char *[]){"C"});
    expect_simplified("CAGAG", (const char *[]){"TAGAG"}, 1, "C", (const char *[]){"T"});
    expect_simplified("CAA", (const char *[]){"CA", "TAA"}, 2, "CA", (const char *[]){"C", "TA"});
    expect_simplified("AAA", (const char *[]){"AA", "AAAA"}, 2, "AA", (const char *[]){"A", "AAA"});
    expect_simplified("GCA", (const char *[]){"GTA", "GCT"}, 2, "GCA",
                      (const char *[]){"GTA", "GCT"});
}

static void variant_types(void **state)
{
    (void)state;
    struct gn_variant *v = gn_variant_create();
    gn_text_set(&v->ref, "A", NULL);
    assert_int_equal(gn_variant_type(v), 0);
    gn_texts_push(&v->alts, "C", NULL);
    assert_int_equal(gn_variant_type(v), 1);
    gn_texts_push(&v->alts, "CC", NULL);
    assert_int_equal(gn_variant_type(v), 2);
    gn_variant_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_come_back_whole),
        cmocka_unit_test(wire_format_is_the_published_one),
        cmocka_unit_test(damaged_messages_are_refused),
        cmocka_unit_test(call_outputs_come_back),
        cmocka_unit_test(examples_come_back),
        cmocka_unit_test(deepvariants_examples_are_read),
        cmocka_unit_test(simplify_strips_common_suffixes_only),
        cmocka_unit_test(variant_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
