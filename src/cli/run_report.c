/* SPDX-License-Identifier: MIT
 *
 * run_report.c - times and counts for people.
 */
#include "cli/run_report.h"

#include <htslib/kstring.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/interrupt.h"

static const double FIRST_LINE_AFTER = 2.0, TERMINAL_INTERVAL = 0.5,
                    LOG_INTERVAL = 60.0; /* seconds */

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

void run_report_start(struct run_report *report, int argc, char **argv)
{
    *report =
        (struct run_report){.argc = argc, .argv = argv, .on_terminal = isatty(STDERR_FILENO) != 0};
    clock_gettime(CLOCK_MONOTONIC, &report->started);
    report->shown = report->started;
}

int run_report_progress(void *context, int64_t bases_done, int64_t bases_total)
{
    struct run_report *report = context;
    struct timespec now;
    if (interrupt_has_come())
        return 1;
    if (report->is_quiet)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed = seconds_between(&report->started, &now);
    double interval = report->on_terminal ? TERMINAL_INTERVAL : LOG_INTERVAL;
    if (elapsed < FIRST_LINE_AFTER || seconds_between(&report->shown, &now) < interval ||
        bases_done <= 0)
        return 0;
    report->shown = now;
    double left = elapsed * (double)(bases_total - bases_done) / (double)bases_done;
    fprintf(stderr, "%s%5.1f %%  %.2f of %.2f Mb  %.1f kb/s  ETA %02d:%02d:%02d%s",
            report->on_terminal ? "\r" : "gannet: ",
            100.0 * (double)bases_done / (double)bases_total, (double)bases_done / 1e6,
            (double)bases_total / 1e6, (double)bases_done / 1e3 / elapsed, (int)(left / 3600),
            (int)(left / 60) % 60, (int)left % 60, report->on_terminal ? "   " : "\n");
    report->has_line = report->on_terminal;
    return 0;
}

char *run_report_command_line(const struct run_report *report)
{
    kstring_t line = {0, 0, NULL};
    kputs("gannet", &line);
    for (int i = 0; i < report->argc; i++) {
        kputc(' ', &line);
        kputs(report->argv[i], &line);
    }
    return line.s;
}

void run_report_clear_line(struct run_report *report)
{
    if (report->has_line)
        fputs("\r\033[K", stderr);
    report->has_line = false;
}

void run_report_network(const char *start, const gn_network_use_t *use)
{
    const double percent = 100.0;
    fprintf(stderr, "%snetwork on %s", start, use->computed_by);
    if (use->gpu_busy >= 0)
        fprintf(stderr, ", GPU busy %.0f %%", percent * use->gpu_busy);
    if (use->recomputed > 0)
        fprintf(stderr, ", %.1f %% of the images computed once more in float32",
                percent * (double)use->recomputed / (double)use->images);
    if (use->why_no_gpu[0] != '\0')
        fprintf(stderr, "; no GPU: %s", use->why_no_gpu);
    fputc('\n', stderr);
}

void run_report_network_warning(const char *command, const gn_network_use_t *use)
{
    if (use->warning[0] != '\0')
        fprintf(stderr, "gannet %s: warning: %s\n", command, use->warning);
}

void run_report_summary(const struct run_report *report, const gn_call_summary_t *s)
{
    struct timespec now;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
                 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    fprintf(stderr, "gannet " GN_VERSION ":");
    for (int i = 0; i < report->argc; i++)
        fprintf(stderr, " %s", report->argv[i]);
    fprintf(stderr, "\ngannet " GN_VERSION ": %.2f Mb, %lld candidates", (double)s->bases / 1e6,
            (long long)s->candidates);
    if (s->small_model > 0)
        fprintf(stderr, ", %lld answers of the small model, %lld images", (long long)s->small_model,
                (long long)s->images);
    fprintf(stderr,
            "; PASS %lld, RefCall %lld, LowQual %lld, NoCall %lld; "
            "wall %.2f s, CPU %.2f s, peak memory %.0f MB\n",
            (long long)s->pass, (long long)s->ref_call, (long long)s->low_qual,
            (long long)s->no_call, seconds_between(&report->started, &now), cpu,
            (double)usage.ru_maxrss / 1024.0);
    run_report_network("gannet " GN_VERSION ": ", &s->network);
}
