/* SPDX-License-Identifier: MIT
 *
 * run_info.h - <examples>.run_info.pbtxt: what a run of make-examples made, in the text format of DeepVariant's
 * MakeExamplesRunInfo (spec 81.4). Its sections on options and resources are left out: they describe DeepVariant's own
 * program and machine.
 */
#ifndef GN_CALL_RUN_INFO_H
#define GN_CALL_RUN_INFO_H

#include "call/make_examples.h"

/// Writes the labeling metrics and statistics of the task's shard of `examples`. As in the text format of proto3, counts
/// of 0 are left out.
int gn_run_info_write(const char *examples, int task, bool is_training,
                      const struct gn_make_examples_counts *counts, gn_error_t *err);

#endif
