/* SPDX-License-Identifier: MIT
 *
 * genotype_options.c - tables where the order follows no rule.
 */
#include "label/genotype_options.h"

#include <stddef.h>

/* PARITY(dv-1.9): upstream walks through a set of tuples in the order of its hash table. Pairs of
 * allele numbers, by the number of alternate alleles; more than eight come in VCF order here. */
static const char *const SET_ORDER[] = {
    "00",
    "011100",
    "011200110222",
    "01120011032302332213",
    "014424120434001103142302332213",
    "340205222513453301241204153544550011031423",
    "34460205221625134533563601241204153544550011031406232666",
    "343746570205221625137745335636010724120427156747354455001103140623172666",
    ("343746570205221608251328776845335648360107241204882715186747354438550058"
     "110314062317266678"),
};

void gn_genotype_options_candidate(int n_alts, struct gn_genotype_options *options)
{
    options->n = 0;
    if (n_alts < (int)(sizeof SET_ORDER / sizeof *SET_ORDER)) {
        for (const char *at = SET_ORDER[n_alts]; *at != '\0'; at += 2) {
            int *option = options->v[options->n++];
            option[0] = at[0] - '0';
            option[1] = at[1] - '0';
        }
        return;
    }
    for (int b = 0; b <= n_alts; b++)
        for (int a = 0; a <= b; a++) {
            int *option = options->v[options->n++];
            option[0] = a;
            option[1] = b;
        }
}

static void insert_sorted(struct gn_genotype_options *options, int a, int b)
{
    int at = 0;
    while (at < options->n &&
           (options->v[at][0] < a || (options->v[at][0] == a && options->v[at][1] < b)))
        at++;
    if (at < options->n && options->v[at][0] == a && options->v[at][1] == b)
        return;
    for (int i = options->n++; i > at; i--) {
        options->v[i][0] = options->v[i - 1][0];
        options->v[i][1] = options->v[i - 1][1];
    }
    options->v[at][0] = a;
    options->v[at][1] = b;
}

void gn_genotype_options_truth(const int genotype[2], struct gn_genotype_options *options)
{
    options->n = 0;
    insert_sorted(options, 0, 0);
    insert_sorted(options, genotype[0], genotype[1]);
    for (int i = 0; i < 2; i++)
        if (genotype[i] > 0)
            insert_sorted(options, 0, genotype[i]);
}
