"""At the kink: how often a pre-activation is exactly 0, and what the value chosen there changes."""

from dataclasses import dataclass

import numpy as np

from rectified.activations import Activation, relu, relu_prime
from rectified.datasets import split_digits
from rectified.diagnostics import check_gradient
from rectified.initialization import he
from rectified.network import MLP, train

__all__ = ["GradientsAtZero", "kinks_crossed", "share_at_zero", "train_with_value_at_zero"]


def kinks_crossed(step, seed=0, samples=20):
    """Check the gradient of a small network on the digits by central differences.

    A network 64-8-10 with He weights, on ``samples`` standardised digits.

    Parameters
    ----------
    step : float
        Of the differences, in units of the parameters.
    seed : int, default 0
        Of the network.
    samples : int, default 20

    Returns
    -------
    GradientCheck

    Notes
    -----
    Chapter: What is its slope?

    Examples
    --------
    >>> kinks_crossed(1e-6, samples=2).largest_error < 1e-6
    True
    """
    data = split_digits()
    network = MLP([64, 8, 10], seed=seed)
    return check_gradient(network, data.x_train[:samples], data.y_train[:samples], step=step)


def share_at_zero(dtype, seed=0, units=256):
    """The share of pre-activations that are exactly 0, in one layer on the digits.

    Raw digits (0 to 16), He weights, no bias; inputs, weights and sums in the precision ``dtype``.

    Parameters
    ----------
    dtype : numpy floating type
    seed : int, default 0
        Of the weights.
    units : int, default 256

    Returns
    -------
    float
        Between 0 and 1, over all pairs of a unit and a training sample.

    Notes
    -----
    Chapter: What is its slope?  Source: Bertoin et al. (2021).

    Examples
    --------
    >>> share_at_zero(np.float64, units=8)
    0.0
    """
    x = split_digits(standardize=False).x_train.astype(dtype)
    weights = he(64, units, np.random.default_rng(seed)).astype(dtype)
    return float(np.mean(x @ weights == 0.0))


@dataclass(frozen=True)
class GradientsAtZero:
    """What training with one value at zero came to.

    Attributes
    ----------
    weights : ndarray
        All the parameters at the end, in one row.
    accuracy : float
        On the test digits.
    zeros : int
        Pre-activations that were exactly 0 in a backward pass.
    seen : int
        Pre-activations in all backward passes.
    """

    weights: np.ndarray
    accuracy: float
    zeros: int
    seen: int


def train_with_value_at_zero(at_zero, seed=0, epochs=5, learning_rate=0.1):
    """Train on the digits with the derivative ``at_zero`` at the kink, and count the zeros met.

    A network 64-32-32-10 with He weights and zero biases in double precision, on standardised
    digits; SGD, mini-batches of 64.

    Parameters
    ----------
    at_zero : float
        In [0, 1].
    seed : int, default 0
        Of weights and order.
    epochs : int, default 5
    learning_rate : float, default 0.1

    Returns
    -------
    GradientsAtZero

    Notes
    -----
    Chapter: What is its slope?  Source: Bertoin et al. (2021).

    Examples
    --------
    >>> train_with_value_at_zero(0.5, epochs=0).zeros
    0
    """
    counts = np.zeros(2, dtype=int)

    def derivative(z):
        counts[:] += np.sum(z == 0.0), z.size
        return relu_prime(z, at_zero=at_zero)

    data = split_digits()
    network = MLP([64, 32, 32, 10], activation=Activation(relu, derivative), seed=seed)
    train(
        network,
        data.x_train,
        data.y_train,
        learning_rate=learning_rate,
        epochs=epochs,
        seed=seed,
    )
    weights = np.concatenate([parameter.ravel() for parameter in network.parameters])
    accuracy = network.accuracy(data.x_test, data.y_test)
    return GradientsAtZero(weights, accuracy, int(counts[0]), int(counts[1]))
