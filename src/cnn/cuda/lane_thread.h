/* SPDX-License-Identifier: MIT
 *
 * lane_thread.h - the thread of a lane: takes images from the queue, has its device compute them, decides which of them are to be
 * computed once more.
 */
#ifndef GN_CNN_CUDA_LANE_THREAD_H
#define GN_CNN_CUDA_LANE_THREAD_H

#include "cnn/cuda/image_queue.h"
#include "cnn/cuda/loaded_device.h"

struct gn_lane_thread {
    /* Set by the owner, all borrowed: */
    struct gn_loaded_device *device;
    gn_device_lane_t *lane; /* of the device; nobody else uses it */
    const struct gn_cuda_plans *plans;
    gn_image_queue_t *queue; /* its groups are the plans' numbers */
    /* The thread's: */
    pthread_t thread;
    struct gn_queued_image **images; /* of a batch */
    double busy_seconds;             /* of the lane, when it was last asked */
};

/// Starts the thread; GN_E_MEMORY, GN_E_UNAVAILABLE (the system gives no more threads).
/** A failure of the device fails the queue and ends the thread. */
GN_MUST_CHECK
int gn_lane_thread_start(struct gn_lane_thread *lane, gn_error_t *err);

/// Waits for the end of a thread that was started; the queue must have been stopped.
void gn_lane_thread_join(struct gn_lane_thread *lane);

#endif
