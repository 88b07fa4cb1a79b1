/* SPDX-License-Identifier: MIT
 *
 * call_debug.c - debug_info behind a packed CallVariantsOutput: in protobuf's encoding, a message followed by the
 * fields that it lacks is the message with these fields.
 */
#include "io/call_debug.h"

#include <stdlib.h>
#include <string.h>

#include "deepvariant.pb-c.h"

/* Alts that stand for no sequence do not make a variant a SNP or an indel. */
static bool is_symbolic(const char *alt)
{
    return strcmp(alt, "<*>") == 0 || strcmp(alt, "<NON_REF>") == 0 || strcmp(alt, ".") == 0;
}

static void describe(const struct gn_variant *variant, Dv__DebugInfo *info)
{
    size_t ref = strlen(variant->ref);
    bool snp = ref == 1, any = false;
    for (int i = 0; i < variant->alts.n; i++) {
        if (is_symbolic(variant->alts.v[i]))
            continue;
        size_t alt = strlen(variant->alts.v[i]);
        any = true;
        snp = snp && alt == 1;
        info->has_insertion = info->has_insertion || alt > ref;
        info->has_deletion = info->has_deletion || alt < ref;
    }
    info->is_snp = snp && any;
}

int gn_call_debug_append(const struct gn_call_debug *debug, const struct gn_variant *variant,
                         struct gn_bytes *record, gn_error_t *err)
{
    Dv__DebugInfo info = DV__DEBUG_INFO__INIT;
    Dv__CallVariantsOutput output = DV__CALL_VARIANTS_OUTPUT__INIT;
    describe(variant, &info);
    info.predicted_label = debug->predicted_label;
    info.true_label = debug->true_label;
    info.image_encoded.data = debug->image.data;
    info.image_encoded.len = debug->image.len;
    output.debug_info = &info;
    size_t size = dv__call_variants_output__get_packed_size(&output);
    uint8_t *grown = realloc(record->data, record->len + size);
    if (grown == NULL)
        return gn_fail_memory(err, "a call's debug information");
    record->data = grown;
    record->len += dv__call_variants_output__pack(&output, grown + record->len);
    return GN_OK;
}
