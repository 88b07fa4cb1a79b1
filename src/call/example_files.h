/* SPDX-License-Identifier: MIT
 *
 * example_files.h - the output files of make-examples: names, shards, and their common appearance at the end.
 */
#ifndef GN_CALL_EXAMPLE_FILES_H
#define GN_CALL_EXAMPLE_FILES_H

#include <stdio.h>

#include "call/example.h"
#include "call/make_examples.h"
#include "io/pending_file.h"
#include "io/tfrecord.h"

struct gn_example_files {
    gn_tfrecord_writer_t *examples, *candidates, *gvcf; /* NULL when not wanted */
    gn_tfrecord_writer_t
        *decided; /* "x_call_variant_outputs.tfrecord" of examples "x.tfrecord"; NULL
                                       without a small model */
    gn_tfrecord_writer_t *features; /* "x_small_model.tfrecord"; NULL when not wanted */
    struct gn_pending_file positions_name;
    FILE *positions;
    char *info_name;  /* <examples>.example_info.json */
    int n_shards;     /* 0: not sharded */
    bool round_robin; /* how partitions are dealt to the shards */
};

/// Opens this task's shard of every output. GN_E_USAGE when the outputs have different numbers of shards or the task is not
/// one of them.
int gn_example_files_open(struct gn_example_files *files,
                          const struct gn_make_examples_options *options, gn_error_t *err);

/// The records of one partition; those of a file that is not wanted are passed over.
struct gn_example_records {
    const struct gn_record_list *examples, *candidates, *blocks;
    const struct gn_record_list *decided;  /* answers of the small model */
    const struct gn_record_list *features; /* what it is to learn from */
};

int gn_example_files_write(struct gn_example_files *files, const struct gn_example_records *records,
                           gn_error_t *err);

/// Candidate positions of one partition: int32, then -2, and -1 after the last partition of an interval (spec 10 section 4).
int gn_example_files_write_positions(struct gn_example_files *files, const int32_t *positions,
                                     size_t n, bool ends_interval, gn_error_t *err);

/// Closes all files, writes the JSON beside the examples, and gives them their names.
int gn_example_files_commit(struct gn_example_files *files, const struct gn_pileup_options *pileup,
                            bool has_images, gn_error_t *err);

/// Drops what is unfinished and frees everything; fine after commit.
void gn_example_files_abort(struct gn_example_files *files);

#endif
