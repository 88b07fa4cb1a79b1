/* SPDX-License-Identifier: MIT
 *
 * postprocess.h - the postprocess_variants stage of DeepVariant 1.9 as one function: files of
 * network outputs and of non-variant records in, VCF and gVCF out.
 */
#ifndef GN_CALL_POSTPROCESS_H
#define GN_CALL_POSTPROCESS_H

#include "call/calling_sink.h"

struct gn_postprocess_options {
    const char *reference;
    const char
        *outputs; /* network outputs: file, list, @N spec or the prefix of shards (spec 110.1) */
    const char *small_model_outputs; /* those of the small model, likewise; NULL none */
    const char *blocks; /* non-variant records; NULL none. Exactly when calling.gvcf_path is set */
    const char *sample; /* used when no record names one; NULL "default" */
    const char *haploid_contigs; /* names separated by commas or spaces; NULL none */
    const char *diploid_bed;     /* BED of pseudo-autosomal regions; NULL none */
    const char *regions;         /* keep what starts here (io/regions.h); NULL or "" all.
                                        DeepVariant ignores it with --cpus 0 */
    struct gn_calling_options
        calling; /* everything else; sample, contigs and ranges in it are filled in */
};

/// Runs the stage; counts may be NULL. On failure no output exists under its final name.
GN_MUST_CHECK
int gn_postprocess(const struct gn_postprocess_options *options, struct gn_calling_counts *counts,
                   gn_error_t *err);

/// Files that a name of network outputs stands for: the file itself, a list, an @N spec, or all
/// shards that DeepVariant's call_variants made of the name. GN_E_NO_INPUT when there are none or
/// others share the prefix.
GN_MUST_CHECK
int gn_resolve_output_files(const char *name, struct gn_texts *paths, gn_error_t *err);

#endif
