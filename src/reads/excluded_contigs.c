/* SPDX-License-Identifier: MIT
 *
 * excluded_contigs.c - contigs of the human references that are never called.
 *
 * DeepVariant 1.9 lists 3402 names; they follow the few patterns below (mitochondria are not among them).
 */
#include <ctype.h>
#include <string.h>

#include "reads/read_source.h"

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

/* GL000191.1 ... GL000249.1, the unplaced contigs of GRCh37. */
static bool is_grch37_unplaced(const char *name)
{
    if (strncmp(name, "GL000", 5) != 0 || strlen(name) != 10 || strcmp(name + 8, ".1") != 0)
        return false;
    int number = 0;
    for (int i = 5; i < 8; i++) {
        if (!isdigit((unsigned char)name[i]))
            return false;
        number = number * 10 + (name[i] - '0');
    }
    return number >= 191 && number <= 249;
}

bool gn_contig_is_excluded(const char *name)
{
    return strcmp(name, "hs37d5") == 0 || strcmp(name, "chrEBV") == 0 ||
           strcmp(name, "NC_007605") == 0 || strncmp(name, "chrUn_", 6) == 0 ||
           strncmp(name, "HLA-", 4) == 0 || is_grch37_unplaced(name) ||
           (strncmp(name, "chr", 3) == 0 &&
            (ends_with(name, "_alt") || ends_with(name, "_random")));
}
