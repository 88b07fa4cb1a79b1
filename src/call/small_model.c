/* SPDX-License-Identifier: MIT
 *
 * small_model.c - which candidates the model is asked about, and which of its answers stand.
 */
#include "call/small_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { CLASSES = 3, MAX_OUTPUTS = 1 << 22 };

struct gn_small_model_settings gn_small_model_settings_default(void)
{
    return (struct gn_small_model_settings){.call_multiallelics = true};
}

int gn_small_model_folder(const char *model_dir, char **folder, gn_error_t *err)
{
    char *json = NULL;
    *folder = NULL;
    if (asprintf(&json, "%s/small_model/model.json", model_dir) < 0)
        return gn_fail_memory(err, "the path of the small model");
    int ret = GN_OK;
    if (access(json, F_OK) == 0 && asprintf(folder, "%s/small_model", model_dir) < 0)
        ret = gn_fail_memory(err, "the path of the small model");
    free(json);
    return ret;
}

int gn_small_model_check(const gn_mlp_t *model, const struct gn_small_model_view *view,
                         gn_error_t *err)
{
    int features = gn_small_model_feature_count(view);
    if (gn_mlp_inputs(model) != features)
        return gn_fail(err, GN_E_MISMATCH,
                       "the small model %s takes %d features, these settings make %d: give the "
                       "model's --small-model-vaf-context-window-size, or another model",
                       gn_mlp_texts(model)->name, gn_mlp_inputs(model), features);
    if (gn_mlp_outputs(model) != CLASSES)
        return gn_fail(err, GN_E_MISMATCH,
                       "the small model %s gives %d probabilities, wanted are %d: give another "
                       "model",
                       gn_mlp_texts(model)->name, gn_mlp_outputs(model), CLASSES);
    return GN_OK;
}

/* Alts that stand for anything: they do not count when the kind of a record is asked for. */
static bool is_placeholder(const char *alt)
{
    return strcmp(alt, "<*>") == 0 || strcmp(alt, "<NON_REF>") == 0 || strcmp(alt, ".") == 0;
}

static bool is_asked(const struct gn_small_model_settings *settings,
                     const struct gn_variant *variant)
{
    int n_alts = 0;
    bool is_snp = strlen(variant->ref) == 1;
    for (int i = 0; i < variant->alts.n; i++) {
        if (is_placeholder(variant->alts.v[i]))
            continue;
        n_alts++;
        is_snp = is_snp && strlen(variant->alts.v[i]) == 1;
    }
    if (n_alts != 1)
        return variant->alts.n > 0 && settings->call_multiallelics;
    return (is_snp ? settings->snp_gq_threshold : settings->indel_gq_threshold) > -1;
}

/* Whether an answer is sure enough. A class of variants that is switched off is never. */
static bool stands(const float probabilities[CLASSES], int threshold)
{
    static const double most = 1 - 1e-7;
    double top = (double)probabilities[0];
    for (int i = 1; i < CLASSES; i++)
        if ((double)probabilities[i] > top)
            top = (double)probabilities[i];
    return threshold > -1 && -10 * log10(1 - (top < most ? top : most)) >= threshold;
}

/* The questions about all candidates of a partition, one after the other. */
struct questions {
    const struct gn_small_model_task *task;
    bool *asked; /* by candidate */
    struct gn_alt_set *sets;
    float *features, (*probabilities)[CLASSES];
    size_t n;
};

static int count_questions(struct questions *q, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_candidate_list *candidates = q->task->candidates;
    q->asked = gn_arena_alloc(arena, candidates->n + 1);
    if (q->asked == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (size_t i = 0; i < candidates->n; i++) {
        const struct gn_variant *variant = candidates->v[i].variant;
        q->asked[i] = is_asked(q->task->settings, variant);
        q->n += q->asked[i] ? gn_alt_set_count(variant->alts.n) : 0;
    }
    return GN_OK;
}

static int ask(struct questions *q, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_small_model_task *task = q->task;
    size_t width = (size_t)gn_small_model_feature_count(task->view), k = 0;
    int32_t *exact = gn_arena_alloc(arena, width * sizeof *exact);
    q->sets = gn_arena_zalloc(arena, q->n, sizeof *q->sets);
    q->features = gn_arena_zalloc(arena, q->n, width * sizeof *q->features);
    q->probabilities = gn_arena_zalloc(arena, q->n, sizeof *q->probabilities);
    if (exact == NULL || q->sets == NULL || q->features == NULL || q->probabilities == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (size_t i = 0; i < task->candidates->n; i++) {
        const struct gn_candidate *candidate = &task->candidates->v[i];
        if (!q->asked[i])
            continue;
        size_t end = k + gn_alt_set_count(candidate->variant->alts.n);
        gn_alt_sets_list(candidate->variant->alts.n, &q->sets[k]);
        for (; k < end; k++) {
            gn_small_model_features(candidate, &q->sets[k], task->view, exact);
            for (size_t f = 0; f < width; f++)
                q->features[k * width + f] = (float)exact[f];
        }
    }
    return gn_mlp_run(task->settings->model, q->features, q->n, q->probabilities[0], err);
}

static int add_output(struct gn_small_model_result *result, const struct gn_variant *variant,
                      const struct gn_alt_set *set, const float probabilities[CLASSES],
                      gn_error_t *err)
{
    struct gn_call_output **outputs =
        gn_reserve(result->outputs, &result->outputs_cap, result->n_outputs + 1, sizeof *outputs,
                   MAX_OUTPUTS, "calls of one partition", err);
    if (outputs == NULL)
        return GN_E_MEMORY;
    result->outputs = outputs;
    struct gn_call_output *output = gn_call_output_create(variant, set->alts, set->n, err);
    if (output == NULL)
        return GN_E_MEMORY;
    /* PARITY(dv-1.9): not rounded, unlike the network's. */
    for (int i = 0; i < CLASSES; i++)
        output->probabilities[i] = (double)probabilities[i];
    outputs[result->n_outputs++] = output;
    return GN_OK;
}

/* Splits the answers about a candidate, questions `first` on. */
static int judge(const struct questions *q, struct gn_candidate *candidate, size_t first,
                 struct gn_small_model_result *result, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_small_model_settings *settings = q->task->settings;
    struct gn_variant *variant = candidate->variant;
    size_t n = gn_alt_set_count(variant->alts.n), n_declined = 0;
    bool *stand = gn_arena_alloc(arena, n + 1);
    struct gn_alt_set *declined = gn_arena_alloc(arena, (n + 1) * sizeof *declined);
    if (stand == NULL || declined == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (size_t k = 0; k < n; k++) {
        const struct gn_alt_set *set = &q->sets[first + k];
        stand[k] = stands(q->probabilities[first + k], gn_alt_set_is_snp(variant, set)
                                                           ? settings->snp_gq_threshold
                                                           : settings->indel_gq_threshold);
        if (!stand[k])
            declined[n_declined++] = *set;
    }
    candidate->declined = declined;
    candidate->n_declined = n_declined;
    /* Where no image fits, half a site would be left: DeepVariant's postprocess dies of it. */
    if (n_declined == n ||
        (n_declined > 0 && !gn_pileup_fits(q->task->pileup, variant, q->task->contig_length)))
        return GN_OK;
    /* PARITY(dv-1.9): the mark is of the record, so that images of declined sets carry it too. */
    int ret = gn_text_set(&variant->mid, "small_model", err);
    for (size_t k = 0; k < n && ret == GN_OK; k++)
        if (stand[k])
            ret =
                add_output(result, variant, &q->sets[first + k], q->probabilities[first + k], err);
    return ret;
}

/* PARITY(dv-1.9): the candidates that the model was not asked come before those it was not sure of. */
static int list_undecided(const struct questions *q, struct gn_small_model_result *result,
                          gn_arena_t *arena, gn_error_t *err)
{
    struct gn_candidate_list *candidates = q->task->candidates;
    result->undecided = gn_arena_alloc(arena, (candidates->n + 1) * sizeof(struct gn_candidate *));
    if (result->undecided == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (size_t i = 0; i < candidates->n; i++)
        if (!q->asked[i])
            result->undecided[result->n_undecided++] = &candidates->v[i];
    for (size_t i = 0; i < candidates->n; i++)
        if (q->asked[i] && candidates->v[i].n_declined > 0)
            result->undecided[result->n_undecided++] = &candidates->v[i];
    return GN_OK;
}

int gn_small_model_decide(const struct gn_small_model_task *task,
                          struct gn_small_model_result *result, gn_arena_t *arena, gn_error_t *err)
{
    struct questions q = {.task = task};
    int ret = count_questions(&q, arena, err);
    if (ret == GN_OK && q.n > 0)
        ret = ask(&q, arena, err);
    size_t k = 0;
    for (size_t i = 0; i < task->candidates->n && ret == GN_OK; i++) {
        struct gn_candidate *candidate = &task->candidates->v[i];
        if (!q.asked[i])
            continue;
        ret = judge(&q, candidate, k, result, arena, err);
        k += gn_alt_set_count(candidate->variant->alts.n);
    }
    return ret == GN_OK ? list_undecided(&q, result, arena, err) : ret;
}

void gn_small_model_outputs_clear(struct gn_small_model_result *result)
{
    for (size_t i = 0; i < result->n_outputs; i++)
        gn_call_output_free(result->outputs[i]);
    free(result->outputs);
    *result = (struct gn_small_model_result){.outputs = NULL};
}
