"""A network that learns one task after another: how it loses the ability, and what is done.

``network`` is an ``MLP``; what treats it changes it in place.  ``x`` holds the samples, of shape
(samples, features), and ``rng`` is a ``numpy.random.Generator``.  What is said of units comes as a
list, by hidden layer.

Chapters: today, plasticity, claims.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from rectified.datasets import split_digits
from rectified.gates import crelu, crelu_backward
from rectified.network import MLP, DivergedError, train

__all__ = [
    "CReLUMLP",
    "Stream",
    "stream",
    "search_stream_rates",
    "dormant_units",
    "share_on",
    "mean_slopes",
    "reset_dormant",
    "reset_units",
    "reset_others",
    "wake_dormant",
    "raise_quiet",
    "raise_biases",
]


class CReLUMLP(MLP):
    """A perceptron whose hidden layers are CReLU: each unit gives two outputs to the next layer.

    Parameters
    ----------
    sizes : sequence of int
        Units per layer; a hidden layer of 32 units has 64 outputs.
    **settings
        As of ``MLP``.

    Notes
    -----
    Source: Shang et al. (2016).

    Examples
    --------
    >>> [weight.shape for weight in CReLUMLP([64, 32, 10]).weights]
    [(64, 32), (64, 10)]
    """

    def layer_shapes(self, sizes):
        """Every layer but the first has twice as many inputs as the layer below has units."""
        first, *rest = super().layer_shapes(sizes)
        return [first, *((2 * n_in, n_out) for n_in, n_out in rest)]

    def activate(self, layer, z):
        """CReLU in the hidden layers."""
        return super().activate(layer, z) if layer == len(self.weights) - 1 else crelu(z)

    def pre_activation_gradient(self, layer, z, error):
        """The backward pass of CReLU in the hidden layers."""
        if layer == len(self.weights) - 1:
            return super().pre_activation_gradient(layer, z, error)
        return crelu_backward(z, error)


@dataclass
class Stream:
    """The record of one network on a stream of tasks.

    Attributes
    ----------
    accuracy : list of float
        On each task, after training on it; NaN from where it diverged.
    share_on : list of list of ndarray
        After each task, for which share of the samples each unit of each hidden layer was on.
    slopes : list of list of float
        After each task, the ``mean_slopes`` of the hidden layers.
    """

    accuracy: list = field(default_factory=list)
    share_on: list = field(default_factory=list)
    slopes: list = field(default_factory=list)

    @property
    def dormant(self):
        """After each task, which units of each hidden layer were on for no sample."""
        return [[share == 0.0 for share in task] for task in self.share_on]


def reset_dormant(network, x, rng):
    """Reset the dormant units (``reset_units``); return which they were.

    Source: Sokar et al. (2023).

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> reset_dormant(network, np.eye(2), np.random.default_rng(0))
    [array([False,  True, False])]
    """
    found = dormant_units(network, x)
    reset_units(network, found, rng)
    return found


def reset_units(network, chosen, rng):
    """Give the ``chosen`` units new incoming weights, a bias of 0 and outgoing weights of 0.

    Source: Sokar et al. (2023).

    >>> network = MLP([2, 3, 2], seed=0)
    >>> reset_units(network, [np.array([False, True, False])], np.random.default_rng(0))
    >>> network.weights[1][1]
    array([0., 0.])
    """
    for layer, units in enumerate(chosen):
        fan_in, number = len(network.weights[layer]), int(units.sum())
        network.weights[layer][:, units] = rng.normal(
            0.0, math.sqrt(2.0 / fan_in), (fan_in, number)
        )
        network.biases[layer][units] = 0.0
        network.weights[layer + 1][units] = 0.0


def reset_others(network, x, rng, numbers):
    """Reset so many units of each layer that are *not* dormant; return which they were.

    A control of ``reset_dormant``; mind that fewer units fall dormant after it.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][:2] = [-100.0, 100.0]
    >>> reset_others(network, np.eye(2), np.random.default_rng(0), [1])[0][0]
    np.False_
    """
    chosen = []
    for dormant, number in zip(dormant_units(network, x), numbers, strict=True):
        awake, units = np.flatnonzero(~dormant), np.zeros_like(dormant)
        units[rng.choice(awake, size=min(number, len(awake)), replace=False)] = True
        chosen.append(units)
    reset_units(network, chosen, rng)
    return chosen


def wake_dormant(network, x, rng):
    """Raise each dormant unit's bias until it is on for a fifth of the samples.

    The other control of ``reset_dormant``: no weight is new.  ``rng`` is not used.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> wake_dormant(network, np.eye(2), None)
    >>> [int(units.sum()) for units in dormant_units(network, np.eye(2))]
    [0]
    """
    raise_biases(network, x, below=0.0, share=0.2)


def raise_quiet(network, x, rng):
    """Raise the bias of each unit that is on for at most a fifth of the samples, to a fifth.

    ``rng`` is not used.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> raise_quiet(network, np.eye(2), None)
    >>> bool(share_on(network, np.eye(2))[0].min() > 0.1)
    True
    """
    raise_biases(network, x, below=0.2, share=0.2)


def raise_biases(network, x, below, share):
    """Raise the bias of each unit that is on for at most a share ``below`` of the samples.

    It is raised until the unit is on for ``share`` of them.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][:] = -100.0
    >>> raise_biases(network, np.eye(2), below=0.0, share=0.5)
    >>> bool(share_on(network, np.eye(2))[0].min() >= 0.5)
    True
    """
    for layer in range(len(network.weights) - 1):  # in this order: a bias changes the next layer
        z = network.forward(x)[0][layer]
        rare = np.mean(z > 0.0, axis=0) <= below
        network.biases[layer][rare] -= np.quantile(z[:, rare], 1.0 - share, axis=0)


def share_on(network, x):
    """Return for which share of the samples each unit is on.

    A unit of CReLU is never off: one of its two outputs is on unless z is 0.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.weights[0][:] = [[1.0, -1.0, 1.0], [1.0, -1.0, -1.0]]
    >>> share_on(network, np.eye(2))
    [array([1. , 0. , 0.5])]
    """
    is_on = np.not_equal if isinstance(network, CReLUMLP) else np.greater
    pre_activations, _ = network.forward(x)
    return [is_on(z, 0.0).mean(axis=0) for z in pre_activations[:-1]]


def mean_slopes(network, x):
    """How much of the gradient passes back through each hidden layer's units, on average.

    The mean of abs(activation'(z)) over units and samples.  With ReLU it is the share of the pairs
    of unit and sample for which the unit is on.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.weights[0][:] = [[1.0, -1.0, 1.0], [1.0, -1.0, -1.0]]
    >>> mean_slopes(network, np.eye(2))  # three of six are on
    [0.5]
    """
    pre_activations, outputs = network.forward(x)
    found = []
    for layer, z in enumerate(pre_activations[:-1]):
        slopes = network.pre_activation_gradient(layer, z, np.ones_like(outputs[layer + 1]))
        found.append(float(np.mean(np.abs(slopes))))
    return found


def dormant_units(network, x):
    """Return which units are on for no sample.

    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][:] = -100.0
    >>> dormant_units(network, np.eye(2))
    [array([ True,  True,  True])]
    """
    return [share == 0.0 for share in share_on(network, x)]


def stream(
    kind="relu",
    learning_rate=0.1,
    seed=0,
    tasks=30,
    weight_decay=0.0,
    between=None,
    fresh=False,
    optimizer="sgd",
    epochs=10,
    batch_size=25,
    width=48,
    layers=2,
    first=0,
):
    """Learn one relabelling of 100 digits after the other, with one network.

    Each task gives the same 100 digits new labels at random, so that all tasks are alike and
    equally hard: what changes is the network that comes to them.

    Parameters
    ----------
    kind : str or Activation
        "relu", "leaky_relu", "identity", another name in ``ACTIVATIONS``, or "crelu".
    learning_rate : float
    seed : int
        Sets the weights, the labels and the order of the samples.
    tasks : int
    weight_decay : float
        The share of themselves that weights lose at each step, divided by the learning rate.
    between : callable, optional
        What is done to the network after each task, as ``reset_dormant`` and the like.
    fresh : bool
        Whether each task gets a new network, which shows what is attainable.
    optimizer : str
    epochs, batch_size : int
        For each task.
    width : int
        How many outputs each hidden layer has; CReLU has half as many units.
    layers : int
        How many hidden layers.
    first : int
        The first of the 100 training digits.

    Returns
    -------
    Stream

    Notes
    -----
    Source: in the manner of Lyle et al. (2023) and Dohare et al. (2024).

    Examples
    --------
    >>> len(stream(tasks=2).accuracy)
    2
    """
    x = split_digits().x_train[first : first + 100]
    rng, result = np.random.default_rng([seed, 7]), Stream()
    build = CReLUMLP if kind == "crelu" else MLP
    hidden = width // 2 if kind == "crelu" else width
    activation = "relu" if kind == "crelu" else kind

    def new(task):
        return build([64, *[hidden] * layers, 10], activation=activation, seed=1000 * task + seed)

    network = new(0)

    def decay(step):
        for weight in network.weights:
            weight *= 1.0 - learning_rate * weight_decay

    for task in range(tasks):
        if fresh and task:
            network = new(task)
        labels = rng.integers(10, size=len(x))
        train(
            network,
            x,
            labels,
            learning_rate=learning_rate,
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            optimizer=optimizer,
            after_step=decay if weight_decay else None,
        )
        try:
            result.accuracy.append(network.accuracy(x, labels))
        except DivergedError:
            result.accuracy += [math.nan] * (tasks - task)
            return result
        result.share_on.append(share_on(network, x))
        result.slopes.append(mean_slopes(network, x))
        if between:
            between(network, x, rng)
    return result


#: The rates that were tried for the stream.
STREAM_RATES = [0.03, 0.1, 0.3, 1.0]


def search_stream_rates(kind="relu", last=5, tasks=20, seeds=(100, 101, 102)):
    """Accuracy on tasks of the stream, by learning rate, on the search seeds.

    Parameters
    ----------
    kind : str or Activation
        As in ``stream``.
    last : int
        Average over this many tasks, from the end.
    tasks : int
        With 1 the rate is the best for the first task.
    seeds : sequence of int

    Returns
    -------
    dict of float to float
        NaN where a run diverged.

    Notes
    -----
    Two seconds with 20 tasks.

    Examples
    --------
    >>> max((found := search_stream_rates(tasks=1, seeds=[100])), key=found.get)
    0.3
    """
    found = {}
    for rate in STREAM_RATES:
        runs = [stream(kind, learning_rate=rate, seed=seed, tasks=tasks) for seed in seeds]
        found[rate] = float(np.mean([run.accuracy[-last:] for run in runs]))
    return found
