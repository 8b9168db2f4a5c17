"""Two half moons: what a network with a bend can separate and one without cannot.

Chapter: activation-functions.
"""

from dataclasses import dataclass

from rectified.datasets import two_moons
from rectified.experiments.design import Comparison
from rectified.network import MLP, train

__all__ = ["GRID", "SEARCH_SEEDS", "SETTINGS", "MoonsRun", "moons_comparison", "train_on_moons"]

#: Where each contestant's settings were looked for: the learning rate, and a factor on its weights.
GRID = {"rate": [0.1, 0.3, 1.0, 3.0], "scale": [1.0, 2.0, 4.0, 8.0]}
SEARCH_SEEDS = (100, 101, 102)
#: What was found. The three that bend are at the ceiling, so theirs are not to be compared.
SETTINGS = {
    "identity": {"rate": 0.3, "scale": 2.0},
    "sigmoid": {"rate": 3.0, "scale": 8.0},
    "tanh": {"rate": 3.0, "scale": 1.0},
    "relu": {"rate": 3.0, "scale": 1.0},
}


@dataclass(frozen=True)
class MoonsRun:
    """A trained network and its accuracy on 1,000 fresh points."""

    network: MLP
    accuracy: float


def train_on_moons(activation, seed=0, rate=None, scale=None):
    """Train a network 2-16-2 on 200 points of two half moons.

    Xavier weights times ``scale``, biases 0, plain SGD in batches of 40 for 60 epochs.

    Parameters
    ----------
    activation : str
        A name in ``SETTINGS``.
    seed : int, default 0
        Sets the points, the weights and the order of the samples.
    rate, scale : float, optional
        The activation's own in ``SETTINGS`` if not given.

    Returns
    -------
    MoonsRun

    Examples
    --------
    >>> train_on_moons("relu").accuracy > 0.9
    True
    """
    own = SETTINGS[activation]
    network = MLP([2, 16, 2], activation, initialization="xavier", seed=seed)
    for weight in network.weights:
        weight *= own["scale"] if scale is None else scale
    x, labels = two_moons(200, noise=0.1, seed=seed)
    learning_rate = own["rate"] if rate is None else rate
    train(network, x, labels, learning_rate=learning_rate, batch_size=40, epochs=60, seed=seed)
    return MoonsRun(network, network.accuracy(*two_moons(1000, noise=0.1, seed=1000 + seed)))


def moons_comparison(seeds=range(5)):
    """Compare a network without a bend and three with one, each at its own settings.

    Parameters
    ----------
    seeds : iterable of int

    Returns
    -------
    Comparison
    """
    seeds = tuple(seeds)
    return Comparison(
        setting="two half moons, one hidden layer of 16 units, plain SGD",
        scores={name: [train_on_moons(name, seed).accuracy for seed in seeds] for name in SETTINGS},
        settings=SETTINGS,
        baseline="identity",
        floor=0.5,
        ceiling=1.0,
        seeds=seeds,
        search_seeds=SEARCH_SEEDS,
        resolution=0.001,
    )
