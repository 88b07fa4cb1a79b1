/* SPDX-License-Identifier: MIT
 *
 * candidate_message.c - a candidate as DeepVariantCall bytes, for the --candidates file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "candidates/candidate.h"
#include "deepvariant.pb-c.h"

enum { MESSAGE_LIMIT = 1 << 30 };

/* Builds the message in an arena of its own, which is dropped as a whole. */
struct packer {
    const struct gn_candidate *candidate;
    const struct gn_read *reads;
    gn_arena_t *arena;
    bool failed;
};

static void *take(struct packer *p, size_t n, size_t size)
{
    void *memory = gn_arena_zalloc(p->arena, n + 1, size);
    p->failed = p->failed || memory == NULL;
    return memory;
}

static char *read_key(struct packer *p, const struct gn_allele *allele)
{
    const struct gn_read *read = &p->reads[allele->read];
    size_t size = strlen(read->name) + 3;
    char *text = take(p, size, 1);
    if (text != NULL)
        snprintf(text, size, "%s/%d", read->name, read->read_number);
    return text;
}

static Dv__ReadSupport *read_support(struct packer *p, const struct gn_allele *allele)
{
    Dv__ReadSupport *support = take(p, 1, sizeof *support);
    if (support == NULL)
        return NULL;
    dv__read_support__init(support);
    support->read_name = read_key(p, allele);
    support->is_low_quality = allele->is_low_quality;
    support->mapping_quality = allele->mapping_quality;
    support->average_base_quality = allele->base_quality;
    support->is_reverse_strand = allele->is_reverse;
    support->sample_name = p->candidate->variant->sample;
    support->is_methylated = allele->is_methylated;
    support->methylation_level = allele->methylation_level;
    return support;
}

/* Names and details of the reads that support one thing; 0 of them leaves both lists empty. */
static size_t collect(struct packer *p, int supports, char ***names, Dv__ReadSupport ***details)
{
    const struct gn_candidate *c = p->candidate;
    *names = take(p, c->n_alleles, sizeof **names);
    *details = take(p, c->n_alleles, sizeof **details);
    size_t n = 0;
    for (uint32_t i = 0; i < c->n_alleles && !p->failed; i++) {
        if (c->supports[i] != supports)
            continue;
        (*names)[n] = read_key(p, &c->alleles[i]);
        (*details)[n++] = read_support(p, &c->alleles[i]);
    }
    return n;
}

static void add_support(struct packer *p, Dv__DeepVariantCall *message, int supports, char *key)
{
    char **names;
    Dv__ReadSupport **details;
    size_t n = collect(p, supports, &names, &details);
    Dv__SupportingReadsEntry *entry = take(p, 1, sizeof *entry);
    Dv__SupportingReads *reads = take(p, 1, sizeof *reads);
    Dv__SupportingReadsExtEntry *entry_ext = take(p, 1, sizeof *entry_ext);
    Dv__SupportingReadsExt *reads_ext = take(p, 1, sizeof *reads_ext);
    if (p->failed || n == 0)
        return;
    dv__supporting_reads_entry__init(entry);
    dv__supporting_reads__init(reads);
    dv__supporting_reads_ext_entry__init(entry_ext);
    dv__supporting_reads_ext__init(reads_ext);
    reads->n_read_names = reads_ext->n_read_infos = n;
    reads->read_names = names;
    reads_ext->read_infos = details;
    entry->key = entry_ext->key = key;
    entry->value = reads;
    entry_ext->value = reads_ext;
    message->allele_support[message->n_allele_support++] = entry;
    message->allele_support_ext[message->n_allele_support_ext++] = entry_ext;
}

static void add_reference_support(struct packer *p, Dv__DeepVariantCall *message)
{
    Dv__SupportingReadsExt *reads_ext = take(p, 1, sizeof *reads_ext);
    if (reads_ext == NULL)
        return;
    dv__supporting_reads_ext__init(reads_ext);
    message->n_ref_support =
        collect(p, GN_SUPPORTS_REFERENCE, &message->ref_support, &reads_ext->read_infos);
    reads_ext->n_read_infos = message->n_ref_support;
    if (message->n_ref_support > 0)
        message->ref_support_ext = reads_ext;
}

static void add_frequencies(struct packer *p, Dv__DeepVariantCall *message)
{
    const struct gn_candidate *c = p->candidate;
    message->allele_frequency_at_position =
        take(p, (size_t)c->n_context, sizeof *message->allele_frequency_at_position);
    for (int i = 0; i < c->n_context && !p->failed; i++) {
        Dv__PositionFrequencyEntry *entry = take(p, 1, sizeof *entry);
        if (entry == NULL)
            return;
        dv__position_frequency_entry__init(entry);
        entry->key = (int32_t)c->context[i].pos0;
        entry->value = c->context[i].percent;
        message->allele_frequency_at_position[message->n_allele_frequency_at_position++] = entry;
    }
    if (c->alt_frequencies == NULL)
        return;
    message->allele_frequency =
        take(p, (size_t)c->variant->alts.n, sizeof *message->allele_frequency);
    for (int i = 0; i < c->variant->alts.n && !p->failed; i++) {
        Dv__AlleleFrequencyEntry *entry = take(p, 1, sizeof *entry);
        if (entry == NULL)
            return;
        dv__allele_frequency_entry__init(entry);
        entry->key = c->variant->alts.v[i];
        entry->value = c->alt_frequencies[i];
        message->allele_frequency[message->n_allele_frequency++] = entry;
    }
}

static void add_declined(struct packer *p, Dv__DeepVariantCall *message)
{
    const struct gn_candidate *c = p->candidate;
    message->make_examples_alt_allele_indices =
        take(p, c->n_declined, sizeof *message->make_examples_alt_allele_indices);
    for (size_t i = 0; i < c->n_declined && !p->failed; i++) {
        Dv__AltAlleleIndices *entry = take(p, 1, sizeof *entry);
        int32_t *indices = take(p, 2, sizeof *indices);
        if (p->failed)
            return;
        dv__alt_allele_indices__init(entry);
        for (int k = 0; k < c->declined[i].n; k++)
            indices[k] = c->declined[i].alts[k];
        entry->indices = indices;
        entry->n_indices = (size_t)c->declined[i].n;
        message->make_examples_alt_allele_indices[message->n_make_examples_alt_allele_indices++] =
            entry;
    }
}

static int pack(struct packer *p, Dv__Variant *variant, struct gn_bytes *out, gn_error_t *err)
{
    const struct gn_candidate *c = p->candidate;
    size_t n_alts = (size_t)c->variant->alts.n;
    char uncalled[] = "UNCALLED_ALLELE";
    Dv__DeepVariantCall message = DV__DEEP_VARIANT_CALL__INIT;
    message.variant = variant;
    message.allele_support = take(p, n_alts + 1, sizeof *message.allele_support);
    message.allele_support_ext = take(p, n_alts + 1, sizeof *message.allele_support_ext);
    for (size_t i = 0; i < n_alts && !p->failed; i++)
        add_support(p, &message, (int)i, c->variant->alts.v[i]);
    if (!p->failed)
        add_support(p, &message, GN_SUPPORTS_UNCALLED, uncalled);
    add_reference_support(p, &message);
    add_frequencies(p, &message);
    add_declined(p, &message);
    if (p->failed)
        return gn_fail_memory(err, "a candidate record");
    out->len = dv__deep_variant_call__get_packed_size(&message);
    out->data = malloc(out->len + 1);
    if (out->data == NULL)
        return gn_fail_memory(err, "a candidate record");
    dv__deep_variant_call__pack(&message, out->data);
    return GN_OK;
}

int gn_candidate_pack(const struct gn_candidate *candidate, const struct gn_read *reads,
                      struct gn_bytes *out, gn_error_t *err)
{
    struct gn_bytes packed = {NULL, 0};
    int ret = gn_variant_pack(candidate->variant, &packed, err);
    if (ret < 0)
        return ret;
    Dv__Variant *variant = dv__variant__unpack(NULL, packed.len, packed.data);
    struct packer p = {candidate, reads, gn_arena_create(MESSAGE_LIMIT), false};
    ret = variant != NULL && p.arena != NULL ? pack(&p, variant, out, err)
                                             : gn_fail_memory(err, "a candidate record");
    gn_arena_destroy(p.arena);
    if (variant != NULL)
        dv__variant__free_unpacked(variant, NULL);
    free(packed.data);
    return ret;
}
