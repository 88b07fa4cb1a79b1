/* SPDX-License-Identifier: MIT
 *
 * test_haplotag_writer.c - copies of one input with haplotype tags: what changes in a record and what does not,
 * containers, indexes, the @PG line.
 */
#include "tag_bench.h"

#include "io/index_file.h"

static struct gn_read_identity on_chr1(const char *name, int read_number, int64_t pos1)
{
    return (struct gn_read_identity){name, read_number, 0, pos1 - 1};
}

/* Flags: 1 paired, 4 unmapped, 64 first, 128 second, 256 secondary, 512 failed, 1024 duplicate, 2048 supplementary. */
static void only_the_tags_change(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "one 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a NM:i:0\n"
                    "two 16 chr1 101 60 1S3M * 0 0 ACGT IIII HP:i:1 PS:i:5 XA:Z:HPi\n"
                    "two 256 chr1 101 60 4M * 0 0 * * HP:i:1\n"
                    "two 2064 chr1 101 60 4H4M * 0 0 ACGT IIII PS:i:9 HP:i:2\n"
                    "none 0 chr1 101 60 4M * 0 0 ACGT IIII HP:i:2 RG:Z:a PS:i:5\n"
                    "odd 512 chr1 102 0 4M * 0 0 ACGT IIII HP:Z:H1 NM:i:1 PS:B:c,1,2\n"
                    "odd2 1024 chr1 102 0 4M * 0 0 ACGT IIII HP:A:1 PS:f:1.5\n"
                    "far 0 chr2 102 60 4M * 0 0 ACGT IIII\n"
                    "placed 4 chr2 110 0 * * 0 0 ACGT IIII HP:i:1\n"
                    "two 4 * 0 0 * * 0 0 ACGT IIII HP:i:1 PS:i:1\n");
    tag_bench_vote(bench, on_chr1("one", 0, 101), 1, 77);
    tag_bench_vote(bench, on_chr1("two", 0, 101), 2, 70000);
    tag_bench_vote(bench, on_chr1("odd2", 0, 102), 2, 255);
    tag_bench_vote(bench, on_chr1("far", 0, 102), 1, 77);
    tag_bench_vote(bench, (struct gn_read_identity){"placed", 0, 1, 109}, 1, 77);
    tag_bench_must_write(bench);
    const char *text = "one 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a NM:i:0 HP:i:1 PS:i:77\n"
                       "two 16 chr1 101 60 1S3M * 0 0 ACGT IIII XA:Z:HPi HP:i:2 PS:i:70000\n"
                       "two 256 chr1 101 60 4M * 0 0 * *\n"
                       "two 2064 chr1 101 60 4H4M * 0 0 ACGT IIII\n"
                       "none 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                       "odd 512 chr1 102 0 4M * 0 0 ACGT IIII NM:i:1\n"
                       "odd2 1024 chr1 102 0 4M * 0 0 ACGT IIII HP:i:2 PS:i:255\n"
                       "far 0 chr2 102 60 4M * 0 0 ACGT IIII\n"
                       "placed 4 chr2 110 0 * * 0 0 ACGT IIII\n"
                       "two 4 * 0 0 * * 0 0 ACGT IIII\n";
    assert_string_equal(tag_bench_records(bench, bench->output), text);
    assert_int_equal(bench->counts.records, 10);
    assert_int_equal(bench->counts.tagged, 3);
    assert_int_equal(tag_bench_look_up(bench, ".bai", "chr1:102-110"), 7);
    assert_int_equal(tag_bench_look_up(bench, ".bai", "chr2"), 2);
    char index[200];
    snprintf(index, sizeof index, "%s.bai", bench->output);
    assert_false(gn_index_is_older(index, bench->output));
}

static void the_two_reads_of_a_pair_have_their_own(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "p 67 chr1 101 60 4M = 101 4 ACGT IIII\n"
                    "p 131 chr1 101 60 4M = 101 -4 ACGT IIII\n"
                    "p 2113 chr1 101 60 4M = 101 4 ACGT IIII\n"
                    "p 65 chr1 201 60 4M = 101 4 ACGT IIII\n"
                    "p 0 chr1 301 60 4M * 0 0 ACGT IIII\n");
    tag_bench_vote(bench, on_chr1("p", 0, 101), 1, 77);
    tag_bench_vote(bench, on_chr1("p", 1, 101), 2, 78);
    tag_bench_vote(bench, on_chr1("p", 0, 301), 2, 79);
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "p 67 chr1 101 60 4M = 101 4 ACGT IIII HP:i:1 PS:i:77\n"
                        "p 131 chr1 101 60 4M = 101 -4 ACGT IIII HP:i:2 PS:i:78\n"
                        "p 2113 chr1 101 60 4M = 101 4 ACGT IIII\n"
                        "p 65 chr1 201 60 4M = 101 4 ACGT IIII\n"
                        "p 0 chr1 301 60 4M * 0 0 ACGT IIII HP:i:2 PS:i:79\n");
    bench->options.tag_supplementary = true;
    tag_bench_must_write(bench);
    assert_non_null(strstr(tag_bench_records(bench, bench->output),
                           "p 2113 chr1 101 60 4M = 101 4 ACGT IIII HP:i:1 PS:i:77\n"));
}

static void secondary_records_are_tagged_on_demand(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "r 256 chr1 101 60 4M * 0 0 ACGT IIII\n"
                    "r 2048 chr1 105 60 4M * 0 0 ACGT IIII\n"
                    "r 2304 chr1 109 60 4M * 0 0 ACGT IIII\n");
    for (int i = 0; i < 3; i++)
        tag_bench_vote(bench, on_chr1("r", 0, 101 + 4 * i), 1, 77);
    bench->options.tag_secondary = true;
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "r 256 chr1 101 60 4M * 0 0 ACGT IIII HP:i:1 PS:i:77\n"
                        "r 2048 chr1 105 60 4M * 0 0 ACGT IIII\n"
                        "r 2304 chr1 109 60 4M * 0 0 ACGT IIII\n");
}

/* htslib continues each history of two lines and more, else the last line. */
static void the_program_line_ends_the_history(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench,
                    "@HD\tVN:1.5\tSO:unknown\n@SQ\tSN:chr1\tLN:1000\tM5:0123\n@CO\tplain\ttext\n"
                    "@PG\tID:gannet\tPN:gannet\tVN:0\n@PG\tID:sort\tPN:samtools\tPP:gannet\n"
                    "@PG\tID:lost\tPP:missing\n@PG\tID:x\n@PG\tID:y\tPP:x\n",
                    "r 0 chr1 101 60 4M * 0 0 ACGT IIII\n");
    bench->options.command_line = "gannet call\t--reads 'a\nb.bam'";
    tag_bench_must_write(bench);
    assert_string_equal(
        tag_bench_header(bench, bench->output, ""),
        "@HD VN:1.5 SO:coordinate\n@SQ SN:chr1 LN:1000 M5:0123\n@CO plain text\n"
        "@PG ID:gannet PN:gannet VN:0\n@PG ID:sort PN:samtools PP:gannet\n"
        "@PG ID:lost PP:missing\n@PG ID:x\n@PG ID:y PP:x\n"
        "@PG ID:gannet.1 PN:gannet PP:sort VN:" GN_VERSION " CL:gannet call --reads 'a b.bam'\n"
        "@PG ID:gannet.2 PN:gannet PP:y VN:" GN_VERSION " CL:gannet call --reads 'a b.bam'\n");
}

static void a_header_without_lines_gets_them(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:1000\n", "");
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_header(bench, bench->output, ""),
                        "@HD VN:1.6 SO:coordinate\n@SQ SN:chr1 LN:1000\n"
                        "@PG ID:gannet PN:gannet VN:" GN_VERSION "\n");
    assert_string_equal(tag_bench_records(bench, bench->output), "");
    assert_int_equal(bench->counts.records, 0);
    assert_int_equal(tag_bench_look_up(bench, ".bai", "chr1"), 0);
}

static void long_contigs_get_csi(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:536870912\n", "");
    tag_bench_must_write(bench);
    assert_int_equal(tag_bench_look_up(bench, ".bai", "chr1"), 0);

    bench->files.n = 0;
    char name[200];
    strcpy(name, temporary_path(&bench->folder, "long.bam"));
    bench->list[bench->files.n++] = name;
    hand_bam_write(name, "@SQ\tSN:chr1\tLN:536870913\n",
                   "r 0 chr1 101 60 4M * 0 0 ACGT IIII\n"
                   "s 0 chr1 536870900 60 4M * 0 0 ACGT IIII\n",
                   0);
    assert_int_equal(sam_index_build(name, 14), 0);
    tag_bench_set_output(bench, "out.long.bam");
    tag_bench_must_write(bench);
    assert_int_equal(tag_bench_look_up(bench, ".csi", "chr1:536870000-536870913"), 1);
}

/* CRAM written and read with a reference of one contig, without looking anywhere else for it. */
static void cram_goes_out_and_in(void **state)
{
    struct tag_bench *bench = *state;
    char fasta[1100] = ">chr1\n";
    for (int i = 0; i < 1000; i++)
        strcat(fasta, i % 4 == 0 ? "A" : i % 4 == 1 ? "C" : i % 4 == 2 ? "G" : "T");
    strcat(fasta, "\n");
    gn_fasta_close(temporary_fasta(&bench->folder, fasta));
    char reference[200];
    strcpy(reference, temporary_path(&bench->folder, "reference.fa"));
    bench->options.reference = reference;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:1000\n@RG\tID:a\tSM:s\n",
                    "r 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a HP:Z:x\n"
                    "s 16 chr1 105 60 2M1I2M * 0 0 ACTGT IIIHG\n"
                    "t 4 * 0 0 * * 0 0 ACGT IIII PS:i:4\n");
    tag_bench_vote(bench, on_chr1("s", 0, 105), 2, 77);
    tag_bench_set_output(bench, "out.cram");
    tag_bench_must_write(bench);
    samFile *file = sam_open(bench->output, "r");
    assert_int_equal(hts_get_format(file)->format, cram);
    sam_close(file);
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "r 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                        "s 16 chr1 105 60 2M1I2M * 0 0 ACTGT IIIHG HP:i:2 PS:i:77\n"
                        "t 4 * 0 0 * * 0 0 ACGT IIII\n");
    assert_int_equal(tag_bench_look_up(bench, ".crai", "chr1:105-110"), 1);

    char cram[200];
    strcpy(cram, bench->output);
    bench->list[0] = cram;
    tag_bench_set_output(bench, "out.bam");
    tag_bench_must_write(bench);
    assert_non_null(strstr(tag_bench_records(bench, bench->output), "HP:i:2 PS:i:77\n"));
    assert_int_equal(bench->counts.records, 3);
    assert_int_equal(bench->counts.tagged, 1);
}

static void cram_needs_every_contig(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr9\tLN:500\n", "");
    gn_fasta_close(temporary_fasta(&bench->folder, ">chr1\nACGT\n"));
    char reference[200];
    strcpy(reference, temporary_path(&bench->folder, "reference.fa"));
    bench->options.reference = reference;
    tag_bench_set_output(bench, "out.cram");
    tag_bench_refused(bench, GN_E_MISMATCH, "chr9");
}

static size_t slurp(const char *path, char **bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *bytes = malloc(1 << 22);
    size_t n = fread(*bytes, 1, 1 << 22, file);
    fclose(file);
    return n;
}

static void expect_same_bytes(struct tag_bench *bench, const char *output, const char *index_suffix)
{
    char *bytes[2][2], index[200];
    size_t n[2][2];
    tag_bench_set_output(bench, output);
    snprintf(index, sizeof index, "%s%s", bench->output, index_suffix);
    for (int round = 0; round < 2; round++) {
        bench->options.threads = 4 * round;
        tag_bench_must_write(bench);
        n[round][0] = slurp(bench->output, &bytes[round][0]);
        n[round][1] = slurp(index, &bytes[round][1]);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(n[0][i] > 50 && n[0][i] == n[1][i]);
        assert_memory_equal(bytes[0][i], bytes[1][i], n[0][i]);
        free(bytes[0][i]);
        free(bytes[1][i]);
    }
    assert_int_equal(bench->counts.records, 20000);
    assert_int_equal(bench->counts.tagged, 6667);
}

static void threads_do_not_change_the_bytes(void **state)
{
    struct tag_bench *bench = *state;
    char reference[200], fasta[1600];
    snprintf(fasta, sizeof fasta, ">chr1\n%01000d\n>chr2\n%0500d\n", 0, 0);
    for (char *p = fasta; *p != '\0'; p++)
        *p = *p == '0' ? 'A' : *p;
    gn_fasta_close(temporary_fasta(&bench->folder, fasta));
    strcpy(reference, temporary_path(&bench->folder, "reference.fa"));
    bench->options.reference = reference;
    tag_bench_many(bench, true);
    expect_same_bytes(bench, "out.bam", ".bai");
    expect_same_bytes(bench, "out.cram", ".crai");
}

/* HP and PS away, the rest of a record as it is. */
static void strip(bam1_t *record)
{
    for (int i = 0; i < 2; i++) {
        uint8_t *tag = bam_aux_get(record, i == 0 ? "HP" : "PS");
        if (tag != NULL)
            bam_aux_del(record, tag);
    }
}

static void expect_equal(const bam1_t *a, const bam1_t *b)
{
    assert_memory_equal(&a->core, &b->core, sizeof a->core);
    assert_int_equal(a->l_data, b->l_data);
    assert_memory_equal(a->data, b->data, (size_t)a->l_data);
}

/* DeepVariant's PacBio reads, every third primary one tagged. */
static void real_reads_keep_everything_else(void **state)
{
    struct tag_bench *bench = *state;
    const char *shared = getenv("GANNET_SHARED");
    char input[300];
    snprintf(input, sizeof input, "%s/testdata/dv-1.9.0/input/test_pacbio.chr20_100kbp_at_9mb.bam",
             shared != NULL ? shared : "../shared");
    if (access(input, R_OK) != 0) {
        print_message("no %s\n", input);
        skip();
    }
    samFile *in = sam_open(input, "r");
    sam_hdr_t *header = sam_hdr_read(in);
    bam1_t *record = bam_init1(), *copy = bam_init1();
    for (int i = 0; i < sam_hdr_nref(header); i++)
        gn_contigs_add(&bench->contigs, sam_hdr_tid2name(header, i), 1, NULL);
    int n = 0, n_tagged = 0, got;
    for (; (got = sam_read1(in, header, record)) >= 0; n++) {
        if (n % 3 != 0 || (record->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY)))
            continue;
        int contig = gn_contigs_find(&bench->contigs, sam_hdr_tid2name(header, record->core.tid));
        tag_bench_vote(
            bench, (struct gn_read_identity){bam_get_qname(record), 0, contig, record->core.pos},
            1 + n % 2, 9000001 + n);
        n_tagged++;
    }
    assert_int_equal(got, -1);
    sam_close(in);
    bench->list[bench->files.n++] = input;
    bench->options.threads = 2;
    tag_bench_must_write(bench);
    assert_int_equal(bench->counts.records, n);
    assert_int_equal(bench->counts.tagged, n_tagged);

    in = sam_open(input, "r");
    sam_hdr_destroy(sam_hdr_read(in));
    samFile *out = sam_open(bench->output, "r");
    sam_hdr_t *new_header = sam_hdr_read(out);
    for (int i = 0; i < n; i++) {
        assert_true(sam_read1(in, header, record) >= 0 && sam_read1(out, new_header, copy) >= 0);
        bool is_tagged = i % 3 == 0 && !(record->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY));
        const uint8_t *hp = bam_aux_get(copy, "HP"), *ps = bam_aux_get(copy, "PS");
        assert_int_equal(hp != NULL ? bam_aux2i(hp) : 0, is_tagged ? 1 + i % 2 : 0);
        assert_int_equal(ps != NULL ? bam_aux2i(ps) : 0, is_tagged ? 9000001 + i : 0);
        strip(record);
        strip(copy);
        expect_equal(record, copy);
    }
    assert_int_equal(sam_read1(out, new_header, copy), -1);
    bam_destroy1(record);
    bam_destroy1(copy);
    sam_hdr_destroy(header);
    sam_hdr_destroy(new_header);
    sam_close(in);
    sam_close(out);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, tag_bench_setup, tag_bench_teardown)

int main(void)
{
    hts_set_log_level(HTS_LOG_OFF);
    const struct CMUnitTest tests[] = {
        CASE(only_the_tags_change),
        CASE(the_two_reads_of_a_pair_have_their_own),
        CASE(secondary_records_are_tagged_on_demand),
        CASE(the_program_line_ends_the_history),
        CASE(a_header_without_lines_gets_them),
        CASE(long_contigs_get_csi),
        CASE(cram_goes_out_and_in),
        CASE(cram_needs_every_contig),
        CASE(threads_do_not_change_the_bytes),
        CASE(real_reads_keep_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
