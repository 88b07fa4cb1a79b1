/* SPDX-License-Identifier: MIT
 *
 * error.c - the status table and the two ways to write an error message.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int gn_exit_status(int code)
{
    switch (code) {
#define STATUS_CASE(name, value, exit_status, title)                                               \
    case name:                                                                                     \
        return exit_status;
        GN_STATUS_TABLE(STATUS_CASE)
#undef STATUS_CASE
    default:
        return 70;
    }
}

const char *gn_status_title(int code)
{
    switch (code) {
#define STATUS_CASE(name, value, exit_status, title)                                               \
    case name:                                                                                     \
        return title;
        GN_STATUS_TABLE(STATUS_CASE)
#undef STATUS_CASE
    default:
        return "unknown status";
    }
}

int gn_fail(gn_error_t *err, int code, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        err->code = code;
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
    }
    return code;
}

int gn_fail_memory(gn_error_t *err, const char *what)
{
    return gn_fail(err, GN_E_MEMORY,
                   "out of memory for %s: give the process more memory or lower --threads", what);
}

int gn_error_prefix(gn_error_t *err, const char *format, ...)
{
    char old[sizeof err->message];
    memcpy(old, err->message, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->message)
        snprintf(err->message + n, sizeof err->message - (size_t)n, ": %s", old);
    return err->code;
}
