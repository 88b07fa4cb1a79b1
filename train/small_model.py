#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains a small model: the perceptron that answers for easy sites before any image is drawn.

Its examples are what `gannet make-examples --mode training --write-small-model-examples` writes beside the images:
whole numbers that describe a site's reads, and the number of copies of the alternate alleles. See train/README.md.
"""
import argparse
import copy
import json
import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import dataset
import export
from train import CLASSES, Average, cross_entropy, fit_temperature, rate_at

QUALITY_CAP = 1e-7  # DeepVariant's: probabilities count as at most 1 - this


def parse_arguments(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", nargs="+", default=[], help="files of real reads (globs)")
    parser.add_argument("--simulated", nargs="+", default=[], help="files of simulated reads (globs)")
    parser.add_argument("--real-weight", type=float, default=4, help="weight of a real example")
    parser.add_argument("--holdout", type=float, default=0.1, help="fraction of blocks of the genome to hold back")
    parser.add_argument("--block", type=int, default=100_000, help="bases of a block")
    parser.add_argument("--out", required=True, help="model folder to write")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--preset", required=True, help="wgs, wes, pacbio or ont")
    parser.add_argument("--note", default="", help="where the examples come from, kept in the model")
    parser.add_argument("--units", type=int, nargs="+", default=[160, 80], help="of the hidden layers")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=1e-2)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--patience", type=int, default=6, help="epochs without a better loss")
    parser.add_argument("--snp-threshold", type=float, required=True, help="GQ from which an SNV's answer stands")
    parser.add_argument("--indel-threshold", type=float, required=True, help="the same for indels")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261129)
    return parser.parse_args(arguments)


def load(sets):
    """Features float32 [n, features], labels [n], whether it is an SNV [n], block names, and the set of each."""
    features, labels, is_snv, places, sources = [], [], [], [], []
    for source, patterns in enumerate(sets):
        for path in dataset.expand(patterns):
            for record in dataset.records(path):
                item = dataset.example(record)
                if "ids/encoded" not in item:
                    raise ValueError(f"{path}: no examples for the small model: make-examples "
                                     "--write-small-model-examples writes them beside the images")
                contig, position, ref, alts, chosen = item["ids/encoded"].decode().rsplit(":", 4)
                taken = [alts.split(",")[int(i)] for i in chosen.split(",")]
                features.append(item["features/encoded"])
                labels.append(item["label/encoded"].index(1))
                is_snv.append(len(ref) == 1 and all(len(alt) == 1 for alt in taken))
                places.append((f"{source}:{contig}", int(position)))
                sources.append(source)
    if not features:
        raise ValueError("no examples: name files of make-examples --write-small-model-examples")
    if len({len(row) for row in features}) > 1:
        raise ValueError("examples of different numbers of features: give those of one preset")
    return (np.array(features, np.float32), np.array(labels), np.array(is_snv), places, np.array(sources))


def held_back(places, options):
    names = np.array([f"{contig}:{position // options.block}" for contig, position in places])
    known = np.unique(names)
    order = np.random.default_rng(options.seed).permutation(len(known))
    return np.isin(names, known[order[:max(1, round(len(known) * options.holdout))]])


def perceptron(n_features, units, dropout):
    """Dense layers with ReLU between them."""
    sizes = [n_features, *units, CLASSES]
    layers = []
    for before, after in zip(sizes, sizes[1:]):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


class Examples:
    """Standardised features, labels and weights as tensors."""

    def __init__(self, features, labels, weights):
        self.features = torch.from_numpy(features.astype(np.float32))
        self.labels, self.weights = torch.from_numpy(labels), torch.from_numpy(weights)

    def logits(self, model):
        with torch.no_grad():
            return model(self.features)


def run_epoch(model, average, optimizer, training, epoch, options):
    order = torch.from_numpy(np.random.default_rng([options.seed, epoch]).permutation(len(training.labels)))
    steps = max(1, len(order) // options.batch)
    model.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at((epoch + step / steps) / options.epochs, options.rate)
        batch = order[step * options.batch:(step + 1) * options.batch]
        losses = functional.cross_entropy(model(training.features[batch]), training.labels[batch], reduction="none")
        optimizer.zero_grad(set_to_none=True)
        (losses * training.weights[batch]).mean().backward()
        optimizer.step()
        average.update(model)


def fit(training, validation, options):
    """The averaged network after the epoch with the lowest held-back cross-entropy, and that epoch."""
    model = perceptron(training.features.shape[1], options.units, options.dropout)
    average = Average(model, 0.998)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=options.weight_decay)
    best, best_loss, best_epoch = None, float("inf"), 0
    for epoch in range(options.epochs):
        run_epoch(model, average, optimizer, training, epoch, options)
        loss = cross_entropy(validation.logits(average.model), validation.labels, validation.weights)
        if loss < best_loss:
            best, best_loss, best_epoch = copy.deepcopy(average.model), loss, epoch + 1
        elif epoch - best_epoch >= options.patience:
            break
    return best, best_epoch


def decisions(logits, labels, is_snv, options):
    """How many examples the thresholds accept, and how many of those are wrong: SNVs and indels."""
    probabilities = functional.softmax(logits.double(), 1).numpy()
    quality = -10 * np.log10(1 - np.minimum(probabilities.max(1), 1 - QUALITY_CAP))
    right = probabilities.argmax(1) == labels
    result = {}
    for kind, chosen, threshold in (("snp", is_snv, options.snp_threshold), ("indel", ~is_snv, options.indel_threshold)):
        accepted = chosen & (quality >= threshold)
        result[kind] = {"examples": int(chosen.sum()), "threshold": threshold, "accepted": int(accepted.sum()),
                        "wrong": int((accepted & ~right).sum()),
                        "all_right": round(float(right[chosen].mean()), 5) if chosen.any() else None}
    return result


def tensors_of(model, mean, deviation, temperature):
    """Weights by tensor name: standardisation goes into the first layer, the temperature into the last."""
    denses = [layer for layer in model if isinstance(layer, nn.Linear)]
    tensors = {}
    for number, layer in enumerate(denses):
        weight, bias = (part.detach().double().numpy() for part in (layer.weight, layer.bias))
        if number == 0:
            weight = weight / deviation
            bias = bias - weight @ mean
        if number == len(denses) - 1:
            weight, bias = weight / temperature, bias / temperature
        tensors[f"dense{number}.weight"] = np.ascontiguousarray(weight.T, "<f4")
        tensors[f"dense{number}.bias"] = np.ascontiguousarray(bias, "<f4")
    return tensors


def describe(n_features, options, training):
    sizes = [*options.units, CLASSES]
    layers = [{"name": f"dense{i}", "op": "dense", "units": units,
               "activation": "relu" if i + 1 < len(sizes) else "softmax"} for i, units in enumerate(sizes)]
    return {"kind": "mlp", "name": options.name, "version": options.version, "preset": options.preset,
            "input": {"features": n_features}, "layers": layers, "training": training}


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    with dataset.plain_errors("small_model"):
        features, labels, is_snv, places, sources = load([options.examples, options.simulated])
    held = held_back(places, options)
    if held.all() or not held.any():
        sys.exit("small_model: nothing to train on or nothing held back: use more loci or a smaller --block")
    weights = np.where(sources == 0, options.real_weight, 1.0).astype(np.float32)
    mean = features[~held].mean(0, dtype=np.float64)
    deviation = np.maximum(features[~held].std(0, dtype=np.float64), 1e-3)
    standard = (features - mean) / deviation
    training = Examples(standard[~held], labels[~held], weights[~held])
    validation = Examples(standard[held], labels[held], weights[held])
    model, epoch = fit(training, validation, options)
    logits = validation.logits(model)
    temperature = fit_temperature(logits, validation.labels, validation.weights)
    about = {"data": options.note, "examples": int((~held).sum()), "held_back": int(held.sum()), "epochs": epoch,
             "temperature": round(temperature, 4),
             "held_back_scores": decisions(logits / temperature, labels[held], is_snv[held], options),
             "seed": options.seed, "torch": str(torch.__version__)}
    print(json.dumps(about))
    export.write_model(options.out, describe(features.shape[1], options, about),
                       tensors_of(model, mean, deviation, temperature))


if __name__ == "__main__":
    main()
