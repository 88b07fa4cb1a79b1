/* SPDX-License-Identifier: MIT
 *
 * busy_clock.h - how long a device has computed, by two measures that each say too much.
 *
 * The lanes' own seconds count twice what two lanes do at the same time; the time during which at least one lane was under way
 * counts copies too. The smaller of the two sums is what is told.
 */
#ifndef GN_CNN_CUDA_BUSY_CLOCK_H
#define GN_CNN_CUDA_BUSY_CLOCK_H

#include <pthread.h>

struct gn_busy_clock {
    pthread_mutex_t lock;
    int under_way;   /* lanes between start and stop */
    double since;    /* when the first of them started */
    double occupied; /* seconds with a lane under way, up to then */
    double of_lanes; /* the lanes' seconds, added up */
};

void gn_busy_clock_init(struct gn_busy_clock *clock);
void gn_busy_clock_destroy(struct gn_busy_clock *clock);

/// A lane starts; stops, having computed for some seconds. All three are thread-safe.
void gn_busy_clock_start(struct gn_busy_clock *clock);
void gn_busy_clock_stop(struct gn_busy_clock *clock, double computed);

/// Seconds so far.
double gn_busy_clock_seconds(struct gn_busy_clock *clock);

#endif
