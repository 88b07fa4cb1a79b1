/* SPDX-License-Identifier: MIT
 *
 * short_profile_json.c - profiles as JSON. One table names every number of a profile with its
 * bounds; reading, checking and writing go through it.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "io/pending_file.h"
#include "simulate/short/short_profile.h"

enum { FORMAT_VERSION = 1 };

struct field {
    const char *key;
    size_t offset;
    int rows, columns; /* 1, 1: a number; 1, n: a list; m, n: a list of lists */
    double min, max;
    bool may_be_shorter; /* the missing end is zeros */
    bool needs_total;    /* shares to draw by: their sum must be positive */
};

#define AT(member) offsetof(struct gn_short_profile, member)
static const struct field fields[] = {
    {"mismatch_by_quality", AT(mismatch), 1, GN_SHORT_QUALITIES, 0, 1, true, false},
    {"mismatch_spectrum", AT(context), 2 * GN_SHORT_CONTEXTS, 4, 0, 1000, false, false},
    {"unknown_at_low_quality", AT(unknown), 1, 1, 0, 1, false, false},
    {"error_prone_places", AT(place), 1, GN_SHORT_PLACE_LEVELS, 0, 0.1, false, false},
    {"repeat_insertion", AT(insertion), GN_SHORT_UNITS, GN_SHORT_COPIES, 0, 0.5, false, false},
    {"repeat_deletion", AT(deletion), GN_SHORT_UNITS, GN_SHORT_COPIES, 0, 0.5, false, false},
    {"repeat_indel_extends", AT(slip_extends), 1, 1, 0, 0.95, false, false},
    {"insertion", AT(free_insertion), 1, 1, 0, 0.01, false, false},
    {"deletion", AT(free_deletion), 1, 1, 0, 0.01, false, false},
    {"indel_extends", AT(free_extends), 1, 1, 0, 0.95, false, false},
    {"clipped_at_start", AT(clip_start), 1, 1, 0, 0.5, false, false},
    {"clipped_at_end", AT(clip_end), 1, 1, 0, 0.5, false, false},
    {"clipped_length", AT(clip_length), 1, GN_SHORT_CLIP_BINS, 0, 1e12, false, true},
    {"foreign_reads", AT(foreign), 1, 1, 0, 0.5, false, false},
    {"foreign_divergence", AT(foreign_divergence), 1, 1, 0, 0.5, false, false},
    {"mapq_clean", AT(clean.share), 1, GN_SHORT_MAPQS, 0, 1e12, true, true},
    {"mapq_doubtful", AT(doubtful.share), 1, GN_SHORT_MAPQS, 0, 1e12, true, true},
    {"doubtful_share", AT(doubtful_share), 1, 1, 0, 1, false, false},
    {"doubtful_length", AT(doubtful_length), 1, 1, 1, 1e6, false, false},
    {"improper_pairs", AT(improper), 1, 1, 0, 0.5, false, false},
    {"unmapped_mates", AT(unmapped_mate), 1, 1, 0, 0.5, false, false},
    {"duplicates", AT(duplicate), 1, 1, 0, 0.9, false, false},
    {"depth_by_gc", AT(gc_depth), 1, GN_SHORT_GC_BINS, 0, 10, false, true},
    {"depth_variation", AT(depth_variation), 1, 1, 0, 2, false, false},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

/* A profile while it is read. */
struct reading {
    const char *path;
    const json_t *root;
    struct gn_short_profile *profile;
    gn_error_t *err;
};

static int refuse(const struct reading *r, const char *key, const char *why)
{
    return gn_fail(r->err, GN_E_DATA, "%s: \"%s\" %s: learn the profile again", r->path, key, why);
}

static int read_number(const struct reading *r, const struct field *field, const json_t *value,
                       double *number)
{
    if (!json_is_number(value))
        return refuse(r, field->key, "is missing or is not a number");
    *number = json_number_value(value);
    if (!(*number >= field->min && *number <= field->max))
        return gn_fail(r->err, GN_E_DATA,
                       "%s: \"%s\": %g is not in %g to %g: learn the profile again", r->path,
                       field->key, *number, field->min, field->max);
    return GN_OK;
}

static int read_row(const struct reading *r, const struct field *field, const json_t *row,
                    double *numbers)
{
    size_t n = json_array_size(row); /* 0 of what is no list */
    if (n > (size_t)field->columns || (n < (size_t)field->columns && !field->may_be_shorter) ||
        n == 0)
        return refuse(r, field->key, "is missing or has a wrong number of values");
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        int code = read_number(r, field, json_array_get(row, i), &numbers[i]);
        if (code < 0)
            return code;
        total += numbers[i];
    }
    return field->needs_total && !(total > 0) ? refuse(r, field->key, "is all zeros") : GN_OK;
}

static int read_field(const struct reading *r, const struct field *field)
{
    const json_t *value = json_object_get(r->root, field->key);
    double *numbers = (double *)(void *)((char *)r->profile + field->offset);
    if (field->columns == 1)
        return read_number(r, field, value, numbers);
    if (field->rows == 1)
        return read_row(r, field, value, numbers);
    if (json_array_size(value) != (size_t)field->rows)
        return refuse(r, field->key, "is missing or has a wrong number of rows");
    int code = GN_OK;
    for (int i = 0; i < field->rows && code == GN_OK; i++)
        code = read_row(r, field, json_array_get(value, (size_t)i), numbers + i * field->columns);
    return code;
}

static int read_text(const struct reading *r, const char *key, char **text)
{
    const char *value = json_string_value(json_object_get(r->root, key));
    if (value == NULL)
        return refuse(r, key, "is missing or is no text");
    *text = gn_strdup(value);
    return *text == NULL ? gn_fail_memory(r->err, "a profile") : GN_OK;
}

static int read_whole(const struct reading *r, const char *key, int min, int max, int *number)
{
    const json_t *value = json_object_get(r->root, key);
    json_int_t whole = json_integer_value(value);
    if (!json_is_integer(value) || whole < min || whole > max)
        return gn_fail(r->err, GN_E_DATA,
                       "%s: \"%s\" is not a whole number of %d to %d: learn the profile again",
                       r->path, key, min, max);
    *number = (int)whole;
    return GN_OK;
}

static int read_string(const struct reading *r, const char *text, int length, uint8_t *qualities)
{
    if (text == NULL || strlen(text) != (size_t)length)
        return refuse(r, "qualities", "holds a string that is not of read_length");
    for (int i = 0; i < length; i++) {
        if (text[i] < '!' || text[i] >= '!' + GN_SHORT_QUALITIES)
            return refuse(r, "qualities", "holds a letter that is no quality");
        qualities[i] = (uint8_t)(text[i] - '!');
    }
    return GN_OK;
}

static int read_strings(const struct reading *r)
{
    struct gn_short_profile *profile = r->profile;
    const json_t *list = json_object_get(r->root, "qualities");
    size_t n = json_array_size(list);
    if (n == 0 || n > GN_SHORT_MOST_STRINGS)
        return refuse(r, "qualities", "is missing or has a wrong number of pairs");
    profile->strings = calloc(n, sizeof *profile->strings);
    if (profile->strings == NULL)
        return gn_fail_memory(r->err, "a profile's qualities");
    profile->n_strings = (int)n;
    int code = GN_OK;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2 && code == GN_OK; k++)
            code = read_string(r, json_string_value(json_array_get(json_array_get(list, i), k)),
                               profile->read_length, profile->strings[i][k]);
    return code;
}

static int read_inserts(const struct reading *r)
{
    static const struct field field = {"inserts", 0, 1, GN_SHORT_MOST_INSERTS, 0, 1e12, true, true};
    struct gn_short_inserts *inserts = &r->profile->inserts;
    int code = read_whole(r, "insert_bin", 1, 1000, &inserts->bin);
    const json_t *list = json_object_get(r->root, field.key);
    inserts->n = (int)json_array_size(list);
    return code < 0 ? code : read_row(r, &field, list, inserts->share);
}

static int read_all(const struct reading *r)
{
    struct gn_short_profile *profile = r->profile;
    const char *kind = json_string_value(json_object_get(r->root, "kind"));
    int version;
    if (kind == NULL || strcmp(kind, "short") != 0)
        return refuse(r, "kind", "is not \"short\"");
    int code = read_whole(r, "version", FORMAT_VERSION, FORMAT_VERSION, &version);
    if (code == GN_OK)
        code = read_text(r, "name", &profile->name);
    if (code == GN_OK)
        code = read_text(r, "source", &profile->source);
    if (code == GN_OK)
        code = read_text(r, "description", &profile->description);
    if (code == GN_OK)
        code = read_whole(r, "read_length", 30, GN_SHORT_LONGEST_READ, &profile->read_length);
    if (code == GN_OK)
        code = read_inserts(r);
    for (int i = 0; i < N_FIELDS && code == GN_OK; i++)
        code = read_field(r, &fields[i]);
    if (code == GN_OK)
        code = read_strings(r);
    if (code == GN_OK)
        gn_short_profile_finish(profile);
    return code;
}

struct gn_short_profile *gn_short_profile_read(const char *path, gn_error_t *err)
{
    json_error_t problem;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        if (json_error_code(&problem) == json_error_cannot_open_file)
            gn_fail(err, GN_E_NO_INPUT,
                    "%s: cannot open the profile: give a file or a name of profiles/", path);
        else
            gn_fail(err, GN_E_DATA, "%s: no profile: line %d: %s", path, problem.line,
                    problem.text);
        return NULL;
    }
    struct gn_short_profile *profile = calloc(1, sizeof *profile);
    struct reading r = {path, root, profile, err};
    int code = profile == NULL ? gn_fail_memory(err, "a profile") : read_all(&r);
    json_decref(root);
    if (code == GN_OK)
        return profile;
    gn_short_profile_free(profile);
    return NULL;
}

static json_t *row_of(const double *numbers, int n, bool may_be_shorter)
{
    json_t *row = json_array();
    while (may_be_shorter && n > 1 && numbers[n - 1] == 0)
        n--;
    for (int i = 0; i < n; i++)
        json_array_append_new(row, json_real(numbers[i]));
    return row;
}

static json_t *value_of(const struct gn_short_profile *profile, const struct field *field)
{
    const double *numbers = (const double *)(const void *)((const char *)profile + field->offset);
    if (field->columns == 1)
        return json_real(*numbers);
    if (field->rows == 1)
        return row_of(numbers, field->columns, field->may_be_shorter);
    json_t *rows = json_array();
    for (int i = 0; i < field->rows; i++)
        json_array_append_new(rows, row_of(numbers + i * field->columns, field->columns, false));
    return rows;
}

static json_t *strings_of(const struct gn_short_profile *profile)
{
    char text[GN_SHORT_LONGEST_READ + 1];
    json_t *list = json_array();
    for (int i = 0; i < profile->n_strings; i++) {
        json_t *pair = json_array();
        for (int r = 0; r < 2; r++) {
            for (int k = 0; k < profile->read_length; k++)
                text[k] = (char)('!' + profile->strings[i][r][k]);
            json_array_append_new(pair, json_stringn(text, (size_t)profile->read_length));
        }
        json_array_append_new(list, pair);
    }
    return list;
}

/* NULL when out of memory: jansson passes NULL values on as failures. */
static json_t *to_json(const struct gn_short_profile *profile)
{
    json_t *root = json_object();
    int failed = json_object_set_new(root, "kind", json_string("short"));
    failed |= json_object_set_new(root, "version", json_integer(FORMAT_VERSION));
    failed |= json_object_set_new(root, "name", json_string(profile->name));
    failed |= json_object_set_new(root, "source", json_string(profile->source));
    failed |= json_object_set_new(root, "description", json_string(profile->description));
    failed |= json_object_set_new(root, "read_length", json_integer(profile->read_length));
    failed |= json_object_set_new(root, "insert_bin", json_integer(profile->inserts.bin));
    failed |= json_object_set_new(root, "inserts",
                                  row_of(profile->inserts.share, profile->inserts.n, false));
    for (int i = 0; i < N_FIELDS; i++)
        failed |= json_object_set_new(root, fields[i].key, value_of(profile, &fields[i]));
    failed |= json_object_set_new(root, "qualities", strings_of(profile));
    if (!failed)
        return root;
    json_decref(root);
    return NULL;
}

int gn_short_profile_write(const struct gn_short_profile *profile, const char *path,
                           gn_error_t *err)
{
    struct gn_pending_file file = {0};
    json_t *root = to_json(profile);
    int code = root == NULL ? gn_fail_memory(err, "a profile") : GN_OK;
    if (code == GN_OK)
        code = gn_pending_file_begin(&file, path, err);
    if (code == GN_OK &&
        json_dump_file(root, file.temporary_name,
                       JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(4)) < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot write the profile: check the free space", path);
    if (code == GN_OK)
        code = gn_pending_file_commit(&file, err);
    gn_pending_file_discard(&file);
    json_decref(root);
    return code;
}
