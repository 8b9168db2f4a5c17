"""What the slope chosen at the kink changes in training, in 64, 32 and 16 bits.

Chapter: the-value-at-zero.
"""

from dataclasses import dataclass

import numpy as np

from rectified.datasets import split_digit_pairs
from rectified.initialization import he

__all__ = ["GradientsAtZero", "rounding", "train_with_value_at_zero"]

SIZES = [128, 64, 64, 2]


@dataclass(frozen=True)
class GradientsAtZero:
    """Result of training with one value of the slope at zero.

    Attributes
    ----------
    weights : ndarray
        All the parameters at the end, in one row.
    accuracy : float
        On the test pairs.
    zeros : int
        Pre-activations that were exactly 0 in a backward pass.
    seen : int
        Pre-activations in all backward passes.
    """

    weights: np.ndarray
    accuracy: float
    zeros: int
    seen: int


def rounding(bits):
    """The floating type to compute in, and the rounding after each operation.

    16 bits are emulated: NumPy computes each sum, product and power in 32 bits, and the result is
    rounded to the nearest number of 16 bits before it is used again, as on processors that add up
    in 32 bits and store in 16.

    >>> kind, rounded = rounding(16)
    >>> float(rounded(np.array([0.1], dtype=kind))[0])
    0.0999755859375
    """
    kinds = {64: np.float64, 32: np.float32, 16: np.float32}
    if bits not in kinds:
        raise ValueError(f"bits must be 16, 32 or 64, not {bits}")
    if bits == 16:
        return np.float32, lambda x: x.astype(np.float16).astype(np.float32)
    return kinds[bits], lambda x: x


def train_with_value_at_zero(at_zero, seed=0, bits=64, epochs=10, bend=True):
    """Train on pairs of digits with the slope ``at_zero`` at the kink, and count the zeros met.

    A network 128-64-64-2 with He weights, on 2,000 pairs; plain SGD at rate 0.3 in batches of 64;
    every operation rounded to ``bits``.  ``bend=False`` leaves ReLU out.  ``seed`` sets
    the weights and the order of the samples.

    Source: Bertoin et al. (2021).
    """
    kind, rounded = rounding(bits)
    data = split_digit_pairs(n_train=2000, n_test=2000)
    rng, order = np.random.default_rng(seed), np.random.default_rng(1000 + seed)
    weights = [rounded(he(m, n, rng).astype(kind)) for m, n in zip(SIZES, SIZES[1:], strict=False)]
    biases = [np.zeros(n, kind) for n in SIZES[1:]]
    x, wanted = rounded(data.x_train.astype(kind)), np.eye(2, dtype=kind)[data.y_train]
    rate, last, zeros, seen = kind(0.3), len(weights) - 1, 0, 0

    def forward(x):
        z, a = [], [x]
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            z.append(rounded(rounded(a[-1] @ weight) + bias))
            a.append(np.maximum(z[-1], 0) if bend and layer < last else z[-1])
        return z, a

    for _ in range(epochs):
        for batch in np.split(order.permutation(len(x)), range(64, len(x), 64)):
            z, a = forward(x[batch])
            powers = rounded(np.exp(rounded(a[-1] - a[-1].max(axis=1, keepdims=True))))
            shares = rounded(powers / rounded(powers.sum(axis=1, keepdims=True)))
            error = rounded(rounded(shares - wanted[batch]) / kind(len(batch)))
            for layer in reversed(range(len(weights))):
                if bend and layer < last:
                    slope = np.where(z[layer] == 0, at_zero, z[layer] > 0).astype(kind)
                    error = rounded(error * slope)
                    zeros, seen = zeros + np.sum(z[layer] == 0), seen + z[layer].size
                weight_step = rounded(rate * rounded(a[layer].T @ error))
                bias_step = rounded(rate * rounded(error.sum(axis=0)))
                if layer:
                    error = rounded(error @ weights[layer].T)
                weights[layer] = rounded(weights[layer] - weight_step)
                biases[layer] = rounded(biases[layer] - bias_step)
    output = forward(rounded(data.x_test.astype(kind)))[1][-1]
    right = float(np.mean(output.argmax(axis=1) == data.y_test))
    accuracy = right if np.isfinite(output).all() else float("nan")
    every = np.concatenate([parameter.ravel() for parameter in weights + biases])
    return GradientsAtZero(every, accuracy, int(zeros), int(seen))
