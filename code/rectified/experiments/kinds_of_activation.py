"""Functions of an input vector: how to tell a ridge, a radial function and a fold apart.

Chapter: kinds-of-activation.
"""

import numpy as np

__all__ = ["direction_spread", "gradients_at", "variation_on_circle"]


def gradients_at(function, points, step=1e-5):
    """The gradients of a function of a vector, by central differences.

    Parameters
    ----------
    function : callable
        Of an array of shape (n, d); returns n values.
    points : ndarray of shape (n, d)
    step : float, default 1e-5

    Returns
    -------
    ndarray of shape (n, d)

    Examples
    --------
    >>> gradients_at(lambda x: x[:, 0] * x[:, 1], np.array([[2.0, 3.0]])).round(6)
    array([[3., 2.]])
    """
    columns = []
    for direction in np.eye(points.shape[1]):
        rise = function(points + step * direction) - function(points - step * direction)
        columns.append(rise / (2.0 * step))
    return np.column_stack(columns)


def direction_spread(function, dimension=2, samples=200, seed=0):
    r"""How far the gradients of a function are from lying on one line.

    A ridge function :math:`\phi(w \cdot x + b)` has all its gradients along :math:`w`.  The
    number is the second singular value of the matrix of gradients over the first: 0 for a ridge,
    at most 1.

    Parameters
    ----------
    function : callable
        Of an array of shape (n, dimension); returns n values.
    dimension : int, default 2
    samples : int, default 200
        Points drawn from the standard normal distribution.
    seed : int, default 0

    Returns
    -------
    float

    Examples
    --------
    >>> direction_spread(lambda x: np.tanh(x @ [1.0, 2.0])) < 1e-6
    True
    """
    points = np.random.default_rng(seed).normal(size=(samples, dimension))
    singular = np.linalg.svd(gradients_at(function, points), compute_uv=False)
    return float(singular[1] / singular[0])


def variation_on_circle(function, centre=(0.0, 0.0), radius=1.0, points=360):
    """How much a function of two numbers varies on a circle: largest value minus smallest.

    Parameters
    ----------
    function : callable
        Of an array of shape (n, 2); returns n values.
    centre : pair of float, default (0, 0)
    radius : float, default 1.0
    points : int, default 360

    Returns
    -------
    float
        0 for a radial function about this centre.

    Examples
    --------
    >>> variation_on_circle(lambda x: np.sum(x**2, axis=1)) < 1e-12
    True
    """
    angle = np.linspace(0.0, 2.0 * np.pi, points)
    circle = np.asarray(centre) + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return float(np.ptp(function(circle)))
