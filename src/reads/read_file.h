/* SPDX-License-Identifier: MIT
 *
 * read_file.h - one BAM or CRAM file with its header and index. For reads/, and for phase/ which copies files.
 */
#ifndef GN_READS_READ_FILE_H
#define GN_READS_READ_FILE_H

#include <htslib/sam.h>

#include "base/random.h"
#include "io/variant.h"

struct gn_read_file {
    char *path;
    samFile *file;
    sam_hdr_t *header;
    hts_idx_t *index;
    bool index_is_old;       /* the index was written before the file */
    struct gn_mt64 sampling; /* of --downsample-fraction: one sequence per file */
};

/// Opens and checks a file; on failure the struct is still fit for gn_read_file_close().
GN_MUST_CHECK
int gn_read_file_open(struct gn_read_file *file, const char *path, const char *reference,
                      gn_error_t *err);
void gn_read_file_close(struct gn_read_file *file);

/// Adds the distinct SM values of the @RG lines that are not in the list yet.
int gn_read_file_samples(const struct gn_read_file *file, struct gn_texts *samples,
                         gn_error_t *err);

#endif
