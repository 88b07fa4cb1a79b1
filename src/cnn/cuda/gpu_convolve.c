/* SPDX-License-Identifier: MIT
 *
 * gpu_convolve.c - which of cuDNN's engines computes a convolution, and its plan.
 *
 * Engines whose sums depend on chance or on less than float32 are left out (is_exact), and those that are compiled when a
 * plan is made, which takes up to seconds each and another library.
 */
#include "cnn/cuda/gpu_convolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/cuda/gpu_graph.h"

enum {
    MOST_RECIPES = 24,                        /* of a form that are looked at */
    MOST_RESULTS = 64,                        /* of cuDNN's heuristics that are looked at */
    MOST_CHOICES = 4096,                      /* shapes */
    MOST_WORK = GN_GPU_REFERENCE_BATCH << 20, /* bytes at the reference batch: 1 MiB an image */
};

/* What makes an engine compute in the same way again. */
struct recipe {
    int64_t engine;
    int n_knobs;
    cudnnBackendKnobType_t knobs[CUDNN_KNOB_TYPE_COUNTS];
    int64_t values[CUDNN_KNOB_TYPE_COUNTS];
};

/* What was found for a reference shape: recipes that it can be made with, best first. */
struct gn_gpu_choice {
    struct gn_gpu_shape reference;
    enum gn_gpu_form form;
    struct recipe recipes[MOST_RECIPES];
    int n_recipes;
    bool tried[MOST_RECIPES], works[MOST_RECIPES]; /* by works() */
};

void gn_gpu_choices_clear(struct gn_gpu_choices *choices)
{
    free(choices->all);
    memset(choices, 0, sizeof *choices);
}

/* The largest power of two up to 16 that divides a place in memory. */
static int alignment_of(size_t place)
{
    int alignment = 16;
    while (place % (size_t)alignment != 0)
        alignment /= 2;
    return alignment;
}

struct gn_gpu_shape gn_gpu_shape_of(const struct gn_device_step *step,
                                    const struct gn_device_code *code)
{
    const struct gn_device_map *in = &step->input, *out = &step->output;
    bool convolve = step->op == GN_DEVICE_CONVOLVE;
    size_t number = gn_device_type_size(code->type);
    size_t places =
        in->offset | (size_t)in->pitch * number | out->offset | (size_t)out->channels * number;
    struct gn_gpu_shape shape;
    memset(&shape, 0, sizeof shape); /* compared as bytes */
    shape.batch = code->batch;
    shape.input_height = in->height;
    shape.input_width = in->width;
    shape.input_channels = in->channels;
    shape.input_pitch = in->pitch;
    shape.output_height = out->height;
    shape.output_width = out->width;
    shape.output_channels = out->channels;
    shape.kernel_height = convolve ? step->kernel_height : 1;
    shape.kernel_width = convolve ? step->kernel_width : 1;
    shape.stride_height = convolve ? step->stride_height : 1;
    shape.stride_width = convolve ? step->stride_width : 1;
    shape.pad_top = step->pad_top;
    shape.pad_left = step->pad_left;
    shape.pad_bottom = step->pad_bottom;
    shape.pad_right = step->pad_right;
    shape.alignment = alignment_of(places);
    shape.type = code->type;
    shape.relu = step->relu;
    shape.tf32 = code->tf32;
    return shape;
}

struct gn_gpu_shape gn_gpu_shape_reference(const struct gn_gpu_shape *shape, int full_height)
{
    struct gn_gpu_shape reference = *shape;
    reference.batch = GN_GPU_REFERENCE_BATCH;
    reference.input_height = full_height > shape->input_height ? full_height : shape->input_height;
    /* A cut map has rows where the whole one has zeros below it; above, both have the same. */
    reference.pad_bottom = shape->pad_top;
    int padded = reference.input_height + reference.pad_top + reference.pad_bottom;
    int room = padded - shape->kernel_height;
    reference.output_height = (room < 0 ? 0 : room / shape->stride_height) + 1;
    return reference;
}

/* Sums of float32 in an order that is always the same; products of what is stored, unless TF32 is asked for. */
static bool is_exact(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t engine,
                     const struct gn_gpu_shape *shape)
{
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    int64_t n = gn_gpu_get(maker, engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                           CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT, notes);
    bool whole = shape->type == GN_DEVICE_FLOAT32 && !shape->tf32;
    for (int64_t i = 0; i < n; i++)
        switch (notes[i]) {
        case CUDNN_NUMERICAL_NOTE_TENSOR_CORE: /* of float32: they round factors to 10 bits */
            if (whole)
                return false;
            break;
        case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
            if (shape->type != GN_DEVICE_FLOAT32 || whole)
                return false;
            break;
        case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
            break;
        default: /* reduced reductions, Fourier and Winograd transforms, chance, and what is not known here */
            return false;
        }
    return maker->status == CUDNN_STATUS_SUCCESS;
}

static bool is_compiled(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t engine)
{
    cudnnBackendBehaviorNote_t notes[CUDNN_BEHAVIOR_NOTE_TYPE_COUNT];
    int64_t n = gn_gpu_get(maker, engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
                           CUDNN_BEHAVIOR_NOTE_TYPE_COUNT, notes);
    for (int64_t i = 0; i < n; i++)
        if (notes[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION)
            return false;
    return true;
}

/* False where the engine is not wanted or cannot be read. */
static bool read_recipe(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t config,
                        const struct gn_gpu_shape *shape, struct recipe *recipe)
{
    int kept = maker->parts->n;
    cudnnBackendDescriptor_t engine = gn_gpu_new(maker, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gn_gpu_get(maker, config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
               &engine);
    gn_gpu_get(maker, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &recipe->engine);
    bool good = is_exact(maker, engine, shape) && is_compiled(maker, engine);
    cudnnBackendDescriptor_t knobs[CUDNN_KNOB_TYPE_COUNTS];
    for (int i = 0; good && i < CUDNN_KNOB_TYPE_COUNTS; i++)
        knobs[i] = gn_gpu_new(maker, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    int64_t n = !good ? 0
                      : gn_gpu_get(maker, config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                                   CUDNN_TYPE_BACKEND_DESCRIPTOR, CUDNN_KNOB_TYPE_COUNTS, knobs);
    recipe->n_knobs = n > CUDNN_KNOB_TYPE_COUNTS ? CUDNN_KNOB_TYPE_COUNTS : (int)n;
    for (int i = 0; i < recipe->n_knobs; i++) {
        gn_gpu_get(maker, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1,
                   &recipe->knobs[i]);
        gn_gpu_get(maker, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1,
                   &recipe->values[i]);
    }
    good = good && maker->status == CUDNN_STATUS_SUCCESS;
    maker->status = CUDNN_STATUS_SUCCESS; /* the next one may be read */
    gn_gpu_drop(maker->cudnn, maker->parts, kept);
    return good;
}

/* Adds what a mode of the heuristics says of a graph. */
static void ask_heuristics(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t graph,
                           cudnnBackendHeurMode_t mode, struct gn_gpu_choice *choice)
{
    cudnnBackendDescriptor_t asked = gn_gpu_new(maker, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    gn_gpu_put_part(maker, asked, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    gn_gpu_put(maker, asked, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (maker->cudnn->device != NULL)
        gn_gpu_put_part(maker, asked, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, maker->cudnn->device);
    gn_gpu_finish(maker, asked);
    int64_t n = gn_gpu_get(maker, asked, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                           CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, NULL);
    cudnnBackendDescriptor_t configs[MOST_RESULTS];
    n = n > MOST_RESULTS ? MOST_RESULTS : n;
    for (int64_t i = 0; i < n; i++)
        configs[i] = gn_gpu_new(maker, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    n = n == 0 ? 0
               : gn_gpu_get(maker, asked, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                            CUDNN_TYPE_BACKEND_DESCRIPTOR, n, configs);
    n = n > MOST_RESULTS ? MOST_RESULTS : n;
    for (int64_t i = 0; i < n && choice->n_recipes < MOST_RECIPES; i++)
        if (read_recipe(maker, configs[i], &choice->reference, &choice->recipes[choice->n_recipes]))
            choice->n_recipes++;
    maker->status = CUDNN_STATUS_SUCCESS; /* no answer of one mode is no failure */
}

static void fill_choice(const struct gn_gpu_cudnn *cudnn, struct gn_gpu_choice *choice)
{
    static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
    for (int i = 0; i < 2; i++) {
        struct gn_gpu_descriptors parts = {.n = 0};
        struct gn_gpu_maker maker = {cudnn, &parts, CUDNN_STATUS_SUCCESS};
        cudnnBackendDescriptor_t graph = gn_gpu_graph(&maker, &choice->reference, choice->form);
        if (graph != NULL)
            ask_heuristics(&maker, graph, modes[i], choice);
        gn_gpu_drop(cudnn, &parts, 0);
    }
}

/* The choice of a reference shape and form, made at the first time. NULL: GN_E_MEMORY. */
static struct gn_gpu_choice *find_choice(const struct gn_gpu_cudnn *cudnn,
                                         struct gn_gpu_choices *choices,
                                         const struct gn_gpu_shape *reference,
                                         enum gn_gpu_form form, gn_error_t *err)
{
    for (size_t i = 0; i < choices->n; i++)
        if (choices->all[i].form == form &&
            memcmp(&choices->all[i].reference, reference, sizeof *reference) == 0)
            return &choices->all[i];
    struct gn_gpu_choice *grown =
        gn_reserve(choices->all, &choices->capacity, choices->n + 1, sizeof *choices->all,
                   MOST_CHOICES, "shapes of convolutions", err);
    if (grown == NULL)
        return NULL;
    choices->all = grown;
    struct gn_gpu_choice *choice = &choices->all[choices->n++];
    memset(choice, 0, sizeof *choice);
    choice->reference = *reference;
    choice->form = form;
    fill_choice(cudnn, choice);
    return choice;
}

/* A plan of a shape by a recipe. The parts are left as they were on failure. */
static cudnnStatus_t make_plan(struct gn_gpu_convolution *convolution,
                               const struct gn_gpu_cudnn *cudnn, const struct gn_gpu_shape *shape,
                               enum gn_gpu_form form, const struct recipe *recipe)
{
    struct gn_gpu_maker maker = {cudnn, &convolution->parts, CUDNN_STATUS_SUCCESS};
    cudnnBackendDescriptor_t graph = gn_gpu_graph(&maker, shape, form), device = cudnn->device;
    cudnnBackendDescriptor_t engine = gn_gpu_new(&maker, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    gn_gpu_put_part(&maker, engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
    gn_gpu_put(&maker, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1,
               &recipe->engine);
    if (device != NULL)
        gn_gpu_put_part(&maker, engine, CUDNN_ATTR_ENGINE_DEVICEPROP, device);
    gn_gpu_finish(&maker, engine);

    cudnnBackendDescriptor_t knobs[CUDNN_KNOB_TYPE_COUNTS];
    for (int i = 0; i < recipe->n_knobs; i++) {
        knobs[i] = gn_gpu_new(&maker, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
        gn_gpu_put(&maker, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1,
                   &recipe->knobs[i]);
        gn_gpu_put(&maker, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1,
                   &recipe->values[i]);
        gn_gpu_finish(&maker, knobs[i]);
    }
    cudnnBackendDescriptor_t config = gn_gpu_new(&maker, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    gn_gpu_put_part(&maker, config, CUDNN_ATTR_ENGINECFG_ENGINE, engine);
    if (recipe->n_knobs > 0)
        gn_gpu_put(&maker, config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                   recipe->n_knobs, knobs);
    gn_gpu_finish(&maker, config);

    cudnnBackendDescriptor_t plan = gn_gpu_new(&maker, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    cudnnHandle_t handle = cudnn->handle;
    if (handle != NULL)
        gn_gpu_put(&maker, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    else
        gn_gpu_put_part(&maker, plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device);
    gn_gpu_put_part(&maker, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    gn_gpu_finish(&maker, plan);
    int64_t work = 0;
    gn_gpu_get(&maker, plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &work);
    if (maker.status == CUDNN_STATUS_SUCCESS && work < 0)
        maker.status = CUDNN_STATUS_INTERNAL_ERROR_UNEXPECTED_VALUE;
    if (maker.status != CUDNN_STATUS_SUCCESS) {
        gn_gpu_drop(cudnn, &convolution->parts, 0);
        return maker.status;
    }
    convolution->plan = plan;
    convolution->form = form;
    convolution->engine = recipe->engine;
    convolution->work_size = (size_t)work;
    return CUDNN_STATUS_SUCCESS;
}

/* One image of as few rows as give one. */
static struct gn_gpu_shape least_of(const struct gn_gpu_shape *reference)
{
    struct gn_gpu_shape least = *reference;
    int rows = reference->kernel_height - reference->pad_top;
    least.batch = 1;
    if (rows < 1 || rows >= reference->input_height)
        return least;
    least.input_height = rows;
    least.output_height = 1;
    least.pad_bottom = 0;
    return least;
}

/* Whether a recipe computes the reference shape, and the least and the most that may come: one that fails at any may not be
 * chosen for another, or results would depend on the batch. */
static bool works(const struct gn_gpu_cudnn *cudnn, struct gn_gpu_choice *choice, int recipe,
                  cudnnStatus_t *status)
{
    if (choice->tried[recipe])
        return choice->works[recipe];
    choice->tried[recipe] = choice->works[recipe] = true;
    struct gn_gpu_shape shapes[3] = {choice->reference, least_of(&choice->reference),
                                     choice->reference};
    shapes[2].batch = GN_GPU_MOST_BATCH;
    for (int i = 0; i < 3 && choice->works[recipe]; i++) {
        struct gn_gpu_convolution trial = {.form = GN_GPU_FORMS};
        *status = make_plan(&trial, cudnn, &shapes[i], choice->form, &choice->recipes[recipe]);
        choice->works[recipe] =
            *status == CUDNN_STATUS_SUCCESS && (i > 0 || trial.work_size <= MOST_WORK);
        gn_gpu_convolution_clear(&trial, cudnn);
    }
    return choice->works[recipe];
}

static size_t output_size(const struct gn_gpu_shape *shape, enum gn_gpu_form form)
{
    size_t numbers = (size_t)shape->batch * (size_t)shape->output_height *
                     (size_t)shape->output_width * (size_t)shape->output_channels;
    size_t number = gn_device_type_size((enum gn_device_type)shape->type);
    return numbers * (form == GN_GPU_SUMS ? sizeof(float) : number);
}

int gn_gpu_convolution_make(struct gn_gpu_convolution *convolution,
                            const struct gn_gpu_cudnn *cudnn, struct gn_gpu_choices *choices,
                            const struct gn_gpu_shape *shape, int full_height, gn_error_t *err)
{
    struct gn_gpu_shape reference = gn_gpu_shape_reference(shape, full_height);
    cudnnStatus_t status = CUDNN_STATUS_NOT_SUPPORTED;
    for (int form = 0; form < GN_GPU_FORMS; form++) {
        struct gn_gpu_choice *choice =
            find_choice(cudnn, choices, &reference, (enum gn_gpu_form)form, err);
        if (choice == NULL)
            return GN_E_MEMORY;
        for (int i = 0; i < choice->n_recipes; i++) {
            if (!works(cudnn, choice, i, &status))
                continue;
            status = make_plan(convolution, cudnn, shape, choice->form, &choice->recipes[i]);
            if (status != CUDNN_STATUS_SUCCESS)
                continue;
            convolution->recipe = i;
            convolution->output_size = output_size(shape, choice->form);
            return GN_OK;
        }
    }
    char last[200] = "";
    cudnn->libraries->cudnn_last_error(last, sizeof last);
    return gn_fail(err, GN_E_UNAVAILABLE, "cuDNN has no engine for this convolution (%s; %s)",
                   cudnn->libraries->cudnn_error_string(status), last);
}

void gn_gpu_convolution_clear(struct gn_gpu_convolution *convolution,
                              const struct gn_gpu_cudnn *cudnn)
{
    gn_gpu_drop(cudnn, &convolution->parts, 0);
    memset(convolution, 0, sizeof *convolution);
}

int gn_gpu_convolution_run(const struct gn_gpu_convolution *convolution,
                           const struct gn_gpu_cudnn *cudnn, const struct gn_gpu_operands *operands,
                           gn_error_t *err)
{
    struct gn_gpu_descriptors parts = {.n = 0};
    struct gn_gpu_maker maker = {cudnn, &parts, CUDNN_STATUS_SUCCESS};
    const void *addresses[4] = {operands->input, operands->weights, operands->output,
                                operands->bias};
    int64_t names[4] = {GN_GPU_INPUT, GN_GPU_WEIGHTS, GN_GPU_OUTPUT, GN_GPU_BIAS};
    int n = convolution->form == GN_GPU_FUSED ? 4 : 3;
    cudnnBackendDescriptor_t pack = gn_gpu_new(&maker, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    gn_gpu_put(&maker, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n, names);
    gn_gpu_put(&maker, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, n,
               addresses);
    gn_gpu_put(&maker, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
               &operands->work);
    gn_gpu_finish(&maker, pack);
    if (maker.status == CUDNN_STATUS_SUCCESS)
        maker.status = cudnn->libraries->execute(cudnn->handle, convolution->plan, pack);
    gn_gpu_drop(cudnn, &parts, 0);
    if (maker.status == CUDNN_STATUS_SUCCESS)
        return GN_OK;
    char last[200] = "";
    cudnn->libraries->cudnn_last_error(last, sizeof last);
    return gn_fail(err, GN_E_UNAVAILABLE, "cuDNN failed to compute a convolution (%s; %s)",
                   cudnn->libraries->cudnn_error_string(maker.status), last);
}
