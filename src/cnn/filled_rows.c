/* SPDX-License-Identifier: MIT
 *
 * filled_rows.c - from the last row upwards.
 */
#include "cnn/filled_rows.h"

#include <string.h>

int gn_filled_rows(const uint8_t *image, int height, size_t row_size)
{
    int rows = height;
    while (rows > 0) {
        const uint8_t *last = image + (size_t)(rows - 1) * row_size;
        if (last[0] != 0 || memcmp(last, last + 1, row_size - 1) != 0)
            break;
        rows--;
    }
    return rows;
}
