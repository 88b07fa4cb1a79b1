/* SPDX-License-Identifier: MIT
 *
 * filled_rows.h - how much of an image reads reach. Used by the back ends, which leave the rest out.
 */
#ifndef GN_CNN_FILLED_ROWS_H
#define GN_CNN_FILLED_ROWS_H

#include <stddef.h>
#include <stdint.h>

/// Rows of an image up to the last one that is not all zero.
/** @param image     height * row_size bytes
    @param row_size  bytes of a row, at least 1 */
int gn_filled_rows(const uint8_t *image, int height, size_t row_size);

#endif
