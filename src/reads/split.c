/* SPDX-License-Identifier: MIT
 *
 * split.c - upstream's cutting at skips, with its treatment of positions and modifications.
 */
#include "reads/split.h"

#include <htslib/sam.h>
#include <stdio.h>
#include <string.h>

enum { MIN_PART_LENGTH = 15, NAME_ROOM = 16 };

int gn_count_skips(const struct gn_read *read)
{
    int n = 0;
    for (int i = 0; i < read->n_cigar; i++)
        n += (read->cigar[i] & 15) == BAM_CREF_SKIP;
    return n;
}

/* A part under way. */
struct part {
    int first_op, first_base;
    int64_t pos0; /* 0: not known yet */
};

/* PARITY(dv-1.9): modifications are not cut. Each part shows those of the first bases of the whole read. */
static struct gn_read make_part(const struct gn_read *read, const struct part *part, int end_op,
                                int end_base)
{
    struct gn_read made = *read;
    made.pos0 = part->pos0;
    made.cigar = read->cigar + part->first_op;
    made.n_cigar = end_op - part->first_op;
    made.end0 = gn_cigar_end(made.pos0, made.cigar, made.n_cigar);
    made.bases = read->bases + part->first_base;
    made.qualities = read->qualities + part->first_base;
    made.length = end_base - part->first_base;
    made.cropped_bp = 0;
    made.cropped_bases = 0;
    return made;
}

static const char *part_name(const char *name, int number, gn_arena_t *arena, gn_error_t *err)
{
    size_t room = strlen(name) + NAME_ROOM;
    char *text = gn_arena_alloc(arena, room);
    if (text == NULL)
        gn_fail_memory(err, "reads of one partition");
    else
        snprintf(text, room, "%s_p%d", name, number);
    return text;
}

int gn_split_read(const struct gn_read *read, struct gn_read *parts, gn_arena_t *arena,
                  gn_error_t *err)
{
    struct part part = {.first_op = 0};
    int64_t ref_offset = 0;
    int n = 0, number = 0, base = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        bool is_skip = op == BAM_CREF_SKIP, is_last = i + 1 == read->n_cigar;
        if (gn_cigar_takes_reference(op)) {
            /* PARITY(dv-1.9): position 0 counts as not known: a part that begins there is moved by its later operations,
             * and one without any that advances the reference is at 0. */
            if (part.pos0 == 0)
                part.pos0 = read->pos0 + ref_offset;
            ref_offset += length;
        }
        base += gn_cigar_takes_read(op) ? (int)length : 0;
        if (!is_skip && !is_last)
            continue;
        if (base - part.first_base >= MIN_PART_LENGTH) {
            parts[n] = make_part(read, &part, is_skip ? i : i + 1, base);
            parts[n].name = part_name(read->name, number, arena, err);
            if (parts[n].name == NULL)
                return GN_E_MEMORY;
            n++;
        }
        number++;
        part = (struct part){.first_op = i + 1, .first_base = base};
    }
    return n;
}
