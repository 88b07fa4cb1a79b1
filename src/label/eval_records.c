/* SPDX-License-Identifier: MIT
 *
 * eval_records.c - lines as they were read, with one INFO field more.
 */
#include "label/eval_records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <htslib/bgzf.h>
#include <htslib/kstring.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>

#include "io/pending_file.h"

enum { N_FILES = 4 }; /* matched and wrong of the truth, then of the calls */
static const char *const NAMES[N_FILES] = {"tp-baseline", "fn", "tp", "fp"};
static const char FIELD[] = "##INFO=<ID=EVAL,Number=1,Type=String,Description=\"TP, FP or FN by "
                            "gannet eval; _GT: the alleles are right\">\n";

struct gn_eval_records {
    struct gn_pending_file names[N_FILES];
    BGZF *files[N_FILES];
};

/* What became of a record's counted units. */
struct fate {
    bool is_counted, is_wrong, has_wrong_allele;
};

static int write_text(gn_eval_records_t *files, int i, const char *text, size_t n, gn_error_t *err)
{
    if (bgzf_write(files->files[i], text, n) == (ssize_t)n)
        return GN_OK;
    return gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                   files->names[i].final_name);
}

static int read_header(const char *path, kstring_t *text, gn_error_t *err)
{
    htsFile *file = hts_open(path, "r");
    bcf_hdr_t *header = file == NULL ? NULL : bcf_hdr_read(file);
    bool is_read = header != NULL && bcf_hdr_format(header, 0, text) == 0 && text->s != NULL;
    if (header != NULL)
        bcf_hdr_destroy(header);
    if (file != NULL)
        hts_close(file);
    return is_read ? GN_OK
                   : gn_fail(err, GN_E_DATA,
                             "%s: its header cannot be read: give a VCF or BCF file", path);
}

static int write_header(gn_eval_records_t *files, int i, const kstring_t *text, gn_error_t *err)
{
    const char *columns = text->s == NULL ? NULL : strstr(text->s, "#CHROM");
    size_t n = columns == NULL ? text->l : (size_t)(columns - text->s);
    int code = write_text(files, i, text->s, n, err);
    if (code == GN_OK)
        code = write_text(files, i, FIELD, sizeof FIELD - 1, err);
    return code == GN_OK ? write_text(files, i, text->s + n, text->l - n, err) : code;
}

static int open_file(gn_eval_records_t *files, int i, const char *folder, const kstring_t *header,
                     gn_error_t *err)
{
    char *name = NULL;
    if (asprintf(&name, "%s/%s.vcf.gz", folder, NAMES[i]) < 0)
        return gn_fail_memory(err, "output names");
    int code = gn_pending_file_begin(&files->names[i], name, err);
    free(name);
    if (code < 0)
        return code;
    files->files[i] = bgzf_open(files->names[i].temporary_name, "w");
    if (files->files[i] == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "cannot write %s: %s", files->names[i].final_name,
                       strerror(errno));
    return write_header(files, i, header, err);
}

gn_eval_records_t *gn_eval_records_open(const char *folder, const char *truth, const char *calls,
                                        gn_error_t *err)
{
    const char *const paths[2] = {truth, calls};
    gn_eval_records_t *files = calloc(1, sizeof *files);
    int code = files == NULL ? gn_fail_memory(err, "output names") : GN_OK;
    if (code == GN_OK && mkdir(folder, 0777) != 0 && errno != EEXIST)
        code = gn_fail(err, GN_E_CANNOT_CREATE, "cannot make the folder %s: %s", folder,
                       strerror(errno));
    for (int side = 0; side < 2 && code == GN_OK; side++) {
        kstring_t header = KS_INITIALIZE;
        code = read_header(paths[side], &header, err);
        for (int i = 0; i < 2 && code == GN_OK; i++)
            code = open_file(files, 2 * side + i, folder, &header, err);
        ks_free(&header);
    }
    if (code == GN_OK)
        return files;
    gn_eval_records_abort(files);
    return NULL;
}

/* The line with INFO/EVAL. */
static int annotate(const char *line, const char *verdict, kstring_t *out)
{
    const char *info = line;
    for (int column = 0; column < 7 && info != NULL; column++) {
        info = strchr(info, '\t');
        info = info == NULL ? NULL : info + 1;
    }
    if (info == NULL)
        return -1;
    size_t n = strcspn(info, "\t\n");
    bool is_empty = n == 1 && *info == '.';
    out->l = 0;
    kputsn(line, info - line, out);
    if (!is_empty) {
        kputsn(info, n, out);
        kputc(';', out);
    }
    kputs("EVAL=", out);
    kputs(verdict, out);
    return kputs(info + n, out);
}

static int write_record(gn_eval_records_t *files, int side, const char *line,
                        const struct fate *fate, kstring_t *text, gn_error_t *err)
{
    static const char *const wrong[2] = {"FN", "FP"}, *const wrong_genotype[2] = {"FN_GT", "FP_GT"};
    if (!fate->is_counted)
        return GN_OK;
    const char *verdict = !fate->is_wrong          ? "TP"
                          : fate->has_wrong_allele ? wrong[side]
                                                   : wrong_genotype[side];
    if (annotate(line, verdict, text) < 0)
        return gn_fail_memory(err, "a variant record");
    return write_text(files, 2 * side + fate->is_wrong, text->s, text->l, err);
}

int gn_eval_records_write(gn_eval_records_t *files, int side, const struct gn_truth *records,
                          const struct gn_eval_units *units, gn_error_t *err)
{
    struct fate *fates = calloc(records->n + 1, sizeof *fates);
    kstring_t text = KS_INITIALIZE;
    if (fates == NULL)
        return gn_fail_memory(err, "variant records");
    for (size_t i = 0; i < units->n; i++) {
        const struct gn_eval_unit *unit = &units->v[i];
        struct fate *fate = &fates[unit->record];
        if (!unit->is_counted)
            continue;
        fate->is_counted = true;
        fate->is_wrong |= !unit->is_matched;
        fate->has_wrong_allele |= !unit->is_allele_matched;
    }
    int code = GN_OK;
    for (size_t i = 0; i < records->n && code == GN_OK; i++)
        code = write_record(files, side, records->notes[i].line, &fates[i], &text, err);
    ks_free(&text);
    free(fates);
    return code;
}

/* The index takes its name from the file's final one. */
static int write_index(const char *path, gn_error_t *err)
{
    return tbx_index_build(path, 0, &tbx_conf_vcf) == 0
               ? GN_OK
               : gn_fail(err, GN_E_IO, "cannot index %s: check the free space", path);
}

int gn_eval_records_commit(gn_eval_records_t *files, gn_error_t *err)
{
    int code = GN_OK;
    for (int i = 0; i < N_FILES && code == GN_OK; i++) {
        BGZF *file = files->files[i];
        files->files[i] = NULL;
        char *path = strdup(files->names[i].final_name);
        if (bgzf_close(file) < 0)
            code = gn_fail(err, GN_E_IO, "%s: cannot write: check the free space",
                           files->names[i].final_name);
        if (code == GN_OK)
            code = path == NULL ? gn_fail_memory(err, "output names")
                                : gn_pending_file_commit(&files->names[i], err);
        if (code == GN_OK)
            code = write_index(path, err);
        free(path);
    }
    gn_eval_records_abort(files);
    return code;
}

void gn_eval_records_abort(gn_eval_records_t *files)
{
    if (files == NULL)
        return;
    for (int i = 0; i < N_FILES; i++) {
        if (files->files[i] != NULL)
            bgzf_close(files->files[i]);
        gn_pending_file_discard(&files->names[i]);
    }
    free(files);
}
