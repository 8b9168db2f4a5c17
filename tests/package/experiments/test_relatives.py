"""The relatives of ReLU: their functions, the network of random leaks, the design."""

import numpy as np
import pytest

from rectified import ACTIVATIONS
from rectified.experiments.design import Comparison
from rectified.experiments.leaky_relu import leaky_of, on_pairs
from rectified.experiments.pairs import (
    CLOSER_SEEDS,
    SEARCH_SEEDS,
    accuracy_on_pairs,
    search_closely,
)
from rectified.experiments.relatives import (
    GRID,
    LEAKS,
    NARROW,
    NARROW_GRID,
    RELATIVES,
    SETTINGS,
    SQUARED_RELU,
    TINY,
    TINY_GRID,
    RandomLeakMLP,
    accuracy_of,
    compare_relatives,
    curved_part,
    follow_curved_part,
    selu,
    tabulated,
)
from tests.package.experiments.neighbours import gains, rate_is_best


@pytest.mark.parametrize("relative", [selu, SQUARED_RELU], ids=["selu", "squared relu"])
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
    np.testing.assert_allclose(network.pre_activation_gradient(0, z[0], np.ones_like(z[0])), slopes)
    assert np.array_equal(network.predict(x), network.predict(x))


@pytest.mark.parametrize("name", ["GELU", "SELU"])
def test_the_recorded_rate_is_no_worse_than_its_neighbours(name):
    def mean(place):
        return np.mean([accuracy_of(name, seed=seed, **place) for seed in CLOSER_SEEDS])

    assert rate_is_best(mean, SETTINGS[name], GRID)
    assert set(SETTINGS) == set(RELATIVES)


def test_no_setting_lies_at_the_edge_of_the_grid():
    for own in [*SETTINGS.values(), *LEAKS.values()]:
        for setting, values in GRID.items():
            assert values[0] < own[setting] < values[-1]


def test_on_twenty_other_seeds_six_are_behind_and_three_level():
    others = compare_relatives(seeds=range(5, 25))
    table = {"leaky 0.3": 0.024, "RReLU": 0.012, "SELU": 0.011, "ELU": 0.008}
    table |= {"softplus": 0.006, "squared ReLU": 0.006}
    for name, behind in table.items():
        found = others.difference("ReLU", name)
        assert found.seen and abs(found.mean - behind) < 0.003, name
    for name in ("GELU", "SiLU", "PReLU"):
        found = others.difference("ReLU", name)
        assert not found.seen and abs(found.mean) < 0.003, name


def test_in_ten_epochs_the_large_leak_and_selu_come_nearer():
    mean = {
        name: np.mean([accuracy_of(name, **SETTINGS[name], seed=s, epochs=10) for s in range(10)])
        for name in ("ReLU", "leaky 0.3", "SELU")
    }
    assert abs(mean["ReLU"] - mean["leaky 0.3"] - 0.013) < 0.004
    assert abs(mean["ReLU"] - mean["SELU"] - 0.0045) < 0.003


def on_slope(slope, seed, **place):
    return accuracy_on_pairs(leaky_of(slope), seed=seed, optimizer="adam", **place)


def test_the_recorded_rate_of_a_slope_is_no_worse_than_its_neighbours():
    def mean(place):
        return np.mean([on_slope(0.5, seed, **place) for seed in CLOSER_SEEDS])

    assert rate_is_best(mean, LEAKS[0.5], GRID)


def test_on_other_seeds_too_accuracy_falls_to_both_sides_of_relu():
    settings = LEAKS | {0.0: SETTINGS["ReLU"], 0.3: SETTINGS["leaky 0.3"]}
    at = {
        slope: np.mean([on_slope(slope, seed, **own) for seed in range(5, 10)])
        for slope, own in settings.items()
    }
    assert at[0.0] > at[0.3] + 0.01 and at[0.3] > at[0.5] + 0.03
    assert at[0.5] > at[0.7] + 0.01 and at[0.7] > at[0.9] + 0.03
    assert at[0.0] > at[-0.5] + 0.01 and at[-0.5] > at[-1.0] + 0.01
    assert abs(at[0.1] - at[0.0]) < 0.012


def test_curved_part_against_closed_forms():
    z = np.linspace(-6, 6, 6_001)
    many = np.repeat(z, np.round(1000 * np.exp(-(z**2) / 2)).astype(int))[:, None]  # a bell
    found = {slope: curved_part(many, leaky_of(slope).function(many))[0] for slope in (0, 0.3, -1)}
    line, own = 0.5 * 1.3, 0.5 * 1.09 - (0.7**2) / (2 * np.pi)
    assert abs(found[0] - (1 - np.pi / (2 * np.pi - 2))) < 0.001
    assert abs(found[0.3] - (1 - line**2 / own)) < 0.001 and abs(found[-1] - 1) < 1e-6
    assert abs(curved_part(many, 3 - 2 * many)[0]) < 1e-9
    assert np.isnan(curved_part(many, np.ones_like(many)))[0]


def test_on_other_seeds_too_those_behind_relu_bend_less_in_layer_1_and_only_the_leaks_in_layer_2():
    part = {
        name: np.mean([follow_curved_part(name, seed)[1][:, 0] for seed in (1, 2)], axis=0)
        for name in RELATIVES
    }
    leaks, smooth = ("leaky 0.3", "RReLU"), ("SELU", "ELU", "softplus")
    level = ("ReLU", "GELU", "SiLU", "PReLU")
    assert max(part[name][0] for name in (*leaks, *smooth)) < min(part[name][0] for name in level)
    assert max(part[name][1] for name in leaks) < 0.2 < 0.25 < min(part[name][1] for name in smooth)
    assert part["softplus"][1] > part["ReLU"][1] + 0.1


def on_narrow_pairs(name, hidden, epochs):
    activation = leaky_of({"ReLU": 0.0, "leaky 0.3": 0.3}[name])

    def run(seed, **place):
        return on_pairs(activation, seed=seed, hidden=hidden, epochs=epochs, **place).accuracy

    return run


@pytest.mark.parametrize("name", ["ReLU", "leaky 0.3"])
def test_the_settings_of_four_layers_of_four(name):
    found = search_closely(on_narrow_pairs(name, (4,) * 4, epochs=6), TINY_GRID)
    assert found.scores[TINY[name]] > max(found.scores.values()) - 0.005


@pytest.mark.parametrize("name", ["ReLU", "leaky 0.3"])
def test_the_setting_of_six_layers_of_ten_is_the_best_of_its_neighbours(name):
    run = on_narrow_pairs(name, (10,) * 6, epochs=10)

    def mean(place):
        return np.mean([run(seed, **place) for seed in SEARCH_SEEDS])

    chosen = dict(zip(NARROW_GRID, NARROW, strict=True))
    assert not any(gain > 0 for gain in gains(mean, chosen, NARROW_GRID).values())


def test_in_six_layers_of_ten_twenty_other_seeds_see_no_lead_of_the_leak():
    found = {}
    for name in ("ReLU", "leaky 0.3"):
        run = on_narrow_pairs(name, (10,) * 6, epochs=10)
        chosen = dict(zip(NARROW_GRID, NARROW, strict=True))
        found[name] = np.array([run(seed, **chosen) for seed in range(20, 40)])
    lead = np.nanmean(found["leaky 0.3"]) - np.nanmean(found["ReLU"])
    assert abs(lead) < 0.01 and np.isnan(found["leaky 0.3"]).sum() == 1


def test_in_four_layers_of_four_the_leak_is_ahead_also_where_both_learn():
    """Twenty seeds are too few to tell: see the seeds 20 to 39."""
    scores, seeds = {}, tuple(range(20, 100))
    for name, place in TINY.items():
        settings = dict(zip(TINY_GRID, place, strict=True))
        run = on_narrow_pairs(name, (4,) * 4, epochs=6)
        scores[name] = np.array([run(seed, **settings) for seed in seeds])
    lead = Comparison("pairs", scores, seeds=seeds).difference("leaky 0.3", "ReLU")
    assert lead.seen and 0.04 < lead.mean < 0.08
    guess = scores["ReLU"] < 0.55
    assert 3 <= guess.sum() <= 8 and not np.any(scores["leaky 0.3"] < 0.55)
    learn = {name: each[~guess] for name, each in scores.items()}
    both = Comparison("pairs", learn, seeds=tuple(range(sum(~guess))))
    assert both.difference("leaky 0.3", "ReLU").seen
    assert 0.02 < both.difference("leaky 0.3", "ReLU").mean < 0.06
    first = {name: each[:20] for name, each in scores.items()}
    few = Comparison("pairs", first, seeds=seeds[:20])
    assert not few.difference("leaky 0.3", "ReLU").seen
    assert np.sum(first["ReLU"] < 0.55) <= 2


def test_in_four_layers_the_square_only_guesses_and_the_others_do_not():
    four = {"hidden": (64,) * 4}
    for rate in (0.001, 0.003):
        for gain in (0.35, 0.7, 1.0):
            assert accuracy_of("squared ReLU", rate, gain, seed=100, **four) < 0.6
    for name in ("ReLU", "leaky 0.3", "ELU", "SELU", "softplus", "GELU", "SiLU"):
        assert accuracy_of(name, **SETTINGS[name], seed=100, **four) > 0.8, name
