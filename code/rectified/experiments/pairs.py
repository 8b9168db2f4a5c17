"""Networks on pairs of digits, the task of most comparisons: is the sum of the two even?

Chapter: strengths.
"""

import math
from functools import cache

from rectified.activations import Activation
from rectified.datasets import Split, prepare_digits, split_digit_pairs
from rectified.experiments.design import FIRST_SEARCH_SEED, Comparison, Search, mean_score, search
from rectified.initialization import he
from rectified.network import MLP, train

__all__ = [
    "CLOSER_SEEDS",
    "SEARCH_SEEDS",
    "accuracy_on_pairs",
    "compare_on_pairs",
    "network_for_pairs",
    "pairs_for",
    "search_closely",
]

#: The settings of all contestants on the pairs were searched on these,
SEARCH_SEEDS = (100, 101, 102)
#: and some contestants' best few places of the grid on more: see ``search_closely``.
CLOSER_SEEDS = tuple(range(100, 112))


def pairs_for(seed, preparation="standardised"):
    """The pairs that a run with this seed learns from and is scored on; not to be written to.

    A run to be reported has the pairs of ``split_digit_pairs``.  A run of a search, whose seed is
    100 or above, has pairs of the 1,200 training digits alone, 800 to learn from and 400 to be
    scored on: settings are chosen without using any test digit.

    Parameters
    ----------
    seed : int
    preparation : str, default "standardised"
        How the pixels are scaled, as in ``prepare_digits``.

    Returns
    -------
    Split
        6,000 pairs to train on, 2,000 to test on or to choose settings by.

    Examples
    --------
    >>> pairs_for(0).x_test.shape, pairs_for(100).x_test.shape
    ((2000, 128), (2000, 128))
    """
    return _pairs(preparation, seed >= FIRST_SEARCH_SEED)


@cache  # many runs use the same pairs
def _pairs(preparation, search):
    digits = prepare_digits(preparation)
    if search:
        x, y = digits.x_train, digits.y_train
        digits = Split(x[:800], y[:800], x[800:], y[800:])
    pairs = split_digit_pairs(digits=digits)
    for part in pairs:
        part.setflags(write=False)
    return pairs


def network_for_pairs(kind="relu", gain=1.0, seed=0, hidden=(64, 64), initialization=he):
    """A network of 128 inputs and two classes, untrained.

    Parameters
    ----------
    kind : str, Activation or callable
        The hidden layers' activation as ``MLP`` takes it; or what makes a network with an
        activation of its own, called as ``kind(sizes, initialization=..., seed=...)``.
    gain : float, default 1.0
        The initial weights are ``initialization``'s times this.
    seed : int, default 0
    hidden : sequence of int, default (64, 64)
        Units of each hidden layer.
    initialization : callable
        Called with (fan_in, fan_out, rng).

    Returns
    -------
    MLP

    Examples
    --------
    >>> network_for_pairs("tanh", hidden=[5]).n_parameters
    657
    """
    sizes = [128, *hidden, 2]
    settings = {"initialization": lambda *fan: gain * initialization(*fan), "seed": seed}
    if isinstance(kind, str | Activation):
        return MLP(sizes, kind, **settings)
    return kind(sizes, **settings)


def accuracy_on_pairs(kind, learning_rate, gain=1.0, seed=0, hidden=(64, 64), epochs=5, **training):
    """Train one network on the pairs, and test it.

    Parameters
    ----------
    kind, gain, hidden
        As in ``network_for_pairs``.
    learning_rate : float
    seed : int, default 0
        Sets the initial weights and the order of the samples.
    epochs : int, default 5
    **training
        Passed to ``train``, for instance ``optimizer="adam"``.

    Returns
    -------
    float
        Test accuracy on ``pairs_for(seed)``; NaN if training diverged.

    Examples
    --------
    >>> accuracy_on_pairs("relu", 0.4, gain=0.35, epochs=1) > 0.6
    True
    """
    data, network = pairs_for(seed), network_for_pairs(kind, gain, seed, hidden)
    training |= {"learning_rate": learning_rate, "epochs": epochs, "seed": seed}
    if train(network, data.x_train, data.y_train, **training).diverged:
        return math.nan
    return network.accuracy(data.x_test, data.y_test)


def search_closely(run, grid, keep=6):
    """Search a grid on three seeds, and decide among its best places on twelve.

    Where many places of a grid do almost equally well, three seeds let chance choose among them.

    Parameters
    ----------
    run, grid
        As in ``search``.
    keep : int, default 6
        Places that are run on all twelve seeds.

    Returns
    -------
    Search
        Its scores are those of the places kept.

    Notes
    -----
    Chapters: maxout, relatives.

    Examples
    --------
    >>> grid = {"rate": [0.1, 0.3, 1.0]}
    >>> found = search_closely(lambda seed, rate: -abs(rate - 0.3), grid, keep=2)
    >>> found.best, len(found.scores), len(found.seeds)
    ({'rate': 0.3}, 2, 12)
    """
    first = search(run, grid, SEARCH_SEEDS).scores
    scores = {}
    for place in sorted(first, key=first.get, reverse=True)[:keep]:
        mean = mean_score(run, dict(zip(grid, place, strict=True)), CLOSER_SEEDS)
        scores[place] = -math.inf if math.isnan(mean) else mean
    best = dict(zip(grid, max(scores, key=scores.get), strict=True))
    return Search(best, scores, dict(grid), CLOSER_SEEDS)


def compare_on_pairs(
    trained, contestants, settings, seeds=range(5), report=None, search_seeds=SEARCH_SEEDS
):
    """Compare contestants by their accuracy on the test pairs, each with its own settings.

    Parameters
    ----------
    trained : str
        Network and training in words.
    contestants : dict of str to callable
        Each called as ``run(seed=..., **settings[name])``; returns an accuracy, NaN if it diverged.
    settings : dict of str to dict
    seeds : iterable of int, default range(5)
    report : callable, optional
        Called with a contestant's name and its scores as soon as they are known; ``print`` will do.
    search_seeds : tuple of int
        Those on which the settings were found.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> compare_on_pairs("a coin", {"coin": lambda seed: 0.5}, {"coin": {}}).setting
    'pairs of digits, a coin'
    """
    return Comparison.run(
        f"pairs of digits, {trained}",
        contestants,
        settings,
        seeds,
        report,
        floor=0.5,
        resolution=1 / 2000,
        search_seeds=search_seeds,
    )
