/* SPDX-License-Identifier: MIT
 *
 * test_cnn_calls.c - rounding of probabilities, softmax, and the stage from examples to call outputs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/call_examples.h"
#include "cnn/infer.h"
#include "cnn/round_probabilities.h"
#include "cnn/softmax.h"
#include "io/messages.h"
#include "io/tfrecord.h"
#include "model_folder.h"

enum { HEIGHT = 12, WIDTH = 10, CHANNELS = 2, EXAMPLES = 25 };

/* Values worked out by hand in float32 (spec 100.3): 1 - 0.75 - 0.25 is exact; 0.9999999 is 1 - 2 ulp. */
static void test_rounding_by_hand(void **state)
{
    double out[3];
    gn_error_t err = {0};
    (void)state;
    assert_int_equal(gn_round_probabilities((float[]){0.25F, 0.75F, 0.0F}, out, &err), GN_OK);
    assert_true(out[0] == 0.25 && out[1] == 0.75 && out[2] == 0.0);
    /* the smallest entry is replaced by the rest: 1 - (1 + 3e-8) is 0 in float32, not 3e-8 */
    assert_int_equal(gn_round_probabilities((float[]){1.0F, 3e-8F, 2e-8F}, out, &err), GN_OK);
    assert_true(out[0] == 1.0 && out[1] == (double)3e-8F && out[2] == 0.0);
    /* of two smallest the first is replaced */
    assert_int_equal(gn_round_probabilities((float[]){0.25F, 0.5F, 0.25F}, out, &err), GN_OK);
    assert_true(out[0] == 0.25 && out[1] == 0.5 && out[2] == 0.25);
    /* never negative */
    assert_int_equal(gn_round_probabilities((float[]){0.5F, 0.5000001F, 0.0F}, out, &err), GN_OK);
    assert_true(out[2] == 0.0);
}

static void test_rounding_refuses(void **state)
{
    double out[3];
    gn_error_t err = {0};
    (void)state;
    assert_int_equal(gn_round_probabilities((float[]){0.5F, 0.4F, 0.0F}, out, &err), GN_E_DATA);
    assert_int_equal(gn_round_probabilities((float[]){NAN, 0.5F, 0.5F}, out, &err), GN_E_DATA);
    assert_int_equal(gn_round_probabilities((float[]){0.5F, 0.5F, 1e-7F}, out, &err), GN_OK);
}

/* Rounding a triple that DeepVariant wrote must give it again. */
static void check_golden(const char *name, int expected)
{
    char path[512];
    const char *root = getenv("GANNET_SHARED");
    gn_error_t err = {0};
    snprintf(path, sizeof path, "%s/testdata/dv-1.9.0/%s", root != NULL ? root : "../shared", name);
    if (access(path, R_OK) != 0) {
        print_message("%s is absent\n", path);
        skip();
    }
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, &err);
    assert_non_null(reader);
    const uint8_t *data;
    size_t len;
    int n = 0;
    for (; gn_tfrecord_next(reader, &data, &len, &err) == 1; n++) {
        struct gn_call_output *output = gn_call_output_unpack(data, len, &err);
        assert_non_null(output);
        const double *p = output->probabilities;
        double rounded[3];
        assert_int_equal(
            gn_round_probabilities((float[]){(float)p[0], (float)p[1], (float)p[2]}, rounded, &err),
            GN_OK);
        for (int i = 0; i < 3; i++)
            assert_true(rounded[i] == p[i]);
        gn_call_output_free(output);
    }
    assert_int_equal(n, expected);
    gn_tfrecord_reader_close(reader);
}

static void test_rounding_of_goldens(void **state)
{
    (void)state;
    check_golden("golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", 84);
    check_golden("golden.vcf_candidate_importer_postprocess_single_site_input-00000-of-00001."
                 "tfrecord.gz",
                 22);
}

static void test_softmax(void **state)
{
    uint64_t seed = 4;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        float logits[3], out[3];
        double sum = 0;
        for (int i = 0; i < 3; i++)
            logits[i] = test_uniform(&seed) * (float)(round % 90);
        gn_softmax(logits, 3, out);
        for (int i = 0; i < 3; i++)
            sum += exp((double)logits[i]);
        for (int i = 0; i < 3; i++) {
            double expected = exp((double)logits[i]) / sum;
            assert_true(fabs((double)out[i] - expected) <=
                        6e-8 * expected + 1e-44); /* float ends there */
        }
    }
    float far[3] = {0.0F, -2000.0F, 3000.0F}, out[3];
    gn_softmax(far, 3, out);
    assert_true(out[0] == 0.0F && out[1] == 0.0F && out[2] == 1.0F);
}

static const char LAYERS[] =
    "[{\"name\":\"c\",\"op\":\"conv2d\",\"inputs\":[\"image\"],\"filters\":16,\"kernel\":[3,3],"
    "\"stride\":[2,2],\"padding\":\"same\",\"activation\":\"relu\"},"
    "{\"name\":\"g\",\"op\":\"global_avg_pool\",\"inputs\":[\"c\"]},"
    "{\"name\":\"d\",\"op\":\"dense\",\"inputs\":[\"g\"],\"units\":3,\"activation\":\"none\"},"
    "{\"name\":\"s\",\"op\":\"softmax\",\"inputs\":[\"d\"]}]";

struct fixture {
    struct test_model folder;
    gn_model_t *model;
    char examples[2][128], outfile[128];
    uint8_t images[EXAMPLES][HEIGHT * WIDTH * CHANNELS];
};

/* Example i as bytes: variant at base 100 i, its image random. */
static void pack_example(struct fixture *f, int i, int width, struct gn_bytes *record)
{
    gn_error_t err = {0};
    struct gn_variant *variant = gn_variant_create();
    struct gn_example example = {
        .variant_type = 1, .label = i % 3, .height = HEIGHT, .width = width, .channels = CHANNELS};
    char locus[] = "chr1:1-1";
    int32_t alt = 0;
    assert_int_equal(gn_text_set(&variant->contig, "chr1", &err), GN_OK);
    assert_int_equal(gn_text_set(&variant->ref, "A", &err), GN_OK);
    assert_int_equal(gn_texts_push(&variant->alts, i % 2 ? "C" : "CTT", &err), GN_OK);
    variant->start0 = (int64_t)100 * i;
    variant->end0 = variant->start0 + 1;
    assert_int_equal(gn_variant_pack(variant, &example.variant, &err), GN_OK);
    gn_variant_free(variant);
    example.alt_indices = (struct gn_ints){&alt, 1};
    example.locus = locus;
    example.image = (struct gn_bytes){f->images[i], (size_t)(HEIGHT * width * CHANNELS)};
    assert_int_equal(gn_example_pack(&example, record, &err), GN_OK);
    free(example.variant.data);
}

/* File k gets examples k, k + 2, k + 4, ... */
static void write_examples(struct fixture *f, int k, int n, int width)
{
    gn_error_t err = {0};
    gn_tfrecord_writer_t *writer = gn_tfrecord_writer_open(f->examples[k], &err);
    assert_non_null(writer);
    for (int i = k; i < n; i += 2) {
        struct gn_bytes record = {0};
        pack_example(f, i, width, &record);
        assert_int_equal(gn_tfrecord_write(writer, record.data, record.len, &err), GN_OK);
        free(record.data);
    }
    assert_int_equal(gn_tfrecord_writer_commit(writer, &err), GN_OK);
}

static int set_up(void **state)
{
    static struct fixture f;
    uint64_t seed = 21;
    gn_error_t err = {0};
    test_model_begin(&f.folder, LAYERS, HEIGHT, WIDTH, CHANNELS);
    test_add_tensor(&f.folder, "c", "weight", (size_t[]){3, 3, 2, 16}, 4, &seed);
    test_add_tensor(&f.folder, "c", "bias", (size_t[]){16}, 1, &seed);
    test_add_tensor(&f.folder, "d", "weight", (size_t[]){16, 3}, 2, &seed);
    test_add_tensor(&f.folder, "d", "bias", (size_t[]){3}, 1, &seed);
    test_write_model(&f.folder);
    for (int i = 0; i < EXAMPLES; i++)
        for (size_t b = 0; b < sizeof f.images[0]; b++)
            f.images[i][b] = (uint8_t)(test_random(&seed) & 255);
    test_path(&f.folder, "ex.tfrecord-00000-of-00002.gz", f.examples[0]);
    test_path(&f.folder, "ex.tfrecord-00001-of-00002.gz", f.examples[1]);
    test_path(&f.folder, "out.tfrecord.gz", f.outfile);
    write_examples(&f, 0, EXAMPLES, WIDTH);
    write_examples(&f, 1, EXAMPLES, WIDTH);
    f.model = gn_model_load(f.folder.dir, &err);
    *state = &f;
    return f.model == NULL;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[160];
    gn_model_free(f->model);
    snprintf(command, sizeof command, "rm -f %s/*.gz %s/*.example_info.json", f->folder.dir,
             f->folder.dir);
    if (system(command) != 0)
        return 1;
    test_model_end(&f->folder);
    return 0;
}

static struct gn_call_examples_options defaults(const struct fixture *f, char examples[128])
{
    test_path(&f->folder, "ex.tfrecord@2.gz", examples);
    return (struct gn_call_examples_options){.examples = examples,
                                             .outfile = f->outfile,
                                             .batch_size = 8,
                                             .threads = 1,
                                             .allow_empty = true};
}

/* Reads call outputs of one file; returns their number. */
static int read_outputs(const struct fixture *f, const char *name, struct gn_call_output **outputs)
{
    char path[128];
    gn_error_t err = {0};
    const uint8_t *data;
    size_t len;
    int n = 0;
    test_path(&f->folder, name, path);
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, &err);
    assert_non_null(reader);
    while (gn_tfrecord_next(reader, &data, &len, &err) == 1 && n < EXAMPLES) {
        outputs[n] = gn_call_output_unpack(data, len, &err);
        assert_non_null(outputs[n]);
        n++;
    }
    gn_tfrecord_reader_close(reader);
    return n;
}

/* Files are read in turn, so examples 0, 1, 2, ... come out; each with the rounded output of its own image. */
static void test_calls(void **state)
{
    struct fixture *f = *state;
    char examples[128];
    gn_error_t err = {0};
    struct gn_call_examples_counts counts;
    struct gn_call_examples_options options = defaults(f, examples);
    struct gn_call_output *outputs[EXAMPLES];
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_OK);
    assert_int_equal(counts.examples, EXAMPLES);
    assert_int_equal(counts.files, 1);
    assert_int_equal(read_outputs(f, "out-00000-of-00001.tfrecord.gz", outputs), EXAMPLES);
    gn_network_t *network = gn_network_create(f->model, NULL, &err);
    assert_non_null(network);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    for (int i = 0; i < EXAMPLES; i++) {
        float probabilities[1][3];
        double rounded[3];
        assert_int_equal(gn_infer_run(infer, f->images[i], 1, probabilities, &err), GN_OK);
        assert_int_equal(gn_round_probabilities(probabilities[0], rounded, &err), GN_OK);
        assert_int_equal(outputs[i]->variant->start0, 100 * i);
        assert_int_equal(outputs[i]->alt_indices.n, 1);
        assert_memory_equal(outputs[i]->probabilities, rounded, sizeof rounded);
        gn_call_output_free(outputs[i]);
    }
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static void read_file(const struct fixture *f, const char *name, struct gn_bytes *bytes)
{
    char path[128];
    test_path(&f->folder, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes->data = malloc(1 << 16);
    bytes->len = fread(bytes->data, 1, 1 << 16, file);
    fclose(file);
}

static void test_same_bytes(void **state)
{
    static const int batches[] = {1, 3, 25, 100}, threads[] = {1, 2, 5};
    struct fixture *f = *state;
    char examples[128];
    gn_error_t err = {0};
    struct gn_bytes first = {0}, other;
    struct gn_call_examples_counts counts;
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            struct gn_call_examples_options options = defaults(f, examples);
            options.batch_size = batches[b];
            options.threads = threads[t];
            assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_OK);
            read_file(f, "out-00000-of-00001.tfrecord.gz", &other);
            if (first.data == NULL) {
                first = other;
                continue;
            }
            assert_int_equal(first.len, other.len);
            assert_memory_equal(first.data, other.data, first.len);
            free(other.data);
        }
    free(first.data);
}

static void test_writers_and_limit(void **state)
{
    struct fixture *f = *state;
    char examples[128];
    gn_error_t err = {0};
    struct gn_call_examples_counts counts;
    struct gn_call_output *outputs[EXAMPLES];
    struct gn_call_examples_options options = defaults(f, examples);
    options.writers = 3;
    options.limit = 20; /* batches of 8, 8, 4 */
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_OK);
    assert_int_equal(counts.examples, 20);
    assert_int_equal(counts.files, 3);
    assert_int_equal(read_outputs(f, "out-00002-of-00003.tfrecord.gz", outputs), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(outputs[i]->variant->start0, 100 * (16 + i));
        gn_call_output_free(outputs[i]);
    }
}

static void test_empty(void **state)
{
    struct fixture *f = *state;
    char examples[128];
    gn_error_t err = {0};
    struct gn_call_examples_counts counts;
    struct gn_call_output *outputs[EXAMPLES];
    struct gn_call_examples_options options = defaults(f, examples);
    write_examples(f, 0, 0, WIDTH);
    write_examples(f, 1, 0, WIDTH);
    options.writers = 4;
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_OK);
    assert_int_equal(counts.files, 1);
    assert_int_equal(read_outputs(f, "out-00000-of-00001.tfrecord.gz", outputs), 0);
    options.allow_empty = false;
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_E_DATA);
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;
    char examples[128], path[160];
    gn_error_t err = {0};
    struct gn_call_examples_counts counts;
    struct gn_call_examples_options options = defaults(f, examples);
    options.outfile = "out.vcf";
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_E_USAGE);
    options.outfile = f->outfile;
    snprintf(path, sizeof path, "%s.example_info.json", f->examples[0]);
    FILE *json = fopen(path, "w");
    assert_non_null(json);
    fprintf(json, "{\"version\": \"1.9.0\", \"shape\": [12, 10, 2], \"channels\": [1, 19]}");
    fclose(json);
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "channel 2"));
    unlink(path);
    write_examples(f, 1, EXAMPLES, WIDTH - 1); /* the second file has narrower images */
    assert_int_equal(gn_call_examples(f->model, &options, &counts, &err), GN_E_MISMATCH);
    snprintf(path, sizeof path, "%s/out-00000-of-00001.tfrecord.gz", f->folder.dir);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing half-written */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounding_by_hand),
        cmocka_unit_test(test_rounding_refuses),
        cmocka_unit_test(test_rounding_of_goldens),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test_setup_teardown(test_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_writers_and_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
