/* SPDX-License-Identifier: MIT
 *
 * hand_bam.h - small BAM files written from SAM text, for the tests of reads.
 */
#ifndef GN_TESTS_HAND_BAM_H
#define GN_TESTS_HAND_BAM_H

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

/// A header that is fine.
#define HAND_BAM_HEADER                                                                            \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"                    \
    "@RG\tID:a\tSM:NA1\n"

enum { HAND_BAM_INDEX = 1 };

/* Header and records in SAM; fields of records are separated by blanks, so that tables of them
 * read well. */
static inline void hand_bam_write(const char *path, const char *header_text, const char *records,
                                  int flags)
{
    sam_hdr_t *header = sam_hdr_parse(strlen(header_text), header_text);
    samFile *file = sam_open(path, "wb");
    bam1_t *record = bam_init1();
    kstring_t line = {0, 0, NULL};
    if (header == NULL || file == NULL || record == NULL ||
        (header->text = strdup(header_text)) == NULL)
        abort();
    header->l_text = strlen(header_text);
    if (sam_hdr_write(file, header) < 0)
        abort();
    for (const char *p = records; *p != '\0';) {
        size_t n = strcspn(p, "\n");
        line.l = 0;
        if (kputsn(p, (int)n, &line) < 0)
            abort();
        for (size_t i = 0; i < n; i++)
            if (line.s[i] == ' ')
                line.s[i] = '\t';
        if (sam_parse1(&line, header, record) < 0 || sam_write1(file, header, record) < 0)
            abort();
        p += n + (p[n] == '\n');
    }
    free(line.s);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    if (sam_close(file) < 0 || ((flags & HAND_BAM_INDEX) && sam_index_build(path, 0) < 0))
        abort();
}

/* Changes the length of the first operation of the only record, which SAM text would not allow.
 * The index stays right. */
static inline void hand_bam_break_cigar(const char *path)
{
    samFile *file = sam_open(path, "r");
    sam_hdr_t *header = file == NULL ? NULL : sam_hdr_read(file);
    bam1_t *record = bam_init1();
    if (header == NULL || record == NULL || sam_read1(file, header, record) < 0)
        abort();
    sam_close(file);
    bam_get_cigar(record)[0] += 1 << BAM_CIGAR_SHIFT;
    file = sam_open(path, "wb");
    if (file == NULL || sam_hdr_write(file, header) < 0 || sam_write1(file, header, record) < 0 ||
        sam_close(file) < 0)
        abort();
    bam_destroy1(record);
    sam_hdr_destroy(header);
}

#endif
