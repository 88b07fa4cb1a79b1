/* SPDX-License-Identifier: MIT
 *
 * request.c - the public entry: a request with defaults filled in.
 */
#include <stdlib.h>

#include "call/call.h"

enum { DEFAULT_BATCH = 64 };

int gn_call(const gn_call_request_t *request, gn_call_summary_t *summary, gn_error_t *error)
{
    gn_error_t own_error = {0};
    gn_call_summary_t own_summary;
    gn_error_t *err = error != NULL ? error : &own_error;
    if (request->reference == NULL || request->reads == NULL || request->model == NULL ||
        request->output_vcf == NULL)
        return gn_fail(err, GN_E_USAGE, "a call needs reference, reads, model and output_vcf");
    struct gn_call_options options = {
        .partition = gn_partition_settings_default(),
        .regions = {.regions = request->regions, .partition_size = 1000},
        .output = gn_calling_options_default(),
        .sample_name = request->sample_name,
        .n_threads = request->threads > 0 ? request->threads : 1,
        .batch_size = request->batch_size > 0 ? request->batch_size : DEFAULT_BATCH,
        .progress = request->progress,
        .progress_context = request->progress_context,
    };
    options.partition.reference = request->reference;
    options.output.vcf_path = request->output_vcf;
    options.output.gvcf_path = request->output_gvcf;
    gn_model_t *model = gn_model_load(request->model, err);
    if (model == NULL)
        return err->code;
    options.model = model;
    char *warning = NULL;
    int ret = gn_texts_split(&options.partition.reads, request->reads, ",", err);
    if (ret == GN_OK)
        ret = gn_call_run(&options, summary != NULL ? summary : &own_summary, &warning, err);
    free(warning);
    gn_texts_clear(&options.partition.reads);
    gn_model_free(model);
    return ret;
}
