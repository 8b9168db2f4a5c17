"""The signs of gradients behind an activation, and the part of them along the mean.

Chapter: same-sign-gradients.
"""

import math
from dataclasses import dataclass

import numpy as np

from rectified.activations import ACTIVATIONS
from rectified.datasets import split_digits
from rectified.network import MLP, train

__all__ = [
    "Moments",
    "exact_part",
    "gradients_behind",
    "lean_of_errors",
    "on_digits",
    "output_moments",
    "part_along_mean",
    "same_sign",
    "same_sign_limit",
]

#: Points and weights for means over N(0, 1).
_GRID = np.linspace(-12.0, 12.0, 24_001)
_WEIGHT = np.exp(-0.5 * _GRID**2)
_WEIGHT /= _WEIGHT.sum()


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of an activation's output for z ~ N(0, 1)."""

    mean: float
    deviation: float

    @property
    def ratio(self):
        """Mean over standard deviation, which says how far from centred, in its own units."""
        return self.mean / self.deviation


def output_moments(activation):
    """Integrate an activation's output over z ~ N(0, 1).

    Parameters
    ----------
    activation : str or callable
        A name in ``ACTIVATIONS``, or a function of an array.

    Returns
    -------
    Moments

    Examples
    --------
    >>> abs(output_moments("relu").mean - 1 / math.sqrt(2 * math.pi)) < 1e-6
    True
    """
    output = _function(activation)(_GRID)
    mean = float(np.sum(_WEIGHT * output))
    return Moments(mean, math.sqrt(float(np.sum(_WEIGHT * (output - mean) ** 2))))


def _function(activation):
    return activation if callable(activation) else ACTIVATIONS[activation].function


def gradients_behind(activation, batch, error_mean=0.0, incoming=20, draws=500, seed=0):
    """Draw gradients of a unit's weights, summed over batches of independent samples.

    Parameters
    ----------
    activation : str or callable
        It makes the incoming outputs, from independent N(0, 1).
    batch : int
        Samples over which the gradient is summed.
    error_mean : float
        The unit's errors are independent, from N(error_mean, 1).
    incoming : int
        Weights of the unit.
    draws : int
        Batches drawn.
    seed : int

    Returns
    -------
    ndarray of shape (draws, incoming)
    """
    rng = np.random.default_rng(seed)
    outputs = _function(activation)(rng.normal(size=(draws, batch, incoming)))
    errors = rng.normal(error_mean, 1.0, size=(draws, 1, batch))
    return (errors @ outputs)[:, 0]


def same_sign(gradients):
    """Count how often the gradients of all of a unit's weights have the same sign.

    Parameters
    ----------
    gradients : ndarray of shape (draws, weights)

    Returns
    -------
    float
        Between 0 and 1.  A gradient of exactly 0 agrees with either sign.

    Notes
    -----
    Source: LeCun et al. (1998).

    Examples
    --------
    >>> same_sign(gradients_behind("relu", 1)), same_sign(gradients_behind("tanh", 1))
    (1.0, 0.0)
    """
    return float(np.mean(np.all(gradients >= 0.0, axis=1) | np.all(gradients <= 0.0, axis=1)))


def part_along_mean(gradients, mean=None):
    """The part of the gradients, by their squared length, that lies along a direction.

    Parameters
    ----------
    gradients : ndarray of shape (draws, weights)
    mean : ndarray of shape (weights,), optional
        The direction; if not given, all weights together.

    Returns
    -------
    float
        Between 0 and 1; 1 / weights where no direction is preferred.

    Examples
    --------
    >>> part_along_mean(np.array([[1.0, 1.0], [1.0, -1.0]]))
    0.5
    """
    mean = np.ones(gradients.shape[1]) if mean is None else mean
    along = gradients @ (mean / np.linalg.norm(mean))
    return float(np.round(np.sum(along**2) / np.sum(gradients**2), 12))


def exact_part(moments, incoming=20, batch=1, error_mean=0.0):
    r"""The part of the gradient along the mean, for independent outputs and errors.

    With the outputs' mean m and deviation s, errors from N(μ, 1) and n weights, it is
    :math:`(v + n u) / (n (v + u))` with :math:`v = s^2 (1 + \mu^2)` and
    :math:`u = m^2 (1 + B \mu^2)`: for μ = 0 the batch size B does not occur in it.

    Parameters
    ----------
    moments : Moments
    incoming, batch : int
    error_mean : float

    Returns
    -------
    float

    Examples
    --------
    >>> exact_part(Moments(0.0, 1.0), incoming=4)
    0.25
    """
    varying = moments.deviation**2 * (1.0 + error_mean**2)
    common = moments.mean**2 * (1.0 + batch * error_mean**2)
    return (varying + incoming * common) / (incoming * (varying + common))


def _after(activation, epochs, seed):
    """The digits, and a network of two hidden layers that has learned them for so many epochs."""
    digits = split_digits()
    initialization = "he" if activation == "relu" else "xavier"
    network = MLP([64, 64, 64, 10], activation, initialization=initialization, seed=seed)
    train(network, digits.x_train, digits.y_train, learning_rate=0.3, epochs=epochs, seed=seed)
    return digits, network


def lean_of_errors(activation, epochs=0, seed=0):
    """How far the errors of the second hidden layer's units lean to one side.

    Parameters
    ----------
    activation, epochs, seed
        As in ``on_digits``.

    Returns
    -------
    float
        The root mean square, over the units, of the mean of a unit's errors (the loss's gradients
        in its pre-activation) over the training digits, divided by their standard deviation.
        Units without any error are left out.

    Examples
    --------
    >>> lean_of_errors("tanh") < 0.1
    True
    """
    digits, network = _after(activation, epochs, seed)
    z, outputs = network.forward(digits.x_train)
    error = network.loss.gradient(outputs[-1], digits.y_train)
    error = network.pre_activation_gradient(2, z[2], error) @ network.weights[2].T
    error = network.pre_activation_gradient(1, z[1], error)
    error = error[:, error.any(axis=0)]
    return float(np.sqrt(np.mean((error.mean(axis=0) / error.std(axis=0)) ** 2)))


def on_digits(activation, batches, epochs=0, draws=20, seed=0):
    """Look at the gradients of the second hidden layer's units on the digits.

    Parameters
    ----------
    activation : str
        A name in ``ACTIVATIONS``; "relu" starts from He, any other from Xavier weights.
    batches : sequence of int
        Batch sizes.
    epochs : int
        Epochs of training (plain SGD, rate 0.3, batches of 64) before measuring.
    draws : int
        Random batches of each size.
    seed : int
        Sets the weights, the training and the batches.

    Returns
    -------
    ndarray of shape (2, batch sizes)
        The share of units, over all draws, whose 64 gradients share a sign; units without any
        gradient are left out.  And the part of the gradients, by their squared length, that lies
        along the mean output of the layer below: all units and draws together.

    Notes
    -----
    Standardised digits, a network 64-64-64-10.

    Examples
    --------
    >>> on_digits("relu", [1])[0]
    array([1.])
    """
    digits, network = _after(activation, epochs, seed)
    below = network.forward(digits.x_train)[1][1].mean(axis=0)
    direction = below / np.linalg.norm(below)
    rng = np.random.default_rng(seed)
    found = []
    for batch in batches:
        same, along, whole = [], 0.0, 0.0
        for _ in range(draws):
            chosen = rng.choice(len(digits.x_train), batch, replace=False)
            gradient = network.gradients(digits.x_train[chosen], digits.y_train[chosen])[1]
            gradient = gradient[:, np.any(gradient != 0.0, axis=0)]
            same.extend(np.all(gradient >= 0.0, axis=0) | np.all(gradient <= 0.0, axis=0))
            along += np.sum((direction @ gradient) ** 2)
            whole += np.sum(gradient**2)
        found.append((np.mean(same), along / whole))
    return np.transpose(found)


def same_sign_limit(ratio, incoming=20):
    r"""Chance that all gradients share a sign for a large batch of errors with mean 0.

    The gradients are then :math:`rT + N_j` up to a factor, with T and all the N_j independent
    standard normals and r the mean of the incoming outputs over their standard deviation, so the
    chance is the mean of :math:`2\Phi(rT)^n` over T.

    Parameters
    ----------
    ratio : float
        r, see ``Moments.ratio``.
    incoming : int
        n, the weights of the unit.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> same_sign_limit(0.0, incoming=3)  # 2 / 2**3
    0.25
    """
    grid, weight = _GRID[::20], _WEIGHT[::20] / _WEIGHT[::20].sum()
    phi = np.array([0.5 * math.erfc(-ratio * t / math.sqrt(2.0)) for t in grid])
    return round(float(np.sum(weight * 2.0 * phi**incoming)), 12)
