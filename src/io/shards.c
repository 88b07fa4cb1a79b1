/* SPDX-License-Identifier: MIT
 *
 * shards.c - names of sharded files: base@N[.suffix] stands for base-%0Wd-of-%0Wd[.suffix], W =
 * max(5, digits of N).
 */
#include "io/shards.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

enum { MAX_DIGITS = 6 }; /* a million shards; longer numbers are not taken for shard counts */

struct shard_spec {
    int base_length, count, digits;
    const char *suffix; /* "" or ".suffix" */
};

/* The last '@' that is followed by a positive number and then by the end or a dot. */
static bool parse_spec(const char *spec, struct shard_spec *out)
{
    for (const char *at = strrchr(spec, '@'); at != NULL;) {
        size_t digits = strspn(at + 1, "0123456789");
        const char *end = at + 1 + digits;
        int count = digits >= 1 && digits <= MAX_DIGITS ? (int)strtol(at + 1, NULL, 10) : 0;
        if (count > 0 && (*end == '\0' || (*end == '.' && end[1] != '\0'))) {
            int width = snprintf(NULL, 0, "%d", count);
            *out = (struct shard_spec){(int)(at - spec), count, width < 5 ? 5 : width, end};
            return true;
        }
        at = memrchr(spec, '@', (size_t)(at - spec));
    }
    return false;
}

int gn_shard_count(const char *spec)
{
    struct shard_spec parsed;
    return parse_spec(spec, &parsed) ? parsed.count : 0;
}

char *gn_shard_name(const char *spec, int shard)
{
    struct shard_spec parsed;
    if (!parse_spec(spec, &parsed))
        return gn_strdup(spec);
    char *name = NULL;
    if (asprintf(&name, "%.*s-%0*d-of-%0*d%s", parsed.base_length, spec, parsed.digits, shard,
                 parsed.digits, parsed.count, parsed.suffix) < 0)
        return NULL;
    return name;
}

static int push_existing(const char *name, struct gn_texts *out, gn_error_t *err)
{
    struct stat status;
    if (stat(name, &status) != 0)
        return gn_fail(
            err, GN_E_NO_INPUT,
            "no such file: '%s'; check the name and, for shards, that every one was written", name);
    return gn_texts_push(out, name, err);
}

static int expand_shards(const char *spec, int count, struct gn_texts *out, gn_error_t *err)
{
    for (int i = 0; i < count; i++) {
        char *name = gn_shard_name(spec, i);
        if (name == NULL)
            return gn_fail_memory(err, "file names");
        int status = push_existing(name, out, err);
        free(name);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int expand_glob(const char *pattern, struct gn_texts *out, gn_error_t *err)
{
    glob_t found = {0};
    int outcome = glob(pattern, 0, NULL, &found); /* sorted; each path once */
    int status = GN_OK;
    if (outcome == GLOB_NOMATCH || (outcome == 0 && found.gl_pathc == 0))
        status = gn_fail(err, GN_E_NO_INPUT, "no file matches '%s'; check the pattern", pattern);
    else if (outcome == GLOB_NOSPACE)
        status = gn_fail_memory(err, "file names");
    else if (outcome != 0)
        status = gn_fail(err, GN_E_IO, "cannot list '%s'; check the folder's permissions", pattern);
    for (size_t i = 0; status == GN_OK && i < found.gl_pathc; i++)
        status = gn_texts_push(out, found.gl_pathv[i], err);
    globfree(&found);
    return status;
}

static int expand_one(const char *item, struct gn_texts *out, gn_error_t *err)
{
    int count = gn_shard_count(item);
    if (count > 0)
        return expand_shards(item, count, out, err);
    if (strpbrk(item, "*?") != NULL)
        return expand_glob(item, out, err);
    return push_existing(item, out, err);
}

int gn_shard_expand(const char *list, struct gn_texts *out, gn_error_t *err)
{
    struct gn_texts items = {NULL, 0};
    int n_before = out->n;
    int status = gn_texts_split(&items, list, ",", err);
    for (int i = 0; i < items.n && status == GN_OK; i++)
        status = expand_one(items.v[i], out, err);
    if (status == GN_OK && out->n == n_before)
        status = gn_fail(err, GN_E_NO_INPUT, "an empty list of file names: name at least one file");
    gn_texts_clear(&items);
    return status;
}
