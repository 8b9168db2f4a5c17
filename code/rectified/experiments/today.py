"""What became of ReLU: gates in a small language model, sparsity, and streams of tasks.

Chapters: today, which-bend, plasticity.
"""

import math
from copy import copy, deepcopy
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from rectified.activations import (
    Activation,
    identity,
    identity_prime,
    relu,
    relu_prime,
    silu,
    silu_prime,
)
from rectified.datasets import load_coriolanus, split_digits
from rectified.experiments.design import FIRST_SEARCH_SEED
from rectified.gates import crelu, crelu_backward, squared_relu, squared_relu_prime
from rectified.network import MLP, Adam, DivergedError, train

__all__ = [
    "FAST_GELU",
    "BLOCKS",
    "RATES",
    "RATE_GRID",
    "CReLUMLP",
    "LanguageModel",
    "Stream",
    "dormant_units",
    "gelu_fast",
    "gelu_fast_prime",
    "mean_slopes",
    "raise_biases",
    "reset_dormant",
    "reset_others",
    "reset_units",
    "search_stream_rates",
    "share_on",
    "stream",
    "text_windows",
    "train_language_model",
    "wake_dormant",
    "raise_quiet",
]

WINDOW, LETTER, WIDTH, HIDDEN = 12, 8, 48, 96


def _inside(z):
    """What GELU's fast formula takes the tanh of."""
    return 0.7978845608 * z * (1.0 + 0.044715 * z * z)


def gelu_fast(z):
    r"""GELU by the formula with tanh that Hendrycks and Gimpel (2016) give for speed.

    Parameters
    ----------
    z : ndarray

    Returns
    -------
    ndarray

    Notes
    -----
    Differs from ``gelu`` by less than 0.001.

    Examples
    --------
    >>> gelu_fast(np.array([1.0])).round(3)
    array([0.841])
    """
    return 0.5 * z * (1.0 + np.tanh(_inside(z)))


def gelu_fast_prime(z):
    """Derivative of ``gelu_fast``.

    Parameters
    ----------
    z : ndarray

    Returns
    -------
    ndarray

    Examples
    --------
    >>> gelu_fast_prime(np.array([0.0]))
    array([0.5])
    """
    bent, slope_inside = np.tanh(_inside(z)), 0.7978845608 * (1.0 + 3 * 0.044715 * z * z)
    return 0.5 * (1.0 + bent) + 0.5 * z * (1.0 - bent * bent) * slope_inside


#: For a network whose GELU need not be exact: the error function is slow in plain Python.
FAST_GELU = Activation(gelu_fast, gelu_fast_prime)

#: The hidden layer of a block: the activation, its derivative, and whether it gates a second half.
BLOCKS = {
    "linear": (identity, identity_prime, False),
    "relu": (relu, relu_prime, False),
    "squared relu": (squared_relu, squared_relu_prime, False),
    "gelu": (*FAST_GELU, False),
    "bilinear": (identity, identity_prime, True),
    "reglu": (relu, relu_prime, True),
    "swiglu": (silu, silu_prime, True),
}


@cache
def text_windows(search=False):
    """The text as numbers: windows of 12 characters, and the character that follows each.

    Parameters
    ----------
    search : bool, default False
        Learning rates are chosen without the test part: train on the first eight tenths of the
        play, and be scored on the ninth.

    Returns
    -------
    characters : str
        The alphabet.
    train, test : pairs of ndarray
        Windows (n, 12) and what follows (n,): the first nine tenths of the play, and every fifth
        window of the last.

    Examples
    --------
    >>> characters, (windows, following), test = text_windows()
    >>> len(characters), windows.shape[1]
    (37, 12)
    """
    text = load_coriolanus()
    characters = "".join(sorted(set(text)))
    numbers = np.array([characters.index(character) for character in text])
    windows = np.lib.stride_tricks.sliding_window_view(numbers[:-1], WINDOW)
    following = numbers[WINDOW:]
    eight, nine = (len(windows) * tenths // 10 for tenths in (8, 9))
    cut, end = (eight, nine) if search else (nine, None)
    test = slice(cut + WINDOW, end, 5)
    return characters, (windows[:cut], following[:cut]), (windows[test], following[test])


class LanguageModel:
    """Predicts the next character from the 12 before it; one model for each seed, side by side.

    Each character is 8 learned numbers, 12 of them are mixed to 48, one block with a hidden layer
    adds to these, and a last layer gives a score to each character.  A gated block has two thirds
    of the hidden units, so that all blocks have the same number of weights.  All arrays have the
    seeds as their first axis; ``@`` multiplies the matrices of each seed.

    Parameters
    ----------
    block : str
        A name in ``BLOCKS``.
    seeds : sequence of int
    dtype : dtype, default float32
        Single precision, as such models have it.
    hidden : int, optional
        Hidden units, if not as many as make all blocks equally large.

    Examples
    --------
    >>> plain, gated = LanguageModel("relu", [0]), LanguageModel("swiglu", [0])
    >>> plain.n_parameters - gated.n_parameters  # the biases of 32 hidden units
    32
    """

    def __init__(self, block, seeds, dtype=np.float32, hidden=None):
        self.function, self.derivative, gated = BLOCKS[block]
        self.seeds, self.generators = list(seeds), [np.random.default_rng(s) for s in seeds]
        letters = len(text_windows()[0])
        hidden = hidden or (HIDDEN * 2 // 3 if gated else HIDDEN)

        def normal(*shape, size):
            drawn = np.stack([rng.normal(size=shape) for rng in self.generators])
            return (size * drawn).astype(dtype)

        def zeros(number):
            return np.zeros((len(self.seeds), 1, number), dtype)

        mixed = WINDOW * LETTER
        self.parameters = {
            "letters": normal(letters, LETTER, size=1.0),
            "mix": normal(mixed, WIDTH, size=1 / math.sqrt(mixed)),
            "up": normal(WIDTH, hidden, size=math.sqrt(2 / WIDTH)),
            "bias": zeros(hidden),
            "down": normal(hidden, WIDTH, size=0.5 / math.sqrt(hidden)),
            "out": normal(WIDTH, letters, size=0.5 / math.sqrt(WIDTH)),
            "out bias": zeros(letters),
        }
        if gated:
            self.parameters["value"] = normal(WIDTH, hidden, size=1 / math.sqrt(WIDTH))

    def pick(self, place):
        """The model of one seed, by its place in ``seeds``, with parameters of its own."""
        one = copy(self)
        one.seeds, one.generators = [self.seeds[place]], [deepcopy(self.generators[place])]
        rows = slice(place, place + 1)
        one.parameters = {name: array[rows].copy() for name, array in self.parameters.items()}
        return one

    def scores(self, window):
        """For one window, the score of each character that may follow; of the first seed's model.

        Examples
        --------
        >>> LanguageModel("relu", [0]).scores(np.zeros(12, int)).shape
        (37,)
        """
        shape = (len(self.seeds), 1, WINDOW)
        return self.forward(np.broadcast_to(window, shape))[0][0, 0]

    @property
    def n_parameters(self):
        """How many numbers one model learns."""
        return sum(array[0].size for array in self.parameters.values())

    def forward(self, windows):
        """Scores of the next character, and what the backward pass needs."""
        p = self.parameters
        rows = np.arange(len(self.seeds))[:, None, None]
        letters = p["letters"][rows, windows].reshape(*windows.shape[:2], -1)
        x = letters @ p["mix"]
        z = x @ p["up"] + p["bias"]
        value = x @ p["value"] if "value" in p else 1.0
        hidden = self.function(z) * value
        y = x + hidden @ p["down"]
        return y @ p["out"] + p["out bias"], (letters, x, z, value, hidden, y)

    def backward(self, windows, kept, error):
        """The gradients, from that in the scores."""
        p, (letters, x, z, value, hidden, y) = self.parameters, kept
        g = {"out": y.mT @ error, "out bias": error.sum(axis=1, keepdims=True)}
        dy = error @ p["out"].mT
        g["down"] = hidden.mT @ dy
        dhidden = dy @ p["down"].mT
        dz = dhidden * value * self.derivative(z)
        g["up"], g["bias"] = x.mT @ dz, dz.sum(axis=1, keepdims=True)
        dx = dy + dz @ p["up"].mT
        if "value" in p:
            dvalue = dhidden * self.function(z)
            g["value"] = x.mT @ dvalue
            dx = dx + dvalue @ p["value"].mT
        g["mix"] = letters.mT @ dx
        dletters = (dx @ p["mix"].mT).reshape(-1, LETTER)
        # Each of these is added to its character's row; the seeds' tables stand below each other.
        n_seeds, n_letters, _ = p["letters"].shape
        rows = (windows + n_letters * np.arange(n_seeds)[:, None, None]).ravel()
        sums = [np.bincount(rows, column, n_seeds * n_letters) for column in dletters.T]
        g["letters"] = np.stack(sums, axis=1).reshape(p["letters"].shape).astype(dx.dtype)
        return g

    def loss(self, windows, following):
        """Cross-entropy of each seed's model, in nats a character."""
        shape = (len(self.seeds), *windows.shape)
        scores, _ = self.forward(np.broadcast_to(windows, shape))
        scores = scores - scores.max(axis=-1, keepdims=True)
        chosen = scores[:, np.arange(len(following)), following]
        return (np.log(np.exp(scores).sum(axis=-1)) - chosen).mean(axis=1)

    def right(self, windows, following):
        """The share of characters that each seed's model gives the highest score."""
        scores, _ = self.forward(np.broadcast_to(windows, (len(self.seeds), *windows.shape)))
        return (scores.argmax(axis=-1) == following).mean(axis=1)


def train_language_model(
    block, learning_rate, seeds, steps=500, batch=64, model=None, after_step=None
):
    """Train by Adam on windows drawn at random, another draw for each seed.

    Parameters
    ----------
    block : str
        A name in ``BLOCKS``.
    learning_rate : float
    seeds : sequence of int
        From 100 on those of a search: they train on what ``text_windows(search=True)`` gives.
    steps, batch : int
    model : LanguageModel, optional
        To go on with; a new one if not given.
    after_step : callable, optional
        Called as ``after_step(step)`` after each step, counted from 1.

    Returns
    -------
    LanguageModel

    Examples
    --------
    >>> model = train_language_model("relu", 0.004, [0], steps=20)
    >>> bool(model.loss(*text_windows()[2])[0] < 3.4)
    True
    """
    model = model or LanguageModel(block, seeds)
    _, (windows, following), _ = text_windows(search=min(model.seeds) >= FIRST_SEARCH_SEED)
    step = Adam(list(model.parameters.values()), learning_rate)
    for number in range(1, steps + 1):
        drawn = np.stack([rng.integers(len(windows), size=batch) for rng in model.generators])
        read, following_it = windows[drawn], following[drawn]
        scores, kept = model.forward(read)
        error = np.exp(scores - scores.max(axis=-1, keepdims=True))
        error /= error.sum(axis=-1, keepdims=True)
        error[*np.indices(drawn.shape, sparse=True), following_it] -= 1.0
        gradients = model.backward(read, kept, error / batch)
        step([gradients[name] for name in model.parameters])
        if after_step:
            after_step(number)
    return model


#: Each block's own best of these rates (``make bench PART=search``).
RATE_GRID = [0.001, 0.002, 0.004, 0.008, 0.016]
RATES = dict.fromkeys(BLOCKS, 0.004) | {"linear": 0.008}


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
        """Its backward pass."""
        if layer == len(self.weights) - 1:
            return super().pre_activation_gradient(layer, z, error)
        return crelu_backward(z, error)


@dataclass
class Stream:
    """What one network made of a stream of tasks.

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
    """Give the units that are off for every sample new incoming weights and no outgoing ones.

    Parameters
    ----------
    network : MLP
        Changed in place.
    x : ndarray of shape (samples, features)
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of bool
        Which units those were, by hidden layer.

    Notes
    -----
    Source: Sokar et al. (2023).

    Examples
    --------
    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> reset_dormant(network, np.eye(2), np.random.default_rng(0))
    [array([False,  True, False])]
    """
    found = dormant_units(network, x)
    reset_units(network, found, rng)
    return found


def reset_units(network, chosen, rng):
    """Give units new incoming weights, a bias of 0 and outgoing weights of 0.

    Parameters
    ----------
    network : MLP
        Changed in place.
    chosen : list of ndarray of bool
        Which units, by hidden layer.
    rng : numpy.random.Generator

    Notes
    -----
    Source: Sokar et al. (2023).

    Examples
    --------
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
    """Reset units that are *not* dormant, and leave those that are alone.

    Parameters
    ----------
    network : MLP
        Changed in place.
    x : ndarray of shape (samples, features)
    rng : numpy.random.Generator
    numbers : sequence of int
        How many, by hidden layer.

    Returns
    -------
    list of ndarray of bool
        Which units those were, by hidden layer.

    Notes
    -----
    A control of ``reset_dormant``; mind that fewer units fall dormant after it.

    Examples
    --------
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
    """Raise each dormant unit's bias until it is on for a fifth of the samples; nothing is new.

    Parameters
    ----------
    network : MLP
        Changed in place.
    x : ndarray of shape (samples, features)
    rng : numpy.random.Generator
        Not used.

    Notes
    -----
    The other control of ``reset_dormant``.  Chapter: claims.

    Examples
    --------
    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> wake_dormant(network, np.eye(2), None)
    >>> [int(units.sum()) for units in dormant_units(network, np.eye(2))]
    [0]
    """
    raise_biases(network, x, below=0.0, share=0.2)


def raise_quiet(network, x, rng):
    """Raise the bias of each unit that is on for at most a fifth of the samples, to a fifth.

    Parameters
    ----------
    network : MLP
        Changed in place.
    x : ndarray of shape (samples, features)
    rng : numpy.random.Generator
        Not used.

    Examples
    --------
    >>> network = MLP([2, 3, 2], seed=0)
    >>> network.biases[0][1] = -100.0
    >>> raise_quiet(network, np.eye(2), None)
    >>> bool(share_on(network, np.eye(2))[0].min() > 0.1)
    True
    """
    raise_biases(network, x, below=0.2, share=0.2)


def raise_biases(network, x, below, share):
    """Raise the bias of each hidden unit that is on for at most ``below`` of the samples.

    Parameters
    ----------
    network : MLP
        Changed in place.
    x : ndarray of shape (samples, features)
    below, share : float
        It is raised until the unit is on for ``share`` of them.

    Examples
    --------
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
    """For which share of the samples each unit of each hidden layer is on.

    A unit of CReLU is never off: one of its two outputs is on unless z is 0.

    Parameters
    ----------
    network : MLP
    x : ndarray of shape (samples, features)

    Returns
    -------
    list of ndarray

    Examples
    --------
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

    Parameters
    ----------
    network : MLP
    x : ndarray of shape (samples, features)

    Returns
    -------
    list of float

    Examples
    --------
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
    """Units of each hidden layer that are on for no sample.

    Parameters
    ----------
    network : MLP
    x : ndarray of shape (samples, features)

    Returns
    -------
    list of ndarray of bool

    Examples
    --------
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
        Of the weights, the labels and the order of the samples.
    tasks : int
    weight_decay : float
        What the weights lose at each step, as a share of the rate.
    between : callable, optional
        What is done to the network after each task, as ``reset_dormant`` and the like.
    fresh : bool
        Whether each task gets a new network: what could be had.
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
        How many tasks are looked at, from the end.
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
