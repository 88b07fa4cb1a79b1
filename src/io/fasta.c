/* SPDX-License-Identifier: MIT
 *
 * fasta.c - reference access through htslib's faidx, with one cached stretch per handle.
 */
#include "io/fasta.h"

#include <htslib/bgzf.h>
#include <htslib/faidx.h>
#include <htslib/khash.h>
#include <stdlib.h>
#include <string.h>

#include "io/index_file.h"

KHASH_MAP_INIT_STR(contig, int)

enum { CACHE_BEFORE = 16 << 10, CACHE_AFTER = 240 << 10 };

struct gn_fasta {
    faidx_t *faidx;
    struct gn_contigs contigs;
    char *path;
    char *cache; /* bases [cache_start0, cache_end0) of cache_contig */
    int cache_contig;
    int64_t cache_start0, cache_end0;
};

void gn_contigs_clear(struct gn_contigs *contigs)
{
    for (int i = 0; i < contigs->n; i++)
        free(contigs->names[i]);
    free(contigs->names);
    free(contigs->lengths);
    if (contigs->index != NULL)
        kh_destroy(contig, contigs->index);
    *contigs = (struct gn_contigs){NULL, NULL, 0, NULL};
}

int gn_contigs_add(struct gn_contigs *contigs, const char *name, int64_t length, gn_error_t *err)
{
    size_t n = (size_t)contigs->n;
    if (contigs->index == NULL)
        contigs->index = kh_init(contig);
    char **names = realloc(contigs->names, (n + 1) * sizeof *names);
    if (names != NULL)
        contigs->names = names;
    int64_t *lengths = realloc(contigs->lengths, (n + 1) * sizeof *lengths);
    if (lengths != NULL)
        contigs->lengths = lengths;
    char *copy = gn_strdup(name);
    if (contigs->index == NULL || names == NULL || lengths == NULL || copy == NULL) {
        free(copy);
        return gn_fail_memory(err, "the contig table");
    }
    int absent;
    khint_t slot = kh_put(contig, contigs->index, copy, &absent);
    if (absent <= 0) {
        free(copy);
        return absent < 0
                   ? gn_fail_memory(err, "the contig table")
                   : gn_fail(err, GN_E_DATA,
                             "contig '%s' occurs twice: give each contig a name of its own", name);
    }
    kh_value((khash_t(contig) *)contigs->index, slot) = contigs->n;
    names[n] = copy;
    lengths[n] = length;
    contigs->n++;
    return GN_OK;
}

int gn_contigs_find(const struct gn_contigs *contigs, const char *name)
{
    khash_t(contig) *index = contigs->index;
    if (index == NULL)
        return -1;
    khint_t slot = kh_get(contig, index, name);
    return slot == kh_end(index) ? -1 : kh_value(index, slot);
}

static int load_contigs(gn_fasta_t *fasta, gn_error_t *err)
{
    int n = faidx_nseq(fasta->faidx);
    for (int i = 0; i < n; i++) {
        const char *name = faidx_iseq(fasta->faidx, i);
        if (gn_contigs_add(&fasta->contigs, name, faidx_seq_len(fasta->faidx, name), err) < 0)
            return gn_error_prefix(err, "reference %s", fasta->path);
    }
    if (n == 0)
        return gn_fail(err, GN_E_DATA, "reference %s has no contigs: is it a FASTA file?",
                       fasta->path);
    return GN_OK;
}

static bool is_bgzf(const char *path)
{
    BGZF *file = bgzf_open(path, "r");
    if (file == NULL)
        return false;
    bool is = bgzf_compression(file) == 2;
    bgzf_close(file);
    return is;
}

/* Without these checks htslib would print to stderr, or build an index beside the user's file. */
static int check_files(const char *path, gn_error_t *err)
{
    if (gn_is_remote(path))
        return GN_OK;
    if (gn_check_input_file("reference", path, err) < 0)
        return err->code;
    if (!gn_sidecar_exists(path, ".fai"))
        return gn_fail(err, GN_E_NO_INPUT, "reference %s has no index: run 'samtools faidx %s'",
                       path, path);
    size_t n = strlen(path);
    bool is_compressed =
        n > 3 && (strcmp(path + n - 3, ".gz") == 0 || (n > 4 && strcmp(path + n - 4, ".bgz") == 0));
    if (is_compressed && !is_bgzf(path))
        return gn_fail(err, GN_E_DATA,
                       "reference %s is not compressed with bgzip: run 'gunzip %s', 'bgzip' and "
                       "'samtools faidx'",
                       path, path);
    if (is_compressed && !gn_sidecar_exists(path, ".gzi"))
        return gn_fail(err, GN_E_NO_INPUT,
                       "compressed reference %s has no .gzi index: run 'samtools faidx %s'", path,
                       path);
    return GN_OK;
}

gn_fasta_t *gn_fasta_open(const char *path, gn_error_t *err)
{
    if (check_files(path, err) < 0)
        return NULL;
    gn_fasta_t *fasta = calloc(1, sizeof *fasta);
    if (fasta == NULL || (fasta->path = gn_strdup(path)) == NULL) {
        free(fasta);
        gn_fail_memory(err, "the reference");
        return NULL;
    }
    fasta->cache_contig = -1;
    fasta->faidx = fai_load3(path, NULL, NULL, 0);
    if (fasta->faidx == NULL) {
        gn_fail(err, GN_E_DATA,
                "cannot load reference %s or its index: run 'samtools faidx %s' again", path, path);
        gn_fasta_close(fasta);
        return NULL;
    }
    if (load_contigs(fasta, err) < 0) {
        gn_fasta_close(fasta);
        return NULL;
    }
    return fasta;
}

void gn_fasta_close(gn_fasta_t *fasta)
{
    if (fasta == NULL)
        return;
    if (fasta->faidx != NULL)
        fai_destroy(fasta->faidx);
    gn_contigs_clear(&fasta->contigs);
    free(fasta->cache);
    free(fasta->path);
    free(fasta);
}

const struct gn_contigs *gn_fasta_contigs(const gn_fasta_t *fasta)
{
    return &fasta->contigs;
}

static void upper_case(char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (bases[i] >= 'a' && bases[i] <= 'z')
            bases[i] = (char)(bases[i] - 'a' + 'A');
}

static int refill_cache(gn_fasta_t *fasta, int contig, int64_t start0, int64_t end0,
                        gn_error_t *err)
{
    const char *name = fasta->contigs.names[contig];
    int64_t length = fasta->contigs.lengths[contig];
    int64_t from = start0 > CACHE_BEFORE ? start0 - CACHE_BEFORE : 0;
    int64_t to = end0 + CACHE_AFTER < length ? end0 + CACHE_AFTER : length;
    free(fasta->cache);
    fasta->cache_contig = -1;
    hts_pos_t got = 0;
    fasta->cache = faidx_fetch_seq64(fasta->faidx, name, from, to - 1, &got);
    if (fasta->cache == NULL || got != to - from)
        return gn_fail(err, GN_E_DATA,
                       "cannot read %s:%lld-%lld from reference %s: the file is truncated or its "
                       "index is old; "
                       "run 'samtools faidx' again",
                       name, (long long)from + 1, (long long)to, fasta->path);
    upper_case(fasta->cache, got);
    fasta->cache_contig = contig;
    fasta->cache_start0 = from;
    fasta->cache_end0 = to;
    return GN_OK;
}

const char *gn_fasta_peek(gn_fasta_t *fasta, int contig, int64_t start0, int64_t end0,
                          gn_error_t *err)
{
    if (contig < 0 || contig >= fasta->contigs.n || start0 < 0 || start0 > end0 ||
        end0 > fasta->contigs.lengths[contig]) {
        gn_fail(err, GN_E_INTERNAL, "reference request %d:%lld-%lld lies outside the contig",
                contig, (long long)start0, (long long)end0);
        return NULL;
    }
    if (start0 == end0)
        return "";
    if (contig != fasta->cache_contig || start0 < fasta->cache_start0 || end0 > fasta->cache_end0)
        if (refill_cache(fasta, contig, start0, end0, err) < 0)
            return NULL;
    return fasta->cache + (start0 - fasta->cache_start0);
}

char *gn_fasta_fetch(gn_fasta_t *fasta, int contig, int64_t start0, int64_t end0, gn_arena_t *arena,
                     gn_error_t *err)
{
    const char *bases = gn_fasta_peek(fasta, contig, start0, end0, err);
    if (bases == NULL)
        return NULL;
    char *copy = gn_arena_strndup(arena, bases, (size_t)(end0 - start0));
    if (copy == NULL)
        gn_fail_memory(err, "reference bases of one partition");
    return copy;
}
