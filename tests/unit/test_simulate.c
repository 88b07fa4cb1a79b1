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
#include "simulate/genome/chromosome.h"
#include "simulate/genome/given_variants.h"
#include "simulate/genome/hard_places.h"
#include "simulate/short/placement.h"
#include "simulate/genome/random_genome.h"
#include "simulate/simulate.h"
#include "simulated_run.h"

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

static void test_foreign_half_is_clipped(void **state)
{
    (void)state;
    char bases[80];
    int64_t positions[80];
    int n = read_with_deletion(bases, positions, 0, 70, 70, 0);
    for (int i = 35; i < n; i++) /* half of it, and most of its score, belongs elsewhere */
        bases[i] = REF[i] == 'A' ? 'C' : 'A';
    test_place(REF, bases, positions, "35M35S", 0);
}

static void test_indels_move_left(void **state)
{
    /*                            0         1         2         3         4         5         6 */
    static const char ref[] = "GATTACAGGCTTAACCGTGATCGATCAAAAAATTGCACGTCCATGAGTACGGATCTTCAGGACCTAG";
    (void)state;
    char bases[80];
    int64_t positions[80];
    int n = 0;
    for (int i = 0; i < 66; i++) /* the last A of the run at 26 is missing */
        if (i != 31) {
            bases[n] = ref[i];
            positions[n++] = i;
        }
    bases[n] = '\0';
    test_place(ref, bases, positions, "26M1D39M", 0);
    n = 0;
    for (int i = 0; i < 66; i++) {
        bases[n] = ref[i];
        positions[n++] = i;
        if (i == 31) { /* another A after the last one */
            bases[n] = 'A';
            positions[n++] = GN_PLACED_INSERTED;
        }
    }
    bases[n] = '\0';
    test_place(ref, bases, positions, "26M1I40M", 0);
}

static void test_breaks_show_the_other_side(void **state)
{
    /* 30 GTCC 34 ... 40 TACG 44 */
    struct gn_hard_place place = {.start0 = 30, .end0 = 40, .kind = GN_BREAK_DELETION};
    int64_t length = (int64_t)strlen(REF);
    char text[4];
    (void)state;
    gn_break_sequence(&place, 30, true, REF, length, text, 4);
    assert_memory_equal(text, REF + 40, 4);
    gn_break_sequence(&place, 40, false, REF, length, text, 4);
    assert_memory_equal(text, REF + 26, 4);
    place.kind = GN_BREAK_INVERSION;
    gn_break_sequence(&place, 30, true, REF, length, text, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(text[i], gn_complement(REF[39 - i]));
    gn_break_sequence(&place, 40, false, REF, length, text, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(text[i], gn_complement(REF[33 - i]));
}

static void test_merged_sites_prefer_the_given(void **state)
{
    (void)state;
    struct gn_site drawn_list[] = {
        {.start0 = 3, .ref_length = 1, .n_alts = 1, .alts = {"G"}, .genotype = {1, 0}},
        {.start0 = 10, .ref_length = 3, .n_alts = 1, .alts = {"T"}, .genotype = {1, 1}},
        {.start0 = 20, .ref_length = 1, .n_alts = 1, .alts = {"G"}, .genotype = {1, 0}}};
    struct gn_site given_list[] = {
        {.start0 = 12, .ref_length = 1, .n_alts = 1, .alts = {"C"}, .genotype = {0, 1}},
        {.start0 = 30, .ref_length = 1, .n_alts = 1, .alts = {"C"}, .genotype = {0, 1}}};
    struct gn_sites sites = {NULL, 0, 0}, given = {given_list, 2, 2};
    for (int i = 0; i < 3; i++)
        assert_int_equal(gn_sites_add(&sites, &drawn_list[i], NULL), GN_OK);
    assert_int_equal(gn_sites_merge(&sites, &given, NULL), GN_OK);
    static const int64_t expected[] = {3, 12, 20, 30};
    assert_int_equal(sites.n, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(sites.v[i].start0, expected[i]);
    gn_sites_clear(&sites);
}

static void test_given_genotypes_become_sites(void **state)
{
    static const char text[] =
        "##fileformat=VCFv4.2\n##contig=<ID=c>\n"
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
        "c\t2\t.\tA\tC\t.\t.\t.\tGT\t0|1\n"      /* taken */
        "c\t4\t.\tT\tC\t.\t.\t.\tGT\t0/0\n"      /* nothing */
        "c\t9\t.\tGC\tG,GCC\t.\t.\t.\tGT\t2|1\n" /* taken: alleles in the order of use */
        "c\t10\t.\tC\tT\t.\t.\t.\tGT\t0|1\n"     /* overlaps: skipped */
        "c\t12\t.\tG\tT\t.\t.\t.\tGT\t0|1\n"     /* not the reference: skipped */
        "c\t20\t.\tT\t<INS>\t.\t.\t.\tGT\t0|1\n" /* symbolic: skipped */
        "c\t22\t.\tC\t*,A\t.\t.\t.\tGT\t1|2\n"   /* taken, 0|1 */
        "c\t70\t.\tG\tC\t.\t.\t.\tGT\t1/1\n";    /* outside */
    char path[] = "/tmp/gannet-test-given-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    struct gn_sites sites = {NULL, 0, 0};
    struct gn_given_task task = {path, NULL, "c", REF, 0, 60};
    struct gn_given_counts counts = {0};
    struct gn_mt64 rng;
    gn_error_t err = {0};
    gn_mt64_seed(&rng, 1);
    assert_int_equal(gn_given_variants(&sites, &rng, &task, &counts, &err), GN_OK);
    assert_int_equal(counts.taken, 3);
    assert_int_equal(counts.skipped, 3);
    assert_int_equal(sites.n, 3);
    assert_int_equal(sites.v[0].start0, 1);
    assert_int_equal(sites.v[0].genotype[0], 0);
    assert_int_equal(sites.v[0].genotype[1], 1);
    assert_string_equal(sites.v[1].alts[0], "GCC");
    assert_string_equal(sites.v[1].alts[1], "G");
    assert_int_equal(sites.v[1].genotype[0], 1);
    assert_int_equal(sites.v[1].genotype[1], 2);
    assert_int_equal(sites.v[2].genotype[0], 0);
    assert_string_equal(sites.v[2].alts[0], "A");
    gn_sites_clear(&sites);
    task.sample = "t";
    assert_int_equal(gn_given_variants(&sites, &rng, &task, &counts, &err), GN_E_MISMATCH);
    unlink(path);
}

static bool is_transition(char a, char b)
{
    return (a == 'A' && b == 'G') || (a == 'G' && b == 'A') || (a == 'C' && b == 'T') ||
           (a == 'T' && b == 'C');
}

/* What people's variants are like, as HG002's on chr20. */
static void test_drawn_variants_are_like_peoples(void **state)
{
    enum { LENGTH = 3000000 };
    struct gn_site_rates rates = {.snv = 0.0012, .indel = 0.00021, .het = 0.62};
    struct gn_sites sites = {NULL, 0, 0};
    struct gn_repeats repeats = {NULL, 0, 0};
    struct gn_mt64 rng;
    (void)state;
    gn_mt64_seed(&rng, 8);
    char *bases = gn_random_contig(&rng, LENGTH, NULL);
    assert_non_null(bases);
    assert_int_equal(gn_repeats_find(&repeats, bases, LENGTH, NULL), GN_OK);
    assert_int_equal(gn_sites_draw(&sites, &rng, &rates, bases, &repeats, 0, LENGTH, NULL), GN_OK);
    double n_snv = 0, n_indel = 0, ti = 0, het = 0, single = 0, longer = 0;
    for (size_t i = 0; i < sites.n; i++) {
        const struct gn_site *site = &sites.v[i];
        int change = (int)strlen(site->alts[0]) - site->ref_length;
        het += site->genotype[0] != site->genotype[1];
        n_snv += change == 0;
        n_indel += change != 0;
        ti += change == 0 && is_transition(bases[site->start0], site->alts[0][0]);
        single += change == 1 || change == -1;
        longer += change > 12 || change < -12;
    }
    assert_true(n_snv > 0.0009 * LENGTH && n_snv < 0.0015 * LENGTH);
    assert_true(n_indel > 0.00014 * LENGTH && n_indel < 0.00028 * LENGTH);
    assert_true(ti / (n_snv - ti) > 1.7 && ti / (n_snv - ti) < 2.6);
    assert_true(het / (n_snv + n_indel - het) > 1.4 && het / (n_snv + n_indel - het) < 2.0);
    assert_true(single / n_indel > 0.4 && single / n_indel < 0.6);
    assert_true(longer / n_indel > 0.02 && longer / n_indel < 0.11);
    gn_sites_clear(&sites);
    gn_repeats_clear(&repeats);
    free(bases);
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
    assert_int_equal(gn_haplotype_ref_position(&hap, 10), 10);
    assert_int_equal(gn_haplotype_ref_position(&hap, 11), 13);
    assert_int_equal(gn_haplotype_ref_position(&hap, 19), 21);
    assert_int_equal(gn_haplotype_ref_position(&hap, 30), 30);
    gn_haplotype_clear(&hap);
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
        cmocka_unit_test(test_foreign_half_is_clipped),
        cmocka_unit_test(test_indels_move_left),
        cmocka_unit_test(test_breaks_show_the_other_side),
        cmocka_unit_test(test_merged_sites_prefer_the_given),
        cmocka_unit_test(test_given_genotypes_become_sites),
        cmocka_unit_test(test_drawn_variants_are_like_peoples),
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
