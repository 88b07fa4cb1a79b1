/* SPDX-License-Identifier: MIT
 *
 * image_queue.c - a list of images per group. One mutex guards all of it.
 */
#include "cnn/cuda/image_queue.h"

#include <stdlib.h>

/* A group that waits is taken after so many batches of other groups, full or not. Much less, and batches of the late group, the
 * expensive ones, would be computed nearly empty; much more, and workers would stand still for the sake of an image. */
enum { PATIENCE = 16 };

struct group {
    struct gn_queued_image *first, *last;
    size_t n, capacity;
    int passed_over; /* batches of others since it began to wait or was taken */
};

struct gn_image_queue {
    pthread_mutex_t lock;
    pthread_cond_t more; /* images came, or the lanes are to end */
    struct group groups[GN_QUEUE_GROUPS];
    int n_groups, late_group;
    size_t n_held; /* images in the hands of lanes */
    uint64_t next_ticket;
    bool is_stopped;
    gn_error_t failure; /* code GN_OK: none */
};

gn_image_queue_t *gn_image_queue_create(const int *capacities, int n_groups, int late_group,
                                        gn_error_t *err)
{
    gn_image_queue_t *queue = calloc(1, sizeof *queue);
    if (queue == NULL) {
        gn_fail_memory(err, "the queue of images");
        return NULL;
    }
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->more, NULL);
    queue->n_groups = n_groups;
    queue->late_group = late_group;
    for (int g = 0; g < n_groups; g++)
        queue->groups[g].capacity = (size_t)capacities[g];
    return queue;
}

void gn_image_queue_destroy(gn_image_queue_t *queue)
{
    if (queue == NULL)
        return;
    pthread_cond_destroy(&queue->more);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

/* All below up to the public functions: with the lock held. */

static void append(gn_image_queue_t *queue, struct gn_queued_image *image)
{
    struct group *group = &queue->groups[image->group];
    image->next = NULL;
    if (group->n++ == 0)
        group->first = image;
    else
        group->last->next = image;
    group->last = image;
}

static struct gn_queued_image *remove_first(struct group *group)
{
    struct gn_queued_image *image = group->first;
    group->first = image->next;
    group->n--;
    return image;
}

static bool has_failed(const gn_image_queue_t *queue)
{
    return queue->failure.code != GN_OK;
}

/* How urgent a group is: larger is sooner, equal ones by age; 0: not now. Images of the late group that do not fill a batch also
 * wait for what lanes still compute: that may bring more of them. */
static int urgency(const gn_image_queue_t *queue, int number)
{
    const struct group *group = &queue->groups[number];
    if (group->n == 0)
        return 0;
    if (group->passed_over >= PATIENCE)
        return 4;
    if (group->n >= group->capacity)
        return 3;
    if (number != queue->late_group)
        return 2;
    return queue->n_held == 0 ? 1 : 0;
}

/* The group to take from; -1: none. */
static int choose_group(const gn_image_queue_t *queue)
{
    int best = -1, best_urgency = 0;
    for (int g = 0; g < queue->n_groups; g++) {
        int its = urgency(queue, g);
        if (its > best_urgency ||
            (its > 0 && its == best_urgency &&
             queue->groups[g].first->ticket < queue->groups[best].first->ticket)) {
            best = g;
            best_urgency = its;
        }
    }
    return best;
}

static int take_from(gn_image_queue_t *queue, int number, struct gn_queued_image **images)
{
    struct group *group = &queue->groups[number];
    int n = 0;
    while (group->n > 0 && (size_t)n < group->capacity) {
        images[n] = remove_first(group);
        images[n++]->request->n_held++;
    }
    queue->n_held += (size_t)n;
    for (int g = 0; g < queue->n_groups; g++) {
        struct group *other = &queue->groups[g];
        other->passed_over = g == number || other->n == 0 ? 0 : other->passed_over + 1;
    }
    return n;
}

static bool is_over(const gn_image_queue_t *queue, const struct gn_image_request *request)
{
    return request->n_left == 0 || (has_failed(queue) && request->n_held == 0);
}

void gn_image_queue_put(gn_image_queue_t *queue, struct gn_image_request *request)
{
    pthread_cond_init(&request->changed, NULL);
    pthread_mutex_lock(&queue->lock);
    request->n_left = request->n;
    request->n_held = 0;
    for (size_t i = 0; i < request->n && !has_failed(queue); i++) {
        request->images[i].request = request;
        request->images[i].ticket = queue->next_ticket++;
        append(queue, &request->images[i]);
    }
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}

int gn_image_queue_wait(gn_image_queue_t *queue, struct gn_image_request *request, gn_error_t *err)
{
    int rc = GN_OK;
    pthread_mutex_lock(&queue->lock);
    while (!is_over(queue, request))
        pthread_cond_wait(&request->changed, &queue->lock);
    if (request->n_left > 0) {
        rc = queue->failure.code;
        if (err != NULL)
            *err = queue->failure;
    }
    pthread_mutex_unlock(&queue->lock);
    pthread_cond_destroy(&request->changed);
    return rc;
}

int gn_image_queue_take(gn_image_queue_t *queue, struct gn_queued_image **images, int *group)
{
    int n = 0;
    pthread_mutex_lock(&queue->lock);
    while ((*group = choose_group(queue)) < 0 && !queue->is_stopped && !has_failed(queue))
        pthread_cond_wait(&queue->more, &queue->lock);
    if (*group >= 0 && !queue->is_stopped)
        n = take_from(queue, *group, images);
    pthread_mutex_unlock(&queue->lock);
    return n;
}

/* The signal is sent with the lock held: a worker that is told may free its request as soon as it has the lock. */
void gn_image_queue_give_back(gn_image_queue_t *queue, struct gn_queued_image **images, int n)
{
    pthread_mutex_lock(&queue->lock);
    queue->n_held -= (size_t)n;
    for (int i = 0; i < n; i++) {
        struct gn_image_request *request = images[i]->request;
        request->n_held--;
        if (images[i]->is_done)
            request->n_left--;
        else if (!has_failed(queue))
            append(queue, images[i]);
        if (is_over(queue, request))
            pthread_cond_signal(&request->changed);
    }
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}

void gn_image_queue_fail(gn_image_queue_t *queue, const gn_error_t *failure)
{
    pthread_mutex_lock(&queue->lock);
    if (!has_failed(queue))
        queue->failure = *failure;
    for (int g = 0; g < queue->n_groups; g++)
        while (queue->groups[g].n > 0)
            pthread_cond_signal(&remove_first(&queue->groups[g])->request->changed);
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}

void gn_image_queue_stop(gn_image_queue_t *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_stopped = true;
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}
