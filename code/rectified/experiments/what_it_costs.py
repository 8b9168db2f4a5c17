"""What activations cost: forward, backward, and as a share of a whole layer.

Times are processor times, which do not count the waiting while other programs run.  They still
depend on the machine, its load and the version of NumPy: show them beside ``machine()``, and rely
on their order at most.

Chapter: what-it-costs.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import get_clock_info, perf_counter, process_time

import numpy as np

__all__ = [
    "BACKWARD",
    "FORWARD",
    "LayerCost",
    "backward_cost",
    "cost_table",
    "forward_cost",
    "layer_cost",
    "machine",
]


def _sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


#: Ways to compute an activation of ``z``; ``zeros`` is one row of zeros, as long as a row of ``z``.
#: The formulas alone, for what the package adds (checks, infinities) would blur the comparison.
FORWARD = {
    "copy": lambda z, zeros: z.copy(),
    "relu: maximum(z, 0)": lambda z, zeros: np.maximum(z, 0.0),
    "relu: maximum(z, zeros)": lambda z, zeros: np.maximum(z, zeros),
    "relu: z * (z > 0)": lambda z, zeros: z * (z > 0.0),
    "relu: where(z > 0, z, 0)": lambda z, zeros: np.where(z > 0.0, z, z.dtype.type(0.0)),
    "tanh": lambda z, zeros: np.tanh(z),
    "sigmoid": lambda z, zeros: _sigmoid(z),
}

#: Ways to take the gradient ``g`` through an activation, from the output ``a`` that the forward
#: pass left behind ("cached"), or from ``z`` again ("recomputed").
BACKWARD = {
    "relu, cached": lambda g, z, a: g * (a > 0.0),
    "tanh, cached": lambda g, z, a: g * (1.0 - a * a),
    "sigmoid, cached": lambda g, z, a: g * (a * (1.0 - a)),
    "relu, recomputed": lambda g, z, a: g * (np.maximum(z, 0.0) > 0.0),
    "tanh, recomputed": lambda g, z, a: g * (1.0 - np.tanh(z) ** 2),
    "sigmoid, recomputed": lambda g, z, a: BACKWARD["sigmoid, cached"](g, z, _sigmoid(z)),
}


def machine():
    """Name the processor and the NumPy on which the times are taken.

    Returns
    -------
    str

    Examples
    --------
    >>> "NumPy" in machine()
    True
    """
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or "all"
    return f"{processor}, NumPy {np.__version__}, threads for products: {threads}"


# Where the processor's clock ticks too slowly for this (Windows), the clock on the wall.
_clock = process_time if get_clock_info("process_time").resolution <= 1e-6 else perf_counter


def _time_in_turn(calls, repeats, at_least=1e-3):
    """Median seconds of each call; in turn, so that load on the machine affects all alike."""
    counts = {}
    for name, call in calls.items():
        call()
        start = _clock()
        call()
        counts[name] = max(1, int(at_least / max(_clock() - start, 1e-7)))
    times = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            start = _clock()
            for _ in range(counts[name]):
                call()
            times[name].append((_clock() - start) / counts[name])
    return {name: median(taken) for name, taken in times.items()}


def forward_cost(shape=(1000, 1000), dtype="float64", repeats=9, seed=0):
    """Time the ways to compute an activation that ``FORWARD`` holds.

    Parameters
    ----------
    shape : tuple of two int
        Sets the pre-activations, drawn from N(0, 1).
    dtype : str
        "float32" or "float64".
    repeats : int
        Measurements of each way; the median counts.
    seed : int

    Returns
    -------
    dict of str to float
        Nanoseconds per element.

    Examples
    --------
    >>> sorted(forward_cost((10, 10), repeats=1)) == sorted(FORWARD)
    True
    """
    z = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    zeros = np.zeros(shape[1], dtype)
    calls = {name: lambda way=way: way(z, zeros) for name, way in FORWARD.items()}
    return {name: 1e9 * time / z.size for name, time in _time_in_turn(calls, repeats).items()}


def backward_cost(shape=(1000, 1000), dtype="float64", repeats=9, seed=0):
    """Time the ways to take a gradient back through an activation that ``BACKWARD`` holds.

    Parameters
    ----------
    shape, dtype, repeats, seed
        As in ``forward_cost``.

    Returns
    -------
    dict of str to float
        Nanoseconds per element.

    Examples
    --------
    >>> sorted(backward_cost((10, 10), repeats=1)) == sorted(BACKWARD)
    True
    """
    rng = np.random.default_rng(seed)
    z, g = rng.normal(size=(2, *shape)).astype(dtype)
    outputs = {"relu": np.maximum(z, 0.0), "tanh": np.tanh(z), "sigmoid": _sigmoid(z)}
    calls = {}
    for name, way in BACKWARD.items():
        a = outputs[name.partition(",")[0]]
        calls[name] = lambda way=way, a=a: way(g, z, a)
    return {name: 1e9 * time / z.size for name, time in _time_in_turn(calls, repeats).items()}


def cost_table(costs):
    """List costs, a column for each kind of array.

    Parameters
    ----------
    costs : dict of (shape, dtype) to dict of str to float
        What ``forward_cost`` or ``backward_cost`` returned.

    Returns
    -------
    str

    Examples
    --------
    >>> print(cost_table({((10, 10), "float64"): {"copy": 0.5}}))
    ns per element                 10×10
                                 float64
    copy                            0.50
    """
    shapes = [f"{rows}×{columns}" for (rows, columns), _ in costs]
    lines = [
        "ns per element".ljust(25) + "".join(f"{shape:>11}" for shape in shapes),
        " " * 25 + "".join(f"{dtype:>11}" for _, dtype in costs),
    ]
    for way in next(iter(costs.values())):
        lines.append(f"{way:25}" + "".join(f"{cost[way]:11.2f}" for cost in costs.values()))
    return "\n".join(lines)


@dataclass(frozen=True)
class LayerCost:
    """Milliseconds of one training step of a layer.

    Attributes
    ----------
    products : float
        The three matrix products: outputs, weight gradient, input gradient.
    activation : dict of str to float
        Forward and backward with cached outputs, for "relu", "tanh" and "sigmoid".
    """

    products: float
    activation: dict

    def share(self, name):
        """The activation's share of the layer's time, between 0 and 1."""
        return self.activation[name] / (self.products + self.activation[name])


def layer_cost(width, batch=256, dtype="float64", repeats=7, seed=0):
    """Time a square dense layer: its matrix products, and its activation.

    Parameters
    ----------
    width : int
        Inputs, and units.
    batch : int
        Samples.
    dtype, repeats, seed
        As in ``forward_cost``.

    Returns
    -------
    LayerCost

    Examples
    --------
    >>> 0.0 < layer_cost(8, batch=8, repeats=1).share("relu") < 1.0
    True
    """
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=(2, batch, width)).astype(dtype)
    weight = (rng.normal(size=(width, width)) / np.sqrt(width)).astype(dtype)
    z = x @ weight
    forward = {
        "relu": FORWARD["relu: maximum(z, 0)"],
        "tanh": FORWARD["tanh"],
        "sigmoid": FORWARD["sigmoid"],
    }

    def products():
        return x @ weight, x.T @ g, g @ weight.T

    def activate(name):
        return BACKWARD[f"{name}, cached"](g, z, forward[name](z, None))

    calls = {"products": products} | {name: lambda name=name: activate(name) for name in forward}
    times = {name: 1e3 * time for name, time in _time_in_turn(calls, repeats).items()}
    return LayerCost(times.pop("products"), times)
