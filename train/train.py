#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains gannet's network on labelled pileup images (make-examples --mode training). CPU only; see train/README.md."""
import argparse
import copy
import json
import os
import sys
import time

# Threads that wait must sleep: spinning ones cost five sixths of the speed on a machine with other work.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from torch.nn import functional

import dataset
import network

CLASSES = 3


def parse_arguments(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", nargs="+", required=True, help="training files (globs)")
    parser.add_argument("--validation", nargs="*", default=[],
                        help="held-back files; else blocks of loci of --examples are held back")
    parser.add_argument("--holdout", type=float, default=0.08, help="fraction of blocks to hold back")
    parser.add_argument("--block", type=int, default=100_000,
                        help="bases of a block, so that images of one site never lie on both sides")
    parser.add_argument("--out", required=True, help="folder for checkpoints; training resumes from it")
    parser.add_argument("--cache", default="", help="folder for the unpacked images")
    parser.add_argument("--minutes", type=float, default=25, help="time budget, resumed time counted in")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=1e-3)
    parser.add_argument("--smoothing", type=float, default=1e-3, help="label smoothing")
    parser.add_argument("--balance", type=float, default=0.25,
                        help="class weight = (mean count / count) ** balance; 0 none, 1 full")
    parser.add_argument("--drop-reads", type=float, default=0.4, help="fraction of images that lose reads")
    parser.add_argument("--keep-least", type=float, default=0.4, help="smallest fraction of reads kept")
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--ema", type=float, default=0.995, help="decay of the averaged weights")
    parser.add_argument("--patience", type=int, default=8, help="epochs without a better loss")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--note", default="", help="where the examples come from, kept in the model")
    return parser.parse_args(arguments)


def hold_back(data, block, fraction, seed):
    """Boolean array: which examples belong to held-back blocks of the genome."""
    blocks = np.array([f"{contig}:{start // block}"
                       for contig, start in zip(data.contigs, data.starts)])
    names = np.unique(blocks)
    order = np.random.default_rng(seed).permutation(len(names))
    held = names[order[:max(1, round(len(names) * fraction))]]
    return np.isin(blocks, held)


def class_weights(labels, power):
    counts = np.bincount(labels, minlength=CLASSES).clip(1)
    return torch.tensor((counts.mean() / counts) ** power, dtype=torch.float32)


def take(data, indices, options, random):
    """A batch: uint8 images, some with reads dropped when `random` is given, and labels."""
    images = np.array(data.images[np.sort(indices)])
    labels = data.labels[np.sort(indices)]
    if random is not None:
        for i in np.flatnonzero(random.random(len(images)) < options.drop_reads):
            keep = random.uniform(options.keep_least, 1.0)
            images[i] = dataset.drop_reads(images[i], keep, random)
    return torch.from_numpy(images), torch.from_numpy(labels)


class Average:
    """Exponential moving average of weights and batch statistics; the decay grows at the start."""

    def __init__(self, model, decay):
        self.model, self.decay, self.steps = copy.deepcopy(model).eval(), decay, 0

    def update(self, model):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for mean, value in zip(self.model.state_dict().values(), model.state_dict().values()):
                if mean.is_floating_point():
                    mean.lerp_(value, 1 - decay)
                else:
                    mean.copy_(value)


def evaluate(model, data, indices, options):
    """Cross-entropy and accuracies of held-back examples, and the confusion matrix [label][call]."""
    logits = []
    with torch.no_grad():
        for start in range(0, len(indices), options.batch):
            images, _ = take(data, indices[start:start + options.batch], options, None)
            logits.append(model(images))
    logits, labels = torch.cat(logits), torch.from_numpy(data.labels[indices])
    calls, types = logits.argmax(1).numpy(), data.types[indices]
    right = calls == labels.numpy()
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (labels.numpy(), calls), 1)
    return {"loss": functional.cross_entropy(logits, labels).item(), "accuracy": right.mean(),
            "snp": right[types == 1].mean() if (types == 1).any() else float("nan"),
            "indel": right[types == 2].mean() if (types == 2).any() else float("nan"),
            "confusion": confusion.tolist()}


def rate_at(progress, peak):
    """Linear warm-up over the first 5 %, then a cosine down to 1 % of the peak."""
    if progress < 0.05:
        return peak * (0.1 + 0.9 * progress / 0.05)
    return peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * (progress - 0.05) / 0.95)))


class Trainer:
    def __init__(self, options, data, training, validation):
        self.options, self.data, self.training, self.validation = options, data, training, validation
        self.layers = network.small_inception(*data.images.shape[1:3])
        self.shape = [int(size) for size in data.images.shape[1:]]
        model = network.Network(self.layers, self.shape, options.dropout)
        self.model = model.to(memory_format=torch.channels_last)
        self.average = Average(self.model, options.ema)
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": options.weight_decay},
                                            {"params": others, "weight_decay": 0.0}], lr=options.rate)
        self.weights = class_weights(data.labels[training], options.balance)
        self.epoch, self.elapsed, self.best, self.since_best = 0, 0.0, float("inf"), 0

    def path(self, name):
        return os.path.join(self.options.out, name)

    def resume(self):
        if not os.path.exists(self.path("last.pt")):
            return
        saved = torch.load(self.path("last.pt"))
        self.model.load_state_dict(saved["model"])
        self.average.model.load_state_dict(saved["average"])
        self.average.steps = saved["steps"]
        self.optimizer.load_state_dict(saved["optimizer"])
        self.epoch, self.elapsed, self.best, self.since_best = saved["progress"]
        print(f"resumed after epoch {self.epoch}, {self.elapsed / 60:.1f} minutes", flush=True)

    def save(self, name, content):
        torch.save(content, self.path(name + ".tmp"))
        os.replace(self.path(name + ".tmp"), self.path(name))

    def provenance(self, scores):
        labels = np.bincount(self.data.labels[self.training], minlength=CLASSES).tolist()
        return {"data": self.options.note, "examples": len(self.training), "labels": labels,
                "held_back": len(self.validation), "epochs": self.epoch,
                "minutes": round(self.elapsed / 60, 1), "seed": self.options.seed,
                "held_back_scores": {key: value if key == "confusion" else round(float(value), 6)
                                     for key, value in scores.items()},
                "command": " ".join(os.path.basename(word) for word in sys.argv
                                    if word not in ("--note", self.options.note)),
                "torch": torch.__version__}

    def progress(self, step, steps):
        by_epochs = (self.epoch + step / steps) / self.options.epochs
        return min(1.0, max(by_epochs, self.elapsed / 60 / self.options.minutes))

    def run_epoch(self):
        options = self.options
        random = np.random.default_rng([options.seed, self.epoch])
        torch.manual_seed(options.seed + self.epoch)
        order = random.permutation(self.training)
        steps = max(1, len(order) // options.batch)
        total = 0.0
        self.model.train()
        for step in range(steps):
            started = time.time()
            for group in self.optimizer.param_groups:
                group["lr"] = rate_at(self.progress(step, steps), options.rate)
            images, labels = take(self.data, order[step * options.batch:(step + 1) * options.batch],
                                  options, random)
            loss = functional.cross_entropy(self.model(images), labels, self.weights,
                                            label_smoothing=options.smoothing)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.average.update(self.model)
            total += loss.item()
            self.elapsed += time.time() - started
            if self.elapsed > options.minutes * 60:
                return total / (step + 1)
        return total / steps

    def finish_epoch(self, loss):
        scores = evaluate(self.average.model, self.data, self.validation, self.options)
        self.epoch += 1
        better = scores["loss"] < self.best
        self.since_best = 0 if better else self.since_best + 1
        if better:
            self.best = scores["loss"]
            self.save("best.pt", {"layers": self.layers, "image_shape": self.shape,
                                  "state": self.average.model.state_dict(),
                                  "training": self.provenance(scores)})
        self.save("last.pt", {"model": self.model.state_dict(), "steps": self.average.steps,
                              "average": self.average.model.state_dict(),
                              "optimizer": self.optimizer.state_dict(),
                              "progress": (self.epoch, self.elapsed, self.best, self.since_best)})
        line = {"epoch": self.epoch, "minutes": round(self.elapsed / 60, 2), "train_loss": round(loss, 5),
                **{key: value if key == "confusion" else round(float(value), 5)
                   for key, value in scores.items()}, "best": better}
        print(json.dumps(line), flush=True)
        with open(self.path("log.jsonl"), "a") as log:
            log.write(json.dumps(line) + "\n")

    def run(self):
        while (self.epoch < self.options.epochs and self.since_best < self.options.patience
               and self.elapsed < self.options.minutes * 60):
            self.finish_epoch(self.run_epoch())


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    os.makedirs(options.out, exist_ok=True)
    data = dataset.load_cached(options.examples, options.cache)
    held = hold_back(data, options.block, options.holdout, options.seed)
    if options.validation:
        extra = dataset.load(options.validation)
        held = np.arange(len(data) + len(extra)) >= len(data)
        data = dataset.join(data, extra)
    known = (data.labels >= 0) & (data.labels < CLASSES)
    training, validation = np.flatnonzero(known & ~held), np.flatnonzero(known & held)
    print(f"{len(training)} examples to train on, {len(validation)} held back; labels "
          f"{np.bincount(data.labels[training], minlength=CLASSES).tolist()}", flush=True)
    if len(training) == 0 or len(validation) == 0:
        sys.exit("nothing to train on or nothing held back: use more loci, a smaller --block or --validation")
    trainer = Trainer(options, data, training, validation)
    trainer.resume()
    trainer.run()


if __name__ == "__main__":
    main()
