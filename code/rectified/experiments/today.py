"""What became of ReLU: gates in a small language model.

Chapters: today, which-bend.
"""

import math
from copy import copy, deepcopy
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
from rectified.datasets import load_coriolanus
from rectified.experiments.design import FIRST_SEARCH_SEED
from rectified.gates import squared_relu, squared_relu_prime
from rectified.network import Adam

__all__ = [
    "FAST_GELU",
    "BLOCKS",
    "RATES",
    "RATE_GRID",
    "LanguageModel",
    "gelu_fast",
    "gelu_fast_prime",
    "text_windows",
    "train_language_model",
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
    block, learning_rate, seeds, steps=500, batch=64, model=None, after_step=None, share=1.0
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
    share : float, default 1.0
        Train on this share of the training part, from its beginning.

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
    step, end = Adam(list(model.parameters.values()), learning_rate), int(share * len(windows))
    for number in range(1, steps + 1):
        drawn = np.stack([rng.integers(end, size=batch) for rng in model.generators])
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
