/* SPDX-License-Identifier: MIT
 *
 * test_presets.c - the table of presets against DeepVariant 1.9's (spec 00 section 4), written down once more here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "call/presets.h"

/* A column of the specification's table. Thresholds of the small model are 0 where it has none. */
struct column {
    const char *name, *model_type;
    int max_reads, dynamic_bases, min_mapping_quality, partition_size;
    bool is_phased, is_realigned;
    int width;
    double snps, indels;
    int snp_threshold, indel_threshold;
};

static const struct column TABLE[] = {
    {"wgs", "WGS", 1500, 0, 5, 1000, false, true, 221, 0.12, 0.06, 20, 28},
    {"wes", "WES", 1500, 0, 5, 1000, false, true, 221, 0.12, 0.06, 0, 0},
    {"pacbio", "PACBIO", 600, 0, 1, 25000, true, false, 147, 0.12, 0.12, 15, 16},
    {"ont", "ONT_R104", 600, 0, 5, 25000, true, false, 99, 0.08, 0.12, 9, 17},
    {"hybrid", "HYBRID_PACBIO_ILLUMINA", 1500, 0, 5, 1000, false, true, 221, 0.12, 0.06, 0, 0},
    {"masseq", "MASSEQ", 0, 1500, 1, 25000, true, false, 199, 0.12, 0.12, 0, 0},
};

static void check(const struct gn_preset *p, const struct column *c)
{
    const struct gn_partition_settings *s = &p->settings;
    assert_string_equal(p->name, c->name);
    assert_int_equal(s->read.max_reads_per_partition, c->max_reads);
    assert_int_equal(s->read.max_reads_for_dynamic_bases_per_region, c->dynamic_bases);
    assert_int_equal(s->read.min_mapping_quality, c->min_mapping_quality);
    assert_int_equal(s->pileup.min_mapping_quality, c->min_mapping_quality);
    assert_int_equal(p->partition_size, c->partition_size);
    assert_int_equal(s->phase_reads, c->is_phased);
    assert_int_equal(s->pileup.sort_by_haplotypes, c->is_phased);
    assert_int_equal(s->realign_reads, c->is_realigned);
    assert_int_equal(s->pileup.alt_aligned,
                     c->is_phased ? GN_ALT_ALIGNED_DIFF_CHANNELS : GN_ALT_ALIGNED_NONE);
    assert_int_equal(s->pileup.width, c->width);
    assert_true(s->candidate.vsc_min_fraction_snps == c->snps);
    assert_true(s->candidate.vsc_min_fraction_indels == c->indels);
    assert_int_equal(p->has_small_model, c->snp_threshold > 0);
    if (p->has_small_model) {
        assert_int_equal(p->snp_gq_threshold, c->snp_threshold);
        assert_int_equal(p->indel_gq_threshold, c->indel_threshold);
    }
}

static void all_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        struct gn_preset preset;
        gn_error_t err = {0};
        assert_int_equal(gn_preset_find(TABLE[i].name, &preset, &err), GN_OK);
        check(&preset, &TABLE[i]);
        assert_int_equal(gn_preset_find(TABLE[i].model_type, &preset, &err), GN_OK);
        check(&preset, &TABLE[i]);
    }
}

static void unknown_name(void **state)
{
    (void)state;
    struct gn_preset preset;
    gn_error_t err = {0};
    assert_int_equal(gn_preset_find("pacbi", &preset, &err), GN_E_USAGE);
    assert_non_null(strstr(err.message, "pacbi"));
    assert_non_null(strstr(err.message, "masseq"));
}

static void nothing_given_is_wgs(void **state)
{
    (void)state;
    struct gn_preset preset;
    gn_error_t err = {0};
    assert_int_equal(gn_preset_choose(NULL, NULL, &preset, &err), GN_OK);
    assert_string_equal(preset.name, "wgs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_the_table),
        cmocka_unit_test(unknown_name),
        cmocka_unit_test(nothing_given_is_wgs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
