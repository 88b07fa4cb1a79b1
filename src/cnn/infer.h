/* SPDX-License-Identifier: MIT
 *
 * infer.h - from pileup images to genotype probabilities.
 *
 * The one interface that callers of the network use; what computes (cnn/cpu, cnn/onednn,
 * cnn/cuda) is behind it. A network is a model made ready in one number type (its weights packed
 * once) and is shared by all threads; each thread makes its own gn_infer_t from it. The
 * probabilities of an image depend on the model, the number type and the image alone: not on the
 * batch, the thread or (engine cpu) the CPU type.
 */
#ifndef GN_CNN_INFER_H
#define GN_CNN_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cnn/model.h"
#include "cnn/precision.h"

typedef struct gn_network gn_network_t;
typedef struct gn_infer gn_infer_t;

struct gn_network_options {
    enum gn_precision
        precision; /* AUTO: int16 where the model's calibration passed, else float32; cuda: float16 */
    const char *isa;      /* instruction set by name, for tests and measurements; NULL: the best */
    bool keep_empty_rows; /* compute also what no read reaches (the same bits, later) */
    bool fast_only;       /* never compute an image again in float32; for measurements only */
    const char *engine;   /* what computes: "cpu", "onednn" or "cuda"; NULL: "cpu" */
    const char
        *devices;     /* cuda: numbers separated by commas, or "all"; NULL: the first usable one */
    int device_batch; /* cuda: images of a run on the device; 0: by its free memory */
};

/// Makes a model ready to compute.
/** @param model    must outlive the result
    @param options  NULL: all default
    @return         to be freed with gn_network_destroy(); NULL with err: GN_E_MEMORY,
   GN_E_UNAVAILABLE (the CPU, the engine or the network cannot do that type, the model has no
   calibration, the build has no such engine), GN_E_USAGE (unknown instruction set or engine).
   Immutable, thread-safe. */
GN_MUST_CHECK
gn_network_t *gn_network_create(const gn_model_t *model, const struct gn_network_options *options,
                                gn_error_t *err);

/// Frees a network; NULL is fine. No gn_infer_t made from it may be in use any more.
void gn_network_destroy(gn_network_t *network);

/// True when this build has an engine ("cpu", "onednn", "cuda").
bool gn_engine_is_built(const char *name);

/// The number type that is computed in: never AUTO.
enum gn_precision gn_network_precision(const gn_network_t *network);

/// What computes, for logs and `gannet model info`: "cpu avx512 float32", "onednn 2.6.3 float32".
/// Belongs to the network.
const char *gn_network_describe(const gn_network_t *network);

/// What the user should know though nothing failed, such as a batch made smaller because memory was short; NULL: nothing.
/// Belongs to the network.
const char *gn_network_warning(const gn_network_t *network);

/// The share of the time since the network was made during which its devices computed, between 0 and 1, their mean; negative: the
/// engine has no devices. Thread-safe.
double gn_network_busy_share(const gn_network_t *network);

/// Makes one worker's state (activations; the weights stay shared in the network).
/** @param network    must outlive the result
    @return           to be freed with gn_infer_destroy(); NULL with err (GN_E_MEMORY). One thread
   at a time. */
GN_MUST_CHECK
gn_infer_t *gn_infer_create(const gn_network_t *network, gn_error_t *err);

/// Classifies n images; any n, 0 included.
/** In other types than float32, images whose two best probabilities lie within 0.05 of each other,
   and those with an activation above what calibration saw (cuda: with sums beyond the type), are
   computed once more in float32.
    @param images         n * height * width * channels bytes, row-major, channel fastest (as in
   tf.Example)
    @param probabilities  n triples: {no, one, two} copies of the image's alternate alleles; each
   sums to 1 within 1e-6
    @return               GN_OK or a code with err */
GN_MUST_CHECK
int gn_infer_run(gn_infer_t *infer, const uint8_t *images, size_t n, float (*probabilities)[3],
                 gn_error_t *err);

/// As gn_infer_run(), and the logits (what softmax is taken of).
GN_MUST_CHECK
int gn_infer_run_logits(gn_infer_t *infer, const uint8_t *images, size_t n, float (*logits)[3],
                        float (*probabilities)[3], gn_error_t *err);

/// Frees the state; NULL is fine.
void gn_infer_destroy(gn_infer_t *infer);

/// Starts (or stops) measuring the time of each layer. GN_E_MEMORY.
/** Engine cuda: calls then compute their images twice, first step by step in whole batches, which
    is what is measured (cuda/layer_timer.h): bring as many images as a batch has. */
GN_MUST_CHECK
int gn_infer_time_layers(gn_infer_t *infer, bool on, gn_error_t *err);

/// Seconds spent in a layer (numbered as in model.json) since gn_infer_time_layers(); 0 when off.
double gn_infer_layer_seconds(const gn_infer_t *infer, int layer);

/// Images of this worker so far, and how many of them were computed once more in float32.
struct gn_infer_counts {
    uint64_t images;
    uint64_t recomputed; /* as near_decision, saturated or both */
    uint64_t near_decision, saturated;
};
struct gn_infer_counts gn_infer_counts(const gn_infer_t *infer);

#endif
