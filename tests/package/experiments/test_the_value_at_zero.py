"""The value at zero: the emulated 16 bits are those of NumPy, and the training is the package's."""

import numpy as np
import pytest

from rectified.datasets import split_digit_pairs
from rectified.experiments.the_value_at_zero import rounding, train_with_value_at_zero
from rectified.network import MLP


def test_sixteen_bits_round_each_result_to_a_number_of_sixteen_bits():
    kind, rounded = rounding(16)
    drawn = np.random.default_rng(0).normal(size=10_000).astype(kind)
    found = rounded(drawn)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, drawn.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(rounded(found), found)


def test_other_precisions_are_refused():
    with pytest.raises(ValueError):
        rounding(8)


def test_in_64_bits_it_starts_from_the_package_s_network():
    run = train_with_value_at_zero(0.0, seed=2, epochs=0)
    network = MLP([128, 64, 64, 2], seed=2)
    np.testing.assert_array_equal(
        run.weights, np.concatenate([p.ravel() for p in network.parameters])
    )
    data = split_digit_pairs(n_train=2000, n_test=2000)
    assert run.accuracy == network.accuracy(data.x_test, data.y_test)


def test_the_backward_pass_is_the_package_s():
    """Two hundred steps of the package, in the same order, lead to the same weights."""
    run = train_with_value_at_zero(0.0, seed=1, epochs=2)
    network = MLP([128, 64, 64, 2], seed=1)
    data, order = split_digit_pairs(n_train=2000, n_test=2000), np.random.default_rng(1001)
    for _ in range(2):
        for batch in np.split(order.permutation(2000), range(64, 2000, 64)):
            gradients = network.gradients(data.x_train[batch], data.y_train[batch])
            for parameter, gradient in zip(network.parameters, gradients, strict=True):
                parameter -= 0.3 * gradient
    ours = np.concatenate([p.ravel() for p in network.parameters])
    np.testing.assert_allclose(run.weights, ours, rtol=1e-9, atol=1e-12)
