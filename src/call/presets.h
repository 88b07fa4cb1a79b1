/* SPDX-License-Identifier: MIT
 *
 * presets.h - DeepVariant 1.9's settings for each kind of reads, in one table (spec 00 section 4).
 */
#ifndef GN_CALL_PRESETS_H
#define GN_CALL_PRESETS_H

#include "call/partition.h"
#include "cnn/model.h"

/// Settings of a kind of reads.
struct gn_preset {
    const char *name;                      /* "wgs", "wes", "pacbio", "ont", "hybrid", "masseq" */
    struct gn_partition_settings settings; /* without files, channels and models */
    int64_t partition_size;                /* bp */
    bool has_small_model;                  /* whether DeepVariant runs a small model with it */
    int snp_gq_threshold, indel_gq_threshold; /* of the small model, when it has one */
};

/// Fills *preset with the settings of a name; DeepVariant's names of model types ("ONT_R104") are understood too.
/** Thread-safe.
    @return  GN_OK, or GN_E_USAGE naming those that there are */
GN_MUST_CHECK
int gn_preset_find(const char *name, struct gn_preset *preset, gn_error_t *err);

/// The preset that was asked for; else that of the model, where there is one of that name; else "wgs".
/** @param given  NULL: none
    @param model  NULL: none */
GN_MUST_CHECK
int gn_preset_choose(const char *given, const gn_model_t *model, struct gn_preset *preset,
                     gn_error_t *err);

#endif
