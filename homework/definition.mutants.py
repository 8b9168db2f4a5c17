# ruff: noqa: E402, E501, F401, F811, F821, I001
"""Wrong solutions of `definition`, one a cell: each must lose the points of its exercise alone."""


# %% relu_list: changes the list that it is given
def relu_list(values):
    for index, value in enumerate(values):
        values[index] = max(0, value)
    return values


# %% relu_list: leaves the negative numbers out
def relu_list(values):
    return [value for value in values if value >= 0]


# %% relu_list: takes the absolute value
def relu_list(values):
    return [abs(value) for value in values]


# %% relu_list: calls the package
def relu_list(values):
    from rectified import relu

    return list(relu(values))


# %% relu_array: z * (z > 0) is NaN at minus infinity
def relu_array(z):
    z = np.asarray(z, dtype=float)
    return z * (z > 0)


# %% relu_array: loses NaN
def relu_array(z):
    z = np.asarray(z, dtype=float)
    return np.where(z > 0, z, 0.0)


# %% relu_array: changes its input in place
def relu_array(z):
    z = np.asarray(z, dtype=float)
    z[z < 0] = 0.0
    return z


# %% relu_array: keeps integers
def relu_array(z):
    return np.maximum(z, 0)


# %% relu_array: gives a list for one number
def relu_array(z):
    return np.maximum(np.atleast_1d(np.asarray(z, dtype=float)), 0.0)


# %% relu_array: is the package's own function
from rectified import relu as relu_array


# %% hinge_weights: takes the slopes, not the changes of slope
def hinge_weights(x, y):
    return np.diff(y) / np.diff(x)


# %% hinge_weights: takes the points to be one apart
def hinge_weights(x, y):
    return np.diff(np.diff(np.asarray(y, dtype=float)), prepend=0.0)


# %% hinge_weights: forgets the first slope
def hinge_weights(x, y):
    return np.append(0.0, np.diff(np.diff(y) / np.diff(x)))


# %% kinks: loses the sign
def kinks(weights, biases):
    weights, biases = np.asarray(weights, dtype=float), np.asarray(biases, dtype=float)
    return np.unique(biases[weights != 0] / weights[weights != 0])


# %% kinks: divides the wrong way round
def kinks(weights, biases):
    weights, biases = np.asarray(weights, dtype=float), np.asarray(biases, dtype=float)
    return np.unique(-weights[biases != 0] / biases[biases != 0])


# %% kinks: takes a unit without a bend for one with
def kinks(weights, biases):
    with np.errstate(all="ignore"):
        return np.unique(-np.asarray(biases, dtype=float) / np.asarray(weights, dtype=float))


# %% kinks: counts a place twice
def kinks(weights, biases):
    weights, biases = np.asarray(weights, dtype=float), np.asarray(biases, dtype=float)
    return np.sort(-biases[weights != 0] / weights[weights != 0])


# %% kinks: in the order of the units
def kinks(weights, biases):
    places = []
    for weight, bias in zip(weights, biases):
        if weight != 0 and -bias / weight not in places:
            places.append(-bias / weight)
    return np.array(places)
