# SPDX-License-Identifier: MIT
"""The network: its layers as data, and the PyTorch module that runs them.

The list of layers is the one source: training builds its module from it, export.py writes it into model.json, and
gannet's engine (src/cnn) executes that. Images come as uint8 [n, height, width, channels].

Two sizes: compact() is for CPUs; the layers of the full Inception v3 are read from a model folder, which
`gannet model new` writes.
"""
import json
import os

import torch
from torch import nn
from torch.nn import functional

BATCH_NORM_EPSILON = 1e-3


def conv(name, source, filters, kernel, stride=(1, 1), padding="same"):
    return {"name": name, "op": "conv2d", "inputs": [source], "filters": filters, "kernel": list(kernel),
            "stride": list(stride), "padding": padding, "activation": "relu"}


def pool(op, name, source, kernel, stride, padding):
    return {"name": name, "op": op, "inputs": [source], "kernel": list(kernel), "stride": list(stride),
            "padding": padding}


def join(name, *sources):
    return {"name": name, "op": "concat", "inputs": list(sources)}


def crop(name, source, height, centre, beside):
    """All rows; the column `centre` and as many columns on either side."""
    return {"name": name, "op": "crop", "inputs": [source], "rows": [0, height],
            "columns": [centre - beside, centre + beside + 1]}


def inception(name, source, widths):
    """Four branches: 1x1; 1x1 then 3x3; 1x1 then 1x7 and 7x1; average pool then 1x1."""
    point, square, cross, pooled = widths
    return [
        conv(f"{name}.point", source, point, (1, 1)),
        conv(f"{name}.square.reduce", source, square[0], (1, 1)),
        conv(f"{name}.square", f"{name}.square.reduce", square[1], (3, 3)),
        conv(f"{name}.cross.reduce", source, cross[0], (1, 1)),
        conv(f"{name}.cross.row", f"{name}.cross.reduce", cross[0], (1, 7)),
        conv(f"{name}.cross", f"{name}.cross.row", cross[1], (7, 1)),
        pool("avg_pool", f"{name}.pool", source, (3, 3), (1, 1), "same"),
        conv(f"{name}.pooled", f"{name}.pool", pooled, (1, 1)),
        join(name, f"{name}.point", f"{name}.square", f"{name}.cross", f"{name}.pooled"),
    ]


def compact(height, width):
    """Gannet's own network: an Inception trunk, and a branch that looks at each read near the variant.

    The trunk sees up to 147 columns, shrinks them sixteenfold in four steps and mixes them. The branch keeps every row
    (read) apart: it describes the 33 columns around the variant by 96 numbers a read, and passes on their mean and
    maximum over the reads. Means over rows are counts of reads by kind, which is what a genotype is made of.
    """
    centre = width // 2
    return [
        crop("window", "image", height, centre, min(73, centre)),
        conv("stem1", "window", 16, (3, 3), (2, 2), "valid"),
        conv("stem2", "stem1", 32, (3, 3), (2, 2), "valid"),
        pool("max_pool", "stem3", "stem2", (3, 3), (2, 2), "valid"),
        *inception("mix1", "stem3", (32, (16, 32), (16, 16), 16)),
        *inception("mix2", "mix1", (32, (32, 32), (16, 32), 32)),
        conv("shrink.square", "mix2", 32, (3, 3), (2, 2), "valid"),
        pool("max_pool", "shrink.pool", "mix2", (3, 3), (2, 2), "valid"),
        join("shrink", "shrink.square", "shrink.pool"),
        *inception("mix3", "shrink", (64, (32, 64), (32, 64), 32)),
        {"name": "trunk", "op": "global_avg_pool", "inputs": ["mix3"]},
        crop("reads.window", "image", height, centre, 16),
        conv("reads.describe", "reads.window", 96, (1, 33), padding="valid"),
        conv("reads.kind", "reads.describe", 64, (1, 1), padding="valid"),
        {"name": "reads.mean", "op": "global_avg_pool", "inputs": ["reads.kind"]},
        pool("max_pool", "reads.max", "reads.kind", (height, 1), (1, 1), "valid"),
        join("features", "trunk", "reads.mean", "reads.max"),
        {"name": "hidden", "op": "dense", "inputs": ["features"], "units": 96, "activation": "relu"},
        {"name": "logits", "op": "dense", "inputs": ["hidden"], "units": 3, "activation": "none"},
        {"name": "probabilities", "op": "softmax", "inputs": ["logits"]},
    ]


def of_model(folder):
    """The layers of a model folder, for example of one that `gannet model new` made."""
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as file:
        return json.load(file)["layers"]


def output_size(size, kernel, stride, padding):
    return (size - kernel) // stride + 1 if padding == "valid" else -(-size // stride)


def shapes(layers, image_shape):
    """[height, width, channels] of every layer's output, by name ("image" included)."""
    known = {"image": tuple(image_shape)}
    for layer in layers:
        inputs = [known[name] for name in layer["inputs"]]
        height, width, channels = inputs[0]
        op = layer["op"]
        if op in ("conv2d", "max_pool", "avg_pool"):
            height, width = (output_size(size, kernel, stride, layer["padding"]) for size, kernel, stride
                             in zip((height, width), layer["kernel"], layer["stride"]))
            channels = layer.get("filters", channels)
        elif op == "crop":
            height, width = (end - start for start, end in (layer["rows"], layer["columns"]))
        elif op == "concat":
            channels = sum(shape[2] for shape in inputs)
        elif op == "global_avg_pool":
            height = width = 1
        elif op == "dense":
            channels = layer["units"]
        known[layer["name"]] = (height, width, channels)
    return known


def multiply_accumulates(layers, image_shape):
    known, total = shapes(layers, image_shape), 0
    for layer in layers:
        height, width, channels = known[layer["name"]]
        if layer["op"] in ("conv2d", "dense"):
            kernel = layer.get("kernel", (1, 1))
            total += height * width * channels * kernel[0] * kernel[1] * known[layer["inputs"][0]][2]
    return total


def padding_of(layer):
    """Rows and columns of padding before (and after) the map; only where PyTorch's and TensorFlow's rules agree."""
    if layer["padding"] == "valid":
        return (0, 0)
    if layer["stride"] != [1, 1] or any(size % 2 == 0 for size in layer["kernel"]):
        raise ValueError(f"{layer['name']}: same padding needs an odd kernel and stride 1")
    return tuple((size - 1) // 2 for size in layer["kernel"])


class Network(nn.Module):
    """Runs a list of layers. forward() gives logits."""

    def __init__(self, layers, image_shape, dropout=0.0):
        super().__init__()
        self.layers, self.image_shape, self.dropout = layers, tuple(image_shape), dropout
        self.classifier = layers[-1]["inputs"][0]  # the layer whose output the softmax takes
        self.convolutions, self.norms, self.denses = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        known = shapes(layers, image_shape)
        for layer in layers:
            key, inputs = layer["name"].replace(".", "/"), known[layer["inputs"][0]][2]
            if layer["op"] == "conv2d":
                padding = padding_of(layer)
                self.convolutions[key] = nn.Conv2d(inputs, layer["filters"], tuple(layer["kernel"]),
                                                   tuple(layer["stride"]), padding, bias=False)
                self.norms[key] = nn.BatchNorm2d(layer["filters"], eps=BATCH_NORM_EPSILON, momentum=0.03)
                nn.init.kaiming_normal_(self.convolutions[key].weight, nonlinearity="relu")
            elif layer["op"] == "dense":
                self.denses[key] = nn.Linear(inputs, layer["units"])

    def run_layer(self, layer, inputs):
        op, key, x = layer["op"], layer["name"].replace(".", "/"), inputs[0]
        if op == "conv2d":
            return functional.relu(self.norms[key](self.convolutions[key](x)), inplace=True)
        if op == "max_pool":
            if layer["padding"] != "valid":
                raise ValueError("max_pool: only valid padding")
            return functional.max_pool2d(x, layer["kernel"], layer["stride"])
        if op == "avg_pool":
            return functional.avg_pool2d(x, layer["kernel"], layer["stride"], padding_of(layer), count_include_pad=False)
        if op == "concat":
            return torch.cat(inputs, 1)
        if op == "crop":
            (top, bottom), (left, right) = layer["rows"], layer["columns"]
            return x[:, :, top:bottom, left:right]
        if op == "global_avg_pool":
            return x.mean((2, 3), keepdim=True)
        if op == "dense":
            if layer["name"] == self.classifier:
                x = functional.dropout(x, self.dropout, self.training)
            x = self.denses[key](x.flatten(1))[:, :, None, None]
            return functional.relu(x) if layer["activation"] == "relu" else x
        raise ValueError(f"unknown layer {op}")

    def normalised(self, images):
        """Bytes to numbers, in bfloat16 under autocast: it holds all of them exactly."""
        kind = torch.bfloat16 if torch.is_autocast_cpu_enabled() else torch.float32
        return images.permute(0, 3, 1, 2).to(kind).sub_(128).mul_(1 / 128)

    def forward(self, images):
        known = {}
        if any(layer["op"] != "crop" and "image" in layer["inputs"] for layer in self.layers):
            known["image"] = self.normalised(images)
        for layer in self.layers:
            if layer["op"] == "softmax":
                return known[layer["inputs"][0]].flatten(1)
            if layer["op"] == "crop" and layer["inputs"] == ["image"]:  # of bytes, which is a quarter of the work
                (top, bottom), (left, right) = layer["rows"], layer["columns"]
                known[layer["name"]] = self.normalised(images[:, top:bottom, left:right].contiguous())
            else:
                known[layer["name"]] = self.run_layer(layer, [known[name] for name in layer["inputs"]])
        raise ValueError("the list of layers has no softmax")
