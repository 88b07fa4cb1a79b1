/* SPDX-License-Identifier: MIT
 *
 * test_ordered_pool.c - results come in order and failures are those of the first failing item,
 * whatever the threads do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ordered_pool.h"

enum { N_ITEMS = 200, NONE = -1 };

/* What the job is to do, and what it did. */
struct bench {
    int fails_work, fails_work_too, fails_consume; /* numbers of items, or NONE */
    bool fails_with_result;                        /* a failing item still hands over a result */
    bool slow_first;                               /* the earlier an item the longer it takes */
    int workers_to_refuse;                         /* the first ones made */
    bool refuses_silently;                         /* without filling the error */
    atomic_int workers_made, workers_alive, results_alive;
    size_t n_consumed;
};

static void *create_worker(void *shared, gn_error_t *err)
{
    struct bench *bench = shared;
    if (atomic_fetch_add(&bench->workers_made, 1) < bench->workers_to_refuse) {
        if (!bench->refuses_silently)
            gn_fail(err, GN_E_NO_INPUT, "no file for the worker");
        return NULL;
    }
    atomic_fetch_add(&bench->workers_alive, 1);
    struct bench **worker = malloc(sizeof *worker);
    assert_non_null(worker);
    *worker = bench;
    return worker;
}

static void destroy_worker(void *worker)
{
    struct bench *bench = *(struct bench **)worker;
    atomic_fetch_sub(&bench->workers_alive, 1);
    free(worker);
}

/* A result knows its item, and where to sign off. */
struct result {
    size_t item;
    struct bench *bench;
};

static int work(void *worker, size_t item, void **result, gn_error_t *err)
{
    struct bench *bench = *(struct bench **)worker;
    usleep(bench->slow_first ? (useconds_t)((N_ITEMS - item) % 8 * 200)
                             : (useconds_t)(item * 2654435761U >> 7) % 300);
    bool fails = (int)item == bench->fails_work || (int)item == bench->fails_work_too;
    if (!fails || bench->fails_with_result) {
        struct result *made = malloc(sizeof *made);
        assert_non_null(made);
        *made = (struct result){item, bench};
        atomic_fetch_add(&bench->results_alive, 1);
        *result = made;
    }
    return fails ? gn_fail(err, GN_E_DATA, "item %zu is bad", item) : GN_OK;
}

static void discard(void *result)
{
    atomic_fetch_sub(&((struct result *)result)->bench->results_alive, 1);
    free(result);
}

static int consume(void *shared, size_t item, void *result, gn_error_t *err)
{
    struct bench *bench = shared;
    bool is_right = ((struct result *)result)->item == item && item == bench->n_consumed;
    discard(result);
    assert_true(is_right);
    bench->n_consumed++;
    return (int)item == bench->fails_consume ? gn_fail(err, GN_E_IO, "disk full at %zu", item)
                                             : GN_OK;
}

static int run(struct bench *bench, int n_threads, size_t n_items, gn_error_t *err)
{
    const struct gn_pool_job job = {.n_threads = n_threads,
                                    .n_items = n_items,
                                    .shared = bench,
                                    .create_worker = create_worker,
                                    .destroy_worker = destroy_worker,
                                    .work = work,
                                    .consume = consume,
                                    .discard = discard};
    int ret = gn_pool_run(&job, err);
    assert_int_equal(bench->workers_alive, 0);
    assert_int_equal(bench->results_alive, 0);
    return ret;
}

static struct bench plan(void)
{
    return (struct bench){.fails_work = NONE, .fails_work_too = NONE, .fails_consume = NONE};
}

static const int THREADS[] = {1, 2, 8};
enum { N_THREADS = sizeof THREADS / sizeof *THREADS };

static void results_are_consumed_in_order(void **state)
{
    (void)state;
    for (int t = 0; t < N_THREADS; t++)
        for (int slow = 0; slow < 2; slow++) {
            struct bench bench = plan();
            gn_error_t err = {0};
            bench.slow_first = slow != 0;
            assert_int_equal(run(&bench, THREADS[t], N_ITEMS, &err), GN_OK);
            assert_int_equal(bench.n_consumed, N_ITEMS);
            assert_int_equal(bench.workers_made, THREADS[t]);
        }
}

static void fewer_items_than_threads_are_fine(void **state)
{
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct bench bench = plan();
        gn_error_t err = {0};
        assert_int_equal(run(&bench, 8, n, &err), GN_OK);
        assert_int_equal(bench.n_consumed, n);
    }
}

static void the_first_failing_item_is_reported(void **state)
{
    (void)state;
    for (int t = 0; t < N_THREADS; t++)
        for (int with_result = 0; with_result < 2; with_result++) {
            struct bench bench = plan();
            gn_error_t err = {0};
            bench.fails_work = 57;
            bench.fails_work_too = 58; /* finishes earlier: less to do */
            bench.slow_first = true;
            bench.fails_with_result = with_result != 0;
            assert_int_equal(run(&bench, THREADS[t], N_ITEMS, &err), GN_E_DATA);
            assert_string_equal(err.message, "item 57 is bad");
            assert_int_equal(err.code, GN_E_DATA);
            assert_int_equal(bench.n_consumed, 57); /* all before it, none after */
        }
}

static void a_failing_consumer_stops_the_job(void **state)
{
    (void)state;
    for (int t = 0; t < N_THREADS; t++) {
        struct bench bench = plan();
        gn_error_t err = {0};
        bench.fails_consume = 31;
        bench.fails_work = 60;
        assert_int_equal(run(&bench, THREADS[t], N_ITEMS, &err), GN_E_IO);
        assert_string_equal(err.message, "disk full at 31");
        assert_int_equal(bench.n_consumed, 32);
    }
}

static void a_job_without_workers_fails_with_their_message(void **state)
{
    (void)state;
    for (int t = 0; t < N_THREADS; t++) {
        struct bench bench = plan();
        gn_error_t err = {0};
        bench.workers_to_refuse = THREADS[t];
        assert_int_equal(run(&bench, THREADS[t], N_ITEMS, &err), GN_E_NO_INPUT);
        assert_string_equal(err.message, "no file for the worker");
        assert_int_equal(bench.n_consumed, 0);
    }
}

static void a_worker_that_fails_without_a_word_is_out_of_memory(void **state)
{
    (void)state;
    struct bench bench = plan();
    gn_error_t err = {0};
    bench.workers_to_refuse = 2;
    bench.refuses_silently = true;
    assert_int_equal(run(&bench, 2, N_ITEMS, &err), GN_E_MEMORY);
}

/* What one missing worker of several does to the job depends on which items it takes: all or
 * nothing, never a gap. */
static void a_missing_worker_never_loses_an_item(void **state)
{
    (void)state;
    struct bench bench = plan();
    gn_error_t err = {0};
    bench.workers_to_refuse = 1;
    int ret = run(&bench, 4, N_ITEMS, &err);
    assert_true(ret == GN_E_NO_INPUT || (ret == GN_OK && bench.n_consumed == N_ITEMS));
}

static void nobody_has_to_listen_to_the_error(void **state)
{
    (void)state;
    struct bench bench = plan();
    bench.fails_work = 3;
    assert_int_equal(run(&bench, 2, N_ITEMS, NULL), GN_E_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_consumed_in_order),
        cmocka_unit_test(fewer_items_than_threads_are_fine),
        cmocka_unit_test(the_first_failing_item_is_reported),
        cmocka_unit_test(a_failing_consumer_stops_the_job),
        cmocka_unit_test(a_job_without_workers_fails_with_their_message),
        cmocka_unit_test(a_worker_that_fails_without_a_word_is_out_of_memory),
        cmocka_unit_test(a_missing_worker_never_loses_an_item),
        cmocka_unit_test(nobody_has_to_listen_to_the_error),
    };
    return cmocka_run_group_tests_name("ordered_pool", tests, NULL, NULL);
}
