/* SPDX-License-Identifier: MIT
 *
 * run_info.c - two messages in protobuf's text format.
 */
#include "call/run_info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/pending_file.h"
#include "io/shards.h"

static bool put(FILE *file, const char *name, int64_t value)
{
    return value == 0 || fprintf(file, "  %s: %" PRId64 "\n", name, value) > 0;
}

static bool put_metrics(FILE *file, const struct gn_labeling_metrics *metrics)
{
    bool is_written = fputs("labeling_metrics {\n", file) >= 0;
    for (int i = 0; i < GN_LABELING_METRICS && is_written; i++)
        is_written = put(file, gn_labeling_metric_name((enum gn_labeling_metric)i), metrics->v[i]);
    return is_written && fputs("}\n", file) >= 0;
}

static bool put_statistics(FILE *file, const struct gn_make_examples_counts *counts,
                           bool is_training)
{
    const struct {
        const char *name;
        int64_t value;
    } rows[] = {
        {"num_examples", counts->examples},
        {"num_indels", counts->indel_examples},
        {"num_snps", counts->snv_examples},
        {"num_class_0", counts->labels[0]},
        {"num_class_1", counts->labels[1]},
        {"num_class_2", counts->labels[2]},
        {"num_nondenovo", is_training ? counts->examples : 0},
    };
    bool is_written = fputs("stats {\n", file) >= 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && is_written; i++)
        is_written = put(file, rows[i].name, rows[i].value);
    return is_written && fputs("}\n", file) >= 0;
}

static int write_sections(const char *name, bool is_training,
                          const struct gn_make_examples_counts *counts, gn_error_t *err)
{
    struct gn_pending_file pending = {NULL, NULL};
    int ret = gn_pending_file_begin(&pending, name, err);
    if (ret < 0)
        return ret;
    FILE *file = fopen(pending.temporary_name, "w");
    bool is_written = file != NULL && fputs("# proto-message: MakeExamplesRunInfo\n", file) >= 0 &&
                      (!is_training || put_metrics(file, &counts->labeling)) &&
                      put_statistics(file, counts, is_training);
    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (is_written)
        return gn_pending_file_commit(&pending, err);
    ret = gn_fail(err, GN_E_IO, "cannot write %s: %s", name, strerror(errno));
    gn_pending_file_discard(&pending);
    return ret;
}

int gn_run_info_write(const char *examples, int task, bool is_training,
                      const struct gn_make_examples_counts *counts, gn_error_t *err)
{
    char *shard = gn_shard_name(examples, task), *name = NULL;
    if (shard == NULL || asprintf(&name, "%s.run_info.pbtxt", shard) < 0) {
        free(shard);
        return gn_fail_memory(err, "output names");
    }
    int ret = write_sections(name, is_training, counts, err);
    free(shard);
    free(name);
    return ret;
}
