"""Training compared: speed, sparsity, and the activation of the output layer."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib import pyplot as plt

from rectified.datasets import split_digits
from rectified.diagnostics import sparsity
from rectified.figures import ACTIVATION_STYLES
from rectified.network import MLP, DivergedError, train

__all__ = [
    "LearningRun",
    "OutputRun",
    "SparsityRun",
    "SparseMLP",
    "best_rate",
    "draw_learning",
    "draw_outputs",
    "learn_digits",
    "learn_square",
    "train_sparse",
]

_digits = cache(split_digits)


@dataclass(frozen=True)
class LearningRun:
    """How one network learned.

    Attributes
    ----------
    epochs : ndarray
        When it was looked at, in epochs.
    error : ndarray
        The share of the training samples that it then got wrong.
    test_accuracy : float
        At the end; NaN if it diverged.
    """

    epochs: np.ndarray
    error: np.ndarray
    test_accuracy: float

    def epochs_to(self, error):
        """Epochs until the training error was first at most ``error``; infinite if never."""
        reached = np.flatnonzero(self.error <= error)
        return float(self.epochs[reached[0]]) if len(reached) else math.inf


def learn_digits(activation, learning_rate, hidden=(64, 64), epochs=4, seed=0, initialization=None):
    """Train on the standardised digits by plain SGD, looking after every second step.

    Parameters
    ----------
    activation : str or Activation
        Of the hidden layers.
    learning_rate : float
    hidden : tuple of int
        Units in each hidden layer.
    epochs : int
        Of 19 steps: 1,200 samples in batches of 64.
    seed : int
        Of the weights and the order of the samples.
    initialization : str, optional
        A name in ``INITIALIZATIONS``; if not given, "he" for "relu" and "xavier" for any other.

    Returns
    -------
    LearningRun

    Notes
    -----
    Chapter: Why ReLU won.  Source: Krizhevsky, Sutskever and Hinton (2012), whose measure this
    is (epochs to a training error of 25 %), on another network and other data.

    Examples
    --------
    >>> learn_digits("tanh", 1.0, epochs=1).epochs_to(0.25) < 1.0
    True
    """
    digits = _digits()
    if initialization is None:
        initialization = "he" if activation == "relu" else "xavier"
    network = MLP(
        [64, *hidden, 10], activation=activation, initialization=initialization, seed=seed
    )
    steps_per_epoch = math.ceil(len(digits.x_train) / 64)
    looks = [(0.0, 1.0 - network.accuracy(digits.x_train, digits.y_train))]

    def look(step):
        if step % 2 == 0:
            error = 1.0 - network.accuracy(digits.x_train, digits.y_train)
            looks.append((step / steps_per_epoch, error))

    try:
        # A run that diverges overflows on its way; it is reported, not warned about.
        with np.errstate(over="ignore", invalid="ignore"):
            train(
                network,
                digits.x_train,
                digits.y_train,
                learning_rate=learning_rate,
                epochs=epochs,
                seed=seed,
                after_step=look,
            )
            test_accuracy = network.accuracy(digits.x_test, digits.y_test)
    except DivergedError:
        test_accuracy = math.nan
    seen, error = np.transpose(looks)
    return LearningRun(seen, error, test_accuracy)


def draw_learning(learned, error=0.25):
    """Draw training errors against epochs, a panel for each depth and a thin line for each run.

    Parameters
    ----------
    learned : dict of (tuple of int, str) to sequence of LearningRun
        By hidden layers and activation.
    error : float
        Marked by a horizontal line.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Chapter: Why ReLU won

    Examples
    --------
    >>> figure = draw_learning({((64,), "relu"): [learn_digits("relu", 0.3, (64,), epochs=1)]})
    >>> figure.axes[0].get_title(loc="left")
    '1 hidden layer of 64'
    >>> plt.close(figure)
    """
    depths = list(dict.fromkeys(hidden for hidden, _ in learned))
    figure = plt.figure(figsize=(6.4, 3.0), layout="constrained")
    panels = figure.subplots(1, len(depths), sharey=True, squeeze=False)[0]
    for (hidden, name), runs in learned.items():
        panel, style = panels[depths.index(hidden)], ACTIVATION_STYLES[name]
        for run in runs:
            panel.plot(run.epochs, run.error, linewidth=1, **style)
        panel.plot([], [], label=name, **style)
    for panel, hidden in zip(panels, depths, strict=True):
        layers = "layer" if len(hidden) == 1 else "layers"
        panel.set_title(f"{len(hidden)} hidden {layers} of {hidden[0]}", loc="left")
        panel.set_xlabel("epochs")
        panel.axhline(error, color="#5a6672", linewidth=0.8)
    panels[0].set_ylabel("training error")
    panels[0].legend()
    return figure


def best_rate(activation, rates, hidden=(64, 64), epochs=4, seeds=range(5), error=0.25):
    """Find the learning rate with which an activation learns the digits fastest.

    Parameters
    ----------
    activation : str
    rates : sequence of float
        To choose from.
    hidden, epochs
        As in ``learn_digits``.
    seeds : iterable of int
    error : float
        The training error to reach.

    Returns
    -------
    float
        The rate with the smallest median number of epochs, or NaN if none gets there.

    Notes
    -----
    A second or more for each rate.  Chapter: Why ReLU won

    Examples
    --------
    >>> best_rate("relu", [0.001, 0.3], epochs=1, seeds=[0])
    0.3
    """
    medians = [
        np.median(
            [learn_digits(activation, rate, hidden, epochs, s).epochs_to(error) for s in seeds]
        )
        for rate in rates
    ]
    return rates[int(np.argmin(medians))] if np.min(medians) < math.inf else math.nan


class SparseMLP(MLP):
    """A multilayer perceptron that pays for every unit of hidden output.

    To the loss of each sample it adds ``penalty`` times the sum of the sizes of its hidden
    outputs, which the chain rule feels as ``penalty * sign(output)`` at every hidden layer.

    Parameters
    ----------
    sizes : sequence of int
    penalty : float
        0 gives an ordinary network.
    **settings
        As of ``MLP``.

    Notes
    -----
    Chapter: Why ReLU won.  Source: Glorot, Bordes and Bengio (2011).

    Examples
    --------
    >>> SparseMLP([64, 32, 10], penalty=0.03).penalty
    0.03
    """

    def __init__(self, sizes, penalty, **settings):
        super().__init__(sizes, **settings)
        self.penalty = penalty

    def error_before(self, layer, z, error):
        """The chain rule of MLP, with the penalty added at each hidden layer's outputs."""
        if layer < len(self.weights) - 1:
            error = error + self.penalty * np.sign(self.activate(layer, z)) / len(z)
        return super().error_before(layer, z, error)


@dataclass(frozen=True)
class SparsityRun:
    """The share of hidden outputs that are 0 on the test digits, over all hidden layers."""

    before: float
    after: float
    test_accuracy: float


def train_sparse(penalty=0.0, hidden=(64, 64), epochs=20, learning_rate=0.1, seed=0):
    """Measure a ReLU network's sparsity on the digits before and after training.

    Parameters
    ----------
    penalty : float
        On the hidden outputs, see ``SparseMLP``.
    hidden : tuple of int
    epochs : int
    learning_rate : float
    seed : int

    Returns
    -------
    SparsityRun

    Notes
    -----
    Standardised digits, He, plain SGD, batches of 64.
    Chapter: Why ReLU won.  Source: Glorot, Bordes and Bengio (2011).

    Examples
    --------
    >>> 0.4 < train_sparse(epochs=1).before < 0.6
    True
    """
    digits = _digits()
    network = SparseMLP([64, *hidden, 10], penalty, seed=seed)
    before = float(sparsity(network, digits.x_test).mean())
    train(
        network,
        digits.x_train,
        digits.y_train,
        learning_rate=learning_rate,
        epochs=epochs,
        seed=seed,
    )
    after = float(sparsity(network, digits.x_test).mean())
    return SparsityRun(before, after, network.accuracy(digits.x_test, digits.y_test))


@dataclass(frozen=True)
class OutputRun:
    """What a network with one output made of y = x² on [-1, 1].

    Attributes
    ----------
    x, prediction, start : ndarray of shape (41,)
        Inputs, outputs after training, and before it.
    share_zero : float
        The share of the inputs for which the trained output is exactly 0.
    error : float
        Root mean squared error.
    """

    x: np.ndarray
    prediction: np.ndarray
    start: np.ndarray
    share_zero: float
    error: float

    @property
    def failed(self):
        """Whether the output is stuck at 0 for at least two fifths of the inputs."""
        return self.share_zero >= 0.4


def learn_square(
    output_activation, steps=300, learning_rate=0.2, hidden=32, output_bias=0.0, seed=0
):
    """Learn y = x² at 41 points of [-1, 1] with a given activation on the output.

    Parameters
    ----------
    output_activation : str
        A name in ``ACTIVATIONS``.
    steps : int
        Of full-batch gradient descent.
    learning_rate : float
    hidden : int
        ReLU units in the one hidden layer; He weights, zero biases.
    output_bias : float
        Where the output unit's bias starts.
    seed : int

    Returns
    -------
    OutputRun

    Notes
    -----
    Chapter: Why ReLU won

    Examples
    --------
    >>> learn_square("identity", steps=50).failed
    False
    """
    x = np.linspace(-1.0, 1.0, 41)[:, None]
    network = MLP(
        [1, hidden, 1], output_activation=output_activation, loss="squared_error", seed=seed
    )
    network.biases[-1] += output_bias
    start = network.predict(x)
    train(network, x, x**2, learning_rate=learning_rate, epochs=steps, batch_size=41, seed=seed)
    prediction = network.predict(x)
    return OutputRun(
        x[:, 0],
        prediction[:, 0],
        start[:, 0],
        float(np.mean(prediction == 0.0)),
        float(np.sqrt(np.mean((prediction - x**2) ** 2))),
    )


def draw_outputs(runs, names):
    """Draw what networks with different output activations learned of y = x².

    Parameters
    ----------
    runs : dict of str to sequence of OutputRun
        By output activation.
    names : sequence of str
        Those to draw, a panel each.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Chapter: Why ReLU won

    Examples
    --------
    >>> figure = draw_outputs({"relu": [learn_square("relu", steps=1)]}, ["relu"])
    >>> plt.close(figure)
    """
    figure = plt.figure(figsize=(6.4, 2.8), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        for run in runs[name]:
            style = ACTIVATION_STYLES[name]
            panel.plot(run.x, run.prediction, linewidth=0.8, alpha=0.6, **style)
        panel.plot(run.x, run.x**2, color="#1f2933", linestyle="--", linewidth=1.2, label="target")
        panel.set_title(f"{name} on the output", loc="left")
        panel.set_xlabel("x")
    panels[0].legend(loc="upper center")
    return figure
