/* SPDX-License-Identifier: MIT
 *
 * busy_clock.c - sums of seconds behind a mutex.
 */
#include "cnn/cuda/busy_clock.h"

#include "cnn/steady_clock.h"

void gn_busy_clock_init(struct gn_busy_clock *clock)
{
    *clock = (struct gn_busy_clock){.under_way = 0};
    pthread_mutex_init(&clock->lock, NULL);
}

void gn_busy_clock_destroy(struct gn_busy_clock *clock)
{
    pthread_mutex_destroy(&clock->lock);
}

void gn_busy_clock_start(struct gn_busy_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    if (clock->under_way++ == 0)
        clock->since = gn_steady_seconds();
    pthread_mutex_unlock(&clock->lock);
}

void gn_busy_clock_stop(struct gn_busy_clock *clock, double computed)
{
    pthread_mutex_lock(&clock->lock);
    clock->of_lanes += computed;
    if (--clock->under_way == 0)
        clock->occupied += gn_steady_seconds() - clock->since;
    pthread_mutex_unlock(&clock->lock);
}

double gn_busy_clock_seconds(struct gn_busy_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    double occupied = clock->occupied;
    if (clock->under_way > 0)
        occupied += gn_steady_seconds() - clock->since;
    double of_lanes = clock->of_lanes;
    pthread_mutex_unlock(&clock->lock);
    return of_lanes < occupied ? of_lanes : occupied;
}
