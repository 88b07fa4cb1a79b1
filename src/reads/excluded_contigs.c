/* SPDX-License-Identifier: MIT
 *
 * excluded_contigs.c - contigs of the human references that are never called.
 *
 * DeepVariant 1.9 lists 3402 names; they follow the few patterns below (mitochondria are not among them).
 */
#include <ctype.h>
#include <string.h>

#include "reads/read_source.h"

/* GL000191.1 ... GL000249.1, the unplaced contigs of GRCh37. */
static bool is_grch37_unplaced(const char *name)
{
    if (strncmp(name, "GL000", 5) != 0 || strlen(name) != 10 || memcmp(name + 8, ".1", 2) != 0)
        return false;
    int number = 0;
    for (int i = 5; i < 8; i++) {
        if (!isdigit((unsigned char)name[i]))
            return false;
        number = number * 10 + (name[i] - '0');
    }
    return number >= 191 && number <= 249;
}

/* chrUn_KI270302v1, chr1_KI270706v1_random, chr3_GL383526v1_alt, chrUn_KN707606v1_decoy: GRCh38's accessions, upper case with a
 * version. The lower-case names of UCSC's hg19 (chr1_gl000191_random) are not in the list. */
static bool is_grch38_extra(const char *name)
{
    const char *p = strncmp(name, "chr", 3) == 0 ? strchr(name, '_') : NULL;
    if (p == NULL)
        return false;
    size_t letters = strspn(++p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    size_t digits = strspn(p + letters, "0123456789");
    if (letters == 0 || digits == 0 || p[letters + digits] != 'v')
        return false;
    p += letters + digits + 1;
    p += strspn(p, "0123456789");
    bool is_unplaced = strncmp(name, "chrUn_", 6) == 0;
    return is_unplaced ? *p == '\0' || strcmp(p, "_decoy") == 0
                       : strcmp(p, "_alt") == 0 || strcmp(p, "_random") == 0;
}

bool gn_contig_is_excluded(const char *name)
{
    return strcmp(name, "hs37d5") == 0 || strcmp(name, "chrEBV") == 0 ||
           strcmp(name, "NC_007605") == 0 || strncmp(name, "HLA-", 4) == 0 ||
           is_grch37_unplaced(name) || is_grch38_extra(name);
}
