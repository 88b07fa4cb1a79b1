#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a trained network as a gannet model folder: model.json and weights.safetensors (models/README.md).

Several checkpoints become one network that computes all of them and takes the mean of their logits: what they have learned by
chance differs, and cancels.
"""
import argparse
import hashlib
import json
import os
import re
import struct

import numpy as np
import torch

import dataset
import network

FORMAT_VERSION = 1


def fold(layers, state, temperature):
    """float32 weights of every layer by tensor name, with batch normalisation folded into the convolutions, and the
    temperature, which divides the logits so that probabilities are calibrated, into the last dense layer.

    Convolutions become [kernel rows][kernel columns][in][out], dense layers [in][out]; biases [out].
    """
    tensors = {}
    for layer in layers:
        key = layer["name"].replace(".", "/")
        if layer["op"] == "conv2d":
            weight = state[f"convolutions.{key}.weight"].double().numpy()
            norm = {part: state[f"norms.{key}.{part}"].double().numpy()
                    for part in ("weight", "bias", "running_mean", "running_var")}
            scale = norm["weight"] / np.sqrt(norm["running_var"] + network.BATCH_NORM_EPSILON)
            weight = (weight * scale[:, None, None, None]).transpose(2, 3, 1, 0)
            bias = norm["bias"] - norm["running_mean"] * scale
        elif layer["op"] == "dense":
            weight = state[f"denses.{key}.weight"].double().numpy().T
            bias = state[f"denses.{key}.bias"].double().numpy()
            if layer["name"] == layers[-1]["inputs"][0]:
                weight, bias = weight / temperature, bias / temperature
        else:
            continue
        tensors[f"{layer['name']}.weight"] = np.ascontiguousarray(weight, "<f4")
        tensors[f"{layer['name']}.bias"] = np.ascontiguousarray(bias, "<f4")
    return tensors


def renamed(layers, prefix):
    """The layers with a prefix before every name but the image's, and those of crops of it, which all members share."""
    shared = {"image", *(layer["name"] for layer in layers if layer["op"] == "crop" and layer["inputs"] == ["image"])}

    def rename(name):
        return name if name in shared else prefix + name

    return [{**layer, "name": rename(layer["name"]), "inputs": [rename(name) for name in layer["inputs"]]} for layer in layers]


def joined(members):
    """One network of several: (layers, tensors) of each become (layers, tensors) of all.

    The layers before the last dense one stand side by side; the last one gets what enters all members' last ones, and its
    weights are theirs over their number, so that its logits are the mean of theirs.
    """
    layers, tensors, inputs, weights, biases = [], {}, [], [], []
    for i, (member, values) in enumerate(members):
        prefix = f"{chr(ord('a') + i)}."
        *body, last, softmax = renamed(member, prefix)
        layers += [layer for layer in body if layer not in layers]
        tensors.update({prefix + name: value for name, value in values.items()})
        weights.append(tensors.pop(f"{last['name']}.weight"))
        biases.append(tensors.pop(f"{last['name']}.bias"))
        inputs += last["inputs"]
    name = last["name"].removeprefix(prefix)
    count = np.float32(len(members))
    tensors |= {f"{name}.weight": np.concatenate(weights) / count, f"{name}.bias": sum(biases) / count}
    layers += [{"name": "members", "op": "concat", "inputs": inputs}, {**last, "name": name, "inputs": ["members"]},
               {**softmax, "name": softmax["name"].removeprefix(prefix), "inputs": [name]}]
    return layers, tensors


def safetensors(tensors):
    """The bytes of a safetensors file; the same tensors give the same bytes."""
    header, data = {}, b""
    for name, values in tensors.items():
        start = len(data)
        data += values.tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def write_model(folder, about, tensors):
    """Writes the folder: `about` is model.json without its format and weights."""
    os.makedirs(folder, exist_ok=True)
    weights = safetensors(tensors)
    with open(os.path.join(folder, "weights.safetensors"), "wb") as file:
        file.write(weights)
    model = {"format": "gannet-model", "format_version": FORMAT_VERSION, **about,
             "weights": {"file": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}}
    with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as file:
        file.write(to_text(model))


def to_text(model):
    """JSON with one layer a line, and short lists on one line."""
    lines = ",\n".join("    " + json.dumps(layer) for layer in model["layers"])
    text = json.dumps({**model, "layers": "@"}, indent=2)
    text = re.sub(r"\[[\s\d,]+\]", lambda found: f"[{', '.join(re.findall(r'[0-9]+', found[0]))}]", text)
    return text.replace('"@"', f"[\n{lines}\n  ]") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, nargs="+",
                        help="file that train.py wrote (best.pt); of several the mean is taken")
    parser.add_argument("--out", required=True, help="model folder to write")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--preset", required=True, help="wgs, wes, pacbio or ont")
    parser.add_argument("--calling", type=json.loads, default={}, metavar="JSON",
                        help="options of gannet call that the model brings along, as a JSON object")
    parser.add_argument("--note", default="", help="where the examples come from, kept in the model")
    options = parser.parse_args()
    with dataset.plain_errors("export"):
        saved = [torch.load(path, map_location="cpu") for path in options.checkpoint]
        if any(other["channels"] != saved[0]["channels"] or other["image_shape"] != saved[0]["image_shape"]
               for other in saved):
            raise ValueError("the checkpoints take images of other shapes or channels")
    members = [(one["layers"], fold(one["layers"], one["state"], one["temperature"])) for one in saved]
    layers, tensors = members[0] if len(members) == 1 else joined(members)
    training = saved[0]["training"] if len(saved) == 1 else {"members": [one["training"] for one in saved]}
    about = {"name": options.name, "version": options.version, "preset": options.preset,
             "input": {"shape": list(saved[0]["image_shape"]), "channels": saved[0]["channels"],
                       "normalisation": "(x - 128) / 128"},
             "calling": options.calling, "layers": layers, "training": {**training, "data": options.note}}
    write_model(options.out, about, tensors)


if __name__ == "__main__":
    main()
