/* SPDX-License-Identifier: MIT
 *
 * simulated_run.h - one run of the simulator into a temporary folder, which several tests look at.
 */
#ifndef SIMULATED_RUN_H
#define SIMULATED_RUN_H

#include <stdio.h>

#include "simulate/simulate.h"

struct run {
    char folder[64], prefix[80], path[128];
    struct gn_simulate_options options;
    struct gn_simulate_counts counts;
};

static const char *path_of(struct run *run, const char *ending)
{
    snprintf(run->path, sizeof run->path, "%s%s", run->prefix, ending);
    return run->path;
}

#endif
