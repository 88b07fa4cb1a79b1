/* SPDX-License-Identifier: MIT
 *
 * temporary_folder.h - a folder for the files that a test makes, removed with all it holds.
 */
#ifndef GN_TESTS_TEMPORARY_FOLDER_H
#define GN_TESTS_TEMPORARY_FOLDER_H

#include <ftw.h>
#include <htslib/faidx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/fasta.h"

struct temporary_folder {
    char dir[64];
    char path[160]; /* of the file named last */
};

static inline void temporary_make(struct temporary_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    int n = snprintf(folder->dir, sizeof folder->dir, "%s/gannet-test-XXXXXX",
                     parent != NULL && strlen(parent) < 40 ? parent : "/tmp");
    if (n <= 0 || mkdtemp(folder->dir) == NULL)
        abort();
}

static inline int temporary_remove_entry(const char *path, const struct stat *status, int flag,
                                         struct FTW *where)
{
    (void)status;
    (void)flag;
    (void)where;
    return remove(path);
}

static inline void temporary_remove(struct temporary_folder *folder)
{
    nftw(folder->dir, temporary_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Valid until the next call for this folder. */
static inline const char *temporary_path(struct temporary_folder *folder, const char *name)
{
    snprintf(folder->path, sizeof folder->path, "%s/%s", folder->dir, name);
    return folder->path;
}

static inline const char *temporary_write(struct temporary_folder *folder, const char *name,
                                          const char *text)
{
    FILE *file = fopen(temporary_path(folder, name), "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return folder->path;
}

/* A FASTA file of the given text, indexed and opened. */
static inline gn_fasta_t *temporary_fasta(struct temporary_folder *folder, const char *text)
{
    const char *path = temporary_write(folder, "reference.fa", text);
    gn_error_t err = {0};
    gn_fasta_t *fasta = fai_build(path) == 0 ? gn_fasta_open(path, &err) : NULL;
    if (fasta == NULL)
        abort();
    return fasta;
}

#endif
