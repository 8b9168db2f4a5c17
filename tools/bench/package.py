"""What the activations and a training step cost. Shown, not judged: the plainest form is ours.

One process, one thread; each number is the median of many CPU times, the sides taking turns.
PyTorch, where it is installed, stands beside for comparison.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is loaded)
import argparse
import os

for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import platform
import statistics
import time
from functools import partial

import numpy as np

import rectified as r

SIZES = (64, 64, 64, 10)
BATCH = 64


def measure(calls, rounds=31, repeat=1):
    """Median seconds of CPU of each call; they take turns."""
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(repeat):
                call()
            times[name].append((time.process_time() - start) / repeat)
    return {name: statistics.median(values) for name, values in times.items()}


def activations():
    z = np.random.default_rng(0).normal(size=1_000_000)
    calls = {"a copy": np.copy}
    for name, pair in r.ACTIVATIONS.items():
        if name != "gelu":  # element by element, see its docstring
            calls |= {name: pair.function, f"{name}_prime": pair.derivative}
    million = measure({name: partial(call, z) for name, call in calls.items()}, 15)
    few = measure({name: partial(call, z[:64]) for name, call in calls.items()}, 15, 200)
    print(f"{'':24}1,000,000 values, ms    64 values, microseconds")
    for name in calls:
        print(f"{name:24}{1e3 * million[name]:20.2f}{1e6 * few[name]:27.2f}")


def torch_step(x, target):
    """The same step in PyTorch, in double precision as ours; None without PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    layers = []
    for n_in, n_out in zip(SIZES, SIZES[1:], strict=False):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1]).double()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
    x, target = torch.from_numpy(x), torch.from_numpy(target)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x), target).backward()
        optimizer.step()

    return step


def training_step():
    rng, steps = np.random.default_rng(0), 20
    x, target = rng.normal(size=(BATCH, SIZES[0])), rng.integers(0, SIZES[-1], BATCH)
    network = r.MLP(SIZES, seed=0)
    settings = {"epochs": steps, "batch_size": BATCH, "momentum": 0.9, "learning_rate": 1e-3}
    calls = {"ours": partial(r.train, network, x, target, **settings)}
    if step := torch_step(x, target):
        calls["PyTorch"] = lambda: [step() for _ in range(steps)]
    print(f"\nA training step of {'-'.join(map(str, SIZES))}, batch {BATCH}, microseconds")
    for name, seconds in measure(calls, 15).items():
        print(f"{name:24}{1e6 * seconds / steps:20.0f}")


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}\n")
    activations()
    training_step()


if __name__ == "__main__":
    main()
