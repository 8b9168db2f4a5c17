"""What the package's checks cost, and what a training step takes: part of ``make bench``.

One process, one thread. Each ratio is taken within one run: the sides take turns, and each is the
median of many CPU times. The bars are those of the project; a missed one is marked, and the
program then ends with 1. PyTorch, where it is installed, stands beside for comparison.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is loaded)
import os

for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import platform
import statistics
import sys
import time
from functools import partial
from itertools import pairwise

import numpy as np

import rectified as r

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

LARGE, SMALL = 1_000_000, 64
BAR_LARGE = 1.1  # times the plain formula
BAR_SMALL = 3e-6  # seconds more than the plain formula
BAR_STEP = 2.0  # times as fast as PyTorch in the same precision

missed = []


# --- the same stable formulas, without checks -----------------------------------------------


def step(z):
    return np.maximum(np.sign(z), 0.0)


def relu(z):
    result = np.maximum(z, 0.0)
    result += 0.0
    return result


def leaky_relu(z, slope=0.01):
    return np.maximum(z, 0.0) + slope * np.minimum(z, 0.0)


def leaky_relu_prime(z, slope=0.01):
    positive = step(z)
    return positive + slope * (1.0 - positive)


def elu(z, alpha=1.0):
    return np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))


def elu_prime(z, alpha=1.0):
    positive = step(z)
    return positive + (1.0 - positive) * (alpha * np.exp(np.minimum(z, 0.0)))


def sigmoid(z):
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))


def sigmoid_prime(z):
    decay = np.exp(-np.abs(z))
    return decay / (1.0 + decay) ** 2


def tanh_prime(z):
    decay = np.exp(-np.abs(z)) ** 2
    return 4.0 * decay / (1.0 + decay) ** 2


def softplus(z):
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def silu(z):
    return np.maximum(z, np.finfo(z.dtype).min) * sigmoid(z)


def silu_prime(z):
    limits, decay = np.finfo(z.dtype), np.exp(-np.abs(z))
    product = np.clip(z, limits.min, limits.max) * (decay / (1.0 + decay))
    return (np.exp(np.minimum(z, 0.0)) + product) / (1.0 + decay)


def identity_prime(z):
    return np.where(np.isnan(z), z, z.dtype.type(1.0))


# One slope for each of 64 channels, and pairs of pieces: what these two are made for.
SLOPES = {kind: np.linspace(0.1, 0.4, SMALL, dtype=kind) for kind in (np.float32, np.float64)}


def prelu(z):
    return leaky_relu(z.reshape(-1, SMALL), SLOPES[z.dtype.type])


def prelu_prime(z):
    return leaky_relu_prime(z.reshape(-1, SMALL), SLOPES[z.dtype.type])


def maxout_prime(z):
    winner = np.expand_dims(np.argmax(z, axis=0), 0)
    gradient = np.zeros_like(z)
    np.put_along_axis(gradient, winner, 1.0, axis=0)
    return np.where(np.isnan(np.max(z, axis=0, keepdims=True)), z.dtype.type(np.nan), gradient)


PLAIN = {
    "relu": (r.relu, relu),
    "relu_prime": (r.relu_prime, step),
    "leaky_relu": (r.leaky_relu, leaky_relu),
    "leaky_relu_prime": (r.leaky_relu_prime, leaky_relu_prime),
    "prelu": (lambda z: r.prelu(z.reshape(-1, SMALL), SLOPES[z.dtype.type]), prelu),
    "prelu_prime": (
        lambda z: r.prelu_prime(z.reshape(-1, SMALL), SLOPES[z.dtype.type]),
        prelu_prime,
    ),
    "prelu_slope_gradient": (r.prelu_slope_gradient, lambda z: np.minimum(z, 0.0)),
    "elu": (r.elu, elu),
    "elu_prime": (r.elu_prime, elu_prime),
    "sigmoid": (r.sigmoid, sigmoid),
    "sigmoid_prime": (r.sigmoid_prime, sigmoid_prime),
    "tanh": (r.tanh, np.tanh),
    "tanh_prime": (r.tanh_prime, tanh_prime),
    "softplus": (r.softplus, softplus),
    "softplus_prime": (r.softplus_prime, sigmoid),
    "silu": (r.silu, silu),
    "silu_prime": (r.silu_prime, silu_prime),
    "identity": (r.identity, np.positive),
    "identity_prime": (r.identity_prime, identity_prime),
    "maxout": (
        lambda z: r.maxout(z.reshape(2, -1), axis=0),
        lambda z: np.max(z.reshape(2, -1), axis=0),
    ),
    "maxout_prime": (
        lambda z: r.maxout_prime(z.reshape(2, -1), axis=0),
        lambda z: maxout_prime(z.reshape(2, -1)),
    ),
}


# --- measuring ------------------------------------------------------------------------------


def measure(calls, rounds, repeat=1):
    """Median seconds of CPU of each call, a function and its argument; they take turns."""
    times = {name: [] for name in calls}
    for function, argument in calls.values():
        function(argument)
    for _ in range(rounds):
        for name, (function, argument) in calls.items():
            start = time.process_time()
            for _ in range(repeat):
                function(argument)
            times[name].append((time.process_time() - start) / repeat)
    return {name: statistics.median(values) for name, values in times.items()}


def report(line, misses):
    print(line + ("   MISSED" if misses else ""), flush=True)
    if misses:
        missed.append(line)


def large_and_small(dtype):
    rng = np.random.default_rng(0)
    z = rng.normal(size=LARGE).astype(dtype)
    name = np.dtype(dtype).name
    print(f"\n{name}{'ours':>20} {'plain':>9} {'ratio':>6}   |{'ours':>9} {'plain':>9} {'more':>9}")
    print(f"{'':24}1,000,000 values, ms       |       64 values, microseconds")
    for name, (ours, plain) in PLAIN.items():
        np.testing.assert_array_equal(ours(z), plain(z))
        few = z[:SMALL]
        big = measure({"ours": (ours, z), "plain": (plain, z)}, 41)
        tiny = measure({"ours": (ours, few), "plain": (plain, few)}, 41, 300)
        ratio, more = big["ours"] / big["plain"], tiny["ours"] - tiny["plain"]
        report(
            f"{name:20} {1e3 * big['ours']:7.2f} {1e3 * big['plain']:9.2f} {ratio:6.2f}   |"
            f"{1e6 * tiny['ours']:9.2f} {1e6 * tiny['plain']:9.2f} {1e6 * more:9.2f}",
            ratio > BAR_LARGE or more > BAR_SMALL,
        )


def relu_beside_a_copy():
    """For interest: what reading and writing a million numbers costs at least."""
    print("\nrelu of 1,000,000 values beside a plain copy of them, ms")
    for dtype in (np.float32, np.float64):
        z = np.random.default_rng(0).normal(size=LARGE).astype(dtype)
        zeros = np.zeros_like(z)
        calls = {
            "copy": (np.copy, z),
            "relu": (r.relu, z),
            "np.maximum(z, 0)": (partial(np.maximum, 0.0), z),
            "np.maximum(z, zeros)": (partial(np.maximum, zeros), z),
        }
        if torch:
            calls["torch.relu"] = (torch.relu, torch.from_numpy(z))
        result = measure(calls, 101)
        for name, seconds in result.items():
            times = seconds / result["copy"]
            print(f"{np.dtype(dtype).name:8} {name:22} {1e3 * seconds:7.3f}  {times:5.2f} copies")


# --- training steps -------------------------------------------------------------------------

# The kinds of network that the book trains: sizes, activation, loss, samples in a batch.
# The widest of them has 64 units a layer.
DIGITS = "softmax_cross_entropy"
NETWORKS = [
    ((64, 64, 10), "relu", DIGITS, 64),
    ((64, 64, 64, 10), "relu", DIGITS, 64),
    ((64, 64, 64, 10), "tanh", DIGITS, 64),
    ((64, 64, 64, 10), "sigmoid", DIGITS, 64),
    ((64, 64, 64, 10), "leaky_relu", DIGITS, 64),
    ((64, 64, 64, 64, 10), "relu", DIGITS, 64),
    ((64, 32, 32, 10), "relu", DIGITS, 64),
    ((2, 16, 16, 2), "relu", DIGITS, 20),
    ((1, 32, 1), "relu", "squared_error", 41),
]
# Twice as wide, without a bar: there the products of matrices take most of the time on both sides.
WIDE = ((64, 128, 128, 10), "relu", DIGITS, 64)


def our_steps(sizes, activation, loss, x, target):
    """A function of n that takes n steps: an epoch of n batches, with the cost of starting it."""
    network = r.MLP(sizes, activation, loss=loss)

    def run(n):
        data = np.concatenate([x] * n), np.concatenate([target] * n)
        settings = {"learning_rate": 1e-3, "momentum": 0.9, "batch_size": len(x), "epochs": 1}
        r.train(network, *data, **settings)

    return run


def torch_steps(sizes, activation, loss, x, target, dtype):
    kinds = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "leaky_relu": "LeakyReLU"}
    layers = []
    for n_in, n_out in pairwise(sizes):
        layers += [torch.nn.Linear(n_in, n_out), getattr(torch.nn, kinds[activation])()]
    network = torch.nn.Sequential(*layers[:-1]).to(dtype)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
    criterion = torch.nn.CrossEntropyLoss() if loss == DIGITS else torch.nn.MSELoss()
    x = torch.from_numpy(x).to(dtype)
    target = torch.from_numpy(target) if loss == DIGITS else torch.from_numpy(target).to(dtype)

    def run(n):
        for _ in range(n):
            optimizer.zero_grad()
            criterion(network(x), target).backward()
            optimizer.step()

    return run


def training_steps():
    """Ours computes in double precision; PyTorch does so too, and in its usual single precision."""
    print("\nA training step (forward, backward, momentum), microseconds")
    print(f"{'network':42} {'ours':>6}", end="")
    print(
        f" {'torch, double':>14} {'ratio':>6} {'torch, single':>14} {'ratio':>6}" if torch else ""
    )
    rng, steps = np.random.default_rng(0), 20
    for sizes, activation, loss, batch in [*NETWORKS, WIDE]:
        x = rng.normal(size=(batch, sizes[0]))
        target = rng.integers(0, sizes[-1], batch) if loss == DIGITS else x**2
        problem = sizes, activation, loss, x, target
        calls = {"ours": (our_steps(*problem), steps)}
        if torch:
            calls["double"] = (torch_steps(*problem, torch.float64), steps)
            calls["single"] = (torch_steps(*problem, torch.float32), steps)
        step = {name: 1e6 * seconds / steps for name, seconds in measure(calls, 31).items()}
        label = f"{'-'.join(map(str, sizes))} {activation}, batch {batch}"
        line = f"{label:42} {step['ours']:6.0f}"
        for name in list(step)[1:]:
            line += f" {step[name]:14.0f} {step[name] / step['ours']:6.2f}"
        slow = torch and step["double"] < BAR_STEP * step["ours"]
        report(line, slow and max(sizes) < max(WIDE[0]))


def main():
    print(
        f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}", end=""
    )
    print(f", PyTorch {torch.__version__}" if torch else ", no PyTorch")
    for dtype in (np.float64, np.float32):
        large_and_small(dtype)
    relu_beside_a_copy()
    training_steps()
    print(f"\n{len(missed)} bars missed" if missed else "\nEvery bar met")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
