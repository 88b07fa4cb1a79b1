/* SPDX-License-Identifier: MIT
 *
 * example_source.h - the examples of several files as one stream, in DeepVariant's order.
 */
#ifndef GN_CNN_EXAMPLE_SOURCE_H
#define GN_CNN_EXAMPLE_SOURCE_H

#include "io/messages.h"

typedef struct gn_example_source gn_example_source_t;

/// Opens what a list of names, "x@N.gz" specs and globs stands for.
/** @param first_path  receives the first file's name; belongs to the source */
GN_MUST_CHECK
gn_example_source_t *gn_example_source_open(const char *list, const char **first_path,
                                            gn_error_t *err);

/// The next example: 1 and *example (gn_example_clear() it), 0 at the end, or a code. One record of each of up to 32 open
/// files in turn.
GN_MUST_CHECK
int gn_example_source_next(gn_example_source_t *source, struct gn_example *example,
                           gn_error_t *err);

void gn_example_source_close(gn_example_source_t *source);

#endif
