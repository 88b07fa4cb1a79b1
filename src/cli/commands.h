/* SPDX-License-Identifier: MIT
 *
 * commands.h - the commands of the program, each defined in its own cmd_NAME.c.
 */
#ifndef GN_CLI_COMMANDS_H
#define GN_CLI_COMMANDS_H

#include "cli/options.h"

extern const struct gn_command gn_cmd_call;
extern const struct gn_command gn_cmd_make_examples;
extern const struct gn_command gn_cmd_call_variants;
extern const struct gn_command gn_cmd_postprocess;
extern const struct gn_command gn_cmd_simulate;
extern const struct gn_command gn_cmd_eval;
extern const struct gn_command gn_cmd_model;
extern const struct gn_command gn_cmd_bench;
extern const struct gn_command gn_cmd_devices;
extern const struct gn_command gn_cmd_selftest;
extern const struct gn_command gn_cmd_help;

enum { GN_MOST_COMMANDS = 32 };

/// The commands of the table in order, NULL-ended; returns their number.
size_t gn_commands_list(const struct gn_command *list[GN_MOST_COMMANDS]);

/// The command of that name ('_' counts as '-'), or NULL with GN_E_USAGE naming the nearest one.
const struct gn_command *gn_commands_find(const char *name, gn_error_t *err);

/// The list of commands, for `gannet help`.
void gn_commands_overview(FILE *out);

#endif
