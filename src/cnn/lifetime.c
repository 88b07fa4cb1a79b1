/* SPDX-License-Identifier: MIT
 *
 * lifetime.c - the largest first, each as low as it fits.
 */
#include "cnn/lifetime.h"

#include <stdbool.h>
#include <stdlib.h>

static const size_t MAX_BYTES = (size_t)1 << 31;

static int compare_sizes(const void *a, const void *b)
{
    const struct gn_lifetime *x = *(struct gn_lifetime *const *)a;
    const struct gn_lifetime *y = *(struct gn_lifetime *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x < y ? -1 : x > y;
}

/* The lowest offset where order[k] overlaps no placed one that is in use at the same time. */
static size_t lowest_offset(struct gn_lifetime *const *order, int k)
{
    const struct gn_lifetime *life = order[k];
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int j = 0; j < k; j++) {
            const struct gn_lifetime *other = order[j];
            bool together = life->first <= other->last && other->first <= life->last;
            if (together && offset < other->offset + other->size &&
                other->offset < offset + life->size) {
                offset = other->offset + other->size;
                moved = true;
            }
        }
    }
    return offset;
}

int gn_place_lifetimes(struct gn_lifetime *lifetimes, int n, size_t *total, gn_error_t *err)
{
    struct gn_lifetime **order = malloc((size_t)n * sizeof *order);
    int rc = GN_OK, n_placed = 0;
    *total = 0;
    if (order == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int i = 0; i < n; i++)
        if (lifetimes[i].size > 0)
            order[n_placed++] = &lifetimes[i];
    qsort(order, (size_t)n_placed, sizeof(struct gn_lifetime *), compare_sizes);
    for (int k = 0; k < n_placed && rc == GN_OK; k++) {
        order[k]->offset = lowest_offset(order, k);
        size_t end = order[k]->offset + order[k]->size;
        *total = end > *total ? end : *total;
        if (*total > MAX_BYTES)
            rc = gn_fail_memory(err, "the activations of the network");
    }
    free(order);
    return rc;
}
