/* SPDX-License-Identifier: MIT
 *
 * make_read_seeds.c - first inputs of fuzz_reads: records of every kind, and the first ones of the BAM files named on the
 * command line, moved into the contigs of the fuzzer.
 *
 *   make_read_seeds CORPUS [BAM ...]
 */
#include <htslib/sam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reads_input.h"

enum { RECORDS_OF_A_FILE = 12, MAX_BASES = 400, ROOM = 1 << 20 };

static const char HEADER[] =
    "@SQ\tSN:chr1\tLN:70000\n@SQ\tSN:chr2\tLN:70000\n@SQ\tSN:chr3\tLN:70000\n";

static const char SHORT_READS[] =
    "a 99 chr1 1011 60 30M = 1101 130 ACGTACGTACGTACGTACGTACGTACGTAC "
    "IIIIIIIIIIIIIIIIIIIIIIIIIIIIII HP:i:1\n"
    "a 147 chr1 1021 60 10M3I7M2D10M = 1011 -130 ACGTACGTACGTACGTACGTACGTACGTAC "
    "IIIIIIIIIIIIIIIIIIIIIIIIIIIIII HP:i:2\n"
    "b 16 chr1 1021 30 3H5S10M2N10=1X4S * 0 0 ACGTACGTACGTNCGTACGTACGTACGTAC "
    "IIIIIIIIIIIIIIIIIIII5555555555\n"
    "b 2064 chr1 1025 60 5I5D10M1P15M * 0 0 ACGTACGTACGTACGTACGTACGTACGTAC "
    "IIIIIIIIIIIIIIIIIIIIIIIIIIIIII OQ:Z:IIIIIIIIIIIIIIIIIIIIIIIIIIIIII\n"
    "c 0 chr1 1030 60 15M200N15M * 0 0 ACGTACGTACGTACGTACGTACGTACGTAC "
    "IIIIIIIIIIIIIIIIIIIIIIIIIIIIII\n"
    "d 0 chr1 1031 60 30S30N * 0 0 ACGTACGTACGTACGTACGTACGTACGTAC IIIIIIIIIIIIIIIIIIIIIIIIIIIIII\n";

static const char MODIFIED_READS[] =
    "a 0 chr1 1011 60 30M * 0 0 ACGTACGTACGTACGTACGTACGTACGTAC IIIIIIIIIIIIIIIIIIIIIIIIIIIIII "
    "MM:Z:C+m?,0,1,2;A+a.,1;T-a,0,0; ML:B:C,1,2,200,4,5,255 MN:i:30\n"
    "b 16 chr1 1011 60 30M * 0 0 ACGTACGTACGTACGTACGTACGTACGTAC IIIIIIIIIIIIIIIIIIIIIIIIIIIIII "
    "MM:Z:C+mh,0;C+m,1; ML:B:C,1,2,200 MN:i:30 HP:Z:x\n";

/* The first ones cross the ends of what a partition of [500, 701) keeps in a deletion, with an insertion behind it. */
static const char LONG_READS[] = "a 0 chr1 1 60 400M150D5I11000M * 0 0 * *\n"
                                 "b 0 chr1 1 60 680M500D11000M * 0 0 * *\n"
                                 "c 0 chr1 1 60 300M3P11000M * 0 0 * *\n"
                                 "d 0 chr1 1001 60 5000M300D7000M10I100M * 0 0 * *\n"
                                 "e 0 chr1 3001 60 400S3000M2I3000N9000M300S * 0 0 * *\n"
                                 "f 0 chr1 5001 60 900=20X4000D5I11000=20000N2M * 0 0 * *\n";

static void put(FILE *file, const void *bytes, size_t n)
{
    if (fwrite(bytes, 1, n, file) != n)
        abort();
}

/* Records without bases get 97 letters that go round. */
static void put_record(FILE *file, const bam1_t *record)
{
    uint8_t letters[MAX_BASES];
    const bam1_core_t *core = &record->core;
    uint16_t n_letters = 0, n_cigar = 0;
    int length = 0;
    while (n_cigar < core->n_cigar && n_cigar + 1 < READS_MAX_OPERATIONS) {
        uint32_t operation = bam_get_cigar(record)[n_cigar];
        int more =
            bam_cigar_type(bam_cigar_op(operation)) & 1 ? (int)bam_cigar_oplen(operation) : 0;
        if (core->l_qseq > 0 && length + more > MAX_BASES)
            break;
        length += more;
        n_cigar++;
    }
    for (; n_letters < (core->l_qseq > 0 ? length : 97); n_letters++) {
        int base = core->l_qseq > 0 ? bam_seqi(bam_get_seq(record), n_letters) : 1 << n_letters % 4;
        int quality = core->l_qseq > 0 ? bam_get_qual(record)[n_letters] / READS_QUALITY_STEP : 9;
        letters[n_letters] = (uint8_t)(base | (quality < 14 ? quality : 14) << 4);
    }
    struct reads_record to = {
        .flag = core->flag,
        .mapping_quality = core->qual,
        .pos0 = (int32_t)(core->pos % 60000),
        .fragment_length = (int32_t)core->isize,
        .name_length = 3,
        .n_cigar = n_cigar,
        .n_letters = n_letters,
        .aux_length = (uint16_t)(bam_get_l_aux(record) < 2000 ? bam_get_l_aux(record) : 0)};
    put(file, &to, sizeof to);
    put(file, bam_get_qname(record), 3);
    put(file, bam_get_cigar(record), 4U * n_cigar);
    put(file, letters, n_letters);
    put(file, bam_get_aux(record), to.aux_length);
}

static FILE *open_seed(const char *corpus, const char *name, struct reads_header header)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    put(file, &header, sizeof header);
    return file;
}

static void write_text(FILE *file, const char *text)
{
    sam_hdr_t *header = sam_hdr_parse(strlen(HEADER), HEADER);
    bam1_t *record = bam_init1();
    kstring_t line = {0, 0, NULL};
    if (header == NULL || record == NULL)
        abort();
    for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1) {
        line.l = 0;
        if (kputsn(p, (int)strcspn(p, "\n"), &line) < 0)
            abort();
        for (size_t i = 0; i < line.l; i++)
            line.s[i] = line.s[i] == ' ' ? '\t' : line.s[i];
        if (sam_parse1(&line, header, record) < 0)
            abort();
        put_record(file, record);
    }
    free(line.s);
    bam_destroy1(record);
    sam_hdr_destroy(header);
}

static void write_file(FILE *file, const char *path)
{
    samFile *reads = sam_open(path, "r");
    sam_hdr_t *header = reads == NULL ? NULL : sam_hdr_read(reads);
    bam1_t *record = bam_init1();
    if (header == NULL || record == NULL)
        abort();
    int64_t shift = -1;
    for (int n = 0; n < RECORDS_OF_A_FILE && sam_read1(reads, header, record) >= 0;) {
        if (record->core.flag & BAM_FUNMAP)
            continue;
        shift = shift < 0 ? record->core.pos - 1000 : shift;
        record->core.pos -= shift;
        put_record(file, record);
        n++;
    }
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(reads);
}

int main(int argc, char **argv)
{
    static const struct reads_header plain = {.start0 = 1000, .length = 200, .max_reads = 3};
    if (argc < 2)
        return 1;
    mkdir(argv[1], 0777);
    struct reads_header header = plain;
    for (int switches = 0; switches < 256; switches = switches == 0 ? 1 : 2 * switches) {
        char name[32];
        header.switches = (uint8_t)(switches | READS_KEEP_ALL);
        snprintf(name, sizeof name, "short-%d", switches);
        FILE *file = open_seed(argv[1], name, header);
        write_text(file, switches == READS_MODIFICATIONS ? MODIFIED_READS : SHORT_READS);
        if (fclose(file) != 0)
            return 1;
    }
    for (int i = 0; i < 4; i++) {
        char name[32];
        header = plain;
        header.start0 = (uint16_t)(500 + 3000 * i);
        header.margin = (uint8_t)(40 * i);
        header.max_reads = 0;
        snprintf(name, sizeof name, "long-%d", i);
        FILE *file = open_seed(argv[1], name, header);
        write_text(file, LONG_READS);
        if (fclose(file) != 0)
            return 1;
    }
    for (int i = 2; i < argc; i++) {
        char name[32];
        header = plain;
        header.switches = READS_HAPLOTYPES | READS_MODIFICATIONS;
        snprintf(name, sizeof name, "file-%d", i);
        FILE *file = open_seed(argv[1], name, header);
        write_file(file, argv[i]);
        if (fclose(file) != 0)
            return 1;
    }
    return 0;
}
