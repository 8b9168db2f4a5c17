"""Zeros: how sparse a ReLU network is before and after training, with and without a penalty.

Chapter: sparsity.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from rectified.datasets import split_digits
from rectified.diagnostics import sparsity
from rectified.network import MLP, train

__all__ = ["SparseMLP", "SparsityRun", "train_sparse"]

_digits = cache(split_digits)


class SparseMLP(MLP):
    """A multilayer perceptron that pays for every unit of hidden output.

    To the loss of each sample it adds ``penalty`` times the sum of the sizes of its hidden
    outputs, which the chain rule feels as ``penalty * sign(output)`` at every hidden layer.

    Parameters
    ----------
    sizes : sequence of int
    penalty : float
        0 gives an ordinary network.
    **settings
        As of ``MLP``.

    Notes
    -----
    Source: Glorot, Bordes and Bengio (2011).

    Examples
    --------
    >>> SparseMLP([64, 32, 10], penalty=0.03).penalty
    0.03
    """

    def __init__(self, sizes, penalty, **settings):
        super().__init__(sizes, **settings)
        self.penalty = penalty

    def pre_activation_gradient(self, layer, z, error):
        """The chain rule of MLP, with the penalty added at each hidden layer's outputs."""
        if layer < len(self.weights) - 1:
            error = error + self.penalty * np.sign(self.activate(layer, z)) / len(z)
        return super().pre_activation_gradient(layer, z, error)


@dataclass(frozen=True)
class SparsityRun:
    """The share of hidden outputs that are 0 on the test digits, over all hidden layers."""

    before: float
    after: float
    test_accuracy: float


def train_sparse(penalty=0.0, hidden=(64, 64), epochs=20, learning_rate=0.1, seed=0):
    """Measure a ReLU network's sparsity on the digits before and after training.

    Parameters
    ----------
    penalty : float
        On the hidden outputs, see ``SparseMLP``.
    hidden : tuple of int
    epochs : int
    learning_rate : float
    seed : int

    Returns
    -------
    SparsityRun

    Notes
    -----
    Standardised digits, He, plain SGD, batches of 64.
    Source: Glorot, Bordes and Bengio (2011).

    Examples
    --------
    >>> 0.4 < train_sparse(epochs=1).before < 0.6
    True
    """
    digits = _digits()
    network = SparseMLP([64, *hidden, 10], penalty, seed=seed)
    before = float(sparsity(network, digits.x_test).mean())
    train(
        network,
        digits.x_train,
        digits.y_train,
        learning_rate=learning_rate,
        epochs=epochs,
        seed=seed,
    )
    after = float(sparsity(network, digits.x_test).mean())
    return SparsityRun(before, after, network.accuracy(digits.x_test, digits.y_test))
