"""ReLU, tanh and sigmoid on pairs of digits: each at its own best."""

from itertools import product

import numpy as np
import pytest

from rectified import MLP, split_digits, train
from rectified.experiments.pairs import pairs_for
from rectified.experiments.strengths import (
    GRIDS,
    SETTINGS,
    compare_activations,
    learn_pairs,
    learn_square,
    scaled_normal,
    search_settings,
    write_tanh_as_sigmoid,
)

SEARCHED = [(key, name) for key, grids in GRIDS.items() for name in grids if name != "linear"]


@pytest.mark.parametrize(("key", "name"), SEARCHED, ids=str)
def test_no_neighbouring_setting_is_clearly_better(key, name):
    optimizer, depth = key
    grid, chosen = GRIDS[key][name], SETTINGS[key][name]
    cross = {}
    for setting, values in grid.items():
        at = values.index(chosen[setting])
        assert 0 < at < len(values) - 1, "the best lies at the edge: look further"
        row = {each: [chosen[each]] for each in grid} | {setting: values[at - 1 : at + 2]}
        cross |= search_settings(name, depth, optimizer, row).scores
    assert max(cross.values()) <= cross[tuple(chosen.values())] + 0.005 + 1e-9


def test_in_twelve_layers_tanh_is_ahead_on_the_digits_at_the_best_of_three_rates_each():
    digits, best = split_digits(), {}
    for activation, factor in [("tanh", 1), ("relu", np.sqrt(2))]:
        scores = []
        for rate in (0.03, 0.1, 0.3):
            found = []
            for seed in range(5):
                network = MLP(
                    [64, *[64] * 12, 10],
                    activation,
                    seed=seed,
                    initialization=scaled_normal(factor),
                )
                settings = {"learning_rate": rate, "epochs": 5, "seed": seed}
                history = train(network, digits.x_train, digits.y_train, **settings)
                right = 0 if history.diverged else network.accuracy(digits.x_test, digits.y_test)
                found.append(right)
            scores.append(np.mean(found))
        best[activation] = max(scores)
    assert best["tanh"] > 0.9 > best["relu"] + 0.05


@pytest.mark.parametrize("key", [("sgd", 6), ("adam", 2)], ids=str)
def test_the_contests_are_fair(key):
    """All contestants of those two; the chapter's own cells check plain descent with two layers."""
    optimizer, depth = key
    comparison, _ = compare_activations(depth, optimizer, look=False)
    # With six layers five seeds may miss a lead of 0.04; the chapter takes twenty.
    assert all(comparison.checks(least=0.03 if depth == 2 else 0.05).values())
    lead = comparison.difference("relu", "tanh")
    assert lead.mean > 0.01
    assert lead.seen == (depth == 2)
    if optimizer == "sgd":
        assert comparison.difference("relu", "sigmoid").seen
        assert comparison.difference("tanh", "sigmoid").seen


def test_twenty_seeds_see_the_lead_in_six_layers():
    """Five are on the edge of it."""
    comparison, _ = compare_activations(6, names=["relu", "tanh"], seeds=range(20), look=False)
    lead = comparison.difference("relu", "tanh")
    assert lead.seen and 0.015 < lead.mean < 0.035 and 0.007 < lead.half_width < 0.015


def test_with_one_hidden_layer_tanh_leads_as_twenty_seeds_see():
    comparison, _ = compare_activations(1, seeds=range(20), look=False)
    assert all(comparison.checks().values())
    lead = comparison.difference("tanh", "relu")
    assert lead.seen and 0.006 < lead.mean < 0.02


def test_with_a_factor_for_each_layer_about_three_fifths_of_the_lead_are_left():
    """The factors are the best of their neighbours, and twenty seeds see the lead."""

    def accuracy(name, factors, seed):
        pairs = pairs_for(seed)
        network = MLP([128, 64, 64, 2], name, initialization=scaled_normal(1), seed=seed)
        for weight, factor in zip(network.weights, factors, strict=True):
            weight *= factor
        train(network, pairs.x_train, pairs.y_train, learning_rate=0.6, epochs=5, seed=seed)
        return network.accuracy(pairs.x_test, pairs.y_test)

    chosen = {"relu": (0.35, 0.5, 2.0), "tanh": (0.35, 2.0, 2.0)}
    for name, best in chosen.items():
        beside = [best]
        for layer, factor in product(range(3), (0.7, 1.4)):
            beside.append((*best[:layer], best[layer] * factor, *best[layer + 1 :]))
        means = [np.mean([accuracy(name, each, s) for s in range(100, 108)]) for each in beside]
        assert max(means) < means[0] + 0.005
    relu, tanh = ([accuracy(name, chosen[name], s) for s in range(20)] for name in chosen)
    leads = np.subtract(relu, tanh)
    assert 0.02 < np.mean(leads) < 0.035
    assert 2.093 * np.std(leads, ddof=1) / np.sqrt(20) < 0.01
    one_factor, _ = compare_activations(2, names=["relu", "tanh"], seeds=range(20), look=False)
    assert 0.45 < np.mean(leads) / one_factor.difference("relu", "tanh").mean < 0.75


def test_chosen_for_speed_relu_needs_about_a_third_of_the_steps_of_tanh():
    fastest = {"relu": (1.0, 1.0), "tanh": (0.6, 1.4)}
    needed = {
        name: np.mean(
            [learn_pairs(name, *own, s, epochs=2).steps_to(0.25) for s in (100, 101, 102)]
        )
        for name, own in fastest.items()
    }
    assert 25 < needed["relu"] < 40 and 80 < needed["tanh"] < 100


def test_relu_leads_after_three_times_as_many_epochs_too():
    comparison, _ = compare_activations(2, names=["relu", "tanh"], epochs=15, look=False)
    assert comparison.difference("relu", "tanh").seen
    assert comparison.difference("relu", "tanh").mean > 0.02


@pytest.mark.parametrize("depth", [1, 3])
def test_a_disguised_network_computes_the_same_and_back_propagates_it(depth):
    sizes = [5, *[7] * depth, 3]
    plain, hidden = (
        MLP(sizes, name, initialization=scaled_normal(1), seed=2) for name in ("tanh", "sigmoid")
    )
    for network in (plain, hidden):
        for bias in network.biases:
            bias += np.random.default_rng(len(bias)).normal(size=len(bias))
    write_tanh_as_sigmoid(hidden)
    x, labels = np.random.default_rng(0).normal(size=(20, 5)), np.arange(20) % 3
    assert np.allclose(plain.predict(x), hidden.predict(x))
    # A sigmoid network's weight is two or four times as large, so its gradient is the smaller.
    ours, theirs = plain.gradients(x, labels), hidden.gradients(x, labels)
    assert np.allclose(ours[0], 2 * theirs[0])


@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0, 3.0])
def test_six_layers_of_sigmoid_with_xavier_weights_learn_at_no_rate(rate):
    digits = split_digits()
    network = MLP([64, *[64] * 6, 10], "sigmoid", initialization=scaled_normal(1), seed=0)
    train(network, digits.x_train, digits.y_train, learning_rate=rate, epochs=5)
    assert network.accuracy(digits.x_test, digits.y_test) < 0.2


def six_sigmoids(start, epochs, seed):
    digits = split_digits()
    network = MLP([64, *[64] * 6, 10], "sigmoid", initialization=scaled_normal(1), seed=seed)
    if start == "weights only":
        write_tanh_as_sigmoid(network)
        for bias in network.biases:
            bias[:] = 0
    train(network, digits.x_train, digits.y_train, learning_rate=0.6, epochs=epochs, seed=seed)
    return network.accuracy(digits.x_test, digits.y_test)


def test_with_the_weights_of_the_disguise_alone_six_layers_learn_in_twenty_epochs():
    assert max(six_sigmoids("weights only", 5, seed) for seed in range(3)) < 0.85
    assert min(six_sigmoids("weights only", 20, seed) for seed in range(3)) > 0.93
    assert six_sigmoids("xavier", 20, seed=0) < 0.2


def test_after_forty_epochs_twelve_layers_read_as_many_from_xaviers_weights_as_from_hes():
    digits, found = split_digits(), {}
    for factor in (1, np.sqrt(2)):
        right = []
        for seed in range(3):
            network = MLP([64, *[64] * 12, 10], initialization=scaled_normal(factor), seed=seed)
            train(network, digits.x_train, digits.y_train, learning_rate=0.1, epochs=40, seed=seed)
            right.append(network.accuracy(digits.x_test, digits.y_test))
        found[factor] = np.mean(right)
    assert all(right > 0.9 for right in found.values())
    assert np.ptp(list(found.values())) < 0.02


@pytest.mark.parametrize(("rate", "low", "high"), [(0.2, 0.1, 0.35), (0.1, 0, 0.02)])
def test_a_good_start_may_still_be_lost_to_a_long_step(rate, low, high):
    runs = [learn_square("relu", learning_rate=rate, seed=seed) for seed in range(100)]
    good = [run for run in runs if np.all(run.start[[0, -1]] > 0)]
    assert 15 < len(good) < 40
    assert low <= np.mean([run.failed for run in good]) <= high


def test_in_narrow_towers_many_a_signal_fades_with_he_weights():
    alive = {}
    for width in (16, 128):
        sizes = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            a = rng.normal(size=(200, width))
            for _ in range(30):
                a = np.maximum(0, a @ rng.normal(0, np.sqrt(2 / width), size=(width, width)))
            sizes.append(np.sqrt(np.mean(a**2)))
        alive[width] = np.mean([0.1 < size < 10 for size in sizes])
    assert alive[128] == 1 and alive[16] < 0.75
