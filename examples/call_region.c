/* SPDX-License-Identifier: MIT
 *
 * call_region.c - a complete variant caller on top of libgannet.
 *
 *     cc call_region.c -lgannet -o call_region
 *     call_region ref.fa sample.bam models/wgs chr20:10,000,000-10,100,000 out.vcf.gz
 */
#include <stdio.h>

#include "gannet/call.h"

static int show_progress(void *context, int64_t bases_done, int64_t bases_total)
{
    FILE *out = context;
    fprintf(out, "\r%lld of %lld bases", (long long)bases_done, (long long)bases_total);
    return 0; /* anything else would stop the run */
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: %s REF.fa READS.bam MODEL_DIR REGION OUT.vcf.gz\n", argv[0]);
        return 2;
    }
    gn_call_request_t request = {
        .reference = argv[1],
        .reads = argv[2],
        .model = argv[3],
        .regions = argv[4],
        .output_vcf = argv[5],
        .threads = 2,
        .progress = show_progress,
        .progress_context = stderr,
    };
    gn_call_summary_t summary;
    gn_error_t error = {0};
    int status = gn_call(&request, &summary, &error);
    fputc('\n', stderr);
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", gn_status_title(status), error.message);
        return gn_exit_status(status);
    }
    printf("%lld candidates, %lld variants, written to %s\n", (long long)summary.candidates,
           (long long)summary.pass, request.output_vcf);
    return 0;
}
