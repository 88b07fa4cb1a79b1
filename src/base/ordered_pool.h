/* SPDX-License-Identifier: MIT
 *
 * ordered_pool.h - workers that take numbered items, and one consumer that gets the results in order.
 *
 * The shape of the whole program: partitions go to threads, records come out in genome order, whatever the number of
 * threads. At most a few results per thread are waiting, so memory is bounded.
 */
#ifndef GN_BASE_ORDERED_POOL_H
#define GN_BASE_ORDERED_POOL_H

#include <stddef.h>

#include "base/error.h"

/// What to run. All functions get `shared`, which they must not change without their own locking.
struct gn_pool_job {
    int n_threads;  /* >= 1 */
    size_t n_items; /* numbered from 0 */
    void *shared;

    /// Makes the private state of one worker, in the worker's thread; NULL with err filled.
    void *(*create_worker)(void *shared, gn_error_t *err);
    void (*destroy_worker)(void *worker);

    /// Works on one item, in a worker's thread: *result goes to consume. Negative status with err filled on failure.
    int (*work)(void *worker, size_t item, void **result, gn_error_t *err);

    /// Takes the result of the next item, in order, in the calling thread, and frees it (also on failure).
    int (*consume)(void *shared, size_t item, void *result, gn_error_t *err);

    /// Frees a result that will not be consumed, after a failure elsewhere.
    void (*discard)(void *result);
};

/// Runs the job. The failure reported is the one of the first failing item, whatever the number of threads.
GN_MUST_CHECK
int gn_pool_run(const struct gn_pool_job *job, gn_error_t *err);

#endif
