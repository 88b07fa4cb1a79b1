# SPDX-License-Identifier: MIT
"""Labelled pileup images from TFRecord files of tf.Example, without TensorFlow.

A record is: u64 length, u32 masked CRC of it, the bytes, u32 masked CRC of them; the file is gzipped. A tf.Example is a
map from names to lists of bytes or integers. Files that gannet or DeepVariant wrote are read alike. The CRCs are not
checked: gzip has its own.
"""
import glob
import gzip
import os
import struct

import numpy as np


def records(path):
    """Yields the bytes of each record of a gzipped TFRecord file."""
    with gzip.open(path, "rb") as stream:
        while header := stream.read(12):
            (length,) = struct.unpack_from("<Q", header)
            data = stream.read(length + 4)
            if len(header) != 12 or len(data) != length + 4:
                raise ValueError(f"{path}: truncated record")
            yield data[:length]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    """Yields (field number, value) of a protobuf message; value is an int or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            value, at = data[at:at + length], at + length
        else:
            raise ValueError("not a protobuf message")
        yield key >> 3, value


def integers(data):
    """A packed list of varints."""
    at, values = 0, []
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def example(data):
    """A tf.Example as a dict: name -> bytes, or list of int."""
    result = {}
    for _, features in fields(data):
        for _, entry in fields(features):
            parts = dict(fields(entry))
            for kind, values in fields(parts.get(2, b"")):
                if kind == 1:
                    result[parts[1].decode()] = next((v for _, v in fields(values)), b"")
                elif kind == 3:
                    numbers = [integers(v) if isinstance(v, bytes) else [v] for _, v in fields(values)]
                    result[parts[1].decode()] = sum(numbers, [])
    return result


def variant_start(data):
    """Contig and 0-based start of a packed Variant."""
    contig, start = "", 0
    for number, value in fields(data):
        if number == 14:
            contig = value.decode()
        elif number == 16:
            start = value
    return contig, start


class Examples:
    """images uint8 [n, height, width, channels], labels, contigs, starts, variant_types; all arrays."""

    def __init__(self, images, labels, contigs, starts, types):
        self.images, self.labels, self.contigs = images, labels, contigs
        self.starts, self.types = starts, types

    def __len__(self):
        return len(self.labels)


def expand(patterns):
    paths = sorted({path for pattern in patterns for path in glob.glob(pattern)})
    if not paths:
        raise FileNotFoundError(f"no file matches {' '.join(patterns)}")
    return paths


def count(paths):
    return sum(1 for path in paths for _ in records(path))


def load(patterns, limit=0):
    """Reads all examples of the files that match the patterns (at most `limit` when not 0).

    Images stay uint8 in one array that is allocated once: 155 kB an image of 100 x 221 x 7.
    """
    paths = expand(patterns)
    total = count(paths)
    total = min(total, limit) if limit else total
    images, labels, contigs, starts, types = None, [], [], [], []
    for path in paths:
        for record in records(path):
            if len(labels) == total:
                break
            item = example(record)
            shape = item["image/shape"]
            if images is None:
                images = np.empty((total, *shape), np.uint8)
            if list(images.shape[1:]) != list(shape):
                raise ValueError(f"{path}: an image of shape {shape} among images of {images.shape[1:]}")
            images[len(labels)] = np.frombuffer(item["image/encoded"], np.uint8).reshape(shape)
            contig, start = variant_start(item["variant/encoded"])
            labels.append(item.get("label", [-1])[0])
            contigs.append(contig)
            starts.append(start)
            types.append(item["variant_type"][0] if item.get("variant_type") else 0)
    if images is None:
        raise ValueError(f"no examples in {' '.join(paths)}")
    return Examples(images, np.array(labels), np.array(contigs), np.array(starts), np.array(types))


def load_cached(patterns, cache):
    """As load(), through a cache folder (images.npy is mapped into memory, not read)."""
    if not cache:
        return load(patterns)
    meta = os.path.join(cache, "meta.npz")
    if not os.path.exists(meta):
        os.makedirs(cache, exist_ok=True)
        data = load(patterns)
        np.save(os.path.join(cache, "images.npy"), data.images)
        np.savez(meta, labels=data.labels, contigs=data.contigs, starts=data.starts, types=data.types)
        return data
    fixed = np.load(meta)
    images = np.load(os.path.join(cache, "images.npy"), mmap_mode="r")
    return Examples(images, fixed["labels"], fixed["contigs"], fixed["starts"], fixed["types"])


def join(a, b):
    """Both sets in one."""
    return Examples(*(np.concatenate((x, y)) for x, y in zip(vars(a).values(), vars(b).values())))


def is_read_row(image, band=5):
    """Which rows of an image hold a read: not the reference band, not the empty rows below the last read."""
    used = image.reshape(image.shape[0], -1).any(1)
    used[:band] = False
    return used


def drop_reads(image, keep_fraction, random, band=5):
    """The image as it would be with fewer reads: each read row stays with the given probability, rows close up."""
    reads = np.flatnonzero(is_read_row(image, band))
    kept = reads[random.random(len(reads)) < keep_fraction]
    if len(kept) == 0 or len(kept) == len(reads):
        return image
    result = np.zeros_like(image)
    result[:band] = image[:band]
    result[band:band + len(kept)] = image[kept]
    return result
