/* SPDX-License-Identifier: MIT
 *
 * long_profile.c - the JSON form: one walk over the keys serves reading and writing, so that what
 * is written can be read.
 */
#include "simulate/long/long_profile.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/pending_file.h"

/* One walk over the profile. */
struct walk {
    const char *path;
    json_t *object; /* that holds the present keys */
    bool writes;
    gn_error_t *err;
    int code;
};

/* Numbers that a key may hold. */
struct limits {
    double least, most;
};

static const struct limits SHARE = {0, 1}, FACTOR = {0, 1000}, BASES = {0, 1e8}, QUALITY = {0, 93};

static int refuse(struct walk *walk, const char *key, const char *problem)
{
    if (walk->code == GN_OK)
        walk->code = gn_fail(walk->err, GN_E_DATA, "profile %s: '%s' %s: make the profile again",
                             walk->path, key, problem);
    return walk->code;
}

static void set(struct walk *walk, json_t *object, const char *key, json_t *value)
{
    if (walk->code == GN_OK && json_object_set_new(object, key, value) < 0)
        walk->code = gn_fail_memory(walk->err, "a profile");
}

static void text(struct walk *walk, const char *key, char **value)
{
    if (walk->writes) {
        set(walk, walk->object, key, json_string(*value == NULL ? "" : *value));
        return;
    }
    const char *found = json_string_value(json_object_get(walk->object, key));
    if (found == NULL)
        refuse(walk, key, "is not a text");
    else if ((*value = gn_strdup(found)) == NULL && walk->code == GN_OK)
        walk->code = gn_fail_memory(walk->err, "a profile");
}

/* Rounds to five digits, which JSON then shows. */
static json_t *short_real(double x)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.4g", x);
    double rounded = strtod(digits, NULL);
    return rounded == (double)(int64_t)rounded ? json_integer((json_int_t)rounded)
                                               : json_real(rounded);
}

static json_t *array_of(const double *v, int n)
{
    json_t *array = json_array();
    while (n > 0 && v[n - 1] == 0)
        n--; /* zeros at the end go without saying */
    for (int i = 0; i < n; i++)
        json_array_append_new(array, short_real(v[i]));
    return array;
}

/* At most n numbers; those that are missing are 0. */
static void array_into(struct walk *walk, const char *key, const json_t *array, double *v, int n,
                       struct limits limits)
{
    if (!json_is_array(array) || json_array_size(array) > (size_t)n) {
        refuse(walk, key, "is not a list of numbers, or too long");
        return;
    }
    for (int i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, (size_t)i);
        v[i] = value == NULL ? 0 : json_number_value(value);
        if (value != NULL &&
            (!json_is_number(value) || !(v[i] >= limits.least) || !(v[i] <= limits.most)))
            refuse(walk, key, "holds a number out of range");
    }
}

static void reals(struct walk *walk, const char *key, double *v, int n, struct limits limits)
{
    if (walk->writes)
        set(walk, walk->object, key, array_of(v, n));
    else
        array_into(walk, key, json_object_get(walk->object, key), v, n, limits);
}

static void real(struct walk *walk, const char *key, double *v, struct limits limits)
{
    if (walk->writes) {
        set(walk, walk->object, key, short_real(*v));
        return;
    }
    const json_t *value = json_object_get(walk->object, key);
    *v = json_number_value(value);
    if (!json_is_number(value) || !(*v >= limits.least) || !(*v <= limits.most))
        refuse(walk, key, "is not a number, or out of range");
}

/* n_rows lists of n numbers. */
static void table(struct walk *walk, const char *key, double *v, int n_rows, int n,
                  struct limits limits)
{
    json_t *rows = walk->writes ? json_array() : json_object_get(walk->object, key);
    if (walk->writes) {
        for (int i = 0; i < n_rows; i++)
            json_array_append_new(rows, array_of(v + (ptrdiff_t)i * n, n));
        set(walk, walk->object, key, rows);
    } else if (!json_is_array(rows) || json_array_size(rows) != (size_t)n_rows) {
        refuse(walk, key, "has the wrong number of rows");
    } else {
        for (int i = 0; i < n_rows; i++)
            array_into(walk, key, json_array_get(rows, (size_t)i), v + (ptrdiff_t)i * n, n, limits);
    }
}

static void bytes(struct walk *walk, const char *key, uint8_t *v, int n, double most)
{
    double values[GN_LONG_MOST_MAPQS] = {0};
    for (int i = 0; i < n; i++)
        values[i] = v[i];
    reals(walk, key, values, n, (struct limits){0, most});
    for (int i = 0; i < n && walk->code == GN_OK; i++)
        v[i] = (uint8_t)values[i];
}

/* Opens the object under a key; the caller puts the old one back. */
static json_t *enter(struct walk *walk, const char *key)
{
    json_t *outer = walk->object;
    if (walk->writes)
        set(walk, outer, key, json_object());
    walk->object = json_object_get(outer, key);
    if (!json_is_object(walk->object))
        refuse(walk, key, "is missing");
    return outer;
}

static json_t *row_to_json(const struct gn_long_row *row, int n)
{
    double shares[GN_LONG_MOST_LEVELS];
    for (int i = 0; i < n; i++) {
        int parts = (row->upto[i] - (i == 0 ? 0 : row->upto[i - 1]) + 8) / 16; /* of 4095 */
        shares[i] = parts;
    }
    return array_of(shares, n);
}

static void row_from_json(struct walk *walk, const char *key, const json_t *array,
                          struct gn_long_row *row, int n)
{
    double shares[GN_LONG_MOST_LEVELS] = {0}, total = 0, sum = 0;
    array_into(walk, key, array, shares, n, (struct limits){0, 1e9});
    for (int i = 0; i < n; i++)
        total += shares[i];
    if (total <= 0)
        refuse(walk, key, "has a row without weight");
    for (int i = 0; i < n && walk->code == GN_OK; i++) {
        sum += shares[i];
        row->upto[i] = (uint16_t)(sum / total * 65535.0 + 0.5);
    }
}

static void rows(struct walk *walk, const char *key, struct gn_long_row *v, int n_rows, int n)
{
    json_t *list = walk->writes ? json_array() : json_object_get(walk->object, key);
    if (!walk->writes && (!json_is_array(list) || json_array_size(list) != (size_t)n_rows)) {
        refuse(walk, key, "has the wrong number of rows");
        return;
    }
    for (int i = 0; i < n_rows; i++) {
        if (walk->writes)
            json_array_append_new(list, row_to_json(&v[i], n));
        else
            row_from_json(walk, key, json_array_get(list, (size_t)i), &v[i], n);
    }
    if (walk->writes)
        set(walk, walk->object, key, list);
}

static void check_levels(struct walk *walk, const struct gn_long_qualities *q)
{
    for (int i = 0; i < q->n_levels; i++)
        if (q->high[i] < q->low[i] || (i > 0 && q->low[i] <= q->high[i - 1]))
            refuse(walk, "levels_low", "and 'levels_high' do not ascend");
    for (int i = 0; i < GN_LONG_PREVIOUS; i++)
        if (q->previous_upto[i] >= q->n_levels ||
            (i > 0 && q->previous_upto[i] < q->previous_upto[i - 1]))
            refuse(walk, "previous_upto", "does not ascend to the last level");
    if (q->previous_upto[GN_LONG_PREVIOUS - 1] != q->n_levels - 1)
        refuse(walk, "previous_upto", "does not end at the last level");
}

static void qualities(struct walk *walk, struct gn_long_qualities *q)
{
    enum { N_ROWS = GN_LONG_QUALITY_CONTEXTS * GN_LONG_PREVIOUS };
    json_t *outer = enter(walk, "qualities");
    double n_levels = q->n_levels;
    real(walk, "n_levels", &n_levels, (struct limits){1, GN_LONG_MOST_LEVELS});
    if (walk->code == GN_OK) {
        q->n_levels = (int)n_levels;
        bytes(walk, "levels_low", q->low, q->n_levels, QUALITY.most);
        bytes(walk, "levels_high", q->high, q->n_levels, QUALITY.most);
        bytes(walk, "previous_upto", q->previous_upto, GN_LONG_PREVIOUS, GN_LONG_MOST_LEVELS);
        check_levels(walk, q);
        reals(walk, "mismatch", q->mismatch, q->n_levels, SHARE);
    }
    if (walk->code == GN_OK) {
        rows(walk, "plain", &q->plain[0][0][0], GN_LONG_CLASSES * N_ROWS, q->n_levels);
        rows(walk, "wrong", &q->wrong, 1, q->n_levels);
        rows(walk, "erred", &q->erred[0][0], N_ROWS, q->n_levels);
        rows(walk, "inserted", &q->inserted[0][0], N_ROWS, q->n_levels);
    }
    walk->object = outer;
}

static void indels(struct walk *walk, const char *key, struct gn_long_indels *indels)
{
    json_t *outer = enter(walk, key);
    table(walk, "run", indels->run[0], 2, GN_LONG_LONGEST_RUN + 1, SHARE);
    reals(walk, "by_base", indels->by_base, 4, FACTOR);
    table(walk, "length", indels->length[0], GN_LONG_LENGTH_CLASSES, GN_LONG_MOST_LENGTH, SHARE);
    table(walk, "repeat", indels->repeat[0], GN_LONG_LONGEST_UNIT + 1, GN_LONG_MOST_COPIES + 1,
          SHARE);
    reals(walk, "units", indels->units, GN_LONG_MOST_UNITS, SHARE);
    reals(walk, "short_run_factor", indels->short_run_factor, GN_LONG_FACTORS, FACTOR);
    reals(walk, "long_run_factor", indels->long_run_factor, GN_LONG_FACTORS, FACTOR);
    reals(walk, "short_strand_factor", indels->short_strand_factor, GN_LONG_FACTORS, FACTOR);
    reals(walk, "long_strand_factor", indels->long_strand_factor, GN_LONG_FACTORS, FACTOR);
    walk->object = outer;
}

static void classes(struct walk *walk, struct gn_long_profile *profile)
{
    double v[GN_LONG_CLASSES][4];
    for (int i = 0; i < GN_LONG_CLASSES; i++) {
        const struct gn_long_class *c = &profile->classes[i];
        memcpy(v[i], (double[]){c->share, c->substitution, c->insertion, c->deletion}, sizeof v[i]);
    }
    table(walk, "read_classes", v[0], GN_LONG_CLASSES, 4, FACTOR);
    for (int i = 0; i < GN_LONG_CLASSES && walk->code == GN_OK; i++)
        profile->classes[i] = (struct gn_long_class){v[i][0], v[i][1], v[i][2], v[i][3]};
}

static void percentiles(struct walk *walk, const char *key, double *v)
{
    reals(walk, key, v, GN_LONG_PERCENTILES, BASES);
    for (int i = 1; i < GN_LONG_PERCENTILES; i++)
        if (v[i] < v[i - 1])
            refuse(walk, key, "does not ascend");
}

static void mapqs(struct walk *walk, struct gn_long_profile *profile)
{
    int n = profile->n_mapqs;
    if (!walk->writes)
        n = (int)json_array_size(json_object_get(walk->object, "mapping_qualities"));
    if (n < 1 || n > GN_LONG_MOST_MAPQS) {
        refuse(walk, "mapping_qualities", "holds no or too many numbers");
        return;
    }
    profile->n_mapqs = n;
    bytes(walk, "mapping_qualities", profile->mapqs, n, 254);
    reals(walk, "mapping_quality_shares", profile->mapq_share, n, SHARE);
}

static void walk_profile(struct walk *walk, struct gn_long_profile *profile)
{
    text(walk, "name", &profile->name);
    text(walk, "platform", &profile->platform);
    text(walk, "source", &profile->source);
    text(walk, "description", &profile->description);
    percentiles(walk, "read_length", profile->read_length);
    if (walk->code == GN_OK && profile->read_length[GN_LONG_PERCENTILES - 1] < 1000)
        refuse(walk, "read_length", "ends below 1000 bases");
    classes(walk, profile);
    table(walk, "spectrum", profile->spectrum[0], GN_LONG_TRIPLETS, 4, FACTOR);
    indels(walk, "insertion", &profile->insertion);
    indels(walk, "deletion", &profile->deletion);
    real(walk, "stray_insertion", &profile->stray_insertion, SHARE);
    reals(walk, "stray_length", profile->stray_length, GN_LONG_MOST_LENGTH, SHARE);
    real(walk, "bad_places", &profile->bad_places, SHARE);
    reals(walk, "bad_place_rates", profile->bad_place_rates, GN_LONG_PLACE_RATES, SHARE);
    real(walk, "bad_place_cpg", &profile->bad_place_cpg, FACTOR);
    real(walk, "clip_share", &profile->clip_share, SHARE);
    percentiles(walk, "clip_length", profile->clip_length);
    mapqs(walk, profile);
    qualities(walk, &profile->qualities);
}

bool gn_long_profile_is(const char *path)
{
    json_t *root = json_load_file(path, 0, NULL);
    const char *kind = json_string_value(json_object_get(root, "kind"));
    bool is = kind != NULL && strcmp(kind, "long") == 0;
    json_decref(root);
    return is;
}

struct gn_long_profile *gn_long_profile_load(const char *path, gn_error_t *err)
{
    json_error_t problem;
    if (access(path, R_OK) < 0) {
        gn_fail(err, GN_E_NO_INPUT, "profile %s: cannot be read: check the name", path);
        return NULL;
    }
    json_t *root = json_load_file(path, 0, &problem);
    if (root == NULL) {
        gn_fail(err, GN_E_DATA, "profile %s: line %d: %s: make the profile again", path,
                problem.line, problem.text);
        return NULL;
    }
    struct gn_long_profile *profile = calloc(1, sizeof *profile);
    struct walk walk = {.path = path, .object = root, .err = err, .code = GN_OK};
    const char *kind = json_string_value(json_object_get(root, "kind"));
    if (profile == NULL)
        walk.code = gn_fail_memory(err, "a profile");
    else if (kind == NULL || strcmp(kind, "long") != 0)
        refuse(&walk, "kind", "is not \"long\"");
    else
        walk_profile(&walk, profile);
    json_decref(root);
    if (walk.code == GN_OK)
        return profile;
    gn_long_profile_free(profile);
    return NULL;
}

static int write_keys(json_t *root, FILE *file)
{
    const char *key;
    json_t *value;
    int failed = fprintf(file, "{\n") < 0;
    size_t left = json_object_size(root);
    json_object_foreach(root, key, value)
    {
        char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(5));
        failed |= dump == NULL || fprintf(file, "\"%s\": %s%s\n", key, dump, --left ? "," : "") < 0;
        free(dump);
    }
    return failed | (fprintf(file, "}\n") < 0);
}

static int write_file(json_t *root, const char *path, gn_error_t *err)
{
    struct gn_pending_file pending;
    int code = gn_pending_file_begin(&pending, path, err);
    if (code < 0)
        return code;
    FILE *file = fopen(pending.temporary_name, "w");
    bool failed = file == NULL || write_keys(root, file);
    if (file != NULL)
        failed |= fclose(file) != 0;
    code = failed ? gn_fail(err, GN_E_IO, "%s: cannot write: check the free space", path)
                  : gn_pending_file_commit(&pending, err);
    gn_pending_file_discard(&pending);
    return code;
}

int gn_long_profile_save(const struct gn_long_profile *profile, const char *path, gn_error_t *err)
{
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    struct gn_long_profile *copy = malloc(sizeof *copy);
    json_t *root = json_object();
    struct walk walk = {.path = path, .object = root, .writes = true, .err = err, .code = GN_OK};
    if (copy == NULL || root == NULL) {
        walk.code = gn_fail_memory(err, "a profile");
    } else {
        *copy = *profile;
        set(&walk, root, "kind", json_string("long"));
        walk_profile(&walk, copy);
    }
    if (walk.code == GN_OK)
        walk.code = write_file(root, path, err);
    json_decref(root);
    free(copy);
    return walk.code;
}

void gn_long_profile_free(struct gn_long_profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->name);
    free(profile->platform);
    free(profile->source);
    free(profile->description);
    free(profile);
}

int gn_long_length_class(int run)
{
    return run <= 1 ? 0 : run <= 3 ? 1 : run <= 6 ? 2 : run <= 10 ? 3 : 4;
}
