"""Networks that are dead before they have learned anything.

Chapter: born-dead.
"""

import numpy as np

from rectified.activations import relu
from rectified.diagnostics import dead_units
from rectified.network import MLP

__all__ = ["born_dead", "initialization_artefact"]


def born_dead(width, depth, draws=100_000, seed=0):
    r"""How often a network with zero biases is constant from birth, by simulation.

    Parameters
    ----------
    width, depth : int
        N units in each of k hidden layers; one input feature.
    draws : int, default 100_000
        Networks drawn, their weights standard normal.
    seed : int, default 0

    Returns
    -------
    one_input : float
        The share of networks in which the input x = 1 reaches a layer that is off altogether.
        Exactly :math:`1 - (1 - 2^{-N})^k` in the limit.
    whole_line : float
        The share in which both x = 1 and x = -1 do, hence every x.

    Notes
    -----
    Source: Lu et al. (2020).

    Examples
    --------
    >>> one_input, whole_line = born_dead(2, 9, draws=20_000)
    >>> abs(one_input - (1 - 0.75**9)) < 0.01, whole_line < one_input
    (True, True)
    """
    rng = np.random.default_rng(seed)
    outputs = np.broadcast_to([[1.0, -1.0]], (draws, 1, 2))  # feature by input
    for _ in range(depth):
        outputs = relu(rng.normal(size=(draws, width, outputs.shape[1])) @ outputs)
    silent = ~np.any(outputs > 0.0, axis=1)
    return float(silent[:, 0].mean()), float(silent.all(axis=1).mean())


def initialization_artefact(seeds=range(10), samples=600):
    """Dead units per layer of an untrained network of ten hidden layers, in a 2×2.

    Parameters
    ----------
    seeds : iterable of int, default range(10)
        Sets the data and the network.
    samples : int, default 600
        Inputs of 64 features, standard normal.

    Returns
    -------
    dict of ndarray of shape (seeds, 10)
        Shares of dead units by (weights, biases): weights "uniform" (±1/√n) or "he", biases
        "uniform" (±1/√n) or "zero".  The layers have 256 units five times, then 128.

    Examples
    --------
    >>> found = initialization_artefact(seeds=[0], samples=100)
    >>> found["uniform", "uniform"][0, -1] > found["he", "zero"][0, -1]
    np.True_
    """
    sizes = [64] + [256] * 5 + [128] * 5 + [1]
    shares = {}
    for weights in ("uniform", "he"):
        for name, bias in (("uniform", "uniform"), ("zero", 0.0)):
            rows = []
            for seed in seeds:
                x = np.random.default_rng(seed).normal(size=(samples, 64))
                network = MLP(sizes, initialization=weights, bias=bias, seed=seed + 1000)
                rows.append([layer.mean() for layer in dead_units(network, x)])
            shares[weights, name] = np.array(rows)
    return shares
