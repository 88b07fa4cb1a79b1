/* SPDX-License-Identifier: MIT
 *
 * ordered_pool.c - a ring of slots between the workers and the consumer. One mutex guards all of it.
 */
#include "base/ordered_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SLOTS_PER_THREAD = 4 };

/* The result of one item. */
struct slot {
    bool is_done;
    int status;
    void *result;
    gn_error_t err;
};

struct pool {
    const struct gn_pool_job *job;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* an item was taken, finished or consumed, or the pool stops */
    struct slot *slots;     /* item i uses slot i % n_slots */
    size_t n_slots;
    size_t next;     /* first item that no worker has taken */
    size_t consumed; /* items that the consumer is done with */
    bool is_stopping;
};

/* Waits for an item to take; false when there is none left. */
static bool take_item(struct pool *pool, size_t *item)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_stopping && pool->next < pool->job->n_items &&
           pool->next >= pool->consumed + pool->n_slots)
        pthread_cond_wait(&pool->changed, &pool->lock);
    bool has_item = !pool->is_stopping && pool->next < pool->job->n_items;
    if (has_item)
        *item = pool->next++;
    pthread_mutex_unlock(&pool->lock);
    return has_item;
}

static void finish_item(struct pool *pool, size_t item, const struct slot *outcome)
{
    pthread_mutex_lock(&pool->lock);
    pool->slots[item % pool->n_slots] = *outcome;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* A worker that cannot be made fails the items that it takes, so that the consumer hears of it. */
static void *run_worker(void *argument)
{
    struct pool *pool = argument;
    gn_error_t err = {0};
    void *worker = pool->job->create_worker(pool->job->shared, &err);
    size_t item;
    while (take_item(pool, &item)) {
        struct slot outcome = {.is_done = true, .status = err.code, .err = err};
        if (worker != NULL)
            outcome.status = pool->job->work(worker, item, &outcome.result, &outcome.err);
        else if (outcome.status == GN_OK)
            outcome.status = gn_fail_memory(&outcome.err, "a worker");
        finish_item(pool, item, &outcome);
    }
    if (worker != NULL)
        pool->job->destroy_worker(worker);
    return NULL;
}

static int consume_in_order(struct pool *pool, gn_error_t *err)
{
    for (size_t item = 0; item < pool->job->n_items; item++) {
        struct slot *slot = &pool->slots[item % pool->n_slots];
        pthread_mutex_lock(&pool->lock);
        while (!slot->is_done)
            pthread_cond_wait(&pool->changed, &pool->lock);
        struct slot outcome = *slot;
        *slot = (struct slot){.is_done = false};
        pthread_mutex_unlock(&pool->lock);
        if (outcome.status < 0) {
            if (outcome.result != NULL)
                pool->job->discard(outcome.result);
            if (err != NULL)
                *err = outcome.err;
            return outcome.status;
        }
        int status = pool->job->consume(pool->job->shared, item, outcome.result, err);
        if (status < 0)
            return status;
        pthread_mutex_lock(&pool->lock);
        pool->consumed = item + 1;
        pthread_cond_broadcast(&pool->changed);
        pthread_mutex_unlock(&pool->lock);
    }
    return GN_OK;
}

static void stop(struct pool *pool, pthread_t *threads, int n_threads)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < pool->n_slots; i++)
        if (pool->slots[i].is_done && pool->slots[i].result != NULL)
            pool->job->discard(pool->slots[i].result);
}

int gn_pool_run(const struct gn_pool_job *job, gn_error_t *err)
{
    struct pool pool = {.job = job, .n_slots = (size_t)job->n_threads * SLOTS_PER_THREAD};
    pool.slots = calloc(pool.n_slots, sizeof *pool.slots);
    pthread_t *threads = calloc((size_t)job->n_threads, sizeof *threads);
    if (pool.slots == NULL || threads == NULL) {
        free(pool.slots);
        free(threads);
        return gn_fail_memory(err, "the worker pool");
    }
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.changed, NULL);
    int started = 0;
    while (started < job->n_threads &&
           pthread_create(&threads[started], NULL, run_worker, &pool) == 0)
        started++;
    int ret = started > 0
                  ? consume_in_order(&pool, err)
                  : gn_fail(err, GN_E_UNAVAILABLE, "cannot start a thread: raise 'ulimit -u'");
    stop(&pool, threads, started);
    pthread_cond_destroy(&pool.changed);
    pthread_mutex_destroy(&pool.lock);
    free(pool.slots);
    free(threads);
    return ret;
}
