# SPDX-License-Identifier: MIT
"""Labelled pileup images from TFRecord files of tf.Example, without TensorFlow.

A record is: u64 length, u32 masked CRC of it, the bytes, u32 masked CRC of them; the file is gzipped. A tf.Example is a
map from names to lists of bytes or integers. Files that gannet or DeepVariant wrote are read alike. The CRCs are not
checked: gzip has its own.
"""
import contextlib
import glob
import gzip
import json
import os
import struct
import sys
import tempfile

import numpy as np


@contextlib.contextmanager
def plain_errors(program):
    """Failures of what is read end the program with one line instead of a traceback."""
    try:
        yield
    except (OSError, EOFError, ValueError) as error:
        sys.exit(f"{program}: {error}")


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


def variant_of(data):
    """Contig, 0-based start, reference and alternate alleles of a packed Variant."""
    contig, start, ref, alts = "", 0, "", []
    for number, value in fields(data):
        if number == 14:
            contig = value.decode()
        elif number == 16:
            start = value
        elif number == 6:
            ref = value.decode()
        elif number == 7:
            alts.append(value.decode())
    return contig, start, ref, tuple(alts)


class Examples:
    """Labelled images, kept as bytes without the empty rows below the last read.

    rows      uint8 [all rows, width * channels], usually mapped from a file
    first     int64 [n + 1]: rows[first[i]:first[i + 1]] are those of image i
    shape     [height, width, channels] of an image
    channels  DeepVariant's numbers of the channels, in order
    labels, contigs, starts, types, sources   arrays [n]; sources: which of the sets given to load()
    """

    def __init__(self, rows, first, shape, channels, labels, contigs, starts, types, sources):
        self.rows, self.first, self.shape = rows, first, [int(size) for size in shape]
        self.channels = [int(channel) for channel in channels]
        self.labels, self.contigs, self.starts, self.types, self.sources = labels, contigs, starts, types, sources

    def __len__(self):
        return len(self.labels)

    def image_rows(self, i):
        """The rows of image i that are not empty: [rows, width, channels], a copy."""
        return np.array(self.rows[self.first[i]:self.first[i + 1]]).reshape(-1, *self.shape[1:])

    def images(self, indices):
        """Whole images [n, height, width, channels]."""
        return fill([self.image_rows(i) for i in indices], self.shape)


def fill(images, shape):
    """Images given by their first rows, as one array with empty rows below."""
    result = np.zeros((len(images), *shape), np.uint8)
    for whole, rows in zip(result, images):
        whole[:len(rows)] = rows
    return result


def expand(patterns):
    """The files that match any of the patterns, sorted; none for no patterns."""
    paths = sorted({path for pattern in patterns for path in glob.glob(pattern)})
    if patterns and not paths:
        raise FileNotFoundError(f"no file matches {' '.join(patterns)}")
    return paths


def description(path):
    """What example_info.json beside an examples file says: its "shape" and "channels"."""
    with open(path + ".example_info.json", encoding="utf-8") as file:
        return json.load(file)


def common_description(paths):
    """Shape and channels, which all files must share. Files of several shards have one description each."""
    if not paths:
        raise ValueError("no examples: name files of make-examples --mode training")
    found = [description(path) for path in paths]
    for path, info in zip(paths, found):
        if info["shape"] != found[0]["shape"] or info["channels"] != found[0]["channels"]:
            raise ValueError(f"{path}: images of shape {info['shape']} and channels {info['channels']} among images of "
                             f"{found[0]['shape']} and {found[0]['channels']}")
    return found[0]["shape"], found[0]["channels"]


def load(sets, cache=None):
    """Reads the examples of several sets of files into one Examples.

    sets    a list of lists of patterns; the position of a set becomes the `source` of its examples
    cache   folder for the unpacked rows, which a later call with the same folder and files maps into memory without
            unpacking; None: a temporary file
    """
    table = os.path.join(cache, "table.npz") if cache else None
    files = np.array([f"{source} {path} {os.path.getsize(path)}"
                      for source, patterns in enumerate(sets) for path in expand(patterns)])
    if table and os.path.exists(table):
        known = dict(np.load(table))
        if not np.array_equal(known.pop("files", None), files):
            raise ValueError(f"{cache}: the images in this cache are of other examples: remove it, or name another folder")
        return as_examples(os.path.join(cache, "rows.bin"), known)
    if cache:
        os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "rows.bin"), "wb") if cache else tempfile.NamedTemporaryFile() as file:
        columns = unpack(sets, file)
        file.flush()
        if table:
            np.savez(table, files=files, **columns)
        return as_examples(file.name, columns)


def as_examples(path, columns):
    width = int(np.prod(columns["shape"][1:]))
    return Examples(np.memmap(path, np.uint8, "r").reshape(-1, width), **columns)


def unpack(sets, file):
    """Writes the rows of all examples to the file; everything else is returned by the names of Examples' fields."""
    shape, channels = common_description([path for patterns in sets for path in expand(patterns)])
    first, lists = [0], {name: [] for name in ("labels", "contigs", "starts", "types", "sources")}
    for source, patterns in enumerate(sets):
        for path in expand(patterns):
            for record in records(path):
                item = example(record)
                rows = np.frombuffer(item["image/encoded"], np.uint8).reshape(shape[0], -1)
                used = np.flatnonzero(rows.any(1))
                n_rows = int(used[-1]) + 1 if len(used) else 0
                file.write(rows[:n_rows].tobytes())
                first.append(first[-1] + n_rows)
                contig, start, _, _ = variant_of(item["variant/encoded"])
                for name, value in (("labels", item.get("label", [-1])[0]), ("contigs", contig), ("starts", start),
                                    ("types", (item.get("variant_type") or [0])[0]), ("sources", source)):
                    lists[name].append(value)
    if len(first) == 1:
        raise ValueError("the files hold no examples")
    return {"first": np.array(first), "shape": np.array(shape), "channels": np.array(channels),
            **{name: np.array(values) for name, values in lists.items()}}
