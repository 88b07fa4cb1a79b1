#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes models as DeepVariant's TensorFlow writes them, with random weights, and what TensorFlow computes from them.

    tensorflow_models.py full OUT [--examples golden.tfrecord.gz]    Inception v3 at 100x221x7, 100x147x9 and 100x199x9
    tensorflow_models.py narrow OUT                                  the same, a twentieth as wide: a test's fixture
    tensorflow_models.py small OUT                                   a small model of dense layers, for the same purpose

Needs tensorflow-cpu 2.13 (train/requirements-tensorflow.txt), NumPy, and for `narrow` tf2onnx. gannet itself needs none of
these. The same versions give the same weights.

Weights: kernels are random, and the statistics of each batch normalisation are those of its inputs over a set of random
images, so that activations keep unit variance. The offsets (beta) are positive on the whole: most units then work on
the straight side of their ReLU, and the network amplifies rounding errors no more than a trained one does.
"""
import argparse
import gzip
import json
import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # plain Eigen kernels: closest to the exact result

import numpy as np
import tensorflow as tf

import inception_keras
import pileup_images

keras = tf.keras
SHAPES = {
    "illumina": ((100, 221, 7), [1, 2, 3, 4, 5, 6, 19]),
    "pacbio": ((100, 147, 9), [1, 2, 3, 4, 5, 6, 7, 9, 10]),
    "masseq": ((100, 199, 9), [1, 2, 3, 4, 5, 6, 7, 9, 10]),
}
NARROW_DIVISOR = 20
# Well-conditioned ones: TensorFlow's own float32 probabilities are within 8e-7 of exact.
SEEDS = {"illumina": 1, "pacbio": 2, "masseq": 13}
NARROW_SEEDS = {"illumina": 1, "pacbio": 5}
LOGIT_DEVIATION = 2.0
BETA_MEAN, BETA_DEVIATION = 1.2, 0.5
HEAD_DIRECTIONS = 2  # principal components of the features that the logits mix
FAN_IN, NARROW_FAN_IN = 12, 8
LEAST_VARIANCE = 0.01
BATCH = 16


def normalised(images):
    return (images.astype(keras.backend.floatx()) - 128) / 128


def in_batches(run, images):
    """run() of normalised images, batch by batch, as one array."""
    return np.concatenate([run(normalised(images[i:i + BATCH])) for i in range(0, len(images), BATCH)])


# Weights -----------------------------------------------------------------------------------------------------------------

def draw_kernel(layer, fan_in, random):
    """Random and sparse: an output hears about `fan_in` inputs, so that few roundings meet in a sum."""
    shape = layer.kernel.shape
    n = np.prod(shape[:-1])
    heard = random.random(shape) < fan_in / n
    layer.kernel.assign(np.where(heard, random.normal(0, np.sqrt(1 / min(n, fan_in)), shape), 0))


def settle_norm(layer, x, random):
    """Batch statistics as moving ones; random offsets."""
    values = x.numpy().astype(np.float64)
    layer.moving_mean.assign(values.mean((0, 1, 2)))
    layer.moving_variance.assign(np.maximum(values.var((0, 1, 2)), LEAST_VARIANCE))
    layer.beta.assign(random.normal(BETA_MEAN, BETA_DEVIATION, layer.beta.shape))


def settle_head(layer, x, random):
    """Logits of zero mean and the wanted deviation over the images, from what differs most between the images.

    As training would: random directions would have to be scaled up, and rounding errors with them.
    """
    features = x.numpy().astype(np.float64)
    directions = np.linalg.svd(features - features.mean(0), full_matrices=False)[2][:HEAD_DIRECTIONS]
    kernel = directions.T @ random.normal(0, 1, (len(directions), layer.units))
    kernel *= LOGIT_DEVIATION / (features @ kernel).std(0)
    layer.kernel.assign(kernel)
    layer.bias.assign(-(features @ kernel).mean(0) + random.normal(0, 0.3, layer.bias.shape))


def randomise(model, images, fan_in, random):
    """Draws all weights, layer by layer, from the activations of the images."""
    outputs = {}
    pending = {layer.name: len(layer.outbound_nodes) for layer in model.layers}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            outputs[layer.name] = tf.constant(normalised(images))
            continue
        sources = inception_keras.sources(layer)
        inputs = [outputs[name] for name in sources]
        x = inputs if len(inputs) > 1 else inputs[0]
        if isinstance(layer, keras.layers.Conv2D):
            draw_kernel(layer, fan_in, random)
        elif isinstance(layer, keras.layers.BatchNormalization):
            settle_norm(layer, x, random)
        elif isinstance(layer, keras.layers.Dense):
            settle_head(layer, x, random)
        outputs[layer.name] = layer(x, training=False)
        for name in sources:
            pending[name] -= 1
            if pending[name] == 0:
                del outputs[name]


# What TensorFlow computes -------------------------------------------------------------------------------------------------

def evaluate(model, images):
    """(logits, probabilities)."""
    head = model.get_layer("classification")
    features = keras.Model(model.inputs, head.input)
    run = tf.function(lambda x: tf.matmul(features(x, training=False), head.kernel) + head.bias)
    probabilities = tf.function(lambda x: model(x, training=False))
    return (in_batches(lambda x: run(tf.constant(x)).numpy(), images),
            in_batches(lambda x: probabilities(tf.constant(x)).numpy(), images))


def evaluate_exactly(model, shape, divisor, images):
    """As evaluate(), in float64 from the same float32 weights."""
    weights = model.get_weights()
    keras.backend.set_floatx("float64")
    try:
        twin = inception_keras.build(shape, divisor)
        twin.set_weights(weights)
        return evaluate(twin, images)
    finally:
        keras.backend.set_floatx("float32")


def report(name, exact, single):
    print(f"{name}: logits deviate {exact[0].std(0).round(2)}; float32 from float64: logits "
          f"{np.abs(exact[0] - single[0]).max():.2e} (root mean square {np.sqrt(((exact[0] - single[0])**2).mean()):.1e}), probabilities {np.abs(exact[1] - single[1]).max():.2e}; "
          f"argmax {np.bincount(exact[1].argmax(1), minlength=3)}", flush=True)


# Files --------------------------------------------------------------------------------------------------------------------

def write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file)


def save_onnx(model, path):
    """Through tf2onnx; without constant folding's help, as its command line writes it."""
    import tf2onnx
    signature = [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="images")]
    tf2onnx.convert.from_keras(model, signature, opset=13, output_path=path)


def number(layer):
    suffix = layer.name.rsplit("_", 1)[-1]
    return int(suffix) if suffix.isdigit() else 0


def network_layer(layer, inputs):
    """A Keras layer as an entry of network.py's list; None for those that belong to a convolution or do nothing."""
    kind, name = type(layer).__name__, layer.name
    if kind == "Conv2D":
        return {"name": f"conv{number(layer)}", "op": "conv2d", "inputs": inputs, "filters": layer.filters,
                "kernel": list(layer.kernel_size), "stride": list(layer.strides), "padding": layer.padding,
                "activation": "relu"}
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        return {"name": name, "op": "max_pool" if kind[0] == "M" else "avg_pool", "inputs": inputs,
                "kernel": list(layer.pool_size), "stride": list(layer.strides), "padding": layer.padding}
    if kind == "Concatenate":
        return {"name": name, "op": "concat", "inputs": inputs}
    if kind == "GlobalAveragePooling2D":
        return {"name": name, "op": "global_avg_pool", "inputs": inputs}
    if kind == "Dense":
        return {"name": "logits", "op": "dense", "inputs": inputs, "units": layer.units, "activation": "none"}
    return None


def network_weights(layer):
    """A Keras layer's weights under the names, and in the order of axes, of network.py's module."""
    kind, key = type(layer).__name__, f"conv{number(layer)}"
    if kind == "Conv2D":
        return {f"convolutions.{key}.weight": layer.kernel.numpy().transpose(3, 2, 0, 1)}
    if kind == "BatchNormalization":
        return {f"norms.{key}.{name}": values for name, values in (
            ("weight", np.ones(layer.beta.shape, np.float32)), ("bias", layer.beta.numpy()),
            ("running_mean", layer.moving_mean.numpy()), ("running_var", layer.moving_variance.numpy()))}
    if kind == "Dense":
        return {"denses.logits.weight": layer.kernel.numpy().T, "denses.logits.bias": layer.bias.numpy()}
    return {}


def save_network(model, path):
    """For torch_onnx.py: the list of layers and the weights of network.py's Network."""
    layers, arrays, made = [], {}, {}
    for layer in model.layers:
        arrays.update(network_weights(layer))
        if isinstance(layer, keras.layers.InputLayer):
            made[layer.name] = "image"
            continue
        inputs = [made[name] for name in inception_keras.sources(layer)]
        entry = network_layer(layer, inputs)
        made[layer.name] = entry["name"] if entry else inputs[0]
        layers += [entry] if entry else []
    layers.append({"name": "probabilities", "op": "softmax", "inputs": ["logits"]})
    np.savez(path, layers=json.dumps(layers), image_shape=model.input_shape[1:], **arrays)


def example_info(shape, channels):
    return {"version": "1.9.0", "shape": list(shape), "channels": channels}


def save_model(model, folder, info):
    """A SavedModel as DeepVariant converts its checkpoints."""
    shutil.rmtree(folder, ignore_errors=True)
    tf.saved_model.save(model, folder)
    write_json(os.path.join(folder, "example_info.json"), info)


def save_checkpoints(model, folder, info):
    """weights.* by Keras, and model-1.* by tf.train.Checkpoint with the model as its root, as in training."""
    os.makedirs(folder, exist_ok=True)
    model.save_weights(os.path.join(folder, "weights"))
    tf.train.Checkpoint(root=model).save(os.path.join(folder, "model"))
    write_json(os.path.join(folder, "example_info.json"), info)


def save_in_two_shards(source, target):
    """Rewrites a checkpoint with every other tensor in a second data file."""
    reader = tf.train.load_checkpoint(source)
    names = sorted(reader.get_variable_to_shape_map())
    parts = []
    for shard in range(2):
        mine = names[shard::2]
        parts.append(f"{target}.part{shard}")
        tf.raw_ops.SaveV2(prefix=parts[-1], tensor_names=mine, shape_and_slices=[""] * len(mine),
                          tensors=[tf.constant(reader.get_tensor(name)) for name in mine])
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=target)


def field(number, payload):
    """A protobuf field: bytes, or a varint below 2^21."""
    if isinstance(payload, int):
        return bytes([number * 8 % 128 | 128 * (number > 15)] + [1] * (number > 15)) + varint(payload)
    return bytes([number * 8 % 128 + 2 | 128 * (number > 15)] + [1] * (number > 15)) + varint(len(payload)) + payload


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytearray([value]))


def variant(start0):
    """A packed Variant: an A>C SNP on chr1 of one sample."""
    call = field(7, b"\0\0") + field(9, b"sample")
    return (field(6, b"A") + field(7, b"C") + field(11, call) + field(13, start0 + 1) + field(14, b"chr1") +
            field(16, start0))


def save_examples(path, images, info):
    """An examples file as make-examples writes it, one SNP an image."""
    def feature(value):
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=value))
    options = tf.io.TFRecordOptions(compression_type="GZIP", compression_level=9)
    with tf.io.TFRecordWriter(path, options) as writer:
        for number, image in enumerate(images):
            start0 = 1000 + 100 * number
            example = tf.train.Example(features=tf.train.Features(feature={name: feature(value) for name, value in {
                "alt_allele_indices/encoded": field(1, b"\0"),
                "image/encoded": image.tobytes(), "image/shape": image.shape,
                "locus": f"chr1:{start0 + 1}-{start0 + 1}".encode(),
                "sequencing_type": [0], "variant/encoded": variant(start0), "variant_type": [1],
            }.items()}))
            writer.write(example.SerializeToString(deterministic=True))
    write_json(path + ".example_info.json", info)


def save_expected(path, single, exact, features=None):
    """JSON, one image (or vector of features) a line: TensorFlow's float32 values, and `exact_` ones in float64."""
    tables = {"features": features, "logits": single[0], "probabilities": single[1],
              "exact_logits": exact[0], "exact_probabilities": exact[1]}
    def text(rows):
        return ",\n".join(json.dumps([float(f"{x:.10g}") if isinstance(x, float) else x for x in row])
                          for row in rows.tolist())
    with open(path, "w") as file:
        file.write("{" + ",\n".join(f'"{name}": [\n{text(rows)}\n]' for name, rows in tables.items()
                                    if rows is not None) + "}\n")


# Commands -----------------------------------------------------------------------------------------------------------------

def golden_images(path):
    def image(record):
        example = tf.train.Example.FromString(record.numpy()).features.feature
        shape = example["image/shape"].int64_list.value
        return np.frombuffer(example["image/encoded"].bytes_list.value[0], np.uint8).reshape(shape)
    return np.stack([image(record) for record in tf.data.TFRecordDataset(path, compression_type="GZIP")])


def save_reference(folder, name, images, single, exact):
    np.save(os.path.join(folder, f"{name}.images.npy"), images)
    for kind, (logits, probabilities) in (("float32", single), ("float64", exact)):
        np.save(os.path.join(folder, f"{name}.logits.{kind}.npy"), logits)
        np.save(os.path.join(folder, f"{name}.probabilities.{kind}.npy"), probabilities)


def reference(folder, name, model, divisor, images):
    shape = images.shape[1:]
    single, exact = evaluate(model, images), evaluate_exactly(model, shape, divisor, images)
    report(f"{folder} {name}", exact, single)
    save_reference(folder, name, images, single, exact)


def write_full(options):
    if not inception_keras.same_as_keras(SHAPES["illumina"][0]):
        raise SystemExit("inception_keras.py does not build what keras.applications builds")
    for name, (shape, channels) in SHAPES.items():
        if options.only not in (None, name):
            continue
        folder = os.path.join(options.out, name)
        os.makedirs(folder, exist_ok=True)
        random = np.random.default_rng(SEEDS[name])
        model = inception_keras.from_applications(shape)
        randomise(model, pileup_images.mixture(random, 40, shape, 6), FAN_IN, random)
        info = example_info(shape, channels)
        save_model(model, os.path.join(folder, "savedmodel"), info)
        save_checkpoints(model, os.path.join(folder, "checkpoint"), info)
        images = pileup_images.mixture(random, 200, shape, 50)
        reference(folder, "random", model, 1, images)
        save_examples(os.path.join(folder, "random.examples.tfrecord.gz"), images, info)
        if options.examples and name == "illumina":
            reference(folder, "golden", model, 1, golden_images(options.examples))


def write_narrow(options):
    for name, seed in NARROW_SEEDS.items():
        shape, channels = SHAPES[name]
        folder = os.path.join(options.out, name)
        os.makedirs(folder, exist_ok=True)
        random = np.random.default_rng(seed)
        model = inception_keras.build(shape, NARROW_DIVISOR)
        randomise(model, pileup_images.mixture(random, 40, shape, 5), NARROW_FAN_IN, random)
        images = pileup_images.mixture(random, 16, shape, 1)
        info = example_info(shape, channels)
        single = evaluate(model, images)
        exact = evaluate_exactly(model, shape, NARROW_DIVISOR, images)
        report(name, exact, single)
        save_expected(os.path.join(folder, "expected.json"), single, exact)
        save_examples(os.path.join(folder, "examples.tfrecord.gz"), images, info)
        if name == "illumina":
            save_model(model, os.path.join(folder, "savedmodel"), info)
            compress(os.path.join(folder, "savedmodel", "saved_model.pb"))
            save_onnx(model, os.path.join(folder, "tf2onnx.onnx"))
            write_json(os.path.join(folder, "example_info.json"), info)
            if options.network:
                save_network(model, options.network)
        else:
            save_checkpoints(model, os.path.join(folder, "whole"), info)
            os.makedirs(os.path.join(folder, "checkpoint"), exist_ok=True)
            save_in_two_shards(os.path.join(folder, "whole", "model-1"), os.path.join(folder, "checkpoint", "model-1"))
            write_json(os.path.join(folder, "checkpoint", "example_info.json"), info)
            shutil.rmtree(os.path.join(folder, "whole"))


def small_features(random, n):
    """Integers like a small model's: counts and percentages, flags, and allele frequencies that are mostly 0."""
    frequencies = np.where(random.random((n, 51)) < 0.1, random.integers(0, 101, (n, 51)), 0)
    return np.concatenate([random.integers(0, 101, (n, 12)), random.integers(0, 2, (n, 7)), frequencies], 1)


def settle_dense(layer, x, deviation, random):
    """Random weights whose outputs have zero mean and the given deviation over the rows of x."""
    kernel = random.normal(0, 1, layer.kernel.shape)
    kernel *= deviation / (x @ kernel).std(0)
    layer.kernel.assign(kernel)
    layer.bias.assign(-(x @ kernel).mean(0) + random.normal(0, 0.3, layer.bias.shape))
    return np.maximum(x @ layer.kernel.numpy().astype(np.float64) + layer.bias.numpy(), 0)


def small_model(features, random):
    keras.backend.clear_session()
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((features.shape[1],)), dense(16, "relu"), dense(16, "relu"),
                              dense(inception_keras.CLASSES, "softmax")])
    x = features.astype(np.float64)
    for layer, deviation in zip(model.layers, (1, 1, LOGIT_DEVIATION)):
        x = settle_dense(layer, x, deviation, random)
    return model


def small_exactly(model, features):
    """(logits, probabilities) in float64."""
    x = features.astype(np.float64)
    for layer in model.layers:
        logits = x @ layer.kernel.numpy().astype(np.float64) + layer.bias.numpy()
        x = np.maximum(logits, 0)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return logits, powers / powers.sum(1, keepdims=True)


def write_small(options):
    random = np.random.default_rng(1)
    features = small_features(random, 32)
    model = small_model(small_features(random, 500), random)
    inputs = tf.constant(features, tf.float32)
    head = model.layers[-1]
    hidden = keras.Sequential(model.layers[:-1])(inputs)
    single = ((tf.matmul(hidden, head.kernel) + head.bias).numpy(), model(inputs).numpy())
    exact = small_exactly(model, features)
    report("small", exact, single)
    os.makedirs(options.out, exist_ok=True)
    shutil.rmtree(os.path.join(options.out, "savedmodel"), ignore_errors=True)
    model.save(os.path.join(options.out, "savedmodel"), include_optimizer=False)
    save_expected(os.path.join(options.out, "expected.json"), single, exact, features)


def compress(path):
    """path -> path.gz, the same bytes every time."""
    with open(path, "rb") as source, open(path + ".gz", "wb") as target:
        with gzip.GzipFile("", "wb", 9, target, mtime=0) as stream:
            shutil.copyfileobj(source, stream)
    os.remove(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["full", "narrow", "small"])
    parser.add_argument("out", help="folder to write")
    parser.add_argument("--examples", help="examples file of 7 channels, to be evaluated too (full)")
    parser.add_argument("--only", choices=SHAPES, help="one of the three (full)")
    parser.add_argument("--network", help="file to write for torch_onnx.py (narrow)")
    options = parser.parse_args()
    {"full": write_full, "narrow": write_narrow, "small": write_small}[options.what](options)


if __name__ == "__main__":
    main()
