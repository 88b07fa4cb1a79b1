/* SPDX-License-Identifier: MIT
 *
 * test_long_reads_golden.c - phased PacBio examples against DeepVariant 1.9's own file (spec 80.5): 401 images byte for
 * byte, with haplotypes, aligned alternatives, and the phase of each allele.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "call/presets.h"
#include "golden_examples.h"

static char fasta[500];

/* The flags of the golden: those of --preset pacbio of an earlier DeepVariant. */
static void set_up_pacbio(struct setup *s)
{
    struct gn_preset preset;
    gn_error_t err = {0};
    set_up(s, "chr20:9,000,000-9,100,000");
    assert_int_equal(gn_preset_find("pacbio", &preset, &err), GN_OK);
    s->options.partition = preset.settings;
    s->options.partition.reference = fasta;
    snprintf(fasta, sizeof fasta, "%s/input/grch38.chr20_and_21_10M.fa.gz", goldens);
    use_reads(s, (const char *[]){"test_pacbio.chr20_100kbp_at_9mb.bam"}, 1);
    use_channels(s, "BASE_CHANNELS,haplotype");
    s->options.regions.partition_size = preset.partition_size;
    s->options.partition.read.max_reads_per_partition = 1500;
    s->options.partition.pileup.width = 199;
    s->options.partition.phase_output = GN_PHASE_OUTPUT_PARTITIONS;
    assert_int_equal(gn_pileup_add_alt_channels(&s->options.partition.pileup, &err), GN_OK);
}

static void pacbio(void **state)
{
    (void)state;
    struct setup s;
    set_up_pacbio(&s);
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.pacbio_examples.tfrecord.gz", compare_examples), 401);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct setup s;
    char one[500], five[500];
    set_up_pacbio(&s);
    snprintf(one, sizeof one, "%s/one.tfrecord.gz", folder);
    snprintf(five, sizeof five, "%s/five.tfrecord.gz", folder);
    s.options.n_threads = 1;
    s.options.examples = one;
    run(&s);
    s.options.n_threads = 5;
    s.options.examples = five;
    run(&s);
    assert_same_bytes(one, five);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacbio),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}
