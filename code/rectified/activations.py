r"""Activation functions, each beside its derivative.

Every function takes the pre-activation ``z``, an array-like of real numbers of any shape, and
returns a new array of the same shape (a NumPy scalar for a scalar).  float16, float32 and float64
keep their type; integers and booleans become float64.  NaN stays NaN, and at plus and minus
infinity each function gives its mathematical limit, without a warning.  Complex numbers, strings
and objects raise ``TypeError``; a parameter out of its range raises ``ValueError``, which says
what the range is.

``NAME_prime(z)`` is the derivative with respect to ``z``, evaluated at the pre-activation, never
at the output.  At a kink it returns the derivative from the left, so 0 for ReLU; ``relu_prime``
lets you choose another convention.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "elu",
    "elu_prime",
    "gelu",
    "gelu_prime",
    "identity",
    "identity_prime",
    "leaky_relu",
    "leaky_relu_prime",
    "maxout",
    "maxout_prime",
    "prelu",
    "prelu_prime",
    "prelu_slope_gradient",
    "relu",
    "relu_prime",
    "sigmoid",
    "sigmoid_prime",
    "silu",
    "silu_prime",
    "softplus",
    "softplus_prime",
    "tanh",
    "tanh_prime",
]


def _as_float(values, name):
    """Return ``values`` as a floating-point array, or say which argument is wrong."""
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise TypeError(f"{name} must hold real numbers: {error}") from None
    kind = array.dtype.kind
    if kind == "f":
        return array
    if kind in "iub":
        return array.astype(np.float64)
    raise TypeError(f"{name} must hold real numbers, not values of type {array.dtype}")


def _as_parameter(value, name, dtype, low=-math.inf, high=math.inf):
    """Return one finite number between ``low`` and ``high`` in the precision ``dtype``."""
    array = _as_float(value, name)
    if array.ndim:
        raise TypeError(f"{name} must be a single number, not an array of shape {array.shape}")
    value = float(array)
    if not (low <= value <= high and abs(value) <= float(np.finfo(dtype).max)):
        raise ValueError(f"{name} must be {_describe_range(low, high, dtype)}, not {value}")
    return float(dtype.type(value))  # rounded as z is: 1e-60 is 0 as a float32


def _describe_range(low, high, dtype):
    if low == -math.inf:
        return f"a finite {dtype} number"
    if high == math.inf:
        return f"a finite {dtype} number of at least {low:g}"
    return f"between {low:g} and {high:g}"


def _step(z):
    """1 where z is positive, 0 where it is not, NaN where it is NaN."""
    return np.heaviside(z, 0.0)


def _clip_to_finite(z):
    """Replace infinities by the largest finite numbers, so that infinity times 0 is 0."""
    limits = np.finfo(z.dtype)
    return np.clip(z, limits.min, limits.max)


def relu(z):
    r"""Rectified linear unit, :math:`\max(0, z)`; ``relu(-0.0)`` is ``0.0``.

    Chapter: definition.  Source: Householder (1941), Fukushima (1969), Nair and Hinton (2010).

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    # For -0.0, np.maximum may return either zero; -0.0 + 0.0 is 0.0.
    result = np.maximum(_as_float(z, "z"), 0.0)
    result += 0.0
    return result


def relu_prime(z, at_zero=0.0):
    r"""Derivative of ReLU: 0 for :math:`z < 0`, 1 for :math:`z > 0`, ``at_zero`` at 0.

    ``at_zero`` is any number of the subdifferential, [0, 1].

    Chapter: derivative.  Source: Bertoin et al. (2021) on the value at zero.

    >>> relu_prime([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    >>> relu_prime(0.0, at_zero=0.5)
    np.float64(0.5)
    """
    z = _as_float(z, "z")
    at_zero = _as_parameter(at_zero, "at_zero", z.dtype, 0.0, 1.0)
    return np.heaviside(z, at_zero)


def leaky_relu(z, negative_slope=0.01):
    r"""Leaky ReLU: :math:`z` for :math:`z > 0`, ``negative_slope`` times :math:`z` otherwise.

    ``negative_slope`` is any finite number.  The code adds :math:`\max(0, z)` and the slope times
    :math:`\min(0, z)`, which is right for every slope; ``max(negative_slope * z, z)`` is right
    only for slopes up to 1.

    Chapter: leaky-relu.  Source: Maas, Hannun and Ng (2013).

    >>> leaky_relu([-2.0, 0.0, 3.0], negative_slope=0.1)
    array([-0.2,  0. ,  3. ])
    """
    z = _as_float(z, "z")
    slope = _as_parameter(negative_slope, "negative_slope", z.dtype)
    if slope == 0.0:  # 0 times minus infinity would be NaN
        return relu(z)
    with np.errstate(over="ignore"):  # a steep slope may carry a finite z to infinity
        return np.maximum(z, 0.0) + slope * np.minimum(z, 0.0)


def leaky_relu_prime(z, negative_slope=0.01):
    r"""Derivative of leaky ReLU: 1 for :math:`z > 0`, ``negative_slope`` for :math:`z \le 0`.

    Chapter: leaky-relu.  Source: Maas, Hannun and Ng (2013).

    >>> leaky_relu_prime([-2.0, 0.0, 3.0], negative_slope=0.1)
    array([0.1, 0.1, 1. ])
    """
    z = _as_float(z, "z")
    slope = _as_parameter(negative_slope, "negative_slope", z.dtype)
    step = _step(z)
    return step + slope * (1.0 - step)


def _as_slopes(negative_slope, z):
    """Return the slopes of a PReLU in the precision of ``z``, checked."""
    slopes = _as_float(negative_slope, "negative_slope")
    if slopes.dtype != z.dtype:
        with np.errstate(over="ignore"):  # 1e300 becomes an infinite float32
            slopes = slopes.astype(z.dtype)
    if not np.isfinite(slopes).all():
        raise ValueError(f"negative_slope must hold finite {z.dtype} numbers")
    if slopes.ndim == 0:
        return slopes
    try:
        np.broadcast_to(slopes, z.shape)
    except ValueError:
        raise ValueError(
            f"negative_slope of shape {slopes.shape} does not broadcast to z of shape {z.shape}"
        ) from None
    return slopes


def prelu(z, negative_slope):
    r"""Parametric ReLU: leaky ReLU with learned slopes, one for all units or one per channel.

    ``negative_slope`` is an array-like of finite slopes that broadcasts to the shape of ``z``.

    Chapter: leaky-relu.  Source: He et al. (2015).

    >>> prelu([[-2.0, -2.0], [3.0, 3.0]], negative_slope=[0.1, 0.5])
    array([[-0.2, -1. ],
           [ 3. ,  3. ]])
    """
    z = _as_float(z, "z")
    slopes = _as_slopes(negative_slope, z)
    # Where a slope is 0, nothing is multiplied: 0 times minus infinity would be NaN.
    negative_part = np.zeros_like(z)
    with np.errstate(over="ignore"):  # a steep slope may carry a finite z to infinity
        np.multiply(slopes, np.minimum(z, 0.0), out=negative_part, where=(slopes != 0.0))
    return np.maximum(z, 0.0) + negative_part


def prelu_prime(z, negative_slope):
    r"""Derivative of PReLU in :math:`z`: 1 for :math:`z > 0`, ``negative_slope`` otherwise.

    Chapter: leaky-relu.  Source: He et al. (2015).

    >>> prelu_prime([-2.0, 3.0], negative_slope=0.25)
    array([0.25, 1.  ])
    """
    z = _as_float(z, "z")
    slopes = _as_slopes(negative_slope, z)
    step = _step(z)
    return step + slopes * (1.0 - step)


def prelu_slope_gradient(z):
    r"""Derivative of PReLU in its slope, :math:`\min(0, z)`.

    The gradient of a loss in one slope sums, over all the values that share this slope, the loss's
    gradient in the output times this.

    Chapter: leaky-relu.  Source: He et al. (2015).

    >>> prelu_slope_gradient([-2.0, 0.0, 3.0])
    array([-2.,  0.,  0.])
    """
    return np.minimum(_as_float(z, "z"), 0.0)


def elu(z, alpha=1.0):
    r"""Exponential linear unit: :math:`z` for :math:`z > 0`, :math:`\alpha (e^z - 1)` otherwise.

    ``alpha`` is finite and not negative; at minus infinity the function tends to ``-alpha``.

    Chapter: relatives.  Source: Clevert, Unterthiner and Hochreiter (2016).

    >>> elu([-1.0, 0.0, 3.0]).round(3)
    array([-0.632,  0.   ,  3.   ])
    """
    z = _as_float(z, "z")
    alpha = _as_parameter(alpha, "alpha", z.dtype, 0.0)
    return np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))


def elu_prime(z, alpha=1.0):
    r"""Derivative of ELU: 1 for :math:`z > 0`, :math:`\alpha e^z` for :math:`z \le 0`.

    There is a kink at 0 unless ``alpha`` is 1.

    Chapter: relatives.  Source: Clevert, Unterthiner and Hochreiter (2016).

    >>> elu_prime([-1.0, 0.0, 3.0]).round(3)
    array([0.368, 1.   , 1.   ])
    """
    z = _as_float(z, "z")
    alpha = _as_parameter(alpha, "alpha", z.dtype, 0.0)
    step = _step(z)
    return step + (1.0 - step) * (alpha * np.exp(np.minimum(z, 0.0)))


def sigmoid(z):
    r"""Logistic sigmoid, :math:`1 / (1 + e^{-z})`, between 0 and 1.

    Chapter: strengths.  Source: LeCun et al. (1998).

    >>> sigmoid([-2.0, 0.0, 2.0]).round(3)
    array([0.119, 0.5  , 0.881])
    """
    z = _as_float(z, "z")
    # For z < 0 the fraction was multiplied by exp(z): no exponential overflows.
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))


def sigmoid_prime(z):
    r"""Derivative of the sigmoid, :math:`\sigma(z) (1 - \sigma(z))`; largest at 0, where it is 1/4.

    Chapter: strengths.  Source: LeCun et al. (1998).

    >>> sigmoid_prime([-2.0, 0.0, 2.0]).round(3)
    array([0.105, 0.25 , 0.105])
    """
    decay = np.exp(-np.abs(_as_float(z, "z")))
    return decay / (1.0 + decay) ** 2


def tanh(z):
    r"""Hyperbolic tangent, :math:`\tanh z = 2\sigma(2z) - 1`, between -1 and 1.

    Chapter: strengths.  Source: LeCun et al. (1998).

    >>> tanh([-2.0, 0.0, 2.0]).round(3)
    array([-0.964,  0.   ,  0.964])
    """
    return np.tanh(_as_float(z, "z"))


def tanh_prime(z):
    r"""Derivative of tanh, :math:`1 - \tanh^2 z`; largest at 0, where it is 1.

    Computed from :math:`e^{-2|z|}`: ``1 - tanh(z)**2`` would lose every digit for large ``z``.

    Chapter: strengths.  Source: LeCun et al. (1998).

    >>> tanh_prime([-2.0, 0.0, 2.0]).round(3)
    array([0.071, 1.   , 0.071])
    """
    # A square rather than the exponential of -2|z|: 2|z| overflows for the largest numbers.
    decay = np.exp(-np.abs(_as_float(z, "z"))) ** 2
    return 4.0 * decay / (1.0 + decay) ** 2


def softplus(z):
    r"""Softplus, :math:`\log(1 + e^z)`, a smooth form of ReLU.

    Chapter: relatives.  Source: Dugas et al. (2001).

    >>> softplus([-20.0, 0.0, 20.0]).round(3)
    array([ 0.   ,  0.693, 20.   ])
    """
    z = _as_float(z, "z")
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_prime(z):
    r"""Derivative of softplus: the sigmoid.

    Chapter: relatives.  Source: Dugas et al. (2001).

    >>> softplus_prime([-2.0, 0.0, 2.0]).round(3)
    array([0.119, 0.5  , 0.881])
    """
    return sigmoid(z)


def silu(z):
    r"""Sigmoid-weighted linear unit (also called swish), :math:`z\,\sigma(z)`.

    Chapter: relatives.  Source: Hendrycks and Gimpel (2016), Elfwing, Uchibe and Doya (2018).

    >>> silu([-2.0, 0.0, 2.0]).round(3)
    array([-0.238,  0.   ,  1.762])
    """
    z = _as_float(z, "z")
    return np.maximum(z, np.finfo(z.dtype).min) * sigmoid(z)


def silu_prime(z):
    r"""Derivative of SiLU, :math:`\sigma(z) + z\,\sigma(z)(1 - \sigma(z))`.

    Chapter: relatives.  Source: Hendrycks and Gimpel (2016), Elfwing, Uchibe and Doya (2018).

    >>> silu_prime([-2.0, 0.0, 2.0]).round(3)
    array([-0.091,  0.5  ,  1.091])
    """
    z = _as_float(z, "z")
    decay = np.exp(-np.abs(z))
    product = _clip_to_finite(z) * (decay / (1.0 + decay))
    return (np.exp(np.minimum(z, 0.0)) + product) / (1.0 + decay)


# math.erfc keeps its digits far out on the negative side, where 1 + erf would round to 0.
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _normal_cdf(z):
    """Standard normal distribution function, in double precision."""
    return 0.5 * _erfc(-z.astype(np.float64) / math.sqrt(2.0))


def gelu(z):
    r"""Gaussian error linear unit, :math:`z\,\Phi(z)`, with Φ the normal distribution function.

    Exact, and slow: the error function is called once per value, in Python.

    Chapter: relatives.  Source: Hendrycks and Gimpel (2016).

    >>> gelu([-2.0, 0.0, 2.0]).round(3)
    array([-0.046,  0.   ,  1.954])
    """
    z = _as_float(z, "z")
    product = np.maximum(z, np.finfo(z.dtype).min) * _normal_cdf(z)
    return product.astype(z.dtype)


def gelu_prime(z):
    r"""Derivative of GELU, :math:`\Phi(z) + z\,\varphi(z)`, with φ the normal density; slow too.

    Chapter: relatives.  Source: Hendrycks and Gimpel (2016).

    >>> gelu_prime([-2.0, 0.0, 2.0]).round(3)
    array([-0.085,  0.5  ,  1.085])
    """
    z = _as_float(z, "z")
    # Beyond 40 the density is 0 in double precision, and the square of a huge z would overflow.
    near = np.clip(z.astype(np.float64), -40.0, 40.0)
    density = np.exp(-0.5 * near**2) / math.sqrt(2.0 * math.pi)
    return (_normal_cdf(z) + near * density).astype(z.dtype)


def identity(z):
    r"""Identity, :math:`z`: what a linear layer applies.  Returns a copy.

    Chapter: activation-functions.

    >>> identity([-2.0, 3.0])
    array([-2.,  3.])
    """
    return np.positive(_as_float(z, "z"))


def identity_prime(z):
    r"""Derivative of the identity: 1.

    Chapter: activation-functions.

    >>> identity_prime([-2.0, 3.0])
    array([1., 1.])
    """
    z = _as_float(z, "z")
    return np.where(np.isnan(z), z, z.dtype.type(1.0))[()]


def _check_pieces(z, axis):
    """Return the pieces of a maxout unit and their axis, checked."""
    z = _as_float(z, "z")
    if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
        raise TypeError(f"axis must be an integer, not {axis!r}")
    if not -z.ndim <= axis < z.ndim:
        raise ValueError(f"axis must be between {-z.ndim} and {z.ndim - 1}, not {axis}")
    if z.shape[axis] == 0:
        raise ValueError(f"z has no pieces along axis {axis}: at least 1 is needed")
    return z, axis


def maxout(z, axis):
    r"""Maxout: the largest of k affine pieces :math:`z_i = w_i \cdot x + b_i`.

    ``z`` holds the pieces along ``axis``, an integer; the result has the shape of ``z`` without
    it, and is NaN where a piece is NaN.

    Chapter: maxout.  Source: Goodfellow et al. (2013).

    >>> maxout([[1.0, -2.0], [0.5, 3.0]], axis=0)
    array([1., 3.])
    """
    z, axis = _check_pieces(z, axis)
    return np.max(z, axis=axis)


def maxout_prime(z, axis):
    r"""Derivative of maxout in each of the pieces along ``axis``: 1 for the winner, 0 for others.

    On a tie the first of the largest pieces wins; where one piece is NaN, all pieces of its unit
    get NaN.

    Chapter: maxout.  Source: Goodfellow et al. (2013).

    >>> maxout_prime([[1.0, -2.0], [0.5, 3.0]], axis=0)
    array([[1., 0.],
           [0., 1.]])
    """
    z, axis = _check_pieces(z, axis)
    winner = np.expand_dims(np.argmax(z, axis=axis), axis)
    gradient = np.zeros_like(z)
    np.put_along_axis(gradient, winner, 1.0, axis=axis)
    # Adding 0 times the maximum would turn infinity into NaN, so NaN is looked for by name.
    return np.where(np.isnan(np.max(z, axis=axis, keepdims=True)), z.dtype.type(np.nan), gradient)


class Activation(NamedTuple):
    """An activation function and its derivative, both functions of the pre-activation.

    >>> from functools import partial
    >>> slope = {"negative_slope": 0.2}
    >>> leaky = Activation(partial(leaky_relu, **slope), partial(leaky_relu_prime, **slope))
    >>> leaky.function([-1.0]), leaky.derivative([-1.0])
    (array([-0.2]), array([0.2]))
    """

    function: Callable  #: of the pre-activation, one array in and one out
    derivative: Callable  #: of the pre-activation too, not of the output


#: The activations by name, each with its default parameters.
ACTIVATIONS = {
    "identity": Activation(identity, identity_prime),
    "sigmoid": Activation(sigmoid, sigmoid_prime),
    "tanh": Activation(tanh, tanh_prime),
    "relu": Activation(relu, relu_prime),
    "leaky_relu": Activation(leaky_relu, leaky_relu_prime),
    "elu": Activation(elu, elu_prime),
    "gelu": Activation(gelu, gelu_prime),
    "silu": Activation(silu, silu_prime),
    "softplus": Activation(softplus, softplus_prime),
}
