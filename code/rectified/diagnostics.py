"""What is going on inside a network: dead units, kinks, conditioning, sparsity.

``network`` is an :class:`~rectified.network.MLP` and ``x`` an array-like of shape (samples,
features); an ``x`` that is empty or of another shape raises ``ValueError``.  A network whose
pre-activations are not finite raises ``DivergedError``: it is never reported as alive.  "Per layer"
means per hidden layer.
"""

import math
from dataclasses import dataclass

import numpy as np

from rectified.network import DivergedError

__all__ = [
    "DeathRecord",
    "DeathRecorder",
    "GradientCheck",
    "check_gradient",
    "condition_number",
    "dead_units",
    "sparsity",
]


def _run(network, x):
    """The pre-activations and outputs of every layer; DivergedError where they are not finite."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must have the shape (samples, features), not {x.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        pre_activations, outputs = network.forward(x)
    # Comparisons with NaN are False: without this a diverged network would look alive.
    if not all(np.all(np.isfinite(z)) for z in pre_activations):
        raise DivergedError("the network has diverged: its pre-activations are not finite")
    return pre_activations, outputs


def dead_units(network, x):
    """Find the dead units: those whose pre-activation is positive for no sample of ``x``.

    ``x`` must be *all* the data: a unit that is off for some samples is merely selective.  Returns
    one boolean array per layer, True where a unit is dead.  A pre-activation of exactly 0 counts
    as off; behind a dead layer with zero biases all of them are 0.  It is meant for units that are
    off below 0: of a maxout network it would report pieces, not units.

    Chapter: dead-neurons.  Source: Lu et al. (2020).

    >>> from rectified.network import MLP
    >>> network = MLP([1, 3, 1], seed=0)
    >>> network.biases[0] -= [100.0, 0.0, 0.0]
    >>> dead_units(network, [[-1.0], [1.0]])
    [array([ True, False, False])]
    """
    return [~np.any(z > 0.0, axis=0) for z in _run(network, x)[0][:-1]]


@dataclass(frozen=True)
class DeathRecord:
    """Which units were dead at each check.

    Attributes
    ----------
    steps : ndarray of shape (checks,)
        How many gradient steps had been taken at each check; 0 is before training.
    dead : list of ndarray of bool, shape (checks, units)
        One per layer.
    """

    steps: np.ndarray
    dead: list

    def share_dead(self):
        """The share of dead units at each check, shape (checks, layers), between 0 and 1."""
        return np.column_stack([layer.mean(axis=1) for layer in self.dead])

    def deaths(self):
        """Per layer, how many times a unit that was alive at one check was dead at the next."""
        return [int(np.sum(~layer[:-1] & layer[1:])) for layer in self.dead]

    def revivals(self):
        """Per layer, how many times a unit that was dead at one check was alive at the next."""
        return [int(np.sum(layer[:-1] & ~layer[1:])) for layer in self.dead]

    def ever_dead(self):
        """Per layer, how many units were dead at some check."""
        return [int(np.sum(np.any(layer, axis=0))) for layer in self.dead]

    def ever_revived(self):
        """Per layer, how many units were dead at some check and alive at a later one."""
        return [int(np.sum(np.any(layer[:-1] & ~layer[1:], axis=0))) for layer in self.dead]


class DeathRecorder:
    """Checks for dead units on ``x`` during training; pass it to ``train`` as ``after_step``.

    It checks once before training and then at every ``every``-th step.  A death and a revival
    between two checks go unseen.

    Chapter: dead-neurons.

    >>> from rectified.network import MLP, train
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> network = MLP([1, 4, 1], loss="squared_error")
    >>> recorder = DeathRecorder(network, x, every=2)
    >>> history = train(network, x, x**2, learning_rate=0.1, batch_size=5, after_step=recorder)
    >>> recorder.record().steps
    array([0, 2, 4])
    """

    def __init__(self, network, x, every=1):
        if every < 1:
            raise ValueError(f"every must be at least 1, not {every}")
        self.network, self.x, self.every = network, x, every
        self._steps, self._dead = [], []
        self._look(0)

    def _look(self, step):
        self._steps.append(step)
        self._dead.append(dead_units(self.network, self.x))

    def __call__(self, step):
        """Check now if ``step`` is a multiple of ``every``."""
        if step % self.every == 0:
            self._look(step)

    def record(self):
        """Return the DeathRecord of all checks so far."""
        return DeathRecord(
            np.array(self._steps), [np.array(layer) for layer in zip(*self._dead, strict=True)]
        )


@dataclass(frozen=True)
class GradientCheck:
    """How a network's gradient compares with central differences.

    Attributes
    ----------
    largest_error : float
        Over the parameters whose step crossed no kink, the largest difference between the two
        gradients, divided by the larger of them or by 1 if both are smaller.
    kinks_crossed : int
        Parameters whose step moved a pre-activation to or across a kink.  There the two gradients
        need not agree, so these parameters are counted and left out.
    checked : int
        Parameters compared.
    """

    largest_error: float
    kinks_crossed: int
    checked: int


def check_gradient(network, x, target, step=1e-6):
    r"""Compare the backward pass with central differences; return a :class:`GradientCheck`.

    For each parameter, :math:`(L(\theta + h) - L(\theta - h)) / 2h` with the ``step`` :math:`h`
    (positive) against the chain rule, for the loss on ``x`` and ``target``.  Only kinks at 0 are
    looked for.  Each parameter takes three runs, so use it on small networks; the network is left
    as it was.

    Chapter: derivative.

    >>> from rectified.network import MLP
    >>> network = MLP([2, 4, 1], loss="squared_error", seed=3)
    >>> check = check_gradient(network, np.ones((1, 2)), np.ones((1, 1)))
    >>> check.largest_error < 1e-8, check.kinks_crossed
    (True, 0)
    """
    if not 0.0 < step < math.inf:
        raise ValueError(f"step must be positive and finite, not {step}")
    x, target = np.asarray(x, dtype=np.float64), np.asarray(target)
    errors, kinks = [], 0
    for parameter, gradient in zip(network.parameters, network.gradients(x, target), strict=True):
        for index in np.ndindex(parameter.shape):
            numeric, crossed = _central_difference(network, parameter, index, x, target, step)
            if crossed:
                kinks += 1
            else:
                analytic = gradient[index]
                scale = max(1.0, abs(analytic), abs(numeric))
                errors.append(abs(analytic - numeric) / scale)
    return GradientCheck(float(max(errors, default=0.0)), kinks, len(errors))


def _has_kink(activation):
    """Whether the activation's derivative jumps at 0."""
    left, right = activation.derivative(np.array([-1e-9, 1e-9]))
    return abs(right - left) > 1e-6


def _central_difference(network, parameter, index, x, target, step):
    """The loss's slope in one parameter, and whether the step touched a kink."""
    kept = parameter[index]
    losses, signs = [], []
    try:
        for moved in (kept + step, kept, kept - step):
            parameter[index] = moved
            layers = zip(_run(network, x)[0], network.activations, strict=True)
            signs.append([np.sign(z) for z, activation in layers if _has_kink(activation)])
            losses.append(network.evaluate(x, target))
    finally:
        parameter[index] = kept
    crossed = any(
        # A pre-activation that stays at 0 does not feel this parameter: no kink is crossed.
        np.any((above != here) | (here != below))
        for above, here, below in zip(*signs, strict=True)
    )
    return (losses[0] - losses[2]) / (2.0 * step), crossed


def condition_number(features):
    r"""Condition number of the features: largest over smallest eigenvalue of :math:`X^\top X / n`.

    ``features``, array-like of shape (samples, features), must be finite.  The matrix, which is not
    centred, is the Hessian of least squares on these features: the larger the number, the more
    steps gradient descent may need.  It is at least 1, ``inf`` if the features are linearly
    dependent, and the square of ``numpy.linalg.cond(features)``.

    Chapter: conditioning.  Source: LeCun, Kanter and Solla (1990).

    >>> condition_number([[1.0, 0.0], [0.0, 2.0]])
    4.0
    """
    features = np.asarray(features, dtype=np.float64)
    if features.ndim != 2 or features.size == 0:
        raise ValueError(f"features must have the shape (samples, features), not {features.shape}")
    if not np.all(np.isfinite(features)):
        raise ValueError("features must be finite")
    # Singular values of X, squared, keep twice the digits of the eigenvalues of X^T X.
    singular = np.linalg.svd(features, compute_uv=False)
    dependent = singular[-1] <= singular[0] * max(features.shape) * np.finfo(np.float64).eps
    if dependent or len(features) < features.shape[1]:
        return math.inf
    return float((singular[0] / singular[-1]) ** 2)


def sparsity(network, x):
    """The share of a layer's outputs, over all units and samples, that are exactly 0, per layer.

    Chapter: strengths.  Source: Glorot, Bordes and Bengio (2011).

    >>> from rectified.network import MLP
    >>> x = np.random.default_rng(0).normal(size=(500, 20))
    >>> sparsity(MLP([20, 100, 1]), x).round(1)
    array([0.5])
    """
    return np.array([np.mean(outputs == 0.0) for outputs in _run(network, x)[1][1:-1]])
