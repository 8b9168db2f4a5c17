"""Random initial weights of a layer, under their standard names.

Each function draws a float64 matrix of shape (fan_in, fan_out), for a layer of ``fan_out`` units
that computes ``x @ W + b`` from ``fan_in`` inputs.  ``rng`` is the numpy.random.Generator that
supplies the numbers.  A fan that is not a positive integer raises ``TypeError`` or ``ValueError``.
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

    Chapter: strengths.  Source: He et al. (2015).

    >>> he(200, 300, np.random.default_rng(0)).var().round(3)  # 2 / 200
    np.float64(0.01)
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    return rng.normal(0.0, math.sqrt(2.0 / fan_in), (fan_in, fan_out))


def xavier(fan_in, fan_out, rng):
    r"""Xavier (Glorot) initialisation: normal, variance :math:`2 / (n_\text{in} + n_\text{out})`.

    Chapter: strengths.  Source: Glorot and Bengio (2010).

    >>> xavier(200, 200, np.random.default_rng(0)).var().round(3)  # 2 / 400
    np.float64(0.005)
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    return rng.normal(0.0, math.sqrt(2.0 / (fan_in + fan_out)), (fan_in, fan_out))


def uniform(fan_in, fan_out, rng):
    r"""Uniform initialisation on :math:`\pm 1/\sqrt{n_\text{in}}`, of variance 1/(3 n_in).

    The default of PyTorch's Linear layer, for weights and biases.

    Chapter: strengths.  Source: Glorot and Bengio (2010), who call it commonly used.

    >>> bool(abs(uniform(100, 300, np.random.default_rng(0))).max() <= 0.1)  # 1 / sqrt(100)
    True
    """
    _check_fan(fan_in=fan_in, fan_out=fan_out)
    bound = 1.0 / math.sqrt(fan_in)
    return rng.uniform(-bound, bound, (fan_in, fan_out))


#: The initialisations by name.
INITIALIZATIONS = {"he": he, "xavier": xavier, "uniform": uniform}
