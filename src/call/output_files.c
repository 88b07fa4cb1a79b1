/* SPDX-License-Identifier: MIT
 *
 * output_files.c - DeepVariant's rule for finding the shards of "x.tfrecord.gz" (spec 110.1).
 */
#include "call/postprocess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/shards.h"

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

/* "x" + separator + suffix for a name "x" + suffix. */
static char *replace_suffix(const char *name, const char *suffix, const char *by)
{
    char *replaced = NULL;
    int stem = (int)(strlen(name) - strlen(suffix));
    return asprintf(&replaced, "%.*s%s", stem, name, by) < 0 ? NULL : replaced;
}

static bool is_same_list(const struct gn_texts *a, const struct gn_texts *b)
{
    if (a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++)
        if (strcmp(a->v[i], b->v[i]) != 0)
            return false;
    return true;
}

/* x.tfrecord.gz means x-?????-of-?????.tfrecord.gz, which must be all that begins with x. */
static int expand_prefix(const char *name, const char *suffix, struct gn_texts *paths,
                         gn_error_t *err)
{
    struct gn_texts found = {NULL, 0};
    char by[64], *spec = NULL, *pattern = replace_suffix(name, suffix, "*");
    int status =
        pattern == NULL ? gn_fail_memory(err, "file names") : gn_shard_expand(pattern, &found, err);
    if (status == GN_OK) {
        snprintf(by, sizeof by, "@%d%s", found.n, suffix);
        spec = replace_suffix(name, suffix, by);
        status =
            spec == NULL ? gn_fail_memory(err, "file names") : gn_shard_expand(spec, paths, NULL);
    }
    if (status == GN_E_NO_INPUT && found.n == 0)
        gn_fail(err, status, "no such file: '%s', nor shards of it; check the name", name);
    else if (status == GN_E_NO_INPUT || (status == GN_OK && !is_same_list(&found, paths)))
        status = gn_fail(err, GN_E_NO_INPUT,
                         "Found multiple file patterns in input filename space: '%s' stands for %d "
                         "files that are not "
                         "one set of shards; name the set as @N",
                         pattern, found.n);
    gn_texts_clear(&found);
    free(pattern);
    free(spec);
    return status;
}

int gn_resolve_output_files(const char *name, struct gn_texts *paths, gn_error_t *err)
{
    bool is_plain = strpbrk(name, ",*?") == NULL && gn_shard_count(name) == 0;
    if (is_plain && access(name, F_OK) != 0) {
        if (ends_with(name, ".tfrecord.gz"))
            return expand_prefix(name, ".tfrecord.gz", paths, err);
        if (ends_with(name, ".tfrecord"))
            return expand_prefix(name, ".tfrecord", paths, err);
    }
    return gn_shard_expand(name, paths, err);
}
