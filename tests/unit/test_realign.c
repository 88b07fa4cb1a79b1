/* SPDX-License-Identifier: MIT
 *
 * test_realign.c - whole regions: a deletion that the aligner missed, order of the output, odd reads, forced alignment.
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
#include <htslib/sam.h>

#include "base/random.h"
#include "realign/realign.h"

enum { CONTIG = 2000, READ = 100, DELETED_AT = 1000, DELETED = 7, MAX_READS = 64 };

struct bench {
    char path[64];
    char ref[CONTIG + 1];
    char alt[CONTIG + 1]; /* ref without [DELETED_AT, DELETED_AT + DELETED) */
    gn_fasta_t *fasta;
    gn_arena_t *arena;
    gn_realigner_t *realigner;
    struct gn_read reads[MAX_READS], out[MAX_READS];
    char names[MAX_READS][8];
    size_t n;
};

static const uint32_t cigar_100m[] = {READ << BAM_CIGAR_SHIFT | BAM_CMATCH};
static uint8_t qualities[READ];

static void write_fasta(const struct bench *bench)
{
    FILE *file = fopen(bench->path, "w");
    assert_non_null(file);
    fprintf(file, ">c\n%s\n", bench->ref);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(fai_build(bench->path), 0);
}

static int setup(void **state)
{
    static struct bench bench;
    struct gn_numpy_random rng;
    gn_error_t err = {0};
    memset(&bench, 0, sizeof bench);
    memset(qualities, 30, sizeof qualities);
    gn_numpy_seed(&rng, 5);
    for (int i = 0; i < CONTIG; i++)
        bench.ref[i] = "ACGT"[gn_numpy_randint(&rng, 4)];
    bench.ref[DELETED_AT - 1] = 'A'; /* the deletion cannot move to the left */
    bench.ref[DELETED_AT + DELETED - 1] = 'C';
    memcpy(bench.alt, bench.ref, DELETED_AT);
    strcpy(bench.alt + DELETED_AT, bench.ref + DELETED_AT + DELETED);
    snprintf(bench.path, sizeof bench.path, "/tmp/gn_realign_%ld.fa", (long)getpid());
    write_fasta(&bench);
    struct gn_realign_options options = gn_realign_options_default();
    bench.fasta = gn_fasta_open(bench.path, &err);
    bench.arena = gn_arena_create((size_t)1 << 26);
    bench.realigner = gn_realigner_create(&options, &err);
    *state = &bench;
    return bench.fasta == NULL || bench.arena == NULL || bench.realigner == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char index[80];
    gn_realigner_destroy(bench->realigner);
    gn_arena_destroy(bench->arena);
    gn_fasta_close(bench->fasta);
    snprintf(index, sizeof index, "%s.fai", bench->path);
    remove(index);
    return remove(bench->path);
}

static struct gn_read *add_read(struct bench *bench, const char *bases, int64_t pos0)
{
    size_t i = bench->n++;
    snprintf(bench->names[i], sizeof bench->names[i], "r%zu", i);
    bench->reads[i] = (struct gn_read){.name = bench->names[i],
                                       .key = (uint32_t)i,
                                       .mapping_quality = 60,
                                       .pos0 = pos0,
                                       .end0 = pos0 + READ,
                                       .n_cigar = 1,
                                       .cigar = cigar_100m,
                                       .length = READ,
                                       .bases = bases,
                                       .qualities = qualities};
    return &bench->reads[i];
}

static int realign(struct bench *bench, int64_t start0, int64_t end0)
{
    gn_error_t err = {0};
    return gn_realign(bench->realigner, bench->fasta, 0, start0, end0, bench->reads, bench->n,
                      bench->out, bench->arena, &err);
}

static void expect_cigar(const struct gn_read *read, int64_t pos0, const char *expected)
{
    char text[128] = "";
    for (int i = 0; i < read->n_cigar; i++)
        sprintf(text + strlen(text), "%u%c", bam_cigar_oplen(read->cigar[i]),
                bam_cigar_opchr(read->cigar[i]));
    assert_string_equal(text, expected);
    assert_int_equal(read->pos0, pos0);
    assert_int_equal(read->end0, gn_cigar_end(pos0, read->cigar, read->n_cigar));
}

/* Reads of both haplotypes; those with the deletion are aligned straight over it. */
static void add_heterozygous_reads(struct bench *bench)
{
    for (int i = 0; i < 10; i++) {
        add_read(bench, bench->ref + 915 + 8 * i, 915 + 8 * i);
        add_read(bench, bench->alt + 912 + 8 * i, 912 + 8 * i);
    }
}

static void test_missed_deletion(void **state)
{
    struct bench *bench = *state;
    add_heterozygous_reads(bench);
    assert_int_equal(realign(bench, 500, 1500), GN_OK);
    for (int i = 0; i < 10; i++) {
        char expected[32];
        int before = DELETED_AT - (912 + 8 * i);
        snprintf(expected, sizeof expected, "%dM%dD%dM", before, DELETED, READ - before);
        expect_cigar(&bench->out[2 * i], 915 + 8 * i, "100M");
        expect_cigar(&bench->out[2 * i + 1], 912 + 8 * i, expected);
        assert_ptr_equal(bench->out[2 * i].bases, bench->reads[2 * i].bases);
        assert_ptr_equal(bench->out[2 * i + 1].name, bench->reads[2 * i + 1].name);
    }
}

static void test_gapped_placement(void **state)
{
    struct bench *bench = *state;
    char noisy[READ], clipped[READ], unknown[READ];
    add_heterozygous_reads(bench);
    /* Five substitutions on the haplotype with the deletion: too many for the gapless pass. */
    memcpy(noisy, bench->alt + 940, READ);
    for (int i = 10; i <= 50; i += 10)
        noisy[i] = noisy[i] == 'A' ? 'G' : 'A';
    add_read(bench, noisy, 940);
    /* The first 30 bases are foreign. */
    memcpy(clipped, bench->alt + 950, READ);
    for (int i = 0; i < 30; i++)
        clipped[i] = clipped[i] == 'A' ? 'G' : 'A';
    add_read(bench, clipped, 950);
    /* The first 30 bases are unknown: they match without gaps. */
    memcpy(unknown, bench->alt + 950, READ);
    memset(unknown, 'N', 30);
    add_read(bench, unknown, 950);
    assert_int_equal(realign(bench, 500, 1500), GN_OK);
    expect_cigar(&bench->out[20], 940, "60M7D40M");
    expect_cigar(&bench->out[21], 980, "30S20M7D50M");
    expect_cigar(&bench->out[22], 950, "50M7D50M");
}

static void test_order_and_unassigned(void **state)
{
    struct bench *bench = *state;
    add_heterozygous_reads(bench);
    add_read(bench, bench->ref + 300, 300); /* touches no window */
    add_read(bench, bench->ref + 1300, 1300);
    assert_int_equal(realign(bench, 500, 1500), GN_OK);
    assert_ptr_equal(bench->out[0].bases, bench->ref + 300);
    assert_ptr_equal(bench->out[1].bases, bench->ref + 1300);
    for (int i = 0; i < 20; i++)
        assert_ptr_equal(bench->out[2 + i].bases, bench->reads[i].bases);
}

static void test_no_evidence(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(realign(bench, 500, 1500), GN_OK); /* no reads */
    for (int i = 0; i < 10; i++)
        add_read(bench, bench->ref + 900 + 8 * i, 900 + 8 * i);
    assert_int_equal(realign(bench, 500, 1500), GN_OK);
    for (size_t i = 0; i < bench->n; i++)
        assert_memory_equal(&bench->out[i], &bench->reads[i], sizeof bench->reads[i]);
}

static void test_odd_reads(void **state)
{
    struct bench *bench = *state;
    static char ends[READ];
    memset(ends, 'N', sizeof ends);
    add_heterozygous_reads(bench);
    struct gn_read *empty = add_read(bench, "", 990);
    empty->length = 0;
    empty->n_cigar = 0;
    empty->end0 = 990;
    add_read(bench, ends, 960); /* nothing but N */
    add_read(bench, bench->ref, 0);
    add_read(bench, bench->ref + CONTIG - READ, CONTIG - READ);
    add_read(bench, bench->ref + 950, 950)->key = 3; /* a key that is taken */
    assert_int_equal(realign(bench, 0, CONTIG), GN_OK);
    bool is_seen[MAX_READS] = {false};
    for (size_t i = 0; i < bench->n; i++)
        for (size_t j = 0; j < bench->n; j++)
            if (bench->out[i].name == bench->reads[j].name)
                is_seen[j] = true;
    for (size_t j = 0; j < bench->n; j++)
        assert_true(is_seen[j]);
}

static void test_forced(void **state)
{
    struct bench *bench = *state;
    static char hopeless[READ];
    uint32_t kept[MAX_READS];
    gn_error_t err = {0};
    memset(hopeless, 'N', sizeof hopeless);
    add_read(bench, bench->alt + 920, 920);
    add_read(bench, hopeless, 920);
    add_read(bench, bench->ref + 960, 960); /* holds the 7 bases that the haplotype lacks */
    int n = gn_realign_to_haplotype(bench->realigner, bench->alt + 900, 221, 900, bench->reads,
                                    bench->n, bench->out, kept, bench->arena, &err);
    assert_int_equal(n, 2);
    assert_int_equal(kept[0], 0);
    assert_int_equal(kept[1], 2);
    expect_cigar(&bench->out[0], 920, "100M");
    expect_cigar(&bench->out[1], 960, "40M7I53M");
}

static void test_bad_options(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_realign_options options = gn_realign_options_default();
    options.kmer_size = 0;
    assert_null(gn_realigner_create(&options, &err));
    assert_int_equal(err.code, GN_E_USAGE);
    options = gn_realign_options_default();
    options.aln_match = 1000;
    assert_null(gn_realigner_create(&options, &err));
    options = gn_realign_options_default();
    options.dbg_step_k = 0;
    assert_null(gn_realigner_create(&options, &err));
    gn_realigner_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_missed_deletion, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gapped_placement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_and_unassigned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_evidence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forced, setup, teardown),
        cmocka_unit_test(test_bad_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
