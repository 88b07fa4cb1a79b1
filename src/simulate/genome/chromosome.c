/* SPDX-License-Identifier: MIT
 *
 * chromosome.c - splices the alleles of the sites into the reference and keeps the map of what
 * lies where.
 */
#include "simulate/genome/chromosome.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_BLOCKS = 1 << 26 };
static const size_t MOST_BASES = (size_t)1 << 32;

static int append_bases(struct gn_haplotype *hap, const char *bases, int64_t n, gn_error_t *err)
{
    size_t need = (size_t)(hap->length + n);
    char *grown =
        gn_reserve(hap->bases, &hap->cap, need + 1, 1, MOST_BASES, "haplotype bases", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    hap->bases = grown;
    memcpy(grown + hap->length, bases, (size_t)n);
    hap->length += n;
    return GN_OK;
}

/* Appends bases that lie on the reference from ref0 on. */
static int append_block(struct gn_haplotype *hap, const char *bases, int64_t ref0, int64_t n,
                        gn_error_t *err)
{
    if (n <= 0)
        return GN_OK;
    int64_t own0 = hap->length;
    int code = append_bases(hap, bases, n, err);
    if (code < 0)
        return code;
    if (hap->n_blocks > 0) {
        struct gn_block *last = &hap->blocks[hap->n_blocks - 1];
        if (last->own0 + last->length == own0 && last->ref0 + last->length == ref0) {
            last->length += n;
            return GN_OK;
        }
    }
    struct gn_block *blocks = gn_reserve(hap->blocks, &hap->cap_blocks, hap->n_blocks + 1,
                                         sizeof *blocks, MOST_BLOCKS, "haplotype blocks", err);
    if (blocks == NULL)
        return GN_E_MEMORY;
    hap->blocks = blocks;
    blocks[hap->n_blocks++] = (struct gn_block){own0, ref0, n};
    return GN_OK;
}

/* Appends one allele: the shared ends of both spellings and as much of the middle as both have lie
 * base for base. */
static int append_allele(struct gn_haplotype *hap, const char *ref, const struct gn_site *site,
                         const char *alt, gn_error_t *err)
{
    int64_t ref_length = site->ref_length, alt_length = (int64_t)strlen(alt), suffix = 0;
    int64_t shorter = ref_length < alt_length ? ref_length : alt_length;
    while (suffix < shorter - 1 && ref[ref_length - 1 - suffix] == alt[alt_length - 1 - suffix])
        suffix++;
    int64_t head = shorter - suffix;
    int code = append_block(hap, alt, site->start0, head, err);
    if (code == GN_OK)
        code = append_bases(hap, alt + head, alt_length - suffix - head, err);
    if (code == GN_OK)
        code = append_block(hap, alt + alt_length - suffix, site->start0 + ref_length - suffix,
                            suffix, err);
    return code;
}

int gn_haplotype_build(struct gn_haplotype *hap, const char *bases, int64_t start0, int64_t end0,
                       const struct gn_sites *sites, int which, gn_error_t *err)
{
    int64_t pos0 = start0;
    int code = GN_OK;
    for (size_t i = 0; i < sites->n && code == GN_OK; i++) {
        const struct gn_site *site = &sites->v[i];
        int allele = site->genotype[which];
        if (allele == 0 || site->start0 < pos0 || site->start0 + site->ref_length > end0)
            continue;
        code = append_block(hap, bases + pos0, pos0, site->start0 - pos0, err);
        if (code == GN_OK)
            code = append_allele(hap, bases + site->start0, site, site->alts[allele - 1], err);
        pos0 = site->start0 + site->ref_length;
    }
    if (code == GN_OK)
        code = append_block(hap, bases + pos0, pos0, end0 - pos0, err);
    if (code == GN_OK)
        code = append_bases(hap, "", 0, err);
    if (code < 0)
        return code;
    hap->bases[hap->length] = '\0';
    return gn_repeats_find(&hap->repeats, hap->bases, hap->length, err);
}

void gn_haplotype_clear(struct gn_haplotype *hap)
{
    free(hap->bases);
    free(hap->blocks);
    gn_repeats_clear(&hap->repeats);
    *hap = (struct gn_haplotype){0};
}

/* Index of the last block whose key (own0, or ref0 when by_ref) is <= value; 0 when there is none.
 * */
static size_t find_block(const struct gn_haplotype *hap, int64_t value, bool by_ref)
{
    size_t low = 0, high = hap->n_blocks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        int64_t key = by_ref ? hap->blocks[middle].ref0 : hap->blocks[middle].own0;
        if (key <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t gn_haplotype_own_position(const struct gn_haplotype *hap, int64_t ref0)
{
    if (hap->n_blocks == 0)
        return hap->length;
    size_t i = find_block(hap, ref0, true);
    const struct gn_block *block = &hap->blocks[i];
    if (ref0 <= block->ref0)
        return block->own0;
    if (ref0 < block->ref0 + block->length)
        return block->own0 + (ref0 - block->ref0);
    return i + 1 < hap->n_blocks ? hap->blocks[i + 1].own0 : hap->length;
}

int64_t gn_haplotype_ref_position(const struct gn_haplotype *hap, int64_t own0)
{
    if (hap->n_blocks == 0)
        return 0;
    size_t i = find_block(hap, own0, false);
    const struct gn_block *block = &hap->blocks[i];
    if (own0 <= block->own0)
        return block->ref0;
    if (own0 < block->own0 + block->length)
        return block->ref0 + (own0 - block->own0);
    return i + 1 < hap->n_blocks ? hap->blocks[i + 1].ref0 : block->ref0 + block->length;
}

void gn_haplotype_place(const struct gn_haplotype *hap, int64_t own0, int n, int64_t *ref_positions)
{
    size_t b = hap->n_blocks == 0 ? 0 : find_block(hap, own0, false);
    for (int i = 0; i < n; i++) {
        int64_t own = own0 + i;
        while (b + 1 < hap->n_blocks && hap->blocks[b + 1].own0 <= own)
            b++;
        const struct gn_block *block = &hap->blocks[b];
        bool is_inside =
            hap->n_blocks > 0 && own >= block->own0 && own < block->own0 + block->length;
        ref_positions[i] = is_inside ? block->ref0 + (own - block->own0) : -1;
    }
}
