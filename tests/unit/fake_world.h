/* SPDX-License-Identifier: MIT
 *
 * fake_world.h - the fake GPUs: what they are like, what lives on them, which calls fail; memory and streams.
 *
 * What lives is counted; calls fail when a test wants it. New memory holds what is no number, and a guard lies behind it.
 */
#ifndef GN_TESTS_FAKE_WORLD_H
#define GN_TESTS_FAKE_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

enum {
    FAKE_DEVICES = 4,
    FAKE_BLOCKS = 4096,
    FAKE_GUARD = 256, /* bytes behind each block that nobody may write */
    FAKE_ARGUMENTS = 512,
};

/* Calls that can be made to fail. */
enum fake_call {
    FAKE_ALLOCATION, /* of device memory and of pinned host memory */
    FAKE_STREAM,
    FAKE_EVENT,
    FAKE_RECORD,
    FAKE_COPY,
    FAKE_KERNEL,
    FAKE_CAPTURE,
    FAKE_END_CAPTURE,
    FAKE_INSTANTIATE,
    FAKE_GRAPH_LAUNCH,
    FAKE_WAIT,
    FAKE_CUDNN_CREATE,
    FAKE_CUDNN_EXECUTE,
    FAKE_LT_CREATE,
    FAKE_LT_MULTIPLY,
    FAKE_CALLS,
};

struct fake_device {
    int major, minor, mode;
    cudaError_t start; /* what using it for the first time gives */
    size_t memory, used;
};

struct fake_block {
    unsigned char *start;
    size_t size;
    int device; /* -1: pinned host memory */
};

static struct {
    pthread_mutex_t lock;
    int driver, runtime, n_devices;
    cudaError_t count; /* what counting devices gives */
    struct fake_device devices[FAKE_DEVICES];
    struct fake_block blocks[FAKE_BLOCKS];
    int n_blocks;
    int streams, events, graphs, executables, handles, descriptors; /* that live */
    int calls[FAKE_CALLS], fails_at[FAKE_CALLS]; /* so far; the number of the call that fails */
    bool always_fails[FAKE_CALLS];
    char wrong[200]; /* what the driver may not do and did */
    /* of the libraries */
    int least_form; /* the first of enum gn_gpu_form that cuDNN computes */
    bool no_products;
    size_t work_of_image; /* bytes of work space a plan asks for, and 1000 */
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local int fake_current;
static _Thread_local cudaError_t fake_last;

struct fake_command {
    void (*run)(const void *arguments);
    unsigned char arguments[FAKE_ARGUMENTS];
};

struct fake_commands {
    struct fake_command *all;
    size_t n, capacity;
};

struct CUstream_st {
    int device;
    bool is_capturing, is_spoiled;
    struct fake_commands queue, captured;
};

struct CUevent_st {
    bool is_timed, is_reached;
    double seconds;
    cudaStream_t stream; /* it was recorded on last */
};

struct CUgraph_st {
    int device;
    struct fake_commands commands;
};

struct CUgraphExec_st {
    int device;
    struct fake_commands commands;
};

static inline void fake_reset(int n_devices)
{
    pthread_mutex_lock(&fake.lock);
    fake.driver = fake.runtime = 13000;
    fake.n_devices = n_devices;
    fake.count = cudaSuccess;
    for (int i = 0; i < FAKE_DEVICES; i++)
        fake.devices[i] = (struct fake_device){
            9, 0, cudaComputeModeDefault, cudaSuccess, (size_t)4 << 30, fake.devices[i].used};
    memset(fake.calls, 0, sizeof fake.calls);
    memset(fake.fails_at, 0, sizeof fake.fails_at);
    memset(fake.always_fails, 0, sizeof fake.always_fails);
    fake.least_form = 0;
    fake.no_products = false;
    fake.work_of_image = 1000;
    pthread_mutex_unlock(&fake.lock);
}

/* What a test left is not the next one's. */
static inline void fake_forget(void)
{
    pthread_mutex_lock(&fake.lock);
    fake.n_blocks = fake.streams = fake.events = fake.graphs = fake.executables = 0;
    fake.handles = fake.descriptors = 0;
    fake.wrong[0] = '\0';
    for (int i = 0; i < FAKE_DEVICES; i++)
        fake.devices[i].used = 0;
    pthread_mutex_unlock(&fake.lock);
}

/* NULL when nothing is left and nothing went wrong; else what. */
static inline const char *fake_check_idle(void)
{
    static char text[400];
    pthread_mutex_lock(&fake.lock);
    bool idle = fake.n_blocks + fake.streams + fake.events + fake.graphs + fake.executables +
                        fake.handles + fake.descriptors ==
                    0 &&
                fake.wrong[0] == '\0';
    snprintf(text, sizeof text,
             "alive: %d blocks, %d streams, %d events, %d graphs, %d executables, %d handles, %d "
             "descriptors; wrong: '%s'",
             fake.n_blocks, fake.streams, fake.events, fake.graphs, fake.executables, fake.handles,
             fake.descriptors, fake.wrong);
    pthread_mutex_unlock(&fake.lock);
    return idle ? NULL : text;
}

static inline cudaError_t fake_error(cudaError_t status)
{
    if (status != cudaSuccess)
        fake_last = status;
    return status;
}

/* The first one of a test is kept. */
static inline cudaError_t fake_misuse(const char *what)
{
    pthread_mutex_lock(&fake.lock);
    if (fake.wrong[0] == '\0')
        snprintf(fake.wrong, sizeof fake.wrong, "%s", what);
    pthread_mutex_unlock(&fake.lock);
    return fake_error(cudaErrorInvalidValue);
}

static inline void fake_add(int *count, int by)
{
    pthread_mutex_lock(&fake.lock);
    *count += by;
    pthread_mutex_unlock(&fake.lock);
}

static inline bool fake_fails(enum fake_call call)
{
    pthread_mutex_lock(&fake.lock);
    bool fails = ++fake.calls[call] == fake.fails_at[call] || fake.always_fails[call];
    pthread_mutex_unlock(&fake.lock);
    return fails;
}

static inline void *fake_make(size_t size, int *count)
{
    void *made = calloc(1, size);
    if (made == NULL)
        abort();
    fake_add(count, 1);
    return made;
}

static inline void fake_append(struct fake_commands *commands, const struct fake_command *command)
{
    if (commands->n == commands->capacity) {
        commands->capacity = commands->capacity * 2 + 16;
        commands->all = realloc(commands->all, commands->capacity * sizeof *commands->all);
        if (commands->all == NULL)
            abort();
    }
    commands->all[commands->n++] = *command;
}

/* Puts a command on a stream: with a copy of its arguments. */
static inline cudaError_t fake_start(cudaStream_t stream, void (*run)(const void *),
                                     const void *arguments, size_t size)
{
    struct fake_command command = {.run = run};
    if (size > sizeof command.arguments)
        abort();
    if (stream == NULL || stream->device != fake_current)
        return fake_misuse("a stream of another device was used");
    memcpy(command.arguments, arguments, size);
    fake_append(stream->is_capturing ? &stream->captured : &stream->queue, &command);
    return cudaSuccess;
}

static inline void fake_finish(cudaStream_t stream)
{
    for (size_t i = 0; i < stream->queue.n; i++)
        stream->queue.all[i].run(stream->queue.all[i].arguments);
    stream->queue.n = 0;
}

/* Whether a place lies in one block of device memory, or of pinned memory. */
static inline bool fake_holds(const void *place, size_t size, bool on_device)
{
    const unsigned char *at = place;
    bool found = false;
    pthread_mutex_lock(&fake.lock);
    for (int i = 0; i < fake.n_blocks && !found; i++) {
        const struct fake_block *block = &fake.blocks[i];
        found = (block->device >= 0) == on_device && at >= block->start &&
                at <= block->start + block->size &&
                size <= (size_t)(block->start + block->size - at);
    }
    pthread_mutex_unlock(&fake.lock);
    return found;
}

static inline cudaError_t fake_reserve(void **to, size_t size, int device)
{
    if (fake_fails(FAKE_ALLOCATION))
        return fake_error(cudaErrorMemoryAllocation);
    unsigned char *start = aligned_alloc(256, (size + 255) / 256 * 256 + FAKE_GUARD);
    if (start == NULL)
        abort();
    memset(start, 0xff, size);
    memset(start + size, 0xa5, FAKE_GUARD);
    pthread_mutex_lock(&fake.lock);
    bool fits = fake.n_blocks < FAKE_BLOCKS;
    if (device >= 0)
        fits = fits && size <= fake.devices[device].memory - fake.devices[device].used;
    if (fits)
        fake.blocks[fake.n_blocks++] = (struct fake_block){start, size, device};
    if (fits && device >= 0)
        fake.devices[device].used += size;
    pthread_mutex_unlock(&fake.lock);
    if (!fits) {
        free(start);
        return fake_error(cudaErrorMemoryAllocation);
    }
    *to = start;
    return cudaSuccess;
}

static inline cudaError_t fake_release(void *memory, bool on_device)
{
    struct fake_block block = {NULL, 0, -1};
    pthread_mutex_lock(&fake.lock);
    for (int i = 0; i < fake.n_blocks; i++)
        if (fake.blocks[i].start == memory) {
            block = fake.blocks[i];
            fake.blocks[i] = fake.blocks[--fake.n_blocks];
            break;
        }
    if (block.device >= 0)
        fake.devices[block.device].used -= block.size;
    pthread_mutex_unlock(&fake.lock);
    if (block.start == NULL || (block.device >= 0) != on_device)
        return fake_misuse("memory was freed that is none");
    for (size_t i = 0; i < FAKE_GUARD; i++)
        if (block.start[block.size + i] != 0xa5) {
            fake_misuse("memory behind a block was written");
            break;
        }
    free(block.start);
    return cudaSuccess;
}

#endif
