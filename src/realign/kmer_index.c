/* SPDX-License-Identifier: MIT
 *
 * kmer_index.c - an open-addressing table of k-mers and a counting sort of their occurrences.
 *
 * A k-mer of up to 32 letters A C G T is its own key, two bits a letter. Others are keyed by a hash of their letters
 * and compared.
 */
#include "realign/kmer_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PACKED_K = 32, FIRST_N_SLOTS = 4096, EMPTY = -1 };

static const size_t kmer_limit = (size_t)1 << 26;

struct gn_kmer_slot {
    uint64_t key;
    int32_t kmer; /* its number, EMPTY when the slot is free */
    bool is_packed;
};

/* A k-mer ready for look-up. */
struct probe {
    uint64_t key;
    const char *kmer;
    bool is_packed;
};

static const uint8_t code_plus_one[256] = {['A'] = 1, ['C'] = 2, ['G'] = 3, ['T'] = 4};

bool gn_kmer_next(struct gn_kmer_cursor *cursor)
{
    int stop = cursor->end < cursor->k ? cursor->k : cursor->end + 1;
    if (stop > cursor->sequence.length)
        return false;
    for (; cursor->end < stop; cursor->end++) {
        uint8_t code = code_plus_one[(uint8_t)cursor->sequence.bases[cursor->end]];
        cursor->code = cursor->code << 2 | ((code - 1u) & 3);
        cursor->n_plain = code == 0 ? 0 : cursor->n_plain + 1;
    }
    return true;
}

static struct probe make_probe(const struct gn_kmer_cursor *cursor)
{
    struct probe probe = {.kmer = cursor->sequence.bases + cursor->end - cursor->k};
    probe.is_packed = cursor->k <= PACKED_K && cursor->n_plain >= cursor->k;
    if (probe.is_packed) {
        probe.key = cursor->code & (UINT64_MAX >> (64 - 2 * cursor->k));
        return probe;
    }
    probe.key = 0xcbf29ce484222325u; /* FNV-1a */
    for (int i = 0; i < cursor->k; i++)
        probe.key = (probe.key ^ (uint8_t)probe.kmer[i]) * 0x100000001b3u;
    return probe;
}

/* The slot of a k-mer, or the free one where it belongs. */
static struct gn_kmer_slot *find_slot(const struct gn_kmer_index *index, const struct probe *probe)
{
    size_t mask = index->n_slots - 1;
    uint64_t hash = probe->key * 0x9e3779b97f4a7c15u;
    for (size_t i = (hash >> 32) & mask;; i = (i + 1) & mask) {
        struct gn_kmer_slot *slot = &index->slots[i];
        if (slot->kmer == EMPTY)
            return slot;
        if (slot->key == probe->key && slot->is_packed == probe->is_packed &&
            (slot->is_packed ||
             memcmp(index->kmers[slot->kmer].kmer, probe->kmer, (size_t)index->k) == 0))
            return slot;
    }
}

static void free_slots(struct gn_kmer_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slots[i].kmer = EMPTY;
}

/* Doubles the table. */
static int grow(struct gn_kmer_index *index, gn_error_t *err)
{
    size_t n = 2 * index->n_slots, cap = 0;
    struct gn_kmer_slot *old = index->slots;
    struct gn_kmer_slot *slots =
        gn_reserve(NULL, &cap, n, sizeof *slots, 4 * kmer_limit, "k-mers of one window", err);
    if (slots == NULL)
        return GN_E_MEMORY;
    free_slots(slots, n);
    size_t n_old = index->n_slots;
    index->slots = slots;
    index->slots_cap = cap;
    index->n_slots = n;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].kmer == EMPTY)
            continue;
        struct probe probe = {old[i].key, index->kmers[old[i].kmer].kmer, old[i].is_packed};
        *find_slot(index, &probe) = old[i];
    }
    free(old);
    return GN_OK;
}

static int start(struct gn_kmer_index *index, int k, gn_error_t *err)
{
    index->k = k;
    index->n_kmers = index->n_order = 0;
    if (index->n_slots == 0) {
        index->slots = gn_reserve(NULL, &index->slots_cap, FIRST_N_SLOTS, sizeof *index->slots,
                                  FIRST_N_SLOTS, "k-mers of one window", err);
        if (index->slots == NULL)
            return GN_E_MEMORY;
        index->n_slots = FIRST_N_SLOTS;
    }
    free_slots(index->slots, index->n_slots);
    return GN_OK;
}

/* Counts one occurrence of the cursor's k-mer. Room in order[] is there. */
static int count(struct gn_kmer_index *index, const struct gn_kmer_cursor *cursor, gn_error_t *err)
{
    struct probe probe = make_probe(cursor);
    struct gn_kmer_slot *slot = find_slot(index, &probe);
    if (slot->kmer == EMPTY) {
        struct gn_kmer_hits *kmers =
            gn_reserve(index->kmers, &index->kmers_cap, index->n_kmers + 1, sizeof *kmers,
                       kmer_limit, "k-mers of one window", err);
        if (kmers == NULL)
            return GN_E_MEMORY;
        index->kmers = kmers;
        kmers[index->n_kmers] = (struct gn_kmer_hits){.kmer = probe.kmer};
        *slot = (struct gn_kmer_slot){probe.key, (int32_t)index->n_kmers++, probe.is_packed};
        index->order[index->n_order++] = (uint32_t)slot->kmer;
        kmers[slot->kmer].n = 1;
        return 2 * index->n_kmers > index->n_slots ? grow(index, err) : GN_OK;
    }
    index->order[index->n_order++] = (uint32_t)slot->kmer;
    index->kmers[slot->kmer].n++;
    return GN_OK;
}

/* PARITY(dv-1.9): a sequence of exactly k letters is not indexed either. */
static bool is_indexed(const struct gn_kmer_index *index, const struct gn_sequence *sequence)
{
    return sequence->length > index->k;
}

static int count_all(struct gn_kmer_index *index, const struct gn_sequence *sequences, size_t n,
                     gn_error_t *err)
{
    size_t n_letters = 0;
    for (size_t s = 0; s < n; s++)
        n_letters += (size_t)sequences[s].length;
    uint32_t *order = gn_reserve(index->order, &index->order_cap, n_letters, sizeof *order,
                                 kmer_limit, "read bases of one window", err);
    if (order == NULL)
        return GN_E_MEMORY;
    index->order = order;
    for (size_t s = 0; s < n; s++) {
        struct gn_kmer_cursor cursor = {.sequence = sequences[s], .k = index->k};
        while (is_indexed(index, &sequences[s]) && gn_kmer_next(&cursor)) {
            int status = count(index, &cursor, err);
            if (status != GN_OK)
                return status;
        }
    }
    return GN_OK;
}

/* Turns the counts into hit lists. */
static void file_hits(struct gn_kmer_index *index, const struct gn_sequence *sequences, size_t n)
{
    uint32_t first = 0;
    for (size_t i = 0; i < index->n_kmers; i++) {
        index->kmers[i].first = first;
        first += index->kmers[i].n;
        index->kmers[i].n = 0;
    }
    const uint32_t *next = index->order;
    for (size_t s = 0; s < n; s++) {
        if (!is_indexed(index, &sequences[s]))
            continue;
        for (int offset = 0; offset + index->k <= sequences[s].length; offset++) {
            struct gn_kmer_hits *kmer = &index->kmers[*next++];
            index->hits[kmer->first + kmer->n++] = (struct gn_kmer_hit){(uint32_t)s, offset};
        }
    }
}

int gn_kmer_index_build(struct gn_kmer_index *index, int k, const struct gn_sequence *sequences,
                        size_t n, gn_error_t *err)
{
    int status = start(index, k, err);
    if (status == GN_OK)
        status = count_all(index, sequences, n, err);
    if (status != GN_OK)
        return status;
    struct gn_kmer_hit *hits = gn_reserve(index->hits, &index->hits_cap, index->n_order,
                                          sizeof *hits, kmer_limit, "k-mers of one window", err);
    if (hits == NULL)
        return GN_E_MEMORY;
    index->hits = hits;
    file_hits(index, sequences, n);
    return GN_OK;
}

const struct gn_kmer_hits *gn_kmer_index_find(const struct gn_kmer_index *index,
                                              const struct gn_kmer_cursor *cursor)
{
    struct probe probe = make_probe(cursor);
    const struct gn_kmer_slot *slot = find_slot(index, &probe);
    return slot->kmer == EMPTY ? NULL : &index->kmers[slot->kmer];
}

void gn_kmer_index_clear(struct gn_kmer_index *index)
{
    free(index->slots);
    free(index->kmers);
    free(index->order);
    free(index->hits);
    *index = (struct gn_kmer_index){0};
}
