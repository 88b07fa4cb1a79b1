/* SPDX-License-Identifier: MIT
 *
 * row_groups.h - images by the number of rows that reads fill: those of a group are computed by one plan.
 */
#ifndef GN_CNN_CUDA_ROW_GROUPS_H
#define GN_CNN_CUDA_ROW_GROUPS_H

enum { GN_ROW_GROUPS = 3 };

/// Ascending; the last one is of all rows.
struct gn_row_groups {
    int rows[GN_ROW_GROUPS]; /* filled rows at most */
    int n;
};

/// The groups of images of a height: at least one, each with at least one row more than the one before it.
void gn_row_groups_make(struct gn_row_groups *groups, int height);

/// The group of an image with so many filled rows (not more than the last group's).
int gn_row_group(const struct gn_row_groups *groups, int filled_rows);

#endif
