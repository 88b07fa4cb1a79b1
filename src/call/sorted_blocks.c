/* SPDX-License-Identifier: MIT
 *
 * sorted_blocks.c - k-way merge with a binary heap; of equal places the lower shard comes first.
 */
#include "call/sorted_blocks.h"

#include <stdlib.h>

#include "io/messages.h"
#include "io/tfrecord.h"

struct shard {
    gn_tfrecord_reader_t *reader;
    const char *path;
    struct gn_variant *head; /* NULL: at its end */
    struct gn_position start;
    int number;
};

struct gn_sorted_blocks {
    const struct gn_contigs *contigs;
    struct gn_texts paths;
    struct shard *shards;
    struct shard **heap; /* shards with a head, the next one first */
    int n_heap;
};

static bool is_before(const struct shard *a, const struct shard *b)
{
    int order = gn_position_compare(a->start, b->start);
    if (order == 0)
        order = (a->head->end0 > b->head->end0) - (a->head->end0 < b->head->end0);
    return order != 0 ? order < 0 : a->number < b->number;
}

static void sift_down(gn_sorted_blocks_t *blocks, int at)
{
    for (;;) {
        int least = at;
        for (int child = 2 * at + 1; child <= 2 * at + 2 && child < blocks->n_heap; child++)
            if (is_before(blocks->heap[child], blocks->heap[least]))
                least = child;
        if (least == at)
            return;
        struct shard *moved = blocks->heap[at];
        blocks->heap[at] = blocks->heap[least];
        blocks->heap[least] = moved;
        at = least;
    }
}

/* Reads the next record of a shard into its head. */
static int refill(const gn_sorted_blocks_t *blocks, struct shard *shard, gn_error_t *err)
{
    const uint8_t *data;
    size_t len;
    shard->head = NULL;
    int status = gn_tfrecord_next(shard->reader, &data, &len, err);
    if (status <= 0)
        return status;
    shard->head = gn_variant_unpack(data, len, err);
    if (shard->head == NULL) {
        gn_error_prefix(err, "'%s'", shard->path);
        return GN_E_DATA;
    }
    int contig = gn_contigs_find(blocks->contigs, shard->head->contig);
    if (contig < 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "'%s': contig '%s' is not in the reference: use the reference that the "
                       "reads were aligned to",
                       shard->path, shard->head->contig);
    shard->start = (struct gn_position){contig, shard->head->start0};
    return GN_OK;
}

static int open_shards(gn_sorted_blocks_t *blocks, gn_error_t *err)
{
    for (int i = 0; i < blocks->paths.n; i++) {
        struct shard *shard = &blocks->shards[i];
        shard->number = i;
        shard->path = blocks->paths.v[i];
        shard->reader = gn_tfrecord_reader_open(shard->path, err);
        int status = shard->reader == NULL ? GN_E_NO_INPUT : refill(blocks, shard, err);
        if (status < 0)
            return status;
        if (shard->head != NULL)
            blocks->heap[blocks->n_heap++] = shard;
    }
    for (int at = blocks->n_heap / 2 - 1; at >= 0; at--)
        sift_down(blocks, at);
    return GN_OK;
}

gn_sorted_blocks_t *gn_sorted_blocks_open(const struct gn_texts *paths,
                                          const struct gn_contigs *contigs, gn_error_t *err)
{
    gn_sorted_blocks_t *blocks = calloc(1, sizeof *blocks);
    if (blocks == NULL) {
        gn_fail_memory(err, "non-variant records");
        return NULL;
    }
    size_t n = (size_t)paths->n;
    blocks->contigs = contigs;
    int status = gn_texts_set(&blocks->paths, (const char *const *)paths->v, paths->n, err);
    blocks->shards = calloc(n + 1, sizeof *blocks->shards);
    blocks->heap = calloc(n + 1, sizeof(struct shard *));
    if (status == GN_OK)
        status = blocks->shards == NULL || blocks->heap == NULL
                     ? gn_fail_memory(err, "non-variant records")
                     : open_shards(blocks, err);
    if (status < 0) {
        gn_sorted_blocks_close(blocks);
        return NULL;
    }
    return blocks;
}

void gn_sorted_blocks_close(gn_sorted_blocks_t *blocks)
{
    if (blocks == NULL)
        return;
    for (int i = 0; blocks->shards != NULL && i < blocks->paths.n; i++) {
        gn_variant_free(blocks->shards[i].head);
        gn_tfrecord_reader_close(blocks->shards[i].reader);
    }
    free(blocks->shards);
    free(blocks->heap);
    gn_texts_clear(&blocks->paths);
    free(blocks);
}

const struct gn_variant *gn_sorted_blocks_peek(const gn_sorted_blocks_t *blocks,
                                               struct gn_position *start)
{
    if (blocks->n_heap == 0)
        return NULL;
    *start = blocks->heap[0]->start;
    return blocks->heap[0]->head;
}

int gn_sorted_blocks_next(gn_sorted_blocks_t *blocks, struct gn_variant **block, gn_error_t *err)
{
    *block = NULL;
    if (blocks->n_heap == 0)
        return GN_OK;
    struct shard *shard = blocks->heap[0];
    struct gn_variant *head = shard->head;
    int status = refill(blocks, shard, err);
    if (status < 0) {
        gn_variant_free(head);
        return status;
    }
    if (shard->head == NULL)
        blocks->heap[0] = blocks->heap[--blocks->n_heap];
    sift_down(blocks, 0);
    *block = head;
    return GN_OK;
}
