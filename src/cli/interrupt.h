/* SPDX-License-Identifier: MIT
 *
 * interrupt.h - Ctrl-C and SIGTERM end a run between two partitions, with nothing half-written left behind.
 */
#ifndef GN_CLI_INTERRUPT_H
#define GN_CLI_INTERRUPT_H

#include <stdbool.h>

/// Catches SIGINT and SIGTERM from now on; a second signal kills the process as usual.
void interrupt_catch(void);

/// True when one of them has come.
bool interrupt_has_come(void);

#endif
