"""ReLU against ReLU with its mean taken away, in real networks, each at its own best.

Chapters: zero-centering, conditioning.
"""

import math

import numpy as np

from rectified.activations import Activation, relu, relu_prime
from rectified.experiments.design import Comparison, search
from rectified.experiments.pairs import network_for_pairs, pairs_for
from rectified.network import train

__all__ = [
    "ADAM_RATES",
    "CENTRED_RELU",
    "FACTORS",
    "RATES",
    "SEARCH_SEEDS",
    "SETTINGS",
    "compare_centring",
    "search_settings",
    "steps_to_learn",
]

#: ReLU minus the mean that it has for z from N(0, 1).
CENTRED_RELU = Activation(lambda z: relu(z) - 1.0 / math.sqrt(2.0 * math.pi), relu_prime)
CONTESTANTS = {"relu": "relu", "centred": CENTRED_RELU, "linear": "identity"}

#: What was searched: learning rates, and factors on the He weights.
RATES = [0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2]
ADAM_RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.04]
FACTORS = [0.2, 0.28, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.4]

#: The whole grid ran on the first three; then all places near the best of it on all twelve, since
#: single runs scatter by ten steps and more: on three seeds luck chose among neighbours.
SEARCH_SEEDS = tuple(range(100, 112))

MOST_STEPS, LOOK_EVERY = 400, 4


class _LearnedError(Exception):
    """Raised to leave the training loop: the network has learned enough."""


def _learned(network, x, y, share_wrong, part=100):
    """Whether few enough are wrong; chunks are checked only until the answer is certain."""
    wrong, allowed = 0, int(share_wrong * len(x))
    for start in range(0, len(x), part):
        guess = network.predict(x[start : start + part]).argmax(axis=1)
        wrong += np.sum(guess != y[start : start + part])
        if wrong > allowed:
            return False
    return True


def steps_to_learn(
    activation,
    depth,
    rate,
    factor,
    seed,
    optimizer="sgd",
    width=64,
    most_steps=MOST_STEPS,
    share_wrong=0.1,
    **training,
):
    """Count steps until a network gets few of the training pairs wrong.

    Parameters
    ----------
    activation : str or Activation
        Used in all ``depth`` hidden layers of ``width`` units.
    depth : int
    rate, factor : float
        The learning rate, and what the He weights are multiplied with at the start.
    seed : int
    optimizer : str, default "sgd"
    width : int, default 64
    most_steps : int
        Give up after this many steps.
    share_wrong : float, default 0.1
        Target error rate.
    **training
        Passed on to ``train``: ``batch_size`` (64 if not given), ``momentum``.

    Returns
    -------
    float
        A multiple of 4; ``most_steps`` if it was not enough; NaN if training diverged.

    Notes
    -----
    Pairs of digits (is their sum even?).  The error is that of the first 600 training pairs, seen
    every four steps.

    Examples
    --------
    >>> steps_to_learn("relu", 2, rate=0.3, factor=1.0, seed=0) < 250
    True
    """
    pairs = pairs_for(0)  # for a search too: what is scored is how fast these are learned
    network = network_for_pairs(activation, factor, seed, [width] * depth)
    taken = []

    def look(step):
        taken.append(step)
        if step % LOOK_EVERY:
            return
        first = pairs.x_train[:600], pairs.y_train[:600]
        if step >= most_steps or _learned(network, *first, share_wrong):
            raise _LearnedError

    # More epochs than are needed: `look` ends it.
    settings = {"learning_rate": rate, "epochs": most_steps, "seed": seed, "optimizer": optimizer}
    settings |= training
    try:
        train(network, pairs.x_train, pairs.y_train, after_step=look, **settings)
    except _LearnedError:
        return float(taken[-1])
    return math.nan


def search_settings(name, depth, optimizer="sgd", seeds=SEARCH_SEEDS[:3], rates=None, factors=None):
    """Find a contestant's best learning rate and size of initial weights.

    Parameters
    ----------
    name : str
        "relu", "centred" or "linear".
    depth : int
    optimizer : str
    seeds : tuple of int
        Each at least 100.
    rates, factors : list of float, optional
        Narrower grids than the full ones.

    Returns
    -------
    Search

    Notes
    -----
    The full grid takes minutes; what it found is in ``SETTINGS``.
    """

    def run(rate, factor, seed):
        return steps_to_learn(CONTESTANTS[name], depth, rate, factor, seed, optimizer)

    grid = {
        "rate": rates or (RATES if optimizer == "sgd" else ADAM_RATES),
        "factor": factors or FACTORS,
    }
    return search(run, grid, seeds, higher_is_better=False)


#: What the search found, by optimiser, depth and contestant.
SETTINGS = {
    ("sgd", 2): {
        "relu": {"rate": 0.8, "factor": 0.7},
        "centred": {"rate": 0.8, "factor": 0.85},
    },
    ("sgd", 6): {
        "relu": {"rate": 0.5, "factor": 0.85},
        "centred": {"rate": 0.5, "factor": 1.0},
    },
    ("adam", 2): {
        "relu": {"rate": 0.01, "factor": 0.4},
        "centred": {"rate": 0.01, "factor": 0.5},
    },
    ("adam", 6): {
        "relu": {"rate": 0.005, "factor": 0.5},
        "centred": {"rate": 0.005, "factor": 0.7},
    },
}

#: The linear network learns the task nowhere on the grid: any place stands for all.
LINEAR_SETTINGS = {"sgd": {"rate": 0.05, "factor": 0.7}, "adam": {"rate": 0.005, "factor": 1.0}}


def compare_centring(depth, optimizer="sgd", seeds=range(5), linear=True):
    """Compare ReLU with and without its mean, each with its own best settings.

    Parameters
    ----------
    depth : int
        2 or 6 hidden layers.
    optimizer : str, default "sgd"
        Or "adam".
    seeds : iterable of int
    linear : bool, default True
        Let a network without a bend run too.

    Returns
    -------
    Comparison
        Compares numbers of steps; fewer are better.
    """
    settings = dict(SETTINGS[optimizer, depth])
    if linear:
        settings["linear"] = LINEAR_SETTINGS[optimizer]

    def contestant(name):
        def run(seed, rate, factor):
            return steps_to_learn(CONTESTANTS[name], depth, rate, factor, seed, optimizer)

        return run

    return Comparison.run(
        f"pairs of digits, {depth} hidden layers of 64, {optimizer}, batches of 64; steps until"
        " one training pair in ten is wrong",
        {name: contestant(name) for name in settings},
        settings,
        seeds,
        floor=MOST_STEPS,
        ceiling=0.0,
        search_seeds=SEARCH_SEEDS,
        higher_is_better=False,
        resolution=LOOK_EVERY,
    )
