/* SPDX-License-Identifier: MIT
 *
 * test_cuda_steps.c - the steps of small networks as worked out by hand: rows of cut chains, slices, crops, addresses, and
 * what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cuda/step_plan.h"
#include "hand_network.h"

enum { ROWS_ALL = 1 << 20 };

/* A plan in float32 with its layout. */
struct planned {
    struct gn_cuda_layout layout;
    struct gn_cuda_plan plan;
    int rc;
    gn_error_t err;
};

static void plan_begin(struct planned *planned, const struct gn_graph *graph, int unit, int batch,
                       int rows)
{
    const struct gn_cuda_plan_options options = {batch, rows};
    *planned = (struct planned){.rc = GN_OK};
    planned->rc =
        gn_cuda_layout_make(&planned->layout, graph, GN_DEVICE_FLOAT32, unit, &planned->err);
    if (planned->rc == GN_OK)
        planned->rc =
            gn_cuda_plan_make(&planned->plan, graph, &planned->layout, &options, &planned->err);
}

static void plan_end(struct planned *planned)
{
    gn_cuda_plan_clear(&planned->plan);
    gn_cuda_layout_clear(&planned->layout);
}

/* Operations and output rows, step by step. */
static void check_steps(const struct gn_cuda_plan *plan, const enum gn_device_op *ops,
                        const int *rows, int n)
{
    assert_int_equal(plan->n_steps, n);
    for (int s = 0; s < n; s++) {
        assert_int_equal(plan->steps[s].op, ops[s]);
        assert_int_equal(plan->steps[s].output.height, rows[s]);
    }
}

/* Ten rows; the second convolution halves them, its padding is below only. */
static const char same_chain[] = HAND_CONV("a", "image", "4", "[3,3]", "[1,1]", "same")
    HAND_CONV("b", "a", "4", "[3,3]", "[2,2]", "same") HAND_END("b");

static void test_rows_of_a_chain(void **state)
{
    static const enum gn_device_op cut_ops[] = {GN_DEVICE_LOAD, GN_DEVICE_CONVOLVE,
                                                GN_DEVICE_CONVOLVE, GN_DEVICE_EXTEND,
                                                GN_DEVICE_CLASSIFY};
    /* filled rows; rows loaded, of a and b as computed, of b put together */
    static const int cases[][5] = {
        {0, 4, 3, 1, 5}, {1, 4, 3, 1, 5}, {2, 6, 5, 2, 5}, {4, 8, 7, 3, 5}, {7, 10, 9, 4, 5}};
    struct hand_network net;
    (void)state;
    hand_network_begin(&net, same_chain, 10, 6, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct planned cut;
        int rows[5] = {cases[i][1], cases[i][2], cases[i][3], cases[i][4], 0};
        plan_begin(&cut, net.graph, 4, 2, cases[i][0]);
        assert_int_equal(cut.rc, GN_OK);
        assert_true(cut.plan.is_cut);
        check_steps(&cut.plan, cut_ops, rows, 5);
        const struct gn_device_step *steps = cut.plan.steps;
        for (int s = 1; s < 3; s++) {
            assert_int_equal(steps[s].full_height, 10);
            assert_int_equal(steps[s].pad_bottom, 0);
            assert_int_equal(steps[s].input.height, rows[s - 1]);
        }
        assert_int_equal(steps[3].weights, cut.layout.empty[2]);
        plan_end(&cut);
    }
    hand_network_end(&net);
}

/* From eight filled rows on the last row of b may differ. */
static void test_whole_chain(void **state)
{
    static const enum gn_device_op ops[] = {GN_DEVICE_LOAD, GN_DEVICE_CONVOLVE, GN_DEVICE_CONVOLVE,
                                            GN_DEVICE_CLASSIFY};
    static const int rows[] = {10, 10, 5, 0}, filled[] = {8, 9, 10, ROWS_ALL};
    struct hand_network net;
    (void)state;
    hand_network_begin(&net, same_chain, 10, 6, 1);
    for (int i = 0; i < 4; i++) {
        struct planned whole;
        plan_begin(&whole, net.graph, 4, 2, filled[i]);
        assert_false(whole.plan.is_cut);
        check_steps(&whole.plan, ops, rows, 4);
        assert_int_equal(whole.plan.steps[1].pad_bottom, 1);
        assert_int_equal(whole.plan.steps[2].pad_bottom, 1);
        assert_int_equal(whole.plan.steps[2].pad_top, 0);
        plan_end(&whole);
    }
    hand_network_end(&net);
}

static int rows_of(const struct planned *planned, const struct gn_graph *graph, const char *layer,
                   enum gn_device_op op)
{
    for (int s = 0; s < planned->plan.n_steps; s++) {
        const struct gn_device_step *step = &planned->plan.steps[s];
        if (step->op == op && strcmp(graph->tensors[step->layer + 1].name, layer) == 0)
            return step->output.height;
    }
    return -1;
}

/* The compact network's two chains at 30 filled rows: three halvings without padding, and none. */
static void test_rows_of_the_compact_network(void **state)
{
    gn_error_t err = {0};
    struct planned cut;
    (void)state;
    gn_model_t *model = gn_model_load("models/wgs", &err);
    assert_non_null(model);
    const struct gn_graph *graph = gn_model_graph(model);
    plan_begin(&cut, graph, 4, 8, 30);
    assert_int_equal(cut.rc, GN_OK);
    assert_int_equal(rows_of(&cut, graph, "window", GN_DEVICE_LOAD), 39);
    assert_int_equal(rows_of(&cut, graph, "stem1", GN_DEVICE_CONVOLVE), 19);
    assert_int_equal(rows_of(&cut, graph, "stem2", GN_DEVICE_CONVOLVE), 9);
    assert_int_equal(rows_of(&cut, graph, "stem3", GN_DEVICE_MAX_POOL), 4);
    assert_int_equal(rows_of(&cut, graph, "stem3", GN_DEVICE_EXTEND), 11);
    assert_int_equal(rows_of(&cut, graph, "reads.window", GN_DEVICE_LOAD), 30);
    assert_int_equal(rows_of(&cut, graph, "reads.kind", GN_DEVICE_MULTIPLY), 30);
    assert_int_equal(rows_of(&cut, graph, "reads.kind", GN_DEVICE_EXTEND), 100);
    assert_int_equal(rows_of(&cut, graph, "mix1.point", GN_DEVICE_MULTIPLY), 11);
    plan_end(&cut);
    gn_model_free(model);
}

/* b and c lie in one map; the map of what is joined is no step's, theirs is found. */
static void test_slices(void **state)
{
    static const char layers[] = HAND_CONV("a", "image", "8", "[1,1]", "[1,1]", "same")
        HAND_CONV("b", "a", "8", "[3,3]", "[1,1]", "same")
            HAND_CONV("c", "a", "3", "[1,1]", "[1,1]",
                      "same") "{\"name\":\"joined\",\"op\":\"concat\",\"inputs\":[\"b\",\"c\"]}"
                              "," HAND_END("joined");
    static const enum gn_device_op ops[] = {GN_DEVICE_LOAD, GN_DEVICE_MULTIPLY, GN_DEVICE_CONVOLVE,
                                            GN_DEVICE_MULTIPLY, GN_DEVICE_CLASSIFY};
    static const int rows[] = {6, 6, 6, 6, 0};
    struct hand_network net;
    struct planned planned;
    struct gn_device_map map;
    (void)state;
    hand_network_begin(&net, layers, 6, 5, 2);
    plan_begin(&planned, net.graph, 4, 3, ROWS_ALL);
    check_steps(&planned.plan, ops, rows, 5);
    const struct gn_device_step *steps = planned.plan.steps;
    assert_int_equal(steps[2].output.pitch, 12);
    assert_int_equal(steps[3].output.pitch, 12);
    assert_int_equal(steps[3].output.channels, 4);
    assert_int_equal(steps[3].output.offset - steps[2].output.offset, 8 * sizeof(float));
    assert_int_equal(steps[4].input.channels, 12);
    assert_int_equal(steps[4].input.offset, steps[2].output.offset);
    assert_int_equal(gn_cuda_plan_find(&planned.plan, net.graph, 3, &map), 3);
    assert_memory_equal(&map, &steps[3].output, sizeof map);
    for (int t = 4; t < 8; t++)
        assert_int_equal(gn_cuda_plan_find(&planned.plan, net.graph, t, &map), -1);
    plan_end(&planned);
    hand_network_end(&net);
}

/* A crop of a crop begins where both say; the image itself is loaded for those that read it. */
static void test_loads(void **state)
{
    static const char layers[] =
        "{\"name\":\"outer\",\"op\":\"crop\",\"inputs\":[\"image\"],\"rows\":[1,9],"
        "\"columns\":[2,8]},"
        "{\"name\":\"inner\",\"op\":\"crop\",\"inputs\":[\"outer\"],\"rows\":[2,7],"
        "\"columns\":[1,4]}," HAND_CONV("a", "inner", "4", "[1,1]", "[1,1]", "same")
            HAND_CONV("b", "image", "4", "[6,8]", "[1,1]",
                      "valid") "{\"name\":\"joined\",\"op\":\"concat\",\"inputs\":[\"a\",\"b\"]}"
                               "," HAND_END("joined");
    struct hand_network net;
    struct planned planned;
    (void)state;
    hand_network_begin(&net, layers, 10, 10, 3);
    plan_begin(&planned, net.graph, 4, 1, ROWS_ALL);
    const struct gn_device_step *steps = planned.plan.steps;
    assert_int_equal(planned.plan.n_steps, 5); /* nothing loads `outer`, which only a crop reads */
    assert_int_equal(steps[0].op, GN_DEVICE_LOAD);
    assert_int_equal(steps[0].crop_top, 3);
    assert_int_equal(steps[0].crop_left, 3);
    assert_int_equal(steps[0].output.height, 5);
    assert_int_equal(steps[0].output.width, 3);
    assert_int_equal(steps[2].op, GN_DEVICE_LOAD);
    assert_int_equal(steps[2].crop_top + steps[2].crop_left, 0);
    assert_int_equal(steps[2].output.height, 10);
    plan_end(&planned);
    hand_network_end(&net);
}

/* Maps of one size after each other take turns in two places. */
static void test_memory_is_used_again(void **state)
{
    static const char layers[] = HAND_CONV("a", "image", "4", "[3,3]", "[1,1]", "same")
        HAND_CONV("b", "a", "4", "[3,3]", "[1,1]", "same")
            HAND_CONV("c", "b", "4", "[3,3]", "[1,1]", "same")
                HAND_CONV("d", "c", "4", "[3,3]", "[1,1]", "same") HAND_END("d");
    struct hand_network net;
    struct planned planned;
    (void)state;
    hand_network_begin(&net, layers, 8, 8, 4);
    plan_begin(&planned, net.graph, 4, 5, ROWS_ALL);
    assert_int_equal(planned.plan.activations_size, 2 * 5 * 8 * 8 * 4 * sizeof(float));
    plan_end(&planned);
    plan_begin(&planned, net.graph, 4, 1 << 20, ROWS_ALL); /* 1 GiB each: the limit is 2 */
    assert_int_equal(planned.rc, GN_OK);
    plan_end(&planned);
    plan_begin(&planned, net.graph, 4, (1 << 20) + 1, ROWS_ALL);
    assert_int_equal(planned.rc, GN_E_MEMORY);
    assert_non_null(strstr(planned.err.message, "1048577"));
    plan_end(&planned);
    hand_network_end(&net);
}

static void check_refused(const char *layers, const char *named)
{
    struct hand_network net;
    struct planned planned;
    hand_network_begin(&net, layers, 6, 5, 2);
    plan_begin(&planned, net.graph, 8, 3, ROWS_ALL);
    assert_int_equal(planned.rc, GN_E_UNAVAILABLE);
    assert_non_null(strstr(planned.err.message, named));
    assert_non_null(strstr(planned.err.message, "--device cpu"));
    plan_end(&planned);
    hand_network_end(&net);
}

static void test_refusals(void **state)
{
    (void)state;
    check_refused(HAND_CONV("a", "image", "12", "[1,1]", "[1,1]", "same")
                      HAND_CONV("b", "image", "8", "[1,1]", "[1,1]",
                                "same") "{\"name\":\"both\",\"op\":\"concat\",\"inputs\":[\"a\","
                                        "\"b\"]}," HAND_END("both"),
                  "'both' joins 12 channels ('a')");
    check_refused(
        HAND_CONV("a", "image", "3", "[1,1]", "[1,1]",
                  "same") "{\"name\":\"mean\",\"op\":\"global_avg_pool\",\"inputs\":[\"a\"]},"
                          "{\"name\":\"chances\",\"op\":\"softmax\",\"inputs\":[\"mean\"]}",
        "'chances'");
    check_refused("{\"name\":\"mean\",\"op\":\"global_avg_pool\",\"inputs\":[\"image\"]},"
                  "{\"name\":\"logits\",\"op\":\"dense\",\"inputs\":[\"mean\"],\"units\":3,"
                  "\"activation\":\"relu\"},"
                  "{\"name\":\"chances\",\"op\":\"softmax\",\"inputs\":[\"logits\"]}",
                  "'chances'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_a_chain),
        cmocka_unit_test(test_whole_chain),
        cmocka_unit_test(test_rows_of_the_compact_network),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_loads),
        cmocka_unit_test(test_memory_is_used_again),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
