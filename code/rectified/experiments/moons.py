"""Two half moons: what a network with a non-linearity can separate and one without cannot."""

import numpy as np

from rectified.datasets import two_moons
from rectified.network import MLP, train

__all__ = ["moons_accuracy", "plot_border", "train_on_moons"]


def train_on_moons(activation, seed=0, hidden=2, epochs=60):
    """Train a network on 200 points of two half moons.

    Two inputs, ``hidden`` layers of 16 units, two outputs; Xavier weights, zero biases, softmax
    cross-entropy; SGD with momentum 0.9, learning rate 0.2, mini-batches of 40.

    Parameters
    ----------
    activation : str or Activation
    seed : int, default 0
        Of points, weights and order.
    hidden : int, default 2
        Hidden layers.
    epochs : int, default 60

    Returns
    -------
    MLP

    Notes
    -----
    Chapter: Activation functions

    Examples
    --------
    >>> train_on_moons("relu", epochs=1).predict([[0.0, 1.0]]).shape
    (1, 2)
    """
    x, labels = two_moons(200, noise=0.1, seed=seed)
    sizes = [2] + [16] * hidden + [2]
    network = MLP(sizes, activation=activation, initialization="xavier", seed=seed)
    train(
        network,
        x,
        labels,
        learning_rate=0.2,
        momentum=0.9,
        batch_size=40,
        epochs=epochs,
        seed=seed,
    )
    return network


def moons_accuracy(network, points=1000, seed=1000):
    """The share of fresh points that a network puts on the right moon.

    Parameters
    ----------
    network : MLP
    points : int, default 1000
    seed : int, default 1000
        Of the points.

    Returns
    -------
    float
        Between 0 and 1.

    Notes
    -----
    Chapter: Activation functions

    Examples
    --------
    >>> moons_accuracy(train_on_moons("relu")) > 0.9
    True
    """
    return network.accuracy(*two_moons(points, noise=0.1, seed=seed))


def plot_border(axes, network, seed=0):
    """Draw the training points and the border at which a network changes its mind.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    network : MLP
        From ``train_on_moons``.
    seed : int, default 0
        Of the points: the seed that the network was trained with.

    Returns
    -------
    matplotlib.contour.QuadContourSet

    Notes
    -----
    Chapter: Activation functions

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> plot_border(Figure().subplots(), train_on_moons("relu", epochs=1)).levels
    array([0.])
    """
    x, labels = two_moons(200, noise=0.1, seed=seed)
    for label, marker in ((0, "o"), (1, "^")):
        axes.plot(*x[labels == label].T, marker, markersize=3)
    across, up = np.meshgrid(np.linspace(-1.5, 2.5, 121), np.linspace(-1.0, 1.5, 81))
    output = network.predict(np.column_stack([across.ravel(), up.ravel()]))
    lead = (output[:, 1] - output[:, 0]).reshape(across.shape)
    return axes.contour(across, up, lead, [0.0], colors="#5a6672", linewidths=2.0)
