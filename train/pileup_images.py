# SPDX-License-Identifier: MIT
"""Random images for tests of the inference engine: noise, and images built like pileups.

Nothing here resembles real data beyond its shape: reference rows on top, then one row a read, then empty rows; in a
channel, values that vary by base, by read or hardly ever.
"""
import numpy as np

REFERENCE_ROWS = 5
BASES = np.array([250, 180, 100, 30], np.uint8)
PER_BASE, QUALITIES, PER_READ, RARE = range(4)
KINDS = (PER_BASE, QUALITIES, PER_READ, PER_READ, PER_READ, RARE, PER_READ)  # then again, for more channels


def noise(random, n, shape):
    return random.integers(0, 256, (n, *shape), np.uint8)


def read_row(random, reference, shape):
    """One read: [width, channels]; zeros where it does not reach."""
    width, channels = shape[1:]
    row = np.zeros((width, channels), np.uint8)
    start = random.integers(-width // 5, width - 10)
    covered = slice(max(0, start), min(width, start + random.integers(width // 4, width)))
    length = covered.stop - covered.start
    for channel in range(channels):
        kind = KINDS[channel % len(KINDS)]
        if kind == PER_BASE:
            values = reference[covered].copy()
            other = random.random(length) < 0.02
            values[other] = random.choice(BASES, other.sum())
        elif kind == QUALITIES:
            values = np.repeat(random.integers(60, 255, length // 16 + 1), 16)[:length]
        elif kind == PER_READ:
            values = random.choice([70, 152, 211, 240, 254])
        else:
            values = np.where(random.random(length) < 0.03, 254, 50)
        row[covered, channel] = values
    return row


def pileup(random, shape, reads):
    """An image with that many read rows (as many as fit)."""
    image = np.zeros(shape, np.uint8)
    reference = random.choice(BASES, shape[1])
    image[:REFERENCE_ROWS] = 254
    image[:REFERENCE_ROWS, :, 0] = reference
    for row in range(REFERENCE_ROWS, min(shape[0], REFERENCE_ROWS + reads)):
        image[row] = read_row(random, reference, shape)
    return image


def mixture(random, n, shape, noisy):
    """n images: `noisy` of pure noise, the others pileups of zero reads and more, up to a full image."""
    most = shape[0] - REFERENCE_ROWS
    few = random.random(n - noisy) < 0.7
    reads = np.where(few, random.integers(0, most // 2, n - noisy), random.integers(most // 2, most + 1, n - noisy))
    return np.concatenate([noise(random, noisy, shape), *(pileup(random, shape, count)[None] for count in reads)])
