/* SPDX-License-Identifier: MIT
 *
 * modifications.h - base modifications of a record, from its MM, ML and MN tags (spec 40 section 4). Internal to reads/.
 *
 * The tags count bases as they came from the sequencer: on the reverse complement of a read that is aligned to the reverse
 * strand. Only 5-methylcytosine (C+m) and 6-methyladenine (A+a and, seen from the other strand, T-a) are known.
 */
#ifndef GN_READS_MODIFICATIONS_H
#define GN_READS_MODIFICATIONS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

/// The likelihoods of a stretch of a read. Rows of n_bases values, in the order of the bases in the file.
struct gn_modifications {
    int64_t first_base, n_bases; /* the stretch */
    uint8_t *values_5mc, *values_6ma;
    bool has_5mc, has_6ma; /* a row is filled only when there is something to tell */
};

/// True when a record has the tags, of the right types, and they are about all of its bases.
bool gn_has_modifications(const bam1_t *record);

/// Reads the tags of a record that has them. Tags that contradict the bases or themselves count as none, as upstream has
/// it; where it would stop (a count that is no number), too.
void gn_read_modifications(const bam1_t *record, struct gn_modifications *modifications);

#endif
