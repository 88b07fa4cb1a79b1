/* SPDX-License-Identifier: MIT
 *
 * joint.c - the most likely compatible genotypes of a few overlapping calls, by enumeration (spec
 * 110.14).
 *
 * An assignment gives every call a genotype such that no reference base carries more than two
 * alternate alleles. All assignments are visited twice in DeepVariant's order: once for the best
 * one and the largest likelihood of each genotype, once for the marginal sums, which are sensitive
 * to the order of addition.
 */
#include "genotype/resolver.h"

#include <math.h>
#include <stdlib.h>

enum {
    MAX_CALLS = 12,               /* larger blocks stay as they are */
    MAX_SEGMENTS = 2 * MAX_CALLS, /* stretches of bases between any two starts or ends */
    PLOIDY = 2,
};

/* Where DeepVariant would enumerate for hours, the block is left as it is. */
static const double max_assignments = 2e8;

struct marginal {
    double largest, sum; /* log10 likelihood; sum of 10^(likelihood - largest) */
};

struct joint {
    int n;
    struct gn_variant *const *calls;
    int first_segment[MAX_CALLS], end_segment[MAX_CALLS];
    int depth[MAX_SEGMENTS];               /* alt alleles on each segment under `counts` */
    int counts[MAX_CALLS];                 /* alt alleles of each call */
    int genotypes[MAX_CALLS];              /* the assignment being visited, as genotype indices */
    int best[MAX_CALLS];                   /* the first of greatest likelihood */
    double best_likelihood;                /* -infinity before the first */
    struct marginal *marginals[MAX_CALLS]; /* per genotype of each call */
    double n_assignments;
    void (*visit)(struct joint *joint, double likelihood);
};

static int alt_count(const struct gn_variant *call)
{
    int count = 0;
    for (int i = 0; i < call->genotype.n; i++)
        count += call->genotype.v[i] > 0;
    return count;
}

static int compare_positions(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int position_index(const int64_t *positions, int n, int64_t position)
{
    int i = 0;
    while (i < n && positions[i] != position)
        i++;
    return i;
}

static void find_segments(struct joint *joint)
{
    int64_t positions[2 * MAX_CALLS];
    int n = 0;
    for (int i = 0; i < joint->n; i++) {
        positions[n++] = joint->calls[i]->start0;
        positions[n++] = joint->calls[i]->end0;
    }
    qsort(positions, (size_t)n, sizeof *positions, compare_positions);
    for (int i = 0; i < joint->n; i++) {
        joint->first_segment[i] = position_index(positions, n, joint->calls[i]->start0);
        joint->end_segment[i] = position_index(positions, n, joint->calls[i]->end0);
    }
}

/* Adds alt alleles to the segments of a call; false when one now carries too many. */
static bool add_depth(struct joint *joint, int call, int count)
{
    bool fits = true;
    for (int s = joint->first_segment[call]; s < joint->end_segment[call]; s++) {
        joint->depth[s] += count;
        fits = fits && joint->depth[s] <= PLOIDY;
    }
    return fits;
}

static bool current_genotypes_fit(struct joint *joint)
{
    bool fits = true;
    for (int i = 0; i < joint->n; i++)
        fits = add_depth(joint, i, alt_count(joint->calls[i])) && fits;
    for (int i = 0; i < joint->n; i++)
        add_depth(joint, i, -alt_count(joint->calls[i]));
    return fits;
}

/* Chooses genotypes with the alt counts of joint->counts for the calls from i on. */
static void visit_genotypes(struct joint *joint, int i, double likelihood)
{
    if (i == joint->n) {
        joint->visit(joint, likelihood);
        return;
    }
    const double *gl = joint->calls[i]->gl.v;
    int n_alts = joint->calls[i]->alts.n, count = joint->counts[i];
    int first_low = count == 2 ? 1 : 0, last_low = count == 2 ? n_alts : 0;
    for (int low = first_low; low <= last_low; low++) {
        int first_high = count == 1 ? 1 : low, last_high = count == 0 ? 0 : n_alts;
        for (int high = first_high; high <= last_high; high++) {
            joint->genotypes[i] = gn_genotype_index(low, high);
            visit_genotypes(joint, i + 1, likelihood + gl[joint->genotypes[i]]);
        }
    }
}

static double genotypes_of_count(int n_alts, int count)
{
    return count == 0 ? 1 : count == 1 ? n_alts : gn_genotype_count(n_alts);
}

/* Chooses compatible alt counts for the calls from i on, the last varying fastest. */
static void visit_counts(struct joint *joint, int i, double n_assignments)
{
    if (i == joint->n) {
        joint->n_assignments += n_assignments;
        if (joint->visit != NULL)
            visit_genotypes(joint, 0, 0);
        return;
    }
    for (int count = 0; count <= PLOIDY; count++) {
        joint->counts[i] = count;
        if (add_depth(joint, i, count))
            visit_counts(joint, i + 1,
                         n_assignments * genotypes_of_count(joint->calls[i]->alts.n, count));
        add_depth(joint, i, -count);
    }
}

static void find_largest(struct joint *joint, double likelihood)
{
    if (likelihood > joint->best_likelihood) {
        joint->best_likelihood = likelihood;
        for (int i = 0; i < joint->n; i++)
            joint->best[i] = joint->genotypes[i];
    }
    for (int i = 0; i < joint->n; i++) {
        struct marginal *marginal = &joint->marginals[i][joint->genotypes[i]];
        if (likelihood > marginal->largest)
            marginal->largest = likelihood;
    }
}

static void add_to_sums(struct joint *joint, double likelihood)
{
    for (int i = 0; i < joint->n; i++) {
        struct marginal *marginal = &joint->marginals[i][joint->genotypes[i]];
        marginal->sum += pow(10.0, likelihood - marginal->largest);
    }
}

/* Turns the marginals of a call into normalised log10 likelihoods (in `largest`); returns the first
 * best genotype. */
static int normalise(struct marginal *marginals, int n)
{
    double largest = -INFINITY, sum = 0;
    for (int g = 0; g < n; g++) {
        marginals[g].largest += log10(marginals[g].sum);
        if (marginals[g].largest > largest)
            largest = marginals[g].largest;
    }
    for (int g = 0; g < n; g++)
        sum += pow(10.0, marginals[g].largest - largest);
    double total = largest + log10(sum);
    int best = 0;
    for (int g = 0; g < n; g++) {
        double likelihood = marginals[g].largest - total;
        marginals[g].largest = likelihood < 0.0 ? likelihood : 0.0;
        if (marginals[g].largest > marginals[best].largest)
            best = g;
    }
    return best;
}

static int allocate_marginals(struct joint *joint, gn_error_t *err)
{
    for (int i = 0; i < joint->n; i++) {
        const struct gn_variant *call = joint->calls[i];
        int n = gn_genotype_count(call->alts.n + 1);
        if (call->gl.n != n || call->genotype.n != PLOIDY)
            return gn_fail(err, GN_E_INTERNAL, "%s:%lld has %d likelihoods, its alleles need %d",
                           call->contig, (long long)call->start0 + 1, call->gl.n, n);
        joint->marginals[i] = malloc((size_t)n * sizeof *joint->marginals[i]);
        if (joint->marginals[i] == NULL)
            return gn_fail_memory(err, "marginal likelihoods");
        for (int g = 0; g < n; g++)
            joint->marginals[i][g] = (struct marginal){-INFINITY, 0};
    }
    return GN_OK;
}

/* PARITY(dv-1.9): genotype and likelihoods change, GQ, QUAL, FILTER and phase stay. */
static void assign_best(struct joint *joint)
{
    for (int i = 0; i < joint->n; i++) {
        struct gn_variant *call = joint->calls[i];
        int high = 0;
        while (gn_genotype_index(0, high + 1) <= joint->best[i])
            high++;
        call->genotype.v[0] = joint->best[i] - gn_genotype_index(0, high);
        call->genotype.v[1] = high;
        for (int g = 0; g < call->gl.n; g++)
            call->gl.v[g] = joint->marginals[i][g].largest;
    }
}

static void solve(struct joint *joint)
{
    visit_counts(joint, 0, 1);
    if (joint->n_assignments > max_assignments)
        return;
    joint->visit = find_largest;
    visit_counts(joint, 0, 1);
    joint->visit = add_to_sums;
    visit_counts(joint, 0, 1);
    bool agree = true;
    for (int i = 0; i < joint->n; i++)
        agree = normalise(joint->marginals[i], joint->calls[i]->gl.n) == joint->best[i] && agree;
    if (agree)
        assign_best(joint);
}

int gn_resolve_block(struct gn_variant *const *variants, int n, gn_error_t *err)
{
    if (n < 2 || n > MAX_CALLS)
        return GN_OK;
    struct joint joint = {.n = n, .calls = variants, .best_likelihood = -INFINITY};
    find_segments(&joint);
    if (current_genotypes_fit(&joint))
        return GN_OK;
    int status = allocate_marginals(&joint, err);
    if (status == GN_OK)
        solve(&joint);
    for (int i = 0; i < n; i++)
        free(joint.marginals[i]);
    return status;
}
