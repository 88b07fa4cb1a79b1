#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains gannet's network on labelled pileup images (make-examples --mode training); see train/README.md."""
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

import augment
import dataset
import network

CLASSES = 3
REAL, SIMULATED, VALIDATION = range(3)  # the sets of examples files, in the order given to dataset.load()


def parse_arguments(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    data = parser.add_argument_group("examples")
    data.add_argument("--examples", nargs="+", default=[], help="training files of real reads (globs)")
    data.add_argument("--simulated", nargs="+", default=[], help="training files of simulated reads (globs)")
    data.add_argument("--real-weight", type=float, default=4,
                      help="how often a real image is seen in an epoch; a simulated one is seen once")
    data.add_argument("--validation", nargs="*", default=[],
                      help="held-back files; else blocks of loci of the training files are held back")
    data.add_argument("--holdout", type=float, default=0.08, help="fraction of blocks to hold back")
    data.add_argument("--block", type=int, default=100_000,
                      help="bases of a block, so that images of one site never lie on both sides")
    data.add_argument("--cache", default="", help="folder for the unpacked images")
    net = parser.add_argument_group("network")
    net.add_argument("--network", default="compact", help="compact, or a model folder whose layers are taken")
    net.add_argument("--initial", default="", help="begin with the weights of this checkpoint (best.pt)")
    net.add_argument("--dropout", type=float, default=0.2)
    fit = parser.add_argument_group("fitting")
    fit.add_argument("--out", required=True, help="folder for checkpoints; training resumes from it")
    fit.add_argument("--minutes", type=float, default=25, help="time budget, resumed time counted in")
    fit.add_argument("--epochs", type=int, default=40)
    fit.add_argument("--batch", type=int, default=96)
    fit.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    fit.add_argument("--weight-decay", type=float, default=1e-3)
    fit.add_argument("--smoothing", type=float, default=1e-4, help="label smoothing")
    fit.add_argument("--balance", type=float, default=0.25,
                     help="class weight = (mean count / count) ** balance; 0 none, 1 full")
    fit.add_argument("--ema", type=float, default=0.998, help="decay of the averaged weights")
    fit.add_argument("--patience", type=int, default=8, help="epochs without a better loss")
    fit.add_argument("--seed", type=int, default=20261129)
    change = parser.add_argument_group("augmentation: shares of images")
    change.add_argument("--drop-reads", type=float, default=0.4, help="that lose reads")
    change.add_argument("--keep-least", type=float, default=0.35, help="smallest fraction of reads kept")
    change.add_argument("--flip-strands", type=float, default=0.5, help="whose strands are exchanged")
    change.add_argument("--scale-qualities", type=float, default=0.3, help="whose base qualities are scaled")
    change.add_argument("--blank-channels", type=float, default=0.02, help="that lose a channel, each of some channels")
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", default="cpu", help="cpu or cuda")
    machine.add_argument("--bf16", action="store_true", help="compute in bfloat16 where PyTorch holds it safe")
    machine.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def hold_back(data, block, fraction, seed):
    """Boolean array: which examples belong to held-back blocks of the genome; the fraction holds for each set of files."""
    blocks = np.array([f"{contig}:{start // block}" for contig, start in zip(data.contigs, data.starts)])
    held = np.zeros(len(data), bool)
    for source in np.unique(data.sources):
        names = np.unique(blocks[data.sources == source])
        order = np.random.default_rng(seed).permutation(len(names))
        held |= (data.sources == source) & np.isin(blocks, names[order[:max(1, round(len(names) * fraction))]])
    return held


def load_weights(model, state, path):
    try:
        model.load_state_dict(state)
    except RuntimeError:  # its message is a page long
        raise ValueError(f"{path}: weights of another network or of images of another shape") from None


def class_weights(labels, power):
    counts = np.bincount(labels, minlength=CLASSES).clip(1)
    return torch.tensor((counts.mean() / counts) ** power, dtype=torch.float32)


def batch_of(data, indices, augmentation=None, random=None):
    """A batch: images and labels as tensors; images change when an augmentation is given."""
    indices = np.sort(indices)
    rows = [data.image_rows(i) for i in indices]
    if augmentation is not None:
        rows = [augmentation(image, random) for image in rows]
    return torch.from_numpy(dataset.fill(rows, data.shape)), torch.from_numpy(data.labels[indices])


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


def logits_of(model, data, indices, options):
    """Logits [n, 3] of examples, in the order of the sorted indices, in float32."""
    with torch.no_grad():
        return torch.cat([model(batch_of(data, indices[start:start + 256])[0].to(options.device)).float().cpu()
                          for start in range(0, len(indices), 256)])


def cross_entropy(logits, labels, weights):
    losses = functional.cross_entropy(logits, labels, reduction="none")
    return float((losses * weights).sum() / weights.sum())


def fit_temperature(logits, labels, weights):
    """The divisor of all logits that makes the probabilities fit the labels best: a golden-section search."""
    def loss(log_temperature):
        return cross_entropy(logits / np.exp(log_temperature), labels, weights)

    low, high, ratio = -1.5, 1.5, (np.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return float(np.exp((low + high) / 2))


def scores_of(logits, labels, types, weights):
    """Cross-entropy, accuracies by kind of variant, and the confusion matrix [label][call]."""
    calls = logits.argmax(1).numpy()
    right = calls == labels.numpy()
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (labels.numpy(), calls), 1)
    mean = {kind: float(right[types == number].mean()) if (types == number).any() else None
            for kind, number in (("snp", 1), ("indel", 2))}
    return {"loss": cross_entropy(logits, labels, weights), "accuracy": float(right.mean()), **mean,
            "confusion": confusion.tolist()}


def rounded(scores, digits):
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in scores.items()}


def rate_at(progress, peak):
    """Linear warm-up over the first 5 %, then a cosine down to 1 % of the peak."""
    if progress < 0.05:
        return peak * (0.1 + 0.9 * progress / 0.05)
    return float(peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * (progress - 0.05) / 0.95))))


class Trainer:
    def __init__(self, options, data, training, validation):
        self.options, self.data, self.training, self.validation = options, data, training, validation
        self.layers = (network.compact(*data.shape[:2]) if options.network == "compact"
                       else network.of_model(options.network))
        model = network.Network(self.layers, data.shape, options.dropout)
        if options.initial:
            load_weights(model, torch.load(options.initial, map_location="cpu")["state"], options.initial)
        self.model = model.to(options.device, memory_format=torch.channels_last)
        self.average = Average(self.model, options.ema)
        self.augmentation = augment.Augmentation(options, data.channels)
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": options.weight_decay},
                                            {"params": others, "weight_decay": 0.0}], lr=options.rate)
        self.weights = class_weights(data.labels[training], options.balance).to(options.device)
        self.epoch, self.elapsed, self.best, self.since_best = 0, 0.0, float("inf"), 0

    def path(self, name):
        return os.path.join(self.options.out, name)

    def resume(self):
        if not os.path.exists(self.path("last.pt")):
            return
        saved = torch.load(self.path("last.pt"), map_location=self.options.device)
        load_weights(self.model, saved["model"], self.path("last.pt"))
        self.average.model.load_state_dict(saved["average"])
        self.average.steps = saved["steps"]
        self.optimizer.load_state_dict(saved["optimizer"])
        self.epoch, self.elapsed, self.best, self.since_best = saved["progress"]
        print(f"resumed after epoch {self.epoch}, {self.elapsed / 60:.1f} minutes", flush=True)

    def save(self, name, content):
        torch.save(content, self.path(name + ".tmp"))
        os.replace(self.path(name + ".tmp"), self.path(name))

    def provenance(self, scores, temperature):
        labels = np.bincount(self.data.labels[self.training], minlength=CLASSES).tolist()
        real = int((self.data.sources[self.training] == REAL).sum())
        return {"examples": len(self.training), "real_examples": real, "labels": labels,
                "held_back": len(self.validation), "epochs": self.epoch,
                "minutes": round(self.elapsed / 60, 1), "seed": self.options.seed,
                "held_back_scores": rounded(scores, 6), "temperature": round(temperature, 4),
                "command": " ".join(os.path.basename(word) for word in sys.argv),
                "torch": str(torch.__version__)}

    def progress(self, step, steps):
        by_epochs = (self.epoch + step / steps) / self.options.epochs
        return min(1.0, max(by_epochs, self.elapsed / 60 / self.options.minutes))

    def order(self, random):
        """Indices of an epoch: real images as often as their weight says (by chance for the fraction)."""
        weights = np.where(self.data.sources[self.training] == REAL, self.options.real_weight, 1.0)
        times = np.floor(weights + random.random(len(weights))).astype(int)
        return random.permutation(np.repeat(self.training, times))

    def loss_of(self, images, labels):
        with torch.autocast(self.options.device, torch.bfloat16, enabled=self.options.bf16):
            logits = self.model(images.to(self.options.device))
        return functional.cross_entropy(logits.float(), labels.to(self.options.device), self.weights,
                                        label_smoothing=self.options.smoothing)

    def run_epoch(self):
        options = self.options
        random = np.random.default_rng([options.seed, self.epoch])
        torch.manual_seed(options.seed + self.epoch)
        order = self.order(random)
        steps = max(1, len(order) // options.batch)
        total = 0.0
        self.model.train()
        for step in range(steps):
            started = time.time()
            for group in self.optimizer.param_groups:
                group["lr"] = rate_at(self.progress(step, steps), options.rate)
            loss = self.loss_of(*batch_of(self.data, order[step * options.batch:(step + 1) * options.batch],
                                          self.augmentation, random))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.average.update(self.model)
            total += loss.item()
            self.elapsed += time.time() - started
            if self.elapsed > options.minutes * 60:
                return total / (step + 1)
        return total / steps

    def evaluate(self):
        """Scores of the averaged weights on the held-back examples, of the real ones apart, and the temperature."""
        logits = logits_of(self.average.model, self.data, self.validation, self.options)
        labels = torch.from_numpy(self.data.labels[self.validation])
        types, is_real = self.data.types[self.validation], self.data.sources[self.validation] != SIMULATED
        weights = torch.from_numpy(np.where(is_real, self.options.real_weight, 1.0))
        scores = scores_of(logits, labels, types, weights)
        if is_real.any():
            of_real = scores_of(logits[is_real], labels[is_real], types[is_real], weights[is_real])
            scores["real"] = rounded(of_real, 5)
        return scores, fit_temperature(logits, labels, weights)

    def finish_epoch(self, loss):
        scores, temperature = self.evaluate()
        self.epoch += 1
        better = scores["loss"] < self.best
        self.since_best = 0 if better else self.since_best + 1
        if better:
            self.best = scores["loss"]
            self.save("best.pt", {"layers": self.layers, "image_shape": self.data.shape,
                                  "channels": self.data.channels, "temperature": temperature,
                                  "state": self.average.model.state_dict(),
                                  "training": self.provenance(scores, temperature)})
        self.save("last.pt", {"model": self.model.state_dict(), "steps": self.average.steps,
                              "average": self.average.model.state_dict(),
                              "optimizer": self.optimizer.state_dict(),
                              "progress": (self.epoch, self.elapsed, self.best, self.since_best)})
        line = {"epoch": self.epoch, "minutes": round(self.elapsed / 60, 2), "train_loss": round(loss, 5),
                **rounded(scores, 5), "temperature": round(temperature, 3), "best": better}
        print(json.dumps(line), flush=True)
        with open(self.path("log.jsonl"), "a") as log:
            log.write(json.dumps(line) + "\n")

    def run(self):
        while (self.epoch < self.options.epochs and self.since_best < self.options.patience
               and self.elapsed < self.options.minutes * 60):
            self.finish_epoch(self.run_epoch())


def split(data, options):
    """Indices of the examples to train on and of those held back."""
    held = (data.sources == VALIDATION if options.validation
            else hold_back(data, options.block, options.holdout, options.seed))
    known = (data.labels >= 0) & (data.labels < CLASSES)
    return np.flatnonzero(known & ~held), np.flatnonzero(known & held)


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    with dataset.plain_errors("train"):
        data = dataset.load([options.examples, options.simulated, options.validation], options.cache)
    training, validation = split(data, options)
    print(f"{len(training)} examples to train on, {len(validation)} held back; labels "
          f"{np.bincount(data.labels[training], minlength=CLASSES).tolist()}", flush=True)
    if len(training) == 0 or len(validation) == 0:
        sys.exit("train: nothing to train on or nothing held back: use more loci, a smaller --block or --validation")
    with dataset.plain_errors("train"):
        os.makedirs(options.out, exist_ok=True)
        trainer = Trainer(options, data, training, validation)
        trainer.resume()
    trainer.run()


if __name__ == "__main__":
    main()
