/* SPDX-License-Identifier: MIT
 *
 * device_choice.h - what a user says about where the network runs ("cuda:0,1"), read and put into effect.
 *
 * Reading looks at the text alone, so that a mistyped one fails before any work; settling asks which GPUs there are.
 */
#ifndef GN_CNN_DEVICE_CHOICE_H
#define GN_CNN_DEVICE_CHOICE_H

#include "cnn/infer.h"

enum gn_device_place {
    GN_PLACE_CPU,
    GN_PLACE_CUDA,
    GN_PLACE_AUTO /* the first usable GPU, else the CPU */
};

/// {0} is the CPU with the engine of our own.
struct gn_device_choice {
    enum gn_device_place place;
    const char *cpu_engine; /* what computes where it is the CPU: "cpu" or "onednn"; NULL: "cpu" */
    const char *devices;    /* gn_network_options.devices; points into the text that was read */
    int device_batch;       /* images of a run on a GPU; 0: by its free memory */
};

/// Reads "cpu", "cuda" (the first usable GPU), "cuda:0,1" (these, by CUDA's numbers), "cuda:all" or "auto".
/** @param text          NULL: "cpu"; must outlive the choice
    @param cpu_engine    must outlive the choice; NULL: "cpu". Another one than "cpu" rules GPUs that are named out
    @param device_batch  0: by free memory; only with a GPU
    @return              GN_OK, or GN_E_USAGE whose message begins with "--device". Thread-safe. */
GN_MUST_CHECK
int gn_device_choice_read(const char *text, const char *cpu_engine, int device_batch,
                          struct gn_device_choice *choice, gn_error_t *err);

/// Sets engine, devices and device_batch of a network's options.
/** Asks for GPUs only where the choice is AUTO; whether a GPU that was named can be used is for gn_network_create() to say.
    @param why_no_gpu  receives why AUTO became the CPU, cut to `size` bytes, its final zero included; else empty.
    Thread-safe. */
void gn_device_choice_settle(const struct gn_device_choice *choice,
                             struct gn_network_options *options, char *why_no_gpu, size_t size);

/// GN_OK where a GPU can be used; GN_E_UNAVAILABLE says why none can, for the first GPU if there are any. Thread-safe.
GN_MUST_CHECK
int gn_device_find_usable(gn_error_t *err);

#endif
