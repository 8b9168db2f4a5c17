"""The data of the book: handwritten digits, shipped with the package, and small synthetic sets."""

import gzip
from importlib.resources import files
from typing import NamedTuple

import numpy as np

__all__ = [
    "PREPARATIONS",
    "Digits",
    "Split",
    "load_coriolanus",
    "load_digits",
    "prepare_digits",
    "split_digit_pairs",
    "split_digits",
    "two_moons",
]


class Digits(NamedTuple):
    """The digits: images and what they show."""

    pixels: np.ndarray  #: of shape (1797, 64), float64, from 0 to 16, row by row
    labels: np.ndarray  #: of shape (1797,), int64, from 0 to 9


class Split(NamedTuple):
    """A data set cut into a part to learn from and a part to be tested on."""

    x_train: np.ndarray  #: inputs to learn from, one sample a row
    y_train: np.ndarray  #: their labels
    x_test: np.ndarray  #: inputs to be tested on
    y_test: np.ndarray  #: their labels


def load_digits():
    """Load the 1,797 handwritten digits of 8×8 pixels, as :class:`Digits`.

    Chapter: training.
    Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository, CC BY 4.0; the test part, as in scikit-learn's load_digits.

    >>> digits = load_digits()
    >>> digits.pixels.shape, digits.pixels.max()
    ((1797, 64), np.float64(16.0))
    """
    with files("rectified").joinpath("data/digits.npz").open("rb") as file, np.load(file) as data:
        return Digits(data["pixels"].astype(np.float64), data["labels"].astype(np.int64))


def load_coriolanus():
    """Load most of Shakespeare's *Coriolanus*, in lower case.

    Returns
    -------
    str
        149,961 characters, 37 different ones.

    Notes
    -----
    Chapter: today.  In the public domain; where the text came from: see data/README.md.

    Examples
    --------
    >>> load_coriolanus()[:50]
    'first citizen:\\nbefore we proceed any further, hear'
    """
    data = files("rectified").joinpath("data/coriolanus.txt.gz").read_bytes()
    return gzip.decompress(data).decode("ascii")


def split_digits(standardize=True, seed=0):
    """Split the digits at random, by ``seed``, into 1,200 to train on and 597 to test on.

    With ``standardize`` each pixel has mean 0 and standard deviation 1 on the training part (one
    that never varies there becomes 0); without it, pixels stay between 0 and 16.  Returns a
    :class:`Split`.

    Chapter: training.

    >>> split_digits().x_train.std(axis=0).max().round(6)
    np.float64(1.0)
    """
    pixels, labels = load_digits()
    order = np.random.default_rng(seed).permutation(len(pixels))
    train, test = order[:1200], order[1200:]
    if standardize:
        mean, deviation = pixels[train].mean(axis=0), pixels[train].std(axis=0)
        pixels = (pixels - mean) / np.where(deviation > 0.0, deviation, 1.0)
        # Pixels that are blank in training may be inked in testing: they tell nothing.
        pixels[:, deviation == 0.0] = 0.0
    return Split(pixels[train], labels[train], pixels[test], labels[test])


#: How the 8×8 pixels may be prepared; see ``prepare_digits``.
PREPARATIONS = ("raw", "divided", "scaled", "centred", "centred, divided", "standardised")


def prepare_digits(preparation="raw"):
    """Load the split digits with their pixels prepared in one of six ways.

    Parameters
    ----------
    preparation : str, default "raw"
        "raw": 0 to 16; "divided": by 16; "scaled": divided by each pixel's standard deviation on
        the training part (one that never varies there becomes 0); "centred": minus its mean there;
        "centred, divided": that, and then by 16; "standardised": centred and scaled.

    Returns
    -------
    Split
        1,200 samples to train on, 597 to test on.

    Raises
    ------
    ValueError
        If there is no such preparation.

    Notes
    -----
    Chapter: dead-neurons.

    Examples
    --------
    >>> prepare_digits("divided").x_train.max()
    np.float64(1.0)
    """
    if preparation not in PREPARATIONS:
        raise ValueError(f"preparation must be one of {PREPARATIONS}, not {preparation!r}")
    split = split_digits(standardize=preparation == "standardised")
    shift = split.x_train.mean(axis=0) if preparation.startswith("centred") else 0.0
    scale = 16.0 if preparation.endswith("divided") else 1.0
    if preparation == "scaled":
        deviation = split.x_train.std(axis=0)
        scale = np.where(deviation > 0.0, deviation, np.inf)
    return Split(
        (split.x_train - shift) / scale, split.y_train, (split.x_test - shift) / scale, split.y_test
    )


def split_digit_pairs(n_train=6000, n_test=2000, seed=0, digits=None):
    """Pairs of digits side by side, with the question: is the sum of the two even?

    A single digit is nearly a linear matter: a network without any bend tells the ten apart about
    as well as one with ReLU.  This task is not: as far as a linear network can see, each pixel is
    as common among even sums as among odd ones, and it stays at chance.

    Returns a :class:`Split` with inputs of 128 pixels and labels 0 (odd) and 1 (even).  The
    ``n_train`` pairs are drawn with replacement from the 1,200 standardised digits for training,
    the ``n_test`` pairs from the 597 for testing; ``seed`` decides the split and the pairs.
    Digits that were prepared in another way are given as ``digits``.

    Chapter: strengths.

    >>> pairs = split_digit_pairs(n_train=100, n_test=10)
    >>> pairs.x_train.shape, set(pairs.y_test.tolist()) <= {0, 1}
    ((100, 128), True)
    """
    if min(n_train, n_test) < 1:
        raise ValueError(f"n_train and n_test must be at least 1, not {n_train} and {n_test}")
    digits = split_digits(seed=seed) if digits is None else digits
    rng = np.random.default_rng([seed, 1])

    def pairs(pixels, labels, number):
        left, right = rng.integers(len(pixels), size=(2, number))
        even = ((labels[left] + labels[right]) % 2 == 0).astype(np.int64)
        return np.hstack([pixels[left], pixels[right]]), even

    return Split(
        *pairs(digits.x_train, digits.y_train, n_train),
        *pairs(digits.x_test, digits.y_test, n_test),
    )


def two_moons(n_samples=200, noise=0.1, seed=0):
    """Draw two interleaved half circles, a small classification problem in the plane.

    Returns ``x`` of shape (n_samples, 2) and as many labels, 0 for the first half (rounded down)
    and 1.  ``noise`` is the standard deviation of the normal noise on each coordinate; ``seed``
    decides the draw.

    Chapter: activation-functions.

    >>> x, labels = two_moons(6)
    >>> x.shape, labels
    ((6, 2), array([0, 0, 0, 1, 1, 1]))
    """
    if n_samples < 2:
        raise ValueError(f"n_samples must be at least 2, not {n_samples}")
    if not noise >= 0.0:
        raise ValueError(f"noise must be at least 0, not {noise}")
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [n_samples // 2, n_samples - n_samples // 2])
    angle = rng.uniform(0.0, np.pi, n_samples)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)])
    x = np.where(labels[:, None] == 0, upper, lower)
    return x + rng.normal(0.0, noise, x.shape), labels
