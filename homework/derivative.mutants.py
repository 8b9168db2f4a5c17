# ruff: noqa: E402, E501, F401, F811, F821, I001
"""Wrong solutions of `derivative`, one a cell: each must lose the points of its exercise alone."""


# %% slope: >= where the task says 0 at zero
def slope(z):
    z = np.asarray(z, dtype=float)
    return np.where(np.isnan(z), np.nan, 1.0 * (z >= 0))


# %% slope: from the rectified output, which is never negative
def slope(z):
    output = np.maximum(np.asarray(z, dtype=float), 0)
    return np.where(np.isnan(output), np.nan, 1.0 * (output >= 0))


# %% slope: loses NaN
def slope(z):
    return 1.0 * (np.asarray(z, dtype=float) > 0)


# %% slope: gives True and False
def slope(z):
    return np.asarray(z, dtype=float) > 0


# %% slope: changes its input in place
def slope(z):
    z = np.asarray(z, dtype=float)
    z[z > 0] = 1.0
    z[z <= 0] = 0.0
    return z


# %% slope: calls the package
def slope(z):
    from rectified import relu_prime

    return relu_prime(z)


# %% difference: from one side only
def difference(function, z, h):
    z = np.asarray(z, dtype=float)
    return (function(z + h) - function(z)) / h, np.abs(z) > h


# %% difference: divides by h, not by 2h
def difference(function, z, h):
    z = np.asarray(z, dtype=float)
    return (function(z + h) - function(z - h)) / h, np.abs(z) > h


# %% difference: trusts no negative z
def difference(function, z, h):
    z = np.asarray(z, dtype=float)
    return (function(z + h) - function(z - h)) / (2 * h), z > h


# %% difference: trusts a step that touches the kink
def difference(function, z, h):
    z = np.asarray(z, dtype=float)
    return (function(z + h) - function(z - h)) / (2 * h), np.abs(z) >= h


# %% layer_backward: forgets the slope of ReLU
def layer_backward(x, weights, bias, dA):
    return x.T @ dA, dA.sum(axis=0), dA @ weights.T


# %% layer_backward: takes the slope of the output with >=
def layer_backward(x, weights, bias, dA):
    dZ = dA * (np.maximum(x @ weights + bias, 0) >= 0)
    return x.T @ dZ, dZ.sum(axis=0), dZ @ weights.T


# %% layer_backward: takes 1 for the slope at zero
def layer_backward(x, weights, bias, dA):
    dZ = dA * (x @ weights + bias >= 0)
    return x.T @ dZ, dZ.sum(axis=0), dZ @ weights.T


# %% layer_backward: forgets the bias
def layer_backward(x, weights, bias, dA):
    dZ = dA * (x @ weights > 0)
    return x.T @ dZ, dZ.sum(axis=0), dZ @ weights.T


# %% layer_backward: averages over the batch
def layer_backward(x, weights, bias, dA):
    dZ = dA * (x @ weights + bias > 0)
    return x.T @ dZ / len(x), dZ.mean(axis=0), dZ @ weights.T


# %% layer_backward: does not transpose the weights
def layer_backward(x, weights, bias, dA):
    dZ = dA * (x @ weights + bias > 0)
    gradient = dZ @ weights.T if x.shape[1] != weights.shape[1] else dZ @ weights
    return x.T @ dZ, dZ.sum(axis=0), gradient


# %% share_at_zero: counts the negative ones too
def share_at_zero(x, weights):
    return np.mean(x @ weights <= 0)


# %% share_at_zero: takes small for zero
def share_at_zero(x, weights):
    return np.mean(np.isclose(x @ weights, 0))


# %% share_at_zero: counts the samples that have one
def share_at_zero(x, weights):
    return np.mean(np.any(x @ weights == 0, axis=1))


# %% share_at_zero: counts instead of taking the share
def share_at_zero(x, weights):
    return np.sum(x @ weights == 0)
