/* SPDX-License-Identifier: MIT
 *
 * example_source.c - round-robin reading of examples files.
 */
#include "cnn/example_source.h"

#include <stdlib.h>
#include <string.h>

#include "io/shards.h"
#include "io/tfrecord.h"

enum { OPEN_FILES = 32 };

struct slot {
    gn_tfrecord_reader_t *reader; /* NULL: free */
    int path;                     /* number in paths */
};

struct gn_example_source {
    struct gn_texts paths;
    int next_path; /* not opened yet */
    struct slot slots[OPEN_FILES];
    int turn; /* whose record comes next */
};

gn_example_source_t *gn_example_source_open(const char *list, const char **first_path,
                                            gn_error_t *err)
{
    gn_example_source_t *source = calloc(1, sizeof *source);
    if (source == NULL) {
        gn_fail_memory(err, "the list of examples files");
        return NULL;
    }
    int rc = gn_shard_expand(list, &source->paths, err);
    if (rc == GN_OK && source->paths.n == 0)
        rc = gn_fail(err, GN_E_NO_INPUT, "--examples '%s' names no file", list);
    if (rc != GN_OK) {
        gn_example_source_close(source);
        return NULL;
    }
    *first_path = source->paths.v[0];
    return source;
}

/* Gives free slots the next files, in order. */
static int fill_slots(gn_example_source_t *source, gn_error_t *err)
{
    for (int i = 0; i < OPEN_FILES && source->next_path < source->paths.n; i++) {
        struct slot *slot = &source->slots[i];
        if (slot->reader != NULL)
            continue;
        slot->path = source->next_path++;
        slot->reader = gn_tfrecord_reader_open(source->paths.v[slot->path], err);
        if (slot->reader == NULL)
            return err->code;
    }
    return GN_OK;
}

int gn_example_source_next(gn_example_source_t *source, struct gn_example *example, gn_error_t *err)
{
    gn_error_t local = {0};
    int idle = 0;
    int rc = fill_slots(source, &local);
    while (rc == GN_OK && idle < OPEN_FILES) {
        struct slot *slot = &source->slots[source->turn];
        source->turn = (source->turn + 1) % OPEN_FILES;
        if (slot->reader == NULL) {
            idle++;
            continue;
        }
        idle = 0;
        const uint8_t *data;
        size_t len;
        rc = gn_tfrecord_next(slot->reader, &data, &len, &local);
        if (rc > 0) {
            rc = gn_example_unpack(data, len, example, &local);
            if (rc == GN_OK)
                return 1;
            gn_error_prefix(&local, "%s", source->paths.v[slot->path]);
        } else if (rc == 0) {
            gn_tfrecord_reader_close(slot->reader);
            slot->reader = NULL;
            rc = fill_slots(source, &local);
        }
    }
    return rc == GN_OK ? 0 : gn_fail(err, rc, "%s", local.message);
}

void gn_example_source_close(gn_example_source_t *source)
{
    if (source == NULL)
        return;
    for (int i = 0; i < OPEN_FILES; i++)
        if (source->slots[i].reader != NULL)
            gn_tfrecord_reader_close(source->slots[i].reader);
    gn_texts_clear(&source->paths);
    free(source);
}
