/* SPDX-License-Identifier: MIT
 *
 * methylation.c - a pass over the stored alleles, after counting. The walk over the reads stays as it is.
 */
#include "alleles/methylation.h"

#include <string.h>

enum { MOST_LEVEL = 255 };

struct gn_methylation_options gn_methylation_options_default(void)
{
    return (struct gn_methylation_options){.methylation_calling_threshold = 0.5,
                                           .exclude_contigs_for_methylation_phasing = "chrX chrY"};
}

bool gn_methylation_excludes(const struct gn_methylation_options *options, const char *contig)
{
    const char *letters = options->exclude_contigs_for_methylation_phasing;
    return letters != NULL && strlen(contig) == 1 && strchr(letters, contig[0]) != NULL;
}

int gn_list_positions(const struct gn_allele_counter *counter, int64_t **positions, size_t *n,
                      gn_arena_t *arena, gn_error_t *err)
{
    *n = (size_t)(counter->end0 - counter->start0);
    *positions = gn_arena_alloc(arena, (*n + 1) * sizeof **positions);
    if (*positions == NULL)
        return gn_fail_memory(err, "alleles of one partition");
    for (size_t i = 0; i < *n; i++)
        (*positions)[i] = counter->start0 + (int64_t)i;
    return GN_OK;
}

/* The level of an allele that is one base of a match; those point into the read's bases. */
static uint8_t level_of(const struct gn_allele *allele, const struct gn_read *read)
{
    bool is_base = allele->type == GN_ALLELE_REFERENCE || allele->type == GN_ALLELE_SUBSTITUTION;
    return is_base && read->likelihood_5mc != NULL
               ? read->likelihood_5mc[allele->bases - read->bases]
               : 0;
}

void gn_mark_methylation(struct gn_allele_counter *counter, const struct gn_read *reads,
                         const struct gn_methylation_options *options)
{
    /* PARITY(dv-1.9): the threshold and the fraction go through single precision. */
    double threshold = (double)(float)options->methylation_calling_threshold;
    counter->has_methylation = false;
    for (size_t i = 0; i < counter->n_alleles; i++) {
        struct gn_allele *allele = &counter->alleles[i];
        allele->methylation_level = level_of(allele, &reads[allele->read]);
        float fraction = (float)((double)allele->methylation_level / MOST_LEVEL);
        allele->is_methylated = options->enable_methylation_calling && (double)fraction > threshold;
        counter->has_methylation = counter->has_methylation || allele->is_methylated;
    }
}

static bool is_base(const struct gn_allele *allele, char base)
{
    return allele->length == 1 && allele->bases[0] == base;
}

static bool has_cytosine(const struct gn_allele_counter *counter,
                         const struct gn_counted_position *position)
{
    bool found = position->ref_base == 'C';
    for (uint32_t i = 0; i < position->n && !found; i++)
        found = is_base(&counter->alleles[position->first + i], 'C');
    return found;
}

/* Takes the level from the alleles G of a position, and gives it to the allele of the same read before, if that is C.
 * place_of_key is scratch space: what it says of other keys is old. */
static void move_levels(struct gn_allele_counter *counter, struct gn_counted_position *before,
                        struct gn_counted_position *position, uint32_t *place_of_key)
{
    struct gn_allele *receivers = counter->alleles + before->first;
    struct gn_allele *givers = counter->alleles + position->first;
    for (uint32_t i = 0; i < before->n; i++)
        place_of_key[receivers[i].key] = i;
    for (uint32_t i = 0; i < position->n; i++) {
        struct gn_allele *giver = &givers[i];
        if (giver->methylation_level == 0 || !is_base(giver, 'G'))
            continue;
        uint32_t place = place_of_key[giver->key];
        if (place < before->n && receivers[place].key == giver->key &&
            is_base(&receivers[place], 'C')) {
            receivers[place].methylation_level = giver->methylation_level;
            receivers[place].is_methylated = giver->is_methylated;
        }
        giver->methylation_level = 0;
        giver->is_methylated = false;
    }
}

int gn_move_methylation_to_cytosines(struct gn_allele_counter *counter, gn_arena_t *arena,
                                     gn_error_t *err)
{
    uint32_t most = 0;
    for (size_t i = 0; i < counter->n_alleles; i++)
        most = counter->alleles[i].key > most ? counter->alleles[i].key : most;
    uint32_t *place_of_key = gn_arena_zalloc(arena, (size_t)most + 1, sizeof *place_of_key);
    if (place_of_key == NULL)
        return gn_fail_memory(err, "methylation of one partition");
    for (int64_t i = 1; i < counter->end0 - counter->start0; i++) {
        struct gn_counted_position *position = &counter->positions[i];
        if (position->ref_base == 'G' && has_cytosine(counter, position - 1))
            move_levels(counter, position - 1, position, place_of_key);
    }
    return GN_OK;
}
