"""The shared package of *Rectified*, a hands-on course on the ReLU activation function.

Chapters import from here: ``from rectified import relu``.
"""

from rectified import activations, datasets, diagnostics, figures, initialization, network
from rectified.activations import (
    ACTIVATIONS,
    Activation,
    elu,
    elu_prime,
    gelu,
    gelu_prime,
    identity,
    identity_prime,
    leaky_relu,
    leaky_relu_prime,
    maxout,
    maxout_prime,
    prelu,
    prelu_prime,
    prelu_slope_gradient,
    relu,
    relu_prime,
    sigmoid,
    sigmoid_prime,
    silu,
    silu_prime,
    softplus,
    softplus_prime,
    tanh,
    tanh_prime,
)
from rectified.datasets import (
    PREPARATIONS,
    Digits,
    Split,
    load_coriolanus,
    load_digits,
    prepare_digits,
    split_digit_pairs,
    split_digits,
    two_moons,
)
from rectified.diagnostics import (
    DeathRecord,
    DeathRecorder,
    GradientCheck,
    check_gradient,
    condition_number,
    dead_units,
    sparsity,
)
from rectified.figures import (
    ACTIVATION_STYLES,
    plot_activation,
)
from rectified.initialization import (
    INITIALIZATIONS,
    he,
    uniform,
    xavier,
)
from rectified.network import (
    LOSSES,
    MLP,
    OPTIMIZERS,
    SGD,
    Adam,
    DivergedError,
    History,
    Loss,
    softmax,
    softmax_cross_entropy,
    squared_error,
    train,
)

__all__ = [
    *activations.__all__,
    *datasets.__all__,
    *diagnostics.__all__,
    *figures.__all__,
    *initialization.__all__,
    *network.__all__,
]
