/* SPDX-License-Identifier: MIT
 *
 * lane_thread.c - batch after batch.
 */
#include "cnn/cuda/lane_thread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/decision.h"
#include "cnn/softmax.h"

static int compute(struct gn_lane_thread *lane, int n, int group, const float (**logits)[3],
                   gn_error_t *err)
{
    const struct gn_device_driver *driver = lane->device->driver;
    uint8_t *pixels = driver->lane_images(lane->lane);
    const size_t size = lane->plans->image_size;
    for (int i = 0; i < n; i++)
        memcpy(pixels + (size_t)i * size, lane->images[i]->pixels, size);
    gn_busy_clock_start(&lane->device->clock);
    int rc = driver->launch(lane->lane, lane->device->programs[group], n, err);
    if (rc == GN_OK)
        rc = driver->wait(lane->lane, logits, err);
    const double busy = driver->busy_seconds(lane->lane);
    gn_busy_clock_stop(&lane->device->clock, busy - lane->busy_seconds);
    lane->busy_seconds = busy;
    return rc;
}

/* Takes over an image's logits, and says whether they stand. Numbers that are not finite come of sums beyond float16. */
static void finish_image(const struct gn_lane_thread *lane, struct gn_queued_image *image,
                         const float logits[3])
{
    const int exact_group = lane->plans->groups.n;
    const bool is_finite = isfinite(logits[0]) && isfinite(logits[1]) && isfinite(logits[2]);
    memcpy(image->logits, logits, sizeof image->logits);
    if (is_finite)
        gn_softmax(logits, 3, image->probabilities);
    else
        image->probabilities[0] = image->probabilities[1] = image->probabilities[2] = NAN;
    image->is_done = true;
    if (!lane->plans->is_exact || image->group == exact_group)
        return;
    image->saturated = !is_finite;
    image->near_decision = is_finite && gn_near_decision(image->probabilities);
    if (image->saturated || image->near_decision) {
        image->group = exact_group;
        image->is_done = false;
    }
}

static void *run_lane(void *argument)
{
    struct gn_lane_thread *lane = argument;
    int n, group;
    while ((n = gn_image_queue_take(lane->queue, lane->images, &group)) > 0) {
        const float(*logits)[3] = NULL;
        gn_error_t err = {0};
        int rc = compute(lane, n, group, &logits, &err);
        for (int i = 0; i < n && rc == GN_OK; i++)
            finish_image(lane, lane->images[i], logits[i]);
        if (rc != GN_OK) {
            gn_error_prefix(&err, "GPU %d (%s)", lane->device->info.number,
                            lane->device->info.name);
            err.code = rc;
            gn_image_queue_fail(lane->queue, &err);
        }
        gn_image_queue_give_back(lane->queue, lane->images, n);
    }
    return NULL;
}

int gn_lane_thread_start(struct gn_lane_thread *lane, gn_error_t *err)
{
    size_t n = 0;
    for (int i = 0; i < lane->plans->n; i++) {
        size_t batch = (size_t)gn_cuda_plans_batch(lane->plans, i);
        n = batch > n ? batch : n;
    }
    lane->images = calloc(n, sizeof(struct gn_queued_image *));
    if (lane->images == NULL)
        return gn_fail_memory(err, "a batch of images");
    if (pthread_create(&lane->thread, NULL, run_lane, lane) == 0)
        return GN_OK;
    free(lane->images);
    lane->images = NULL;
    return gn_fail(err, GN_E_UNAVAILABLE, "cannot start a thread: raise 'ulimit -u'");
}

void gn_lane_thread_join(struct gn_lane_thread *lane)
{
    pthread_join(lane->thread, NULL);
    free(lane->images);
}
