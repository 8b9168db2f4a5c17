"""The network and its training, against finite differences and against scikit-learn."""

import math
import warnings

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from rectified import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    DeathRecorder,
    DivergedError,
    softmax,
    softmax_cross_entropy,
    squared_error,
    train,
    two_moons,
)


def a_problem(loss, samples=30, features=4, outputs=3, seed=0):
    """Random data of the kind that the loss wants."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, features))
    if loss == "softmax_cross_entropy":
        return x, rng.integers(0, outputs, samples)
    return x, rng.normal(size=(samples, outputs))


def numeric_gradients(network, x, target, step=1e-6):
    """Central differences, parameter by parameter."""
    gradients = [np.zeros_like(parameter) for parameter in network.parameters]
    for parameter, gradient in zip(network.parameters, gradients, strict=True):
        for index in np.ndindex(parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + step
            above = network.evaluate(x, target)
            parameter[index] = kept - step
            below = network.evaluate(x, target)
            parameter[index] = kept
            gradient[index] = (above - below) / (2 * step)
    return gradients


# --- losses ---------------------------------------------------------------------------------


def test_softmax():
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[1 / 8, 1 / 4, 5 / 8]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(softmax(np.array([[1e308, 0.0]])), [[1.0, 0.0]])


def test_cross_entropy_by_hand():
    output = np.log([[1.0, 3.0], [1.0, 1.0]])
    expected = -(math.log(3 / 4) + math.log(1 / 2)) / 2
    assert softmax_cross_entropy.value(output, np.array([1, 0])) == pytest.approx(expected)
    np.testing.assert_allclose(
        softmax_cross_entropy.gradient(output, np.array([1, 0])),
        [[1 / 8, -1 / 8], [-1 / 4, 1 / 4]],
    )


def test_cross_entropy_of_a_sure_and_wrong_answer_is_large_not_infinite():
    assert softmax_cross_entropy.value(np.array([[1000.0, 0.0]]), np.array([1])) == 1000.0


def test_squared_error_by_hand():
    output, target = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])
    assert squared_error.value(output, target) == (1 + 4 + 9) / 4
    np.testing.assert_array_equal(squared_error.gradient(output, target), [[0.5, 1], [0, 1.5]])


# --- forward and backward -------------------------------------------------------------------


def test_forward_by_hand():
    network = MLP([2, 2, 1], loss="squared_error")
    network.weights = [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([[3.0], [-1.0]])]
    network.biases = [np.array([0.0, 1.0]), np.array([0.5])]
    pre_activations, outputs = network.forward(np.array([[1.0, 1.0], [-1.0, 0.0]]))
    np.testing.assert_array_equal(pre_activations[0], [[3, 0], [-1, 2]])
    np.testing.assert_array_equal(outputs[1], [[3, 0], [0, 2]])
    np.testing.assert_array_equal(outputs[2], [[9.5], [-1.5]])
    assert len(outputs) == 1 + len(pre_activations)
    np.testing.assert_array_equal(network.predict([[1, 1], [-1, 0]]), outputs[2])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_against_finite_differences(activation, loss):
    x, target = a_problem(loss)
    network = MLP([4, 5, 6, 3], activation, loss=loss, bias="uniform", seed=1)
    gradients = network.gradients(x, target)
    for ours, numeric in zip(gradients, numeric_gradients(network, x, target), strict=True):
        np.testing.assert_allclose(ours, numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("output_activation", ACTIVATIONS)
def test_gradients_through_an_output_activation(output_activation):
    x, target = a_problem("squared_error")
    network = MLP([4, 6, 3], "tanh", output_activation, "squared_error", bias=0.1)
    gradients = network.gradients(x, target)
    for ours, numeric in zip(gradients, numeric_gradients(network, x, target), strict=True):
        np.testing.assert_allclose(ours, numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_against_scikit_learn(activation, loss):
    """One step of its plain gradient descent gives its gradient."""
    x, target = a_problem(loss)
    theirs = {"softmax_cross_entropy": MLPClassifier, "squared_error": MLPRegressor}[loss](
        hidden_layer_sizes=(5, 6),
        activation="logistic" if activation == "sigmoid" else activation,
        solver="sgd",
        alpha=0.0,
        batch_size=len(x),
        learning_rate_init=0.5,
        momentum=0.0,
        random_state=0,
    )
    theirs.partial_fit(x, target, **({"classes": [0, 1, 2]} if loss != "squared_error" else {}))
    ours = MLP([4, 5, 6, 3], activation, loss=loss)
    ours.weights = [weight.copy() for weight in theirs.coefs_]
    ours.biases = [bias.copy() for bias in theirs.intercepts_]
    before = ours.parameters
    theirs.partial_fit(x, target)
    after = theirs.coefs_ + theirs.intercepts_
    for gradient, start, end in zip(ours.gradients(x, target), before, after, strict=True):
        np.testing.assert_allclose(gradient, (start - end) / 0.5, rtol=1e-9, atol=1e-12)


def test_parameters_are_the_arrays_themselves():
    network = MLP([4, 5, 3])
    assert network.n_parameters == 4 * 5 + 5 + 5 * 3 + 3
    assert [parameter.shape for parameter in network.parameters] == [(4, 5), (5, 3), (5,), (3,)]
    assert network.parameters[0] is network.weights[0]
    assert network.parameters[2] is network.biases[0]


def test_accuracy_is_a_share():
    network = MLP([2, 2])
    network.weights, network.biases = [np.eye(2)], [np.zeros(2)]
    assert network.accuracy([[1, 0], [0, 1], [2, 1], [1, 2]], [0, 1, 1, 1]) == 0.75


# --- training -------------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_momentum_against_a_recursion_by_hand(momentum):
    """One weight w and the loss (w - 3)²/2, whose gradient is w - 3."""
    network = MLP([1, 1], loss="squared_error")
    w, b, v_w, v_b = float(network.weights[0][0, 0]), 0.0, 0.0, 0.0
    history = train(
        network, [[1.0]], [[3.0]], learning_rate=0.1, momentum=momentum, epochs=20, batch_size=1
    )
    losses = []
    for _ in range(20):
        error = w + b - 3.0
        losses.append(error**2 / 2)
        v_w, v_b = momentum * v_w - 0.1 * error, momentum * v_b - 0.1 * error
        w, b = w + v_w, b + v_b
    assert network.weights[0][0, 0] == pytest.approx(w, rel=1e-12)
    assert network.biases[0][0] == pytest.approx(b, rel=1e-12)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-9)
    assert (history.steps, history.diverged) == (20, False)


def test_every_sample_is_used_once_an_epoch():
    """With a target of 0 and a linear layer, the gradients of one epoch add up to the whole."""
    x, target = np.arange(10.0)[:, None], np.zeros((10, 1))
    network = MLP([1, 1], loss="squared_error", initialization=lambda *_: np.zeros((1, 1)))
    network.biases[0] += 1.0
    rate = 1e-9  # so small that the gradients hardly change within the epoch
    history = train(network, x, target, learning_rate=rate, batch_size=1)
    assert history.steps == 10
    assert -network.weights[0][0, 0] / rate == pytest.approx(x.sum(), rel=1e-6)


def test_batches_and_after_step():
    x, labels = a_problem("softmax_cross_entropy", samples=10)
    steps = []
    history = train(
        MLP([4, 3]), x, labels, learning_rate=0.1, epochs=2, batch_size=4, after_step=steps.append
    )
    assert steps == [1, 2, 3, 4, 5, 6]  # batches of 4, 4 and 2
    assert (history.steps, len(history.losses)) == (6, 2)


def test_training_learns():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)  # needs the hidden layer
    network = MLP([2, 16, 2])
    history = train(network, x, labels, learning_rate=0.1, momentum=0.9, epochs=50, batch_size=20)
    assert network.accuracy(x, labels) > 0.95
    assert history.losses[-1] < history.losses[0] / 3


def test_seeds_reproduce_to_the_bit():
    x, labels = a_problem("softmax_cross_entropy")

    def run(seed, order):
        network = MLP([4, 8, 3], bias="uniform", seed=seed)
        train(network, x, labels, learning_rate=0.1, momentum=0.9, batch_size=7, seed=order)
        return b"".join(parameter.tobytes() for parameter in network.parameters)

    assert run(1, 2) == run(1, 2)
    assert len({run(1, 2), run(2, 2), run(1, 3)}) == 3


def test_training_leaves_the_data_alone():
    x, labels = a_problem("softmax_cross_entropy")
    kept = x.copy(), labels.copy()
    x.setflags(write=False)
    labels.setflags(write=False)
    train(MLP([4, 8, 3]), x, labels, learning_rate=0.1, epochs=2)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(labels, kept[1])


def test_biases():
    np.testing.assert_array_equal(MLP([4, 5, 3], bias=0.25).biases[0], np.full(5, 0.25))
    drawn = MLP([4, 5000, 3], bias="uniform").biases[0]
    assert 0.49 < np.abs(drawn).max() <= 0.5  # 1/√4


# --- divergence -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
def test_divergence_is_reported_and_silent(loss):
    x, target = a_problem(loss)
    network = MLP([4, 16, 16, 3], "leaky_relu", loss=loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = train(network, 1e3 * x, target, learning_rate=1e6, epochs=50, momentum=0.9)
        assert history.diverged
        assert math.isnan(history.losses[-1])
        assert len(history.losses) < 50
        assert not math.isfinite(network.evaluate(1e3 * x, target))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_diverged_network_has_no_accuracy(value):
    network = MLP([4, 16, 3])
    network.weights[0][:] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DivergedError, match="diverged"):
            network.accuracy(np.ones((5, 4)), np.zeros(5, int))


def test_divergence_in_the_very_last_step_is_reported():
    network = MLP([1, 1], loss="squared_error")
    history = train(network, [[1e10]], [[0.0]], learning_rate=1e300, epochs=1)
    assert math.isfinite(history.losses[0]) and history.diverged


def test_divergence_while_dead_units_are_counted():
    x, target = a_problem("squared_error")
    network = MLP([4, 16, 16, 3], "leaky_relu", loss="squared_error")
    with pytest.raises(DivergedError, match="diverged"):
        train(
            network,
            x,
            target,
            learning_rate=1e300,
            epochs=50,
            after_step=DeathRecorder(network, x),
        )


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [3]}, "sizes must name an input and an output"),
        ({"sizes": [3, 0, 2]}, "sizes must be integers of at least 1"),
        ({"sizes": [3, 2.5, 2]}, "sizes must be integers of at least 1"),
        ({"activation": "rely"}, "activation must be one of identity, sigmoid"),
        ({"activation": None}, "activation must be one of"),
        ({"output_activation": "softmax"}, "output_activation must be one of"),
        ({"loss": "hinge"}, "loss must be one of softmax_cross_entropy, squared_error"),
        ({"initialization": "xavi"}, "initialization must be one of he, xavier, uniform"),
        ({"bias": math.nan}, "bias must be finite"),
        ({"bias": "normal"}, 'bias must be a number or "uniform"'),
    ],
)
def test_bad_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLP(**{"sizes": [3, 4, 2], **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be positive and finite"),
        ({"learning_rate": math.nan}, "learning_rate must be positive and finite"),
        ({"learning_rate": math.inf}, "learning_rate must be positive and finite"),
        ({"momentum": 1.0}, "momentum must be at least 0 and below 1"),
        ({"momentum": -0.1}, "momentum must be at least 0 and below 1"),
        ({"momentum": math.nan}, "momentum must be at least 0 and below 1"),
        ({"epochs": -1}, "epochs must be at least 0"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"x": np.ones(4)}, "x must have the shape"),
        ({"x": np.ones((0, 4))}, "x must have the shape"),
        ({"target": np.zeros(29, int)}, "target must hold one class per sample"),
        ({"target": np.zeros((30, 1), int)}, "target must hold one class per sample"),
        ({"target": np.full(30, 3)}, "target must hold classes from 0 to 2"),
        ({"target": np.full(30, -1)}, "target must hold classes from 0 to 2"),
    ],
)
def test_bad_training(arguments, message):
    x, target = a_problem("softmax_cross_entropy")
    with pytest.raises(ValueError, match=message):
        train(MLP([4, 3]), **{"x": x, "target": target, "learning_rate": 0.1, **arguments})


def test_a_target_of_another_shape_is_not_broadcast():
    """(30,) against (30, 1) would give 900 differences and no error."""
    x, _ = a_problem("squared_error")
    network = MLP([4, 1], loss="squared_error")
    for call in (
        lambda target: train(network, x, target, learning_rate=0.1),
        lambda target: network.evaluate(x, target),
        lambda target: network.gradients(x, target),
    ):
        with pytest.raises(ValueError, match=r"target must have the output's shape \(30, 1\)"):
            call(np.zeros(30))


@pytest.mark.parametrize("target", [np.zeros(30), np.zeros(30, bool), np.full(30, "a")])
def test_classes_are_integers(target):
    x, _ = a_problem("softmax_cross_entropy")
    with pytest.raises(TypeError, match="target must hold classes"):
        train(MLP([4, 3]), x, target, learning_rate=0.1)


def test_accuracy_wants_one_label_per_sample():
    with pytest.raises(ValueError, match="labels must hold one class per sample"):
        MLP([2, 2]).accuracy(np.ones((3, 2)), [0])


def test_adam_takes_the_steps_of_its_formula():
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(20, 3)), rng.integers(2, size=20)
    network = MLP([3, 4, 2], seed=0)
    expected = [parameter.copy() for parameter in network.parameters]
    means = [0.0 * parameter for parameter in expected]
    squares = [0.0 * parameter for parameter in expected]
    probe = MLP([3, 4, 2], seed=0)
    for step in range(1, 4):
        for own, parameter in zip(probe.parameters, expected, strict=True):
            own[...] = parameter
        for i, gradient in enumerate(probe.gradients(x, target)):
            means[i] = 0.9 * means[i] + 0.1 * gradient
            squares[i] = 0.999 * squares[i] + 0.001 * gradient**2
            size = np.sqrt(squares[i] / (1 - 0.999**step)) + 1e-8
            expected[i] = expected[i] - 0.01 * means[i] / (1 - 0.9**step) / size
    train(network, x, target, learning_rate=0.01, epochs=3, batch_size=20, optimizer="adam")
    for parameter, wanted in zip(network.parameters, expected, strict=True):
        # Rows of the batch come in another order: equal but for rounding.
        np.testing.assert_allclose(parameter, wanted, rtol=1e-6, atol=1e-9)


def test_optimizers_refuse_what_they_cannot_do():
    network = MLP([1, 2], seed=0)
    with pytest.raises(ValueError, match="momentum must be 0 with Adam"):
        train(network, [[1.0]], [0], learning_rate=0.1, momentum=0.9, optimizer="adam")
    with pytest.raises(ValueError, match="optimizer must be one of sgd, adam"):
        train(network, [[1.0]], [0], learning_rate=0.1, optimizer="rmsprop")


def test_eight_units_bend_a_border_round_two_moons_from_most_starts_and_sixteen_from_all():
    (x, y), (fresh_x, fresh_y) = two_moons(), two_moons(2000, seed=1)

    def scores(width, seeds):
        found = []
        for seed in seeds:
            network = MLP([2, width, 2], seed=seed)
            settings = {"learning_rate": 0.3, "epochs": 100, "batch_size": 20}
            train(network, x, y, seed=seed, **settings)
            found.append(network.accuracy(fresh_x, fresh_y))
        return np.array(found)

    eight = scores(8, range(40))
    assert np.sum(eight > 0.99) == 36 and np.sum((eight > 0.87) & (eight < 0.91)) == 4
    assert scores(16, range(40)).min() > 0.98
