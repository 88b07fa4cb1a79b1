/* SPDX-License-Identifier: MIT
 *
 * request.c - the public entry: a request with defaults filled in.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "call/call.h"
#include "call/presets.h"

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

static int call_with_model(const gn_call_request_t *request, const struct gn_preset *preset,
                           struct gn_call_options *options, gn_call_summary_t *summary,
                           gn_error_t *err)
{
    char *warning = NULL;
    gn_mlp_t *small_model = NULL;
    struct gn_small_model_settings *settings = &options->partition.small_model;
    bool is_named = request->small_model != NULL && request->small_model[0] != '\0';
    if (is_named && !preset->has_small_model)
        return gn_fail(err, GN_E_USAGE, "preset %s has no thresholds for a small model: name none",
                       preset->name);
    int ret = preset->has_small_model ? load_small_model(request, &small_model, err) : GN_OK;
    settings->model = small_model;
    settings->snp_gq_threshold = preset->snp_gq_threshold;
    settings->indel_gq_threshold = preset->indel_gq_threshold;
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
        .regions = {.regions = request->regions},
        .output = gn_calling_options_default(),
        .sample_name = request->sample_name,
        .n_threads = request->threads > 0 ? request->threads : 1,
        .batch_size = request->batch_size > 0 ? request->batch_size : DEFAULT_BATCH,
        .progress = request->progress,
        .progress_context = request->progress_context,
        .output_phased = request->output_phased != 0,
        .haplotagged_bam = request->haplotagged_bam,
    };
    int ret =
        gn_device_choice_read(request->device, NULL, request->device_batch, &options.device, err);
    if (ret < 0)
        return ret;
    options.output.vcf_path = request->output_vcf;
    options.output.gvcf_path = request->output_gvcf;
    gn_model_t *model = gn_model_load(request->model, err);
    if (model == NULL)
        return err->code;
    struct gn_preset preset;
    ret = gn_preset_choose(request->preset, model, &preset, err);
    if (ret == GN_OK) {
        options.model = model;
        options.partition = preset.settings;
        options.partition.reference = request->reference;
        options.regions.partition_size = preset.partition_size;
        ret = call_with_model(request, &preset, &options, summary != NULL ? summary : &own_summary,
                              err);
    }
    gn_model_free(model);
    return ret;
}
