"""How a mean stretches the loss of least squares, for any number of features, and its cures.

Chapter: conditioning.
"""

import math

import numpy as np

from rectified.activations import ACTIVATIONS

__all__ = ["cure_features", "descent_steps", "exact_condition", "shifted_features"]


def exact_condition(moments, n_features=20):
    r"""Condition number of n independent features with equal mean m and deviation s.

    The second moments are :math:`s^2 I + m^2 \mathbf{1}\mathbf{1}^\top`, with the eigenvalues
    :math:`s^2 + n m^2` once and :math:`s^2` otherwise: their ratio is :math:`1 + n (m/s)^2`.

    Parameters
    ----------
    moments : same_sign_gradients.Moments
        Or anything with a ``ratio``, mean over deviation.
    n_features : int
        Their number, n.

    Returns
    -------
    float

    Notes
    -----
    Source: LeCun, Kanter and Solla (1990).

    Examples
    --------
    >>> from rectified.experiments.same_sign_gradients import Moments
    >>> exact_condition(Moments(1.0, 1.0), n_features=20)
    21.0
    """
    return 1.0 + n_features * moments.ratio**2


def shifted_features(shift, samples=1000, n_features=20, seed=0):
    """Draw independent features from N(shift, 1), of shape (samples, n_features).

    Parameters
    ----------
    shift : float
    samples, n_features, seed : int

    Returns
    -------
    ndarray of shape (samples, n_features)

    Examples
    --------
    >>> shifted_features(2.0).mean().round(1)
    np.float64(2.0)
    """
    return np.random.default_rng(seed).normal(shift, 1.0, (samples, n_features))


def cure_features(samples=1000, n_features=20, seed=0):
    """Make the features that ReLU gives from N(0, 1), raw and after each cure.

    Parameters
    ----------
    samples, n_features, seed : int

    Returns
    -------
    dict of str to ndarray of shape (samples, n_features)
        The cure "a bias in the next layer" has one more column, of ones.

    Notes
    -----
    Source: LeCun et al. (1998), Ioffe and
    Szegedy (2015), Clevert, Unterthiner and Hochreiter (2016).

    Examples
    --------
    >>> from rectified.diagnostics import condition_number
    >>> condition_number(cure_features()["centred"]) < condition_number(cure_features()["none"])
    True
    """
    z = np.random.default_rng(seed).normal(size=(samples, n_features))
    relu = ACTIVATIONS["relu"].function
    outputs = relu(z)
    return {
        "none": outputs,
        "centred": outputs - 1.0 / math.sqrt(2.0 * math.pi),
        "batch normalisation": (outputs - outputs.mean(axis=0)) / outputs.std(axis=0),
        "ELU instead": ACTIVATIONS["elu"].function(z),
        "a bias of -1 before ReLU": relu(z - 1.0),
        "a bias in the next layer": np.column_stack([outputs, np.ones(samples)]),
    }


def descent_steps(features, tolerance=1e-3, seed=0, most_steps=100_000):
    """Count the gradient steps that least squares on these features needs.

    Parameters
    ----------
    features : ndarray of shape (samples, n)
    tolerance : float
        The share of the first distance to the best weights that may be left.
    seed : int
        Sets the best weights, drawn from N(0, 1); the start is 0.
    most_steps : int

    Returns
    -------
    int
        With the best fixed learning rate, 2 / (smallest + largest eigenvalue), which no one knows
        beforehand: other rates need more.

    Notes
    -----
    Source: LeCun, Kanter and Solla (1990).

    Examples
    --------
    >>> descent_steps(np.eye(3))
    1
    """
    second_moments = features.T @ features / len(features)
    eigenvalues = np.linalg.eigvalsh(second_moments)
    rate = 2.0 / (eigenvalues[0] + eigenvalues[-1])
    goal = np.random.default_rng(seed).normal(size=features.shape[1])
    weights, near = np.zeros_like(goal), tolerance * np.linalg.norm(goal)
    for step in range(most_steps):
        if np.linalg.norm(weights - goal) <= near:
            return step
        weights = weights - rate * (second_moments @ (weights - goal))
    return most_steps
