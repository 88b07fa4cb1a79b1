/* SPDX-License-Identifier: MIT
 *
 * network_plans.c - leaves out groups whose plan would be that of all rows.
 */
#include "cnn/cuda/network_plans.h"

#include "cnn/model.h"

/* float32 without tensor cores is slow, and few images need it: a batch is filled soon and yet keeps a GPU busy. */
enum { EXACT_BATCH = 64 };

static int choose_precision(enum gn_precision asked, enum gn_precision *precision, gn_error_t *err)
{
    *precision = asked == GN_PRECISION_AUTO ? GN_PRECISION_FLOAT16 : asked;
    if (*precision == GN_PRECISION_INT16 || *precision == GN_PRECISION_INT8)
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "GPUs compute in float16, bf16, tf32 and float32, not in %s: use another "
                       "--precision, or --device cpu",
                       gn_precision_name(*precision));
    return GN_OK;
}

static enum gn_device_type type_of(enum gn_precision precision)
{
    if (precision == GN_PRECISION_FLOAT16)
        return GN_DEVICE_FLOAT16;
    return precision == GN_PRECISION_BF16 ? GN_DEVICE_BF16 : GN_DEVICE_FLOAT32;
}

static int make_layout(struct gn_cuda_layout *layout, const struct gn_graph *graph,
                       enum gn_device_type type, int channel_unit, gn_error_t *err)
{
    int unit = type == GN_DEVICE_FLOAT32 ? channel_unit / 2 : channel_unit;
    return gn_cuda_layout_make(layout, graph, type, unit > 1 ? unit : 1, err);
}

static int make_layouts(struct gn_cuda_plans *plans, int channel_unit, gn_error_t *err)
{
    enum gn_device_type type = type_of(plans->precision);
    int rc = make_layout(&plans->fast, plans->graph, type, channel_unit, err);
    if (rc == GN_OK && plans->is_exact && type != GN_DEVICE_FLOAT32)
        rc = make_layout(&plans->float32, plans->graph, GN_DEVICE_FLOAT32, channel_unit, err);
    return rc;
}

static void clear_plans(struct gn_cuda_plans *plans)
{
    for (int i = 0; i < GN_CUDA_PLANS; i++)
        gn_cuda_plan_clear(&plans->plans[i]);
}

/* Forgets groups whose plan is not cut: their images are the last group's. */
static int merge_groups(struct gn_cuda_plans *plans, gn_error_t *err)
{
    struct gn_row_groups all = plans->groups;
    plans->groups.n = 0;
    for (int g = 0; g < all.n; g++) {
        const struct gn_cuda_plan_options options = {.batch = 1, .rows = all.rows[g]};
        struct gn_cuda_plan plan = {0};
        int rc = gn_cuda_plan_make(&plan, plans->graph, &plans->fast, &options, err);
        if (rc == GN_OK && (plan.is_cut || g == all.n - 1))
            plans->groups.rows[plans->groups.n++] = all.rows[g];
        gn_cuda_plan_clear(&plan);
        if (rc != GN_OK)
            return rc;
    }
    return GN_OK;
}

int gn_cuda_plans_set_batch(struct gn_cuda_plans *plans, int batch, gn_error_t *err)
{
    const struct gn_row_groups *groups = &plans->groups;
    const int height = groups->rows[groups->n - 1];
    clear_plans(plans);
    plans->n = groups->n + (plans->is_exact ? 1 : 0);
    plans->activations_size = 0;
    for (int i = 0; i < plans->n; i++) {
        struct gn_cuda_plan_options options = {batch, height};
        if (i < groups->n)
            options.rows = groups->rows[i];
        else if (batch > EXACT_BATCH)
            options.batch = EXACT_BATCH;
        struct gn_cuda_plan *plan = &plans->plans[i];
        int rc =
            gn_cuda_plan_make(plan, plans->graph, gn_cuda_plans_layout(plans, i), &options, err);
        if (rc != GN_OK) {
            clear_plans(plans);
            return rc;
        }
        if (plan->activations_size > plans->activations_size)
            plans->activations_size = plan->activations_size;
    }
    return GN_OK;
}

int gn_cuda_plans_make(struct gn_cuda_plans *plans, const gn_model_t *model,
                       const struct gn_network_options *options, int channel_unit, gn_error_t *err)
{
    int rc = choose_precision(options->precision, &plans->precision, err);
    if (rc != GN_OK)
        return rc;
    plans->graph = gn_model_graph(model);
    plans->image_size = gn_model_image_size(model);
    plans->is_exact = plans->precision != GN_PRECISION_FLOAT32 && !options->fast_only;
    gn_row_groups_make(&plans->groups, gn_model_height(model));
    if (options->keep_empty_rows) {
        plans->groups.rows[0] = gn_model_height(model);
        plans->groups.n = 1;
    }
    rc = make_layouts(plans, channel_unit, err);
    return rc == GN_OK ? merge_groups(plans, err) : rc;
}

void gn_cuda_plans_clear(struct gn_cuda_plans *plans)
{
    clear_plans(plans);
    gn_cuda_layout_clear(&plans->fast);
    gn_cuda_layout_clear(&plans->float32);
}

int gn_cuda_plans_batch(const struct gn_cuda_plans *plans, int number)
{
    return plans->plans[number].options.batch;
}

const struct gn_cuda_layout *gn_cuda_plans_layout(const struct gn_cuda_plans *plans, int number)
{
    bool is_float32 = number == plans->groups.n && plans->fast.type != GN_DEVICE_FLOAT32;
    return is_float32 ? &plans->float32 : &plans->fast;
}
