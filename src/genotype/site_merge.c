/* SPDX-License-Identifier: MIT
 *
 * site_merge.c - the multi-allelic merge of DeepVariant 1.9.
 *
 * For n alts the network saw n (n + 1) / 2 images: each alt alone and each pair as if it were one
 * alt. A genotype's probability is the smallest that any image gives it, normalised.
 */
#include "genotype/site_merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "genotype/multiallelic.h"
#include "genotype/scores.h"

enum { MAX_ALTS = 1024 }; /* far above what reads can support; bounds the square tables */

void gn_merged_site_clear(struct gn_merged_site *site)
{
    gn_variant_free(site->variant);
    free(site->probabilities);
    *site = (struct gn_merged_site){NULL, NULL, 0};
}

static int compare_alt_indices(const void *a, const void *b)
{
    struct gn_ints left = (*(struct gn_call_output *const *)a)->alt_indices;
    struct gn_ints right = (*(struct gn_call_output *const *)b)->alt_indices;
    for (int i = 0; i < left.n && i < right.n; i++)
        if (left.v[i] != right.v[i])
            return left.v[i] < right.v[i] ? -1 : 1;
    return (left.n > right.n) - (left.n < right.n);
}

static bool has_indices(const struct gn_call_output *output, int first, int second)
{
    const struct gn_ints *indices = &output->alt_indices;
    if (first == second)
        return indices->n == 1 && indices->v[0] == first;
    return indices->n == 2 && indices->v[0] == first && indices->v[1] == second;
}

/* The sorted outputs must be {0}, {0,1}, {0,2}, ..., {1}, {1,2}, ... of one and the same variant.
 */
static bool is_complete_site(struct gn_call_output *const *outputs, int n)
{
    int n_alts = outputs[0]->variant->alts.n, k = 0;
    if (n_alts > MAX_ALTS || gn_genotype_count(n_alts) != n)
        return false;
    for (int i = 0; i < n_alts; i++)
        for (int j = i; j < n_alts; j++, k++)
            if (!has_indices(outputs[k], i, j) ||
                (k > 0 && !gn_variant_equal(outputs[k]->variant, outputs[0]->variant)))
                return false;
    return true;
}

static int check_outputs(struct gn_call_output *const *outputs, int n, gn_error_t *err)
{
    const struct gn_variant *variant = outputs[0]->variant;
    int status = GN_OK;
    if (!is_complete_site(outputs, n))
        status =
            gn_fail(err, GN_E_DATA,
                    "its %d network outputs are not those of all alts and pairs of alts of one "
                    "variant; give the outputs of every shard of one run",
                    n);
    for (int k = 0; status == GN_OK && k < n; k++)
        status = gn_check_probabilities(outputs[k]->probabilities, 3, err);
    if (status < 0)
        gn_error_prefix(err, "site %s:%lld", variant->contig, (long long)variant->start0 + 1);
    return status;
}

/* Marks the alts whose own image gives them too low a quality; the best one always stays. */
static void mark_unlikely_alts(struct gn_call_output *const *outputs, int n, double min_quality,
                               bool *pruned)
{
    int n_alts = outputs[0]->variant->alts.n, n_pruned = 0, best = -1;
    double best_quality = 0;
    for (int k = 0; k < n; k++) {
        if (outputs[k]->alt_indices.n != 1)
            continue;
        int alt = outputs[k]->alt_indices.v[0];
        double quality = gn_site_quality(outputs[k]->probabilities, 3);
        if (best < 0 || quality > best_quality) {
            best_quality = quality;
            best = alt;
        }
        pruned[alt] = min_quality != 0 && quality < min_quality;
        n_pruned += pruned[alt];
    }
    if (n_pruned == n_alts)
        pruned[best] = false;
}

static void lower(double *value, double probability)
{
    if (probability < *value)
        *value = probability;
}

/* smallest[genotype] over the images of unmarked alts; genotypes of all original alleles, infinity
 * where none speaks. */
static void collect_minima(struct gn_call_output *const *outputs, int n, const bool *pruned,
                           double *smallest)
{
    for (int g = 0; g < gn_genotype_count(outputs[0]->variant->alts.n + 1); g++)
        smallest[g] = INFINITY;
    for (int k = 0; k < n; k++) {
        int first = outputs[k]->alt_indices.v[0];
        int second = outputs[k]->alt_indices.v[outputs[k]->alt_indices.n - 1];
        const double *p = outputs[k]->probabilities;
        if (pruned[first] || pruned[second])
            continue;
        lower(&smallest[gn_genotype_index(0, 0)], p[0]);
        lower(&smallest[gn_genotype_index(0, first + 1)], p[1]);
        lower(&smallest[gn_genotype_index(0, second + 1)], p[1]);
        lower(&smallest[gn_genotype_index(first + 1, first + 1)], p[2]);
        lower(&smallest[gn_genotype_index(first + 1, second + 1)], p[2]);
        lower(&smallest[gn_genotype_index(second + 1, second + 1)], p[2]);
    }
}

static void normalise(double *values, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += values[i];
    for (int i = 0; i < n; i++)
        values[i] = sum == 0 ? 1.0 / n : values[i] / sum;
}

/* Probabilities of the genotypes over the alleles that stay (all of them in GN_PRUNED_IN_ALT mode,
   where those of marked alts are zero). */
static int merge_probabilities(struct gn_call_output *const *outputs, int n, const bool *pruned,
                               bool keep_all, struct gn_merged_site *site, gn_error_t *err)
{
    int n_alleles = outputs[0]->variant->alts.n + 1;
    double *smallest = malloc((size_t)gn_genotype_count(n_alleles) * sizeof *smallest);
    if (smallest == NULL)
        return gn_fail_memory(err, "genotype probabilities");
    collect_minima(outputs, n, pruned, smallest);
    int kept = 0;
    for (int b = 0; b < n_alleles; b++)
        for (int a = 0; a <= b; a++) {
            if (!keep_all && ((a > 0 && pruned[a - 1]) || (b > 0 && pruned[b - 1])))
                continue;
            double value = smallest[gn_genotype_index(a, b)];
            smallest[kept++] = isinf(value) ? 0 : value; /* never ahead of the read position */
        }
    normalise(smallest, kept);
    site->probabilities = smallest;
    site->n = kept;
    return GN_OK;
}

/* The output about one alt (first == second) or a pair. */
static const struct gn_call_output *find_output(struct gn_call_output *const *outputs, int n,
                                                int first, int second)
{
    int k = 0;
    while (k + 1 < n && !has_indices(outputs[k], first, second))
        k++;
    return outputs[k];
}

static int predict_probabilities(struct gn_call_output *const *outputs, int n, const bool *pruned,
                                 const gn_mlp_t *model, struct gn_merged_site *site,
                                 gn_error_t *err)
{
    int first = 0;
    while (pruned[first])
        first++;
    int second = first + 1;
    while (pruned[second])
        second++;
    const struct gn_call_output *const three[] = {find_output(outputs, n, first, first),
                                                  find_output(outputs, n, second, second),
                                                  find_output(outputs, n, first, second)};
    site->n = GN_MULTIALLELIC_GENOTYPES;
    site->probabilities = malloc((size_t)site->n * sizeof *site->probabilities);
    if (site->probabilities == NULL)
        return gn_fail_memory(err, "genotype probabilities");
    return gn_multiallelic_predict(model, three, site->probabilities, err);
}

/* Drops the entries of marked alts from a per-allele list whose first alt is at index `first_alt`.
 */
static int kept_entry(int i, int first_alt, const bool *pruned, int n_alts)
{
    int alt = i - first_alt;
    return alt < 0 || alt >= n_alts || !pruned[alt];
}

static void prune_ints(struct gn_ints *list, const bool *pruned, int n_alts)
{
    int kept = 0;
    for (int i = 0; i < list->n; i++)
        if (kept_entry(i, 1, pruned, n_alts))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

static void prune_doubles(struct gn_doubles *list, int first_alt, const bool *pruned, int n_alts)
{
    int kept = 0;
    for (int i = 0; i < list->n; i++)
        if (kept_entry(i, first_alt, pruned, n_alts))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

/* PARITY(dv-1.9): ALT_PS keeps the entries of removed alts, so its indices may no longer match the
 * alleles. */
static void remove_alts(struct gn_variant *variant, const bool *pruned)
{
    int n_alts = variant->alts.n, kept = 0;
    prune_ints(&variant->ad, pruned, n_alts);
    prune_ints(&variant->md, pruned, n_alts);
    prune_doubles(&variant->mf, 1, pruned, n_alts);
    prune_doubles(&variant->vaf, 0, pruned, n_alts);
    for (int i = 0; i < n_alts; i++) {
        if (pruned[i])
            free(variant->alts.v[i]);
        else
            variant->alts.v[kept++] = variant->alts.v[i];
    }
    variant->alts.n = kept;
}

static int list_candidates(struct gn_variant *variant, gn_error_t *err)
{
    size_t length = 1;
    for (int i = 0; i < variant->alts.n; i++)
        length += strlen(variant->alts.v[i]) + 1;
    char *text = malloc(length), *end = text;
    if (text == NULL)
        return gn_fail_memory(err, "a variant record");
    for (int i = 0; i < variant->alts.n; i++) {
        if (i > 0)
            *end++ = '|';
        end = stpcpy(end, variant->alts.v[i]);
    }
    free(variant->candidates);
    variant->candidates = text;
    return GN_OK;
}

static int count_kept(const bool *pruned, int n_alts)
{
    int kept = 0;
    for (int i = 0; i < n_alts; i++)
        kept += !pruned[i];
    return kept;
}

static int merge_multiallelic(struct gn_call_output *const *outputs, int n,
                              const struct gn_genotype_options *options,
                              struct gn_merged_site *site, gn_error_t *err)
{
    bool keep_all = options->pruned_alts == GN_PRUNED_IN_ALT;
    bool *pruned = calloc((size_t)site->variant->alts.n, sizeof *pruned);
    if (pruned == NULL)
        return gn_fail_memory(err, "genotype probabilities");
    mark_unlikely_alts(outputs, n, options->min_allele_quality, pruned);
    bool is_for_model =
        options->multiallelic_model != NULL && count_kept(pruned, site->variant->alts.n) == 2;
    int status = is_for_model ? predict_probabilities(outputs, n, pruned,
                                                      options->multiallelic_model, site, err)
                              : merge_probabilities(outputs, n, pruned, keep_all, site, err);
    if (status == GN_OK && options->pruned_alts == GN_PRUNED_IN_INFO)
        status = list_candidates(site->variant, err);
    if (status == GN_OK && !keep_all)
        remove_alts(site->variant, pruned);
    free(pruned);
    return status;
}

static int copy_single_output(const struct gn_call_output *output, struct gn_merged_site *site,
                              gn_error_t *err)
{
    site->probabilities = malloc(sizeof output->probabilities);
    if (site->probabilities == NULL)
        return gn_fail_memory(err, "genotype probabilities");
    memcpy(site->probabilities, output->probabilities, sizeof output->probabilities);
    site->n = 3;
    return GN_OK;
}

static bool is_haploid(const struct gn_variant *variant, const struct gn_genotype_options *options,
                       const struct gn_contigs *contigs)
{
    const struct gn_texts *names = options->haploid_contigs;
    for (int i = 0; names != NULL && i < names->n; i++)
        if (strcmp(names->v[i], variant->contig) == 0)
            return options->diploid_ranges == NULL ||
                   !gn_ranges_contain(options->diploid_ranges,
                                      gn_contigs_find(contigs, variant->contig), variant->start0);
    return false;
}

/* No heterozygous genotype; the rest is normalised again (all zero stays all zero). */
static void make_haploid(struct gn_merged_site *site)
{
    double sum = 0;
    for (int b = 0; b <= site->variant->alts.n; b++)
        for (int a = 0; a < b; a++)
            site->probabilities[gn_genotype_index(a, b)] = 0;
    for (int i = 0; i < site->n; i++)
        sum += site->probabilities[i];
    for (int i = 0; i < site->n; i++)
        site->probabilities[i] /= sum == 0 ? 1.0 : sum;
}

int gn_merge_site(struct gn_call_output **outputs, int n, const struct gn_genotype_options *options,
                  const struct gn_contigs *contigs, struct gn_merged_site *site, gn_error_t *err)
{
    *site = (struct gn_merged_site){NULL, NULL, 0};
    qsort(outputs, (size_t)n, sizeof *outputs, compare_alt_indices);
    int status = check_outputs(outputs, n, err);
    if (status < 0)
        return status;
    site->variant = gn_variant_copy(outputs[0]->variant);
    if (site->variant == NULL)
        return gn_fail_memory(err, "a variant record");
    status = n == 1 ? copy_single_output(outputs[0], site, err)
                    : merge_multiallelic(outputs, n, options, site, err);
    if (status < 0) {
        gn_merged_site_clear(site);
        return status;
    }
    gn_variant_simplify(site->variant);
    if (is_haploid(site->variant, options, contigs))
        make_haploid(site);
    return GN_OK;
}
