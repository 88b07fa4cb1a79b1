/* SPDX-License-Identifier: MIT
 *
 * test_training_golden.c - training mode of make-examples against DeepVariant 1.9's own files (spec 150.7): shards, classes
 * from the truth's INFO, and the agreement of candidates and truth that it reports; and down-sampling of classes, which
 * DeepVariant draws without a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_examples.h"
#include "io/shards.h"

#define REGION "chr20:10,000,000-10,010,000"

static char *class_names[] = {"ref", "class1", "class2"};

/* The section of a text-format message that begins with "NAME {", without comments. Freed by the caller. */
static char *read_section(const char *path, const char *name)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[1000], head[100], *text = calloc(1, 100000);
    size_t length = 0;
    bool is_inside = false;
    snprintf(head, sizeof head, "%s {\n", name);
    while (fgets(line, sizeof line, file) != NULL) {
        is_inside |= strcmp(line, head) == 0;
        if (is_inside)
            length += (size_t)snprintf(text + length, 100000 - length, "%s", line);
        if (strcmp(line, "}\n") == 0)
            is_inside = false;
    }
    fclose(file);
    assert_true(length > strlen(head) && length < 100000);
    return text;
}

static void assert_same_section(const char *ours, const char *golden, const char *name)
{
    char *a = read_section(ours, name), *b = read_section(golden, name);
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void run_info(void **state)
{
    (void)state;
    struct setup s;
    char ours[600], golden[600];
    set_up(&s, REGION);
    use_truth(&s);
    s.options.write_run_info = true;
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.training_examples.tfrecord.gz", compare_examples), 49);
    snprintf(ours, sizeof ours, "%s.run_info.pbtxt", s.examples);
    snprintf(golden, sizeof golden, "%s/golden.training_examples.tfrecord.gz.run_info.pbtxt",
             goldens);
    assert_same_section(ours, golden, "labeling_metrics");
    assert_same_section(ours, golden, "stats");
}

static void three_shards(void **state)
{
    (void)state;
    struct setup s;
    struct gn_labeling_metrics total = {{0}};
    int n = 0;
    set_up(&s, REGION);
    use_truth(&s);
    snprintf(s.examples, sizeof s.examples, "%s/training.tfrecord.gz@3", folder);
    for (s.options.task = 0; s.options.task < 3; s.options.task++) {
        char golden[200], *ours = gn_shard_name(s.examples, s.options.task);
        run(&s);
        snprintf(golden, sizeof golden, "golden.training_examples.tfrecord.gz-%05d-of-00003",
                 s.options.task);
        n += compare_files(ours, golden, compare_examples);
        gn_labeling_metrics_add(&total, &s.counts.labeling);
        free(ours);
    }
    assert_int_equal(n, 49);
    assert_int_equal(total.v[GN_METRIC_TRUTH_SITES], 48); /* golden run_info, of all shards */
    assert_int_equal(total.v[GN_METRIC_TRUE_POSITIVE_ALLELES], 84);
}

static void use_classes(struct setup *s)
{
    use_truth(s);
    snprintf(s->truth, sizeof s->truth,
             "%s/input/with_types.test_nist.b37_chr20_4kbp_at_10mb.vcf.gz", goldens);
    s->options.labeler = GN_LABELER_CUSTOMIZED;
    s->options.class_field = "type";
    s->options.class_names = (struct gn_texts){class_names, 3};
}

static void customized_classes(void **state)
{
    (void)state;
    struct setup s;
    set_up(&s, "chr20:10,000,000-10,004,000");
    use_classes(&s);
    run(&s);
    assert_int_equal(compare_files(s.examples,
                                   "customized_classes.golden.training_examples.tfrecord.gz",
                                   compare_examples),
                     19);
}

static void class_that_is_not_listed(void **state)
{
    (void)state;
    struct setup s;
    char *warning = NULL;
    gn_error_t err = {0};
    set_up(&s, "chr20:10,000,000-10,004,000");
    use_classes(&s);
    s.options.class_names.n = 1;
    assert_int_equal(gn_make_examples(&s.options, &s.counts, &warning, &err), GN_E_DATA);
    assert_non_null(strstr(err.message, "--customized-classes-labeler-classes-list"));
    free(warning);
}

/* Keeps what is sure to stay, drops what is sure to go, and draws the same in shards and threads as at once. */
static void downsampled_classes(void **state)
{
    (void)state;
    struct setup s;
    const double without_homozygous[] = {1, 1, 0}, half[] = {1, 1, 0.5};
    set_up(&s, REGION);
    use_truth(&s);
    s.options.n_keep_classes = 3;
    s.options.keep_classes = without_homozygous;
    run(&s);
    assert_int_equal(s.counts.labels[0], 1);
    assert_int_equal(s.counts.labels[1], 12);
    assert_int_equal(s.counts.labels[2], 0);
    s.options.keep_classes = half;
    run(&s);
    int64_t n = s.counts.labels[2];
    assert_in_range(n, 8, 28); /* of 36; outside with a probability below 0.001 */
    assert_int_equal(s.counts.labels[1], 12);
    snprintf(s.examples, sizeof s.examples, "%s/drawn.tfrecord.gz@3", folder);
    s.options.n_threads = 1;
    for (s.options.task = 0; s.options.task < 3; s.options.task++) {
        run(&s);
        n -= s.counts.labels[2];
    }
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_info),
        cmocka_unit_test(three_shards),
        cmocka_unit_test(customized_classes),
        cmocka_unit_test(class_that_is_not_listed),
        cmocka_unit_test(downsampled_classes),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}
