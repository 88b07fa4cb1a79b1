/* SPDX-License-Identifier: MIT
 *
 * memory.c - bounded growth. Arena blocks double in size; a reset keeps the last (largest) one.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 1 << 16, ALIGNMENT = 16 };

struct block {
    struct block *previous;
    size_t size, used; /* bytes of data[] */
    _Alignas(ALIGNMENT) unsigned char data[];
};

struct gn_arena {
    struct block *top;
    size_t total, limit; /* bytes in all blocks, and the ceiling */
};

void *gn_reserve(void *items, size_t *cap, size_t need, size_t size, size_t limit, const char *what,
                 gn_error_t *err)
{
    if (need <= *cap && items != NULL)
        return items;
    if (need > limit || limit > SIZE_MAX / size) {
        gn_fail(err, GN_E_MEMORY, "too many %s: %zu, the ceiling is %zu", what, need, limit);
        return NULL;
    }
    size_t grown = *cap < 8 ? 16 : *cap + *cap / 2;
    if (grown < need)
        grown = need;
    if (grown > limit)
        grown = limit;
    void *moved = realloc(items, grown * size);
    if (moved == NULL) {
        gn_fail_memory(err, what);
        return NULL;
    }
    *cap = grown;
    return moved;
}

void *gn_aligned_zeros(size_t size)
{
    enum { LINE = 64 };
    size = (size + LINE - 1) / LINE * LINE;
    void *memory = aligned_alloc(LINE, size);
    if (memory != NULL)
        memset(memory, 0, size);
    return memory;
}

char *gn_strndup(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *gn_strdup(const char *text)
{
    return text == NULL ? NULL : gn_strndup(text, strlen(text));
}

gn_arena_t *gn_arena_create(size_t limit)
{
    gn_arena_t *arena = calloc(1, sizeof *arena);
    if (arena != NULL)
        arena->limit = limit;
    return arena;
}

static void free_blocks(gn_arena_t *arena, struct block *last_to_keep)
{
    while (arena->top != last_to_keep) {
        struct block *block = arena->top;
        arena->top = block->previous;
        arena->total -= block->size;
        free(block);
    }
}

void gn_arena_destroy(gn_arena_t *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena, NULL);
    free(arena);
}

void gn_arena_reset(gn_arena_t *arena)
{
    struct block *largest = arena->top;
    if (largest == NULL)
        return;
    arena->top = largest->previous;
    arena->total -= largest->size;
    free_blocks(arena, NULL);
    largest->previous = NULL;
    largest->used = 0;
    arena->top = largest;
    arena->total = largest->size;
}

void *gn_arena_alloc(gn_arena_t *arena, size_t size)
{
    if (size > arena->limit)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct block *top = arena->top;
    if (top == NULL || top->size - top->used < size) {
        size_t wanted = top == NULL ? FIRST_BLOCK : top->size * 2;
        if (wanted < size)
            wanted = size;
        if (arena->total + wanted > arena->limit)
            wanted = size;
        if (arena->total + wanted > arena->limit)
            return NULL;
        struct block *block = malloc(sizeof *block + wanted);
        if (block == NULL)
            return NULL;
        *block = (struct block){.previous = top, .size = wanted};
        arena->top = top = block;
        arena->total += wanted;
    }
    void *memory = top->data + top->used;
    top->used += size;
    return memory;
}

void *gn_arena_zalloc(gn_arena_t *arena, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        return NULL;
    void *memory = gn_arena_alloc(arena, n * size);
    if (memory != NULL)
        memset(memory, 0, n * size);
    return memory;
}

char *gn_arena_strndup(gn_arena_t *arena, const char *text, size_t n)
{
    char *copy = gn_arena_alloc(arena, n + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}
