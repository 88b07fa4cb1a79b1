/* SPDX-License-Identifier: MIT
 *
 * read_options.h - which records become reads of a partition, and what is read of them.
 */
#ifndef GN_READS_READ_OPTIONS_H
#define GN_READS_READ_OPTIONS_H

#include "reads/read.h"

enum {
    /// Bases from which on a read is cropped. Shorter ones gain little, and realignment may want them whole.
    GN_CROP_MIN_LENGTH = 10000,
    /// Bytes that the kept reads of a partition take at most: 600 HiFi reads of 25 kb take 30 MB, a partition of 25 kb at
    /// 5,000x in reads of 20 kb, all kept, 450 MB. What goes beyond is no use to a caller, and every worker may need it.
    GN_READ_BYTES_MAX = 512 << 20,
};

/// Where reads are phased, alleles are counted on both sides of the partition too: in so many percent of its length (spec 70
/// section 1). Cropped reads reach further than that.
enum { GN_PHASE_PADDING_PERCENT = 20 };

/// Settings with DeepVariant's flag names and defaults (gn_read_options_default).
struct gn_read_options {
    int min_mapping_quality;            /* 5 */
    bool keep_duplicates;               /* false */
    bool keep_secondary_alignments;     /* false */
    bool keep_supplementary_alignments; /* false */
    bool use_original_quality_scores;   /* false: qualities from the OQ tag */
    bool parse_haplotype_tag;           /* false: read HP; anything but an integer counts as none */
    bool parse_base_modifications;      /* false: read MM, ML and MN */
    double downsample_fraction;         /* 0: keep all */
    int max_reads_per_partition;        /* 1500; 0: no limit */
    int64_t
        max_reads_for_dynamic_bases_per_region; /* 0: no limit; depth that kept reads may reach */
    bool split_skip_reads;     /* false: true makes a read of each part between skips (N) */
    int split_max_read_length; /* 0: no limit; longer reads are not split. The limit of realignment,
                                  because upstream splits what it realigns */
    int64_t crop_margin; /* 50,000 bp around a partition that long reads keep; 0: reads stay whole,
                            as they must where they are normalised, or where reads of
                            GN_CROP_MIN_LENGTH or more are realigned (crop.h) */
    int64_t max_bytes;   /* that the kept reads of a partition may take; 0: GN_READ_BYTES_MAX */
};

struct gn_read_options gn_read_options_default(void);

#endif
