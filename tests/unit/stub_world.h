/* SPDX-License-Identifier: MIT
 *
 * stub_world.h - what all stub devices share: what a test asks of them, their memory, and what they were asked for.
 *
 * The driver table has no context, hence the one `stub`. A test begins with stub_reset() and ends with
 * stub_check_idle().
 */
#ifndef GN_TESTS_STUB_WORLD_H
#define GN_TESTS_STUB_WORLD_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { STUB_MOST_DEVICES = 8, STUB_MOST_BATCHES = 4096, STUB_MOST_UPLOADS = 64 };

struct stub_upload {
    void *memory;
    size_t size;
    int device;
};

/* A device, as the test wants it; `used` is what it holds. */
struct stub_settings {
    size_t memory;      /* bytes */
    const char *reason; /* why it is not usable; NULL: it is */
    int launches_left;  /* all later ones fail */
    size_t used;
    int opened, launches; /* how often so far */
    uint64_t images;      /* computed so far */
};

static struct stub_world {
    pthread_mutex_t mutex;
    /* to be set by a test, after stub_reset() */
    int n_devices;
    struct stub_settings devices[STUB_MOST_DEVICES];
    const char *unreachable; /* list() fails for this reason; NULL: it works */
    bool run_in_wait;        /* else in launch(); failures come from where the run is */
    size_t program_memory;   /* bytes of work space a program */
    /* what happened */
    int launches, programs_made;
    uint64_t images;
    struct {
        int n, batch, device; /* images given, images of the program */
    } batches[STUB_MOST_BATCHES];
    struct stub_upload uploads[STUB_MOST_UPLOADS];
    int open_devices, open_lanes, open_programs, n_uploads;
    char misuse[256]; /* the first call that broke the contract; "" */
} stub = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Usable devices of 1 GiB, no failures, nothing counted. */
static inline void stub_reset(int n_devices)
{
    pthread_mutex_lock(&stub.mutex);
    struct stub_world fresh = {.n_devices = n_devices};
    fresh.mutex = stub.mutex;
    for (int i = 0; i < STUB_MOST_DEVICES; i++)
        fresh.devices[i] = (struct stub_settings){(size_t)1 << 30, .launches_left = INT_MAX};
    memcpy((char *)&stub + sizeof stub.mutex, (char *)&fresh + sizeof fresh.mutex,
           sizeof stub - sizeof stub.mutex);
    pthread_mutex_unlock(&stub.mutex);
}

/* Records a call that breaks device.h's contract; the test finds it at stub_check_idle(). */
static inline int stub_misuse(const char *what, gn_error_t *err)
{
    pthread_mutex_lock(&stub.mutex);
    if (stub.misuse[0] == '\0')
        snprintf(stub.misuse, sizeof stub.misuse, "%s", what);
    pthread_mutex_unlock(&stub.mutex);
    return gn_fail(err, GN_E_INTERNAL, "stub device: %s", what);
}

/* NULL when everything was freed and no contract broken, else what is wrong. */
static inline const char *stub_check_idle(void)
{
    pthread_mutex_lock(&stub.mutex);
    bool idle = stub.open_devices == 0 && stub.open_lanes == 0 && stub.open_programs == 0 &&
                stub.n_uploads == 0;
    for (int i = 0; i < stub.n_devices; i++)
        idle = idle && stub.devices[i].used == 0;
    pthread_mutex_unlock(&stub.mutex);
    return stub.misuse[0] != '\0' ? stub.misuse : idle ? NULL : "something was not freed";
}

/* Takes memory of a device; GN_E_MEMORY when it has not enough. */
static inline int stub_take(int device, size_t size, const char *what, gn_error_t *err)
{
    struct stub_settings *settings = &stub.devices[device];
    pthread_mutex_lock(&stub.mutex);
    bool fits = size <= settings->memory && settings->used <= settings->memory - size;
    settings->used += fits ? size : 0;
    pthread_mutex_unlock(&stub.mutex);
    return fits ? GN_OK
                : gn_fail(err, GN_E_MEMORY, "device %d has no room for %zu bytes of %s", device,
                          size, what);
}

static inline void stub_give(int device, size_t size)
{
    pthread_mutex_lock(&stub.mutex);
    stub.devices[device].used -= size;
    pthread_mutex_unlock(&stub.mutex);
}

static inline void stub_count(int *counter, int change)
{
    pthread_mutex_lock(&stub.mutex);
    *counter += change;
    pthread_mutex_unlock(&stub.mutex);
}

/* The upload at an address, as a copy; size 0: there is none. */
static inline struct stub_upload stub_find_upload(const void *memory, bool remove)
{
    struct stub_upload found = {0};
    pthread_mutex_lock(&stub.mutex);
    for (int i = 0; i < stub.n_uploads && found.memory == NULL; i++)
        if (stub.uploads[i].memory == memory) {
            found = stub.uploads[i];
            if (remove)
                stub.uploads[i] = stub.uploads[--stub.n_uploads];
        }
    pthread_mutex_unlock(&stub.mutex);
    return found;
}

#endif
