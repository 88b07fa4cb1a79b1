/* SPDX-License-Identifier: MIT
 *
 * united_header.c - lines of the second and later files into the header of the first.
 */
#include "phase/united_header.h"

#include <htslib/khash.h>
#include <htslib/kstring.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

KHASH_MAP_INIT_STR(names, char *)
KHASH_SET_INIT_STR(lines)

enum kind { READ_GROUP, PROGRAM, KINDS };
static const char *const types[KINDS] = {"RG", "PG"}; /* of header lines, and of records' tags */

/* New IDs of one file. */
struct renaming {
    khash_t(names) * of[KINDS]; /* old ID -> new ID, both owned; NULL: none */
};

struct gn_united_header {
    sam_hdr_t *header;
    struct renaming *renamings; /* per file */
    int n;
};

static void clear_names(khash_t(names) * names)
{
    if (names == NULL)
        return;
    for (khint_t i = 0; i < kh_end(names); i++)
        if (kh_exist(names, i)) {
            free((char *)kh_key(names, i));
            free(kh_value(names, i));
        }
    kh_destroy(names, names);
}

void gn_united_header_destroy(gn_united_header_t *united)
{
    if (united == NULL)
        return;
    for (int i = 0; i < united->n && united->renamings != NULL; i++)
        for (int kind = 0; kind < KINDS; kind++)
            clear_names(united->renamings[i].of[kind]);
    free(united->renamings);
    sam_hdr_destroy(united->header);
    free(united);
}

sam_hdr_t *gn_united_header_get(const gn_united_header_t *united)
{
    return united->header;
}

static const char *new_name(const struct renaming *renaming, enum kind kind, const char *id)
{
    if (renaming->of[kind] == NULL)
        return NULL;
    khint_t slot = kh_get(names, renaming->of[kind], id);
    return slot == kh_end(renaming->of[kind]) ? NULL : kh_value(renaming->of[kind], slot);
}

/* id-1, id-2, ...: the first that neither header has. */
static char *choose_name(sam_hdr_t *to, sam_hdr_t *from, const char *type, const char *id)
{
    for (int i = 1;; i++) {
        char *name = NULL;
        if (asprintf(&name, "%s-%d", id, i) < 0)
            return NULL;
        if (sam_hdr_line_index(to, type, name) == -1 && sam_hdr_line_index(from, type, name) == -1)
            return name;
        free(name);
    }
}

static int rename_id(struct renaming *renaming, enum kind kind, const char *id, char *name,
                     gn_error_t *err)
{
    if (renaming->of[kind] == NULL)
        renaming->of[kind] = kh_init(names);
    char *old = gn_strdup(id);
    int absent = -1;
    khint_t slot = 0;
    if (renaming->of[kind] != NULL && old != NULL && name != NULL)
        slot = kh_put(names, renaming->of[kind], old, &absent);
    if (absent > 0) {
        kh_value(renaming->of[kind], slot) = name;
        return GN_OK;
    }
    free(old);
    free(name);
    return absent == 0 ? GN_OK : gn_fail_memory(err, "the header of several files");
}

/* Replaces the value of a field of a line ("@RG\tID:a\t..."). */
static int replace_field(kstring_t *line, const char *field, const char *value)
{
    char *found = strstr(line->s, field);
    if (found == NULL)
        return 0;
    found += strlen(field);
    char *rest = gn_strdup(found + strcspn(found, "\t"));
    line->l = (size_t)(found - line->s);
    int failed = rest == NULL || kputs(value, line) < 0 || kputs(rest, line) < 0;
    free(rest);
    return failed ? -1 : 0;
}

/* One line of a file on its way into the united header. */
struct line {
    kstring_t id, text;
    bool is_taken; /* the header has a line with this ID */
    bool is_known; /* and it says the same */
};

static void clear_line(struct line *line)
{
    ks_free(&line->id);
    ks_free(&line->text);
}

/* GN_OK, or GN_E_DATA for a line without ID. */
static int read_line(sam_hdr_t *to, sam_hdr_t *from, enum kind kind, int i, struct line *line)
{
    const char *type = types[kind];
    kstring_t there = KS_INITIALIZE;
    *line = (struct line){KS_INITIALIZE, KS_INITIALIZE, false, false};
    if (sam_hdr_find_tag_pos(from, type, i, "ID", &line->id) != 0 ||
        sam_hdr_find_line_pos(from, type, i, &line->text) != 0)
        return GN_E_DATA;
    line->is_taken = sam_hdr_line_index(to, type, line->id.s) >= 0;
    line->is_known = line->is_taken &&
                     sam_hdr_find_line_id(to, type, "ID", line->id.s, &there) == 0 &&
                     strcmp(there.s, line->text.s) == 0;
    ks_free(&there);
    return GN_OK;
}

static int fail_line(const char *type, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "the @%s lines of the reads files make no header together: give each file's "
                   "lines an ID of their own ('samtools reheader')",
                   type);
}

/* Decides which lines get a new ID. *all_known: nothing needs to be added. */
static int rename_lines(gn_united_header_t *united, sam_hdr_t *from, enum kind kind,
                        struct renaming *renaming, bool *all_known, gn_error_t *err)
{
    int status = GN_OK, n = sam_hdr_count_lines(from, types[kind]);
    bool is_history = kind == PROGRAM;
    *all_known = true;
    for (int pass = 0; pass < 2 && status == GN_OK; pass++)
        for (int i = 0; i < n && status == GN_OK; i++) {
            struct line line;
            status = read_line(united->header, from, kind, i, &line);
            if (status < 0)
                fail_line(types[kind], err);
            else if (pass == 0)
                *all_known = *all_known && line.is_known;
            else if (line.is_taken && !*all_known && (is_history || !line.is_known))
                status = rename_id(renaming, kind, line.id.s,
                                   choose_name(united->header, from, types[kind], line.id.s), err);
            clear_line(&line);
        }
    return status;
}

static int add_line(sam_hdr_t *to, struct line *line, enum kind kind,
                    const struct renaming *renaming)
{
    const char *name = new_name(renaming, kind, line->id.s);
    if (name != NULL && replace_field(&line->text, "\tID:", name) < 0)
        return -1;
    char *previous = kind == PROGRAM ? strstr(line->text.s, "\tPP:") : NULL;
    if (previous != NULL) {
        previous += strlen("\tPP:");
        char *id = gn_strndup(previous, strcspn(previous, "\t"));
        name = id == NULL ? NULL : new_name(renaming, kind, id);
        bool failed = id == NULL || (name != NULL && replace_field(&line->text, "\tPP:", name) < 0);
        free(id);
        if (failed)
            return -1;
    }
    return sam_hdr_add_lines(to, line->text.s, line->text.l);
}

static int unite_lines(gn_united_header_t *united, sam_hdr_t *from, enum kind kind,
                       struct renaming *renaming, gn_error_t *err)
{
    bool all_known = true;
    int status = rename_lines(united, from, kind, renaming, &all_known, err);
    int n = all_known ? 0 : sam_hdr_count_lines(from, types[kind]);
    for (int i = 0; i < n && status == GN_OK; i++) {
        struct line line;
        status = read_line(united->header, from, kind, i, &line);
        bool is_there = line.is_known && new_name(renaming, kind, line.id.s) == NULL;
        if (status == GN_OK && !is_there && add_line(united->header, &line, kind, renaming) < 0)
            status = fail_line(types[kind], err);
        clear_line(&line);
    }
    return status;
}

/* The next comment line from *p on, malloc'ed without its newline; NULL when there is none. */
static char *next_comment(const char **p)
{
    while (**p != '\0') {
        const char *line = *p;
        size_t n = strcspn(line, "\n");
        *p += n + (line[n] == '\n');
        if (strncmp(line, "@CO\t", 4) == 0)
            return gn_strndup(line, n);
    }
    return NULL;
}

/* Puts a file's comments into the set, and those that are new into the header as well. Takes the text's lines. */
static int unite_comments(sam_hdr_t *to, sam_hdr_t *from, khash_t(lines) * seen, bool is_first)
{
    const char *text = sam_hdr_str(from);
    if (text == NULL)
        return -1;
    for (char *line; (line = next_comment(&text)) != NULL;) {
        int absent;
        kh_put(lines, seen, line, &absent);
        if (absent <= 0)
            free(line);
        if (absent < 0 ||
            (absent > 0 && !is_first && sam_hdr_add_lines(to, line, strlen(line)) < 0))
            return -1;
    }
    return 0;
}

static int unite_all_comments(gn_united_header_t *united, sam_hdr_t *const *headers, int n,
                              gn_error_t *err)
{
    khash_t(lines) *seen = kh_init(lines);
    int failed = seen == NULL;
    for (int i = 0; i < n && !failed; i++)
        failed = unite_comments(united->header, headers[i], seen, i == 0) < 0;
    for (khint_t i = 0; seen != NULL && i < kh_end(seen); i++)
        if (kh_exist(seen, i))
            free((char *)kh_key(seen, i));
    if (seen != NULL)
        kh_destroy(lines, seen);
    return failed ? gn_fail_memory(err, "the header of several files") : GN_OK;
}

/* Several files keep no grouping or finer order of their records. */
static int state_order(sam_hdr_t *header, int n)
{
    if (sam_hdr_count_lines(header, "HD") <= 0)
        return sam_hdr_add_line(header, "HD", "VN", "1.6", "SO", "coordinate", NULL);
    if (n > 1) {
        sam_hdr_remove_tag_hd(header, "GO");
        sam_hdr_remove_tag_hd(header, "SS");
    }
    return sam_hdr_update_hd(header, "SO", "coordinate");
}

gn_united_header_t *gn_united_header_create(sam_hdr_t *const *headers, int n, gn_error_t *err)
{
    gn_united_header_t *united = calloc(1, sizeof *united);
    if (united != NULL)
        *united = (gn_united_header_t){sam_hdr_dup(headers[0]),
                                       calloc((size_t)n, sizeof *united->renamings), n};
    int status = GN_OK;
    if (united == NULL || united->header == NULL || united->renamings == NULL)
        status = gn_fail_memory(err, "the header of several files");
    for (int i = 1; i < n && status == GN_OK; i++)
        for (int kind = 0; kind < KINDS && status == GN_OK; kind++)
            status = unite_lines(united, headers[i], (enum kind)kind, &united->renamings[i], err);
    if (status == GN_OK && n > 1)
        status = unite_all_comments(united, headers, n, err);
    if (status == GN_OK && state_order(united->header, n) < 0)
        status = gn_fail(err, GN_E_DATA, "the @HD line of the reads file cannot be changed");
    if (status == GN_OK)
        return united;
    gn_united_header_destroy(united);
    return NULL;
}

int gn_united_header_translate(const gn_united_header_t *united, int file, bam1_t *record,
                               gn_error_t *err)
{
    const struct renaming *renaming = &united->renamings[file];
    for (int kind = 0; kind < KINDS; kind++) {
        const uint8_t *tag = renaming->of[kind] == NULL ? NULL : bam_aux_get(record, types[kind]);
        const char *id = tag == NULL ? NULL : bam_aux2Z(tag);
        const char *name = id == NULL ? NULL : new_name(renaming, (enum kind)kind, id);
        if (name != NULL && bam_aux_update_str(record, types[kind], -1, name) < 0)
            return gn_fail_memory(err, "a record");
    }
    return GN_OK;
}
