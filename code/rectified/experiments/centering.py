"""What a mean that is not zero does to learning: signs of gradients, conditioning, descent."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot as plt

from rectified.activations import ACTIVATIONS
from rectified.datasets import split_digits
from rectified.figures import ACTIVATION_STYLES
from rectified.network import MLP, train

__all__ = [
    "Descent",
    "Moments",
    "cure_features",
    "descend",
    "descent_steps",
    "draw_descent",
    "draw_one_sample_paths",
    "draw_same_sign",
    "exact_condition",
    "one_sample_path",
    "output_moments",
    "same_sign_limit",
    "same_sign_on_digits",
    "same_sign_share",
    "shifted_features",
]

#: Points and weights for means over N(0, 1).
_GRID = np.linspace(-12.0, 12.0, 24_001)
_WEIGHT = np.exp(-0.5 * _GRID**2)
_WEIGHT /= _WEIGHT.sum()


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of an activation's output for z ~ N(0, 1)."""

    mean: float
    deviation: float

    @property
    def ratio(self):
        """Mean over standard deviation, which says how far from centred, in its own units."""
        return self.mean / self.deviation


def output_moments(activation):
    """Integrate an activation's output over z ~ N(0, 1).

    Parameters
    ----------
    activation : str or callable
        A name in ``ACTIVATIONS``, or a function of an array.

    Returns
    -------
    Moments

    Notes
    -----
    Chapter: Zero-centring

    Examples
    --------
    >>> abs(output_moments("relu").mean - 1 / math.sqrt(2 * math.pi)) < 1e-6
    True
    """
    output = _function(activation)(_GRID)
    mean = float(np.sum(_WEIGHT * output))
    return Moments(mean, math.sqrt(float(np.sum(_WEIGHT * (output - mean) ** 2))))


def _function(activation):
    return activation if callable(activation) else ACTIVATIONS[activation].function


def same_sign_share(activation, batch, error_mean=0.0, incoming=20, trials=500, seed=0):
    """Count how often the gradients of all of a unit's weights have the same sign.

    Parameters
    ----------
    activation : str or callable
        It makes the incoming outputs, from independent N(0, 1).
    batch : int
        Samples over which the gradient is summed.
    error_mean : float
        The unit's errors are independent, from N(error_mean, 1).
    incoming : int
        Weights of the unit.
    trials : int
        Batches drawn.
    seed : int

    Returns
    -------
    float
        Between 0 and 1.  A gradient of exactly 0 agrees with either sign.

    Notes
    -----
    Chapter: Zero-centring.  Source: LeCun et al. (1998).

    Examples
    --------
    >>> same_sign_share("relu", 1), same_sign_share("tanh", 1)
    (1.0, 0.0)
    """
    rng = np.random.default_rng(seed)
    outputs = _function(activation)(rng.normal(size=(trials, batch, incoming)))
    errors = rng.normal(error_mean, 1.0, size=(trials, 1, batch))
    gradients = (errors @ outputs)[:, 0]
    same = np.all(gradients >= 0.0, axis=1) | np.all(gradients <= 0.0, axis=1)
    return float(np.mean(same))


def same_sign_on_digits(activation, batches, epochs=0, draws=20, seed=0):
    """Count units of a real network whose gradients of all incoming weights share a sign.

    Parameters
    ----------
    activation : str
        A name in ``ACTIVATIONS``; "relu" starts from He, any other from Xavier weights.
    batches : sequence of int
        Batch sizes.
    epochs : int
        Of training (plain SGD, rate 0.3, batches of 64) before it is looked at.
    draws : int
        Random batches of each size.
    seed : int
        Of the weights, the training and the batches.

    Returns
    -------
    list of float
        For each batch size the share of the second hidden layer's units, over all draws, among
        those that get a gradient at all.

    Notes
    -----
    Standardised digits, a network 64-64-64-10.
    Chapter: Zero-centring

    Examples
    --------
    >>> same_sign_on_digits("relu", [1])
    [1.0]
    """
    digits = split_digits()
    initialization = "he" if activation == "relu" else "xavier"
    network = MLP([64, 64, 64, 10], activation=activation, initialization=initialization, seed=seed)
    train(network, digits.x_train, digits.y_train, learning_rate=0.3, epochs=epochs, seed=seed)
    rng = np.random.default_rng(seed)
    shares = []
    for batch in batches:
        same = []
        for _ in range(draws):
            chosen = rng.choice(len(digits.x_train), batch, replace=False)
            gradient = network.gradients(digits.x_train[chosen], digits.y_train[chosen])[1]
            gradient = gradient[:, np.any(gradient != 0.0, axis=0)]
            same.append(np.all(gradient >= 0.0, axis=0) | np.all(gradient <= 0.0, axis=0))
        shares.append(float(np.mean(np.concatenate(same))))
    return shares


def same_sign_limit(ratio, incoming=20):
    r"""Chance that all gradients share a sign for a large batch of errors with mean 0.

    The gradients are then :math:`rT + N_j` up to a factor, with T and all the N_j independent
    standard normals and r the mean of the incoming outputs over their standard deviation, so the
    chance is the mean of :math:`2\Phi(rT)^n` over T.

    Parameters
    ----------
    ratio : float
        r, see ``Moments.ratio``.
    incoming : int
        n, the weights of the unit.

    Returns
    -------
    float
        Between 0 and 1.

    Notes
    -----
    Chapter: Zero-centring

    Examples
    --------
    >>> same_sign_limit(0.0, incoming=3)  # 2 / 2**3
    0.25
    """
    grid, weight = _GRID[::20], _WEIGHT[::20] / _WEIGHT[::20].sum()
    phi = np.array([0.5 * math.erfc(-ratio * t / math.sqrt(2.0)) for t in grid])
    return round(float(np.sum(weight * 2.0 * phi**incoming)), 12)


def exact_condition(moments, n_features=20):
    r"""Condition number of n independent features with equal mean m and deviation s.

    The second moments are :math:`s^2 I + m^2 \mathbf{1}\mathbf{1}^\top`, with the eigenvalues
    :math:`s^2 + n m^2` once and :math:`s^2` otherwise: their ratio is :math:`1 + n (m/s)^2`.

    Parameters
    ----------
    moments : Moments
    n_features : int
        Their number, n.

    Returns
    -------
    float

    Notes
    -----
    Chapter: Zero-centring.  Source: LeCun, Kanter and Solla (1990).

    Examples
    --------
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

    Notes
    -----
    Chapter: Zero-centring

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
    Chapter: Zero-centring.  Source: LeCun et al. (1998), Ioffe and
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


@dataclass(frozen=True)
class Descent:
    """A run of gradient descent on least squares.

    Attributes
    ----------
    path : ndarray of shape (steps + 1, weights)
        The weights, from the start on.
    gradients : ndarray of shape (steps, weights)
        The gradient of which each step took its direction.
    """

    path: np.ndarray
    gradients: np.ndarray

    @property
    def steps(self):
        """Steps taken."""
        return len(self.gradients)


def descend(second_moments, goal, start, learning_rate, tolerance=0.01, max_steps=10_000):
    """Run gradient descent on the quadratic loss with a given Hessian.

    Parameters
    ----------
    second_moments : ndarray of shape (n, n)
        The features' X'X / samples, the Hessian of least squares.
    goal, start : ndarray of shape (n,)
        The best weights, and those to start from.
    learning_rate : float
    tolerance : float
        Stop when the distance to the goal has fallen to this share of the first.
    max_steps : int

    Returns
    -------
    Descent

    Notes
    -----
    Chapter: Zero-centring

    Examples
    --------
    >>> descend(np.eye(2), np.ones(2), np.zeros(2), 0.5, tolerance=0.3).steps
    2
    """
    weights = np.array(start, dtype=np.float64)
    near = tolerance * np.linalg.norm(weights - goal)
    path, gradients = [weights.copy()], []
    while np.linalg.norm(weights - goal) > near and len(gradients) < max_steps:
        gradients.append(second_moments @ (weights - goal))
        weights = weights - learning_rate * gradients[-1]
        path.append(weights)
    return Descent(np.array(path), np.array(gradients))


def descent_steps(features, tolerance=1e-3, seed=0):
    """Count the gradient steps that least squares on these features needs.

    Parameters
    ----------
    features : ndarray of shape (samples, n)
    tolerance : float
        The share of the first distance to the best weights that may be left.
    seed : int
        Of the best weights, from N(0, 1); the start is 0.

    Returns
    -------
    int
        With the best fixed learning rate, 2 / (smallest + largest eigenvalue), which no one knows
        beforehand: other rates need more.

    Notes
    -----
    Chapter: Zero-centring.  Source: LeCun, Kanter and Solla (1990).

    Examples
    --------
    >>> descent_steps(np.eye(3))
    1
    """
    second_moments = features.T @ features / len(features)
    eigenvalues = np.linalg.eigvalsh(second_moments)
    rate = 2.0 / (eigenvalues[0] + eigenvalues[-1])
    goal = np.random.default_rng(seed).normal(size=features.shape[1])
    return descend(second_moments, goal, np.zeros_like(goal), rate, tolerance, 100_000).steps


def one_sample_path(shift=0.0, steps=40, learning_rate=0.3, goal=(1.0, -1.0), seed=0):
    """Learn two weights from one sample at a time, whose two inputs come out of ReLU.

    Parameters
    ----------
    shift : float
        Subtracted from ReLU's outputs.
    steps : int
    learning_rate : float
    goal : tuple of two float
        The targets are these weights times the inputs, without noise.
    seed : int

    Returns
    -------
    Descent
        It starts at 0.

    Notes
    -----
    Chapter: Zero-centring.  Source: LeCun et al. (1998).

    Examples
    --------
    >>> signs = np.sign(one_sample_path().gradients)
    >>> bool(np.any(signs[:, 0] * signs[:, 1] < 0))  # never two opposite signs in one step
    False
    """
    rng = np.random.default_rng(seed)
    inputs = ACTIVATIONS["relu"].function(rng.normal(size=(steps, 2))) - shift
    path, gradients = [np.zeros(2)], []
    for x in inputs:
        gradients.append(((path[-1] - goal) @ x) * x)
        path.append(path[-1] - learning_rate * gradients[-1])
    return Descent(np.array(path), np.array(gradients))


def draw_one_sample_paths(paths):
    """Draw paths in the plane of two weights, with each step's error marked by its sign.

    Parameters
    ----------
    paths : dict of str to Descent
        By title; from ``one_sample_path``.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Chapter: Zero-centring

    Examples
    --------
    >>> plt.close(draw_one_sample_paths({"raw": one_sample_path()}))
    """
    figure = plt.figure(figsize=(6.4, 3.3), layout="constrained")
    panels = figure.subplots(1, len(paths), sharex=True, sharey=True, squeeze=False)[0]
    for panel, (title, run) in zip(panels, paths.items(), strict=True):
        signs = run.gradients[:, 0] * run.gradients[:, 1]
        first = True
        for start, end, sign in zip(run.path[:-1], run.path[1:], signs, strict=True):
            style = {"color": "#0b6fb3", "linestyle": ":"} if sign < 0 else {"color": "#c4410c"}
            label = None
            if sign < 0 and first:
                label, first = "opposite signs", False
            panel.plot(*np.transpose([start, end]), linewidth=1.4, label=label, **style)
        panel.plot([], [], color="#c4410c", linewidth=1.4, label="same sign, or one is 0")
        panel.plot(1.0, -1.0, "*", color="#1f2933", markersize=11)
        panel.set_title(title, loc="left")
        panel.set_xlabel("first weight")
    panels[0].set_ylabel("second weight")
    panels[-1].legend(loc="lower left", fontsize=9)
    return figure


def draw_same_sign(shares):
    """Draw how often all gradients share a sign against the batch size.

    Parameters
    ----------
    shares : dict of (str, float) to dict of int to sequence of float
        By activation and mean error, then by batch size; one share for each seed.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Chapter: Zero-centring

    Examples
    --------
    >>> plt.close(draw_same_sign({("relu", 0.0): {1: [1.0], 2: [0.5]}}))
    """
    means = list(dict.fromkeys(mean for _, mean in shares))
    figure = plt.figure(figsize=(6.4, 3.0), layout="constrained")
    panels = figure.subplots(1, len(means), sharey=True, squeeze=False)[0]
    for (name, mean), by_batch in shares.items():
        panel, style = panels[means.index(mean)], ACTIVATION_STYLES[name]
        batches = list(by_batch)
        values = np.array(list(by_batch.values()))
        panel.plot(batches, np.median(values, axis=1), label=name, **style)
        low, high = values.min(axis=1), values.max(axis=1)
        panel.fill_between(batches, low, high, color=style["color"], alpha=0.25, linewidth=0)
        panel.set_xscale("log", base=2)
        panel.set_xticks(batches, batches)
        panel.set_xlabel("batch size")
        panel.set_title(f"errors of mean {mean:g}", loc="left")
    panels[0].set_ylabel("share with one sign")
    panels[0].legend()
    return figure


def draw_descent(mean_shift):
    """Draw the loss of two weights on features from N(mean_shift, 1), and the way down.

    Parameters
    ----------
    mean_shift : float

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        The condition number, the steps, and how often the gradient changed its sign.

    Notes
    -----
    The rate is the best fixed one; the way ends at 1 % of the first distance.
    Chapter: Zero-centring

    Examples
    --------
    >>> figure, sentence = draw_descent(0.0)
    >>> sentence
    'Mean shift 0: condition number 1.0. Gradient descent needs 1 step.'
    >>> plt.close(figure)
    """
    goal, start = np.array([1.0, -0.6]), np.array([-1.4, 0.6])
    second_moments = np.eye(2) + mean_shift**2
    steep = 1.0 + 2.0 * mean_shift**2
    run = descend(second_moments, goal, start, 2.0 / (1.0 + steep))
    figure = plt.figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    angle = np.linspace(0.0, 2.0 * np.pi, 61)
    for level in [0.5, 1.1, 1.8, 2.6]:
        along, across = level * np.cos(angle), level * np.sin(angle) / math.sqrt(steep)
        ring = np.column_stack([along + across, across - along]) / math.sqrt(2.0)
        axes.plot(*(goal + ring).T, color="#5a6672", linewidth=0.9)
    axes.plot(*run.path.T, "-o", color="#c4410c", linewidth=1.4, markersize=3.5)
    axes.plot(*goal, "*", color="#0b6fb3", markersize=12)
    axes.set(xlim=(-2.6, 3.6), ylim=(-2.3, 1.6), aspect="equal")
    axes.set(xlabel="first weight", ylabel="second weight")
    changes = int(np.sum(np.diff(np.sign(run.gradients.sum(axis=1))) != 0))
    sentence = f"Mean shift {mean_shift:g}: condition number {steep:.1f}. Gradient descent needs "
    if run.steps == 1:
        return figure, sentence + "1 step."
    times = "once" if changes == 1 else f"{changes} times"
    return figure, sentence + (
        f"{run.steps} steps; the sum of its two slopes changes sign {times} on the way."
    )
