/* SPDX-License-Identifier: MIT
 *
 * request.c - the public entry: a request with defaults filled in.
 */
#include <stdlib.h>

#include "call/call.h"

enum { DEFAULT_BATCH = 64 };

/* The small model that a request means, if any. */
static int load_small_model(const gn_call_request_t *request, gn_mlp_t **model, gn_error_t *err)
{
    char *own = NULL;
    const char *folder = request->small_model;
    if (folder == NULL) {
        int ret = gn_small_model_folder(request->model, &own, err);
        if (ret < 0)
            return ret;
        folder = own;
    }
    bool is_wanted = folder != NULL && folder[0] != '\0';
    *model = is_wanted ? gn_mlp_load(folder, err) : NULL;
    free(own);
    return is_wanted && *model == NULL ? err->code : GN_OK;
}

static int call_with_model(const gn_call_request_t *request, struct gn_call_options *options,
                           gn_call_summary_t *summary, gn_error_t *err)
{
    char *warning = NULL;
    gn_mlp_t *small_model = NULL;
    struct gn_small_model_settings *settings = &options->partition.small_model;
    int ret = load_small_model(request, &small_model, err);
    settings->model = small_model;
    gn_small_model_thresholds("wgs", &settings->snp_gq_threshold, &settings->indel_gq_threshold);
    if (ret == GN_OK)
        ret = gn_texts_split(&options->partition.reads, request->reads, ",", err);
    if (ret == GN_OK)
        ret = gn_call_run(options, summary, &warning, err);
    free(warning);
    gn_texts_clear(&options->partition.reads);
    gn_mlp_free(small_model);
    return ret;
}

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
    int ret = call_with_model(request, &options, summary != NULL ? summary : &own_summary, err);
    gn_model_free(model);
    return ret;
}
