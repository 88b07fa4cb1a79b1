/* SPDX-License-Identifier: MIT
 *
 * test_image_queue.c - which images a lane gets when, who is told what when a device fails, and many workers and lanes at once.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cnn/cuda/image_queue.h"
#include "model_folder.h"

enum { SHORT, TALL, LATE, GROUPS };
enum { CAPACITY = 4, LATE_CAPACITY = 2, MOST = 64, LONG_WAIT = 100 };
enum { WORKERS = 4, LANES = 3, REQUESTS = 200, LARGEST_REQUEST = 23 };

static const int CAPACITIES[GROUPS] = {CAPACITY, CAPACITY, LATE_CAPACITY};

struct bench {
    gn_image_queue_t *queue;
    struct gn_queued_image images[MOST];
    uint8_t pixels[MOST]; /* the first byte of each image: its number */
    struct gn_image_request request;
    struct gn_queued_image *taken[CAPACITY];
    int group;
};

/* Images of the given groups ("sst": two short ones, then a tall one) as one request. */
static void put(struct bench *bench, const char *groups)
{
    const size_t n = strlen(groups);
    assert_true(n <= MOST);
    memset(bench->images, 0, sizeof bench->images);
    for (size_t i = 0; i < n; i++) {
        bench->pixels[i] = (uint8_t)i;
        bench->images[i].pixels = &bench->pixels[i];
        bench->images[i].group = groups[i] == 's' ? SHORT : groups[i] == 't' ? TALL : LATE;
    }
    bench->request = (struct gn_image_request){.images = bench->images, .n = n};
    gn_image_queue_put(bench->queue, &bench->request);
}

static void begin(struct bench *bench)
{
    gn_error_t err = {0};
    bench->queue = gn_image_queue_create(CAPACITIES, GROUPS, LATE, &err);
    assert_non_null(bench->queue);
}

/* Takes; the group must be the expected one, and the images these. */
static int take(struct bench *bench, int group, const char *numbers)
{
    int n = gn_image_queue_take(bench->queue, bench->taken, &bench->group);
    assert_int_equal(bench->group, group);
    assert_int_equal(n, strlen(numbers));
    for (int i = 0; i < n; i++)
        assert_int_equal(bench->taken[i]->pixels[0], numbers[i] - '0');
    return n;
}

static void give_back(struct bench *bench, int n)
{
    for (int i = 0; i < n; i++)
        bench->taken[i]->is_done = true;
    gn_image_queue_give_back(bench->queue, bench->taken, n);
}

static void finish(struct bench *bench)
{
    gn_error_t err = {0};
    assert_int_equal(gn_image_queue_wait(bench->queue, &bench->request, &err), GN_OK);
    gn_image_queue_destroy(bench->queue);
}

static void test_oldest_first(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    put(&bench, "tsst");
    give_back(&bench, take(&bench, TALL, "03"));
    give_back(&bench, take(&bench, SHORT, "12"));
    finish(&bench);
}

static void test_full_before_older(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    put(&bench, "tsssss");
    give_back(&bench, take(&bench, SHORT, "1234"));
    give_back(&bench, take(&bench, TALL, "0"));
    give_back(&bench, take(&bench, SHORT, "5"));
    finish(&bench);
}

static void test_late_group(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    put(&bench, "lts");
    give_back(&bench, take(&bench, TALL, "1"));
    give_back(&bench, take(&bench, SHORT, "2"));
    give_back(&bench, take(&bench, LATE, "0"));
    assert_int_equal(gn_image_queue_wait(bench.queue, &bench.request, NULL), GN_OK);
    put(&bench, "tll"); /* a full one is a group as others */
    give_back(&bench, take(&bench, LATE, "12"));
    give_back(&bench, take(&bench, TALL, "0"));
    finish(&bench);
}

/* An image that is not done goes to its new group, and its worker goes on waiting. */
static void test_computed_again(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    put(&bench, "ss");
    int n = take(&bench, SHORT, "01");
    bench.taken[0]->is_done = true;
    bench.taken[1]->group = LATE;
    gn_image_queue_give_back(bench.queue, bench.taken, n);
    assert_int_equal(bench.request.n_left, 1);
    give_back(&bench, take(&bench, LATE, "1"));
    finish(&bench);
}

/* While full batches of one group keep coming, the others have their turn too. */
static void test_nothing_waits_for_ever(void **state)
{
    (void)state;
    struct bench bench, lone;
    begin(&bench);
    lone.queue = bench.queue;
    put(&lone, "tl");
    for (int i = 0; lone.request.n_left > 0; i++) {
        assert_true(i < LONG_WAIT);
        put(&bench, "ssss");
        while (bench.request.n_left > 0)
            give_back(&bench, gn_image_queue_take(bench.queue, bench.taken, &bench.group));
        assert_int_equal(gn_image_queue_wait(bench.queue, &bench.request, NULL), GN_OK);
    }
    assert_int_equal(gn_image_queue_wait(bench.queue, &lone.request, NULL), GN_OK);
    gn_image_queue_destroy(bench.queue);
}

struct waiter {
    struct bench *bench;
    atomic_bool is_back;
    int rc;
    gn_error_t err;
};

static void *wait_for_request(void *argument)
{
    struct waiter *waiter = argument;
    waiter->rc = gn_image_queue_wait(waiter->bench->queue, &waiter->bench->request, &waiter->err);
    atomic_store(&waiter->is_back, true);
    return NULL;
}

static void pause_for_others(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

static void test_failure(void **state)
{
    (void)state;
    struct bench bench;
    struct waiter waiter = {.bench = &bench};
    gn_error_t first = {GN_E_INTERNAL, "device 0 is gone"}, second = {GN_E_IO, "so is device 1"};
    pthread_t thread;
    begin(&bench);
    put(&bench, "sssssttl");
    int n = take(&bench, SHORT, "0123");
    assert_int_equal(pthread_create(&thread, NULL, wait_for_request, &waiter), 0);
    pause_for_others();
    gn_image_queue_fail(bench.queue, &first);
    gn_image_queue_fail(bench.queue, &second);
    pause_for_others();
    assert_false(atomic_load(&waiter.is_back)); /* a lane may still read the images that it holds */
    gn_image_queue_give_back(bench.queue, bench.taken, n);
    pthread_join(thread, NULL);
    assert_int_equal(waiter.rc, GN_E_INTERNAL);
    assert_string_equal(waiter.err.message, "device 0 is gone");
    assert_int_equal(gn_image_queue_take(bench.queue, bench.taken, &bench.group), 0);
    put(&bench, "st");
    assert_int_equal(gn_image_queue_wait(bench.queue, &bench.request, &waiter.err), GN_E_INTERNAL);
    assert_int_equal(gn_image_queue_take(bench.queue, bench.taken, &bench.group), 0);
    gn_image_queue_destroy(bench.queue);
}

/* What another lane has computed when a device fails is not lost. */
static void test_done_in_spite_of_failure(void **state)
{
    (void)state;
    struct bench bench;
    gn_error_t failure = {GN_E_INTERNAL, "device 0 is gone"};
    begin(&bench);
    put(&bench, "ss");
    int n = take(&bench, SHORT, "01");
    gn_image_queue_fail(bench.queue, &failure);
    give_back(&bench, n);
    finish(&bench);
}

static void *take_once(void *argument)
{
    struct bench *bench = argument;
    struct gn_queued_image *taken[CAPACITY];
    int group;
    assert_int_equal(gn_image_queue_take(bench->queue, taken, &group), 0);
    return NULL;
}

static void test_stop(void **state)
{
    (void)state;
    struct bench bench;
    pthread_t threads[2];
    begin(&bench);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_once, &bench), 0);
    pause_for_others();
    gn_image_queue_stop(bench.queue);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    gn_image_queue_destroy(bench.queue);
}

/* Workers that check what they get, and lanes that "compute" the square of a pixel; every fifth goes through the late group. */

struct crowd_worker {
    gn_image_queue_t *queue;
    uint64_t seed;
    int wrong, late;
};

static void *work(void *argument)
{
    struct crowd_worker *worker = argument;
    struct gn_queued_image images[LARGEST_REQUEST];
    uint8_t pixels[LARGEST_REQUEST];
    for (int r = 0; r < REQUESTS; r++) {
        struct gn_image_request request = {.images = images,
                                           .n = test_random(&worker->seed) % (LARGEST_REQUEST + 1)};
        memset(images, 0, sizeof images);
        for (size_t i = 0; i < request.n; i++) {
            pixels[i] = (uint8_t)test_random(&worker->seed);
            images[i].pixels = &pixels[i];
            images[i].group = (int)(test_random(&worker->seed) % 2);
        }
        gn_image_queue_put(worker->queue, &request);
        worker->wrong += gn_image_queue_wait(worker->queue, &request, NULL) != GN_OK;
        for (size_t i = 0; i < request.n; i++) {
            worker->wrong += images[i].logits[0] != (float)(pixels[i] * pixels[i]);
            worker->wrong += images[i].near_decision != (pixels[i] % 5 == 0);
            worker->late += images[i].near_decision;
        }
    }
    return NULL;
}

static void *run_lane(void *argument)
{
    struct bench *bench = argument;
    struct gn_queued_image *taken[CAPACITY];
    int n, group;
    while ((n = gn_image_queue_take(bench->queue, taken, &group)) > 0) {
        for (int i = 0; i < n; i++) {
            const int pixel = taken[i]->pixels[0];
            taken[i]->is_done = group == LATE || pixel % 5 != 0;
            taken[i]->near_decision = pixel % 5 == 0;
            taken[i]->logits[0] = taken[i]->is_done ? (float)(pixel * pixel) : -1.0F;
            taken[i]->group = taken[i]->is_done ? group : LATE;
        }
        gn_image_queue_give_back(bench->queue, taken, n);
    }
    return NULL;
}

static void test_crowd(void **state)
{
    (void)state;
    struct bench bench;
    struct crowd_worker workers[WORKERS];
    pthread_t threads[WORKERS], lanes[LANES];
    begin(&bench);
    for (int i = 0; i < LANES; i++)
        assert_int_equal(pthread_create(&lanes[i], NULL, run_lane, &bench), 0);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct crowd_worker){bench.queue, (uint64_t)i + 1, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
        assert_true(workers[i].late > 0);
    }
    gn_image_queue_stop(bench.queue);
    for (int i = 0; i < LANES; i++)
        pthread_join(lanes[i], NULL);
    gn_image_queue_destroy(bench.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oldest_first),
        cmocka_unit_test(test_full_before_older),
        cmocka_unit_test(test_late_group),
        cmocka_unit_test(test_computed_again),
        cmocka_unit_test(test_nothing_waits_for_ever),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_done_in_spite_of_failure),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
