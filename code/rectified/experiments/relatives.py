"""The relatives of ReLU beyond leaky ReLU, compared on pairs of digits with Adam.

Chapter: relatives.
"""

from functools import partial

import numpy as np

from rectified.activations import ACTIVATIONS, Activation, elu, elu_prime, leaky_relu
from rectified.experiments.leaky_relu import PReluMLP, leaky_of
from rectified.experiments.pairs import (
    CLOSER_SEEDS,
    accuracy_on_pairs,
    compare_on_pairs,
    network_for_pairs,
    pairs_for,
)
from rectified.gates import squared_relu, squared_relu_prime
from rectified.network import MLP, train

__all__ = [
    "SQUARED_RELU",
    "GRID",
    "LEAKS",
    "NARROW",
    "NARROW_GRID",
    "RELATIVES",
    "SETTINGS",
    "TINY",
    "TINY_GRID",
    "RandomLeakMLP",
    "accuracy_of",
    "compare_relatives",
    "curved_part",
    "follow_curved_part",
    "selu",
    "tabulated",
]

# Klambauer et al. (2017): with these, mean 0 and variance 1 pass a layer unchanged.
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772

#: Scaled ELU, and the square of ReLU, as pairs (function, derivative).
selu = Activation(lambda z: SCALE * elu(z, ALPHA), lambda z: SCALE * elu_prime(z, ALPHA))
SQUARED_RELU = Activation(squared_relu, squared_relu_prime)


def tabulated(activation, end=9.0, points=18_001):
    """An activation by linear interpolation: GELU's error function is slow in plain Python.

    Parameters
    ----------
    activation : Activation
        Close to 0 left of ``-end``, to the identity right of ``end``.
    end : float, default 9.0
    points : int, default 18_001
        Number of table entries, equally spaced.

    Returns
    -------
    Activation
        Within 1e-6 of the original.

    Examples
    --------
    >>> tabulated(ACTIVATIONS["gelu"]).function(np.array([-2.0, 0.0, 2.0])).round(3)
    array([-0.046,  0.   ,  1.954])
    """
    z = np.linspace(-end, end, points)

    def looked_up(table):
        rises = np.append(np.diff(table), 0.0)

        def look_up(x):  # the points are equally spaced: no search for the place as in np.interp
            place = np.clip((x + end) * ((points - 1) / (2 * end)), 0, points - 1)
            left = np.nan_to_num(place).astype(np.intp)
            return table[left] + (place - left) * rises[left]

        return look_up

    value, slope = looked_up(activation.function(z)), looked_up(activation.derivative(z))
    return Activation(lambda x: np.where(x > end, x, value(x)), slope)


class RandomLeakMLP(MLP):
    """A multilayer perceptron with randomised leaky ReLU (RReLU).

    In training each negative pre-activation is divided by a random number, drawn anew between 3
    and 8; a prediction divides by the middle, 5.5.

    Notes
    -----
    Source: Xu et al. (2015).

    Examples
    --------
    >>> network = RandomLeakMLP([2, 3, 1], loss="squared_error")
    >>> x = np.ones((1, 2))
    >>> bool(np.all(network.predict(x) == network.predict(x)))
    True
    """

    def __init__(self, sizes, seed=0, **settings):
        super().__init__(sizes, seed=seed, **settings)
        self._rng, self._predicting = np.random.default_rng([seed, 2]), False
        self._slopes = [None] * (len(sizes) - 1)

    def activate(self, layer, z):
        """The output of a layer, from its pre-activations."""
        if layer == len(self.weights) - 1:
            return super().activate(layer, z)
        divisor = 5.5 if self._predicting else self._rng.uniform(3.0, 8.0, z.shape)
        self._slopes[layer] = np.where(z > 0.0, 1.0, 1.0 / divisor)
        return z * self._slopes[layer]

    def pre_activation_gradient(self, layer, z, error):
        """The loss's gradient in a layer's pre-activations, from that in its output."""
        if layer == len(self.weights) - 1:
            return super().pre_activation_gradient(layer, z, error)
        return error * self._slopes[layer]

    def predict(self, x):
        """The network's output, with the fixed slope."""
        self._predicting = True
        try:
            return super().predict(x)
        finally:
            self._predicting = False


#: The contestants: an activation, or the class of a network that has its own.
RELATIVES = {
    "linear": ACTIVATIONS["identity"],
    "ReLU": ACTIVATIONS["relu"],
    "leaky 0.3": leaky_of(0.3),
    "PReLU": PReluMLP,
    "RReLU": RandomLeakMLP,
    "ELU": ACTIVATIONS["elu"],
    "SELU": selu,
    "softplus": ACTIVATIONS["softplus"],
    "GELU": tabulated(ACTIVATIONS["gelu"]),
    "SiLU": ACTIVATIONS["silu"],
    "squared ReLU": SQUARED_RELU,
}

#: The settings that ``make bench PART=search`` tries, with Adam for 5 epochs, on pairs of training
#: digits alone.  Near the best it is flat: six places mostly lie within half a point in a hundred.
GRID = {
    "learning_rate": [0.0003, 0.001, 0.003, 0.01, 0.03],
    "gain": [0.09, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4],
}

#: What it found.
SETTINGS = {
    "linear": {"learning_rate": 0.001, "gain": 0.12},
    "ReLU": {"learning_rate": 0.003, "gain": 0.35},
    "leaky 0.3": {"learning_rate": 0.003, "gain": 0.18},
    "PReLU": {"learning_rate": 0.01, "gain": 0.25},
    "RReLU": {"learning_rate": 0.01, "gain": 0.18},
    "ELU": {"learning_rate": 0.01, "gain": 0.35},
    "SELU": {"learning_rate": 0.01, "gain": 0.35},
    "softplus": {"learning_rate": 0.01, "gain": 1.0},
    "GELU": {"learning_rate": 0.003, "gain": 0.5},
    "SiLU": {"learning_rate": 0.003, "gain": 0.7},
    "squared ReLU": {"learning_rate": 0.003, "gain": 0.35},
}

#: Leaky ReLUs of other slopes, from the absolute value on, and what the same search found for each.
LEAKS = {
    -1.0: {"learning_rate": 0.003, "gain": 0.5},
    -0.5: {"learning_rate": 0.003, "gain": 0.7},
    0.1: {"learning_rate": 0.01, "gain": 0.18},
    0.5: {"learning_rate": 0.01, "gain": 0.7},
    0.7: {"learning_rate": 0.001, "gain": 0.18},
    0.9: {"learning_rate": 0.003, "gain": 1.0},
}

#: Four hidden layers of four units, plain SGD for 6 epochs: what was tried, and the best
#: (rate, gain) among it.  A test makes the search again.
TINY_GRID = {"learning_rate": [0.1, 0.3, 0.6, 1.0], "gain": [0.5, 0.7, 1.0, 1.4]}
TINY = {"ReLU": (0.6, 0.7), "leaky 0.3": (0.3, 0.7)}

#: Six hidden layers of ten units, plain SGD for 10 epochs: likewise; for ReLU and slope 0.3 alike.
NARROW_GRID = {"learning_rate": [0.1, 0.2, 0.4, 0.8], "gain": [0.5, 0.7, 1.0, 1.4]}
NARROW = (0.4, 1.0)


def accuracy_of(name, learning_rate, gain=1.0, seed=0, **settings):
    """Train one relative on pairs of digits for five epochs of Adam, and test it.

    Parameters
    ----------
    name : str
        In ``RELATIVES``.
    learning_rate, gain : float
        The initial weights are He's times the gain.
    seed : int, default 0
    **settings
        Passed to ``accuracy_on_pairs``, to test how far a verdict holds.

    Returns
    -------
    float
        Test accuracy; NaN if training diverged.

    Examples
    --------
    >>> accuracy_of("SiLU", 0.003, epochs=1) > 0.6
    True
    """
    settings = {"optimizer": "adam"} | settings
    return accuracy_on_pairs(RELATIVES[name], learning_rate, gain, seed, **settings)


def compare_relatives(names=tuple(RELATIVES), seeds=range(5), report=None):
    """Compare relatives of ReLU, each at its own best rate and initial weights.

    Parameters
    ----------
    names : sequence of str
        In ``RELATIVES``.
    seeds : iterable of int, default range(5)
    report : callable, optional
        Called with a contestant's name and its scores as soon as they are known; ``print`` will do.

    Returns
    -------
    Comparison
        Compares test accuracies.

    Examples
    --------
    >>> compare_relatives(["linear", "ELU"], seeds=[0, 1]).difference("ELU", "linear").mean > 0.2
    True
    """
    contestants = {name: partial(accuracy_of, name) for name in names}
    trained = "128-64-64-2, 5 epochs of Adam"
    return compare_on_pairs(trained, contestants, SETTINGS, seeds, report, CLOSER_SEEDS)


def curved_part(pre_activation, output):
    """The share of a unit's output that no straight line in its pre-activation accounts for.

    1 - r**2, with r the correlation of the two over the samples: 0 for a line, 1 for an absolute
    value whose pre-activations lie evenly around 0.

    Parameters
    ----------
    pre_activation, output : ndarray of shape (n_samples, n_units)

    Returns
    -------
    ndarray of shape (n_units,)
        NaN where one of the two is the same for all samples.

    Examples
    --------
    >>> z = np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]])
    >>> curved_part(z, np.abs(z) * [0, 1] + z * [1, 0])
    array([0., 1.])
    """
    z = pre_activation - np.mean(pre_activation, axis=0)
    answer = output - np.mean(output, axis=0)
    together, own = np.mean(z * answer, axis=0), np.mean(z**2, axis=0) * np.mean(answer**2, axis=0)
    return 1 - np.divide(together**2, own, out=np.full_like(own, np.nan), where=own > 0)


def follow_curved_part(name, seed=0):
    """Train one relative at its own settings, and look at its hidden layers on the test pairs.

    Parameters
    ----------
    name : str
        In ``RELATIVES``.
    seed : int, default 0

    Returns
    -------
    tuple of two ndarrays of shape (2, 2)
        Before and after training: a row for each hidden layer, with the mean curved part of its
        units and the mean standard deviation of their pre-activations.

    Notes
    -----
    With RReLU both are those of a prediction, of the fixed slope.

    Examples
    --------
    >>> before, after = follow_curved_part("linear")
    >>> bool(np.all(np.abs(after[:, 0]) < 1e-9))
    True
    """
    own, data = SETTINGS[name], pairs_for(seed)
    network = network_for_pairs(RELATIVES[name], own["gain"], seed)
    random = isinstance(network, RandomLeakMLP)

    def look():
        output, found = data.x_test, []
        for layer in (0, 1):
            z = output @ network.weights[layer] + network.biases[layer]
            output = leaky_relu(z, 1 / 5.5) if random else network.activate(layer, z)
            found.append([np.nanmean(curved_part(z, output)), z.std(axis=0).mean()])
        return np.array(found)

    before = look()
    settings = {"learning_rate": own["learning_rate"], "epochs": 5, "optimizer": "adam"}
    train(network, data.x_train, data.y_train, seed=seed, **settings)
    return before, look()
