/* SPDX-License-Identifier: MIT
 *
 * test_shards.c - sharded file names and their expansion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/shards.h"

static void expect_name(const char *spec, int shard, const char *expected)
{
    char *name = gn_shard_name(spec, shard);
    assert_string_equal(name, expected);
    free(name);
}

static void names_follow_the_convention(void **state)
{
    (void)state;
    expect_name("x.tfrecord@3.gz", 1, "x.tfrecord-00001-of-00003.gz");
    expect_name("x@1", 0, "x-00000-of-00001");
    expect_name("a@b/x.tfrecord.gz@12", 11, "a@b/x.tfrecord.gz-00011-of-00012");
    expect_name("x@123456.gz", 7, "x-000007-of-123456.gz");
    expect_name("x@010.gz", 2, "x-00002-of-00010.gz");
    expect_name("plain.gz", 4, "plain.gz");
}

static void only_positive_counts_are_shards(void **state)
{
    (void)state;
    assert_int_equal(gn_shard_count("x@3.gz"), 3);
    assert_int_equal(gn_shard_count("x@3"), 3);
    assert_int_equal(gn_shard_count("x@0.gz"), 0);
    assert_int_equal(gn_shard_count("x@.gz"), 0);
    assert_int_equal(gn_shard_count("x.gz"), 0);
    assert_int_equal(gn_shard_count("me@home.org/x.gz"), 0);
    assert_int_equal(gn_shard_count("x@99999999999.gz"), 0);
}

static void lists_expand_to_existing_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/gannet_shards_XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    const char *files[] = {"b-00000-of-00002.gz", "b-00001-of-00002.gz", "z.gz", "a.gz"};
    for (int i = 0; i < 4; i++)
        fclose(fopen(files[i], "w"));

    gn_error_t err = {0};
    struct gn_texts names = {NULL, 0};
    assert_int_equal(gn_shard_expand("z.gz,b@2.gz,?.gz", &names, &err), GN_OK);
    const char *expected[] = {"z.gz", "b-00000-of-00002.gz", "b-00001-of-00002.gz", "a.gz", "z.gz"};
    assert_int_equal(names.n, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(names.v[i], expected[i]);
    gn_texts_clear(&names);

    assert_int_equal(gn_shard_expand("b@3.gz", &names, &err), GN_E_NO_INPUT);
    assert_non_null(strstr(err.message, "b-00000-of-00003.gz"));
    gn_texts_clear(&names);
    assert_int_equal(gn_shard_expand("q*", &names, &err), GN_E_NO_INPUT);
    assert_int_equal(gn_shard_expand("", &names, &err), GN_E_NO_INPUT);

    for (int i = 0; i < 4; i++)
        unlink(files[i]);
    assert_int_equal(chdir("/"), 0);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_convention),
        cmocka_unit_test(only_positive_counts_are_shards),
        cmocka_unit_test(lists_expand_to_existing_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
