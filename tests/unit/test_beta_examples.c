/* SPDX-License-Identifier: MIT
 *
 * test_beta_examples.c - phased PacBio examples against those of DeepVariant 1.10.0-beta, from the same reads as 1.9's
 * golden but as wide as the images that its models are given; and the non-variant records of these reads, which 1.9 has
 * no golden of.
 *
 * gannet follows 1.9, and 1.10 changed two numbers of phasing. What they touch differs, and nothing else may:
 *  - a read needs one allele of a haplotype to belong to it, no longer two (spec 70.5). That gives ten reads of the second
 *    region a haplotype: in the images of one stretch of records they lie in other rows and have another colour.
 *  - an allele without a place in the graph of phasing belongs to a haplotype when this has more than three reads more
 *    than the other one, which has two at most; it was more than one read more (spec 70.6). So ALT_PS is 0 at some alleles
 *    to which 1.9 gives a haplotype.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "golden_examples.h"

#define GOLDEN        "../dv-1.10.0-beta/golden.pacbio_examples.tfrecord.gz"
#define GOLDEN_BLOCKS "../dv-1.10.0-beta/golden.postprocess_pacbio_gvcf_input.tfrecord.gz"

enum { HEIGHT = 100, WIDTH = 147, N_CHANNELS = 10, N_REFERENCE_ROWS = 5 };
enum {
    N_BASE_CHANNELS = 6,
    HAPLOTYPE = 6,
    ALTERNATIVE_1 = 8,
    ALTERNATIVE_2 = 9
}; /* their places */
enum { N_OTHER_READS = 10, FIRST_OF_OTHER_READS = 118, LAST_OF_OTHER_READS = 191 }; /* records */

/* What was compared, and what differed. */
static struct {
    int records, images, phased_records, phased_alleles;
} seen;

/* The flags of the golden. No read has tags of modified bases, so that its channel base_methylation is empty. */
static void set_up_beta(struct setup *s)
{
    char golden[500];
    set_up_pacbio(s, "BASE_CHANNELS,haplotype,base_methylation", WIDTH);
    snprintf(golden, sizeof golden, "%s/" GOLDEN, goldens);
    if (access(golden, R_OK) != 0) {
        print_message("skipped: no file '%s'\n", golden);
        skip();
    }
    snprintf(s->gvcf, sizeof s->gvcf, "%s/gvcf.tfrecord.gz", folder);
    s->options.gvcf = s->gvcf;
}

/* One row's bytes of some channels that stand together; those of fewer channels end in zeros. */
struct row {
    uint8_t pixels[WIDTH * N_BASE_CHANNELS];
};

static int compare_rows(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct row));
}

static void sort_rows(const uint8_t *image, int first_channel, int n_channels,
                      struct row rows[HEIGHT])
{
    memset(rows, 0, HEIGHT * sizeof *rows);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            memcpy(rows[y].pixels + x * n_channels,
                   image + (y * WIDTH + x) * N_CHANNELS + first_channel, (size_t)n_channels);
    qsort(rows, HEIGHT, sizeof *rows, compare_rows);
}

static void compare_sorted(const uint8_t *ours, const uint8_t *golden, int first_channel,
                           int n_channels)
{
    static struct row a[HEIGHT], b[HEIGHT];
    sort_rows(ours, first_channel, n_channels, a);
    sort_rows(golden, first_channel, n_channels, b);
    assert_memory_equal(a, b, sizeof a);
}

/* Reads with a haplotype: their rows have its colour wherever they have one. */
static int count_phased_rows(const uint8_t *image)
{
    int n = 0;
    for (int y = N_REFERENCE_ROWS; y < HEIGHT; y++) {
        bool is_phased = false;
        for (int x = 0; x < WIDTH; x++)
            is_phased = is_phased || image[(y * WIDTH + x) * N_CHANNELS + HAPLOTYPE] != 0;
        n += is_phased;
    }
    return n;
}

/* The same reads, some with a haplotype that ours lack, and therefore in another order. */
static void compare_reordered(const uint8_t *ours, const uint8_t *golden)
{
    assert_memory_not_equal(ours, golden, (size_t)HEIGHT * WIDTH * N_CHANNELS);
    compare_sorted(ours, golden, 0, N_BASE_CHANNELS);
    compare_sorted(ours, golden, ALTERNATIVE_1, 1);
    compare_sorted(ours, golden, ALTERNATIVE_2, 1);
    assert_in_range(count_phased_rows(golden) - count_phased_rows(ours), 1, N_OTHER_READS);
    seen.images++;
}

/* Equal but for alleles without a haplotype in the golden. */
static void compare_records(const struct gn_bytes *ours, const struct gn_bytes *golden)
{
    gn_error_t err = {0};
    struct gn_variant *a = gn_variant_unpack(ours->data, ours->len, &err);
    struct gn_variant *b = gn_variant_unpack(golden->data, golden->len, &err);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->alt_ps.n, b->alt_ps.n);
    int n = 0;
    for (int i = 0; i < b->alt_ps.n; i++) {
        if (a->alt_ps.v[i] == b->alt_ps.v[i])
            continue;
        assert_int_equal(b->alt_ps.v[i], 0);
        a->alt_ps.v[i] = 0;
        n++;
    }
    seen.phased_alleles += n;
    seen.phased_records += n > 0;
    assert_true(gn_variant_equal(a, b));
    gn_variant_free(a);
    gn_variant_free(b);
}

static void compare_with_1_10(const uint8_t *ours, size_t our_length, const uint8_t *golden,
                              size_t golden_length)
{
    struct gn_example a, b;
    gn_error_t err = {0};
    assert_int_equal(gn_example_unpack(ours, our_length, &a, &err), GN_OK);
    assert_int_equal(gn_example_unpack(golden, golden_length, &b, &err), GN_OK);
    assert_string_equal(a.locus, b.locus);
    assert_int_equal(a.alt_indices.n, b.alt_indices.n);
    assert_memory_equal(a.alt_indices.v, b.alt_indices.v,
                        (size_t)b.alt_indices.n * sizeof *b.alt_indices.v);
    assert_int_equal(a.variant_type, b.variant_type);
    assert_int_equal(a.sequencing_type, b.sequencing_type);
    compare_records(&a.variant, &b.variant);
    assert_int_equal(b.image.len, HEIGHT * WIDTH * N_CHANNELS);
    assert_int_equal(a.image.len, b.image.len);
    if (seen.records >= FIRST_OF_OTHER_READS && seen.records <= LAST_OF_OTHER_READS)
        compare_reordered(a.image.data, b.image.data);
    else
        assert_memory_equal(a.image.data, b.image.data, b.image.len);
    seen.records++;
    gn_example_clear(&a);
    gn_example_clear(&b);
}

static void pacbio_examples_and_blocks(void **state)
{
    (void)state;
    struct setup s;
    set_up_beta(&s);
    run(&s);
    assert_int_equal(compare_files(s.examples, GOLDEN, compare_with_1_10), 401);
    assert_int_equal(seen.images, 74);
    assert_int_equal(seen.phased_records, 129);
    assert_int_equal(seen.phased_alleles, 143);
    assert_int_equal(compare_files(s.gvcf, GOLDEN_BLOCKS, compare_variants), 1496);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacbio_examples_and_blocks),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}
