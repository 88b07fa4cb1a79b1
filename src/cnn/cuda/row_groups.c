/* SPDX-License-Identifier: MIT
 *
 * row_groups.c - the bounds of the groups.
 */
#include "cnn/cuda/row_groups.h"

/* Of the height, in hundredths. In an image of 100 rows 5 are the reference and each other one is a read: the bounds are depths
 * of 27 and 59. More bounds would save a few rows each, and batches of more groups take longer to fill. */
static const int BOUNDS[GN_ROW_GROUPS] = {32, 64, 100};

void gn_row_groups_make(struct gn_row_groups *groups, int height)
{
    groups->n = 0;
    for (int i = 0; i < GN_ROW_GROUPS; i++) {
        int rows = height * BOUNDS[i] / 100;
        if (rows > (groups->n == 0 ? 0 : groups->rows[groups->n - 1]))
            groups->rows[groups->n++] = rows;
    }
}

int gn_row_group(const struct gn_row_groups *groups, int filled_rows)
{
    int group = 0;
    while (group < groups->n - 1 && filled_rows > groups->rows[group])
        group++;
    return group;
}
