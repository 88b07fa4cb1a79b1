/* SPDX-License-Identifier: MIT
 *
 * truth_contigs.c - reads the header only.
 */
#include "label/truth_contigs.h"

#include <htslib/vcf.h>

static int add_contigs(const bcf_hdr_t *header, struct gn_contigs *contigs, gn_error_t *err)
{
    for (int i = 0; i < header->n[BCF_DT_CTG]; i++) {
        const char *name = bcf_hdr_id2name(header, i);
        int64_t length = (int64_t)header->id[BCF_DT_CTG][i].val->info[0];
        if (gn_contigs_find(contigs, name) >= 0)
            continue;
        int code = gn_contigs_add(contigs, name, length > 0 ? length : INT32_MAX, err);
        if (code < 0)
            return code;
    }
    return GN_OK;
}

int gn_truth_contigs(const char *path, struct gn_contigs *contigs, gn_error_t *err)
{
    htsFile *file = hts_open(path, "r");
    if (file == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "%s: cannot open: check the name and its permissions",
                       path);
    int code = GN_OK;
    bcf_hdr_t *header =
        file->format.format == vcf || file->format.format == bcf ? bcf_hdr_read(file) : NULL;
    if (header == NULL)
        code = gn_fail(err, GN_E_DATA, "%s: not a VCF or BCF file", path);
    else
        code = add_contigs(header, contigs, err);
    if (header != NULL)
        bcf_hdr_destroy(header);
    hts_close(file);
    return code;
}
