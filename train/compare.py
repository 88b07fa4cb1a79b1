#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares what gannet call-variants wrote with what PyTorch computes from the same examples; exit status 1 when they
differ by more than 1e-5. Prints the confusion matrix when the examples have labels."""
import argparse
import struct
import sys

import numpy as np
import torch
from torch.nn import functional

import dataset
import network

TOLERANCE = 1e-5


def called_probabilities(patterns):
    """Probabilities of call outputs files [n, 3], in file order."""
    rows = []
    for path in dataset.expand(patterns):
        for record in dataset.records(path):
            rows.append(struct.unpack("<3d", dict(dataset.fields(record))[3]))
    return np.array(rows)


def computed_probabilities(model, data, temperature, batch=64):
    with torch.no_grad():
        parts = [functional.softmax(model(torch.from_numpy(data.images(range(i, min(i + batch, len(data)))))) / temperature, 1)
                 for i in range(0, len(data), batch)]
    return torch.cat(parts).numpy()


def read_inputs(options):
    """The checkpoint, the examples and what was called of them."""
    saved = torch.load(options.checkpoint, map_location="cpu")
    data = dataset.load([options.examples])
    called = called_probabilities(options.calls)
    if data.shape != list(saved["image_shape"]):
        raise ValueError(f"images of shape {data.shape}, but {options.checkpoint} takes {saved['image_shape']}")
    if len(called) != len(data):
        raise ValueError(f"{len(called)} calls of {len(data)} examples: give the calls of these examples")
    return saved, data, called


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, help="best.pt of train.py")
    parser.add_argument("--examples", nargs="+", required=True)
    parser.add_argument("--calls", nargs="+", required=True, help="files of call-variants")
    options = parser.parse_args()
    with dataset.plain_errors("compare"):
        saved, data, called = read_inputs(options)
    model = network.Network(saved["layers"], saved["image_shape"])
    model.load_state_dict(saved["state"])
    model.eval()
    difference = np.abs(computed_probabilities(model, data, saved["temperature"]) - called).max()
    print(f"{len(called)} examples, greatest difference {difference:.2g}")
    if (data.labels >= 0).all():
        confusion = np.zeros((3, 3), int)
        np.add.at(confusion, (data.labels, called.argmax(1)), 1)
        print(f"accuracy {np.trace(confusion) / confusion.sum():.5f}; calls (columns) of each label:\n{confusion}")
    sys.exit(int(difference > TOLERANCE))


if __name__ == "__main__":
    main()
