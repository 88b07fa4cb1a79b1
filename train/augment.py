# SPDX-License-Identifier: MIT
"""Changes to training images that leave their label true, so that a network sees more than the data have.

An image is given by its rows [rows, width, channels] without the empty ones; the first five repeat the reference. Each
function returns changed rows. Numbers of channels are DeepVariant's.
"""
import numpy as np

REFERENCE_ROWS = 5
BASE_QUALITY, MAPPING_QUALITY, STRAND, HAPLOTYPE, INSERT_SIZE = 2, 3, 4, 7, 19
FORWARD, REVERSE = 70, 240  # the values of the strand channel
BRIGHTEST = 254


def drop_reads(rows, keep_fraction, random):
    """As if coverage were lower: each read stays with the given probability, rows close up; at least one stays."""
    kept = random.random(len(rows)) < keep_fraction
    kept[:REFERENCE_ROWS] = True
    return rows[kept] if kept[REFERENCE_ROWS:].any() else rows


def flip_strands(rows, at):
    """As if the other strand of each molecule had been read; `at` is the place of the strand channel."""
    strand = rows[REFERENCE_ROWS:, :, at]
    is_forward, is_reverse = strand == FORWARD, strand == REVERSE
    strand[is_forward], strand[is_reverse] = REVERSE, FORWARD
    return rows


def scale_qualities(rows, factor, at):
    """As if the instrument had reported other base qualities."""
    reads = rows[REFERENCE_ROWS:, :, at]
    reads[:] = np.minimum(reads * factor, BRIGHTEST).astype(np.uint8)
    return rows


def blank_channel(rows, at):
    """As if the channel were unknown: nothing in it, not even in the reference's rows."""
    rows[:, :, at] = 0
    return rows


class Augmentation:
    """Draws and applies changes; which, and how often, is decided by the options of train.py."""

    def __init__(self, options, channels):
        self.options = options
        self.at = {channel: channels.index(channel) for channel in
                   (BASE_QUALITY, MAPPING_QUALITY, STRAND, HAPLOTYPE, INSERT_SIZE) if channel in channels}

    def __call__(self, rows, random):
        options = self.options
        if random.random() < options.drop_reads:
            rows = drop_reads(rows, random.uniform(options.keep_least, 1.0), random)
        if STRAND in self.at and random.random() < options.flip_strands:
            rows = flip_strands(rows, self.at[STRAND])
        if BASE_QUALITY in self.at and random.random() < options.scale_qualities:
            rows = scale_qualities(rows, random.uniform(0.8, 1.15), self.at[BASE_QUALITY])
        for channel in (MAPPING_QUALITY, HAPLOTYPE, INSERT_SIZE):
            if channel in self.at and random.random() < options.blank_channels:
                rows = blank_channel(rows, self.at[channel])
        return rows
