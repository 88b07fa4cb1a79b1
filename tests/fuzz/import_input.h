/* SPDX-License-Identifier: MIT
 *
 * import_input.h - how the files of a TensorFlow model lie in one input of fuzz_import: three
 * lengths (32 bits, little-endian), then saved_model.pb, the index, the first data file; the rest
 * is the second data file.
 */
#ifndef GN_TESTS_IMPORT_INPUT_H
#define GN_TESTS_IMPORT_INPUT_H

enum { IMPORT_FILES = 4, IMPORT_HEADER = 12 };

/* In the order of the input. */
static const char *const import_names[IMPORT_FILES] = {
    "saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00002",
    "variables/variables.data-00001-of-00002"};

#endif
