#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a trained network as a gannet model folder: model.json and weights.safetensors (models/README.md)."""
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
    parser.add_argument("--checkpoint", required=True, help="file that train.py wrote (best.pt)")
    parser.add_argument("--out", required=True, help="model folder to write")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--preset", required=True, help="wgs, wes, pacbio or ont")
    parser.add_argument("--calling", type=json.loads, default={}, metavar="JSON",
                        help="options of gannet call that the model brings along, as a JSON object")
    parser.add_argument("--note", default="", help="where the examples come from, kept in the model")
    options = parser.parse_args()
    with dataset.plain_errors("export"):
        saved = torch.load(options.checkpoint, map_location="cpu")
    about = {"name": options.name, "version": options.version, "preset": options.preset,
             "input": {"shape": list(saved["image_shape"]), "channels": saved["channels"],
                       "normalisation": "(x - 128) / 128"},
             "calling": options.calling, "layers": saved["layers"], "training": {**saved["training"], "data": options.note}}
    write_model(options.out, about, fold(saved["layers"], saved["state"], saved["temperature"]))


if __name__ == "__main__":
    main()
