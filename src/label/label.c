/* SPDX-License-Identifier: MIT
 *
 * label.c - class of an image from the candidate's genotype, or from the truth's INFO. spec 150.2, 150.6.
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

int gn_label_of_set(const struct gn_label *label, const int32_t *alts, int n_alts)
{
    if (!label->has_class)
        return gn_label_of_image(label->genotype, alts, n_alts);
    for (int i = 0; i < n_alts; i++)
        if (alts[i] == label->class_alt)
            return label->class_id;
    return 0;
}

int gn_label_class(const struct gn_label *label)
{
    if (label->has_class)
        return label->class_alt < 0 ? 0 : label->class_id;
    return (label->genotype[0] > 0) + (label->genotype[1] > 0);
}
