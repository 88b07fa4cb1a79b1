/* SPDX-License-Identifier: MIT
 *
 * image_queue.h - between the workers, which bring images and wait for their results, and the lanes of the devices, which take
 * images of one group at a time.
 *
 * Knows groups and who waits for whom; nothing of devices, and does not look into images. It allocates nothing per image: an image
 * waits in a list through a node that its worker owns.
 *
 * When a lane takes how much: what waits when the lane is free, at once. Holding a small batch back for more would need a guess at
 * what workers are about to do, and the guess is not needed. If the devices are the slow part, workers wait for them, their images
 * gather while the lanes compute, and batches become full by themselves. If the workers are the slow part, batches are small, but
 * then the devices have time to spare, and a worker that has its results at once goes on making images.
 */
#ifndef GN_CNN_CUDA_IMAGE_QUEUE_H
#define GN_CNN_CUDA_IMAGE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { GN_QUEUE_GROUPS = 4 };

struct gn_image_request;

/// An image in the queue.
struct gn_queued_image {
    /* The worker's: */
    const uint8_t *pixels;
    int group;
    /* The lane's that took it, until it gives it back: */
    float logits[3], probabilities[3];
    bool near_decision, saturated; /* why it was computed once more */
    bool is_done;                  /* else it waits again, in `group` */
    /* The queue's: */
    struct gn_image_request *request;
    struct gn_queued_image *next;
    uint64_t ticket; /* the order of coming */
};

/// What a worker waits for.
struct gn_image_request {
    struct gn_queued_image *images; /* n of them; the worker owns them */
    size_t n;
    /* The queue's: */
    size_t n_left; /* not done */
    size_t n_held; /* in the hands of lanes */
    pthread_cond_t changed;
};

typedef struct gn_image_queue gn_image_queue_t;

/// Makes an empty queue.
/** @param capacities  per group, the images of a batch: at least 1
    @param n_groups    at most GN_QUEUE_GROUPS
    @param late_group  the group that waits for a full batch as long as there are others (GN_QUEUE_GROUPS: none)
    @return            to be freed with gn_image_queue_destroy(); NULL: GN_E_MEMORY */
GN_MUST_CHECK
gn_image_queue_t *gn_image_queue_create(const int *capacities, int n_groups, int late_group,
                                        gn_error_t *err);

/// NULL is fine. Nobody may use the queue any more.
void gn_image_queue_destroy(gn_image_queue_t *queue);

/// Puts the images of a request (pixels and group set, the rest zero). Never waits. Thread-safe.
void gn_image_queue_put(gn_image_queue_t *queue, struct gn_image_request *request);

/// Waits until all images of a request that was put are done, or the queue has failed and no lane holds any of them.
/** After it the request and its images are the worker's again.
    @return  GN_OK; else the failure, also that of a time before the request. Thread-safe */
GN_MUST_CHECK
int gn_image_queue_wait(gn_image_queue_t *queue, struct gn_image_request *request, gn_error_t *err);

/// Waits for images and takes some of one group, the oldest first.
/** Which group: one that was passed over often; else one that is full, or whatever waits, in both cases the group whose oldest
    image waits longest; a late group that is not full only when nothing else waits and no lane computes. So nothing waits for ever.
    @param images  receives at most the group's capacity; they must be given back, done or not
    @param group   receives their group
    @return        how many; 0: the queue was stopped or has failed, and will give no more. Thread-safe */
int gn_image_queue_take(gn_image_queue_t *queue, struct gn_queued_image **images, int *group);

/// Gives taken images back: those with is_done to their workers, others wait in their (new) group. Thread-safe.
void gn_image_queue_give_back(gn_image_queue_t *queue, struct gn_queued_image **images, int n);

/// Makes all requests fail that wait or come later; the first failure counts. The lane gives its images back as always.
/** Thread-safe. */
void gn_image_queue_fail(gn_image_queue_t *queue, const gn_error_t *failure);

/// Sends the lanes home: gn_image_queue_take() returns 0 from now on. No request may be waiting. Thread-safe.
void gn_image_queue_stop(gn_image_queue_t *queue);

#endif
