/* SPDX-License-Identifier: MIT
 *
 * short_strings.c - when the table is half full, the half of the names with the larger hashes is
 * dropped, and later ones like them are not taken.
 */
#include "simulate/short/short_strings.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE = 1 << 14, MOST_PAIRS = TABLE_SIZE / 2 };

int gn_string_sample_init(struct gn_string_sample *sample, gn_error_t *err)
{
    *sample = (struct gn_string_sample){.limit = UINT64_MAX};
    sample->v = calloc(TABLE_SIZE, sizeof *sample->v);
    return sample->v == NULL ? gn_fail_memory(err, "sampled qualities") : GN_OK;
}

void gn_string_sample_clear(struct gn_string_sample *sample)
{
    free(sample->v);
    *sample = (struct gn_string_sample){0};
}

static uint64_t hash_name(const char *name)
{
    uint64_t hash = 1469598103934665603ULL; /* FNV-1a, then mixed */
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211ULL;
    hash = gn_hash_place(hash);
    return hash == 0 ? 1 : hash;
}

static struct gn_sampled_pair *find(struct gn_sampled_pair *table, uint64_t hash)
{
    size_t at = (size_t)(hash >> 20) % TABLE_SIZE;
    while (table[at].hash != 0 && table[at].hash != hash)
        at = (at + 1) % TABLE_SIZE;
    return &table[at];
}

static int drop_half(struct gn_string_sample *sample, gn_error_t *err)
{
    struct gn_sampled_pair *kept = calloc(TABLE_SIZE, sizeof *kept);
    if (kept == NULL)
        return gn_fail_memory(err, "sampled qualities");
    sample->limit /= 2;
    sample->n = 0;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        const struct gn_sampled_pair *pair = &sample->v[i];
        if (pair->hash == 0 || pair->hash >= sample->limit)
            continue;
        *find(kept, pair->hash) = *pair;
        sample->n++;
    }
    free(sample->v);
    sample->v = kept;
    return GN_OK;
}

int gn_string_sample_add(struct gn_string_sample *sample, const char *name, bool is_second,
                         const uint8_t *qualities, int n, gn_error_t *err)
{
    uint64_t hash = hash_name(name);
    if (hash >= sample->limit || n > GN_SHORT_LONGEST_READ)
        return GN_OK;
    struct gn_sampled_pair *pair = find(sample->v, hash);
    sample->n += pair->hash == 0;
    pair->hash = hash;
    pair->length[is_second] = n;
    memcpy(pair->qualities[is_second], qualities, (size_t)n);
    return sample->n >= MOST_PAIRS ? drop_half(sample, err) : GN_OK;
}

static int sum_of(const struct gn_sampled_pair *pair)
{
    int sum = 0;
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < pair->length[r]; k++)
            sum += pair->qualities[r][k];
    return sum;
}

static int by_mean(const void *a, const void *b)
{
    const struct gn_sampled_pair *x = a, *y = b;
    int difference = sum_of(x) - sum_of(y);
    if (difference != 0)
        return difference;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

int gn_string_sample_take(struct gn_string_sample *sample, int read_length, int most,
                          struct gn_short_profile *profile, gn_error_t *err)
{
    size_t n = 0;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        const struct gn_sampled_pair *pair = &sample->v[i];
        if (pair->hash != 0 && pair->length[0] == read_length && pair->length[1] == read_length)
            sample->v[n++] = *pair;
    }
    if (n == 0)
        return gn_fail(err, GN_E_DATA,
                       "the reads hold no whole pair: give paired reads of one length");
    qsort(sample->v, n, sizeof *sample->v, by_mean);
    size_t n_taken = n < (size_t)most ? n : (size_t)most;
    profile->strings = calloc(n_taken, sizeof *profile->strings);
    if (profile->strings == NULL)
        return gn_fail_memory(err, "a profile's qualities");
    profile->n_strings = (int)n_taken;
    for (size_t i = 0; i < n_taken; i++) {
        const struct gn_sampled_pair *pair = &sample->v[(2 * i + 1) * n / (2 * n_taken)];
        memcpy(profile->strings[i], pair->qualities, sizeof *profile->strings);
    }
    return GN_OK;
}
