/* SPDX-License-Identifier: MIT
 *
 * error.h - how every gannet function reports failure.
 *
 * A failing function returns one of the negative GN_E_* codes (or NULL) and fills the caller's
 * gn_error_t with one line that names the operand, what is wrong and what to do. Nothing in the
 * library prints or exits.
 */
#ifndef GANNET_ERROR_H
#define GANNET_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GN_MUST_CHECK         __attribute__((warn_unused_result))
#define GN_PRINTF(text, args) __attribute__((format(printf, text, args)))
#define GN_API                __attribute__((visibility("default"))) /* exported by libgannet.so */
#else
#define GN_MUST_CHECK
#define GN_PRINTF(text, args)
#define GN_API
#endif

/* name, value, exit status of the command, title. Exit statuses: 104 asks workflow engines for a
 * retry with more memory. */
#define GN_STATUS_TABLE(X)                                                                         \
    X(GN_OK, 0, 0, "success")                                                                      \
    X(GN_E_USAGE, -2, 2, "wrong usage")                                                            \
    X(GN_E_DATA, -65, 65, "bad data")                                                              \
    X(GN_E_NO_INPUT, -66, 66, "missing input or index")                                            \
    X(GN_E_MISMATCH, -67, 67, "inputs disagree")                                                   \
    X(GN_E_UNAVAILABLE, -69, 69, "device or backend not available")                                \
    X(GN_E_INTERNAL, -70, 70, "broken invariant")                                                  \
    X(GN_E_CANNOT_CREATE, -73, 73, "cannot create output")                                         \
    X(GN_E_IO, -74, 74, "input/output error")                                                      \
    X(GN_E_MEMORY, -104, 104, "memory limit reached")                                              \
    X(GN_E_CANCELLED, -130, 130, "cancelled")

enum gn_status {
#define GN_STATUS_ENUM(name, value, exit_status, title) name = (value),
    GN_STATUS_TABLE(GN_STATUS_ENUM)
#undef GN_STATUS_ENUM
};

/// One failure: a status code and a line for the user. Owned by the caller; start with {0}.
typedef struct gn_error {
    int code;           /* one of enum gn_status; GN_OK when nothing failed */
    char message[1024]; /* one line, no newline, names the operand and the remedy */
} gn_error_t;

/// The process exit status that belongs to a status code (0 for GN_OK, 70 for an unknown code).
/// Thread-safe.
GN_API int gn_exit_status(int code);

/// A few words for a status code ("bad data"). Static storage. Thread-safe.
GN_API const char *gn_status_title(int code);

#ifdef __cplusplus
}
#endif

#endif
