#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images a second of gannet's inference engine and of ONNX Runtime on the same network, in turn, in one run.

    python3 -m venv peers && peers/bin/pip install onnxruntime onnx numpy      (1.32, 1.23 and 2.4 were used)
    build/gannet model new --shape 100x221x7 --seed 1 net
    build/gannet model calibrate net --examples examples.tfrecord.gz           (for int16 and int8)
    peers/bin/python bench/inference_peers.py --model net --threads 1,2 --rounds 3

The model folder's layers and weights are written as an ONNX file (float32, [images, channels, height, width], input already
normalised, which spares ONNX Runtime a step that gannet does). Each configuration is a process of its own, so that memory
is its own, too; rounds go over all of them, and the table has the median of the rounds. --onnx-only FILE writes the file
and stops.
"""
import argparse
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

OPERATORS = 13  # version
MYSELF = (sys.executable, os.path.abspath(__file__))


# A model folder as ONNX -----------------------------------------------------------------------------------------------------

def load_model(folder):
    """model.json, and the tensors by name."""
    with open(os.path.join(folder, "model.json")) as file:
        model = json.load(file)
    with open(os.path.join(folder, model["weights"]["file"]), "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    tensors = {name: np.frombuffer(data[entry["data_offsets"][0]:entry["data_offsets"][1]], "<f4").reshape(entry["shape"])
               for name, entry in header.items() if name != "__metadata__"}
    return model, tensors


class Graph:
    """Collects nodes and constants."""

    def __init__(self, tensors):
        from onnx import helper, numpy_helper
        self.helper, self.numpy_helper = helper, numpy_helper
        self.tensors, self.nodes, self.constants = tensors, [], []

    def constant(self, name, values):
        self.constants.append(self.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(self.helper.make_node(kind, inputs, [output], output, **attributes))

    def activated(self, layer, kind, inputs, **attributes):
        name, relu = layer["name"], layer["activation"] == "relu"
        self.node(kind, inputs, f"{name}.sum" if relu else name, **attributes)
        if relu:
            self.node("Relu", [f"{name}.sum"], name)

    def add(self, layer):
        op, name, inputs = layer["op"], layer["name"], layer["inputs"]
        window = {"kernel_shape": layer["kernel"], "strides": layer["stride"],
                  "auto_pad": "SAME_UPPER" if layer["padding"] == "same" else "VALID"} if "kernel" in layer else {}
        if op == "conv2d":
            weight = self.constant(f"{name}.weight", self.tensors[f"{name}.weight"].transpose(3, 2, 0, 1))
            self.activated(layer, "Conv", [*inputs, weight, self.constant(f"{name}.bias", self.tensors[f"{name}.bias"])],
                           **window)
        elif op in ("max_pool", "avg_pool"):
            self.node("MaxPool" if op == "max_pool" else "AveragePool", inputs, name, **window)
        elif op == "concat":
            self.node("Concat", inputs, name, axis=1)
        elif op == "crop":
            bounds = np.array([layer["rows"], layer["columns"]], np.int64)
            self.node("Slice", [*inputs, self.constant(f"{name}.starts", bounds[:, 0]),
                                self.constant(f"{name}.ends", bounds[:, 1]),
                                self.constant(f"{name}.axes", np.array([2, 3], np.int64))], name)
        elif op == "global_avg_pool":
            self.node("GlobalAveragePool", inputs, name)
        elif op == "dense":
            self.node("Flatten", inputs, f"{name}.flat")
            self.activated(layer, "Gemm", [f"{name}.flat", self.constant(f"{name}.weight", self.tensors[f"{name}.weight"]),
                                           self.constant(f"{name}.bias", self.tensors[f"{name}.bias"])])
        elif op == "softmax":
            self.node("Softmax", inputs, name, axis=1)
        else:
            raise SystemExit(f"unknown layer {op}")


def write_onnx(folder, path):
    import onnx
    model, tensors = load_model(folder)
    height, width, channels = model["input"]["shape"]
    graph = Graph(tensors)
    for layer in model["layers"]:
        graph.add(layer)
    helper, single = onnx.helper, onnx.TensorProto.FLOAT
    message = helper.make_model(helper.make_graph(
        graph.nodes, model["name"], [helper.make_tensor_value_info("image", single, ["n", channels, height, width])],
        [helper.make_tensor_value_info(model["layers"][-1]["name"], single, ["n", 3])], graph.constants),
        opset_imports=[helper.make_opsetid("", OPERATORS)], ir_version=8, producer_name="gannet")
    onnx.checker.check_model(message)
    onnx.save(message, path)


# Measuring ------------------------------------------------------------------------------------------------------------------

def run_onnxruntime(path, threads, batch_size, seconds):
    """Prints images a second, of the median batch, and the process' peak memory."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape
    pixels = np.random.default_rng(1).integers(0, 256, (batch_size, *shape[1:]))
    inputs = {session.get_inputs()[0].name: ((pixels - 128) / 128).astype(np.float32)}
    del pixels
    session.run(None, inputs)
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        session.run(None, inputs)
        times.append(time.perf_counter() - start)
    print(json.dumps({"images_per_s": batch_size / statistics.median(times),
                      "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def output_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return done.stdout


def measure_onnxruntime(path, threads, options):
    for batch_size in options.batch_sizes:
        result = json.loads(output_of([*MYSELF, "--child", path, "--threads", str(threads), "--batch-sizes", str(batch_size),
                                       "--seconds", str(options.seconds)]))
        yield ("onnxruntime", "float32", threads, batch_size, "all"), result


def measure_gannet(threads, options):
    for precision in options.precision:
        for rows in options.filled_rows:
            command = [options.gannet, "bench", "cnn", "--model", options.model, "--precision", precision,
                       "--threads", str(threads), "--seconds", str(options.seconds), "--batch-size",
                       str(options.gannet_batch), "--filled-rows", rows, "--json"]
            if options.isa:
                command += ["--isa", options.isa]
            for result in json.loads(output_of(command))["results"]:
                name = f"gannet ({options.isa})" if options.isa else "gannet"
                yield (name, result["precision"], threads, result["batch_size"], rows), result


def table(measured):
    """Markdown; medians of the rounds."""
    lines = ["| engine | data type | threads | batch | filled rows | images/s | rounds | of the peak | MB |",
             "|---|---|---:|---:|---:|---:|---|---:|---:|"]
    for (engine, precision, threads, batch_size, rows), results in measured.items():
        rates = [result["images_per_s"] for result in results]
        peak = statistics.median(result.get("peak_fraction") or 0 for result in results)
        memory = max(result.get("peak_memory_mb") or 0 for result in results)
        lines.append(f"| {engine} | {precision} | {threads} | {batch_size} | {rows} | {statistics.median(rates):.1f} | "
                     f"{' '.join(f'{rate:.0f}' for rate in rates)} | {f'{peak:.0%}' if peak else '-'} | {memory:.0f} |")
    return "\n".join(lines)


def report(measured, path):
    print(table(measured))
    if path:
        keys = ("engine", "precision", "threads", "batch_size", "filled_rows")
        with open(path, "w") as file:
            json.dump({"results": [{**dict(zip(keys, key)), "rounds": results} for key, results in measured.items()]},
                      file, indent=1)


def race(options):
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.onnx")
        output_of([*MYSELF, "--model", options.model, "--onnx-only", path])  # apart: a child's peak starts at its parent's size
        for number in range(options.rounds):
            for threads in options.threads:
                for key, result in (*measure_gannet(threads, options), *measure_onnxruntime(path, threads, options)):
                    measured.setdefault(key, []).append(result)
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    report(measured, options.json)


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="gannet model folder")
    parser.add_argument("--gannet", default="build/gannet", help="the program")
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--batch-sizes", type=numbers, default=[8, 32], help="of ONNX Runtime")
    parser.add_argument("--gannet-batch", type=int, default=32, help="batch size of gannet")
    parser.add_argument("--precision", type=lambda text: text.split(","), default=["float32", "int16"])
    parser.add_argument("--filled-rows", type=lambda text: text.split(","), default=["100", "40"])
    parser.add_argument("--isa", help="instruction set that gannet is held to, as avx2")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="file for all measurements")
    parser.add_argument("--onnx-only", metavar="FILE", help="write the network as ONNX, measure nothing")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_onnxruntime(options.child, options.threads[0], options.batch_sizes[0], options.seconds)
    elif options.model is None:
        parser.error("--model is missing")
    elif options.onnx_only:
        write_onnx(options.model, options.onnx_only)
    else:
        race(options)


if __name__ == "__main__":
    main()
