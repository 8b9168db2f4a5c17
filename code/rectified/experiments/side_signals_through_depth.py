"""How large activations and gradients are, layer by layer, in deep untrained networks."""

from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rectified.figures import ACTIVATION_STYLES
from rectified.network import MLP

__all__ = ["Signal", "draw_signals", "draw_spreads", "signal_table", "signal_through_depth"]


@dataclass(frozen=True)
class Signal:
    """What a random network does to a signal on its way up, and to a gradient on its way down.

    Attributes
    ----------
    outputs : list of ndarray of shape (samples, width)
        Each layer's outputs, the first layer's first.
    size : ndarray of shape (layers,)
        Root mean square of each layer's outputs.
    spread : ndarray of shape (layers,)
        The part of it that tells samples apart: the standard deviation of each unit over the
        samples, root mean square over the units.
    gradient : ndarray of shape (layers,)
        Root mean square of the gradient in each layer's pre-activations, divided by that of the
        random gradient which enters at the last layer's outputs.
    """

    outputs: list
    size: np.ndarray
    spread: np.ndarray
    gradient: np.ndarray


def signal_through_depth(activation, initialization, depth=30, width=128, samples=200, seed=0):
    """Send normal inputs up through an untrained network, and a normal gradient down.

    Parameters
    ----------
    activation : str
        A name in ``ACTIVATIONS``, of every layer.
    initialization : str
        A name in ``INITIALIZATIONS``; the biases are 0.
    depth, width : int
        Layers, and units in each, as many as inputs.
    samples : int
        Inputs, from N(0, 1).
    seed : int
        Of the inputs, the weights and the gradient.

    Returns
    -------
    Signal

    Notes
    -----
    Chapter: signals-through-depth.  Source: Glorot and Bengio (2010), He et al. (2015).

    Examples
    --------
    >>> signal = signal_through_depth("relu", "he", depth=5)
    >>> 0.5 < signal.size[-1] < 2.0
    np.True_
    """
    rng = np.random.default_rng(seed)
    network = MLP(
        [width] * (depth + 1),
        activation=activation,
        output_activation=activation,
        initialization=initialization,
        seed=seed,
    )
    pre_activations, outputs = network.forward(rng.normal(size=(samples, width)))
    error = rng.normal(size=(samples, width))
    gradients = []
    for layer in reversed(range(depth)):
        error = error * network.activations[layer].derivative(pre_activations[layer])
        gradients.insert(0, _root_mean_square(error))
        error = error @ network.weights[layer].T
    return Signal(
        outputs=outputs[1:],
        size=np.array([_root_mean_square(output) for output in outputs[1:]]),
        spread=np.array(
            [_root_mean_square(output - output.mean(axis=0)) for output in outputs[1:]]
        ),
        gradient=np.array(gradients),
    )


def _root_mean_square(values):
    return np.sqrt(np.mean(values**2))


def signal_table(signals):
    """List the medians over the runs, a line for each activation and initialisation.

    Parameters
    ----------
    signals : dict of (str, str) to sequence of Signal
        By activation and initialisation.

    Returns
    -------
    str

    Notes
    -----
    Chapter: signals-through-depth

    Examples
    --------
    >>> print(signal_table({("relu", "he"): [signal_through_depth("relu", "he", 1)]})[:31])
                      last layer: s
    """
    lines = [f"{'':18}last layer: size     spread   first layer: gradient"]
    for (name, start), runs in signals.items():
        size, spread, gradient = np.median(
            [(run.size[-1], run.spread[-1], run.gradient[0]) for run in runs], axis=0
        )
        lines.append(f"{name:9}{start:9}{size:16.1e}{spread:11.1e}{gradient:24.1e}")
    return "\n".join(lines)


def draw_signals(signals):
    """Draw the size of outputs and gradients against the layer, a thin line for each run.

    Parameters
    ----------
    signals : dict of (str, str) to sequence of Signal
        By activation and initialisation.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Chapter: signals-through-depth

    Examples
    --------
    >>> figure = draw_signals({("relu", "he"): [signal_through_depth("relu", "he", depth=2)]})
    >>> figure.axes[0].get_title(loc="left")
    'he'
    >>> plt.close(figure)
    """
    starts = list(dict.fromkeys(start for _, start in signals))
    figure = plt.figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots(2, len(starts), sharex=True, sharey="row", squeeze=False)
    for (name, start), runs in signals.items():
        column, style = starts.index(start), ACTIVATION_STYLES[name]
        for run in runs:
            layers = range(1, len(run.size) + 1)
            axes[0, column].semilogy(layers, run.size, linewidth=1, **style)
            axes[1, column].semilogy(layers, run.gradient, linewidth=1, **style)
        axes[0, column].set_title(start, loc="left")
        axes[1, column].set_xlabel("layer")
        if column == 0:
            axes[0, 0].plot([], [], label=name, **style)
    axes[0, 0].set_ylabel("size of outputs")
    axes[1, 0].set_ylabel("size of gradient")
    axes[0, 0].legend(loc="lower left")
    return figure


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _readable(number):
    """Two digits, and a power of ten where there would be many zeros: 8.3 × 10⁻⁶."""
    if number >= 0.001 or number == 0:
        return f"{number:.2g}"
    digits, exponent = f"{number:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def draw_spreads(signals, layer, weights):
    """Draw how the outputs of one layer differ between inputs, for several activations.

    Parameters
    ----------
    signals : dict of (str, str) to sequence of Signal
        By activation and initialisation; the first of each is drawn.
    layer : int
        Counted from 1.
    weights : str
        The initialisation.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        What is seen, with the numbers that matter.

    Notes
    -----
    Chapter: signals-through-depth

    Examples
    --------
    >>> signals = {("relu", "he"): [signal_through_depth("relu", "he", depth=2)]}
    >>> draw_spreads(signals, 2, "he")[1].startswith("Layer 2, he weights: the outputs differ")
    True
    """
    shown = {name: runs[0] for (name, start), runs in signals.items() if start == weights}
    figure = Figure(figsize=(6.4, 2.4), layout="constrained")
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for panel, (name, signal) in zip(panels, shown.items(), strict=True):
        output = signal.outputs[layer - 1]
        counts, edges = np.histogram(output - output.mean(axis=0), np.linspace(-1.55, 1.55, 32))
        panel.stairs(
            counts / counts.max(), edges, fill=True, color=ACTIVATION_STYLES[name]["color"]
        )
        panel.set(xlim=(-1.55, 1.55), ylim=(0.0, 1.05), yticks=[], title=name)
    panels[len(shown) // 2].set_xlabel("output minus the unit's mean over the inputs")
    panels[0].set_ylabel("how often")
    spreads = ", ".join(
        f"{name} {_readable(signal.spread[layer - 1])}" for name, signal in shown.items()
    )
    sentence = f"Layer {layer}, {weights} weights: the outputs differ between inputs by {spreads}."
    if "relu" in shown:
        zeros = np.mean(shown["relu"].outputs[layer - 1] == 0.0)
        sentence += f" Of ReLU's outputs, {zeros:.0%} are zero."
    return figure, sentence
