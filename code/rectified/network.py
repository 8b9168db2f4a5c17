"""A multilayer perceptron: forward and backward written out, and its training by SGD or Adam.

Samples are rows: an input ``x`` has shape (samples, features), a layer computes ``x @ W + b``.
A setting out of range, or a target that does not suit the loss, raises ``TypeError`` or
``ValueError``.  A network whose numbers are no longer finite has diverged: ``train`` reports it,
and ``accuracy`` and the diagnostics raise :class:`DivergedError`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from rectified.activations import ACTIVATIONS, Activation
from rectified.initialization import INITIALIZATIONS

__all__ = [
    "LOSSES",
    "MLP",
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "DivergedError",
    "History",
    "Loss",
    "softmax",
    "softmax_cross_entropy",
    "squared_error",
    "train",
]


class DivergedError(ArithmeticError):
    """The network's numbers are no longer finite, so a question about them has no answer."""


@dataclass(frozen=True)
class Loss:
    """A loss averaged over the samples, and its gradient in the network's output.

    Both are functions of ``(output, target)``.  ``check(shape, target)`` raises if the target does
    not fit an output of this shape: NumPy would often broadcast it to something that runs and
    means nothing.
    """

    value: Callable
    gradient: Callable
    check: Callable


def softmax(output):
    r"""Softmax of each row, :math:`e^{a_i} / \sum_j e^{a_j}`: positive numbers that sum to 1.

    ``output`` has shape (samples, classes).  Each row's maximum is subtracted first, which changes
    nothing but prevents overflow.

    Chapter: training.

    >>> softmax(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(output - output.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _cross_entropy_value(output, labels):
    shifted = output - output.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sum - shifted[np.arange(len(labels)), labels]))


def _cross_entropy_gradient(output, labels):
    gradient = softmax(output)
    gradient[np.arange(len(labels)), labels] -= 1.0
    return gradient / len(labels)


def _check_labels(shape, labels):
    if labels.dtype.kind not in "iu":
        raise TypeError(f"target must hold classes, integers, not {labels.dtype}")
    if labels.shape != shape[:1]:
        raise ValueError(f"target must hold one class per sample, {shape[0]}, not {labels.shape}")
    if len(labels) and not (0 <= labels.min() and labels.max() < shape[1]):
        raise ValueError(f"target must hold classes from 0 to {shape[1] - 1}")


def _squared_error_value(output, target):
    return float(np.sum((output - target) ** 2) / (2 * len(target)))


def _squared_error_gradient(output, target):
    return (output - target) / len(target)


def _check_values(shape, target):
    if target.dtype.kind not in "fiub":
        raise TypeError(f"target must hold real numbers, not {target.dtype}")
    if target.shape != shape:
        raise ValueError(f"target must have the output's shape {shape}, not {target.shape}")


#: Softmax followed by cross-entropy; the target holds each sample's class, an integer.
softmax_cross_entropy = Loss(_cross_entropy_value, _cross_entropy_gradient, _check_labels)

#: Half the squared distance; the target has the output's shape.
squared_error = Loss(_squared_error_value, _squared_error_gradient, _check_values)

#: The losses by name.
LOSSES = {"softmax_cross_entropy": softmax_cross_entropy, "squared_error": squared_error}


def _look_up(registry, name, argument):
    try:
        return registry[name]
    except (KeyError, TypeError):
        allowed = ", ".join(registry)
        raise ValueError(f"{argument} must be one of {allowed}, not {name!r}") from None


def _as_activation(activation, argument):
    if isinstance(activation, Activation):
        return activation
    return _look_up(ACTIVATIONS, activation, argument)


class MLP:
    """A multilayer perceptron.

    Chapter: training.

    Parameters
    ----------
    sizes : sequence of int
        Units per layer, the input first: ``[64, 32, 10]`` has one hidden layer of 32 units.
    activation : str or Activation, default "relu"
        The hidden layers' activation: a name in ``ACTIVATIONS``, or an ``Activation``.
    output_activation : str or Activation, default "identity"
    loss : str, default "softmax_cross_entropy"
        A name in ``LOSSES``.  Softmax belongs to the loss, not to the output layer.
    initialization : str or callable, default "he"
        A name in ``INITIALIZATIONS`` or a function of (fan_in, fan_out, rng).
    bias : float or "uniform", default 0.0
        The initial biases: a constant, or drawn from ±1/√fan_in.
    seed : int, default 0
        Seed of the initial weights and biases.

    Attributes
    ----------
    weights, biases : list of ndarray
        One of each per layer, of shapes (fan_in, fan_out) and (fan_out,), float64.

    Examples
    --------
    >>> network = MLP([2, 3, 1], loss="squared_error", seed=1)
    >>> network.predict([[0.5, -0.5], [1.0, 2.0]]).shape
    (2, 1)
    """

    def __init__(
        self,
        sizes,
        activation="relu",
        output_activation="identity",
        loss="softmax_cross_entropy",
        initialization="he",
        bias=0.0,
        seed=0,
    ):
        if len(sizes) < 2:
            raise ValueError(f"sizes must name an input and an output, not {list(sizes)}")
        if not all(isinstance(size, int | np.integer) and size >= 1 for size in sizes):
            raise ValueError(f"sizes must be integers of at least 1, not {list(sizes)}")
        hidden = _as_activation(activation, "activation")
        output = _as_activation(output_activation, "output_activation")
        self.activations = [hidden] * (len(sizes) - 2) + [output]
        self.loss = _look_up(LOSSES, loss, "loss")
        if not callable(initialization):
            initialization = _look_up(INITIALIZATIONS, initialization, "initialization")
        rng = np.random.default_rng(seed)
        shapes = self.layer_shapes(sizes)
        self.weights = [initialization(n_in, n_out, rng) for n_in, n_out in shapes]
        self.biases = [_initial_bias(bias, n_in, n_out, rng) for n_in, n_out in shapes]

    def layer_shapes(self, sizes):
        """The shape of each layer's weights, (fan_in, fan_out)."""
        return list(pairwise(sizes))

    @property
    def parameters(self):
        """All the weights, then all the biases (the arrays themselves, not copies)."""
        return self.weights + self.biases

    @property
    def n_parameters(self):
        """How many numbers are learned."""
        return sum(parameter.size for parameter in self.parameters)

    def forward(self, x):
        """Run the network; return ``(pre_activations, outputs)``, which the backward pass needs.

        Two lists of arrays of shape (samples, units): each layer's ``z``, and the input followed
        by each layer's output.
        """
        pre_activations, outputs = [], [x]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            pre_activations.append(outputs[-1] @ weight + bias)
            outputs.append(self.activate(layer, pre_activations[-1]))
        return pre_activations, outputs

    def activate(self, layer, z):
        """The output of a layer, from its pre-activations."""
        return self.activations[layer].function(z)

    def pre_activation_gradient(self, layer, z, error):
        """The loss's gradient in a layer's pre-activations, from that in its output."""
        return error * self.activations[layer].derivative(z)

    def backward(self, pre_activations, outputs, target):
        """Run the chain rule from the loss back to every parameter.

        Takes what ``forward`` returned, and the target; returns the loss's gradient, a list of
        arrays in the order and shapes of ``parameters``.
        """
        error = self.loss.gradient(outputs[-1], target)
        weight_gradients, bias_gradients = [], []
        for layer in reversed(range(len(self.weights))):
            error = self.pre_activation_gradient(layer, pre_activations[layer], error)
            weight_gradients.insert(0, outputs[layer].T @ error)
            bias_gradients.insert(0, error.sum(axis=0))
            if layer > 0:  # nobody asks for the gradient in the input
                error = error @ self.weights[layer].T
        return weight_gradients + bias_gradients

    def gradients(self, x, target):
        """The loss's gradient on ``(x, target)``, in the order of ``parameters``."""
        x, target = np.asarray(x, dtype=np.float64), np.asarray(target)
        self.check_target(x, target)
        return self.backward(*self.forward(x), target)

    def check_target(self, x, target):
        """Raise TypeError or ValueError unless ``target`` suits the loss and the samples ``x``."""
        self.loss.check((len(x), self.weights[-1].shape[1]), target)

    def predict(self, x):
        """The network's output, of shape (samples, outputs)."""
        # A diverged network overflows: `evaluate` and `accuracy` tell those who ask.
        with np.errstate(over="ignore", invalid="ignore"):
            return self.forward(np.asarray(x, dtype=np.float64))[1][-1]

    def evaluate(self, x, target):
        """The loss on ``(x, target)``, a float: not finite when the network has diverged."""
        target = np.asarray(target)
        self.check_target(x, target)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.loss.value(self.predict(x), target)

    def accuracy(self, x, labels):
        """The share of samples whose largest output is their class, between 0 and 1.

        ``x`` must hold a sample, and the network have at least two outputs, one for each class.
        """
        output = self.predict(x)
        if len(output) == 0 or output.shape[1] < 2:
            raise ValueError(f"samples and two outputs are needed, not the shape {output.shape}")
        if not np.all(np.isfinite(output)):
            raise DivergedError("the network has diverged: its output is not finite")
        if np.shape(labels) != (len(output),):
            raise ValueError(f"labels must hold one class per sample, {len(output)}")
        return float(np.mean(output.argmax(axis=1) == labels))


def _initial_bias(bias, fan_in, fan_out, rng):
    if isinstance(bias, str):
        if bias != "uniform":
            raise ValueError(f'bias must be a number or "uniform", not {bias!r}')
        bound = 1.0 / math.sqrt(fan_in)
        return rng.uniform(-bound, bound, fan_out)
    if not math.isfinite(bias):
        raise ValueError(f"bias must be finite, not {bias}")
    return np.full(fan_out, float(bias))


class SGD:
    r"""Gradient steps with momentum: :math:`v \leftarrow \mu v - \eta g`, then :math:`\theta + v`.

    Chapter: training.  Source: Rumelhart, Hinton and Williams (1986).
    """

    def __init__(self, parameters, learning_rate, momentum=0.0):
        self.parameters, self.learning_rate, self.momentum = parameters, learning_rate, momentum
        self.velocities = [np.zeros_like(parameter) for parameter in parameters]

    def __call__(self, gradients):
        for parameter, velocity, gradient in zip(
            self.parameters, self.velocities, gradients, strict=True
        ):
            if self.momentum == 0.0:
                parameter -= self.learning_rate * gradient
                continue
            velocity *= self.momentum
            velocity -= self.learning_rate * gradient
            parameter += velocity


class Adam:
    r"""Steps scaled by the recent size of each parameter's own gradient.

    With :math:`m` the running mean of the gradient (:math:`\beta_1 = 0.9`) and :math:`s` that of
    its square (:math:`\beta_2 = 0.999`), both corrected for their start at 0, the step is
    :math:`-\eta\, m / (\sqrt{s} + \varepsilon)` with :math:`\varepsilon = 10^{-8}`.
    ``momentum`` must be 0: Adam has its own.

    Chapter: optimisers.  Source: Kingma and Ba (2015).
    """

    def __init__(self, parameters, learning_rate, momentum=0.0):
        if momentum:
            raise ValueError(f"momentum must be 0 with Adam, which has its own, not {momentum}")
        self.parameters, self.learning_rate, self.steps = parameters, learning_rate, 0
        self.means = [np.zeros_like(parameter) for parameter in parameters]
        self.squares = [np.zeros_like(parameter) for parameter in parameters]

    def __call__(self, gradients):
        self.steps += 1
        for parameter, mean, square, gradient in zip(
            self.parameters, self.means, self.squares, gradients, strict=True
        ):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            m = mean / (1 - 0.9**self.steps)
            s = square / (1 - 0.999**self.steps)
            parameter -= self.learning_rate * m / (np.sqrt(s) + 1e-8)


#: What turns gradients into steps, by name; each is made from (parameters, rate, momentum).
OPTIMIZERS = {"sgd": SGD, "adam": Adam}


@dataclass
class History:
    """How a training run went.

    Attributes
    ----------
    losses : list of float
        The mean loss of each epoch's mini-batches, taken before each step.
    diverged : bool
        Whether training stopped because a loss was not finite, or ended on such weights.
    steps : int
        Gradient steps taken.
    """

    losses: list = field(default_factory=list)
    diverged: bool = False
    steps: int = 0


def train(
    network,
    x,
    target,
    *,
    learning_rate,
    epochs=1,
    batch_size=64,
    momentum=0.0,
    seed=0,
    after_step=None,
    optimizer="sgd",
):
    """Train a network in place on mini-batches; return the :class:`History` of the run.

    A run that diverges stops, and its history says so.

    Chapter: training.

    Parameters
    ----------
    network : MLP
    x : array_like of shape (samples, features)
    target : array_like
        Classes or values, one per sample, as the network's loss wants them.
    learning_rate : float
        Positive.
    epochs : int, default 1
        Passes over the data.
    batch_size : int, default 64
        Samples per step; the last batch of an epoch may be smaller.
    momentum : float, default 0.0
        At least 0 and below 1.
    seed : int, default 0
        Seed of the order of the samples.
    after_step : callable, optional
        Called as ``after_step(step)`` after each gradient step, counted from 1.
    optimizer : str, default "sgd"
        A name in ``OPTIMIZERS``.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> network = MLP([1, 8, 1], loss="squared_error")
    >>> history = train(network, x, np.abs(x), learning_rate=0.1, epochs=50, batch_size=10)
    >>> history.diverged, history.losses[-1] < history.losses[0]
    (False, True)
    """
    x, target = np.asarray(x, dtype=np.float64), np.asarray(target)
    _check_training(x, learning_rate, epochs, batch_size, momentum)
    network.check_target(x, target)
    rng = np.random.default_rng(seed)
    step = _look_up(OPTIMIZERS, optimizer, "optimizer")(network.parameters, learning_rate, momentum)
    history = History()
    # A diverging run overflows on its way; it is reported as diverged, without a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            epoch_losses = []
            order = rng.permutation(len(x))
            for start in range(0, len(x), batch_size):
                batch = order[start : start + batch_size]
                pre_activations, outputs = network.forward(x.take(batch, axis=0))
                epoch_losses.append(network.loss.value(outputs[-1], target[batch]))
                if not math.isfinite(epoch_losses[-1]):
                    history.losses.append(math.nan)
                    history.diverged = True
                    return history
                gradients = network.backward(pre_activations, outputs, target[batch])
                step(gradients)
                history.steps += 1
                if after_step is not None:
                    after_step(history.steps)
            history.losses.append(float(np.mean(epoch_losses)))
    # The last step may have overflowed, and no loss was computed after it.
    history.diverged = not all(np.all(np.isfinite(array)) for array in network.parameters)
    return history


def _check_training(x, learning_rate, epochs, batch_size, momentum):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must have the shape (samples, features), not {x.shape}")
    if not (0.0 < learning_rate < math.inf):
        raise ValueError(f"learning_rate must be positive and finite, not {learning_rate}")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum}")
    if epochs < 0:
        raise ValueError(f"epochs must be at least 0, not {epochs}")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
