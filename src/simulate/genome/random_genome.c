/* SPDX-License-Identifier: MIT
 *
 * random_genome.c - background of a first-order chain (human-like: 41 % GC, few CpG) with
 * isochores, into which features are put at about their human frequency: homopolymers and tandem
 * repeats, low complexity, a family of interspersed repeats at 5-20 % divergence, copies of
 * earlier sequence at 1-3 %.
 */
#include "simulate/genome/random_genome.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FAMILY_LENGTH = 310, LONGEST_FEATURE = 5000 };

struct contig {
    char *bases;
    int64_t n, length; /* bases made, bases wanted */
    char family[FAMILY_LENGTH];
    double gc_shift; /* of the present isochore */
};

static void put(struct contig *contig, char base)
{
    if (contig->n < contig->length)
        contig->bases[contig->n++] = base;
}

static char next_background(struct gn_mt64 *rng, char previous, double gc_shift)
{
    /* cumulative A, C, G after each base; C is followed by G a fifth as often as chance */
    static const double after[4][3] = {
        {0.33, 0.50, 0.74}, {0.35, 0.61, 0.66}, {0.29, 0.50, 0.76}, {0.22, 0.42, 0.67}};
    int code = previous == 'A' ? 0 : previous == 'C' ? 1 : previous == 'G' ? 2 : 3;
    double u = gn_mt64_uniform(rng);
    int drawn = u < after[code][0] ? 0 : u < after[code][1] ? 1 : u < after[code][2] ? 2 : 3;
    bool is_weak = drawn == 0 || drawn == 3;
    if (is_weak && gc_shift > 0 && gn_draw_chance(rng, gc_shift))
        drawn = drawn == 0 && code != 1 ? 2 : 1;
    return "ACGT"[drawn];
}

static void put_background(struct contig *contig, struct gn_mt64 *rng, int64_t n)
{
    char previous = contig->n > 0 ? contig->bases[contig->n - 1] : 'A';
    for (int64_t i = 0; i < n; i++) {
        previous = next_background(rng, previous, contig->gc_shift);
        put(contig, previous);
    }
}

static void put_homopolymer(struct contig *contig, struct gn_mt64 *rng)
{
    char base =
        gn_draw_chance(rng, 0.88) ? "AT"[gn_mt64_below(rng, 2)] : "CG"[gn_mt64_below(rng, 2)];
    int length = 4 + gn_draw_geometric(rng, base == 'A' || base == 'T' ? 0.82 : 0.6, 36);
    for (int i = 0; i < length; i++)
        put(contig, base);
}

static void put_tandem_repeat(struct contig *contig, struct gn_mt64 *rng)
{
    int unit_length = gn_draw_chance(rng, 0.6) ? 2 : (int)gn_draw_between(rng, 3, 6);
    int copies = 3 + gn_draw_geometric(rng, unit_length == 2 ? 0.88 : 0.75, 27);
    char unit[6] = "";
    for (int i = 0; i < unit_length; i++)
        unit[i] = gn_draw_base(rng);
    if (unit[0] == unit[1])
        unit[1] = gn_draw_other_base(rng, unit[0], 0.4);
    double interruption = gn_draw_chance(rng, 0.3) ? 0.05 : 0;
    for (int i = 0; i < copies * unit_length; i++) {
        char base = unit[i % unit_length];
        put(contig, gn_draw_chance(rng, interruption) ? gn_draw_base(rng) : base);
    }
}

static void put_low_complexity(struct contig *contig, struct gn_mt64 *rng)
{
    int64_t length = gn_draw_between(rng, 60, 400);
    char frequent[2] = {"AT"[gn_mt64_below(rng, 2)]};
    frequent[1] = gn_draw_other_base(rng, frequent[0], 0.4);
    for (int64_t i = 0; i < length; i++) {
        double u = gn_mt64_uniform(rng);
        put(contig, u < 0.65 ? frequent[0] : u < 0.92 ? frequent[1] : gn_draw_base(rng));
    }
}

/* Puts a diverged copy of `source`; source may lie in the contig itself, before the present end. */
static void put_copy(struct contig *contig, struct gn_mt64 *rng, const char *source, int64_t length,
                     double divergence)
{
    for (int64_t i = 0; i < length; i++) {
        double u = gn_mt64_uniform(rng);
        if (u < divergence * 0.05)
            continue;
        if (u < divergence * 0.1)
            put(contig, gn_draw_base(rng));
        char base = source[i];
        put(contig,
            u >= divergence * 0.1 && u < divergence ? gn_draw_other_base(rng, base, 0.6) : base);
    }
}

static void put_feature(struct contig *contig, struct gn_mt64 *rng)
{
    double u = gn_mt64_uniform(rng);
    if (u < 0.60) {
        put_homopolymer(contig, rng);
    } else if (u < 0.80) {
        put_tandem_repeat(contig, rng);
    } else if (u < 0.82) {
        put_low_complexity(contig, rng);
    } else if (u < 0.98) {
        int64_t from = gn_draw_chance(rng, 0.6) ? 0 : gn_draw_between(rng, 0, FAMILY_LENGTH - 60);
        put_copy(contig, rng, contig->family + from, FAMILY_LENGTH - from,
                 0.05 + 0.15 * gn_mt64_uniform(rng));
        for (int64_t tail = gn_draw_between(rng, 6, 26); tail > 0; tail--)
            put(contig, gn_draw_chance(rng, 0.03) ? 'G' : 'A');
    } else if (contig->n > 2 * LONGEST_FEATURE) {
        int64_t length = gn_draw_between(rng, 500, LONGEST_FEATURE);
        int64_t from = gn_draw_between(rng, 0, contig->n - length);
        put_copy(contig, rng, contig->bases + from, length, 0.01 + 0.02 * gn_mt64_uniform(rng));
    }
}

char *gn_random_contig(struct gn_mt64 *rng, int64_t length, gn_error_t *err)
{
    struct contig contig = {.length = length};
    contig.bases = malloc((size_t)length + 1);
    if (contig.bases == NULL) {
        gn_fail_memory(err, "a random contig");
        return NULL;
    }
    for (int i = 0; i < FAMILY_LENGTH; i++)
        contig.family[i] = gn_draw_base(rng);
    int64_t isochore_end = 0;
    while (contig.n < length) {
        if (contig.n >= isochore_end) {
            isochore_end = contig.n + gn_draw_between(rng, 4000, 40000);
            contig.gc_shift = 0.3 * gn_mt64_uniform(rng) * gn_mt64_uniform(rng);
        }
        put_background(&contig, rng, gn_draw_between(rng, 40, 460));
        put_feature(&contig, rng);
    }
    contig.bases[length] = '\0';
    return contig.bases;
}
