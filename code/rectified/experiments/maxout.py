"""Maxout units: what a maximum of affine pieces can make, exactly and by training.

Chapter: maxout.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from rectified.activations import maxout, maxout_prime
from rectified.experiments.pairs import (
    CLOSER_SEEDS,
    accuracy_on_pairs,
    compare_on_pairs,
    network_for_pairs,
)
from rectified.network import MLP

__all__ = [
    "ADAM_GRID",
    "ADAM_SETTINGS",
    "GRID",
    "KINDS",
    "SETTINGS",
    "MaxoutMLP",
    "accuracy_at_equal_size",
    "compare_at_equal_size",
    "fit_one_unit",
    "make_network",
    "piece_values",
    "tangent_pieces",
]


def tangent_pieces(function, derivative, k, low=-1.0, high=1.0):
    """Tangents to a curve at the midpoints of k equal cells.

    Parameters
    ----------
    function, derivative : callable
        The curve and its slope, both of arrays.
    k : int
        Tangents, at least 1.
    low, high : float
        The interval that the cells divide.

    Returns
    -------
    slopes, intercepts : ndarray of shape (k,)

    Raises
    ------
    ValueError
        If ``k`` is below 1 or the interval is empty.

    Examples
    --------
    >>> tangent_pieces(np.square, lambda x: 2 * x, 2)
    (array([-1.,  1.]), array([-0.25, -0.25]))
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not low < high:
        raise ValueError(f"low must be below high, not {low} and {high}")
    midpoints = low + (high - low) * (np.arange(k) + 0.5) / k
    slopes = derivative(midpoints)
    return slopes, function(midpoints) - slopes * midpoints


def piece_values(x, slopes, intercepts):
    """The k affine pieces at the points x, of shape (points, k).

    Parameters
    ----------
    x : array_like of shape (points,)
    slopes, intercepts : array_like of shape (k,)

    Returns
    -------
    ndarray of shape (points, k)

    Examples
    --------
    >>> piece_values([0.0, 1.0], slopes=[-1.0, 1.0], intercepts=[0.0, 0.0])
    array([[ 0.,  0.],
           [-1.,  1.]])
    """
    return np.outer(x, slopes) + np.asarray(intercepts)


class MaxoutMLP(MLP):
    """A multilayer perceptron whose hidden units are maxout units of k pieces each.

    Parameters
    ----------
    sizes : sequence of int
        Units per layer, the input first.
    pieces : int
        k, at least 1.
    loss, initialization, bias, seed
        As for ``MLP``.

    Raises
    ------
    ValueError
        If ``pieces`` is below 1.

    Notes
    -----
    A hidden layer holds weights of shape (fan_in, units * pieces), the pieces of a unit side by
    side.  Chapter: maxout.  Source: Goodfellow et al. (2013).

    Examples
    --------
    >>> MaxoutMLP([64, 34, 10], pieces=2).n_parameters
    4770
    """

    def __init__(self, sizes, pieces, **settings):
        if pieces < 1:
            raise ValueError(f"pieces must be at least 1, not {pieces}")
        self.pieces = pieces
        super().__init__(sizes, activation="identity", **settings)

    def layer_shapes(self, sizes):
        """Hidden layers have one column per piece."""
        *hidden, output = super().layer_shapes(sizes)
        return [(fan_in, units * self.pieces) for fan_in, units in hidden] + [output]

    def _pieces_of(self, z):
        return z.reshape(len(z), -1, self.pieces)

    def activate(self, layer, z):
        """The largest piece of each hidden unit; the output layer is that of MLP."""
        if layer == len(self.weights) - 1:
            return super().activate(layer, z)
        return maxout(self._pieces_of(z), axis=2)

    def pre_activation_gradient(self, layer, z, error):
        """Route each unit's error to its winning piece."""
        if layer == len(self.weights) - 1:
            return super().pre_activation_gradient(layer, z, error)
        return (error[:, :, None] * maxout_prime(self._pieces_of(z), axis=2)).reshape(z.shape)


@dataclass(frozen=True)
class OneUnitFit:
    """One trained maxout unit.

    Attributes
    ----------
    slopes, intercepts : ndarray of shape (k,)
    largest_error : float
        Against the target on the grid that it was trained on.
    silent_before, silent_after : int
        Pieces that win at no point of the grid, before and after training.
    """

    slopes: np.ndarray
    intercepts: np.ndarray
    largest_error: float
    silent_before: int
    silent_after: int


def _silent(values):
    """How many pieces win nowhere."""
    return values.shape[1] - len(np.unique(values.argmax(axis=1)))


def fit_one_unit(target, k, seed, steps=2000, learning_rate=0.1):
    """Fit one maxout unit of k pieces to a curve on [-1, 1] by gradient descent.

    Parameters
    ----------
    target : callable
        The curve, of an array.
    k : int
        Pieces, at least 1.
    seed : int
        Sets the initial slopes and intercepts, drawn from N(0, 1).
    steps : int, default 2000
        Full-batch gradient steps on the mean squared error over 101 equally spaced points.
    learning_rate : float, default 0.1

    Returns
    -------
    OneUnitFit

    Examples
    --------
    >>> round(fit_one_unit(np.square, k=1, seed=0).largest_error, 2)  # a flat line at the mean
    0.66
    """
    x = np.linspace(-1.0, 1.0, 101)
    goal = target(x)
    slopes, intercepts = np.random.default_rng(seed).normal(size=(2, k))
    silent_before = _silent(piece_values(x, slopes, intercepts))
    for _ in range(steps):
        values = piece_values(x, slopes, intercepts)
        error = (maxout(values, axis=1) - goal)[:, None] * maxout_prime(values, axis=1) / len(x)
        slopes -= learning_rate * (error * x[:, None]).sum(axis=0)
        intercepts -= learning_rate * error.sum(axis=0)
    values = piece_values(x, slopes, intercepts)
    return OneUnitFit(
        slopes,
        intercepts,
        float(np.abs(maxout(values, axis=1) - goal).max()),
        silent_before,
        _silent(values),
    )


# --- networks of equal size on pairs of digits ------------------------------------------------

#: The contestants: hidden units per layer, and pieces per unit (0 is linear, 1 is ReLU).  They hold
#: between 8,166 and 8,386 parameters.  Two layers of 14 and 16 units of 4 pieces, searched over the
#: same grids, stayed behind two of 26 units of 2 pieces.
KINDS = {
    "linear": ((64,), 0),
    "ReLU, 64 units": ((64,), 1),
    "maxout, 32 units of 2": ((32,), 2),
    "maxout, 16 units of 4": ((16,), 4),
    "maxout, 8 units of 8": ((8,), 8),
    "ReLU, 46 and 46 units": ((46, 46), 1),
    "maxout, 26 and 26 units of 2": ((26, 26), 2),
}


def make_network(kind, gain=1.0, seed=0):
    """Build one of the compared networks, untrained.

    Parameters
    ----------
    kind : str
        A name in ``KINDS``.
    gain : float, default 1.0
        The initial weights are He's times this.
    seed : int, default 0

    Returns
    -------
    MLP
        For 128 inputs and two classes.

    Examples
    --------
    >>> [make_network(kind).n_parameters for kind in KINDS]
    [8386, 8386, 8322, 8290, 8274, 8190, 8166]
    """
    hidden, _ = KINDS[kind]
    return network_for_pairs(_what_makes(kind), gain, seed, hidden)


def _what_makes(kind):
    pieces = KINDS[kind][1]
    return partial(MaxoutMLP, pieces=pieces) if pieces > 1 else "relu" if pieces else "identity"


def accuracy_at_equal_size(kind, learning_rate, gain=1.0, seed=0, epochs=5, **settings):
    """Train one contestant on pairs of digits, and test it.

    Parameters
    ----------
    kind : str
        A name in ``KINDS``.
    learning_rate, gain, seed, epochs, **settings
        As in ``accuracy_on_pairs``.

    Returns
    -------
    float
        Test accuracy; NaN if training diverged.

    Examples
    --------
    >>> accuracy_at_equal_size("maxout, 8 units of 8", 0.2, gain=0.25, epochs=1) > 0.6
    True
    """
    hidden, _ = KINDS[kind]
    return accuracy_on_pairs(
        _what_makes(kind), learning_rate, gain, seed, hidden, epochs, **settings
    )


#: The settings that ``make bench PART=search`` tries, with plain SGD and with Adam, for 5 epochs,
#: on pairs of training digits alone.
GRID = {
    "learning_rate": [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6],
    "gain": [0.06, 0.09, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0],
}
ADAM_GRID = {
    "learning_rate": [0.0003, 0.001, 0.003, 0.01, 0.03],
    "gain": [0.06, 0.09, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0],
}

#: What it found.  With Adam the 64 ReLUs do as well (to a thousandth) at a gain of 0.06, the edge.
#: The linear network guesses best the less it moves.
SETTINGS = {
    "linear": {"learning_rate": 0.025, "gain": 0.06},
    "ReLU, 64 units": {"learning_rate": 0.1, "gain": 0.12},
    "maxout, 32 units of 2": {"learning_rate": 0.1, "gain": 0.25},
    "maxout, 16 units of 4": {"learning_rate": 0.2, "gain": 0.18},
    "maxout, 8 units of 8": {"learning_rate": 0.2, "gain": 0.12},
    "ReLU, 46 and 46 units": {"learning_rate": 0.4, "gain": 0.7},
    "maxout, 26 and 26 units of 2": {"learning_rate": 0.4, "gain": 0.5},
}
ADAM_SETTINGS = {
    "linear": {"learning_rate": 0.0003, "gain": 0.06},
    "ReLU, 64 units": {"learning_rate": 0.001, "gain": 0.09},
    "maxout, 32 units of 2": {"learning_rate": 0.001, "gain": 0.18},
    "maxout, 16 units of 4": {"learning_rate": 0.003, "gain": 0.12},
    "maxout, 8 units of 8": {"learning_rate": 0.003, "gain": 0.25},
    "ReLU, 46 and 46 units": {"learning_rate": 0.003, "gain": 0.35},
    "maxout, 26 and 26 units of 2": {"learning_rate": 0.003, "gain": 0.35},
}


def _scored(kind, adam):
    how = {"optimizer": "adam"} if adam else {}
    return partial(accuracy_at_equal_size, kind, **how)


def compare_at_equal_size(kinds=tuple(KINDS), seeds=range(5), adam=False, report=None):
    """Compare ReLU and maxout with as many parameters, each at its own best settings.

    Parameters
    ----------
    kinds : sequence of str
        Names in ``KINDS``.
    seeds : iterable of int, default range(5)
    adam : bool, default False
        Train with Adam in place of plain SGD.
    report : callable, optional
        Called with a contestant's name and its scores as soon as they are known; ``print`` will do.

    Returns
    -------
    Comparison
        Compares test accuracies.

    Notes
    -----
    Source: Goodfellow et al. (2013).

    Examples
    --------
    >>> fair = compare_at_equal_size(["linear", "maxout, 8 units of 8"], seeds=[0, 1])
    >>> fair.difference("maxout, 8 units of 8", "linear").mean > 0.3
    True
    """
    trained = "5 epochs of Adam" if adam else "5 epochs of plain SGD"
    settings = ADAM_SETTINGS if adam else SETTINGS
    contestants = {kind: _scored(kind, adam) for kind in kinds}
    trained = f"about 8,300 parameters, {trained}"
    return compare_on_pairs(trained, contestants, settings, seeds, report, CLOSER_SEEDS)
