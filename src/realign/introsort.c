/* SPDX-License-Identifier: MIT
 *
 * introsort.c - Musser's introspective sort with the choices libstdc++ makes: pivot, partition, heap, final insertion.
 */
#include "realign/introsort.h"

enum { THRESHOLD = 16 }; /* shorter ranges are left to the insertion sort */

static void swap(struct gn_scored *a, struct gn_scored *b)
{
    struct gn_scored kept = *a;
    *a = *b;
    *b = kept;
}

/* Puts the median of three records first. */
static void median_to(struct gn_scored *first, struct gn_scored *a, struct gn_scored *b,
                      struct gn_scored *c)
{
    if (a->score < b->score) {
        if (b->score < c->score)
            swap(first, b);
        else
            swap(first, a->score < c->score ? c : a);
    } else if (a->score < c->score) {
        swap(first, a);
    } else {
        swap(first, b->score < c->score ? c : b);
    }
}

/* Hoare's partition of [first + 1, last) around the score of *first. */
static struct gn_scored *partition(struct gn_scored *first, struct gn_scored *last)
{
    struct gn_scored *left = first + 1, *right = last;
    for (;;) {
        while (left->score < first->score)
            left++;
        right--;
        while (first->score < right->score)
            right--;
        if (left >= right)
            return left;
        swap(left, right);
        left++;
    }
}

/* Moves the hole at `hole` down to a leaf of the heap of n, then `record` up from there. */
static void adjust_heap(struct gn_scored *heap, ptrdiff_t hole, ptrdiff_t n,
                        struct gn_scored record)
{
    ptrdiff_t top = hole, child = hole;
    while (child < (n - 1) / 2) {
        child = 2 * (child + 1);
        if (heap[child].score < heap[child - 1].score)
            child--;
        heap[hole] = heap[child];
        hole = child;
    }
    if (n % 2 == 0 && child == (n - 2) / 2) {
        child = 2 * child + 1;
        heap[hole] = heap[child];
        hole = child;
    }
    for (ptrdiff_t parent = (hole - 1) / 2; hole > top && heap[parent].score < record.score;
         parent = (hole - 1) / 2) {
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = record;
}

static void heapsort(struct gn_scored *records, ptrdiff_t n)
{
    for (ptrdiff_t parent = (n - 2) / 2; parent >= 0; parent--)
        adjust_heap(records, parent, n, records[parent]);
    for (ptrdiff_t last = n - 1; last > 0; last--) {
        struct gn_scored record = records[last];
        records[last] = records[0];
        adjust_heap(records, 0, last, record);
    }
}

static void sort_roughly(struct gn_scored *first, struct gn_scored *last, int depth)
{
    for (; last - first > THRESHOLD; depth--) {
        if (depth == 0) {
            heapsort(first, last - first);
            return;
        }
        median_to(first, first + 1, first + (last - first) / 2, last - 1);
        struct gn_scored *cut = partition(first, last);
        sort_roughly(cut, last, depth - 1);
        last = cut;
    }
}

static void insertion_sort(struct gn_scored *records, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct gn_scored record = records[i];
        size_t hole = i;
        for (; hole > 0 && record.score < records[hole - 1].score; hole--)
            records[hole] = records[hole - 1];
        records[hole] = record;
    }
}

void gn_introsort(struct gn_scored *records, size_t n)
{
    int depth = 0;
    for (size_t left = n; left > 1; left >>= 1)
        depth += 2;
    sort_roughly(records, records + n, depth);
    insertion_sort(records, n);
}
