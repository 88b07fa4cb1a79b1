# SPDX-License-Identifier: MIT
"""How far two sets of network outputs (files of CallVariantsOutput) agree, image by image.

    python3 train/agreement.py OURS THEIRS

Outputs belong together when variant and alternate alleles of the image are the same. Prints how many do, the share in which
both hold the same number of copies (0, 1 or 2) for the likeliest, by SNV and indel, how far the probabilities lie apart, and
each disagreement.
"""
import struct
import sys

from dataset import fields, integers, records, variant_of


def indices_of(data):
    found = []
    for number, value in fields(data):
        if number == 1:
            found += [value] if isinstance(value, int) else integers(value)
    return found


def read(path):
    """The probabilities of each image, by (contig, start, ref, alternate alleles of the image)."""
    outputs = {}
    for record in records(path):
        variant, indices, probabilities = None, [], ()
        for number, value in fields(record):
            if number == 1:
                variant = variant_of(value)
            elif number == 2:
                indices = indices_of(value)
            elif number == 3:
                probabilities += struct.unpack(f"<{len(value) // 8}d", value)
        contig, start, ref, alts = variant
        shown = tuple(alts[i] for i in indices)
        outputs[contig, start, ref, alts, shown] = probabilities
    return outputs


def best(probabilities):
    return max(range(3), key=lambda copies: probabilities[copies])


def is_snv(key):
    _, _, ref, alts, _ = key
    return len(ref) == 1 and all(len(alt) == 1 for alt in alts)


def text(probabilities):
    return " ".join(f"{p:.3f}" for p in probabilities)


def main():
    ours, theirs = read(sys.argv[1]), read(sys.argv[2])
    shared = sorted(ours.keys() & theirs.keys())
    print(f"{len(shared)} images in both ({len(ours)} and {len(theirs)})")
    if not shared:
        sys.exit("agreement: the files have no image in common")
    for name, keys in (("SNV", [k for k in shared if is_snv(k)]), ("indel", [k for k in shared if not is_snv(k)])):
        if keys:
            same = sum(best(ours[k]) == best(theirs[k]) for k in keys)
            apart = sum(max(abs(a - b) for a, b in zip(ours[k], theirs[k])) for k in keys) / len(keys)
            print(f"{name}: {same} of {len(keys)} the same best genotype ({100 * same / len(keys):.1f} %), "
                  f"probabilities {apart:.3f} apart (mean of the largest of three)")
    for key in shared:
        if best(ours[key]) != best(theirs[key]):
            contig, start, ref, alts, shown = key
            print(f"  {contig}:{start + 1} {ref}>{','.join(alts)} ({','.join(shown)}): "
                  f"{text(ours[key])}, they say {text(theirs[key])}")


main()
