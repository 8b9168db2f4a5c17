# ruff: noqa: E402, E501, F401, F811, F821, I001
"""Wrong solutions of `today`, one a cell: each must lose the points of its exercise alone."""


# %% glu_slopes: forgets the value
def glu_slopes(gate, value):
    opened = 1.0 / (1.0 + np.exp(-gate))
    return opened * (1.0 - opened), opened


# %% glu_slopes: the two in the wrong order
def glu_slopes(gate, value):
    opened = 1.0 / (1.0 + np.exp(-gate))
    return opened, opened * (1.0 - opened) * value


# %% glu_slopes: the gate for its slope
def glu_slopes(gate, value):
    opened = 1.0 / (1.0 + np.exp(-gate))
    return opened * value, opened


# %% glu_slopes: calls the package
def glu_slopes(gate, value):
    from rectified.gates import glu_prime

    return glu_prime(gate, value)


# %% glu_slopes: changes its input in place
def glu_slopes(gate, value):
    gate *= -1.0
    opened = 1.0 / (1.0 + np.exp(gate))
    return opened * (1.0 - opened) * value, opened


# %% crelu: forgets the sign of the second half's slope
def crelu_forward(z):
    return np.concatenate([np.maximum(z, 0.0), np.maximum(-z, 0.0)], axis=1)


def crelu_back(z, delta):
    units = z.shape[1]
    return delta[:, :units] * (z > 0) + delta[:, units:] * (z < 0)


# %% crelu: takes slopes at zero with >=
def crelu_forward(z):
    return np.concatenate([np.maximum(z, 0.0), np.maximum(-z, 0.0)], axis=1)


def crelu_back(z, delta):
    units = z.shape[1]
    return delta[:, :units] * (z >= 0) - delta[:, units:] * (z <= 0)


# %% crelu: stacks the halves below each other
def crelu_forward(z):
    return np.concatenate([np.maximum(z, 0.0), np.maximum(-z, 0.0)], axis=0)


def crelu_back(z, delta):
    units = z.shape[1]
    return delta[:, :units] * (z > 0) - delta[:, units:] * (z < 0)


# %% crelu: the second half is min(0, z)
def crelu_forward(z):
    return np.concatenate([np.maximum(z, 0.0), np.minimum(z, 0.0)], axis=1)


def crelu_back(z, delta):
    units = z.shape[1]
    return delta[:, :units] * (z > 0) + delta[:, units:] * (z < 0)


# %% crelu: the slope of the output, always on
def crelu_forward(z):
    return np.concatenate([np.maximum(z, 0.0), np.maximum(-z, 0.0)], axis=1)


def crelu_back(z, delta):
    units = z.shape[1]
    return delta[:, :units] - delta[:, units:]


# %% dormant_share: the share of zeros
def dormant_share(outputs):
    return np.mean(outputs == 0)


# %% dormant_share: judged on the first sample
def dormant_share(outputs):
    return np.mean(outputs[0] == 0)


# %% dormant_share: over the wrong axis
def dormant_share(outputs):
    return np.mean(np.all(outputs == 0, axis=1))


# %% dormant_share: takes small for zero
def dormant_share(outputs):
    return np.mean(np.all(np.isclose(outputs, 0), axis=0))


# %% dormant_share: takes the sum for the outputs
def dormant_share(outputs):
    return np.mean(outputs.sum(axis=0) == 0)


# %% dormant_share: counts
def dormant_share(outputs):
    return np.sum(np.all(outputs == 0, axis=0))


# %% reset: leaves the outgoing weights
def reset(weights_in, bias, weights_out, dormant, rng):
    fresh = rng.normal(0.0, np.sqrt(2.0 / len(weights_in)), weights_in.shape)
    return np.where(dormant, fresh, weights_in), np.where(dormant, 0.0, bias), weights_out.copy()


# %% reset: resets those that are awake
def reset(weights_in, bias, weights_out, dormant, rng):
    fresh = rng.normal(0.0, np.sqrt(2.0 / len(weights_in)), weights_in.shape)
    awake = ~dormant
    return (
        np.where(awake, fresh, weights_in),
        np.where(awake, 0.0, bias),
        np.where(awake[:, None], 0.0, weights_out),
    )


# %% reset: by the number of units, not of inputs
def reset(weights_in, bias, weights_out, dormant, rng):
    fresh = rng.normal(0.0, np.sqrt(2.0 / weights_in.shape[1]), weights_in.shape)
    return (
        np.where(dormant, fresh, weights_in),
        np.where(dormant, 0.0, bias),
        np.where(dormant[:, None], 0.0, weights_out),
    )


# %% reset: in place
def reset(weights_in, bias, weights_out, dormant, rng):
    weights_in[:, dormant] = rng.normal(
        0.0, np.sqrt(2.0 / len(weights_in)), (len(weights_in), dormant.sum())
    )
    bias[dormant] = 0.0
    weights_out[dormant] = 0.0
    return weights_in, bias, weights_out


# %% reset: variance for spread
def reset(weights_in, bias, weights_out, dormant, rng):
    fresh = rng.normal(0.0, 2.0 / len(weights_in), weights_in.shape)
    return (
        np.where(dormant, fresh, weights_in),
        np.where(dormant, 0.0, bias),
        np.where(dormant[:, None], 0.0, weights_out),
    )


# %% reset: forgets the bias
def reset(weights_in, bias, weights_out, dormant, rng):
    fresh = rng.normal(0.0, np.sqrt(2.0 / len(weights_in)), weights_in.shape)
    return (
        np.where(dormant, fresh, weights_in),
        bias.copy(),
        np.where(dormant[:, None], 0.0, weights_out),
    )
