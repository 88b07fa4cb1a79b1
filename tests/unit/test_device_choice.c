/* SPDX-License-Identifier: MIT
 *
 * test_device_choice.c - what --device may say, what it may not, what becomes of "auto", and the frozen images that devices are
 * compared on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cuda/choose_devices.h"
#include "cnn/device_choice.h"
#include "cnn/frozen_images.h"
#include "gannet/call.h"

static void words_name_places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum gn_device_place place;
        const char *devices;
    } cases[] = {
        {NULL, GN_PLACE_CPU, NULL},
        {"cpu", GN_PLACE_CPU, NULL},
        {"cuda", GN_PLACE_CUDA, NULL},
        {"auto", GN_PLACE_AUTO, NULL},
        {"cuda:0", GN_PLACE_CUDA, "0"},
        {"cuda:0,1", GN_PLACE_CUDA, "0,1"},
        {"cuda:7,10,2", GN_PLACE_CUDA, "7,10,2"},
        {"cuda:all", GN_PLACE_CUDA, "all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_device_choice choice;
        gn_error_t err = {0};
        assert_int_equal(gn_device_choice_read(cases[i].text, "cpu", 0, &choice, &err), GN_OK);
        assert_int_equal(choice.place, cases[i].place);
        if (cases[i].devices == NULL)
            assert_null(choice.devices);
        else
            assert_string_equal(choice.devices, cases[i].devices);
    }
}

static void expect_refusal(const char *text, const char *engine, int batch, const char *message)
{
    struct gn_device_choice choice;
    gn_error_t err = {0};
    assert_int_equal(gn_device_choice_read(text, engine, batch, &choice, &err), GN_E_USAGE);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s': %s", text, err.message);
}

static void other_words_are_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {"cuda:",     "cuda:x",     "cuda:0,",    "cuda:,0",
                                        "cuda:0,,1", "cuda:0,0",   "cuda:-1",    "cuda:0 1",
                                        "cuda:+1",   "cuda:all,0", "cuda:12345", "cuda:0,1x"};
    static const char *const words[] = {"",       "gpu",   "CUDA",   "cuda0",
                                        "cuda,1", "cpu:0", "auto:0", "0"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        expect_refusal(lists[i], "cpu", 0, "each once, as in cuda:0,1");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        expect_refusal(words[i], "cpu", 0, "say cpu, cuda, cuda:0,1");
}

/* More numbers than there are ever devices. */
static void a_long_list_is_refused(void **state)
{
    (void)state;
    char text[1024] = "cuda:0";
    for (int i = 1; i <= GN_CUDA_MAX_DEVICES; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, ",%d", i);
    }
    expect_refusal(text, "cpu", 0, "each once");
    *strrchr(text, ',') = '\0';
    struct gn_device_choice choice;
    gn_error_t err = {0};
    assert_int_equal(gn_device_choice_read(text, "cpu", 0, &choice, &err), GN_OK);
}

static void options_of_the_other_device_are_refused(void **state)
{
    (void)state;
    struct gn_device_choice choice;
    gn_error_t err = {0};
    expect_refusal("cuda", "onednn", 0, "--engine onednn is for the CPU");
    expect_refusal("cuda:1", "onednn", 0, "--engine onednn is for the CPU");
    expect_refusal("cpu", "cpu", 64, "--device-batch is for GPUs");
    expect_refusal(NULL, NULL, 64, "--device-batch is for GPUs");
    assert_int_equal(gn_device_choice_read("auto", "onednn", 64, &choice, &err), GN_OK);
    assert_int_equal(gn_device_choice_read("cpu", "onednn", 0, &choice, &err), GN_OK);
    assert_int_equal(gn_device_choice_read("cuda:0", "cpu", 64, &choice, &err), GN_OK);
    assert_int_equal(choice.device_batch, 64);
}

static struct gn_network_options settled(const char *text, const char *engine, int batch,
                                         char why_no_gpu[512])
{
    struct gn_device_choice choice;
    gn_error_t err = {0};
    struct gn_network_options options = {.devices = "to be overwritten", .device_batch = 1};
    assert_int_equal(gn_device_choice_read(text, engine, batch, &choice, &err), GN_OK);
    gn_device_choice_settle(&choice, &options, why_no_gpu, 512);
    return options;
}

static void what_is_named_is_taken(void **state)
{
    (void)state;
    char why[512] = "x";
    struct gn_network_options options = settled("cuda:1,0", "cpu", 32, why);
    assert_string_equal(options.engine, "cuda");
    assert_string_equal(options.devices, "1,0");
    assert_int_equal(options.device_batch, 32);
    assert_string_equal(why, "");
    options = settled("cuda", NULL, 0, why);
    assert_string_equal(options.engine, "cuda");
    assert_null(options.devices);
    options = settled(NULL, NULL, 0, why);
    assert_string_equal(options.engine, "cpu");
    assert_null(options.devices);
    assert_int_equal(options.device_batch, 0);
    options = settled("cpu", "onednn", 0, why);
    assert_string_equal(options.engine, "onednn");
    assert_string_equal(why, "");
}

static void auto_is_the_gpu_or_says_why_not(void **state)
{
    (void)state;
    char why[512];
    gn_error_t err = {0};
    int rc = gn_device_find_usable(&err);
    struct gn_network_options options = settled("auto", "onednn", 32, why);
    if (rc == GN_OK) {
        assert_string_equal(options.engine, "cuda");
        assert_int_equal(options.device_batch, 32);
        assert_string_equal(why, "");
    } else {
        assert_int_equal(rc, GN_E_UNAVAILABLE);
        assert_string_equal(options.engine, "onednn");
        assert_int_equal(options.device_batch, 0);
        assert_true(strlen(why) > 0 && strncmp(why, err.message, strlen(why)) == 0);
    }
}

/* The library's request is read by the same parser. */
static void a_request_with_another_word_is_refused(void **state)
{
    (void)state;
    gn_error_t err = {0};
    const gn_call_request_t request = {.reference = "absent.fa",
                                       .reads = "absent.bam",
                                       .model = "absent",
                                       .output_vcf = "absent.vcf",
                                       .device = "cuda:1,1"};
    assert_int_equal(gn_call(&request, NULL, &err), GN_E_USAGE);
    assert_non_null(strstr(err.message, "cuda:1,1"));
}

static bool is_empty(const uint8_t *row, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (row[i] != 0)
            return false;
    return true;
}

static void frozen_images_fill_more_and_more_rows(void **state)
{
    (void)state;
    enum { N = 9, HEIGHT = 40, WIDTH = 221, CHANNELS = 9, ROW = WIDTH * CHANNELS };
    uint8_t *images = malloc((size_t)N * HEIGHT * ROW), *again = malloc((size_t)N * HEIGHT * ROW);
    assert_non_null(images);
    assert_non_null(again);
    gn_frozen_images(N, HEIGHT, WIDTH, CHANNELS, images);
    memset(again, 1, (size_t)N * HEIGHT * ROW);
    gn_frozen_images(N, HEIGHT, WIDTH, CHANNELS, again);
    assert_memory_equal(images, again, (size_t)N * HEIGHT * ROW);
    for (size_t i = 0; i < N; i++)
        for (size_t y = 0; y < HEIGHT; y++) /* 8 steps from 0 to 40 rows */
            assert_int_equal(is_empty(images + (i * HEIGHT + y) * ROW, ROW), y >= 5 * i);
    free(images);
    free(again);
}

/* Images show 0, about half and all reads with the variant in turn: the channel of the differences tells, in the middle. */
static void frozen_images_show_all_genotypes(void **state)
{
    (void)state;
    enum { N = 7, HEIGHT = 60, WIDTH = 147, CHANNELS = 7, REFERENCE = 5, DIFFERS = 5 };
    static uint8_t images[N][HEIGHT][WIDTH][CHANNELS];
    gn_frozen_images(N, HEIGHT, WIDTH, CHANNELS, &images[0][0][0][0]);
    for (int i = 2; i < N; i++) {
        int differing = 0, rows = i * HEIGHT / (N - 1);
        for (int y = REFERENCE; y < rows; y++)
            differing += images[i][y][WIDTH / 2][DIFFERS] == 254;
        if (i % 3 == 0)
            assert_int_equal(differing, 0);
        else if (i % 3 == 2)
            assert_int_equal(differing, rows - REFERENCE);
        else
            assert_in_range(differing, 1, rows - REFERENCE - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_name_places),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(a_long_list_is_refused),
        cmocka_unit_test(options_of_the_other_device_are_refused),
        cmocka_unit_test(what_is_named_is_taken),
        cmocka_unit_test(auto_is_the_gpu_or_says_why_not),
        cmocka_unit_test(a_request_with_another_word_is_refused),
        cmocka_unit_test(frozen_images_fill_more_and_more_rows),
        cmocka_unit_test(frozen_images_show_all_genotypes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
