"""Random initial weights of a layer, under their standard names.

Each function draws a matrix of shape (fan_in, fan_out), for a layer that computes ``x @ W + b``.
"""

import math

import numpy as np

__all__ = ["INITIALIZATIONS", "he", "uniform", "xavier"]


def _check_fan(**fans):
    for name, value in fans.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} must be an integer, not {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")


def he(fan_in, fan_out, rng):
    r"""He initialisation: normal with mean 0 and variance :math:`2 / n_\text{in}`.

    Parameters
    ----------
    fan_in, fan_out : int
        Units before and in the layer.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray of shape (fan_in, fan_out), float64

    Raises
    ------
    TypeError, ValueError
        If a fan is not a positive integer.

    Notes
    -----
    Chapter: Why ReLU won.  Source: He et al. (2015).

    Examples
    --------
    >>> he(200, 300, np.random.default_rng(0)).var().round(3)  # 2 / 200
    np.float64(0.01)
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    return rng.normal(0.0, math.sqrt(2.0 / fan_in), (fan_in, fan_out))


def xavier(fan_in, fan_out, rng):
    r"""Xavier (Glorot) initialisation: normal, variance :math:`2 / (n_\text{in} + n_\text{out})`.

    Parameters
    ----------
    fan_in, fan_out : int
        Units before and in the layer.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray of shape (fan_in, fan_out), float64

    Raises
    ------
    TypeError, ValueError
        If a fan is not a positive integer.

    Notes
    -----
    Chapter: Why ReLU won.  Source: Glorot and Bengio (2010).

    Examples
    --------
    >>> xavier(200, 200, np.random.default_rng(0)).var().round(3)  # 2 / 400
    np.float64(0.005)
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    return rng.normal(0.0, math.sqrt(2.0 / (fan_in + fan_out)), (fan_in, fan_out))


def uniform(fan_in, fan_out, rng):
    r"""Uniform initialisation on :math:`\pm 1/\sqrt{n_\text{in}}`, of variance 1/(3 n_in).

    Parameters
    ----------
    fan_in, fan_out : int
        Units before and in the layer.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray of shape (fan_in, fan_out), float64

    Raises
    ------
    TypeError, ValueError
        If a fan is not a positive integer.

    Notes
    -----
    The default of PyTorch's Linear layer, for weights and biases.
    Chapter: When does a unit die?  Source: LeCun et al. (1998).

    Examples
    --------
    >>> bool(abs(uniform(100, 300, np.random.default_rng(0))).max() <= 0.1)  # 1 / sqrt(100)
    True
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    bound = 1.0 / math.sqrt(fan_in)
    return rng.uniform(-bound, bound, (fan_in, fan_out))


#: The initialisations by name.
INITIALIZATIONS = {"he": he, "xavier": xavier, "uniform": uniform}
