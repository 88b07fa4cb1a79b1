/* SPDX-License-Identifier: MIT
 *
 * messages.h - gannet's records to and from the bytes of DeepVariant's protobuf messages.
 *
 * Knows the wire format (src/io/proto); nobody else includes the generated headers except
 * candidates/. Packing returns malloc'ed bytes that the caller frees. Unknown fields are skipped.
 * Thread-safe: no state.
 */
#ifndef GN_IO_MESSAGES_H
#define GN_IO_MESSAGES_H

#include "io/variant.h"

/// A malloc'ed byte string; free(data).
struct gn_bytes {
    uint8_t *data;
    size_t len;
};

/// nucleus.genomics.v1.Variant.
int gn_variant_pack(const struct gn_variant *variant, struct gn_bytes *out, gn_error_t *err);
/// @return a record the caller frees with gn_variant_free(), or NULL with GN_E_DATA.
struct gn_variant *gn_variant_unpack(const void *data, size_t len, gn_error_t *err);

/// One network output: the probabilities of {no, one, two} copies of the set of alts, for one
/// image. (CallVariantsOutput, spec 100.4)
struct gn_call_output {
    struct gn_variant *variant; /* owned */
    struct gn_ints alt_indices; /* 0-based positions in variant->alts, 1 or 2 of them */
    double probabilities[3];
};

/// A new output about a set of alts of a variant, which is copied; its probabilities are 0. NULL with
/// GN_E_MEMORY.
struct gn_call_output *gn_call_output_create(const struct gn_variant *variant, const int *alts,
                                             int n_alts, gn_error_t *err);
void gn_call_output_free(
    struct gn_call_output *output); /* frees what it owns, and the struct itself */
int gn_call_output_pack(const struct gn_call_output *output, struct gn_bytes *out, gn_error_t *err);
struct gn_call_output *gn_call_output_unpack(const void *data, size_t len, gn_error_t *err);

/// One pileup image with what identifies it (tensorflow.Example, spec 81.2).
struct gn_example {
    struct gn_bytes variant;    /* packed Variant */
    struct gn_ints alt_indices; /* 0-based, 1 or 2 */
    char *locus;                /* "chr:start1-end1" */
    int64_t variant_type;       /* 0 unknown, 1 SNP, 2 indel */
    int64_t sequencing_type;    /* 0 unspecified */
    int64_t label;              /* 0, 1, 2; -1 none (calling) */
    int64_t height, width, channels;
    struct gn_bytes image; /* height * width * channels bytes, row-major, channel fastest */
};

void gn_example_clear(struct gn_example *example); /* frees what it owns */
int gn_example_pack(const struct gn_example *example, struct gn_bytes *out, gn_error_t *err);
int gn_example_unpack(const void *data, size_t len, struct gn_example *example, gn_error_t *err);

/// One example for training the small model (tensorflow.Example, spec 90 "Training mode").
struct gn_feature_example {
    const char *id; /* "contig:pos1:ref:alts:alt indices", to find the site again */
    const int64_t *features;
    int n_features;
    int64_t genotype[2]; /* of the record, from the truth */
    int label;           /* how many of its alleles are in the example's set of alts */
};

int gn_feature_example_pack(const struct gn_feature_example *example, struct gn_bytes *out,
                            gn_error_t *err);

/// 1 when ref and all alts have one base, 2 when any is longer, 0 otherwise (no alts).
int64_t gn_variant_type(const struct gn_variant *variant);

#endif
