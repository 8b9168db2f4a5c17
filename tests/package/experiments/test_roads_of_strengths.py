"""Networks of the side roads against finite differences."""

import numpy as np
import pytest

from rectified import MLP
from rectified.experiments.signals_through_depth import BatchNormMLP, ShortcutMLP
from rectified.experiments.sparsity import SparseMLP


def plain(network, x, target):
    return network.evaluate(x, target)


def penalised(network, x, target):
    """SparseMLP's loss with the penalty that its gradient feels."""
    hidden = network.forward(x)[1][1:-1]
    penalty = network.penalty * sum(np.abs(output).sum() for output in hidden) / len(x)
    return network.evaluate(x, target) + penalty


@pytest.mark.parametrize(
    ("network", "loss"),
    [
        (SparseMLP([4, 5, 6, 3], penalty=0.3, bias="uniform"), penalised),
        (BatchNormMLP([4, 5, 5, 3], activation="tanh", bias="uniform"), plain),
        (ShortcutMLP([4, 5, 5, 5, 3], activation="tanh", bias="uniform"), plain),
    ],
    ids=["sparse", "batch normalisation", "shortcuts"],
)
def test_gradients_against_finite_differences(network, loss):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    gradients, step = network.gradients(x, labels), 1e-6
    for parameter, gradient in zip(network.parameters, gradients, strict=True):
        assert parameter.shape == gradient.shape
        for index in np.ndindex(parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + step
            above = loss(network, x, labels)
            parameter[index] = kept - step
            below = loss(network, x, labels)
            parameter[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * step), abs=1e-7)


def test_without_shortcuts_the_same_network():
    shallow, same = ShortcutMLP([3, 4, 2], seed=1), MLP([3, 4, 2], seed=1)
    assert np.array_equal(shallow.predict(np.eye(3)), same.predict(np.eye(3)))
