"""ReLU, tanh and sigmoid compared where a bend is needed, each with its own rate and weights.

Chapter: strengths.
"""

import math
from dataclasses import dataclass

import numpy as np

from rectified.experiments.design import search
from rectified.experiments.pairs import (
    SEARCH_SEEDS,
    compare_on_pairs,
    network_for_pairs,
    pairs_for,
)
from rectified.network import MLP, DivergedError, train

__all__ = [
    "CONTESTANTS",
    "GRIDS",
    "SETTINGS",
    "OutputRun",
    "PairsRun",
    "scaled_normal",
    "compare_activations",
    "write_tanh_as_sigmoid",
    "learn_pairs",
    "learn_square",
    "search_settings",
]

#: "sigmoid" starts as a tanh network in disguise (``write_tanh_as_sigmoid``); "linear" has no
#: bend.
CONTESTANTS = ("relu", "tanh", "sigmoid", "linear")

#: What was searched, on the seeds 100 to 102 and on pairs of training digits alone, by optimiser
#: and number of hidden layers: learning rates, and factors on weights of spread 1/√inputs (for
#: sigmoid, on those of the hidden tanh).
GRIDS = {
    ("sgd", 1): {
        "relu": {"rate": [0.3, 0.6, 1.0, 1.4], "factor": [0.18, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4]},
        "tanh": {"rate": [0.1, 0.3, 0.6, 1.0, 1.4], "factor": [0.35, 0.5, 0.7, 1.0, 1.4]},
        "linear": {"rate": [0.03, 0.1, 0.3], "factor": [0.7, 1.0, 1.4]},
    },
    ("sgd", 2): {
        "relu": {"rate": [0.1, 0.3, 0.6, 1.0], "factor": [0.35, 0.5, 0.7, 1.0, 1.4]},
        "tanh": {"rate": [0.1, 0.3, 0.6, 1.0], "factor": [0.7, 1.0, 1.4, 2.0]},
        "sigmoid": {"rate": [1.0, 2.0, 4.0, 8.0], "factor": [0.7, 1.0, 1.4, 2.0]},
        "linear": {"rate": [0.03, 0.1, 0.3], "factor": [0.7, 1.0, 1.4]},
    },
    ("sgd", 6): {
        "relu": {"rate": [0.1, 0.2, 0.3, 0.6, 1.0], "factor": [0.85, 1.0, 1.2, 1.4]},
        "tanh": {"rate": [0.1, 0.2, 0.3, 0.6, 1.0], "factor": [0.85, 1.0, 1.2, 1.4, 2.0]},
        "sigmoid": {"rate": [0.3, 0.6, 1.0, 2.0], "factor": [0.85, 1.0, 1.2, 1.4, 2.0]},
        "linear": {"rate": [0.003, 0.01, 0.03], "factor": [0.7, 1.0, 1.4]},
    },
    ("adam", 2): {
        "relu": {
            "rate": [0.001, 0.002, 0.005, 0.01, 0.02],
            "factor": [0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0],
        },
        "tanh": {"rate": [0.001, 0.002, 0.005, 0.01, 0.02], "factor": [0.35, 0.5, 0.7, 1.0, 1.4]},
        "linear": {"rate": [0.001, 0.005], "factor": [0.7, 1.0]},
    },
}
#: What it found: the best, or what is within half a point in a hundred of it.
SETTINGS = {
    ("sgd", 1): {
        "relu": {"rate": 1.0, "factor": 0.35},
        "tanh": {"rate": 0.3, "factor": 1.0},
        "linear": {"rate": 0.1, "factor": 1.0},
    },
    ("sgd", 2): {
        "relu": {"rate": 0.6, "factor": 0.5},
        "tanh": {"rate": 0.6, "factor": 1.0},
        "sigmoid": {"rate": 4.0, "factor": 1.0},
        "linear": {"rate": 0.1, "factor": 1.0},
    },
    ("sgd", 6): {
        "relu": {"rate": 0.6, "factor": 1.2},
        "tanh": {"rate": 0.6, "factor": 1.2},
        "sigmoid": {"rate": 1.0, "factor": 1.4},
        "linear": {"rate": 0.01, "factor": 1.0},
    },
    ("adam", 2): {
        "relu": {"rate": 0.01, "factor": 0.35},
        "tanh": {"rate": 0.005, "factor": 1.0},
        "linear": {"rate": 0.001, "factor": 1.0},
    },
}


def scaled_normal(factor):
    """An initialisation: weights from a bell of spread ``factor`` / √inputs.

    >>> scaled_normal(1.0)(400, 300, np.random.default_rng(0)).std().round(3)  # 1 / 20
    np.float64(0.05)
    """
    return lambda n_in, n_out, rng: rng.normal(0.0, factor / math.sqrt(n_in), (n_in, n_out))


def write_tanh_as_sigmoid(network):
    """Rewrite a network of tanh units, in place, as one of sigmoid units that computes the same.

    It uses tanh z = 2 σ(2z) - 1: what goes into a sigmoid is doubled, what comes out of it is
    doubled and shifted.  Hidden weights become four times as large.

    >>> tanh = MLP([3, 4, 4, 2], activation="tanh", seed=1)
    >>> sigmoid = MLP([3, 4, 4, 2], activation="sigmoid", seed=1)
    >>> write_tanh_as_sigmoid(sigmoid)
    >>> np.allclose(tanh.predict(np.eye(3)), sigmoid.predict(np.eye(3)))
    True
    """
    last = len(network.weights) - 1
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        if layer > 0:  # what comes in is 2a - 1 for a sigmoid's output a
            bias -= weight.sum(axis=0)
            weight *= 2
        if layer < last:  # what goes in is 2z
            weight *= 2
            bias *= 2


@dataclass(frozen=True)
class PairsRun:
    """Result of training one network on pairs of digits.

    Attributes
    ----------
    test_accuracy : float
        At the end; NaN if it diverged.
    steps : ndarray
        Steps at which the error was measured, every fifth one.
    error : ndarray
        The share of the first 300 training pairs that it then got wrong; empty if not recorded.
    """

    test_accuracy: float
    steps: np.ndarray
    error: np.ndarray

    def steps_to(self, error):
        """Steps until the training error was first at most ``error``; infinite if never."""
        reached = np.flatnonzero(self.error <= error)
        return float(self.steps[reached[0]]) if len(reached) else math.inf


def learn_pairs(
    name, rate, factor, seed=0, *, depth=2, epochs=5, optimizer="sgd", width=64, batch=64, look=True
):
    """Train a network on pairs of digits, with the question whether their sum is even.

    Parameters
    ----------
    name : str
        A name in ``CONTESTANTS``.
    rate, factor : float
        The learning rate; the weights come from a bell of spread ``factor`` / √inputs.
    seed : int, default 0
        Sets the weights and the order of the pairs.
    depth, width : int
        Hidden layers, and units in each.
    epochs, batch : int
        An epoch has 94 steps of batches of 64.
    optimizer : str, default "sgd"
    look : bool, default True
        Record the training error on the way.

    Returns
    -------
    PairsRun

    Examples
    --------
    >>> learn_pairs("relu", 0.3, 0.7, epochs=1, look=False).test_accuracy > 0.6
    True
    """
    pairs = pairs_for(seed)
    kind = "identity" if name == "linear" else name
    network = network_for_pairs(
        kind, seed=seed, hidden=[width] * depth, initialization=scaled_normal(factor)
    )
    if name == "sigmoid":
        write_tanh_as_sigmoid(network)
    looks = []

    def measure(step):
        if look and step % 5 == 0:
            guess = network.predict(pairs.x_train[:300]).argmax(axis=1)
            looks.append((step, np.mean(guess != pairs.y_train[:300])))

    settings = {"learning_rate": rate, "epochs": epochs, "batch_size": batch}
    settings |= {"seed": seed, "optimizer": optimizer, "after_step": measure}
    train(network, pairs.x_train, pairs.y_train, **settings)
    try:
        test_accuracy = network.accuracy(pairs.x_test, pairs.y_test)
    except DivergedError:
        test_accuracy = math.nan
    steps, error = np.transpose(looks) if looks else (np.array([]), np.array([]))
    return PairsRun(test_accuracy, steps, error)


def search_settings(name, depth=2, optimizer="sgd", grid=None, epochs=5):
    """Find a contestant's learning rate and factor on the search seeds.

    Parameters
    ----------
    name : str
    depth : int
    optimizer : str
    grid : dict, optional
        ``GRIDS[optimizer, depth][name]`` if not given.
    epochs : int

    Returns
    -------
    Search

    Notes
    -----
    A full grid takes about a minute; what it found is in ``SETTINGS``.
    """

    def run(rate, factor, seed):
        return learn_pairs(
            name, rate, factor, seed, depth=depth, optimizer=optimizer, epochs=epochs, look=False
        ).test_accuracy

    return search(run, grid or GRIDS[optimizer, depth][name], SEARCH_SEEDS)


def compare_activations(depth=2, optimizer="sgd", names=None, seeds=range(5), **changes):
    """Let the contestants learn the pairs, each with its own settings, and compare.

    Parameters
    ----------
    depth : int, default 2
        Hidden layers, 1, 2 or 6.
    optimizer : str, default "sgd"
        Or "adam", with two hidden layers.
    names : sequence of str, optional
        All that have settings, if not given.
    seeds : iterable of int
    **changes
        Further arguments of ``learn_pairs``, to test how far a verdict holds.

    Returns
    -------
    comparison : Comparison
        Compares accuracies on the test pairs.
    runs : dict of str to list of PairsRun
    """
    settings = SETTINGS[optimizer, depth]
    settings = {name: settings[name] for name in names or settings}
    changes = {"depth": depth, "optimizer": optimizer} | changes
    runs = {name: [] for name in settings}

    def contestant(name):
        def run(seed, **own):
            runs[name].append(learn_pairs(name, seed=seed, **own, **changes))
            return runs[name][-1].test_accuracy

        return run

    trained = f"{depth} hidden layers of 64, {optimizer}, batches of 64, "
    trained += f"{changes.get('epochs', 5)} epochs"
    contestants = {name: contestant(name) for name in settings}
    return compare_on_pairs(trained, contestants, settings, seeds), runs


@dataclass(frozen=True)
class OutputRun:
    """Result of training a network with one output on y = x², from -1 to 1.

    Attributes
    ----------
    x, prediction, start : ndarray of shape (41,)
        Inputs, outputs after training, and before it.
    share_zero : float
        The share of the inputs for which the trained output is exactly 0.
    error : float
        Root mean squared error.
    """

    x: np.ndarray
    prediction: np.ndarray
    start: np.ndarray
    share_zero: float
    error: float

    @property
    def failed(self):
        """Whether the output is stuck at 0 for at least two fifths of the inputs."""
        return self.share_zero >= 0.4


def learn_square(
    output_activation,
    steps=300,
    learning_rate=0.2,
    hidden=32,
    output_bias=0.0,
    initialization="he",
    seed=0,
):
    """Learn y = x² at 41 points of [-1, 1] with a given activation on the output.

    Parameters
    ----------
    output_activation : str
        A name in ``ACTIVATIONS``.
    steps : int
        Of full-batch gradient descent.
    learning_rate : float
    hidden : int
        ReLU units in the one hidden layer; zero biases.
    output_bias : float
        Where the output unit's bias starts.
    initialization : str or callable
        As of ``MLP``.
    seed : int

    Returns
    -------
    OutputRun

    Examples
    --------
    >>> learn_square("identity", steps=50).failed
    False
    """
    x = np.linspace(-1.0, 1.0, 41)[:, None]
    network = MLP(
        [1, hidden, 1],
        output_activation=output_activation,
        loss="squared_error",
        initialization=initialization,
        seed=seed,
    )
    network.biases[-1] += output_bias
    start = network.predict(x)
    train(network, x, x**2, learning_rate=learning_rate, epochs=steps, batch_size=41, seed=seed)
    prediction = network.predict(x)
    return OutputRun(
        x[:, 0],
        prediction[:, 0],
        start[:, 0],
        float(np.mean(prediction == 0.0)),
        float(np.sqrt(np.mean((prediction - x**2) ** 2))),
    )
