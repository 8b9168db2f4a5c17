"""The experiments: their networks against finite differences, their laws by another way."""

import numpy as np
import pytest

from rectified import condition_number
from rectified.experiments.centering import (
    exact_condition,
    output_moments,
    same_sign_limit,
    same_sign_share,
    shifted_features,
)
from rectified.experiments.training import SparseMLP


def penalised(network, x, target):
    """SparseMLP's loss with the penalty that its gradient feels."""
    hidden = network.forward(x)[1][1:-1]
    penalty = network.penalty * sum(np.abs(output).sum() for output in hidden) / len(x)
    return network.evaluate(x, target) + penalty


@pytest.mark.parametrize(
    ("network", "loss"),
    [
        (SparseMLP([4, 5, 6, 3], penalty=0.3, bias="uniform"), penalised),
    ],
    ids=["sparse"],
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


# --- pieces ---------------------------------------------------------------------------------


# --- centring -------------------------------------------------------------------------------


def test_one_sample_moves_every_weight_with_one_sign():
    assert same_sign_share("relu", 1) == same_sign_share("sigmoid", 1) == 1.0


def test_the_mean_of_relu_of_a_normal_number():
    moments = output_moments("relu")
    assert moments.mean == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
    assert moments.ratio == pytest.approx(1 / np.sqrt(np.pi - 1), rel=1e-3)


def test_the_exact_condition_number_against_drawn_features():
    drawn = condition_number(shifted_features(1.0, samples=200_000))
    assert drawn == pytest.approx(21.0, rel=0.05)
    relu = np.maximum(np.random.default_rng(0).normal(size=(200_000, 20)), 0)
    assert exact_condition(output_moments("relu")) == pytest.approx(
        condition_number(relu), rel=0.05
    )


def test_the_limit_of_the_same_sign_share_against_a_large_batch():
    limit = same_sign_limit(output_moments("sigmoid").ratio)
    assert same_sign_share("sigmoid", 256, trials=1000) == pytest.approx(limit, abs=0.06)
