"""A unit of the second layer that is off for every input, by simulation.

Chapter: three-sixteenths.
"""

import numpy as np

from rectified.activations import relu

__all__ = ["never_on"]


def never_on(draws=200_000, biases=True, seed=0):
    """How often a unit of the second layer, over two of the first, is off for every input.

    Parameters
    ----------
    draws : int, default 200_000
        Networks drawn; one input, standard normal weights.
    biases : bool, default True
        Whether both layers have standard normal biases; otherwise all are 0.
    seed : int, default 0

    Returns
    -------
    float
        The share of draws; 3/16 with biases and 3/8 without, in the limit.

    Notes
    -----
    The pre-activation is piecewise linear in the input: its largest value is at a kink, unless it
    is unbounded at one end.
    Source: Brownlowe et al. (2024) for 3/16.

    Examples
    --------
    >>> abs(never_on(draws=50_000) - 3 / 16) < 0.01
    True
    """
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(2, 2, draws))
    b, c = (rng.normal(size=(2, draws)), rng.normal(size=draws)) if biases else (0.0 * w, 0.0)
    at_kinks = [(v * relu(w * kink + b)).sum(axis=0) + c for kink in -b / w]
    falls_right = (v * relu(w)).sum(axis=0) <= 0.0
    falls_left = (v * relu(-w)).sum(axis=0) <= 0.0
    # At its own kink a unit gives 0 up to rounding.
    off = (np.maximum(*at_kinks) <= 1e-12) & falls_right & falls_left
    return float(off.mean())
