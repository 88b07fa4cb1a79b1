/* SPDX-License-Identifier: MIT
 *
 * region_text.c - region literals and BED / BEDPE files.
 */
#include <ctype.h>
#include <errno.h>
#include <htslib/hts.h>
#include <htslib/kseq.h>
#include <htslib/kstring.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/index_file.h"
#include "io/regions.h"
#include "io/variant.h"

static bool ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && strcmp(text + n - m, suffix) == 0;
}

/* Digits with optional thousands commas; -1 when there is anything else. */
static int64_t parse_position(const char *text, size_t n)
{
    int64_t value = 0;
    int digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == ',')
            continue;
        if (!isdigit((unsigned char)text[i]) || value > INT64_MAX / 20)
            return -1;
        value = value * 10 + (text[i] - '0');
        digits++;
    }
    return digits > 0 ? value : -1;
}

static int fail_unknown_contig(const char *name, const struct gn_contigs *contigs, gn_error_t *err)
{
    return gn_fail(
        err, GN_E_MISMATCH,
        "region contig '%s' is not in the reference, whose contigs are named like '%s': check the "
        "spelling and the 'chr' prefix",
        name, contigs->n > 0 ? contigs->names[0] : "");
}

/* chr:a-b and chr:p; a contig name may itself hold colons, so the last one counts. */
static int parse_span(struct gn_ranges *ranges, const char *word, const char *colon,
                      const struct gn_contigs *contigs, gn_error_t *err)
{
    char *name = gn_strndup(word, (size_t)(colon - word));
    if (name == NULL)
        return gn_fail_memory(err, "regions");
    const char *first = colon + 1, *dash = strchr(first, '-');
    int64_t start1 = parse_position(first, dash == NULL ? strlen(first) : (size_t)(dash - first));
    int64_t end1 = dash == NULL ? start1 : parse_position(dash + 1, strlen(dash + 1));
    int contig = gn_contigs_find(contigs, name);
    int ret = GN_OK;
    if (start1 < 1 || end1 < start1)
        ret =
            gn_fail(err, GN_E_USAGE,
                    "region '%s' is not of the form contig:start-end with 1 <= start <= end", word);
    else if (contig < 0)
        ret = fail_unknown_contig(name, contigs, err);
    else if (start1 > contigs->lengths[contig])
        ret =
            gn_fail(err, GN_E_MISMATCH, "region '%s' lies outside contig %s, which has %lld bases",
                    word, name, (long long)contigs->lengths[contig]);
    else {
        int64_t length = contigs->lengths[contig];
        ret = gn_ranges_push(
            ranges, (struct gn_range){contig, start1 - 1, end1 < length ? end1 : length}, err);
    }
    free(name);
    return ret;
}

/* Splits a BED row in place; returns the number of fields found, up to max. */
static int split_fields(char *line, char **fields, int max)
{
    int n = 0;
    for (char *p = line; n < max;) {
        fields[n++] = p;
        p = strchr(p, '\t');
        if (p == NULL)
            break;
        *p++ = '\0';
    }
    return n;
}

static bool is_bed_comment(const char *line)
{
    return *line == '\0' || *line == '#' || strncmp(line, "track", 5) == 0 ||
           strncmp(line, "browser", 7) == 0;
}

static int add_bed_row(struct gn_ranges *ranges, char *line, bool is_pairs,
                       const struct gn_contigs *contigs, gn_error_t *err)
{
    char *fields[6];
    int wanted = is_pairs ? 6 : 3;
    int n = split_fields(line, fields, wanted);
    if (n < wanted)
        return gn_fail(err, GN_E_DATA, "%d tab-separated fields where %d are needed", n, wanted);
    if (is_pairs && strcmp(fields[0], fields[3]) != 0)
        return GN_OK;
    const char *end_text = is_pairs ? fields[5] : fields[2];
    size_t end_digits = strcspn(end_text, "\t\r ");
    int64_t start0 = parse_position(fields[1], strlen(fields[1])),
            end0 = parse_position(end_text, end_digits);
    if (start0 < 0 || end0 < start0)
        return gn_fail(err, GN_E_DATA, "start '%s' and end '%s' are not numbers with start <= end",
                       fields[1], end_text);
    int contig = gn_contigs_find(contigs, fields[0]);
    if (contig < 0)
        return GN_OK;
    if (end0 > contigs->lengths[contig])
        end0 = contigs->lengths[contig];
    return start0 < end0 ? gn_ranges_push(ranges, (struct gn_range){contig, start0, end0}, err)
                         : GN_OK;
}

int gn_ranges_read_bed(struct gn_ranges *ranges, const char *path, const struct gn_contigs *contigs,
                       gn_error_t *err)
{
    if (gn_check_input_file("BED file", path, err) < 0)
        return err->code;
    htsFile *file = hts_open(path, "r");
    if (file == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "cannot open BED file %s: %s", path, strerror(errno));
    kstring_t line = {0, 0, NULL};
    size_t before = ranges->n;
    long number = 0, rows = 0;
    int ret = GN_OK, got;
    while (ret == GN_OK && (got = hts_getline(file, KS_SEP_LINE, &line)) >= 0) {
        number++;
        if (is_bed_comment(line.s))
            continue;
        rows++;
        ret = add_bed_row(ranges, line.s, ends_with(path, ".bedpe"), contigs, err);
        if (ret < 0)
            gn_error_prefix(err, "BED file %s, line %ld", path, number);
    }
    if (ret == GN_OK && got < -1)
        ret = gn_fail(err, GN_E_DATA, "BED file %s is truncated or damaged after line %ld", path,
                      number);
    if (ret == GN_OK && rows > 0 && ranges->n == before)
        ret = gn_fail(
            err, GN_E_MISMATCH,
            "BED file %s shares no contig with the reference, whose contigs are named like '%s'",
            path, contigs->n > 0 ? contigs->names[0] : "");
    free(line.s);
    hts_close(file);
    return ret;
}

static int parse_word(struct gn_ranges *ranges, const char *word, const struct gn_contigs *contigs,
                      gn_error_t *err)
{
    if (ends_with(word, ".bed") || ends_with(word, ".bed.gz") || ends_with(word, ".bedpe"))
        return gn_ranges_read_bed(ranges, word, contigs, err);
    int contig = gn_contigs_find(contigs, word);
    if (contig >= 0)
        return gn_ranges_push(ranges, (struct gn_range){contig, 0, contigs->lengths[contig]}, err);
    const char *colon = strrchr(word, ':');
    if (colon != NULL)
        return parse_span(ranges, word, colon, contigs, err);
    return fail_unknown_contig(word, contigs, err);
}

int gn_ranges_parse(struct gn_ranges *ranges, const char *list, const struct gn_contigs *contigs,
                    gn_error_t *err)
{
    struct gn_texts words = {NULL, 0};
    int ret = gn_texts_split(&words, list, " \t\n", err);
    for (int i = 0; i < words.n && ret == GN_OK; i++)
        ret = parse_word(ranges, words.v[i], contigs, err);
    gn_texts_clear(&words);
    return ret;
}
