/* SPDX-License-Identifier: MIT
 *
 * device_flags.h - the options that say where the network runs, shared by all commands that run it.
 *
 * Their rows are in device_rows.def. A command defines NETWORK_ARGS as its own struct, which has a struct device_flags named
 * `device`, and includes the rows in its table; with a text `precision`, precision_row.def likewise.
 */
#ifndef GN_CLI_DEVICE_FLAGS_H
#define GN_CLI_DEVICE_FLAGS_H

#include "cli/options.h"
#include "cnn/device_choice.h"

/// Values of the shared options as the parser leaves them.
struct device_flags {
    const char *device, *engine;
    int64_t device_batch;
};

/// The values before parsing: the CPU, with the engine of our own.
struct device_flags device_flags_default(void);

/// Reads them; GN_E_USAGE.
GN_MUST_CHECK
int device_flags_read(const struct device_flags *flags, struct gn_device_choice *choice,
                      gn_error_t *err);

#endif
