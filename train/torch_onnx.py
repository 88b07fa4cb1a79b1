#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the network that `tensorflow_models.py narrow --network FILE` saved as an ONNX file, through PyTorch's exporter.

Input float32 [images, channels, height, width], normalised; batch normalisation stays apart from the convolutions, as it
does where a model is exported without folding.
"""
import argparse
import json

import numpy as np
import torch

import network


class Exported(network.Network):
    """Images in PyTorch's order of axes, normalised by the caller."""

    def forward(self, images):
        known = {"image": images}
        for layer in self.layers:
            if layer["op"] == "softmax":
                return torch.softmax(known[layer["inputs"][0]].flatten(1), 1)
            known[layer["name"]] = self.run_layer(layer, [known[name] for name in layer["inputs"]])
        raise ValueError("the list of layers has no softmax")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", help="file of tensorflow_models.py")
    parser.add_argument("onnx", help="file to write")
    options = parser.parse_args()
    saved = np.load(options.network)
    module = Exported(json.loads(str(saved["layers"])), [int(size) for size in saved["image_shape"]])
    state = {name: torch.from_numpy(np.ascontiguousarray(saved[name]))
             for name in saved.files if name not in ("layers", "image_shape")}
    missing, unexpected = module.load_state_dict(state, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        raise SystemExit(f"the weights do not fit: {missing} {unexpected}")
    module.eval()
    height, width, channels = module.image_shape
    torch.onnx.export(module, torch.zeros(1, channels, height, width), options.onnx, opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=["images"], output_names=["probabilities"],
                      dynamic_axes={"images": {0: "batch"}, "probabilities": {0: "batch"}})


if __name__ == "__main__":
    main()
