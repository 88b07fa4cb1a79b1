/* SPDX-License-Identifier: MIT
 *
 * cut.c - window cutting with upstream's treatment of operations that have no reference length.
 */
#include "reads/cut.h"

#include "reads/read.h"

/* State of the walk. */
struct walk {
    uint32_t *left;
    struct gn_cut *cut;
    int64_t to_skip, to_keep; /* reference bases before and inside the stretch that are to come */
};

/* Returns false when the walk is over. */
static bool take_operation(struct walk *walk, uint32_t op, int64_t length)
{
    struct gn_cut *cut = walk->cut;
    int64_t on_ref = gn_cigar_takes_reference(op) ? length : 0;
    bool in_read = gn_cigar_takes_read(op);
    int64_t kept = length;
    if (walk->to_skip > 0) {
        /* PARITY(dv-1.9): insertions and clips before the stretch go, bases and all. */
        if (on_ref <= walk->to_skip) {
            walk->to_skip -= on_ref;
            cut->first_base += in_read ? length : 0;
            return true;
        }
        on_ref -= walk->to_skip;
        cut->first_base += in_read ? walk->to_skip : 0;
        kept = on_ref;
        walk->to_skip = 0;
    }
    /* PARITY(dv-1.9): the operation that leaves the stretch is cut, possibly to length 0, and kept. */
    bool fits = on_ref <= walk->to_keep;
    if (!fits)
        kept = walk->to_keep;
    walk->to_keep -= fits ? on_ref : kept;
    if (walk->left != NULL)
        walk->left[cut->n_cigar] = (uint32_t)kept << 4 | op;
    cut->n_cigar++;
    cut->n_bases += in_read ? kept : 0;
    cut->covered += gn_cigar_takes_reference(op) ? kept : 0;
    return fits;
}

void gn_cut_cigar(const uint32_t *cigar, int n_cigar, int64_t to_skip, int64_t to_keep,
                  uint32_t *left, struct gn_cut *cut)
{
    *cut = (struct gn_cut){.n_cigar = 0};
    struct walk walk = {.left = left, .cut = cut, .to_skip = to_skip, .to_keep = to_keep};
    for (int i = 0; i < n_cigar; i++)
        if (!take_operation(&walk, cigar[i] & 15, cigar[i] >> 4))
            break;
}
