/* SPDX-License-Identifier: MIT
 *
 * nearest_name.c - "did you mean": the name that takes the fewest edits (insert, delete, replace,
 * swap two neighbours; optimal string alignment). Upper case and lower case, '-' and '_' count as
 * equal.
 */
#include "cli/options.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 63 }; /* longer words are nobody's typing slip */

static char fold(char c)
{
    return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int edit_distance(const char *a, int n_a, const char *b, int n_b)
{
    int rows[3][LONGEST + 1];
    for (int j = 0; j <= n_b; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n_a; i++) {
        const int *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
        int *row = rows[i % 3];
        row[0] = i;
        for (int j = 1; j <= n_b; j++) {
            char x = fold(a[i - 1]), y = fold(b[j - 1]);
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y)
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

/* A word cut short ("--thread", "postproc") is as near as one edit. */
static int distance(const char *word, int length, const char *name)
{
    int n = (int)strlen(name);
    if (n > LONGEST)
        return LONGEST;
    int edits = edit_distance(word, length, name, n);
    if (length >= 3 && length < n && edit_distance(word, length, name, length) == 0)
        return 1;
    return edits;
}

const char *gn_nearest_name(const char *word, const char *const *names, size_t n)
{
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST)
        return NULL;
    const char *nearest = NULL;
    int fewest = length < 6 ? 2 : (int)length / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        int edits = distance(word, (int)length, names[i]);
        if (edits < fewest) {
            fewest = edits;
            nearest = names[i];
        }
    }
    return nearest;
}
