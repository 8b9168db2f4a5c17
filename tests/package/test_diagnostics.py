"""The diagnostics, on networks built by hand whose answers are known."""

import math
import warnings

import numpy as np
import pytest

from rectified import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    Activation,
    DeathRecord,
    DeathRecorder,
    DivergedError,
    check_gradient,
    condition_number,
    dead_units,
    sparsity,
    train,
)
from rectified.experiments.leaky_relu import PReluMLP


def a_network(activation="relu", biases=(0.0, -2.0, -0.5, 5.0)):
    """One hidden layer of four units of weight 1, 1, 1 and 0 over one input."""
    network = MLP([1, 4, 1], activation, loss="squared_error")
    network.weights = [np.array([[1.0, 1.0, 1.0, 0.0]]), np.ones((4, 1))]
    network.biases = [np.array(biases), np.zeros(1)]
    return network


X = np.array([[-1.0], [0.0], [1.0]])
# Pre-activations of a_network() on X:
#   x = -1:  -1  -3  -1.5  5
#   x =  0:   0  -2  -0.5  5
#   x =  1:   1  -1   0.5  5


# --- dead units -----------------------------------------------------------------------------


def test_a_unit_is_dead_that_is_never_positive_on_all_the_data():
    (dead,) = dead_units(a_network(), X)
    assert dead.tolist() == [False, True, False, False]


def test_on_part_of_the_data_more_units_look_dead():
    (dead,) = dead_units(a_network(), X[:2])
    assert dead.tolist() == [True, True, True, False]


def test_exactly_zero_counts_as_off():
    """So does everything behind a dead layer with zero biases."""
    network = MLP([1, 2, 3, 1])
    network.weights[0][:] = -1.0
    first, second = dead_units(network, [[0.0], [1.0]])
    assert first.all() and second.all()


def test_the_output_layer_is_left_out():
    assert [len(layer) for layer in dead_units(MLP([2, 3, 5, 4]), np.ones((1, 2)))] == [3, 5]
    assert dead_units(MLP([2, 4]), np.ones((1, 2))) == []


def test_record_of_deaths():
    off, on = True, False
    record = DeathRecord(
        np.array([0, 10, 20, 30]),
        [
            np.array([[on, on], [off, on], [off, on], [off, on]]),
            np.array([[off, on, on], [on, off, on], [off, on, on], [on, off, on]]),
        ],
    )
    assert record.deaths() == [1, 3]
    assert record.revivals() == [0, 3]
    assert record.ever_dead() == [1, 2]
    assert record.ever_revived() == [0, 2]
    np.testing.assert_allclose(
        record.share_dead(), [[0, 1 / 3], [0.5, 1 / 3], [0.5, 1 / 3], [0.5, 1 / 3]]
    )


def test_recorder_looks_before_training_and_every_few_steps():
    network = a_network()
    recorder = DeathRecorder(network, X, every=2)
    for step, bias in enumerate([-9.0, -9.0, 0.0, 0.0, -9.0], start=1):
        network.biases[0][0] = bias
        recorder(step)
    record = recorder.record()
    assert record.steps.tolist() == [0, 2, 4]
    assert record.dead[0][:, 0].tolist() == [False, True, False]
    assert (record.deaths(), record.revivals()) == ([1], [1])


def test_a_dead_first_layer_unit_stays_dead_under_plain_descent():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (50, 1))
    network = a_network()
    before = network.weights[0][0, 1], network.biases[0][1]
    recorder = DeathRecorder(network, x)
    train(network, x, np.abs(x), learning_rate=0.05, epochs=20, after_step=recorder)
    assert recorder.record().dead[0][:, 1].all()
    assert (network.weights[0][0, 1], network.biases[0][1]) == before


def test_recorder_needs_a_positive_interval():
    with pytest.raises(ValueError, match="every must be at least 1"):
        DeathRecorder(a_network(), X, every=0)


# --- sparsity -------------------------------------------------------------------------------


def test_sparsity_is_the_share_of_zero_outputs():
    # Zeros: 2 of 3, 3 of 3, 2 of 3, 0 of 3.
    assert sparsity(a_network(), X).tolist() == [7 / 12]
    assert sparsity(a_network("softplus"), X).tolist() == [0.0]
    assert sparsity(MLP([1, 3, 4, 1]), X).shape == (2,)


def test_sparsity_is_that_of_the_outputs_whatever_computes_them():
    """PReLU's network overrides `activate`: its outputs are hardly ever 0."""
    x = np.random.default_rng(0).normal(size=(50, 3))
    assert sparsity(PReluMLP([3, 20, 2]), x).tolist() == [0.0]


# --- divergence -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("diagnostic", [dead_units, sparsity])
def test_a_diverged_network_is_never_called_alive(diagnostic, layer, value):
    network = a_network()
    network.weights[layer][0, 0] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DivergedError, match="diverged"):
            diagnostic(network, X)


@pytest.mark.parametrize("diagnostic", [dead_units, sparsity])
@pytest.mark.parametrize("x", [np.ones(3), np.empty((0, 1)), np.ones((1, 1, 1))])
def test_data_are_samples_by_features(diagnostic, x):
    with pytest.raises(ValueError, match="x must have the shape"):
        diagnostic(a_network(), x)


# --- gradient check -------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradient_check_passes(activation, loss):
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, 20) if loss == "softmax_cross_entropy" else rng.normal(size=(20, 3))
    network = MLP([4, 5, 6, 3], activation, loss=loss, bias="uniform")
    check = check_gradient(network, rng.normal(size=(20, 4)), target)
    assert check.largest_error < 1e-8
    assert check.checked + check.kinks_crossed == network.n_parameters


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradient_check_finds_a_wrong_derivative(activation):
    wrong = Activation(
        ACTIVATIONS[activation].function, lambda z: 1.01 * ACTIVATIONS[activation].derivative(z)
    )
    rng = np.random.default_rng(0)
    network = MLP([4, 5, 1], wrong, loss="squared_error")
    check = check_gradient(network, rng.normal(size=(20, 4)), rng.normal(size=(20, 1)))
    assert check.largest_error > 1e-3


def test_gradient_check_counts_the_kinks_it_crossed():
    # Pre-activations 0 (on the kink), -2, 0.5 and 5: only the first unit's bias touches a kink.
    # Its weight does not: the input is 0.
    network = a_network(biases=(0.0, -2.0, 0.5, 5.0))
    check = check_gradient(network, [[0.0]], [[1.0]])
    assert (check.kinks_crossed, check.checked) == (1, network.n_parameters - 1)
    assert check.largest_error < 1e-8
    # Crossed from one side to the other: 0.5 is less than the step away.
    assert check_gradient(network, [[0.0]], [[1.0]], step=0.6).kinks_crossed == 2


def test_gradient_check_sees_no_kink_in_a_smooth_activation():
    for activation in ("tanh", "elu", "gelu"):
        check = check_gradient(a_network(activation), [[0.0]], [[1.0]])
        assert check.kinks_crossed == 0
        assert check.largest_error < 1e-6  # ELU's curvature jumps at 0
    assert check_gradient(a_network("leaky_relu"), [[0.0]], [[1.0]]).kinks_crossed == 1


def test_gradient_check_knows_the_kink_of_the_output_layer():
    network = MLP([1, 1], output_activation="relu", loss="squared_error")
    check = check_gradient(network, [[0.0]], [[1.0]])
    assert (check.kinks_crossed, check.checked) == (1, 1)  # the bias; the weight
    assert check.largest_error < 1e-8


def test_gradient_check_leaves_the_network_as_it_was():
    network = MLP([4, 5, 1], loss="squared_error")
    before = [parameter.copy() for parameter in network.parameters]
    check_gradient(network, np.ones((3, 4)), np.ones((3, 1)))
    network.weights[0][0, 0] = before[0][0, 0] = math.nan
    with pytest.raises(DivergedError, match="diverged"):
        check_gradient(network, np.ones((3, 4)), np.ones((3, 1)))
    for now, then in zip(network.parameters, before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("step", [0.0, -1e-6, math.nan, math.inf])
def test_gradient_check_needs_a_step(step):
    with pytest.raises(ValueError, match="step must be positive and finite"):
        check_gradient(a_network(), X, np.zeros((3, 1)), step=step)


# --- condition number -----------------------------------------------------------------------


def test_condition_number_by_hand():
    assert condition_number(np.eye(3)) == pytest.approx(1.0)
    assert condition_number([[1.0, 0.0], [0.0, 10.0]]) == pytest.approx(100.0)
    # XᵀX = [[2, 1], [1, 2]], of eigenvalues 1 and 3.
    assert condition_number([[1, 0], [1, 1], [0, 1]]) == pytest.approx(3.0)


def test_condition_number_against_eigenvalues():
    features = np.random.default_rng(0).normal(size=(200, 8)) + 2.0
    eigenvalues = np.linalg.eigvalsh(features.T @ features / 200)
    assert condition_number(features) == pytest.approx(eigenvalues[-1] / eigenvalues[0])


@pytest.mark.parametrize(("spread", "low", "high"), [(1.0, 2, 5), (0.1, 200, 500)])
def test_with_a_bias_centring_helps_only_where_outputs_vary_enough(spread, low, high):
    """By the law 1 over the variance of the outputs: 3 at spread 1, 294 at 0.1."""
    outputs = np.maximum(np.random.default_rng(0).normal(0.0, spread, (1000, 20)), 0.0)
    with_bias = np.column_stack([outputs - outputs.mean(axis=0), np.ones(1000)])
    assert low < condition_number(with_bias) < high


def test_condition_number_is_infinite_for_dependent_features():
    column = np.arange(1.0, 6.0)
    assert condition_number(np.column_stack([column, 2 * column])) == math.inf
    assert condition_number(np.column_stack([column, 0 * column])) == math.inf
    assert condition_number(np.ones((2, 3))) == math.inf  # fewer samples than features
    assert condition_number(np.zeros((3, 2))) == math.inf


@pytest.mark.parametrize("features", [np.ones(3), np.empty((0, 2)), [[math.nan, 1.0]]])
def test_condition_number_refuses(features):
    with pytest.raises(ValueError, match="features must"):
        condition_number(features)
