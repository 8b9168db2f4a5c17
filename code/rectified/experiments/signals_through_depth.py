"""Batch normalisation and shortcuts in a multilayer perceptron, and the deaths of its units.

Chapter: signals-through-depth.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from rectified.datasets import split_digits
from rectified.diagnostics import dead_units
from rectified.network import MLP, DivergedError, train

__all__ = ["KINDS", "BatchNormMLP", "Count", "ShortcutMLP", "deaths"]

_digits = cache(split_digits)


class BatchNormMLP(MLP):
    """Each hidden unit's sums get mean 0 and variance 1 over the batch; then its bias is added.

    The mean and the variance are those of whatever batch the network is given.  The bias is the
    shift that batch normalisation learns; there is no learned scale.

    Source: Ioffe and Szegedy (2015).

    >>> network = BatchNormMLP([3, 4, 2])
    >>> z = network.forward(np.eye(3))[0][0]
    >>> bool(np.allclose(z.mean(axis=0), 0))
    True
    """

    tiny = 1e-12  # keeps a unit whose sums are all equal from a division by 0

    def forward(self, x):
        """As ``MLP.forward``; the pre-activations are what goes into the activation."""
        pre_activations, outputs, self.spreads = [], [x], []
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = outputs[-1] @ weight
            if layer < len(self.weights) - 1:
                self.spreads.append(np.sqrt(z.var(axis=0) + self.tiny))
                z = (z - z.mean(axis=0)) / self.spreads[-1]
            pre_activations.append(z + bias)
            outputs.append(self.activate(layer, pre_activations[-1]))
        return pre_activations, outputs

    def backward(self, pre_activations, outputs, target):
        """As ``MLP.backward``, for the batch that ``forward`` saw last."""
        error = self.loss.gradient(outputs[-1], target)
        weight_gradients, bias_gradients = [], []
        for layer in reversed(range(len(self.weights))):
            error = self.pre_activation_gradient(layer, pre_activations[layer], error)
            bias_gradients.insert(0, error.sum(axis=0))
            if layer < len(self.weights) - 1:
                normal = pre_activations[layer] - self.biases[layer]
                # A shift or a stretch of all sums changes nothing: that part of the error goes.
                error = error - error.mean(axis=0) - normal * (error * normal).mean(axis=0)
                error = error / self.spreads[layer]
            weight_gradients.insert(0, outputs[layer].T @ error)
            if layer > 0:
                error = error @ self.weights[layer].T
        return weight_gradients + bias_gradients


class ShortcutMLP(MLP):
    """Each hidden layer but the first adds its output to what came in.

    Source: He et al. (2016), with one layer in each block.

    >>> ShortcutMLP([3, 4, 4, 2]).forward(np.eye(3))[1][2].shape
    (3, 4)
    """

    def _adds(self, layer):
        return 0 < layer < len(self.weights) - 1

    def forward(self, x):
        """As ``MLP.forward``."""
        pre_activations, outputs = [], [x]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            pre_activations.append(outputs[-1] @ weight + bias)
            output = self.activate(layer, pre_activations[-1])
            outputs.append(output + outputs[-1] if self._adds(layer) else output)
        return pre_activations, outputs

    def backward(self, pre_activations, outputs, target):
        """As ``MLP.backward``."""
        error = self.loss.gradient(outputs[-1], target)
        weight_gradients, bias_gradients = [], []
        for layer in reversed(range(len(self.weights))):
            along = error if self._adds(layer) else 0.0
            error = self.pre_activation_gradient(layer, pre_activations[layer], error)
            weight_gradients.insert(0, outputs[layer].T @ error)
            bias_gradients.insert(0, error.sum(axis=0))
            if layer > 0:
                error = error @ self.weights[layer].T + along
        return weight_gradients + bias_gradients


#: The three kinds of network by name.
KINDS = {"plain": MLP, "batch normalisation": BatchNormMLP, "shortcuts": ShortcutMLP}


class Count(NamedTuple):
    """Hidden units of one network that ``deaths`` counted."""

    first: int  #: dead before the first step
    died: int  #: dead at the end and not before; NaN if training diverged
    woke: int  #: dead before and not at the end; NaN if training diverged
    accuracy: float  #: on the test digits; NaN if training diverged


def deaths(kind, rate, depth=6, epochs=5, seed=0, batch_size=64):
    """Train on pixels from 0 to 1 and count the hidden units that die in training.

    Parameters
    ----------
    kind : str
        A name in ``KINDS``.
    rate : float
        The learning rate.
    depth : int, default 6
        Hidden layers of 64 units, He weights.
    epochs : int
    seed : int
    batch_size : int, default 64

    Returns
    -------
    Count

    Examples
    --------
    >>> deaths("batch normalisation", 0.1, epochs=1)[:3]
    (0, 0, 0)
    """
    digits = _digits(standardize=False)
    pixels = digits.x_train / 16
    network = KINDS[kind]([64] + [64] * depth + [10], seed=seed)
    if kind == "shortcuts":  # the sum of all blocks is to be as large as one layer
        for weight in network.weights[1:-1]:
            weight /= np.sqrt(depth)
    before = np.hstack(dead_units(network, pixels))
    training = {"learning_rate": rate, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    train(network, pixels, digits.y_train, **training)
    try:
        accuracy = network.accuracy(digits.x_test / 16, digits.y_test)
    except DivergedError:
        return Count(int(before.sum()), np.nan, np.nan, np.nan)
    after = np.hstack(dead_units(network, pixels))
    died, woke = np.sum(after & ~before), np.sum(before & ~after)
    return Count(int(before.sum()), int(died), int(woke), accuracy)
