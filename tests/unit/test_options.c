/* SPDX-License-Identifier: MIT
 *
 * test_options.c - every accepted spelling, every refusal and its message, and the texts made from
 * a table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/options.h"

struct values {
    const char *ref, *regions, *preset;
    int64_t threads, offset;
    double fraction;
    bool realign, verbose;
};

static const struct gn_option table[] = {
    {GN_OPTION_GROUP, .help = "Input"},
    {GN_OPTION_TEXT, 'f', "ref", "FILE", offsetof(struct values, ref),
     .help = "Reference FASTA, indexed", .flags = GN_OPTION_REQUIRED},
    {GN_OPTION_TEXT, 'r', "regions", "LIST", offsetof(struct values, regions), "all",
     .help =
         "A sentence that is long enough to be broken into several lines of help by the printer, "
         "which keeps within eighty columns"},
    {GN_OPTION_CHOICE, 'x', "preset", NULL, offsetof(struct values, preset), "wgs",
     .help = "Kind of reads", .choices = "wgs|wes|pacbio"},
    {GN_OPTION_GROUP, .help = "Work"},
    {GN_OPTION_INT, '@', "threads", "INT", offsetof(struct values, threads), "1",
     .help = "Worker threads", .min = 1, .max = 1024},
    {GN_OPTION_INT, 0, "offset", "INT", offsetof(struct values, offset), .help = "Any number"},
    {GN_OPTION_REAL, 0, "vsc-min-fraction", "X", offsetof(struct values, fraction), "0.12",
     .help = "Smallest fraction", .min = 0, .max = 1},
    {GN_OPTION_FLAG, 0, "realign-reads", NULL, offsetof(struct values, realign), "on",
     .help = "Realign"},
    {GN_OPTION_FLAG, 'v', "verbose", NULL, offsetof(struct values, verbose), .help = "Say more"},
    {GN_OPTION_GROUP, .help = "Secrets"},
    {GN_OPTION_TEXT, 0, "shuffle", "KIND", offsetof(struct values, regions), .help = "Unseen",
     .flags = GN_OPTION_HIDDEN},
    {GN_OPTION_INT, 0, "logging-level", "INT", 0, .help = "Old",
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN},
    {GN_OPTION_END},
};

static const struct gn_command command = {
    .name = "try",
    .summary = "a summary",
    .about = "What it is for.",
    .usage = "--ref FILE [options]",
    .options = table,
    .examples = "  gannet try --ref x.fa",
};

struct result {
    char line[256]; /* the words that values and positional point into */
    struct values values;
    const char *positional[2];
    int n_positional, status;
    bool help;
    gn_error_t err;
};

/* Parses the words of a text (one space between them; "" stands for an empty word) into *result. */
static void parse(const char *text, struct result *result)
{
    *result = (struct result){
        .values = {.preset = "wgs", .threads = 1, .fraction = 0.12, .realign = true},
    };
    assert_true(strlen(text) < sizeof result->line);
    memcpy(result->line, text, strlen(text) + 1);
    char *argv[16] = {"try"};
    int argc = 1;
    char *rest = NULL;
    for (char *word = strtok_r(result->line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = strcmp(word, "\"\"") == 0 ? "" : word;
    result->status = gn_options_parse(&command, argc, argv, &result->values, result->positional, 2,
                                      &result->n_positional, &result->help, &result->err);
}

static void expect_usage_error(const char *text, const char *message)
{
    struct result result;
    parse(text, &result);
    assert_int_equal(result.status, GN_E_USAGE);
    assert_string_equal(result.err.message, message);
}

static void expect_parsed(const char *text, const char *regions, int64_t threads)
{
    struct result result;
    parse(text, &result);
    assert_int_equal(result.status, GN_OK);
    assert_string_equal(result.values.regions, regions);
    assert_int_equal(result.values.threads, threads);
}

static void values_may_be_spelled_in_all_ways(void **state)
{
    (void)state;
    expect_parsed("--ref x --regions chr1 --threads 4", "chr1", 4);
    expect_parsed("--ref=x --regions=chr1:1,000-2,000 --threads=4", "chr1:1,000-2,000", 4);
    expect_parsed("-f x -r chr1 -@ 4", "chr1", 4);
    expect_parsed("-fx -rchr1 -@4", "chr1", 4);
    expect_parsed("-ref x -regions=chr1 -threads 4", "chr1", 4);
    expect_parsed("--ref x --regions= --threads 4", "", 4);
    expect_parsed("--ref x --regions - --threads 4", "-", 4);
    expect_parsed("--ref x --threads 9 --regions a --regions b --threads 4", "b", 4);
}

static void underscores_are_dashes(void **state)
{
    (void)state;
    struct result a;
    parse("--ref x --vsc_min_fraction 0.5 --norealign_reads", &a);
    assert_int_equal(a.status, GN_OK);
    assert_true(a.values.fraction == 0.5);
    assert_false(a.values.realign);
}

static void switches_may_be_spelled_in_all_ways(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool expected;
    } cases[] = {
        {"--ref x --realign-reads", true},
        {"--ref x --norealign-reads", false},
        {"--ref x --no-realign-reads", false},
        {"--ref x -norealign_reads", false},
        {"--ref x --realign-reads=false", false},
        {"--ref x --realign-reads=TRUE", true},
        {"--ref x --realign-reads=0", false},
        {"--ref x --realign-reads=1", true},
        {"--ref x --no-realign-reads --realign-reads", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result result;
        parse(cases[i].text, &result);
        assert_int_equal(result.status, GN_OK);
        assert_int_equal(result.values.realign, cases[i].expected);
    }
}

static void defaults_stay_when_not_given(void **state)
{
    (void)state;
    struct result a;
    parse("--ref x", &a);
    assert_int_equal(a.status, GN_OK);
    assert_string_equal(a.values.ref, "x");
    assert_null(a.values.regions);
    assert_string_equal(a.values.preset, "wgs");
    assert_int_equal(a.values.threads, 1);
    assert_true(a.values.realign);
    assert_false(a.values.verbose);
}

static void negative_numbers_are_values(void **state)
{
    (void)state;
    struct result a;
    parse("--ref x --offset -5 -v", &a);
    assert_int_equal(a.status, GN_OK);
    assert_int_equal(a.values.offset, -5);
    assert_true(a.values.verbose);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct result a;
    parse("one --ref x -- --regions", &a);
    assert_int_equal(a.status, GN_OK);
    assert_int_equal(a.n_positional, 2);
    assert_string_equal(a.positional[0], "one");
    assert_string_equal(a.positional[1], "--regions");
    assert_null(a.values.regions);
}

static void help_is_asked_for_before_anything_is_checked(void **state)
{
    (void)state;
    struct result a;
    parse("--nonsense --help", &a);
    assert_int_equal(a.status, GN_OK);
    assert_true(a.help);
    parse("-h", &a);
    assert_true(a.help);
    parse("--ref x -- --help", &a);
    assert_false(a.help);
}

static void ignored_options_are_checked_and_forgotten(void **state)
{
    (void)state;
    struct result a;
    parse("--ref x --logging_level 3", &a);
    assert_int_equal(a.status, GN_OK);
    assert_string_equal(a.values.ref, "x");
    expect_usage_error("--ref x --logging_level high",
                       "--logging-level: 'high' is not a whole number");
}

static void unknown_options_name_the_nearest(void **state)
{
    (void)state;
    expect_usage_error("--ref x --region chr1", "unknown option --region: did you mean --regions?");
    expect_usage_error("--ref x --trheads=3", "unknown option --trheads: did you mean --threads?");
    expect_usage_error("--ref x --vsc_min_fractoin 1",
                       "unknown option --vsc_min_fractoin: did you mean --vsc-min-fraction?");
    expect_usage_error("--ref x --entirely-different", "unknown option --entirely-different");
    expect_usage_error("--ref x -q", "unknown option -q");
    expect_usage_error("--ref x --norealign-reads=false",
                       "unknown option --norealign-reads: did you mean --realign-reads?");
    expect_usage_error("--ref x --nothreads",
                       "unknown option --nothreads: did you mean --threads?");
}

static void bad_numbers_are_refused(void **state)
{
    (void)state;
    expect_usage_error("--ref x --threads 0", "--threads: 0 is not in 1..1024");
    expect_usage_error("--ref x --threads 1025", "--threads: 1025 is not in 1..1024");
    expect_usage_error("--ref x --threads 4x", "--threads: '4x' is not a whole number");
    expect_usage_error("--ref x --threads 1.5", "--threads: '1.5' is not a whole number");
    expect_usage_error("--ref x --threads \"\"", "--threads: '' is not a whole number");
    expect_usage_error("--ref x --threads 1,000",
                       "--threads: '1,000' is not a whole number; leave out the commas");
    expect_usage_error("--ref x --offset 99999999999999999999",
                       "--offset: 99999999999999999999 is out of range");
    expect_usage_error("--ref x --vsc-min-fraction 1.01",
                       "--vsc-min-fraction: 1.01 is not in 0..1");
    expect_usage_error("--ref x --vsc-min-fraction nan",
                       "--vsc-min-fraction: 'nan' is not a number");
    expect_usage_error("--ref x --vsc-min-fraction 0.1.2",
                       "--vsc-min-fraction: '0.1.2' is not a number");
}

static void missing_things_are_named(void **state)
{
    (void)state;
    expect_usage_error("--threads 4", "missing: --ref FILE");
    expect_usage_error("--ref", "--ref needs a value (FILE)");
    expect_usage_error("--ref --threads 4", "--ref needs a value (FILE)");
    expect_usage_error("--ref -v", "--ref needs a value (FILE)");
    expect_usage_error("--ref x --preset", "--preset needs a value (wgs|wes|pacbio)");
    expect_usage_error("--ref=", "--ref: the value is empty");
}

static void other_bad_words_are_refused(void **state)
{
    (void)state;
    expect_usage_error("--ref x --preset wg", "--preset: 'wg' is not one of wgs|wes|pacbio");
    expect_usage_error("--ref x --preset wgs|wes",
                       "--preset: 'wgs|wes' is not one of wgs|wes|pacbio");
    expect_usage_error("--ref x --verbose=maybe", "--verbose: 'maybe' is neither true nor false");
    expect_usage_error("--ref x a b c", "unexpected argument 'c'");
    expect_usage_error("--ref x -vq", "unknown option -vq");
}

static void nearest_names_are_near(void **state)
{
    (void)state;
    static const char *const names[] = {"call", "make-examples", "call-variants", "postprocess"};
    assert_string_equal(gn_nearest_name("cal", names, 4), "call");
    assert_string_equal(gn_nearest_name("clal", names, 4), "call");
    assert_string_equal(gn_nearest_name("Make_Examples", names, 4), "make-examples");
    assert_string_equal(gn_nearest_name("callvariants", names, 4), "call-variants");
    assert_string_equal(gn_nearest_name("postproc", names, 4), "postprocess");
    assert_null(gn_nearest_name("frobnicate", names, 4));
    assert_null(gn_nearest_name("", names, 4));
    char word[300];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_null(gn_nearest_name(word, names, 4));
}

/* What a printer writes, as a string that the caller frees. */
static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    print(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void print_help(FILE *out)
{
    gn_options_help(&command, out);
}

static void print_man(FILE *out)
{
    gn_options_man(&command, "1.2.3", out);
}

static void print_json(FILE *out)
{
    gn_error_t err = {0};
    assert_int_equal(gn_options_json(&command, out, &err), GN_OK);
}

static void print_completion(FILE *out)
{
    const struct gn_command *commands[] = {&command, NULL};
    gn_options_bash_completion(commands, out);
}

static void help_fits_eighty_columns_and_shows_what_is_visible(void **state)
{
    (void)state;
    char *text = printed(print_help);
    assert_non_null(strstr(text, "About:   What it is for.\n"));
    assert_non_null(strstr(text, "Usage:   gannet try --ref FILE [options]\n"));
    assert_non_null(
        strstr(text, "  -f, --ref FILE              Reference FASTA, indexed (required)\n"));
    assert_non_null(strstr(text, "  -@, --threads INT           Worker threads [1]\n"));
    assert_non_null(strstr(text, "      --[no-]realign-reads    Realign [on]\n"));
    assert_non_null(
        strstr(text, "  -x, --preset wgs|wes|pacbio\n                              Kind of"));
    assert_non_null(strstr(text, "Examples:\n  gannet try --ref x.fa\n"));
    assert_null(strstr(text, "shuffle"));
    assert_null(strstr(text, "Secrets"));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(strlen(line) <= 80);
        assert_true(line[strlen(line) - 1] != ' ');
    }
    free(text);
}

static void man_page_shows_hidden_options_and_escapes_dashes(void **state)
{
    (void)state;
    char *text = printed(print_man);
    assert_non_null(strstr(text, ".TH \"GANNET\\-TRY\" 1 \"\" \"gannet 1.2.3\""));
    assert_non_null(strstr(text, "\\fB\\-@\\fR, \\fB\\-\\-threads\\fR \\fIINT\\fR\n"));
    assert_non_null(strstr(text, "From 1 to 1024."));
    assert_non_null(strstr(text, "\\-\\-shuffle"));
    free(text);
}

static void json_lists_every_option(void **state)
{
    (void)state;
    char *text = printed(print_json);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    const json_t *options = json_object_get(root, "options");
    assert_int_equal(json_array_size(options), 10);
    const json_t *threads = json_array_get(options, 3);
    assert_string_equal(json_string_value(json_object_get(threads, "name")), "threads");
    assert_string_equal(json_string_value(json_object_get(threads, "type")), "int");
    assert_string_equal(json_string_value(json_object_get(threads, "group")), "Work");
    assert_true(json_number_value(json_object_get(threads, "max")) == 1024);
    json_decref(root);
    free(text);
}

static void completion_knows_options_and_choices(void **state)
{
    (void)state;
    char *text = printed(print_completion);
    assert_non_null(strstr(text, "try) words=\"--help --ref --regions --preset --threads"));
    assert_non_null(strstr(text, "try:--preset) choices=\"wgs wes pacbio\""));
    assert_null(strstr(text, "shuffle"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_may_be_spelled_in_all_ways),
        cmocka_unit_test(underscores_are_dashes),
        cmocka_unit_test(switches_may_be_spelled_in_all_ways),
        cmocka_unit_test(defaults_stay_when_not_given),
        cmocka_unit_test(negative_numbers_are_values),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(help_is_asked_for_before_anything_is_checked),
        cmocka_unit_test(ignored_options_are_checked_and_forgotten),
        cmocka_unit_test(unknown_options_name_the_nearest),
        cmocka_unit_test(bad_numbers_are_refused),
        cmocka_unit_test(missing_things_are_named),
        cmocka_unit_test(other_bad_words_are_refused),
        cmocka_unit_test(nearest_names_are_near),
        cmocka_unit_test(help_fits_eighty_columns_and_shows_what_is_visible),
        cmocka_unit_test(man_page_shows_hidden_options_and_escapes_dashes),
        cmocka_unit_test(json_lists_every_option),
        cmocka_unit_test(completion_knows_options_and_choices),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
