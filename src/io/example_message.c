/* SPDX-License-Identifier: MIT
 *
 * example_message.c - pileup images as tensorflow.Example messages (spec 81.2).
 *
 * Features are written in alphabetical order of their keys; readers accept any order and skip
 * unknown keys.
 */
#include "io/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "deepvariant.pb-c.h"
#include "example.pb-c.h"

enum { MAX_FEATURES = 8 };

/* An Example under construction; the pointers lead into its own arrays, so it must not be moved. */
struct builder {
    Tf__Example example;
    Tf__Features features;
    Tf__FeatureEntry entries[MAX_FEATURES], *entry_pointers[MAX_FEATURES];
    Tf__Feature feature[MAX_FEATURES];
    Tf__BytesList bytes[MAX_FEATURES];
    Tf__Int64List numbers[MAX_FEATURES];
    ProtobufCBinaryData blobs[MAX_FEATURES];
};

static void builder_init(struct builder *b)
{
    b->example = (Tf__Example)TF__EXAMPLE__INIT;
    b->features = (Tf__Features)TF__FEATURES__INIT;
    b->example.features = &b->features;
    b->features.feature = b->entry_pointers;
}

static Tf__Feature *add_feature(struct builder *b, const char *key)
{
    size_t i = b->features.n_feature++;
    b->feature[i] = (Tf__Feature)TF__FEATURE__INIT;
    b->entries[i] = (Tf__FeatureEntry)TF__FEATURE_ENTRY__INIT;
    b->entries[i].key = (char *)(uintptr_t)key;
    b->entries[i].value = &b->feature[i];
    b->entry_pointers[i] = &b->entries[i];
    return &b->feature[i];
}

static void add_bytes(struct builder *b, const char *key, const void *data, size_t len)
{
    size_t i = b->features.n_feature;
    Tf__Feature *feature = add_feature(b, key);
    b->blobs[i] = (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)data};
    b->bytes[i] = (Tf__BytesList)TF__BYTES_LIST__INIT;
    b->bytes[i].n_value = 1;
    b->bytes[i].value = &b->blobs[i];
    feature->kind_case = TF__FEATURE__KIND_BYTES_LIST;
    feature->bytes_list = &b->bytes[i];
}

static void add_numbers(struct builder *b, const char *key, const int64_t *values, size_t n)
{
    size_t i = b->features.n_feature;
    Tf__Feature *feature = add_feature(b, key);
    b->numbers[i] = (Tf__Int64List)TF__INT64_LIST__INIT;
    b->numbers[i].n_value = n;
    b->numbers[i].value = (int64_t *)(uintptr_t)values;
    feature->kind_case = TF__FEATURE__KIND_INT64_LIST;
    feature->int64_list = &b->numbers[i];
}

static int pack(const struct builder *b, struct gn_bytes *out, gn_error_t *err)
{
    size_t size = tf__example__get_packed_size(&b->example);
    *out = (struct gn_bytes){malloc(size), 0};
    if (out->data == NULL)
        return gn_fail_memory(err, "a packed example");
    out->len = tf__example__pack(&b->example, out->data);
    return GN_OK;
}

int gn_example_pack(const struct gn_example *example, struct gn_bytes *out, gn_error_t *err)
{
    *out = (struct gn_bytes){NULL, 0};
    Dv__AltAlleleIndices indices = DV__ALT_ALLELE_INDICES__INIT;
    indices.n_indices = (size_t)example->alt_indices.n;
    indices.indices = example->alt_indices.v;
    uint8_t packed_indices[64];
    size_t indices_size = dv__alt_allele_indices__get_packed_size(&indices);
    if (indices_size > sizeof packed_indices)
        return gn_fail(err, GN_E_INTERNAL, "an image of %d alts: expected 1 or 2",
                       example->alt_indices.n);
    dv__alt_allele_indices__pack(&indices, packed_indices);

    const int64_t shape[3] = {example->height, example->width, example->channels};
    const char *locus = example->locus == NULL ? "" : example->locus;
    struct builder b = {0};
    builder_init(&b);
    add_bytes(&b, "alt_allele_indices/encoded", packed_indices, indices_size);
    add_bytes(&b, "image/encoded", example->image.data, example->image.len);
    add_numbers(&b, "image/shape", shape, 3);
    if (example->label >= 0)
        add_numbers(&b, "label", &example->label, 1);
    add_bytes(&b, "locus", locus, strlen(locus));
    add_numbers(&b, "sequencing_type", &example->sequencing_type, 1);
    add_bytes(&b, "variant/encoded", example->variant.data, example->variant.len);
    add_numbers(&b, "variant_type", &example->variant_type, 1);

    return pack(&b, out, err);
}

int gn_feature_example_pack(const struct gn_feature_example *example, struct gn_bytes *out,
                            gn_error_t *err)
{
    int64_t label[3] = {0, 0, 0};
    label[example->label] = 1;
    struct builder b = {0};
    builder_init(&b);
    add_numbers(&b, "features/encoded", example->features, (size_t)example->n_features);
    add_numbers(&b, "genotype/encoded", example->genotype, 2);
    add_bytes(&b, "ids/encoded", example->id, strlen(example->id));
    add_numbers(&b, "label/encoded", label, 3);
    return pack(&b, out, err);
}

void gn_example_clear(struct gn_example *example)
{
    free(example->variant.data);
    free(example->alt_indices.v);
    free(example->locus);
    free(example->image.data);
    *example = (struct gn_example){.label = -1};
}

/* Moves the bytes out of the message, which was made with malloc. */
static void take_bytes(ProtobufCBinaryData *from, struct gn_bytes *to)
{
    free(to->data);
    *to = (struct gn_bytes){from->data, from->len};
    *from = (ProtobufCBinaryData){0, NULL};
}

static int read_alt_indices(const ProtobufCBinaryData *packed, struct gn_ints *out, gn_error_t *err)
{
    Dv__AltAlleleIndices *indices = dv__alt_allele_indices__unpack(NULL, packed->len, packed->data);
    if (indices == NULL)
        return gn_fail(
            err, GN_E_DATA,
            "an example's alt_allele_indices/encoded is not an AltAlleleIndices message");
    int status = gn_ints_set(out, indices->indices, (int)indices->n_indices, err);
    dv__alt_allele_indices__free_unpacked(indices, NULL);
    return status;
}

static int read_blob(struct gn_example *example, const char *key, ProtobufCBinaryData *blob,
                     gn_error_t *err)
{
    if (strcmp(key, "image/encoded") == 0) {
        take_bytes(blob, &example->image);
    } else if (strcmp(key, "variant/encoded") == 0) {
        take_bytes(blob, &example->variant);
    } else if (strcmp(key, "alt_allele_indices/encoded") == 0) {
        return read_alt_indices(blob, &example->alt_indices, err);
    } else if (strcmp(key, "locus") == 0) {
        free(example->locus);
        example->locus = gn_strndup((const char *)blob->data, blob->len);
        if (example->locus == NULL)
            return gn_fail_memory(err, "an example");
    }
    return GN_OK;
}

static void read_numbers(struct gn_example *example, const char *key, const Tf__Int64List *list)
{
    if (strcmp(key, "image/shape") == 0 && list->n_value == 3) {
        example->height = list->value[0];
        example->width = list->value[1];
        example->channels = list->value[2];
    } else if (strcmp(key, "label") == 0 && list->n_value > 0) {
        example->label = list->value[0];
    } else if (strcmp(key, "variant_type") == 0 && list->n_value > 0) {
        example->variant_type = list->value[0];
    } else if (strcmp(key, "sequencing_type") == 0 && list->n_value > 0) {
        example->sequencing_type = list->value[0];
    }
}

static int read_features(struct gn_example *example, Tf__Example *message, gn_error_t *err)
{
    size_t n = message->features == NULL ? 0 : message->features->n_feature;
    for (size_t i = 0; i < n; i++) {
        Tf__FeatureEntry *entry = message->features->feature[i];
        Tf__Feature *feature = entry->value;
        if (feature == NULL)
            continue;
        if (feature->kind_case == TF__FEATURE__KIND_INT64_LIST)
            read_numbers(example, entry->key, feature->int64_list);
        if (feature->kind_case != TF__FEATURE__KIND_BYTES_LIST || feature->bytes_list->n_value == 0)
            continue;
        int status = read_blob(example, entry->key, &feature->bytes_list->value[0], err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int check_shape(const struct gn_example *example, gn_error_t *err)
{
    const char *locus = example->locus == NULL ? "?" : example->locus;
    int64_t sides[3] = {example->height, example->width, example->channels};
    int64_t size = 1;
    for (int i = 0; i < 3; i++) {
        if (sides[i] < 0 || sides[i] > 1 << 20 || (size *= sides[i]) > 1 << 30)
            return gn_fail(err, GN_E_DATA, "the example at %s has an impossible image/shape",
                           locus);
    }
    if ((size_t)size != example->image.len)
        return gn_fail(err, GN_E_DATA,
                       "the example at %s has %zu image bytes, its shape needs %lld", locus,
                       example->image.len, (long long)size);
    return GN_OK;
}

int gn_example_unpack(const void *data, size_t len, struct gn_example *example, gn_error_t *err)
{
    *example = (struct gn_example){.label = -1};
    Tf__Example *message = tf__example__unpack(NULL, len, data);
    if (message == NULL)
        return gn_fail(
            err, GN_E_DATA,
            "not a tensorflow.Example message: the file is damaged or holds other records");
    int status = read_features(example, message, err);
    tf__example__free_unpacked(message, NULL);
    if (status == GN_OK)
        status = check_shape(example, err);
    if (status < 0)
        gn_example_clear(example);
    return status;
}
