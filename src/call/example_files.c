/* SPDX-License-Identifier: MIT
 *
 * example_files.c - up to six outputs of one task.
 */
#include "call/example_files.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/index_file.h"
#include "io/shards.h"

static bool contains_tfrecord(const char *name)
{
    static const char word[] = "tfrecord";
    for (; *name != '\0'; name++) {
        size_t i = 0;
        while (word[i] != '\0' && tolower((unsigned char)name[i]) == word[i])
            i++;
        if (word[i] == '\0')
            return true;
    }
    return false;
}

/* "x" + added + ".tfrecord@4.gz" of "x.tfrecord@4.gz". malloc'ed. */
static char *sibling_name(const char *examples, const char *added)
{
    const char *slash = strrchr(examples, '/');
    const char *base = slash == NULL ? examples : slash + 1;
    size_t stem = (size_t)(base - examples) + strcspn(base, ".");
    char *name = NULL;
    return asprintf(&name, "%.*s%s%s", (int)stem, examples, added, examples + stem) < 0 ? NULL
                                                                                        : name;
}

static int check_distinct(const char *const *specs, size_t n, gn_error_t *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (specs[i] != NULL && specs[j] != NULL && gn_is_same_file(specs[i], specs[j]))
                return gn_fail(err, GN_E_USAGE,
                               "two outputs are to be written to '%s': give each its own name",
                               specs[i]);
    return GN_OK;
}

/* Outputs whose names follow from that of the examples; NULL when not wanted. */
struct sibling_names {
    char *decided, *features;
};

static int check_shards(struct gn_example_files *files, const struct gn_make_examples_options *o,
                        const struct sibling_names *names, gn_error_t *err)
{
    const char *specs[] = {o->examples,    o->candidates,  o->gvcf, o->candidate_positions,
                           names->decided, names->features};
    enum { N_SPECS = sizeof specs / sizeof *specs };
    bool seen = false;
    if (check_distinct(specs, N_SPECS, err) < 0)
        return GN_E_USAGE;
    for (size_t i = 0; i < N_SPECS; i++) {
        if (specs[i] == NULL)
            continue;
        int n = gn_shard_count(specs[i]);
        if (seen && n != files->n_shards)
            return gn_fail(err, GN_E_USAGE,
                           "outputs have different numbers of shards: give '%s' the same @N",
                           specs[i]);
        files->n_shards = n;
        seen = true;
    }
    if (!seen)
        return gn_fail(err, GN_E_USAGE,
                       "nothing to write: give --examples (or --candidate-positions with --mode "
                       "candidate_sweep)");
    if (files->n_shards > 0 && (o->task < 0 || o->task >= files->n_shards))
        return gn_fail(err, GN_E_USAGE, "--task %d is not one of the %d shards (0 to %d)", o->task,
                       files->n_shards, files->n_shards - 1);
    files->round_robin = contains_tfrecord(o->examples != NULL ? o->examples : "tfrecord");
    return GN_OK;
}

static int open_records(const char *spec, int task, gn_tfrecord_writer_t **writer, gn_error_t *err)
{
    if (spec == NULL)
        return GN_OK;
    char *name = gn_shard_name(spec, task);
    if (name == NULL)
        return gn_fail_memory(err, "output names");
    *writer = gn_tfrecord_writer_open(name, err);
    free(name);
    return *writer == NULL ? err->code : GN_OK;
}

static int open_positions(struct gn_example_files *files, const char *spec, int task,
                          gn_error_t *err)
{
    if (spec == NULL)
        return GN_OK;
    char *name = gn_shard_name(spec, task);
    if (name == NULL)
        return gn_fail_memory(err, "output names");
    int ret = gn_pending_file_begin(&files->positions_name, name, err);
    free(name);
    if (ret < 0)
        return ret;
    files->positions = fopen(files->positions_name.temporary_name, "wb");
    return files->positions != NULL
               ? GN_OK
               : gn_fail(err, GN_E_CANNOT_CREATE, "cannot write %s: %s", spec, strerror(errno));
}

static int name_info(struct gn_example_files *files, const char *spec, int task, gn_error_t *err)
{
    if (spec == NULL)
        return GN_OK;
    static const char suffix[] = ".example_info.json";
    char *name = gn_shard_name(spec, task);
    size_t n = name == NULL ? 0 : strlen(name);
    files->info_name = name == NULL ? NULL : malloc(n + sizeof suffix);
    if (files->info_name != NULL) {
        memcpy(files->info_name, name, n);
        memcpy(files->info_name + n, suffix, sizeof suffix);
    }
    free(name);
    return files->info_name == NULL ? gn_fail_memory(err, "output names") : GN_OK;
}

static int open_all(struct gn_example_files *files, const struct gn_make_examples_options *o,
                    const struct sibling_names *names, gn_error_t *err)
{
    int ret = check_shards(files, o, names, err);
    if (ret == GN_OK)
        ret = open_records(names->decided, o->task, &files->decided, err);
    if (ret == GN_OK)
        ret = open_records(names->features, o->task, &files->features, err);
    if (ret == GN_OK)
        ret = open_records(o->examples, o->task, &files->examples, err);
    if (ret == GN_OK)
        ret = open_records(o->candidates, o->task, &files->candidates, err);
    if (ret == GN_OK)
        ret = open_records(o->gvcf, o->task, &files->gvcf, err);
    if (ret == GN_OK)
        ret = open_positions(files, o->candidate_positions, o->task, err);
    if (ret == GN_OK)
        ret = name_info(files, o->examples, o->task, err);
    return ret;
}

int gn_example_files_open(struct gn_example_files *files, const struct gn_make_examples_options *o,
                          gn_error_t *err)
{
    bool has_decided = o->partition.small_model.model != NULL && o->examples != NULL;
    bool has_features = o->write_small_model_examples && o->examples != NULL;
    struct sibling_names names = {NULL, NULL};
    if (has_decided)
        names.decided = sibling_name(o->examples, "_call_variant_outputs");
    if (has_features)
        names.features = sibling_name(o->examples, "_small_model");
    bool is_named =
        (!has_decided || names.decided != NULL) && (!has_features || names.features != NULL);
    int ret = is_named ? open_all(files, o, &names, err) : gn_fail_memory(err, "output names");
    free(names.decided);
    free(names.features);
    return ret;
}

static int write_records(gn_tfrecord_writer_t *writer, const struct gn_record_list *records,
                         gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < records->n && writer != NULL && ret == GN_OK; i++)
        ret = gn_tfrecord_write(writer, records->v[i].data, records->v[i].len, err);
    return ret;
}

int gn_example_files_write(struct gn_example_files *files, const struct gn_example_records *records,
                           gn_error_t *err)
{
    int ret = write_records(files->examples, records->examples, err);
    if (ret == GN_OK)
        ret = write_records(files->candidates, records->candidates, err);
    if (ret == GN_OK)
        ret = write_records(files->decided, records->decided, err);
    if (ret == GN_OK)
        ret = write_records(files->features, records->features, err);
    return ret == GN_OK ? write_records(files->gvcf, records->blocks, err) : ret;
}

int gn_example_files_write_positions(struct gn_example_files *files, const int32_t *positions,
                                     size_t n, bool ends_interval, gn_error_t *err)
{
    static const int32_t end_of_partition = -2, end_of_interval = -1;
    if (files->positions == NULL)
        return GN_OK;
    bool is_written = fwrite(positions, sizeof *positions, n, files->positions) == n &&
                      fwrite(&end_of_partition, sizeof end_of_partition, 1, files->positions) == 1;
    if (is_written && ends_interval)
        is_written = fwrite(&end_of_interval, sizeof end_of_interval, 1, files->positions) == 1;
    return is_written ? GN_OK
                      : gn_fail(err, GN_E_IO, "cannot write %s: %s",
                                files->positions_name.final_name, strerror(errno));
}

static int commit_writer(gn_tfrecord_writer_t **writer, gn_error_t *err)
{
    gn_tfrecord_writer_t *finished = *writer;
    *writer = NULL;
    return finished == NULL ? GN_OK : gn_tfrecord_writer_commit(finished, err);
}

static int write_text(const char *name, const char *text, gn_error_t *err)
{
    struct gn_pending_file pending = {NULL, NULL};
    int ret = gn_pending_file_begin(&pending, name, err);
    if (ret < 0)
        return ret;
    FILE *file = fopen(pending.temporary_name, "w");
    bool is_written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (!is_written) {
        ret = gn_fail(err, GN_E_IO, "cannot write %s: %s", name, strerror(errno));
        gn_pending_file_discard(&pending);
        return ret;
    }
    return gn_pending_file_commit(&pending, err);
}

static int commit_positions(struct gn_example_files *files, gn_error_t *err)
{
    if (files->positions == NULL)
        return GN_OK;
    FILE *file = files->positions;
    files->positions = NULL;
    if (fclose(file) != 0)
        return gn_fail(err, GN_E_IO, "cannot write %s: %s", files->positions_name.final_name,
                       strerror(errno));
    return gn_pending_file_commit(&files->positions_name, err);
}

int gn_example_files_commit(struct gn_example_files *files, const struct gn_pileup_options *pileup,
                            bool has_images, gn_error_t *err)
{
    int ret = GN_OK;
    if (files->info_name != NULL) {
        char *text = gn_example_info_text(pileup, has_images);
        ret = text == NULL ? gn_fail_memory(err, "output names")
                           : write_text(files->info_name, text, err);
        free(text);
    }
    if (ret == GN_OK)
        ret = commit_writer(&files->candidates, err);
    if (ret == GN_OK)
        ret = commit_writer(&files->gvcf, err);
    if (ret == GN_OK)
        ret = commit_writer(&files->decided, err);
    if (ret == GN_OK)
        ret = commit_writer(&files->features, err);
    if (ret == GN_OK)
        ret = commit_positions(files, err);
    return ret == GN_OK ? commit_writer(&files->examples, err) : ret;
}

void gn_example_files_abort(struct gn_example_files *files)
{
    gn_tfrecord_writer_abort(files->examples);
    gn_tfrecord_writer_abort(files->candidates);
    gn_tfrecord_writer_abort(files->gvcf);
    gn_tfrecord_writer_abort(files->decided);
    gn_tfrecord_writer_abort(files->features);
    if (files->positions != NULL)
        fclose(files->positions);
    gn_pending_file_discard(&files->positions_name);
    free(files->info_name);
    *files = (struct gn_example_files){.n_shards = 0};
}
