/* SPDX-License-Identifier: MIT
 *
 * reads_input.h - how the input of fuzz_reads.c is laid out; make_read_seeds.c writes it.
 *
 * struct reads_header, then records one behind the other: a struct reads_record, the name, the CIGAR (4 bytes an
 * operation), the letters, the aux data as in BAM. A letter is a base (low half, as BAM packs it) and a quality (high
 * half times 4; 255 for 15). A record's bases are as many as its CIGAR asks for; the letters are used again and again
 * when they are fewer, so that long reads need few bytes. Little endian.
 */
#ifndef GN_TESTS_READS_INPUT_H
#define GN_TESTS_READS_INPUT_H

#include <stdint.h>

enum {
    READS_CONTIGS = 3,
    READS_MAX_OPERATIONS = 600,
    READS_MAX_BASES = 30000, /* longer reads lose operations */
    READS_QUALITY_STEP = 4,
    READS_NO_QUALITY = 15,
};

/// Bits of reads_header.switches.
enum {
    READS_SPLIT = 1,
    READS_MODIFICATIONS = 2,
    READS_HAPLOTYPES = 4,
    READS_ORIGINAL_QUALITIES = 8,
    READS_NORMALIZE = 16,
    READS_LEGACY_COUNTS = 32,
    READS_KEEP_ALL = 64, /* duplicates, secondary and supplementary alignments */
    READS_DOWNSAMPLE = 128,
};

#pragma pack(push, 1)
struct reads_header {
    uint8_t contig; /* modulo READS_CONTIGS */
    uint16_t start0, length;
    uint8_t switches, margin, max_reads, max_kilobytes;
};

struct reads_record {
    uint16_t flag;
    uint8_t contig, mapping_quality, mate_contig;
    int32_t pos0, fragment_length;
    uint8_t name_length;
    uint16_t n_cigar, n_letters, aux_length;
    int8_t surplus; /* bases more than the CIGAR asks for: mostly 0 */
};
#pragma pack(pop)

#endif
