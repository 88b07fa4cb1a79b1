/* SPDX-License-Identifier: MIT
 *
 * steady_clock.c - CLOCK_MONOTONIC as a number.
 */
#include "cnn/steady_clock.h"

#include <time.h>

double gn_steady_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
