/* SPDX-License-Identifier: MIT
 *
 * network_use.c - a network's own words, copied for the summary.
 */
#include "cnn/network_use.h"

#include <stdio.h>

void gn_network_use_note(const gn_network_t *network, gn_network_use_t *use)
{
    const char *warning = gn_network_warning(network);
    snprintf(use->computed_by, sizeof use->computed_by, "%s", gn_network_describe(network));
    snprintf(use->warning, sizeof use->warning, "%s", warning != NULL ? warning : "");
    use->gpu_busy = gn_network_busy_share(network);
}

void gn_network_use_count(const struct gn_infer_counts *counts, gn_network_use_t *use)
{
    use->images += (int64_t)counts->images;
    use->recomputed += (int64_t)counts->recomputed;
}
