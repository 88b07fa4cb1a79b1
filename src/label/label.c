/* SPDX-License-Identifier: MIT
 *
 * label.c - class of an image from the candidate's genotype. spec 150.2.
 */
#include "label/label.h"

int gn_label_of_image(const int genotype[2], const int32_t *alts, int n_alts)
{
    int label = 0;
    for (int g = 0; g < 2; g++)
        for (int i = 0; i < n_alts; i++)
            label += genotype[g] > 0 && genotype[g] - 1 == alts[i];
    return label;
}
