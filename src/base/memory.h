/* SPDX-License-Identifier: MIT
 *
 * memory.h - growable arrays with a ceiling, and an arena that is reset per partition.
 *
 * Every allocation whose size depends on input goes through one of the two, so that hostile or
 * absurd input ends in GN_E_MEMORY and not in the kernel's out-of-memory killer.
 */
#ifndef GN_BASE_MEMORY_H
#define GN_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/// Makes room for at least `need` elements in a malloc'ed array.
/** @param items  the array (NULL when empty); may move
    @param cap    its capacity in elements, updated
    @param need   elements wanted
    @param size   bytes of one element
    @param limit  ceiling in elements: reaching it is GN_E_MEMORY
    @param what   names the array in the message
    @return       the array (owned by the caller, free() it), or NULL with err filled (the old array
   stays valid) */
void *gn_reserve(void *items, size_t *cap, size_t need, size_t size, size_t limit, const char *what,
                 gn_error_t *err);

/// `size` zeroed bytes (rounded up to whole lines of 64), 64-byte aligned, to be freed with free();
/// NULL when out of memory. The caller has checked the size.
void *gn_aligned_zeros(size_t size);

/// malloc'ed copy of n bytes plus a terminating zero; NULL when out of memory.
char *gn_strndup(const char *text, size_t n);

/// malloc'ed copy of a string (NULL stays NULL); NULL when out of memory.
char *gn_strdup(const char *text);

typedef struct gn_arena gn_arena_t;

/// Makes an arena that may hold up to `limit` bytes. Not thread-safe: one arena belongs to one
/// worker.
gn_arena_t *gn_arena_create(size_t limit);
void gn_arena_destroy(gn_arena_t *arena);

/// Forgets everything in the arena and keeps its largest block for the next partition.
void gn_arena_reset(gn_arena_t *arena);

/// size bytes, 16-aligned, not cleared; valid until reset. NULL when the ceiling is reached.
void *gn_arena_alloc(gn_arena_t *arena, size_t size);

/// n * size bytes set to zero; NULL on overflow or when the ceiling is reached.
void *gn_arena_zalloc(gn_arena_t *arena, size_t n, size_t size);

/// Copy of n bytes plus a terminating zero.
char *gn_arena_strndup(gn_arena_t *arena, const char *text, size_t n);

#endif
