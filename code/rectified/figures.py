"""How an activation is drawn: one colour and one line style each, in the whole book.

Chapters switch the look on with ``plt.style.use("rectified.style")``.
"""

import numpy as np

from rectified.activations import ACTIVATIONS

__all__ = ["ACTIVATION_STYLES", "plot_activation"]

#: Colour and line style of each activation, as keyword arguments of matplotlib's ``plot``.
ACTIVATION_STYLES = {
    "identity": {"color": "#5a6672", "linestyle": (0, (1, 1.5))},
    "sigmoid": {"color": "#8a4fa3", "linestyle": "-."},
    "tanh": {"color": "#0b6fb3", "linestyle": "--"},
    "relu": {"color": "#c4410c", "linestyle": "-"},
    "leaky_relu": {"color": "#996f00", "linestyle": (0, (5, 1.5))},
    "prelu": {"color": "#996f00", "linestyle": (0, (2, 1))},
    "elu": {"color": "#00795c", "linestyle": (0, (7, 2, 2, 2))},
    "gelu": {"color": "#a8326e", "linestyle": (0, (4, 1, 1, 1))},
    "silu": {"color": "#4a63c0", "linestyle": (0, (3, 1, 1, 1, 1, 1))},
    "softplus": {"color": "#4f7a1e", "linestyle": ":"},
    "maxout": {"color": "#6b4c3b", "linestyle": (0, (10, 2))},
}


def plot_activation(axes, name, z=None, derivative=False, **style):
    """Draw an activation, or its derivative, in its own colour and line style; return the line.

    ``axes`` are matplotlib's, ``name`` is one of ``ACTIVATIONS``.  ``z`` is where to draw, 401
    points from -4 to 4 if not given.  Further keyword arguments go to matplotlib's ``plot`` and
    take precedence over the activation's own ``style``.

    Chapter: activation-functions.

    >>> from matplotlib.figure import Figure
    >>> plot_activation(Figure().subplots(), "relu").get_label()
    'relu'
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"name must be one of {', '.join(ACTIVATIONS)}, not {name!r}")
    z = np.linspace(-4.0, 4.0, 401) if z is None else np.asarray(z)
    curve = ACTIVATIONS[name].derivative if derivative else ACTIVATIONS[name].function
    (line,) = axes.plot(z, curve(z), **{"label": name, **ACTIVATION_STYLES[name], **style})
    return line
