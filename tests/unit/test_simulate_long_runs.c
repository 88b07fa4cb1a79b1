/* SPDX-License-Identifier: MIT
 *
 * test_simulate_long_runs.c - whole simulations of long reads: records are sound, and what is
 * learned from them is the profile that went in.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <htslib/sam.h>

#include "io/fasta.h"
#include "simulate/long/long_profile_learn.h"
#include "simulate/simulate.h"
#include "simulated_run.h"

enum { GENOME = 150000 };

static int simulate_with(void **state, const char *profile, double coverage)
{
    static struct run run;
    gn_error_t err = {0};
    strcpy(run.folder, "/tmp/gannet-test-long-XXXXXX");
    if (mkdtemp(run.folder) == NULL)
        return -1;
    snprintf(run.prefix, sizeof run.prefix, "%s/s", run.folder);
    run.options = gn_simulate_defaults();
    run.options.prefix = run.prefix;
    run.options.profile = profile; /* from the project's root */
    run.options.genome_size = GENOME;
    run.options.n_contigs = 1;
    run.options.coverage = coverage;
    run.options.copy_share = 0.1;
    *state = &run;
    int code = gn_simulate(&run.options, &run.counts, &err);
    if (code < 0)
        print_message("%s\n", err.message);
    return code;
}

static int simulate_hifi(void **state)
{
    return simulate_with(state, "profiles/hifi-revio.json", 25);
}

static int simulate_ont(void **state)
{
    return simulate_with(state, "profiles/ont-r10.4.json", 25);
}

static int remove_outputs(void **state)
{
    static const char *const endings[] = {
        ".bam", ".bam.bai", ".fa", ".fa.fai", ".truth.vcf.gz", ".truth.vcf.gz.tbi", ".truth.bed"};
    struct run *run = *state;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        unlink(path_of(run, endings[i]));
    return rmdir(run->folder); /* fails when something else was left behind */
}

static char base_at(const bam1_t *record, int64_t i)
{
    return seq_nt16_str[bam_seqi(bam_get_seq(record), i)];
}

/* Recounts NM; checks that the CIGAR uses the read up and that no indel could lie further left. */
static int64_t check_alignment(const bam1_t *record, const char *ref)
{
    const uint32_t *cigar = bam_get_cigar(record);
    int64_t q = 0, t = record->core.pos, edits = 0;
    for (uint32_t i = 0; i < record->core.n_cigar; i++) {
        int64_t n = bam_cigar_oplen(cigar[i]);
        int op = bam_cigar_op(cigar[i]);
        bool is_end = i == 0 || i + 1 == record->core.n_cigar;
        assert_true(op == BAM_CMATCH || (op == BAM_CSOFT_CLIP && is_end) ||
                    ((op == BAM_CINS || op == BAM_CDEL) && !is_end));
        for (int64_t k = 0; op == BAM_CMATCH && k < n; k++)
            edits += base_at(record, q + k) != ref[t + k];
        edits += op == BAM_CINS || op == BAM_CDEL ? n : 0;
        if (op == BAM_CINS || op == BAM_CDEL)
            assert_int_equal(bam_cigar_op(cigar[i - 1]), BAM_CMATCH);
        bool has_room = i > 0 && bam_cigar_oplen(cigar[i - 1]) > 1;
        if (op == BAM_CINS && has_room)
            assert_int_not_equal(base_at(record, q - 1), base_at(record, q + n - 1));
        if (op == BAM_CDEL && has_room)
            assert_int_not_equal(ref[t - 1], ref[t + n - 1]);
        q += bam_cigar_type(op) & 1 ? n : 0;
        t += bam_cigar_type(op) & 2 ? n : 0;
    }
    assert_int_equal(q, record->core.l_qseq);
    return edits;
}

static void test_reads_are_sound(void **state)
{
    struct run *run = *state;
    gn_error_t err = {0};
    gn_fasta_t *fasta = gn_fasta_open(path_of(run, ".fa"), &err);
    assert_non_null(fasta);
    const char *ref = gn_fasta_peek(fasta, 0, 0, GENOME, &err);
    assert_non_null(ref);
    samFile *file = sam_open(path_of(run, ".bam"), "r");
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    int64_t last = -1, bases = 0, n = 0, n_reverse = 0;
    while (sam_read1(file, header, record) >= 0) {
        assert_true(record->core.pos >= last);
        last = record->core.pos;
        assert_true((record->core.flag & ~BAM_FREVERSE) == 0);
        assert_true(bam_endpos(record) <= GENOME);
        assert_int_equal(check_alignment(record, ref), bam_aux2i(bam_aux_get(record, "NM")));
        assert_string_equal(bam_aux2Z(bam_aux_get(record, "RG")), "SIM");
        for (int i = 0; i < record->core.l_qseq; i++)
            assert_in_range(bam_get_qual(record)[i], 1, 93);
        n_reverse += bam_is_rev(record);
        bases += bam_endpos(record) - record->core.pos;
        n++;
    }
    assert_int_equal(n, run->counts.long_reads);
    assert_true(n_reverse > n / 4 && n_reverse < n - n / 4);
    double depth = (double)bases / GENOME; /* 25, its slow change and the copies besides */
    assert_true(depth > 15 && depth < 40);
    kstring_t platform = {0, 0, NULL};
    assert_int_equal(sam_hdr_find_tag_pos(header, "RG", 0, "PL", &platform), 0);
    assert_string_equal(platform.s, strstr(run->options.profile, "ont") ? "ONT" : "PACBIO");
    free(platform.s);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    gn_fasta_close(fasta);
}

/* Rates of runs up to 6 bases, weighted as they occur in a genome: each length four times as rare. */
static double run_rate(const struct gn_long_indels *indels)
{
    double rate = 0, weight = 1;
    for (int run = 1; run <= 6; run++, weight /= 4)
        rate += weight * (indels->run[0][run] + indels->run[1][run]) / 2;
    return rate;
}

static double class_mean(const struct gn_long_profile *p)
{
    double sum = 0;
    for (int i = 0; i < GN_LONG_CLASSES; i++)
        sum += p->classes[i].share * p->classes[i].deletion;
    return sum;
}

static void assert_close(double found, double expected, double tolerance)
{
    if (fabs(found - expected) > tolerance * expected)
        print_message("%g is not %g +- %g %%\n", found, expected, 100 * tolerance);
    assert_true(fabs(found - expected) <= tolerance * expected);
}

static void test_the_profile_is_learned_back(void **state)
{
    struct run *run = *state;
    char bam[128], truth[128];
    gn_error_t err = {0};
    strcpy(bam, path_of(run, ".bam"));
    strcpy(truth, path_of(run, ".truth.vcf.gz"));
    assert_int_equal(gn_long_reads_in(bam, &err), 1);
    struct gn_long_learn_task task = gn_long_learn_defaults();
    task.bam = bam;
    task.truth_vcf = truth;
    task.reference = path_of(run, ".fa");
    struct gn_long_profile *in = gn_long_profile_load(run->options.profile, &err);
    struct gn_long_profile *out = gn_long_profile_learn(&task, &err);
    assert_non_null(in);
    assert_non_null(out);
    /* lengths: some hundred reads, of which those at the genome's ends are cut */
    enum { MEDIAN = GN_LONG_PERCENTILES / 2 };
    assert_close(out->read_length[MEDIAN], in->read_length[MEDIAN], 0.35);
    /* 4 million bases: thousands of errors, shared out over places that differ */
    double scale = class_mean(in) / class_mean(out);
    assert_close(run_rate(&out->deletion), run_rate(&in->deletion) * scale, 0.25);
    assert_close(run_rate(&out->insertion), run_rate(&in->insertion) * scale, 0.25);
    assert_close(out->deletion.run[0][4], in->deletion.run[0][4] * scale, 0.35);
    assert_string_equal(out->platform, in->platform);
    assert_int_equal(out->qualities.high[out->qualities.n_levels - 1],
                     in->qualities.high[in->qualities.n_levels - 1]);
    gn_long_profile_free(in);
    gn_long_profile_free(out);
}

int main(void)
{
    const struct CMUnitTest hifi[] = {
        cmocka_unit_test(test_reads_are_sound),
        cmocka_unit_test(test_the_profile_is_learned_back),
    };
    int failed = cmocka_run_group_tests_name("HiFi", hifi, simulate_hifi, remove_outputs);
    return failed + cmocka_run_group_tests_name("Nanopore", hifi, simulate_ont, remove_outputs);
}
