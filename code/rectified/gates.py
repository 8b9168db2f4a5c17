"""Gated units and other heirs of ReLU, each beside its derivative.

A gated linear unit multiplies two pre-activations of the same input: ``value``, as it is, and
``gate``, through an activation.  Both are array-likes of real numbers whose shapes broadcast, and
the result has the broadcast shape.  ``NAME_prime(gate, value)`` returns the two partial
derivatives, in the gate and in the value.  What ``rectified.activations`` says about types and
errors holds here too; a closed gate times an infinite value is NaN, as 0 times infinity is.

Chapter: today.
"""

from typing import NamedTuple

import numpy as np

from rectified.activations import (
    _as_float,
    gelu,
    gelu_prime,
    relu,
    relu_prime,
    sigmoid,
    sigmoid_prime,
    silu,
    silu_prime,
)

__all__ = [
    "GATES",
    "Gate",
    "crelu",
    "crelu_backward",
    "geglu",
    "geglu_prime",
    "glu",
    "glu_prime",
    "reglu",
    "reglu_prime",
    "squared_relu",
    "squared_relu_prime",
    "swiglu",
    "swiglu_prime",
]


class Gate(NamedTuple):
    """A gated unit: its function of (gate, value), and the pair of its partial derivatives."""

    function: object
    derivative: object


def _times(opened, value):
    """The product; a large one is infinite, without a warning."""
    with np.errstate(over="ignore", invalid="ignore"):
        return opened * _as_float(value, "value")


def glu(gate, value):
    r"""Gated linear unit, :math:`\sigma(g)\,v`.

    Source: Dauphin et al. (2017).

    >>> glu(0.0, 3.0)
    np.float64(1.5)
    """
    return _times(sigmoid(gate), value)


def glu_prime(gate, value):
    r"""Partial derivatives of ``glu``: :math:`\sigma'(g)\,v` and :math:`\sigma(g)`.

    >>> glu_prime(0.0, 3.0)
    (np.float64(0.75), np.float64(0.5))
    """
    return _times(sigmoid_prime(gate), value), sigmoid(gate)


def reglu(gate, value):
    r"""A gate by ReLU, :math:`\max(0, g)\,v`.

    Source: Shazeer (2020).

    >>> reglu([-1.0, 2.0], [3.0, 3.0])
    array([0., 6.])
    """
    return _times(relu(gate), value)


def reglu_prime(gate, value):
    r"""Partial derivatives of ``reglu``: :math:`v` where :math:`g > 0`, and :math:`\max(0, g)`.

    >>> reglu_prime(2.0, 3.0)
    (np.float64(3.0), np.float64(2.0))
    """
    return _times(relu_prime(gate), value), relu(gate)


def geglu(gate, value):
    r"""A gate by GELU, :math:`\mathrm{gelu}(g)\,v`; as slow as ``gelu``.

    Source: Shazeer (2020).

    >>> geglu(0.0, 3.0)
    np.float64(0.0)
    """
    return _times(gelu(gate), value)


def geglu_prime(gate, value):
    r"""Partial derivatives of ``geglu``: :math:`\mathrm{gelu}'(g)\,v`, :math:`\mathrm{gelu}(g)`.

    >>> geglu_prime(0.0, 3.0)
    (np.float64(1.5), np.float64(0.0))
    """
    return _times(gelu_prime(gate), value), gelu(gate)


def swiglu(gate, value):
    r"""A gate by SiLU (also called Swish), :math:`g\,\sigma(g)\,v`.

    Source: Shazeer (2020).

    >>> swiglu(0.0, 3.0)
    np.float64(0.0)
    """
    return _times(silu(gate), value)


def swiglu_prime(gate, value):
    r"""Partial derivatives of ``swiglu``: :math:`\mathrm{silu}'(g)\,v`, :math:`\mathrm{silu}(g)`.

    >>> swiglu_prime(0.0, 3.0)
    (np.float64(1.5), np.float64(0.0))
    """
    return _times(silu_prime(gate), value), silu(gate)


#: The gated units by name.
GATES = {
    "glu": Gate(glu, glu_prime),
    "reglu": Gate(reglu, reglu_prime),
    "geglu": Gate(geglu, geglu_prime),
    "swiglu": Gate(swiglu, swiglu_prime),
}


def squared_relu(z):
    r"""The square of ReLU, :math:`\max(0, z)^2`: no kink, and still exactly 0 for z below 0.

    Source: So et al. (2021).

    >>> squared_relu([-2.0, 3.0])
    array([0., 9.])
    """
    with np.errstate(over="ignore"):
        return relu(z) ** 2


def squared_relu_prime(z):
    r"""Derivative of ``squared_relu``, :math:`2 \max(0, z)`.

    >>> squared_relu_prime([-2.0, 3.0])
    array([0., 6.])
    """
    with np.errstate(over="ignore"):
        return 2.0 * relu(z)


def crelu(z):
    r"""Concatenated ReLU: :math:`\max(0, z)` beside :math:`\max(0, -z)`, in the last axis.

    The last axis becomes twice as long.  Of each pair of outputs one is on unless ``z`` is 0:
    nothing can die.

    Source: Shang et al. (2016).

    >>> crelu([-2.0, 3.0])
    array([0., 3., 2., 0.])
    """
    z = _with_units(z)
    return np.concatenate([relu(z), relu(-z)], axis=-1)


def crelu_backward(z, error):
    r"""The gradient in ``z`` from that in ``crelu(z)``; at 0 both halves have slope 0.

    ``error`` is the loss's gradient in the outputs, its last axis twice as long as that of ``z``.

    >>> crelu_backward([-2.0, 3.0], [1.0, 10.0, 100.0, 1000.0])
    array([-100.,   10.])
    """
    z, error = _with_units(z), _as_float(error, "error")
    if error.shape != (*z.shape[:-1], 2 * z.shape[-1]):
        raise ValueError(f"error must have twice the columns of z, not {error.shape} for {z.shape}")
    upper, lower = np.split(error, 2, axis=-1)
    return relu_prime(z) * upper - relu_prime(-z) * lower


def _with_units(z):
    z = _as_float(z, "z")
    if not z.ndim:
        raise ValueError("z must have an axis of units, not be a single number")
    return z
