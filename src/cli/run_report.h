/* SPDX-License-Identifier: MIT
 *
 * run_report.h - what a long run says on standard error: progress with the time left, and a summary at the end.
 */
#ifndef GN_CLI_RUN_REPORT_H
#define GN_CLI_RUN_REPORT_H

#include <stdbool.h>
#include <time.h>

#include "gannet/call.h"

struct run_report {
    struct timespec started, shown; /* monotonic clock */
    bool on_terminal;               /* one line that is rewritten; else a line a minute */
    bool is_quiet;                  /* no progress lines */
    bool has_line;                  /* the rewritten line is on the screen */
    int argc;
    char **argv;
};

void run_report_start(struct run_report *report, int argc, char **argv);

/// A gn_progress_fn: context is the report. Ends the run when an interrupt has come.
int run_report_progress(void *context, int64_t bases_done, int64_t bases_total);

/// "gannet" and the arguments in one line, malloc'ed; NULL when out of memory.
char *run_report_command_line(const struct run_report *report);

/// Removes the progress line.
void run_report_clear_line(struct run_report *report);

/// One line: what computed the network, how busy its GPUs were, how many images it computed twice, why there was no GPU.
void run_report_network(const char *start, const gn_network_use_t *use);

/// The network's warning, if there is one, as a warning of a command.
void run_report_network_warning(const char *command, const gn_network_use_t *use);

/// Version, command, network, wall and CPU time, peak memory, counts.
void run_report_summary(const struct run_report *report, const gn_call_summary_t *summary);

#endif
