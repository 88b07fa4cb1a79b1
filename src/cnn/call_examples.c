/* SPDX-License-Identifier: MIT
 *
 * call_examples.c - reads a batch while the batch before it is computed by worker threads, and writes in order.
 */
#include "cnn/call_examples.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/example_info.h"
#include "cnn/example_source.h"
#include "cnn/infer.h"
#include "cnn/round_probabilities.h"
#include "io/call_debug.h"
#include "io/shards.h"
#include "io/tfrecord.h"

enum { MAX_WRITERS = 16, BATCHES = 2 };

struct batch {
    size_t n;
    struct gn_example *examples; /* [batch_size]; their images are in `images` */
    uint8_t *images;
    struct gn_bytes *records; /* [batch_size] packed outputs */
};

/* One thread: computes examples [from, to) of a batch. */
struct worker {
    pthread_t thread;
    gn_infer_t *infer;
    const struct gn_call_examples_options *options;
    size_t image_size;
    struct batch *batch;
    size_t from, to;
    float (*probabilities)[3]; /* [batch_size] */
    int rc;
    gn_error_t err;
};

struct stage {
    const gn_model_t *model;
    gn_network_t *network;
    const struct gn_call_examples_options *options;
    gn_example_source_t *source;
    const char *first_path;
    struct batch batches[BATCHES];
    struct worker *workers; /* [threads] */
    int n_started;
    gn_tfrecord_writer_t *writers[MAX_WRITERS];
    int n_writers;
    int64_t n_read, n_written_batches;
    gn_network_use_t use;
};

static int pack_output(const struct worker *worker, size_t i, gn_error_t *err)
{
    struct gn_example *example = &worker->batch->examples[i];
    struct gn_bytes *record = &worker->batch->records[i];
    struct gn_call_output output = {.alt_indices = example->alt_indices};
    output.variant = gn_variant_unpack(example->variant.data, example->variant.len, err);
    if (output.variant == NULL)
        return err->code;
    int rc = gn_round_probabilities(worker->probabilities[i], output.probabilities, err);
    if (rc == GN_OK)
        rc = gn_call_output_pack(&output, record, err);
    if (rc == GN_OK && worker->options->debug_info) {
        struct gn_call_debug debug = {
            .image = {worker->batch->images + i * worker->image_size, worker->image_size}};
        for (int c = 1; c < 3; c++)
            if (output.probabilities[c] > output.probabilities[debug.predicted_label])
                debug.predicted_label = c;
        if (worker->options->true_labels && example->label >= 0)
            debug.true_label = (int)example->label;
        rc = gn_call_debug_append(&debug, output.variant, record, err);
    }
    gn_variant_free(output.variant);
    return rc;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    const uint8_t *images = worker->batch->images + worker->from * worker->image_size;
    worker->rc = gn_infer_run(worker->infer, images, worker->to - worker->from,
                              worker->probabilities + worker->from, &worker->err);
    for (size_t i = worker->from; worker->rc == GN_OK && i < worker->to; i++) {
        worker->rc = pack_output(worker, i, &worker->err);
        if (worker->rc != GN_OK)
            gn_error_prefix(&worker->err, "%s", worker->batch->examples[i].locus);
    }
    return NULL;
}

/* Starts the workers on equal parts of a batch. */
static int start_batch(struct stage *stage, struct batch *batch, gn_error_t *err)
{
    size_t threads = (size_t)stage->options->threads;
    for (size_t t = 0; t < threads; t++) {
        struct worker *worker = &stage->workers[t];
        worker->batch = batch;
        worker->from = batch->n * t / threads;
        worker->to = batch->n * (t + 1) / threads;
        if (pthread_create(&worker->thread, NULL, work, worker) != 0)
            return gn_fail(err, GN_E_MEMORY, "cannot start a thread: lower --threads");
        stage->n_started++;
    }
    return GN_OK;
}

/* Waits for the workers; the first failure in the order of the examples counts. */
static int finish_batch(struct stage *stage, gn_error_t *err)
{
    int rc = GN_OK;
    for (int t = 0; t < stage->n_started; t++) {
        struct worker *worker = &stage->workers[t];
        pthread_join(worker->thread, NULL);
        if (rc == GN_OK && worker->rc != GN_OK)
            rc = gn_fail(err, worker->rc, "%s", worker->err.message);
    }
    stage->n_started = 0;
    return rc;
}

/* Moves an example's image into the batch. */
static int take_image(struct stage *stage, struct batch *batch, struct gn_example *example,
                      gn_error_t *err)
{
    const int shape[3] = {(int)example->height, (int)example->width, (int)example->channels};
    size_t size = gn_model_image_size(stage->model);
    int rc = gn_model_check_input(stage->model, shape, NULL, stage->options->examples, err);
    if (rc != GN_OK)
        return rc;
    if (example->image.len != size)
        return gn_fail(err, GN_E_DATA,
                       "%s: the image of %s has %zu bytes instead of %zu: make the "
                       "examples again",
                       stage->options->examples, example->locus, example->image.len, size);
    memcpy(batch->images + batch->n * size, example->image.data, size);
    free(example->image.data);
    example->image = (struct gn_bytes){0};
    return GN_OK;
}

static int read_batch(struct stage *stage, struct batch *batch, gn_error_t *err)
{
    for (; batch->n < (size_t)stage->options->batch_size; batch->n++) {
        struct gn_example *example = &batch->examples[batch->n];
        if (stage->options->limit > 0 && stage->n_read == stage->options->limit)
            return GN_OK;
        int rc = gn_example_source_next(stage->source, example, err);
        if (rc <= 0)
            return rc;
        stage->n_read++;
        rc = take_image(stage, batch, example, err);
        if (rc != GN_OK) {
            gn_example_clear(example);
            return rc;
        }
    }
    return GN_OK;
}

static void empty_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        gn_example_clear(&batch->examples[i]);
        free(batch->records[i].data);
        batch->records[i] = (struct gn_bytes){0};
    }
    batch->n = 0;
}

static int write_batch(struct stage *stage, const struct batch *batch, gn_error_t *err)
{
    gn_tfrecord_writer_t *writer = stage->writers[stage->n_written_batches++ % stage->n_writers];
    int rc = GN_OK;
    for (size_t i = 0; i < batch->n && rc == GN_OK; i++)
        rc = gn_tfrecord_write(writer, batch->records[i].data, batch->records[i].len, err);
    return rc;
}

/* True for "x-00000-of-00003.tfrecord.gz" and the like. */
static bool is_shard_name(const char *path)
{
    for (const char *of = strstr(path, "-of-"); of != NULL; of = strstr(of + 1, "-of-")) {
        const char *digit = of;
        while (digit > path && digit[-1] >= '0' && digit[-1] <= '9')
            digit--;
        if (digit < of && digit > path && digit[-1] == '-' && of[4] >= '0' && of[4] <= '9' &&
            strchr(of, '/') == NULL)
            return true;
    }
    return false;
}

/* The output files as a spec for gn_shard_name(): one file for a shard's name, else x@N.tfrecord.gz. */
static int name_outputs(const char *outfile, int writers, char **spec, int *n, gn_error_t *err)
{
    static const char SUFFIX[] = ".tfrecord.gz";
    size_t length = strlen(outfile), suffix = sizeof SUFFIX - 1;
    *n = gn_shard_count(outfile);
    bool as_it_is = is_shard_name(outfile) || *n > 0;
    if (*n > MAX_WRITERS)
        return gn_fail(err, GN_E_USAGE, "--outfile '%s': at most %d files", outfile, MAX_WRITERS);
    if (!as_it_is && (length <= suffix || strcmp(outfile + length - suffix, SUFFIX) != 0))
        return gn_fail(err, GN_E_USAGE, "--outfile '%s' must end in %s", outfile, SUFFIX);
    if (as_it_is) {
        *n = *n > 0 ? *n : 1;
        *spec = gn_strdup(outfile);
    } else {
        *n = writers < 1 ? 1 : writers > MAX_WRITERS ? MAX_WRITERS : writers;
        if (asprintf(spec, "%.*s@%d%s", (int)(length - suffix), outfile, *n, SUFFIX) < 0)
            *spec = NULL;
    }
    return *spec == NULL ? gn_fail_memory(err, "a file name") : GN_OK;
}

/* Opens the outputs; when there is nothing to write, only one. */
static int open_writers(struct stage *stage, bool nothing, gn_error_t *err)
{
    char *spec = NULL;
    int n, rc = name_outputs(stage->options->outfile, nothing ? 1 : stage->options->writers, &spec,
                             &n, err);
    for (int i = 0; rc == GN_OK && i < n; i++) {
        char *name = gn_shard_name(spec, i);
        if (name == NULL)
            rc = gn_fail_memory(err, "a file name");
        else if ((stage->writers[i] = gn_tfrecord_writer_open(name, err)) == NULL)
            rc = err->code;
        else
            stage->n_writers++;
        free(name);
    }
    free(spec);
    return rc;
}

static int commit_writers(struct stage *stage, gn_error_t *err)
{
    int rc = GN_OK;
    for (int i = 0; i < stage->n_writers && rc == GN_OK; i++) {
        rc = gn_tfrecord_writer_commit(stage->writers[i], err);
        stage->writers[i] = NULL;
    }
    return rc;
}

static int make_batches(struct stage *stage, gn_error_t *err)
{
    size_t n = (size_t)stage->options->batch_size;
    for (int i = 0; i < BATCHES; i++) {
        struct batch *batch = &stage->batches[i];
        batch->examples = calloc(n, sizeof *batch->examples);
        batch->records = calloc(n, sizeof *batch->records);
        batch->images = malloc(n * gn_model_image_size(stage->model));
        if (batch->examples == NULL || batch->records == NULL || batch->images == NULL)
            return gn_fail(err, GN_E_MEMORY,
                           "out of memory for a batch of images: lower --batch-size");
    }
    return GN_OK;
}

static int make_workers(struct stage *stage, gn_error_t *err)
{
    int threads = stage->options->threads;
    struct gn_network_options network = {.precision = stage->options->precision};
    gn_device_choice_settle(&stage->options->device, &network, stage->use.why_no_gpu,
                            sizeof stage->use.why_no_gpu);
    stage->network = gn_network_create(stage->model, &network, err);
    if (stage->network == NULL)
        return err->code;
    stage->workers = calloc((size_t)threads, sizeof *stage->workers);
    if (stage->workers == NULL)
        return gn_fail_memory(err, "worker threads");
    struct worker *first = stage->workers; /* owns the probabilities that all share */
    first->probabilities = calloc((size_t)stage->options->batch_size, sizeof *first->probabilities);
    if (first->probabilities == NULL)
        return gn_fail_memory(err, "worker threads");
    for (int t = 0; t < threads; t++) {
        struct worker *worker = &stage->workers[t];
        worker->probabilities = first->probabilities;
        worker->options = stage->options;
        worker->image_size = gn_model_image_size(stage->model);
        worker->infer = gn_infer_create(stage->network, err);
        if (worker->infer == NULL)
            return err->code;
    }
    return GN_OK;
}

/* Compares the JSON beside the first file with the model; without one, every image's shape is checked anyway. */
static int check_examples(struct stage *stage, gn_error_t *err)
{
    struct gn_example_info info;
    int rc = gn_example_info_read(stage->first_path, &info, err);
    if (rc <= 0 || !info.has_shape)
        return rc < 0 ? rc : GN_OK;
    return gn_model_check_input(stage->model, info.shape,
                                info.n_channels == info.shape[2] ? info.channels : NULL,
                                stage->first_path, err);
}

static int run_stage(struct stage *stage, gn_error_t *err)
{
    struct batch *current = &stage->batches[0], *next = &stage->batches[1];
    int rc = read_batch(stage, current, err);
    if (rc == GN_OK && current->n == 0 && !stage->options->allow_empty)
        return gn_fail(err, GN_E_DATA, "%s: no examples", stage->options->examples);
    if (rc == GN_OK)
        rc = open_writers(stage, current->n == 0, err);
    while (rc == GN_OK && current->n > 0) {
        gn_error_t ignored;
        rc = start_batch(stage, current, err);
        if (rc == GN_OK)
            rc = read_batch(stage, next, err);
        int computed = finish_batch(stage, rc == GN_OK ? err : &ignored);
        rc = rc == GN_OK ? computed : rc;
        if (rc == GN_OK)
            rc = write_batch(stage, current, err);
        empty_batch(current);
        struct batch *swap = current;
        current = next;
        next = swap;
    }
    return rc == GN_OK ? commit_writers(stage, err) : rc;
}

static void note_use(struct stage *stage)
{
    gn_network_use_note(stage->network, &stage->use);
    for (int t = 0; t < stage->options->threads; t++) {
        const struct gn_infer_counts counts = gn_infer_counts(stage->workers[t].infer);
        gn_network_use_count(&counts, &stage->use);
    }
}

static void close_stage(struct stage *stage)
{
    for (int i = 0; i < BATCHES; i++) {
        struct batch *batch = &stage->batches[i];
        empty_batch(batch);
        free(batch->examples);
        free(batch->records);
        free(batch->images);
    }
    if (stage->workers != NULL)
        free(stage->workers[0].probabilities);
    for (int t = 0; stage->workers != NULL && t < stage->options->threads; t++)
        gn_infer_destroy(stage->workers[t].infer);
    free(stage->workers);
    gn_network_destroy(stage->network);
    for (int i = 0; i < stage->n_writers; i++)
        gn_tfrecord_writer_abort(stage->writers[i]);
    gn_example_source_close(stage->source);
}

int gn_call_examples(const gn_model_t *model, const struct gn_call_examples_options *options,
                     struct gn_call_examples_counts *counts, gn_error_t *err)
{
    struct stage stage = {.model = model, .options = options};
    int rc = GN_OK;
    stage.source = gn_example_source_open(options->examples, &stage.first_path, err);
    if (stage.source == NULL)
        return err->code;
    rc = check_examples(&stage, err);
    if (rc == GN_OK)
        rc = make_batches(&stage, err);
    if (rc == GN_OK)
        rc = make_workers(&stage, err);
    if (rc == GN_OK)
        rc = run_stage(&stage, err);
    if (rc == GN_OK)
        note_use(&stage);
    *counts = (struct gn_call_examples_counts){stage.n_read, stage.n_writers, stage.use};
    close_stage(&stage);
    return rc;
}
