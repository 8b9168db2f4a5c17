"""Maxout units: what a maximum of affine pieces can make, exactly and by training."""

from dataclasses import dataclass

import numpy as np

from rectified.activations import maxout, maxout_prime
from rectified.datasets import split_digits
from rectified.network import MLP, train

__all__ = [
    "DigitsResult",
    "MaxoutMLP",
    "compare_on_digits",
    "fit_one_unit",
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

    Notes
    -----
    Chapter: Maxout

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

    Notes
    -----
    Chapter: Maxout

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
    side.  Chapter: Maxout.  Source: Goodfellow et al. (2013).

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
        """The largest piece of each hidden unit; the output layer stays linear."""
        if layer == len(self.weights) - 1:
            return z
        return maxout(self._pieces_of(z), axis=2)

    def error_before(self, layer, z, error):
        """Hand each unit's error to its winning piece alone."""
        if layer == len(self.weights) - 1:
            return error
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
        Of the initial slopes and intercepts, normal with standard deviation 1.
    steps : int, default 2000
        Full-batch gradient steps on the mean squared error over 101 equally spaced points.
    learning_rate : float, default 0.1

    Returns
    -------
    OneUnitFit

    Notes
    -----
    Chapter: Maxout

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


@dataclass(frozen=True)
class DigitsResult:
    """One kind of network on the digits.

    Attributes
    ----------
    units, n_parameters : int
    accuracy : ndarray of shape (seeds,)
        On the test part, between 0 and 1.
    """

    units: int
    n_parameters: int
    accuracy: np.ndarray


def compare_on_digits(seeds=range(5), epochs=10, learning_rate=0.05):
    """Train ReLU and maxout networks of one hidden layer on the standardised digits.

    Three kinds: 64 ReLU units; maxout units of 2 and of 4 pieces with as many *parameters*
    (34 and 18 units); and the same with as many *units* (64).

    Parameters
    ----------
    seeds : iterable of int, default range(5)
        Of the initial weights and of the order of the samples; the split stays the same.
    epochs : int, default 10
        Of mini-batches of 64, momentum 0.9, He initialisation, biases 0.
    learning_rate : float, default 0.05

    Returns
    -------
    dict of str to DigitsResult

    Notes
    -----
    Chapter: Maxout.  Source: Goodfellow et al. (2013).

    Examples
    --------
    >>> results = compare_on_digits(seeds=[0], epochs=1)
    >>> [result.n_parameters for result in results.values()]
    [4810, 4770, 4870, 8970, 17290]
    """
    kinds = {
        "ReLU, 64 units": (64, 1),
        "maxout k=2, 34 units": (34, 2),
        "maxout k=4, 18 units": (18, 4),
        "maxout k=2, 64 units": (64, 2),
        "maxout k=4, 64 units": (64, 4),
    }
    split = split_digits()
    results = {}
    for name, (units, pieces) in kinds.items():
        accuracy = []
        for seed in seeds:
            network = _digits_network(units, pieces, seed)
            train(
                network,
                split.x_train,
                split.y_train,
                learning_rate=learning_rate,
                epochs=epochs,
                momentum=0.9,
                seed=seed,
            )
            accuracy.append(network.accuracy(split.x_test, split.y_test))
        results[name] = DigitsResult(units, network.n_parameters, np.array(accuracy))
    return results


def _digits_network(units, pieces, seed):
    if pieces == 1:
        return MLP([64, units, 10], seed=seed)
    return MaxoutMLP([64, units, 10], pieces, seed=seed)
