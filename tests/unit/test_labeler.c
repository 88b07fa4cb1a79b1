/* SPDX-License-Identifier: MIT
 *
 * test_labeler.c - labels of candidates: small cases worked out by hand, and DeepVariant's golden
 * training examples.
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

#include <htslib/faidx.h>

#include "io/messages.h"
#include "io/tfrecord.h"
#include "label/customized.h"
#include "label/genotype_options.h"
#include "label/haplotype.h"
#include "label/positional.h"

/* 0-based:                0         1         2         3         4         5 */
static const char BASES[] = "GATGGATTTTTGAGTGACACACACAGGATTGACGGTCAAGTCCGTAACTGGATCCG";

struct place {
    char path[64];
    gn_fasta_t *fasta;
    struct gn_truth truth;
    struct gn_label_source source;
};

static struct gn_variant *make_variant(int64_t start0, const char *ref, const char *alts, int a,
                                       int b)
{
    struct gn_variant *variant = gn_variant_create();
    char text[128];
    assert_non_null(variant);
    assert_int_equal(gn_text_set(&variant->contig, "c", NULL), GN_OK);
    assert_int_equal(gn_text_set(&variant->ref, ref, NULL), GN_OK);
    snprintf(text, sizeof text, "%s", alts);
    for (char *alt = strtok(text, ","); alt != NULL; alt = strtok(NULL, ","))
        assert_int_equal(gn_texts_push(&variant->alts, alt, NULL), GN_OK);
    variant->start0 = start0;
    variant->end0 = start0 + (int64_t)strlen(ref);
    assert_memory_equal(BASES + start0, ref, strlen(ref));
    int32_t genotype[2] = {a, b};
    assert_int_equal(gn_ints_set(&variant->genotype, genotype, 2, NULL), GN_OK);
    return variant;
}

static int setup(void **state)
{
    static struct place place;
    char fasta_path[96];
    place = (struct place){.path = "/tmp/gannet-test-label-XXXXXX"};
    if (mkdtemp(place.path) == NULL)
        return -1;
    snprintf(fasta_path, sizeof fasta_path, "%s/c.fa", place.path);
    FILE *file = fopen(fasta_path, "w");
    if (file == NULL)
        return -1;
    fprintf(file, ">c\n%s\n", BASES);
    fclose(file);
    if (fai_build(fasta_path) < 0)
        return -1;
    place.fasta = gn_fasta_open(fasta_path, NULL);
    place.source = (struct gn_label_source){.truth = &place.truth, .fasta = place.fasta};
    *state = &place;
    return place.fasta == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    char path[96];
    gn_fasta_close(place->fasta);
    snprintf(path, sizeof path, "%s/c.fa.fai", place->path);
    unlink(path);
    snprintf(path, sizeof path, "%s/c.fa", place->path);
    unlink(path);
    return rmdir(place->path);
}

static void set_truth(struct place *place, struct gn_variant **records, size_t n)
{
    static int contigs[8];
    place->truth = (struct gn_truth){.v = records, .contigs = contigs, .n = n, .longest = 20};
    place->truth.numbers = gn_fasta_contigs(place->fasta);
}

static void free_all(struct gn_variant **v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gn_variant_free(v[i]);
}

static void assert_label(const struct gn_label *label, int a, int b)
{
    assert_int_equal(label->genotype[0], a);
    assert_int_equal(label->genotype[1], b);
}

static void test_image_label(void **state)
{
    (void)state;
    int genotype[2] = {1, 2};
    int32_t first[] = {0}, second[] = {1}, both[] = {0, 1}, third[] = {2};
    assert_int_equal(gn_label_of_image(genotype, first, 1), 1);
    assert_int_equal(gn_label_of_image(genotype, second, 1), 1);
    assert_int_equal(gn_label_of_image(genotype, both, 2), 2);
    assert_int_equal(gn_label_of_image(genotype, third, 1), 0);
    genotype[1] = 1;
    assert_int_equal(gn_label_of_image(genotype, first, 1), 2);
    genotype[0] = genotype[1] = 0;
    assert_int_equal(gn_label_of_image(genotype, both, 2), 0);
}

static struct gn_label label_positional(struct place *place, struct gn_variant *candidate)
{
    struct gn_label label;
    assert_int_equal(gn_label_positional(candidate, &place->source, &label, NULL), GN_OK);
    return label;
}

static void test_positional(void **state)
{
    struct place *place = *state;
    struct gn_variant *truth[] = {make_variant(2, "T", "C", 1, 0),
                                  make_variant(15, "GACAC", "GAC,G", 1, 2)};
    set_truth(place, truth, 2);
    struct gn_variant *candidates[] = {
        make_variant(2, "T", "A,C", -1, -1),      /* one allele of two */
        make_variant(15, "GAC", "G", -1, -1),     /* the same deletion, shorter spelling */
        make_variant(15, "GACAC", "G,A", -1, -1), /* the longer one */
        make_variant(33, "G", "T", -1, -1)};      /* none */
    struct gn_label label = label_positional(place, candidates[0]);
    assert_label(&label, 0, 2);
    label = label_positional(place, candidates[1]);
    assert_label(&label, 0, 1);
    label = label_positional(place, candidates[2]);
    assert_label(&label, 0, 1);
    label = label_positional(place, candidates[3]);
    assert_label(&label, 0, 0);
    assert_true(label.is_confident);
    struct gn_range range = {0, 0, 30};
    struct gn_ranges confident = {&range, 1, 1};
    place->source.confident = &confident;
    label = label_positional(place, candidates[3]);
    assert_false(label.is_confident);
    label = label_positional(place, candidates[0]);
    assert_true(label.is_confident);
    place->source.confident = NULL;
    free_all(truth, 2);
    free_all(candidates, 4);
}

static void test_customized(void **state)
{
    struct place *place = *state;
    struct gn_variant *truth[] = {make_variant(2, "T", "C", 1, 0), make_variant(6, "T", "G", 0, 0),
                                  make_variant(15, "GACAC", "GAC,G", 1, 2),
                                  make_variant(33, "G", "T", 0, 1)};
    struct gn_truth_note notes[] = {{2, NULL}, {1, NULL}, {1, NULL}, {-1, NULL}};
    set_truth(place, truth, 4);
    place->truth.notes = notes;
    struct gn_variant *candidates[] = {
        make_variant(2, "T", "A,C", -1, -1),        /* the second of two has the class */
        make_variant(6, "T", "G", -1, -1),          /* the truth is homozygous reference */
        make_variant(15, "GACAC", "GAC,G", -1, -1), /* the truth's first alternate allele alone */
        make_variant(15, "GAC", "G", -1, -1),       /* another REF than the truth's */
        make_variant(27, "A", "C", -1, -1),         /* no truth */
        make_variant(33, "G", "T", -1, -1)};        /* a truth without class */
    const int expected[5][3] = {{0, 2, 2}, {0, 0, 0}, {1, 0, 1}, {0, 0, 0}, {0, 0, 0}};
    for (int i = 0; i < 5; i++) {
        struct gn_label label;
        assert_int_equal(gn_label_customized(candidates[i], &place->source, &label, NULL), GN_OK);
        assert_int_equal(gn_label_of_set(&label, (int32_t[]){0}, 1), expected[i][0]);
        assert_int_equal(gn_label_of_set(&label, (int32_t[]){1}, 1), expected[i][1]);
        assert_int_equal(gn_label_of_set(&label, (int32_t[]){0, 1}, 2), expected[i][2]);
        assert_int_equal(gn_label_class(&label), expected[i][2]);
    }
    struct gn_label label;
    gn_error_t err = {0};
    assert_int_equal(gn_label_customized(candidates[5], &place->source, &label, &err), GN_E_DATA);
    assert_non_null(strstr(err.message, "c:34"));
    free_all(truth, 4);
    free_all(candidates, 6);
}

static void label_haplotype(struct place *place, struct gn_variant **candidates, size_t n,
                            struct gn_label *labels)
{
    gn_error_t err = {0};
    struct gn_range whole = {0, 0, (int64_t)strlen(BASES)};
    assert_int_equal(gn_label_haplotype(candidates, n, whole, &place->source, labels, NULL, &err),
                     GN_OK);
}

static void test_deletion_placed_elsewhere(void **state)
{
    struct place *place = *state;
    struct gn_variant *truth[] = {make_variant(5, "AT", "A", 1, 1)};
    struct gn_variant *candidates[] = {make_variant(9, "TT", "T", -1, -1)};
    struct gn_label label;
    set_truth(place, truth, 1);
    label_haplotype(place, candidates, 1, &label);
    assert_label(&label, 1, 1);
    free_all(truth, 1);
    free_all(candidates, 1);
}

static void test_one_truth_in_two_candidates(void **state)
{
    struct place *place = *state;
    /* ACG to TCT on one haplotype, found as two substitutions; a third candidate is false */
    struct gn_variant *truth[] = {make_variant(31, "ACG", "TCT", 0, 1)};
    struct gn_variant *candidates[] = {make_variant(27, "A", "C", -1, -1),
                                       make_variant(31, "A", "T", -1, -1),
                                       make_variant(33, "G", "A,T", -1, -1)};
    struct gn_label labels[3];
    set_truth(place, truth, 1);
    label_haplotype(place, candidates, 3, labels);
    assert_label(&labels[0], 0, 0);
    assert_label(&labels[1], 0, 1);
    assert_label(&labels[2], 0, 2);
    free_all(truth, 1);
    free_all(candidates, 3);
}

static void test_missing_candidate_leaves_the_others(void **state)
{
    struct place *place = *state;
    struct gn_variant *truth[] = {make_variant(2, "T", "C", 0, 1), make_variant(6, "T", "G", 1, 1)};
    struct gn_variant *candidates[] = {make_variant(6, "T", "G", -1, -1)};
    struct gn_label label;
    set_truth(place, truth, 2);
    label_haplotype(place, candidates, 1, &label);
    assert_label(&label, 1, 1);
    free_all(truth, 2);
    free_all(candidates, 1);
}

static void test_truth_without_alternate_allele(void **state)
{
    struct place *place = *state;
    struct gn_variant *truth[] = {make_variant(2, "T", "C", 0, 0),
                                  make_variant(6, "T", "G", -1, -1)};
    struct gn_variant *candidates[] = {make_variant(2, "T", "C", -1, -1),
                                       make_variant(6, "T", "G", -1, -1)};
    struct gn_label labels[2];
    set_truth(place, truth, 2);
    label_haplotype(place, candidates, 2, labels);
    assert_label(&labels[0], 0, 0);
    assert_label(&labels[1], 0, 0);
    free_all(truth, 2);
    free_all(candidates, 2);
}

/* Metrics that differ from 0 of one run, in the order of enum gn_labeling_metric. */
static void assert_metrics(struct place *place, struct gn_variant **candidates, size_t n,
                           const int expected[GN_LABELING_METRICS])
{
    struct gn_labeling_metrics metrics = {{0}};
    struct gn_label labels[8];
    gn_error_t err = {0};
    struct gn_range whole = {0, 0, (int64_t)strlen(BASES)};
    assert_int_equal(
        gn_label_haplotype(candidates, n, whole, &place->source, labels, &metrics, &err), GN_OK);
    for (int i = 0; i < GN_LABELING_METRICS; i++)
        if (metrics.v[i] != expected[i])
            fail_msg("%s: %d, expected %d", gn_labeling_metric_name((enum gn_labeling_metric)i),
                     (int)metrics.v[i], expected[i]);
}

static void test_metrics(void **state)
{
    struct place *place = *state;
    /* found as it is; one allele of two found; not found; respelled by two candidates, one of them at its start */
    struct gn_variant *truth[] = {
        make_variant(2, "T", "C", 0, 1), make_variant(6, "T", "G,A", 1, 2),
        make_variant(9, "T", "C", 1, 1), make_variant(31, "ACG", "TCT", 0, 1)};
    /* the last one is false */
    struct gn_variant *candidates[] = {
        make_variant(2, "T", "C", -1, -1), make_variant(6, "T", "G", -1, -1),
        make_variant(31, "A", "T", -1, -1), make_variant(33, "G", "T", -1, -1),
        make_variant(38, "A", "C,G", -1, -1)};
    set_truth(place, truth, 4);
    assert_metrics(place, candidates, 5,
                   (int[GN_LABELING_METRICS]){4, 5, 5, 6, 0, 3, 3, 1, 3, 1, 2, 1, 3, 1, 1, 1});
    struct gn_range range = {0, 0, 30};
    struct gn_ranges confident = {&range, 1, 1};
    place->source.confident = &confident; /* the last three candidates are no longer counted */
    assert_metrics(place, candidates, 5,
                   (int[GN_LABELING_METRICS]){4, 5, 2, 2, 3, 3, 3, 1, 3, 0, 0, 0, 2, 1, 1, 1});
    place->source.confident = NULL;
    /* truth alone: all missed */
    assert_metrics(place, NULL, 0,
                   (int[GN_LABELING_METRICS]){4, 5, 0, 0, 0, 0, 0, 4, 6, 0, 0, 0, 0, 0, 0, 1});
    free_all(truth, 4);
    free_all(candidates, 5);
}

static void test_genotype_options(void **state)
{
    (void)state;
    struct gn_genotype_options options;
    for (int n_alts = 0; n_alts <= GN_GENOTYPE_MOST_ALTS; n_alts++) {
        bool seen[16][16] = {{false}};
        gn_genotype_options_candidate(n_alts, &options);
        assert_int_equal(options.n, (n_alts + 1) * (n_alts + 2) / 2);
        for (int i = 0; i < options.n; i++) {
            int a = options.v[i][0], b = options.v[i][1];
            assert_true(a >= 0 && a <= b && b <= n_alts && !seen[a][b]);
            seen[a][b] = true;
        }
    }
    gn_genotype_options_truth((int[]){1, 2}, &options);
    assert_int_equal(options.n, 4);
    assert_memory_equal(options.v, ((int[4][2]){{0, 0}, {0, 1}, {0, 2}, {1, 2}}),
                        4 * sizeof options.v[0]);
    gn_genotype_options_truth((int[]){1, 0}, &options);
    assert_int_equal(options.n, 3);
    assert_int_equal(options.v[2][0], 1);
}

/* ---- DeepVariant's goldens ---- */

struct golden {
    char root[512];
    struct gn_truth truth;
    struct gn_ranges confident;
    gn_fasta_t *fasta;
    struct gn_variant *candidates[128];
    size_t n;
};

static const char *shared_path(const struct golden *golden, const char *name)
{
    static char path[4][1024];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/testdata/dv-1.9.0/%s", golden->root, name);
    return path[turn];
}

/* The variant inside a packed DeepVariantCall: its first field. */
static struct gn_variant *unpack_candidate(const uint8_t *data, size_t len)
{
    size_t at = 1, n = 0;
    assert_int_equal(data[0], 0x0a);
    for (int shift = 0;; shift += 7, at++) {
        n |= (size_t)(data[at] & 127) << shift;
        if (data[at] < 128)
            break;
    }
    at++;
    assert_true(at + n <= len);
    return gn_variant_unpack(data + at, n, NULL);
}

static void load_golden(struct golden *golden)
{
    const char *shared = getenv("GANNET_SHARED");
    gn_error_t err = {0};
    *golden = (struct golden){.n = 0};
    snprintf(golden->root, sizeof golden->root, "%s", shared != NULL ? shared : "../shared");
    if (access(shared_path(golden, "golden.training_examples.tfrecord.gz"), R_OK) != 0) {
        print_message("%s: no goldens there\n", golden->root);
        skip();
    }
    golden->fasta =
        gn_fasta_open(shared_path(golden, "input/ucsc.hg19.chr20.unittest.fasta.gz"), &err);
    assert_non_null(golden->fasta);
    const struct gn_contigs *contigs = gn_fasta_contigs(golden->fasta);
    assert_int_equal(
        gn_ranges_read_bed(&golden->confident,
                           shared_path(golden, "input/test_nist.b37_chr20_100kbp_at_10mb.bed"),
                           contigs, &err),
        GN_OK);
    gn_ranges_normalise(&golden->confident);
    struct gn_range region = {gn_contigs_find(contigs, "chr20"), 9999999, 10010000};
    struct gn_ranges regions = {&region, 1, 1};
    struct gn_truth_query query = {
        .path = shared_path(golden, "input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"),
        .contigs = contigs,
        .ranges = &regions,
        .confident = &golden->confident};
    assert_int_equal(gn_truth_read(&golden->truth, &query, &err), GN_OK);
    gn_tfrecord_reader_t *reader =
        gn_tfrecord_reader_open(shared_path(golden, "golden.calling_candidates.tfrecord.gz"), &err);
    assert_non_null(reader);
    const uint8_t *data;
    size_t len;
    while (gn_tfrecord_next(reader, &data, &len, &err) == 1) {
        assert_true(golden->n < 128);
        golden->candidates[golden->n++] = unpack_candidate(data, len);
    }
    gn_tfrecord_reader_close(reader);
    assert_int_equal(golden->n, 78);
}

static int by_start(const void *a, const void *b)
{
    const struct gn_variant *x = *(struct gn_variant *const *)a,
                            *y = *(struct gn_variant *const *)b;
    return x->start0 < y->start0 ? -1 : x->start0 > y->start0;
}

static bool same_candidate(const struct gn_variant *a, const struct gn_variant *b)
{
    if (a->start0 != b->start0 || strcmp(a->ref, b->ref) != 0 || a->alts.n != b->alts.n)
        return false;
    for (int i = 0; i < a->alts.n; i++)
        if (strcmp(a->alts.v[i], b->alts.v[i]) != 0)
            return false;
    return true;
}

/* Compares every golden example with the labels; returns how many candidates have one. */
static void compare_with_examples(const struct golden *golden, const struct gn_label *labels)
{
    gn_error_t err = {0};
    gn_tfrecord_reader_t *reader =
        gn_tfrecord_reader_open(shared_path(golden, "golden.training_examples.tfrecord.gz"), &err);
    assert_non_null(reader);
    const uint8_t *data;
    size_t len, n_examples = 0, n_found = 0, n_confident = 0;
    bool has_example[128] = {false};
    while (gn_tfrecord_next(reader, &data, &len, &err) == 1) {
        struct gn_example example = {0};
        assert_int_equal(gn_example_unpack(data, len, &example, &err), GN_OK);
        struct gn_variant *variant =
            gn_variant_unpack(example.variant.data, example.variant.len, &err);
        assert_non_null(variant);
        n_examples++;
        for (size_t i = 0; i < golden->n; i++) {
            if (!same_candidate(variant, golden->candidates[i]))
                continue;
            n_found++;
            has_example[i] = true;
            assert_true(labels[i].is_confident);
            assert_label(&labels[i], variant->genotype.v[0], variant->genotype.v[1]);
            assert_int_equal(
                gn_label_of_image(labels[i].genotype, example.alt_indices.v, example.alt_indices.n),
                example.label);
        }
        gn_variant_free(variant);
        gn_example_clear(&example);
    }
    gn_tfrecord_reader_close(reader);
    assert_int_equal(n_examples, 49);
    assert_int_equal(n_found, 49);
    for (size_t i = 0; i < golden->n; i++) {
        assert_int_equal(has_example[i], labels[i].is_confident);
        n_confident += labels[i].is_confident;
    }
    assert_int_equal(n_confident, 49);
}

static void test_golden_training_examples(void **state)
{
    (void)state;
    struct golden golden;
    struct gn_label labels[128];
    gn_error_t err = {0};
    load_golden(&golden);
    qsort(golden.candidates, golden.n, sizeof golden.candidates[0], by_start);
    struct gn_label_source source = {&golden.truth, &golden.confident, golden.fasta};
    int contig = gn_contigs_find(gn_fasta_contigs(golden.fasta), "chr20");
    size_t first = 0;
    for (int64_t start0 = 9999999; start0 < 10010000; start0 += 1000) {
        struct gn_range region = {contig, start0,
                                  start0 + 1000 < 10010000 ? start0 + 1000 : 10010000};
        size_t end = first;
        while (end < golden.n && golden.candidates[end]->start0 < region.end0)
            end++;
        assert_int_equal(gn_label_haplotype(golden.candidates + first, end - first, region, &source,
                                            labels + first, NULL, &err),
                         GN_OK);
        first = end;
    }
    assert_int_equal(first, golden.n);
    compare_with_examples(&golden, labels);
    free_all(golden.candidates, golden.n);
    gn_truth_clear(&golden.truth);
    gn_ranges_clear(&golden.confident);
    gn_fasta_close(golden.fasta);
}

/* Candidates proposed by the truth VCF itself, no confident regions. */
static void test_golden_positional(void **state)
{
    (void)state;
    struct golden golden;
    gn_error_t err = {0};
    load_golden(&golden);
    gn_truth_clear(&golden.truth);
    struct gn_truth_query query = {
        .path = shared_path(&golden, "input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"),
        .contigs = gn_fasta_contigs(golden.fasta)};
    assert_int_equal(gn_truth_read(&golden.truth, &query, &err), GN_OK);
    struct gn_label_source source = {&golden.truth, NULL, NULL};
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(
        shared_path(&golden, "golden.vcf_candidate_importer.training_examples.tfrecord.gz"), &err);
    assert_non_null(reader);
    const uint8_t *data;
    size_t len, n = 0;
    while (gn_tfrecord_next(reader, &data, &len, &err) == 1) {
        struct gn_example example = {0};
        struct gn_label label;
        assert_int_equal(gn_example_unpack(data, len, &example, &err), GN_OK);
        struct gn_variant *variant =
            gn_variant_unpack(example.variant.data, example.variant.len, &err);
        assert_non_null(variant);
        assert_int_equal(gn_label_positional(variant, &source, &label, &err), GN_OK);
        assert_label(&label, variant->genotype.v[0], variant->genotype.v[1]);
        assert_true(label.is_confident);
        assert_int_equal(
            gn_label_of_image(label.genotype, example.alt_indices.v, example.alt_indices.n),
            example.label);
        n++;
        gn_variant_free(variant);
        gn_example_clear(&example);
    }
    gn_tfrecord_reader_close(reader);
    assert_int_equal(n, 223);
    free_all(golden.candidates, golden.n);
    gn_truth_clear(&golden.truth);
    gn_ranges_clear(&golden.confident);
    gn_fasta_close(golden.fasta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_label),
        cmocka_unit_test(test_positional),
        cmocka_unit_test(test_customized),
        cmocka_unit_test(test_deletion_placed_elsewhere),
        cmocka_unit_test(test_one_truth_in_two_candidates),
        cmocka_unit_test(test_missing_candidate_leaves_the_others),
        cmocka_unit_test(test_truth_without_alternate_allele),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_genotype_options),
        cmocka_unit_test(test_golden_training_examples),
        cmocka_unit_test(test_golden_positional),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
