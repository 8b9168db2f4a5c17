"""Straight pieces: how many a ReLU network of one input has, folded by hand or at random.

Chapter: what-hinges-can-build.
"""

import numpy as np

from rectified.network import MLP

__all__ = ["count_pieces", "random_pieces", "tent_network"]


def tent_network(layers):
    r"""A network of two ReLU units a layer that applies the tent map ``layers`` times.

    The tent map :math:`T(x) = 2\max(0, x) - 4\max(0, x - 1/2)` folds [0, 1] onto itself twice.

    Parameters
    ----------
    layers : int
        Hidden layers, at least 1.

    Returns
    -------
    MLP
        Of one input and one output; right for inputs from 0 to 1.

    Raises
    ------
    ValueError
        If ``layers`` is below 1.

    Notes
    -----
    Source: Telgarsky (2016).

    Examples
    --------
    >>> tent_network(2).predict([[0.0], [0.25], [0.5]]).ravel()
    array([0., 1., 0.])
    """
    if layers < 1:
        raise ValueError(f"layers must be at least 1, not {layers}")
    network = MLP([1] + [2] * layers + [1], loss="squared_error")
    fold = np.array([[2.0], [-4.0]])
    network.weights = [np.ones((1, 2))] + [np.tile(fold, 2) for _ in range(layers - 1)] + [fold]
    network.biases = [np.array([0.0, -0.5]) for _ in range(layers)] + [np.zeros(1)]
    return network


def _cross_zero(x, z):
    """Where the lines between neighbouring points cross zero; ``z`` has one column a unit."""
    before, after = z[:-1], z[1:]
    row, unit = np.nonzero(before * after < 0.0)
    share = before[row, unit] / (before[row, unit] - after[row, unit])
    return x[row] + share * (x[row + 1] - x[row])


def count_pieces(network, low, high):
    """Count the straight pieces of a ReLU network of one input on an interval, exactly.

    Between two neighbouring kinks of the layers before, a unit is straight, so that its own
    kink is found by a division; no grid is needed.

    Parameters
    ----------
    network : MLP
        ReLU in its hidden layers, one input, one output that is not rectified.
    low, high : float
        The interval.

    Returns
    -------
    int
        Neighbouring pieces of the same slope are counted once.

    Raises
    ------
    ValueError
        If the network has more than one input, or ``low`` is not below ``high``.

    Notes
    -----
    Source: Hanin and Rolnick (2019).

    Examples
    --------
    >>> count_pieces(tent_network(3), 0.0, 1.0)
    8
    """
    if network.weights[0].shape[0] != 1:
        raise ValueError("count_pieces needs a network of one input")
    if not low < high:
        raise ValueError(f"low must be below high, not {low} and {high}")
    x = np.array([low, high], dtype=np.float64)
    for layer in range(len(network.weights) - 1):
        z = network.forward(x[:, None])[0][layer]
        x = np.unique(np.concatenate([x, _cross_zero(x, z)]))
    # Two kinks that differ by rounding only are one.
    x = x[np.concatenate([[True], np.diff(x) > 1e-12 * (high - low)])]
    y = network.predict(x[:, None])[:, 0]
    slopes = np.diff(y) / np.diff(x)
    scale = max(1.0, float(np.max(np.abs(slopes))))
    return 1 + int(np.sum(np.abs(np.diff(slopes)) > 1e-9 * scale))


def random_pieces(width, layers, seeds=range(20), bias="uniform", low=-3.0, high=3.0):
    """Count the straight pieces of untrained networks with He weights.

    Parameters
    ----------
    width : int
        Units in each hidden layer.
    layers : int
        Hidden layers.
    seeds : iterable of int, default range(20)
        One network each.
    bias : float or "uniform", default "uniform"
        As for MLP.
    low, high : float, default -3 and 3
        The interval of the input.

    Returns
    -------
    ndarray of int, one count a seed

    Notes
    -----
    Source: Hanin and Rolnick (2019).

    Examples
    --------
    >>> random_pieces(8, 3, seeds=range(5), bias=0.0).max()  # no biases: one kink at most, at 0
    np.int64(2)
    """
    sizes = [1] + [width] * layers + [1]
    networks = (MLP(sizes, loss="squared_error", bias=bias, seed=seed) for seed in seeds)
    return np.array([count_pieces(network, low, high) for network in networks])
