/* SPDX-License-Identifier: MIT
 *
 * test_cnn_inception.c - Inception v3, narrow, in float32 and int16: logits have the same bits for
 * any batch, number of threads and instruction set, with the empty rows computed or not.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/maxima.h"
#include "cnn/cpu/tile.h"
#include "cnn/graph.h"
#include "cnn/infer.h"
#include "cnn/quantisation.h"
#include "cnn/random_model.h"
#include "model_folder.h"
#include "temporary_folder.h"

enum { HEIGHT = 100, WIDTH = 147, CHANNELS = 7, IMAGES = 64, DIVISOR = 16, SEED = 1 };

struct fixture {
    struct temporary_folder folder;
    gn_model_t *model;
    uint8_t *images;
    size_t size;
};

struct results {
    float logits[IMAGES][3];
};

static void make_images(struct fixture *f)
{
    uint64_t seed = 7;
    f->size = gn_model_image_size(f->model);
    f->images = calloc(IMAGES, f->size);
    for (int i = 0; i < IMAGES; i++) {
        int rows = i < 2 ? i * HEIGHT : 5 + (int)(test_random(&seed) % (HEIGHT - 5));
        for (int b = 0; b < rows * WIDTH * CHANNELS; b++)
            f->images[(size_t)i * f->size + (size_t)b] = (uint8_t)(test_random(&seed) % 255);
    }
}

static int set_up(void **state)
{
    static struct fixture f;
    gn_error_t err = {0};
    const struct gn_import_options options = {.shape = {HEIGHT, WIDTH, CHANNELS}};
    temporary_make(&f.folder);
    char *dir = strdup(temporary_path(&f.folder, "model"));
    if (gn_random_model_write(&options, DIVISOR, SEED, dir, &err) == GN_OK)
        f.model = gn_model_load(dir, &err);
    free(dir);
    if (f.model == NULL) {
        print_error("%s\n", err.message);
        return 1;
    }
    make_images(&f);
    struct gn_quantisation quantisation = {
        .maxima = calloc((size_t)gn_model_graph(f.model)->n_tensors, sizeof(float))};
    if (gn_cpu_maxima(f.model, f.images, 8, quantisation.maxima, &err) != GN_OK)
        return 1;
    gn_model_set_quantisation(f.model, &quantisation);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    gn_model_free(f->model);
    free(f->images);
    temporary_remove(&f->folder);
    return 0;
}

/* A thread's part of the images. */
struct part {
    pthread_t thread;
    const struct fixture *f;
    const gn_network_t *network;
    int first, end, batch;
    struct results *out;
    int rc;
};

static void *run_part(void *argument)
{
    struct part *part = argument;
    gn_error_t err = {0};
    float probabilities[IMAGES][3];
    gn_infer_t *infer = gn_infer_create(part->network, &err);
    part->rc = infer == NULL ? err.code : GN_OK;
    for (int i = part->first; i < part->end && part->rc == GN_OK; i += part->batch) {
        int n = part->end - i < part->batch ? part->end - i : part->batch;
        part->rc = gn_infer_run_logits(infer, part->f->images + (size_t)i * part->f->size,
                                       (size_t)n, part->out->logits + i, probabilities, &err);
    }
    gn_infer_destroy(infer);
    return NULL;
}

static void run_network(const struct fixture *f, const struct gn_network_options *options,
                        int threads, int batch, struct results *out)
{
    gn_error_t err = {0};
    struct part parts[2];
    gn_network_t *network = gn_network_create(f->model, options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    for (int t = 0; t < threads; t++) {
        parts[t] = (struct part){.f = f, .network = network, .batch = batch, .out = out};
        parts[t].first = IMAGES * t / threads;
        parts[t].end = IMAGES * (t + 1) / threads;
        assert_int_equal(pthread_create(&parts[t].thread, NULL, run_part, &parts[t]), 0);
    }
    for (int t = 0; t < threads; t++) {
        pthread_join(parts[t].thread, NULL);
        assert_int_equal(parts[t].rc, GN_OK);
    }
    gn_network_destroy(network);
}

static void compare_everywhere(const struct fixture *f, enum gn_precision precision)
{
    static const int batches[] = {1, 7, 64};
    struct results reference, out;
    struct gn_network_options options = {
        .precision = precision, .isa = "portable", .keep_empty_rows = true};
    run_network(f, &options, 1, IMAGES, &reference);
    assert_memory_not_equal(reference.logits[0], reference.logits[1], sizeof *reference.logits);
    for (int isa = GN_ISA_AVX2; isa < GN_ISAS; isa++)
        for (int keep = 0; keep < 2 && gn_isa_available((enum gn_isa)isa); keep++)
            for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
                for (int threads = 1; threads <= 2; threads++) {
                    options.isa = gn_isa_name((enum gn_isa)isa);
                    options.keep_empty_rows = keep != 0;
                    run_network(f, &options, threads, batches[b], &out);
                    assert_memory_equal(&out, &reference, sizeof out);
                }
}

static void test_float32(void **state)
{
    compare_everywhere(*state, GN_PRECISION_FLOAT32);
}

/* Images beyond the eight that were looked at for the scales may be cut: float32 decides them. */
static void test_int16(void **state)
{
    compare_everywhere(*state, GN_PRECISION_INT16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float32),
        cmocka_unit_test(test_int16),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
