"""Maxout: gradients, the error of tangents, equal sizes, and whether the settings are the best."""

import numpy as np
import pytest

from rectified import maxout
from rectified.experiments.maxout import (
    ADAM_GRID,
    ADAM_SETTINGS,
    GRID,
    KINDS,
    SETTINGS,
    MaxoutMLP,
    accuracy_at_equal_size,
    compare_at_equal_size,
    make_network,
    piece_values,
    tangent_pieces,
)
from rectified.experiments.pairs import CLOSER_SEEDS
from tests.package.experiments.neighbours import gains

TWO_LAYERS = ("ReLU, 46 and 46 units", "maxout, 26 and 26 units of 2")


@pytest.mark.parametrize(
    "network",
    [MaxoutMLP([4, 5, 6, 3], pieces=3, bias="uniform"), MaxoutMLP([4, 5, 3], pieces=1)],
    ids=["3 pieces", "1 piece"],
)
def test_the_gradient_against_finite_differences(network):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    gradients, step = network.gradients(x, labels), 1e-6
    for parameter, gradient in zip(network.parameters, gradients, strict=True):
        assert parameter.shape == gradient.shape
        for index in np.ndindex(parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + step
            above = network.evaluate(x, labels)
            parameter[index] = kept - step
            below = network.evaluate(x, labels)
            parameter[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("k", [1, 2, 3, 7, 20])
def test_tangents_to_a_parabola_are_off_by_one_over_k_squared(k):
    x = np.linspace(-1, 1, 20 * k + 1)  # holds the ends of all cells, where the gap is largest
    pieces = piece_values(x, *tangent_pieces(np.square, lambda t: 2 * t, k))
    gap = x**2 - maxout(pieces, axis=1)
    assert gap.min() >= -1e-12 and gap.max() == pytest.approx(1 / k**2)


@pytest.mark.parametrize(
    ("found", "grid"), [(SETTINGS, GRID), (ADAM_SETTINGS, ADAM_GRID)], ids=["sgd", "adam"]
)
def test_no_setting_lies_at_the_edge(found, grid):
    for kind, chosen in found.items():
        for setting, values in grid.items():
            assert kind == "linear" or values[0] < chosen[setting] < values[-1]


def test_the_contestants_are_of_equal_size():
    sizes = [make_network(kind).n_parameters for kind in KINDS]
    assert max(sizes) / min(sizes) < 1.03


def test_the_comparison_by_adam_keeps_its_design_and_the_gain_stands():
    """That by plain descent is checked by the chapter's own cells."""
    comparison = compare_at_equal_size(adam=True)
    assert all(comparison.checks().values()), comparison.checks()
    gain = comparison.difference("maxout, 8 units of 8", "ReLU, 64 units")
    assert gain.seen and gain.mean > 0.02
    deeper = comparison.difference("ReLU, 46 and 46 units", "maxout, 8 units of 8")
    assert deeper.seen and deeper.mean > 0.01
    two_layers = comparison.difference(*TWO_LAYERS)
    assert not two_layers.seen and two_layers.half_width < 0.03


def test_on_twelve_seeds_no_difference_is_seen_between_two_layers_of_relu_and_of_maxout():
    two_layers = compare_at_equal_size(TWO_LAYERS, seeds=range(12)).difference(*TWO_LAYERS)
    assert not two_layers.seen and two_layers.half_width < 0.03


@pytest.mark.parametrize("kind", ["ReLU, 64 units", "maxout, 8 units of 8"])
@pytest.mark.parametrize(
    ("grid", "settings", "how"),
    [(GRID, SETTINGS, {}), (ADAM_GRID, ADAM_SETTINGS, {"optimizer": "adam", "epochs": 5})],
    ids=["sgd", "adam"],
)
def test_no_neighbouring_setting_is_clearly_better(kind, grid, settings, how):
    def mean(place):
        return np.mean([accuracy_at_equal_size(kind, seed=s, **place, **how) for s in CLOSER_SEEDS])

    assert not any(gain > 0.005 for gain in gains(mean, settings[kind], grid).values())
