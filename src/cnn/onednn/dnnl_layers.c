/* SPDX-License-Identifier: MIT
 *
 * dnnl_layers.c - what differs between oneDNN 2.x (Debian's) and 3.x, and what is said the same way
 * in both.
 *
 * 2.x describes memory in a struct and an operation in two steps, 3.x memory behind a pointer and
 * an operation in one step.
 */
#include "cnn/onednn/dnnl_layers.h"

#include "cnn/graph.h"

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
/* OpenMP's own header is another package with some compilers. */
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);
#elif DNNL_CPU_RUNTIME != DNNL_RUNTIME_SEQ
#error "oneDNN must be one that is built for OpenMP (Debian's is) or without threads"
#endif

enum { AXES = 4, MOST_DESCRIPTIONS = 4 };

/* Windows do not skip cells. */
static const dnnl_dims_t NO_DILATION = {0, 0};

#if DNNL_VERSION_MAJOR >= 3

typedef const_dnnl_memory_desc_t memory_pointer;

static memory_pointer point_at(const dnnl_memory_desc_t *memory)
{
    return *memory;
}

static dnnl_status_t describe_memory(dnnl_memory_desc_t *memory, int axes, const dnnl_dims_t dims,
                                     dnnl_data_type_t type, dnnl_format_tag_t order)
{
    return dnnl_memory_desc_create_with_tag(memory, axes, dims, type, order);
}

static void forget_memory(dnnl_memory_desc_t *memory)
{
    if (*memory != NULL)
        dnnl_memory_desc_destroy(*memory);
}

static dnnl_status_t append_relu(dnnl_post_ops_t after)
{
    return dnnl_post_ops_append_eltwise(after, dnnl_eltwise_relu, 0.0F, 0.0F);
}

/* Memory: input, weights, bias, output. */
static dnnl_status_t describe_convolution(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                          dnnl_memory_desc_t memory[4],
                                          const_dnnl_primitive_attr_t attributes,
                                          dnnl_primitive_desc_t *out)
{
    return dnnl_convolution_forward_primitive_desc_create(
        out, engine, dnnl_forward_inference, dnnl_convolution_direct, memory[0], memory[1],
        memory[2], memory[3], window->stride, NO_DILATION, window->before, window->after,
        attributes);
}

/* Memory: input, output. */
static dnnl_status_t describe_pool(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                   dnnl_alg_kind_t algorithm, dnnl_memory_desc_t memory[2],
                                   const_dnnl_primitive_attr_t attributes,
                                   dnnl_primitive_desc_t *out)
{
    return dnnl_pooling_forward_primitive_desc_create(
        out, engine, dnnl_forward_inference, algorithm, memory[0], memory[1], window->stride,
        window->kernel, NO_DILATION, window->before, window->after, attributes);
}

#else

typedef const dnnl_memory_desc_t *memory_pointer;

static memory_pointer point_at(const dnnl_memory_desc_t *memory)
{
    return memory;
}

static dnnl_status_t describe_memory(dnnl_memory_desc_t *memory, int axes, const dnnl_dims_t dims,
                                     dnnl_data_type_t type, dnnl_format_tag_t order)
{
    return dnnl_memory_desc_init_by_tag(memory, axes, dims, type, order);
}

static void forget_memory(dnnl_memory_desc_t *memory)
{
    (void)memory;
}

static dnnl_status_t append_relu(dnnl_post_ops_t after)
{
    return dnnl_post_ops_append_eltwise(after, 1.0F, dnnl_eltwise_relu, 0.0F, 0.0F);
}

static dnnl_status_t describe_convolution(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                          dnnl_memory_desc_t memory[4],
                                          const_dnnl_primitive_attr_t attributes,
                                          dnnl_primitive_desc_t *out)
{
    dnnl_convolution_desc_t operation;
    dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, &memory[0], &memory[1],
        &memory[2], &memory[3], window->stride, NO_DILATION, window->before, window->after);
    return status != dnnl_success
               ? status
               : dnnl_primitive_desc_create(out, &operation, attributes, engine, NULL);
}

static dnnl_status_t describe_pool(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                   dnnl_alg_kind_t algorithm, dnnl_memory_desc_t memory[2],
                                   const_dnnl_primitive_attr_t attributes,
                                   dnnl_primitive_desc_t *out)
{
    dnnl_pooling_v2_desc_t operation;
    dnnl_status_t status = dnnl_pooling_v2_forward_desc_init(
        &operation, dnnl_forward_inference, algorithm, &memory[0], &memory[1], window->stride,
        window->kernel, NO_DILATION, window->before, window->after);
    return status != dnnl_success
               ? status
               : dnnl_primitive_desc_create(out, &operation, attributes, engine, NULL);
}

#endif

static dnnl_status_t describe_map(dnnl_memory_desc_t *memory, const struct gn_dnnl_map *map)
{
    const dnnl_dims_t dims = {map->images, map->channels, map->height, map->width};
    return describe_memory(memory, AXES, dims, map->type, dnnl_nhwc);
}

/* float32 stays float32 whatever the user's environment says; scratch memory is the worker's. */
static dnnl_status_t make_attributes(bool relu, dnnl_primitive_attr_t *out)
{
    dnnl_post_ops_t after = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(out);
    if (status != dnnl_success)
        return status;
    status = dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_fpmath_mode(*out, dnnl_fpmath_mode_strict);
    if (status == dnnl_success && relu)
        status = dnnl_post_ops_create(&after);
    if (status == dnnl_success && relu)
        status = append_relu(after);
    if (status == dnnl_success && relu)
        status = dnnl_primitive_attr_set_post_ops(*out, after);
    if (after != NULL)
        dnnl_post_ops_destroy(after);
    if (status != dnnl_success)
        dnnl_primitive_attr_destroy(*out);
    return status;
}

dnnl_status_t gn_dnnl_describe_convolution(dnnl_engine_t engine,
                                           const struct gn_dnnl_window *window, bool relu,
                                           dnnl_primitive_desc_t *out)
{
    const struct gn_dnnl_map *input = &window->input, *output = &window->output;
    const dnnl_dims_t weights = {output->channels, input->channels, window->kernel[0],
                                 window->kernel[1]};
    const dnnl_dims_t bias = {output->channels};
    dnnl_memory_desc_t memory[MOST_DESCRIPTIONS] = {0};
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = make_attributes(relu, &attributes);
    if (status != dnnl_success)
        return status;
    status = describe_map(&memory[0], input);
    if (status == dnnl_success)
        status = describe_memory(&memory[1], AXES, weights, input->type, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = describe_memory(&memory[2], 1, bias, dnnl_f32, dnnl_a);
    if (status == dnnl_success)
        status = describe_map(&memory[3], output);
    if (status == dnnl_success)
        status = describe_convolution(engine, window, memory, attributes, out);
    for (int i = 0; i < MOST_DESCRIPTIONS; i++)
        forget_memory(&memory[i]);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t gn_dnnl_describe_pool(dnnl_engine_t engine, const struct gn_dnnl_window *window,
                                    dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t *out)
{
    dnnl_memory_desc_t memory[2] = {0};
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = make_attributes(false, &attributes);
    if (status != dnnl_success)
        return status;
    status = describe_map(&memory[0], &window->input);
    if (status == dnnl_success)
        status = describe_map(&memory[1], &window->output);
    if (status == dnnl_success)
        status = describe_pool(engine, window, algorithm, memory, attributes, out);
    forget_memory(&memory[0]);
    forget_memory(&memory[1]);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

static memory_pointer argument_of(dnnl_primitive_desc_t described, int argument)
{
    return dnnl_primitive_desc_query_md(described, dnnl_query_exec_arg_md, argument);
}

size_t gn_dnnl_argument_size(dnnl_primitive_desc_t described, int argument)
{
    memory_pointer memory = argument_of(described, argument);
    return memory == NULL ? 0 : dnnl_memory_desc_get_size(memory);
}

static dnnl_status_t engine_of(dnnl_primitive_desc_t described, dnnl_engine_t *engine)
{
    return dnnl_primitive_desc_query(described, dnnl_query_engine, 0, engine);
}

dnnl_status_t gn_dnnl_argument(dnnl_primitive_desc_t described, int argument, void *address,
                               dnnl_memory_t *out)
{
    dnnl_engine_t engine;
    dnnl_status_t status = engine_of(described, &engine);
    return status != dnnl_success
               ? status
               : dnnl_memory_create(out, argument_of(described, argument), engine, address);
}

/* Copies memory into memory of another order or type. */
static dnnl_status_t reorder(dnnl_engine_t engine, const dnnl_memory_desc_t *from_order,
                             dnnl_memory_t from, memory_pointer to_order, dnnl_memory_t to)
{
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    dnnl_primitive_desc_t described = NULL;
    dnnl_primitive_t copy = NULL;
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&described, point_at(from_order),
                                                              engine, to_order, engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&copy, described);
    if (status == dnnl_success)
        status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(copy, stream, 2, arguments);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    if (stream != NULL)
        dnnl_stream_destroy(stream);
    if (copy != NULL)
        dnnl_primitive_destroy(copy);
    if (described != NULL)
        dnnl_primitive_desc_destroy(described);
    return status;
}

dnnl_status_t gn_dnnl_pack_weights(dnnl_engine_t engine, dnnl_primitive_desc_t described,
                                   const struct gn_dnnl_window *window, const float *weights,
                                   dnnl_memory_t *out)
{
    /* oneDNN's name for graph.h's order: blocks of 16 outputs, row, column, input, output */
    _Static_assert(GN_WEIGHT_BLOCK == 16, "the weights' order has a name in oneDNN");
    const dnnl_dims_t dims = {window->output.channels, window->input.channels, window->kernel[0],
                              window->kernel[1]};
    dnnl_memory_desc_t order = {0};
    dnnl_memory_t from = NULL;
    *out = NULL;
    dnnl_status_t status = describe_memory(&order, AXES, dims, dnnl_f32, dnnl_Ohwi16o);
    if (status == dnnl_success) /* it is only read */
        status = dnnl_memory_create(&from, point_at(&order), engine, (void *)weights);
    if (status == dnnl_success)
        status = gn_dnnl_argument(described, DNNL_ARG_WEIGHTS, DNNL_MEMORY_ALLOCATE, out);
    if (status == dnnl_success)
        status = reorder(engine, &order, from, argument_of(described, DNNL_ARG_WEIGHTS), *out);
    if (status != dnnl_success && *out != NULL) {
        dnnl_memory_destroy(*out);
        *out = NULL;
    }
    if (from != NULL)
        dnnl_memory_destroy(from);
    forget_memory(&order);
    return status;
}

int gn_dnnl_check(dnnl_status_t status, const char *what, gn_error_t *err)
{
    switch (status) {
    case dnnl_success:
        return GN_OK;
    case dnnl_out_of_memory:
        return gn_fail_memory(err, what);
    case dnnl_unimplemented:
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "%s: this oneDNN cannot compute it on this CPU: use --engine cpu", what);
    default:
        return gn_fail(err, GN_E_INTERNAL, "%s: oneDNN failed with status %d: use --engine cpu",
                       what, (int)status);
    }
}

bool gn_dnnl_has_bf16(void)
{
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) ==
           dnnl_cpu_isa_avx512_core_bf16;
}

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP

int gn_dnnl_use_one_thread(void)
{
    int before = omp_get_max_threads();
    omp_set_num_threads(1); /* of the calling thread alone */
    return before;
}

void gn_dnnl_restore_threads(int threads)
{
    omp_set_num_threads(threads);
}

#else

int gn_dnnl_use_one_thread(void)
{
    return 1;
}

void gn_dnnl_restore_threads(int threads)
{
    (void)threads;
}

#endif
