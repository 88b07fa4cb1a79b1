/* SPDX-License-Identifier: MIT
 *
 * call.h - the whole way in one process: partitions to workers, images to the network, records out in genome order.
 *
 * The same stages as make-examples, call-variants and postprocess, without files between them; the same records.
 */
#ifndef GN_CALL_CALL_H
#define GN_CALL_CALL_H

#include "call/calling_sink.h"
#include "call/call_plan.h"
#include "cnn/device_choice.h"
#include "cnn/model.h"
#include "cnn/precision.h"
#include "gannet/call.h"

struct gn_call_options {
    struct gn_partition_settings partition; /* channels and image size are taken from the model */
    struct gn_partition_options regions;
    struct gn_calling_options output; /* paths and genotype settings; the sample is filled in */
    const char *sample_name;          /* NULL: that of the read groups */
    const gn_model_t *model;
    enum gn_precision precision;
    struct gn_device_choice device;
    bool output_phased;          /* GT with '|' and PS where the phasing of the reads supports it */
    const char *haplotagged_bam; /* the reads with HP and PS, .bam or .cram; NULL none */
    const char *command_line;    /* for its header; NULL none */
    int n_threads, batch_size;
    gn_progress_fn *progress; /* NULL: none */
    void *progress_context;
};

/// Makes images as a model wants them: its channels, height and width.
void gn_call_take_shape(struct gn_pileup_options *pileup, const gn_model_t *model);

/// Runs a call.
/** @param warning  receives a malloc'ed line about something suspicious, or NULL */
GN_MUST_CHECK
int gn_call_run(const struct gn_call_options *options, gn_call_summary_t *summary, char **warning,
                gn_error_t *err);

#endif
