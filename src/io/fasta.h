/* SPDX-License-Identifier: MIT
 *
 * fasta.h - the reference: contig table and random access to upper-cased bases.
 *
 * Plain or bgzipped FASTA with .fai (and .gzi) beside it, through htslib. IUPAC letters stay as
 * they are.
 */
#ifndef GN_IO_FASTA_H
#define GN_IO_FASTA_H

#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

/// Names and lengths of contigs, in file order.
struct gn_contigs {
    char **names;
    int64_t *lengths; /* bases */
    int n;
    void *index; /* name -> number, private */
};

void gn_contigs_clear(struct gn_contigs *contigs);

/// Appends a contig and its name to the index. A second contig of the same name is GN_E_DATA.
int gn_contigs_add(struct gn_contigs *contigs, const char *name, int64_t length, gn_error_t *err);

/// Number of a contig, -1 when unknown. Thread-safe.
int gn_contigs_find(const struct gn_contigs *contigs, const char *name);

typedef struct gn_fasta gn_fasta_t;

/// Opens a reference. GN_E_NO_INPUT names the missing file or index and the command that makes it.
/// Not thread-safe: each worker opens its own handle.
GN_MUST_CHECK
gn_fasta_t *gn_fasta_open(const char *path, gn_error_t *err);
void gn_fasta_close(gn_fasta_t *fasta);

/// The contig table; belongs to the handle.
const struct gn_contigs *gn_fasta_contigs(const gn_fasta_t *fasta);

/// Upper-case bases [start0, end0) of a contig, which must lie inside it (else GN_E_INTERNAL). The
/// pointer stays valid until the next call on this handle; at least 128 kb around the request are
/// cached, so neighbouring requests are cheap.
GN_MUST_CHECK
const char *gn_fasta_peek(gn_fasta_t *fasta, int contig, int64_t start0, int64_t end0,
                          gn_error_t *err);

/// The same, copied into the arena with a terminating zero.
GN_MUST_CHECK
char *gn_fasta_fetch(gn_fasta_t *fasta, int contig, int64_t start0, int64_t end0, gn_arena_t *arena,
                     gn_error_t *err);

#endif
