/* SPDX-License-Identifier: MIT
 *
 * import_description.c - the images of DeepVariant's released models (spec 00 section 4) tell the
 * preset; where they do not, the path or the user does.
 */
#include "cnn/import_description.h"

#include <ctype.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/example_info.h"

static const int ILLUMINA[] = {1, 2, 3, 4, 5, 6, 19};
static const int LONG_READS[] = {1, 2, 3, 4, 5, 6, 7, 9, 10};

/* Images of the released models. Exomes have the images and flags of genomes. */
static const struct {
    const char *preset;
    int shape[3];
    const int *channels;
} RELEASED[] = {
    {"wgs", {100, 221, 7}, ILLUMINA},    {"pacbio", {100, 147, 9}, LONG_READS},
    {"ont", {100, 99, 9}, LONG_READS},   {"masseq", {100, 199, 9}, LONG_READS},
    {"hybrid", {100, 221, 6}, ILLUMINA},
};

const int *gn_import_default_channels(int n)
{
    return n == 6 || n == 7 ? ILLUMINA : n == 9 ? LONG_READS : NULL;
}

static const char *last_part(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return path + length;
}

void gn_import_name(const char *path, char name[128])
{
    static const char *const endings[] = {".savedmodel", ".onnx"};
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    const char *start = last_part(path, n);
    snprintf(name, 128, "%.*s", (int)(path + n - start), start);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(name), end = strlen(endings[i]);
        if (length > end && strcmp(name + length - end, endings[i]) == 0)
            name[length - end] = '\0';
    }
}

const char *gn_import_preset_of_path(const char *path)
{
    static const char *const words[] = {"wgs", "wes", "pacbio", "ont", "hybrid", "masseq"};
    const char *start = last_part(path, strlen(path));
    if (start > path)
        start = last_part(path, (size_t)(start - 1 - path));
    const char *found = NULL;
    while (*start != '\0') {
        size_t n = 0;
        while (isalpha((unsigned char)start[n]))
            n++;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (n == strlen(words[i]) && strncasecmp(start, words[i], n) == 0)
                found = words[i];
        start += n == 0 ? 1 : n;
    }
    return found;
}

const char *gn_import_preset_of_images(const int shape[3], const int *channels)
{
    for (size_t i = 0; i < sizeof RELEASED / sizeof *RELEASED; i++)
        if (memcmp(shape, RELEASED[i].shape, sizeof RELEASED[i].shape) == 0 &&
            memcmp(channels, RELEASED[i].channels, (size_t)shape[2] * sizeof *channels) == 0)
            return RELEASED[i].preset;
    return NULL;
}

static int choose_preset(struct gn_import_description *description, const char *given,
                         const char *source, gn_error_t *err)
{
    const char *named = gn_import_preset_of_path(source);
    const char *seen = gn_import_preset_of_images(description->shape, description->channels);
    bool is_exome =
        seen != NULL && strcmp(seen, "wgs") == 0 && named != NULL && strcmp(named, "wes") == 0;
    description->preset = given != NULL ? given : seen == NULL || is_exome ? named : seen;
    if (description->preset != NULL)
        return GN_OK;
    return gn_fail(err, GN_E_USAGE,
                   "'%s': images of %d x %d x %d are not those of a released model: give --preset",
                   source, description->shape[0], description->shape[1], description->shape[2]);
}

/* Leaves out the channels that the model does not read. */
static void ablate(struct gn_example_info *info)
{
    int kept = 0;
    for (int i = 0; i < info->n_channels; i++) {
        bool is_read = true;
        for (int k = 0; k < info->n_ablation; k++)
            is_read = is_read && info->ablation[k] != info->channels[i];
        if (is_read)
            info->channels[kept++] = info->channels[i];
    }
    if (info->has_shape && info->shape[2] == info->n_channels)
        info->shape[2] = kept;
    info->n_channels = kept;
}

static int read_info(struct gn_import_description *description, const char *path,
                     struct gn_example_info *info, gn_error_t *err)
{
    *info = (struct gn_example_info){0};
    if (path == NULL) {
        description->calling = json_object();
        return description->calling == NULL ? gn_fail_memory(err, "the description of a model")
                                            : GN_OK;
    }
    int rc =
        gn_example_info_read_model(path, info, &description->calling, description->version, err);
    if (rc < 0)
        return rc;
    description->has_ablation = info->n_ablation > 0;
    ablate(info);
    return GN_OK;
}

static int choose_shape(struct gn_import_description *description,
                        const struct gn_import_options *options, const struct gn_example_info *info,
                        const char *source, gn_error_t *err)
{
    const int *given = options->shape[0] > 0 ? options->shape : NULL;
    const int *found = info->has_shape ? info->shape : NULL;
    if (given == NULL && found == NULL)
        return gn_fail(err, GN_E_USAGE,
                       "'%s': no example_info.json with the shape of the images lies beside the "
                       "model: fetch it too, or give --shape HxWxC",
                       source);
    if (given != NULL && found != NULL && memcmp(given, found, 3 * sizeof *given) != 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "'%s': --shape says %d x %d x %d, the model's example_info.json %d x %d x "
                       "%d: leave --shape out",
                       source, given[0], given[1], given[2], found[0], found[1], found[2]);
    memcpy(description->shape, given != NULL ? given : found, sizeof description->shape);
    return GN_OK;
}

static int choose_channels(struct gn_import_description *description,
                           const struct gn_import_options *options,
                           const struct gn_example_info *info, const char *source, gn_error_t *err)
{
    int n = options->n_channels > 0 ? options->n_channels : info->n_channels;
    const int *list = options->n_channels > 0 ? options->channels : info->channels;
    if (options->n_channels > 0 && info->n_channels > 0 &&
        (n != info->n_channels || memcmp(list, info->channels, (size_t)n * sizeof *list) != 0))
        return gn_fail(err, GN_E_MISMATCH,
                       "'%s': --channels and the model's example_info.json disagree: leave "
                       "--channels out",
                       source);
    if (n == 0) {
        n = description->shape[2];
        list = gn_import_default_channels(n);
        if (list == NULL)
            return gn_fail(err, GN_E_USAGE,
                           "'%s': which %d channels the model reads is not known: give --channels",
                           source, n);
    }
    if (n > GN_IMPORT_MAX_CHANNELS || n != description->shape[2])
        return gn_fail(err, GN_E_MISMATCH,
                       "'%s': the images have %d channels, but %d channels are listed: correct "
                       "example_info.json, or --shape and --channels",
                       source, description->shape[2], n);
    memcpy(description->channels, list, (size_t)n * sizeof *list);
    return GN_OK;
}

static int check_sides(const struct gn_import_description *description, const char *source,
                       int channels, gn_error_t *err)
{
    enum { MAX_SIDE = 4096 };
    const int *shape = description->shape;
    if (shape[0] < 1 || shape[1] < 1 || shape[0] > MAX_SIDE || shape[1] > MAX_SIDE)
        return gn_fail(err, GN_E_DATA,
                       "'%s': images of %d x %d: the sides must lie between 1 and %d", source,
                       shape[0], shape[1], MAX_SIDE);
    if (shape[2] != channels)
        return gn_fail(err, GN_E_MISMATCH,
                       "'%s': the network reads %d channels, the images are %d x %d x %d: take "
                       "the example_info.json of this model, or correct --shape and --channels",
                       source, channels, shape[0], shape[1], shape[2]);
    return GN_OK;
}

int gn_import_describe(struct gn_import_description *description,
                       const struct gn_import_options *options, const char *source,
                       const char *example_info, int channels, gn_error_t *err)
{
    struct gn_example_info info;
    int rc = read_info(description, example_info, &info, err);
    if (rc == GN_OK)
        rc = choose_shape(description, options, &info, source, err);
    if (rc == GN_OK)
        rc = choose_channels(description, options, &info, source, err);
    if (rc == GN_OK)
        rc = check_sides(description, source, channels, err);
    if (rc == GN_OK)
        rc = choose_preset(description, options->preset, source, err);
    if (options->name != NULL)
        snprintf(description->name, sizeof description->name, "%s", options->name);
    else
        gn_import_name(source, description->name);
    if (description->version[0] == '\0')
        snprintf(description->version, sizeof description->version, "unknown");
    return rc;
}

void gn_import_description_clear(struct gn_import_description *description)
{
    json_decref(description->calling);
    *description = (struct gn_import_description){0};
}

json_t *gn_import_json(const struct gn_import_description *description, json_t *layers,
                       json_t *source)
{
    const int *shape = description->shape;
    json_t *channels = json_array();
    for (int i = 0; i < shape[2]; i++)
        json_array_append_new(channels, json_integer(description->channels[i]));
    return json_pack("{s:s, s:s, s:s, s:{s:[i, i, i], s:o, s:s}, s:O, s:o, s:o}", "name",
                     description->name, "version", description->version, "preset",
                     description->preset, "input", "shape", shape[0], shape[1], shape[2],
                     "channels", channels, "normalisation", "(x - 128) / 128", "calling",
                     description->calling, "source", source, "layers", layers);
}

json_t *gn_import_source(const char *kind, const char *path, const char *const *files, size_t n,
                         gn_error_t *err)
{
    json_t *list = json_array();
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < n; i++) {
        char sha256[65];
        if (SHA256File(files[i], sha256) == NULL) {
            json_decref(list);
            gn_fail(err, GN_E_IO, "cannot read '%s'", files[i]);
            return NULL;
        }
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "name", last_part(files[i], strlen(files[i])),
                                        "sha256", sha256));
    }
    const char *start = last_part(path, length);
    json_t *source = json_pack("{s:s, s:s%, s:o}", "kind", kind, "path", start,
                               (size_t)(path + length - start), "files", list);
    if (source == NULL)
        gn_fail_memory(err, "the description of a model");
    return source;
}
