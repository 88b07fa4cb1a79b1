/* SPDX-License-Identifier: MIT
 *
 * test_examples_golden.c - make-examples against DeepVariant 1.9's own files (spec 80.5): images byte for byte, records
 * field for field, gVCF likelihoods to the last bit, candidates with their supporting reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deepvariant.pb-c.h"
#include "golden_examples.h"
#include "io/shards.h"

#define REGION "chr20:10,000,000-10,010,000"

static int compare_text_pointers(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const Dv__SupportingReads *find_support(const Dv__DeepVariantCall *call, const char *key)
{
    for (size_t i = 0; i < call->n_allele_support; i++)
        if (strcmp(call->allele_support[i]->key, key) == 0)
            return call->allele_support[i]->value;
    return NULL;
}

static const Dv__SupportingReadsExt *find_details(const Dv__DeepVariantCall *call, const char *key)
{
    for (size_t i = 0; i < call->n_allele_support_ext; i++)
        if (strcmp(call->allele_support_ext[i]->key, key) == 0)
            return call->allele_support_ext[i]->value;
    return NULL;
}

static int compare_details(const void *a, const void *b)
{
    return strcmp((*(Dv__ReadSupport *const *)a)->read_name,
                  (*(Dv__ReadSupport *const *)b)->read_name);
}

/* Support lists are sets: their order is that of a hash table upstream. */
static void compare_support(const Dv__DeepVariantCall *ours, const Dv__DeepVariantCall *golden,
                            const char *key)
{
    const Dv__SupportingReads *a = find_support(ours, key), *b = find_support(golden, key);
    const Dv__SupportingReadsExt *x = find_details(ours, key), *y = find_details(golden, key);
    assert_non_null(a);
    assert_non_null(x);
    assert_int_equal(a->n_read_names, b->n_read_names);
    assert_int_equal(x->n_read_infos, y->n_read_infos);
    qsort(a->read_names, a->n_read_names, sizeof *a->read_names, compare_text_pointers);
    qsort(b->read_names, b->n_read_names, sizeof *b->read_names, compare_text_pointers);
    qsort(x->read_infos, x->n_read_infos, sizeof *x->read_infos, compare_details);
    qsort(y->read_infos, y->n_read_infos, sizeof *y->read_infos, compare_details);
    for (size_t i = 0; i < b->n_read_names; i++) {
        const Dv__ReadSupport *p = x->read_infos[i], *q = y->read_infos[i];
        assert_string_equal(a->read_names[i], b->read_names[i]);
        assert_string_equal(p->read_name, q->read_name);
        assert_string_equal(p->sample_name, q->sample_name);
        assert_int_equal(p->is_low_quality, q->is_low_quality);
        assert_int_equal(p->mapping_quality, q->mapping_quality);
        assert_int_equal(p->average_base_quality, q->average_base_quality);
        assert_int_equal(p->is_reverse_strand, q->is_reverse_strand);
    }
}

static int percent_at(const Dv__DeepVariantCall *call, int32_t position)
{
    for (size_t i = 0; i < call->n_allele_frequency_at_position; i++)
        if (call->allele_frequency_at_position[i]->key == position)
            return call->allele_frequency_at_position[i]->value;
    return -1;
}

static void compare_candidates(const uint8_t *ours, size_t our_length, const uint8_t *golden,
                               size_t golden_length)
{
    Dv__DeepVariantCall *a = dv__deep_variant_call__unpack(NULL, our_length, ours);
    Dv__DeepVariantCall *b = dv__deep_variant_call__unpack(NULL, golden_length, golden);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->variant->start, b->variant->start);
    assert_string_equal(a->variant->reference_bases, b->variant->reference_bases);
    assert_int_equal(a->variant->n_alternate_bases, b->variant->n_alternate_bases);
    for (size_t i = 0; i < b->variant->n_alternate_bases; i++)
        assert_string_equal(a->variant->alternate_bases[i], b->variant->alternate_bases[i]);
    assert_int_equal(a->n_allele_support, b->n_allele_support);
    for (size_t i = 0; i < b->n_allele_support; i++)
        compare_support(a, b, b->allele_support[i]->key);
    assert_int_equal(a->n_ref_support, b->n_ref_support);
    assert_int_equal(a->n_allele_frequency_at_position, b->n_allele_frequency_at_position);
    for (size_t i = 0; i < b->n_allele_frequency_at_position; i++)
        assert_int_equal(percent_at(a, b->allele_frequency_at_position[i]->key),
                         b->allele_frequency_at_position[i]->value);
    dv__deep_variant_call__free_unpacked(a, NULL);
    dv__deep_variant_call__free_unpacked(b, NULL);
}

static void calling_examples_candidates_and_blocks(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    snprintf(s.candidates, sizeof s.candidates, "%s/candidates.tfrecord.gz", folder);
    snprintf(s.gvcf, sizeof s.gvcf, "%s/gvcf.tfrecord.gz", folder);
    s.options.candidates = s.candidates;
    s.options.gvcf = s.gvcf;
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.calling_examples.tfrecord.gz", compare_examples), 84);
    assert_int_equal(
        compare_files(s.candidates, "golden.calling_candidates.tfrecord.gz", compare_candidates),
        78);
    assert_int_equal(
        compare_files(s.gvcf, "golden.postprocess_gvcf_input.tfrecord.gz", compare_variants), 235);
}

static void three_shards(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    snprintf(s.examples, sizeof s.examples, "%s/shards.tfrecord.gz@3", folder);
    snprintf(s.gvcf, sizeof s.gvcf, "%s/gvcf_shards.tfrecord.gz@3", folder);
    s.options.gvcf = s.gvcf;
    int examples = 0, blocks = 0;
    for (int task = 0; task < 3; task++) {
        s.options.task = task;
        run(&s);
        char golden[200];
        char *ours = gn_shard_name(s.examples, task);
        snprintf(golden, sizeof golden, "golden.calling_examples.tfrecord.gz-%05d-of-00003", task);
        examples += compare_files(ours, golden, compare_examples);
        free(ours);
        ours = gn_shard_name(s.gvcf, task);
        snprintf(golden, sizeof golden, "golden.postprocess_gvcf_input.tfrecord.gz-%05d-of-00003",
                 task);
        blocks += compare_files(ours, golden, compare_variants);
        free(ours);
    }
    assert_int_equal(examples, 84);
    assert_int_equal(blocks, 235);
}

static void two_files_and_cram(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    use_reads(&s,
              (const char *[]){"NA12878_S1.chr20.10_10p1mb.first_half.bam",
                               "NA12878_S1.chr20.10_10p1mb.second_half.bam"},
              2);
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.calling_examples.tfrecord.gz", compare_examples), 84);
    use_reads(&s, (const char *[]){"NA12878_S1.chr20.10_10p1mb.cram"}, 1);
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.calling_examples.tfrecord.gz", compare_examples), 84);
}

static void with_flags(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    struct gn_partition_settings *p = &s.options.partition;
    p->read.min_mapping_quality = p->pileup.min_mapping_quality = 1;
    p->normalize_reads = p->realign.normalize_reads = true;
    p->legacy_allele_counter = p->realign.keep_legacy_allele_counter_behavior = true;
    run(&s);
    assert_int_equal(compare_files(s.examples, "golden.calling_examples.with_flags.tfrecord.gz",
                                   compare_examples),
                     84);
}

static void importer_calling(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, "chr20:59,777,000-60,000,000");
    snprintf(s.proposed, sizeof s.proposed, "%s/input/vcf_candidate_importer.indels.chr20.vcf.gz",
             goldens);
    s.options.partition.proposed_variants = s.proposed;
    s.options.partition.realign_reads = false;
    run(&s);
    assert_int_equal(compare_files(s.examples,
                                   "golden.vcf_candidate_importer_calling_examples.tfrecord.gz",
                                   compare_examples),
                     22);
}

/* 100 kb of realigned images. The golden was made from the whole contig; reads lie in this part alone. */
static void importer_training(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, "chr20:9990001-10110000");
    snprintf(s.proposed, sizeof s.proposed, "%s/input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz",
             goldens);
    s.options.mode = GN_MODE_TRAINING;
    s.options.labeler = GN_LABELER_POSITIONAL;
    s.options.partition.proposed_variants = s.options.truth_variants = s.proposed;
    run(&s);
    assert_int_equal(compare_files(s.examples,
                                   "golden.vcf_candidate_importer.training_examples.tfrecord.gz",
                                   compare_examples),
                     223);
}

static void allele_frequency(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, "chr20:61001-62000");
    char fasta[500], cohort[500];
    snprintf(fasta, sizeof fasta, "%s/input/grch38.chr20_and_21_10M.fa.gz", goldens);
    snprintf(cohort, sizeof cohort, "%s/input/cohort-chr20_and_chr21_100k.vcf.gz", goldens);
    use_reads(&s, (const char *[]){"grch38_1k_subset_chr20_and_chr21.bam"}, 1);
    struct gn_partition_settings *p = &s.options.partition;
    p->reference = fasta;
    p->population_vcfs = (struct gn_texts){(char *[]){cohort}, 1};
    p->pileup.channels[p->pileup.n_channels++] = GN_CHANNEL_ALLELE_FREQUENCY;
    p->pileup.shuffle = GN_SHUFFLE_LIBCXX;
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.allele_frequency_examples.tfrecord.gz", compare_examples),
        78);
}

static void training(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    use_truth(&s);
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.training_examples.tfrecord.gz", compare_examples), 49);
    assert_int_equal(s.counts.labels[0], 1);
    assert_int_equal(s.counts.labels[1], 12);
    assert_int_equal(s.counts.labels[2], 36);
}

static void candidate_sweep(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    char golden[500];
    snprintf(s.candidates, sizeof s.candidates, "%s/positions", folder);
    snprintf(golden, sizeof golden, "%s/golden.candidate_positions", goldens);
    s.options.mode = GN_MODE_SWEEP;
    s.options.examples = NULL;
    s.options.candidate_positions = s.candidates;
    run(&s);
    assert_same_bytes(s.candidates, golden);
    snprintf(s.candidates, sizeof s.candidates, "%s/positions@3", folder);
    for (int task = 0; task < 3; task++) {
        s.options.task = task;
        run(&s);
        char *ours = gn_shard_name(s.candidates, task);
        snprintf(golden, sizeof golden, "%s/golden.candidate_positions-%05d-of-00003", goldens,
                 task);
        assert_same_bytes(ours, golden);
        free(ours);
    }
}

/* Upstream's own unit test: a depth of one keeps so few reads that 17 examples remain. */
static void dynamic_bases(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    s.options.partition.read.max_reads_for_dynamic_bases_per_region = 1;
    run(&s);
    assert_int_equal(s.counts.examples, 17);
    s.options.partition.read.max_reads_per_partition = 0;
    run(&s);
    assert_int_equal(s.counts.examples, 17);
}

static void kinds_of_variants(void **state)
{
    (void)state;
    static const struct {
        unsigned kinds;
        int candidates;
    } cases[] = {{0, 78}, {GN_KIND_SNPS, 64}, {GN_KIND_INDELS, 11}, {GN_KIND_MULTI_ALLELICS, 3}};
    struct setup s;
    set_up(&s, REGION);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        s.options.partition.variant_kinds = cases[i].kinds;
        run(&s);
        assert_int_equal(s.counts.candidates, cases[i].candidates);
    }
    s.options.partition.candidate.vsc_min_fraction_snps = 1.1;
    s.options.partition.candidate.vsc_min_fraction_indels = 1.1;
    s.options.partition.variant_kinds = 0;
    run(&s);
    assert_int_equal(s.counts.examples, 0);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, REGION);
    char one[500], eight[500];
    snprintf(one, sizeof one, "%s/one.tfrecord.gz", folder);
    snprintf(eight, sizeof eight, "%s/eight.tfrecord.gz", folder);
    s.options.n_threads = 1;
    s.options.examples = one;
    run(&s);
    s.options.n_threads = 8;
    s.options.examples = eight;
    run(&s);
    assert_same_bytes(one, eight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calling_examples_candidates_and_blocks),
        cmocka_unit_test(three_shards),
        cmocka_unit_test(two_files_and_cram),
        cmocka_unit_test(with_flags),
        cmocka_unit_test(importer_calling),
        cmocka_unit_test(importer_training),
        cmocka_unit_test(allele_frequency),
        cmocka_unit_test(training),
        cmocka_unit_test(candidate_sweep),
        cmocka_unit_test(dynamic_bases),
        cmocka_unit_test(kinds_of_variants),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}
