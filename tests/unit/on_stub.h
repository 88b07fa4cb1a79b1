/* SPDX-License-Identifier: MIT
 *
 * on_stub.h - a model's network made ready on a stub device, and runs of it with plans of any number of rows.
 *
 * What fails here fails the test.
 */
#ifndef GN_TESTS_ON_STUB_H
#define GN_TESTS_ON_STUB_H

#include "cnn/cuda/empty_maps.h"
#include "cnn/cuda/step_plan.h"
#include "cnn/model.h"
#include "stub_device.h"

struct on_stub {
    const struct gn_graph *graph;
    size_t image_size;
    int batch;
    struct gn_cuda_layout layout;
    struct gn_cuda_plan whole;
    unsigned char *constants;
    void *uploaded;
    gn_device_t *device;
};

static inline void on_stub_expect(bool right, const gn_error_t *err)
{
    if (!right)
        fail_msg("%s", err->message);
}

/* Makes constants with maps of the empty image, of a type whose maps have channels in multiples of `unit`. */
static inline void on_stub_begin(struct on_stub *on, const gn_model_t *model,
                                 enum gn_device_type type, int unit, int batch)
{
    gn_error_t err = {0};
    const struct gn_graph *graph = gn_model_graph(model);
    const struct gn_cuda_plan_options options = {batch, graph->tensors[0].height};
    *on = (struct on_stub){graph, gn_model_image_size(model), batch};
    stub_reset(1);
    stub_driver.channel_unit = type == GN_DEVICE_FLOAT32 ? 2 * unit : unit;
    on->device = stub_driver.open(0, &err);
    on_stub_expect(gn_cuda_layout_make(&on->layout, graph, type, unit, &err) == GN_OK, &err);
    on->constants = gn_cuda_constants_make(&on->layout, graph, &err);
    on_stub_expect(on->constants != NULL, &err);
    on_stub_expect(gn_cuda_plan_make(&on->whole, graph, &on->layout, &options, &err) == GN_OK,
                   &err);
    assert_false(on->whole.is_cut);
    on_stub_expect(gn_cuda_fill_empty_maps(&stub_driver, on->device, graph, &on->layout, &on->whole,
                                           false, on->constants, &err) == GN_OK,
                   &err);
    on->uploaded = stub_driver.upload(on->device, on->constants, on->layout.size, &err);
    on_stub_expect(on->uploaded != NULL, &err);
}

static inline void on_stub_end(struct on_stub *on)
{
    stub_driver.upload_free(on->device, on->uploaded);
    stub_driver.close(on->device);
    gn_cuda_plan_clear(&on->whole);
    gn_cuda_layout_clear(&on->layout);
    free(on->constants);
    if (stub_check_idle() != NULL)
        fail_msg("%s", stub_check_idle());
}

/* Runs n images by a plan. */
static inline void on_stub_run_plan(const struct on_stub *on, const struct gn_cuda_plan *plan,
                                    const uint8_t *images, int n, float (*logits)[3])
{
    gn_error_t err = {0};
    const float(*result)[3];
    struct gn_device_code code = {
        plan->steps, plan->n_steps,  plan->options.batch,    on->layout.type,
        false,       on->image_size, plan->activations_size, on->uploaded};
    gn_device_program_t *program = stub_driver.make_program(on->device, &code, &err);
    on_stub_expect(program != NULL, &err);
    gn_device_lane_t *lane =
        stub_driver.open_lane(on->device, plan->activations_size, on->image_size, code.batch, &err);
    on_stub_expect(lane != NULL, &err);
    memcpy(stub_driver.lane_images(lane), images, (size_t)n * on->image_size);
    on_stub_expect(stub_driver.launch(lane, program, n, &err) == GN_OK, &err);
    on_stub_expect(stub_driver.wait(lane, &result, &err) == GN_OK, &err);
    memcpy(logits, result, (size_t)n * sizeof *logits);
    stub_driver.close_lane(lane);
    stub_driver.free_program(program);
}

/* Runs n images by a plan of so many filled rows; true when that plan is cut. */
static inline bool on_stub_run(const struct on_stub *on, int rows, const uint8_t *images, int n,
                               float (*logits)[3])
{
    gn_error_t err = {0};
    struct gn_cuda_plan plan = {0};
    const struct gn_cuda_plan_options options = {on->batch, rows};
    on_stub_expect(gn_cuda_plan_make(&plan, on->graph, &on->layout, &options, &err) == GN_OK, &err);
    on_stub_run_plan(on, &plan, images, n, logits);
    bool is_cut = plan.is_cut;
    gn_cuda_plan_clear(&plan);
    return is_cut;
}

#endif
