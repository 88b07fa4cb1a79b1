/* SPDX-License-Identifier: MIT
 *
 * messages.c - Variant and CallVariantsOutput to and from protobuf bytes (spec 81.3, 81.4).
 *
 * The maps of the message are fields of struct gn_variant: one table says which key is which field
 * and of which kind. A value stored with another kind than its key's reads as zero, as it does for
 * DeepVariant's VCF writer; keys outside the table are dropped. Keys are written in alphabetical
 * order.
 */
#include "io/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "deepvariant.pb-c.h"

enum {
    PACK_LIMIT = 256 << 20,    /* bytes of one message while it is built */
    UNPACK_LIMIT = 1024 << 20, /* of one unpacked message: damage may announce millions of fields */
};

enum field_kind { FIELD_INTS, FIELD_DOUBLES, FIELD_TEXT };

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset; /* in struct gn_variant */
};

static const struct field variant_fields[] = {
    {"ALT_PS", FIELD_INTS, offsetof(struct gn_variant, alt_ps)},
    {"BAM_FNAME", FIELD_TEXT, offsetof(struct gn_variant, bam_fname)},
    {"CANDIDATES", FIELD_TEXT, offsetof(struct gn_variant, candidates)},
    {"PS_CONTIG", FIELD_TEXT, offsetof(struct gn_variant, ps_contig)},
};

static const struct field call_fields[] = {
    {"AD", FIELD_INTS, offsetof(struct gn_variant, ad)},
    {"DP", FIELD_INTS, offsetof(struct gn_variant, dp)},
    {"GQ", FIELD_INTS, offsetof(struct gn_variant, gq)},
    {"MD", FIELD_INTS, offsetof(struct gn_variant, md)},
    {"MED_DP", FIELD_INTS, offsetof(struct gn_variant, med_dp)},
    {"MF", FIELD_DOUBLES, offsetof(struct gn_variant, mf)},
    {"MID", FIELD_TEXT, offsetof(struct gn_variant, mid)},
    {"MIN_DP", FIELD_INTS, offsetof(struct gn_variant, min_dp)},
    {"MT", FIELD_TEXT, offsetof(struct gn_variant, mt)},
    {"PS", FIELD_INTS, offsetof(struct gn_variant, ps)},
    {"VAF", FIELD_DOUBLES, offsetof(struct gn_variant, vaf)},
};

enum {
    N_VARIANT_FIELDS = sizeof variant_fields / sizeof *variant_fields,
    N_CALL_FIELDS = sizeof call_fields / sizeof *call_fields,
};

/* ---- packing: the message is built in an arena around the record's own strings and numbers ----
 */

static int value_count(const struct gn_variant *variant, const struct field *field)
{
    const void *at = (const char *)variant + field->offset;
    switch (field->kind) {
    case FIELD_INTS:
        return ((const struct gn_ints *)at)->n;
    case FIELD_DOUBLES:
        return ((const struct gn_doubles *)at)->n;
    default:
        return *(char *const *)at != NULL;
    }
}

static void set_value(Dv__Value *value, const struct gn_variant *variant, const struct field *field,
                      int i)
{
    const void *at = (const char *)variant + field->offset;
    *value = (Dv__Value)DV__VALUE__INIT;
    switch (field->kind) {
    case FIELD_INTS:
        value->kind_case = DV__VALUE__KIND_INT_VALUE;
        value->int_value = ((const struct gn_ints *)at)->v[i];
        break;
    case FIELD_DOUBLES:
        value->kind_case = DV__VALUE__KIND_NUMBER_VALUE;
        value->number_value = ((const struct gn_doubles *)at)->v[i];
        break;
    case FIELD_TEXT:
        value->kind_case = DV__VALUE__KIND_STRING_VALUE;
        value->string_value = *(char *const *)at;
        break;
    }
}

static Dv__InfoEntry *make_entry(gn_arena_t *arena, const struct gn_variant *variant,
                                 const struct field *field)
{
    size_t n = (size_t)value_count(variant, field);
    Dv__InfoEntry *entry = gn_arena_alloc(arena, sizeof *entry);
    Dv__ListValue *list = gn_arena_alloc(arena, sizeof *list);
    Dv__Value **pointers = gn_arena_alloc(arena, n * sizeof *pointers);
    Dv__Value *values = gn_arena_alloc(arena, n * sizeof *values);
    if (entry == NULL || list == NULL || pointers == NULL || values == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        set_value(&values[i], variant, field, (int)i);
        pointers[i] = &values[i];
    }
    *list = (Dv__ListValue)DV__LIST_VALUE__INIT;
    list->n_values = n;
    list->values = pointers;
    *entry = (Dv__InfoEntry)DV__INFO_ENTRY__INIT;
    entry->key = (char *)(uintptr_t)field->key;
    entry->value = list;
    return entry;
}

/* The entries of the fields that are present; false when the arena is full. */
static bool make_entries(gn_arena_t *arena, const struct gn_variant *variant,
                         const struct field *fields, int n_fields, Dv__InfoEntry ***entries,
                         size_t *n_entries)
{
    *entries = gn_arena_alloc(arena, (size_t)n_fields * sizeof **entries);
    *n_entries = 0;
    if (*entries == NULL)
        return false;
    for (int i = 0; i < n_fields; i++) {
        if (value_count(variant, &fields[i]) == 0)
            continue;
        Dv__InfoEntry *entry = make_entry(arena, variant, &fields[i]);
        if (entry == NULL)
            return false;
        (*entries)[(*n_entries)++] = entry;
    }
    return true;
}

static bool fill_call(gn_arena_t *arena, const struct gn_variant *variant, Dv__VariantCall *call)
{
    *call = (Dv__VariantCall)DV__VARIANT_CALL__INIT;
    call->call_set_name = variant->sample;
    call->is_phased = variant->is_phased;
    call->n_genotype = (size_t)variant->genotype.n;
    call->genotype = variant->genotype.v;
    call->n_genotype_likelihood = (size_t)variant->gl.n;
    call->genotype_likelihood = variant->gl.v;
    return make_entries(arena, variant, call_fields, N_CALL_FIELDS, &call->info, &call->n_info);
}

static Dv__Variant *make_variant(gn_arena_t *arena, const struct gn_variant *variant)
{
    Dv__Variant *message = gn_arena_alloc(arena, sizeof *message);
    Dv__VariantCall *call = gn_arena_alloc(arena, sizeof *call);
    Dv__VariantCall **calls = gn_arena_alloc(arena, sizeof *calls);
    if (message == NULL || call == NULL || calls == NULL)
        return NULL;
    *message = (Dv__Variant)DV__VARIANT__INIT;
    message->reference_name = variant->contig;
    message->start = variant->start0;
    message->end = variant->end0;
    message->reference_bases = variant->ref;
    message->n_alternate_bases = (size_t)variant->alts.n;
    message->alternate_bases = variant->alts.v;
    message->n_names = (size_t)variant->names.n;
    message->names = variant->names.v;
    message->n_filter = (size_t)variant->filters.n;
    message->filter = variant->filters.v;
    message->quality = variant->quality;
    if (!make_entries(arena, variant, variant_fields, N_VARIANT_FIELDS, &message->info,
                      &message->n_info))
        return NULL;
    if (variant->has_call) {
        if (!fill_call(arena, variant, call))
            return NULL;
        calls[0] = call;
        message->n_calls = 1;
        message->calls = calls;
    }
    return message;
}

static int serialise(const ProtobufCMessage *message, struct gn_bytes *out, gn_error_t *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = malloc(size == 0 ? 1 : size);
    if (data == NULL)
        return gn_fail_memory(err, "a packed record");
    *out = (struct gn_bytes){data, protobuf_c_message_pack(message, data)};
    return GN_OK;
}

int gn_variant_pack(const struct gn_variant *variant, struct gn_bytes *out, gn_error_t *err)
{
    *out = (struct gn_bytes){NULL, 0};
    gn_arena_t *arena = gn_arena_create(PACK_LIMIT);
    Dv__Variant *message = arena == NULL ? NULL : make_variant(arena, variant);
    int status = message == NULL ? gn_fail_memory(err, "a packed variant")
                                 : serialise(&message->base, out, err);
    gn_arena_destroy(arena);
    return status;
}

int gn_call_output_pack(const struct gn_call_output *output, struct gn_bytes *out, gn_error_t *err)
{
    *out = (struct gn_bytes){NULL, 0};
    gn_arena_t *arena = gn_arena_create(PACK_LIMIT);
    Dv__CallVariantsOutput message = DV__CALL_VARIANTS_OUTPUT__INIT;
    Dv__AltAlleleIndices indices = DV__ALT_ALLELE_INDICES__INIT;
    indices.n_indices = (size_t)output->alt_indices.n;
    indices.indices = output->alt_indices.v;
    message.variant = arena == NULL ? NULL : make_variant(arena, output->variant);
    message.alt_allele_indices = &indices;
    message.n_genotype_probabilities = 3;
    message.genotype_probabilities = (double *)(uintptr_t)output->probabilities;
    int status = message.variant == NULL ? gn_fail_memory(err, "a packed call output")
                                         : serialise(&message.base, out, err);
    gn_arena_destroy(arena);
    return status;
}

/* ---- unpacking: protobuf-c allocates from an arena, which is several times cheaper than malloc
   ---- */

static void *allocate_in_arena(void *arena, size_t size)
{
    return gn_arena_alloc(arena, size);
}

static void keep_in_arena(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

static ProtobufCAllocator allocator_of(gn_arena_t *arena)
{
    return (ProtobufCAllocator){allocate_in_arena, keep_in_arena, arena};
}

static int read_ints(struct gn_ints *list, const Dv__ListValue *values, gn_error_t *err)
{
    struct gn_ints read = {calloc(values->n_values, sizeof *read.v), (int)values->n_values};
    if (read.v == NULL)
        return gn_fail_memory(err, "a variant record");
    for (int i = 0; i < read.n; i++)
        if (values->values[i]->kind_case == DV__VALUE__KIND_INT_VALUE)
            read.v[i] = values->values[i]->int_value;
    free(list->v);
    *list = read;
    return GN_OK;
}

static int read_doubles(struct gn_doubles *list, const Dv__ListValue *values, gn_error_t *err)
{
    struct gn_doubles read = {calloc(values->n_values, sizeof *read.v), (int)values->n_values};
    if (read.v == NULL)
        return gn_fail_memory(err, "a variant record");
    for (int i = 0; i < read.n; i++)
        if (values->values[i]->kind_case == DV__VALUE__KIND_NUMBER_VALUE)
            read.v[i] = values->values[i]->number_value;
    free(list->v);
    *list = read;
    return GN_OK;
}

static int read_field(struct gn_variant *variant, const struct field *field,
                      const Dv__ListValue *values, gn_error_t *err)
{
    void *at = (char *)variant + field->offset;
    if (values == NULL || values->n_values == 0)
        return GN_OK;
    if (field->kind == FIELD_INTS)
        return read_ints(at, values, err);
    if (field->kind == FIELD_DOUBLES)
        return read_doubles(at, values, err);
    bool is_text = values->values[0]->kind_case == DV__VALUE__KIND_STRING_VALUE;
    return gn_text_set(at, is_text ? values->values[0]->string_value : "", err);
}

static int read_entries(struct gn_variant *variant, const struct field *fields, int n_fields,
                        Dv__InfoEntry *const *entries, size_t n_entries, gn_error_t *err)
{
    for (size_t e = 0; e < n_entries; e++)
        for (int i = 0; i < n_fields; i++) {
            if (strcmp(entries[e]->key, fields[i].key) != 0)
                continue;
            int status = read_field(variant, &fields[i], entries[e]->value, err);
            if (status < 0)
                return status;
            break;
        }
    return GN_OK;
}

static int read_call(struct gn_variant *variant, const Dv__VariantCall *call, gn_error_t *err)
{
    variant->has_call = true;
    variant->is_phased = call->is_phased;
    if (gn_text_set(&variant->sample, call->call_set_name, err) < 0 ||
        gn_ints_set(&variant->genotype, call->genotype, (int)call->n_genotype, err) < 0 ||
        gn_doubles_set(&variant->gl, call->genotype_likelihood, (int)call->n_genotype_likelihood,
                       err) < 0)
        return GN_E_MEMORY;
    return read_entries(variant, call_fields, N_CALL_FIELDS, call->info, call->n_info, err);
}

static int read_texts(struct gn_texts *list, char *const *values, size_t n, gn_error_t *err)
{
    return gn_texts_set(list, (const char *const *)values, (int)n, err);
}

static int read_variant(struct gn_variant *variant, const Dv__Variant *message, gn_error_t *err)
{
    variant->start0 = message->start;
    variant->end0 = message->end;
    variant->quality = message->quality;
    if (message->n_calls > 1)
        return gn_fail(
            err, GN_E_DATA,
            "the variant at %s:%lld has %zu samples: only single-sample records are read",
            message->reference_name, (long long)message->start + 1, message->n_calls);
    if (gn_text_set(&variant->contig, message->reference_name, err) < 0 ||
        gn_text_set(&variant->ref, message->reference_bases, err) < 0 ||
        read_texts(&variant->alts, message->alternate_bases, message->n_alternate_bases, err) < 0 ||
        read_texts(&variant->names, message->names, message->n_names, err) < 0 ||
        read_texts(&variant->filters, message->filter, message->n_filter, err) < 0)
        return GN_E_MEMORY;
    int status = read_entries(variant, variant_fields, N_VARIANT_FIELDS, message->info,
                              message->n_info, err);
    if (status == GN_OK && message->n_calls == 1)
        status = read_call(variant, message->calls[0], err);
    return status;
}

static struct gn_variant *to_variant(const Dv__Variant *message, gn_error_t *err)
{
    struct gn_variant *variant = gn_variant_create();
    if (variant == NULL) {
        gn_fail_memory(err, "a variant record");
        return NULL;
    }
    if (read_variant(variant, message, err) < 0) {
        gn_variant_free(variant);
        return NULL;
    }
    return variant;
}

static gn_arena_t *create_unpack_arena(gn_error_t *err)
{
    gn_arena_t *arena = gn_arena_create(UNPACK_LIMIT);
    if (arena == NULL)
        gn_fail_memory(err, "an unpacked record");
    return arena;
}

struct gn_variant *gn_variant_unpack(const void *data, size_t len, gn_error_t *err)
{
    gn_arena_t *arena = create_unpack_arena(err);
    if (arena == NULL)
        return NULL;
    ProtobufCAllocator allocator = allocator_of(arena);
    Dv__Variant *message = dv__variant__unpack(&allocator, len, data);
    struct gn_variant *variant = NULL;
    if (message != NULL)
        variant = to_variant(message, err);
    else
        gn_fail(err, GN_E_DATA,
                "not a Variant message: the file is damaged or holds other records");
    gn_arena_destroy(arena);
    return variant;
}

struct gn_call_output *gn_call_output_create(const struct gn_variant *variant, const int *alts,
                                             int n_alts, gn_error_t *err)
{
    struct gn_call_output *output = calloc(1, sizeof *output);
    if (output == NULL || (output->variant = gn_variant_copy(variant)) == NULL ||
        gn_ints_set(&output->alt_indices, alts, n_alts, err) < 0) {
        gn_fail_memory(err, "calls of one partition");
        gn_call_output_free(output);
        return NULL;
    }
    return output;
}

void gn_call_output_free(struct gn_call_output *output)
{
    if (output == NULL)
        return;
    gn_variant_free(output->variant);
    free(output->alt_indices.v);
    free(output);
}

static int read_call_output(struct gn_call_output *output, const Dv__CallVariantsOutput *message,
                            gn_error_t *err)
{
    if (message == NULL)
        return gn_fail(
            err, GN_E_DATA,
            "not a CallVariantsOutput message: the file is damaged or holds other records");
    if (message->variant == NULL || message->n_genotype_probabilities != 3)
        return gn_fail(
            err, GN_E_DATA,
            "a call output with %zu probabilities and %s variant: expected three and one",
            message->n_genotype_probabilities, message->variant == NULL ? "no" : "a");
    memcpy(output->probabilities, message->genotype_probabilities, sizeof output->probabilities);
    const Dv__AltAlleleIndices *indices = message->alt_allele_indices;
    if (indices != NULL &&
        gn_ints_set(&output->alt_indices, indices->indices, (int)indices->n_indices, err) < 0)
        return GN_E_MEMORY;
    output->variant = to_variant(message->variant, err);
    return output->variant == NULL ? GN_E_DATA : GN_OK;
}

struct gn_call_output *gn_call_output_unpack(const void *data, size_t len, gn_error_t *err)
{
    gn_arena_t *arena = create_unpack_arena(err);
    struct gn_call_output *output = calloc(1, sizeof *output);
    if (arena == NULL || output == NULL) {
        gn_fail_memory(err, "an unpacked record");
        gn_arena_destroy(arena);
        free(output);
        return NULL;
    }
    ProtobufCAllocator allocator = allocator_of(arena);
    if (read_call_output(output, dv__call_variants_output__unpack(&allocator, len, data), err) <
        0) {
        gn_call_output_free(output);
        output = NULL;
    }
    gn_arena_destroy(arena);
    return output;
}

int64_t gn_variant_type(const struct gn_variant *variant)
{
    bool longer = strlen(variant->ref) > 1;
    for (int i = 0; i < variant->alts.n; i++)
        longer = longer || strlen(variant->alts.v[i]) > 1;
    if (longer)
        return 2;
    bool single_bases = strlen(variant->ref) == 1 && variant->alts.n > 0;
    for (int i = 0; i < variant->alts.n; i++)
        single_bases = single_bases && strlen(variant->alts.v[i]) == 1;
    return single_bases ? 1 : 0;
}
