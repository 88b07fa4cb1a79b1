/* SPDX-License-Identifier: MIT
 *
 * labeled.c - from candidates and truth to labelled examples.
 */
#include "call/labeled.h"

#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "label/customized.h"
#include "label/haplotype.h"
#include "label/positional.h"

int gn_training_truth_load(struct gn_training_truth *truth,
                           const struct gn_make_examples_options *options,
                           const struct gn_plan *plan, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(plan->fasta);
    int ret = GN_OK;
    if (options->confident_regions != NULL) {
        truth->has_confident = true;
        ret = gn_ranges_read_bed(&truth->confident, options->confident_regions, contigs, err);
        gn_ranges_normalise(&truth->confident);
    }
    struct gn_truth_query query = {.path = options->truth_variants,
                                   .contigs = contigs,
                                   .ranges = &plan->regions,
                                   .confident = truth->has_confident ? &truth->confident : NULL,
                                   .class_field = options->class_field,
                                   .class_names = &options->class_names};
    truth->options = options;
    if (ret == GN_OK)
        ret = gn_truth_read(&truth->truth, &query, err);
    const char *path = options->partition.reads.v[0], *slash = strrchr(path, '/');
    if (ret == GN_OK)
        ret = gn_text_set(&truth->reads_name, slash == NULL ? path : slash + 1, err);
    return ret;
}

void gn_training_truth_clear(struct gn_training_truth *truth)
{
    gn_truth_clear(&truth->truth);
    gn_ranges_clear(&truth->confident);
    free(truth->reads_name);
    *truth = (struct gn_training_truth){.reads_name = NULL};
}

static int label_each(const struct gn_label_source *source, bool has_classes,
                      const struct gn_partition *partition, struct gn_label *labels,
                      gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->candidates.n && ret == GN_OK; i++) {
        const struct gn_variant *variant = partition->candidates.v[i].variant;
        ret = has_classes ? gn_label_customized(variant, source, &labels[i], err)
                          : gn_label_positional(variant, source, &labels[i], err);
    }
    return ret;
}

static int label_by_haplotype(const struct gn_label_source *source,
                              const struct gn_partition *partition, struct gn_label *labels,
                              struct gn_labeling_metrics *metrics, gn_error_t *err)
{
    size_t n = partition->candidates.n;
    struct gn_variant **variants = malloc((n + 1) * sizeof *variants);
    if (variants == NULL)
        return gn_fail_memory(err, "labels of one partition");
    for (size_t i = 0; i < n; i++)
        variants[i] = partition->candidates.v[i].variant;
    int ret = gn_label_haplotype(variants, n, partition->range, source, labels, metrics, err);
    free(variants);
    return ret;
}

int gn_labelled_examples_pack(const struct gn_training_truth *truth, struct gn_variant *variant,
                              const struct gn_label *label, const struct gn_pileup_images *images,
                              const struct gn_pileup_options *pileup, struct gn_record_list *out,
                              int64_t counts[3], gn_error_t *err)
{
    int32_t genotype[2] = {label->genotype[0], label->genotype[1]};
    /* PARITY(dv-1.9): a class says nothing of the genotype, which stays uncalled. */
    int ret = label->has_class ? GN_OK : gn_ints_set(&variant->genotype, genotype, 2, err);
    if (ret == GN_OK)
        ret = gn_text_set(&variant->bam_fname, truth->reads_name, err);
    int *classes = malloc(((size_t)images->n + 1) * sizeof *classes);
    if (ret == GN_OK && classes == NULL)
        ret = gn_fail_memory(err, "labels of one partition");
    for (int i = 0; i < images->n && ret == GN_OK; i++) {
        classes[i] = gn_label_of_set(label, images->v[i].alts, images->v[i].n_alts);
        if (classes[i] < 3)
            counts[classes[i]]++;
    }
    if (ret == GN_OK)
        ret = gn_examples_pack(variant, images, pileup, classes, out, err);
    free(classes);
    return ret;
}

/* "contig:pos1:ref:alts:alt indices" */
static int name_set(const struct gn_variant *variant, const struct gn_alt_set *set, kstring_t *id,
                    gn_error_t *err)
{
    id->l = 0;
    int written =
        ksprintf(id, "%s:%lld:%s:", variant->contig, (long long)variant->start0 + 1, variant->ref);
    for (int i = 0; i < variant->alts.n && written >= 0; i++)
        written = ksprintf(id, "%s%s", i > 0 ? "," : "", variant->alts.v[i]);
    for (int i = 0; i < set->n && written >= 0; i++)
        written = ksprintf(id, "%s%d", i > 0 ? "," : ":", set->alts[i]);
    return written < 0 ? gn_fail_memory(err, "labels of one partition") : GN_OK;
}

static int pack_features(const struct gn_candidate *candidate, const struct gn_alt_set *set,
                         const struct gn_small_model_view *view, const struct gn_label *label,
                         struct gn_bytes *record, gn_error_t *err)
{
    int n = gn_small_model_feature_count(view);
    int32_t *features = malloc((size_t)n * sizeof *features);
    int64_t *wide = malloc((size_t)n * sizeof *wide);
    kstring_t id = {0, 0, NULL};
    int ret = features == NULL || wide == NULL ? gn_fail_memory(err, "labels of one partition")
                                               : name_set(candidate->variant, set, &id, err);
    if (ret == GN_OK) {
        gn_small_model_features(candidate, set, view, features);
        for (int i = 0; i < n; i++)
            wide[i] = features[i];
        struct gn_feature_example example = {.id = id.s,
                                             .features = wide,
                                             .n_features = n,
                                             .genotype = {label->genotype[0], label->genotype[1]},
                                             .label = gn_label_of_set(label, set->alts, set->n)};
        ret = gn_feature_example_pack(&example, record, err);
    }
    free(features);
    free(wide);
    free(id.s);
    return ret;
}

int gn_labelled_features_pack(const struct gn_candidate *candidate, const struct gn_label *label,
                              const struct gn_small_model_view *view, struct gn_record_list *out,
                              gn_error_t *err)
{
    int n_alts = candidate->variant->alts.n, ret = GN_OK;
    size_t n = gn_alt_set_count(n_alts);
    struct gn_alt_set *sets = malloc((n + 1) * sizeof *sets);
    if (sets == NULL)
        return gn_fail_memory(err, "labels of one partition");
    gn_alt_sets_list(n_alts, sets);
    for (size_t i = 0; i < n && ret == GN_OK; i++) {
        struct gn_bytes record = {NULL, 0};
        ret = pack_features(candidate, &sets[i], view, label, &record, err);
        if (ret == GN_OK)
            ret = gn_records_push(out, record, err);
    }
    free(sets);
    return ret;
}

bool gn_label_is_kept(const struct gn_training_truth *truth, int contig,
                      const struct gn_variant *candidate, const struct gn_label *label)
{
    static const uint64_t SEED = 609314161; /* that of the reads' down-sampling */
    const struct gn_make_examples_options *options = truth->options;
    int class = gn_label_class(label);
    if (options->keep_classes == NULL || class >= options->n_keep_classes)
        return true;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, SEED ^ (uint64_t)candidate->start0 ^ (uint64_t)contig << 40);
    return gn_mt64_uniform(&rng) < options->keep_classes[class];
}

struct gn_label *gn_label_candidates(const struct gn_training_truth *truth, gn_fasta_t *fasta,
                                     const struct gn_partition *partition,
                                     struct gn_labeling_metrics *metrics, gn_error_t *err)
{
    enum gn_labeler labeler = truth->options->labeler;
    struct gn_label_source source = {&truth->truth, truth->has_confident ? &truth->confident : NULL,
                                     fasta};
    struct gn_label *labels = malloc((partition->candidates.n + 1) * sizeof *labels);
    if (labels == NULL) {
        gn_fail_memory(err, "labels of one partition");
        return NULL;
    }
    int ret = labeler == GN_LABELER_HAPLOTYPE
                  ? label_by_haplotype(&source, partition, labels, metrics, err)
                  : label_each(&source, labeler == GN_LABELER_CUSTOMIZED, partition, labels, err);
    if (ret < 0) {
        free(labels);
        return NULL;
    }
    return labels;
}
