"""The relatives of ReLU: their functions, the network of random leaks, the design."""

import numpy as np
import pytest

from rectified import ACTIVATIONS
from rectified.experiments.design import search
from rectified.experiments.leaky_relu import leaky_of, on_pairs
from rectified.experiments.side_relatives import (
    GRID,
    RELATIVES,
    SEARCH_SEEDS,
    SETTINGS,
    TINY,
    TINY_GRID,
    RandomLeakMLP,
    accuracy_of,
    compare_relatives,
    selu,
    squared_relu,
    tabulated,
)
from tests.package.experiments.neighbours import rate_is_best


@pytest.mark.parametrize("relative", [selu, squared_relu], ids=["selu", "squared relu"])
def test_a_derivative_against_central_differences(relative):
    z, step = np.array([-3.0, -0.5, 0.5, 2.0]), 1e-6
    numeric = (relative.function(z + step) - relative.function(z - step)) / (2 * step)
    np.testing.assert_allclose(relative.derivative(z), numeric, atol=1e-8)


def test_the_table_of_gelu_is_as_good_as_gelu():
    z, exact = np.linspace(-12, 12, 1001), ACTIVATIONS["gelu"]
    table = tabulated(exact)
    np.testing.assert_allclose(table.function(z), exact.function(z), atol=1e-6)
    np.testing.assert_allclose(table.derivative(z), exact.derivative(z), atol=1e-6)


def test_random_leaks_are_drawn_in_training_only_and_the_gradient_uses_the_same_ones():
    network = RandomLeakMLP([4, 6, 3], seed=1)
    x = np.random.default_rng(0).normal(size=(5, 4))
    z, outputs = network.forward(x)
    assert not np.array_equal(outputs[1], network.forward(x)[1][1])
    z, outputs = network.forward(x)
    slopes = outputs[1] / z[0]
    assert np.all((slopes == 1.0) | ((1 / 8 <= slopes) & (slopes <= 1 / 3)))
    np.testing.assert_allclose(network.error_before(0, z[0], np.ones_like(z[0])), slopes)
    assert np.array_equal(network.predict(x), network.predict(x))


@pytest.mark.parametrize("name", ["GELU", "SELU"])
def test_the_recorded_rate_is_no_worse_than_its_neighbours(name):
    def mean(place):
        return np.mean([accuracy_of(name, seed=seed, **place) for seed in SEARCH_SEEDS])

    assert rate_is_best(mean, SETTINGS[name], GRID)
    assert set(SETTINGS) == set(RELATIVES)


def test_on_other_seeds_the_large_leak_is_behind_and_selu_is_not():
    others = compare_relatives(["linear", "ReLU", "leaky 0.3", "SELU"], seeds=range(5, 10))
    assert others.difference("ReLU", "leaky 0.3").seen
    assert not others.difference("ReLU", "SELU").seen and others.too_weak(0.03) == []


@pytest.mark.parametrize(("name", "slope"), [("ReLU", 0.0), ("leaky 0.3", 0.3)])
def test_the_settings_of_four_layers_of_four(name, slope):
    def run(seed, **place):
        return on_pairs(leaky_of(slope), seed=seed, hidden=(4,) * 4, epochs=6, **place).accuracy

    found = search(run, TINY_GRID, seeds=(100, 101, 102, 103))
    assert TINY[name] == (found.best["learning_rate"], found.best["gain"])
