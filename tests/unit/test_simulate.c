/* SPDX-License-Identifier: MIT
 *
 * test_simulate.c - the simulated reads and truth agree with each other and with the reference,
 * whatever was drawn.
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

#include <htslib/sam.h>
#include <htslib/vcf.h>

#include "io/fasta.h"
#include "simulate/chromosome.h"
#include "simulate/placement.h"
#include "simulate/random_genome.h"
#include "simulate/simulate.h"

static void test_place(const char *ref, const char *bases, int64_t *positions,
                       const char *expected_cigar, int64_t expected_pos0)
{
    struct gn_placement placement;
    struct gn_placement_task task = {.bases = bases, .positions = positions, .ref = ref};
    task.n = (int)strlen(bases);
    task.ref_length = (int64_t)strlen(ref);
    assert_true(gn_place_read(&task, &placement));
    char text[256] = "";
    for (int i = 0; i < placement.n_cigar; i++)
        sprintf(text + strlen(text), "%u%c", bam_cigar_oplen(placement.cigar[i]),
                bam_cigar_opchr(placement.cigar[i]));
    assert_string_equal(text, expected_cigar);
    assert_int_equal(placement.pos0, expected_pos0);
}

/*                         0         1         2         3         4         5         6         7
 * */
static const char REF[] =
    "GATTACAGGCTTAACCGTGATCGATTTGCACGTCCATGAGTACGGATCTTCAGGACCTAGTCATGCAATTGGCC";

/* The read REF[from, to) without REF[gap, gap + n). */
static int read_with_deletion(char *bases, int64_t *positions, int from, int to, int gap, int n)
{
    int length = 0;
    for (int i = from; i < to; i++) {
        if (i >= gap && i < gap + n)
            continue;
        bases[length] = REF[i];
        positions[length++] = i;
    }
    bases[length] = '\0';
    return length;
}

static void test_deletion_in_the_middle_stays(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    read_with_deletion(bases, positions, 5, 65, 30, 4);
    test_place(REF, bases, positions, "25M4D31M", 5);
}

static void test_deletion_near_an_end_goes(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    /* 3 bases outside a deletion of 4 gain 3 and cost 10 */
    read_with_deletion(bases, positions, 5, 65, 8, 4);
    struct gn_placement placement;
    struct gn_placement_task task = {bases, positions, (int)strlen(bases), REF,
                                     (int64_t)strlen(REF)};
    assert_true(gn_place_read(&task, &placement));
    for (int i = 0; i < placement.n_cigar; i++)
        assert_int_not_equal(bam_cigar_op(placement.cigar[i]), BAM_CDEL);
    /* and the same at the other end */
    read_with_deletion(bases, positions, 5, 65, 58, 4);
    task.n = (int)strlen(bases);
    assert_true(gn_place_read(&task, &placement));
    for (int i = 0; i < placement.n_cigar; i++)
        assert_int_not_equal(bam_cigar_op(placement.cigar[i]), BAM_CDEL);
}

static void test_bad_end_is_clipped(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    int n = read_with_deletion(bases, positions, 0, 60, 70, 0);
    for (int i = n - 8; i < n; i++)
        bases[i] = REF[i] == 'A' ? 'C' : 'A';
    test_place(REF, bases, positions, "52M8S", 0);
}

static void test_one_wrong_base_at_the_end_is_not_clipped(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    read_with_deletion(bases, positions, 0, 60, 70, 0);
    bases[0] = bases[0] == 'A' ? 'C' : 'A';
    test_place(REF, bases, positions, "60M", 0);
}

static void test_insertion_beside_deletion_cancels(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    read_with_deletion(bases, positions, 0, 60, 70, 0);
    positions[30] = GN_PLACED_INSERTED; /* base 30 inserted, reference base 30 deleted */
    test_place(REF, bases, positions, "60M", 0);
}

static void test_haplotype_spells_alleles(void **state)
{
    (void)state;
    struct gn_site list[] = {
        {.start0 = 3, .ref_length = 1, .n_alts = 1, .alts = {"G"}, .genotype = {1, 0}},
        {.start0 = 10, .ref_length = 3, .n_alts = 1, .alts = {"T"}, .genotype = {1, 1}},
        {.start0 = 20, .ref_length = 1, .n_alts = 1, .alts = {"TGG"}, .genotype = {1, 0}}};
    struct gn_sites sites = {list, 3, 3};
    struct gn_haplotype hap = {0};
    assert_int_equal(gn_haplotype_build(&hap, REF, 0, 30, &sites, 0, NULL), GN_OK);
    assert_string_equal(hap.bases, "GATGACAGGCTACCGTGATGGCGATTTGCA");
    int64_t positions[30];
    gn_haplotype_place(&hap, 0, 30, positions);
    assert_int_equal(positions[10], 10);
    assert_int_equal(positions[11], 13);
    assert_int_equal(positions[18], 20);
    assert_int_equal(positions[19], -1);
    assert_int_equal(positions[20], -1);
    assert_int_equal(positions[21], 21);
    assert_int_equal(gn_haplotype_own_position(&hap, 13), 11);
    assert_int_equal(gn_haplotype_own_position(&hap, 12), 11);
    gn_haplotype_clear(&hap);
}

struct run {
    char folder[64], prefix[80], path[128];
    struct gn_simulate_options options;
    struct gn_simulate_counts counts;
};

static const char *path_of(struct run *run, const char *ending)
{
    snprintf(run->path, sizeof run->path, "%s%s", run->prefix, ending);
    return run->path;
}

static int simulate_once(void **state)
{
    static struct run run;
    gn_error_t err = {0};
    strcpy(run.folder, "/tmp/gannet-test-simulate-XXXXXX");
    if (mkdtemp(run.folder) == NULL)
        return -1;
    snprintf(run.prefix, sizeof run.prefix, "%s/s", run.folder);
    run.options = gn_simulate_defaults();
    run.options.prefix = run.prefix;
    run.options.profile = "profiles/novaseq-2x150.json"; /* run from the project's root */
    run.options.genome_size = 60000;
    run.options.snv_rate = 0.004;
    run.options.indel_rate = 0.002;
    run.options.copy_share = 0.1;
    *state = &run;
    return gn_simulate(&run.options, &run.counts, &err);
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

static void test_truth_agrees_with_reference(void **state)
{
    struct run *run = *state;
    gn_error_t err = {0};
    gn_fasta_t *fasta = gn_fasta_open(path_of(run, ".fa"), &err);
    assert_non_null(fasta);
    htsFile *file = bcf_open(path_of(run, ".truth.vcf.gz"), "r");
    assert_non_null(file);
    bcf_hdr_t *header = bcf_hdr_read(file);
    bcf1_t *record = bcf_init();
    uint64_t n = 0, n_indels = 0;
    int contig = -1;
    int64_t last = -1;
    while (bcf_read(file, header, record) == 0) {
        bcf_unpack(record, BCF_UN_STR);
        int64_t length = (int64_t)strlen(record->d.allele[0]);
        const char *ref =
            gn_fasta_peek(fasta, record->rid, record->pos, record->pos + length, &err);
        assert_non_null(ref);
        assert_memory_equal(ref, record->d.allele[0], (size_t)length);
        for (int i = 1; i < record->n_allele; i++) {
            const char *alt = record->d.allele[i];
            assert_string_not_equal(alt, record->d.allele[0]);
            n_indels += strlen(alt) != (size_t)length;
            if (record->n_allele == 2 && strlen(alt) != (size_t)length) {
                /* left-aligned: the last bases differ, or the indel could move left */
                assert_int_equal(alt[0], ref[0]);
                assert_int_not_equal(alt[strlen(alt) - 1], ref[length - 1]);
            }
        }
        assert_true(record->rid > contig || record->pos > last);
        contig = record->rid;
        last = record->pos;
        n++;
    }
    assert_int_equal(n, run->counts.variants);
    /* 60 kb at 0.004 and 0.002 */
    assert_in_range(n, 220, 480);
    assert_in_range(n_indels, 50, 200);
    bcf_destroy(record);
    bcf_hdr_destroy(header);
    bcf_close(file);
    gn_fasta_close(fasta);
}

/* NM as SAM defines it, counted from the bases. */
static int count_edits(const bam1_t *record, const char *ref)
{
    const uint32_t *cigar = bam_get_cigar(record);
    int64_t read = 0, at = 0;
    int edits = 0;
    for (uint32_t i = 0; i < record->core.n_cigar; i++) {
        int op = (int)bam_cigar_op(cigar[i]), length = (int)bam_cigar_oplen(cigar[i]);
        if (op == BAM_CINS || op == BAM_CDEL)
            edits += length;
        for (int k = 0; op == BAM_CMATCH && k < length; k++)
            edits += seq_nt16_str[bam_seqi(bam_get_seq(record), read + k)] != ref[at + k];
        read += bam_cigar_type((uint32_t)op) & 1 ? length : 0;
        at += bam_cigar_type((uint32_t)op) & 2 ? length : 0;
    }
    return edits;
}

static void test_reads_are_sound(void **state)
{
    struct run *run = *state;
    gn_error_t err = {0};
    gn_fasta_t *fasta = gn_fasta_open(path_of(run, ".fa"), &err);
    samFile *file = sam_open(path_of(run, ".bam"), "r");
    assert_non_null(fasta);
    assert_non_null(file);
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    int64_t last = -1, n_bases = 0, n_edits = 0, n_reads = 0;
    int contig = 0, status;
    while ((status = sam_read1(file, header, record)) >= 0) {
        assert_true(record->core.tid > contig || record->core.pos >= last);
        contig = record->core.tid;
        last = record->core.pos;
        assert_int_equal(record->core.l_qseq, 150);
        assert_string_equal(bam_aux2Z(bam_aux_get(record, "RG")), "SIM");
        if (record->core.flag & BAM_FDUP)
            continue;
        n_reads++;
        if (record->core.flag & BAM_FUNMAP)
            continue;
        int64_t end0 = bam_endpos(record);
        const char *ref = gn_fasta_peek(fasta, contig, last, end0, &err);
        assert_non_null(ref);
        int edits = count_edits(record, ref);
        assert_int_equal(edits, bam_aux2i(bam_aux_get(record, "NM")));
        const uint32_t *cigar = bam_get_cigar(record);
        assert_int_equal(bam_cigar2qlen((int)record->core.n_cigar, cigar), 150);
        for (uint32_t i = 0;
             i<record->core.n_cigar; i += record->core.n_cigar> 1 ? record->core.n_cigar - 1 : 1) {
            int op = (int)bam_cigar_op(cigar[i]);
            assert_true(op == BAM_CMATCH || op == BAM_CSOFT_CLIP);
        }
        n_bases += end0 - last;
        n_edits += edits;
    }
    assert_int_equal(status, -1);
    assert_int_equal((uint64_t)n_reads <= 2 * run->counts.fragments, 1);
    /* 30x of 60 kb, and copies of a tenth of it on top */
    assert_in_range(n_bases, 60000 * 24, 60000 * 38);
    assert_in_range(n_edits * 1000 / n_bases, 4, 25);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    gn_fasta_close(fasta);
}

static void test_random_contig(void **state)
{
    (void)state;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, 3);
    char *bases = gn_random_contig(&rng, 200000, NULL);
    assert_non_null(bases);
    int64_t n[256] = {0}, n_cpg = 0, longest = 0, run = 0;
    for (int i = 0; i < 200000; i++) {
        n[(unsigned char)bases[i]]++;
        n_cpg += i > 0 && bases[i - 1] == 'C' && bases[i] == 'G';
        run = i > 0 && bases[i] == bases[i - 1] ? run + 1 : 1;
        longest = run > longest ? run : longest;
    }
    assert_int_equal(n['A'] + n['C'] + n['G'] + n['T'], 200000);
    assert_in_range((n['C'] + n['G']) * 100 / 200000, 34, 50);
    assert_in_range(n_cpg * 1000 / 200000, 2, 25);
    assert_in_range(longest, 18, 60);
    assert_int_equal(strlen(bases), 200000);
    free(bases);
}

int main(void)
{
    const struct CMUnitTest pieces[] = {
        cmocka_unit_test(test_deletion_in_the_middle_stays),
        cmocka_unit_test(test_deletion_near_an_end_goes),
        cmocka_unit_test(test_bad_end_is_clipped),
        cmocka_unit_test(test_one_wrong_base_at_the_end_is_not_clipped),
        cmocka_unit_test(test_insertion_beside_deletion_cancels),
        cmocka_unit_test(test_haplotype_spells_alleles),
        cmocka_unit_test(test_random_contig),
    };
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(test_truth_agrees_with_reference),
        cmocka_unit_test(test_reads_are_sound),
    };
    return cmocka_run_group_tests(pieces, NULL, NULL) +
           cmocka_run_group_tests(whole, simulate_once, remove_outputs);
}
