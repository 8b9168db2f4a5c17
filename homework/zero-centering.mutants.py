# ruff: noqa: E402, E501, F401, F811, F821, I001
"""Wrong solutions of `zero-centering`, one a cell: each must lose the points of its exercise alone."""


# %% two_losses: forgets the half
def two_losses(inputs):
    inputs = np.asarray(inputs, dtype=float)
    return np.mean(inputs.sum(axis=1) ** 2), np.mean((inputs[:, 0] - inputs[:, 1]) ** 2)


# %% two_losses: the square of the mean
def two_losses(inputs):
    inputs = np.asarray(inputs, dtype=float)
    return np.mean(inputs.sum(axis=1)) ** 2 / 2, np.mean(inputs[:, 0] - inputs[:, 1]) ** 2 / 2


# %% two_losses: the sum over the samples
def two_losses(inputs):
    inputs = np.asarray(inputs, dtype=float)
    return np.sum(inputs.sum(axis=1) ** 2) / 2, np.sum((inputs[:, 0] - inputs[:, 1]) ** 2) / 2


# %% two_losses: the other order
def two_losses(inputs):
    inputs = np.asarray(inputs, dtype=float)
    return np.mean((inputs[:, 0] - inputs[:, 1]) ** 2) / 2, np.mean(inputs.sum(axis=1) ** 2) / 2


# %% two_losses: takes both inputs to have one mean
def two_losses(inputs):
    inputs = np.asarray(inputs, dtype=float)
    against = np.mean((inputs[:, 0] - inputs[:, 1]) ** 2) / 2
    return against + 2 * inputs.mean() ** 2, against


# %% batch_norm: forgets the batch mean
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    return z / np.sqrt(z.var(axis=0) + epsilon)


# %% batch_norm: over the units, not the samples
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    mean, variance = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    return (z - mean) / np.sqrt(variance + epsilon)


# %% batch_norm: one mean for the whole batch
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    return (z - z.mean()) / np.sqrt(z.var() + epsilon)


# %% batch_norm: divides by n - 1
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0, ddof=1) + epsilon)


# %% batch_norm: epsilon outside the root
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    return (z - z.mean(axis=0)) / (z.std(axis=0) + epsilon)


# %% batch_norm: changes its input in place
def batch_norm(z, epsilon=1e-5):
    z = np.asarray(z, dtype=float)
    z -= z.mean(axis=0)
    return z / np.sqrt(z.var(axis=0) + epsilon)


# %% same_sign: looks at the inputs only
def same_sign(inputs, errors):
    total = np.sum(inputs, axis=0)
    return bool(np.all(total >= 0) or np.all(total <= 0))


# %% same_sign: asks every sample, not the batch
def same_sign(inputs, errors):
    gradients = np.asarray(inputs) * np.asarray(errors)[:, None]
    return all(np.all(g >= 0) or np.all(g <= 0) for g in gradients)


# %% same_sign: a zero breaks it
def same_sign(inputs, errors):
    gradient = np.asarray(errors) @ np.asarray(inputs)
    return bool(np.all(gradient > 0) or np.all(gradient < 0))


# %% same_sign: positive only
def same_sign(inputs, errors):
    return bool(np.all(np.asarray(errors) @ np.asarray(inputs) >= 0))


# %% same_sign: the first sample stands for the batch
def same_sign(inputs, errors):
    gradient = np.asarray(errors)[0] * np.asarray(inputs)[0]
    return bool(np.all(gradient >= 0) or np.all(gradient <= 0))


# %% part_along: the direction as it is
def part_along(gradient, direction):
    return (gradient @ direction) ** 2 / np.sum(gradient**2)


# %% part_along: not squared
def part_along(gradient, direction):
    return gradient @ direction / np.linalg.norm(gradient) / np.linalg.norm(direction)


# %% part_along: the length, not its square
def part_along(gradient, direction):
    return abs(gradient @ direction) / np.linalg.norm(gradient) / np.linalg.norm(direction)


# %% part_along: not divided by the whole
def part_along(gradient, direction):
    return (gradient @ direction) ** 2 / np.sum(direction**2)


# %% part_along: the part across
def part_along(gradient, direction):
    along = (gradient @ direction) ** 2 / np.sum(gradient**2) / np.sum(direction**2)
    return 1 - along
