# ruff: noqa: E402, E501, F401, F811, F821, I001
"""Wrong solutions of `dead-neurons`, one a cell: each must lose the points of its exercise alone."""


# %% dead: judges on one sample
def dead(z):
    z = np.asarray(z, dtype=float)
    if not np.isfinite(z).all():
        raise ValueError("not finite")
    return z[0] <= 0


# %% dead: takes a unit that is off once for dead
def dead(z):
    z = np.asarray(z, dtype=float)
    if not np.isfinite(z).all():
        raise ValueError("not finite")
    return np.any(z <= 0, axis=0)


# %% dead: takes exactly 0 for alive
def dead(z):
    z = np.asarray(z, dtype=float)
    if not np.isfinite(z).all():
        raise ValueError("not finite")
    return np.all(z < 0, axis=0)


# %% dead: judges by the mean
def dead(z):
    z = np.asarray(z, dtype=float)
    if not np.isfinite(z).all():
        raise ValueError("not finite")
    return z.mean(axis=0) <= 0


# %% dead: looks for dead samples, not units
def dead(z):
    z = np.asarray(z, dtype=float)
    if not np.isfinite(z).all():
        raise ValueError("not finite")
    return np.all(z <= 0, axis=1)


# %% dead: a diverged network looks alive
def dead(z):
    return np.all(np.asarray(z, dtype=float) <= 0, axis=0)


# %% deadly_bias: forgets the sign
def deadly_bias(x, weights):
    return np.max(np.asarray(x) @ np.asarray(weights), axis=0)


# %% deadly_bias: takes the smallest pre-activation
def deadly_bias(x, weights):
    return -np.min(np.asarray(x) @ np.asarray(weights), axis=0)


# %% deadly_bias: kills on the average sample
def deadly_bias(x, weights):
    return -np.mean(np.asarray(x) @ np.asarray(weights), axis=0)


# %% deadly_bias: kills surely, but not with the largest bias
def deadly_bias(x, weights):
    return -np.max(np.abs(np.asarray(x) @ np.asarray(weights)), axis=0)


# %% deadly_bias: one bias for all the units
def deadly_bias(x, weights):
    z = np.asarray(x) @ np.asarray(weights)
    return np.full(z.shape[1], -z.max())


# %% longest_death: adds up all the looks
def longest_death(record):
    return np.sum(np.asarray(record, dtype=bool), axis=0)


# %% longest_death: gives the last death
def longest_death(record):
    rows = np.asarray(record, dtype=bool)
    last = np.zeros(rows.shape[1], dtype=int)
    now = last.copy()
    for row in rows:
        now = np.where(row, now + 1, 0)
        last = np.where(row, now, last)
    return last


# %% longest_death: forgets a death that goes on to the end
def longest_death(record):
    longest = []
    for unit in np.asarray(record, dtype=int).T:
        change = np.diff(unit, prepend=0)
        begins, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
        longest.append(max((e - b for b, e in zip(begins, ends)), default=0))
    return longest


# %% longest_death: forgets a death that is there at the first look
def longest_death(record):
    longest = []
    for unit in np.asarray(record, dtype=int).T:
        change = np.diff(unit, append=0)
        begins, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
        ends = ends[len(ends) - len(begins) :]
        longest.append(max((e - b for b, e in zip(begins, ends)), default=0))
    return longest


# %% longest_death: counts deaths, not looks
def longest_death(record):
    rows = np.asarray(record, dtype=int)
    return np.sum(np.diff(rows, axis=0, prepend=0) == 1, axis=0)


# %% longest_death: takes looks for units
def longest_death(record):
    rows = np.asarray(record, dtype=bool).T
    now = longest = np.zeros(rows.shape[1], dtype=int)
    for row in rows:
        now = np.where(row, now + 1, 0)
        longest = np.maximum(longest, now)
    return longest


# %% share_dead: judges on one mini-batch
def share_dead(learning_rate):
    digits = split_digits(standardize=False)
    network = MLP([64, 32, 10], seed=1)
    train(network, digits.x_train, digits.y_train, learning_rate=learning_rate, epochs=2)
    hidden = network.forward(digits.x_train[:8])[0][0]
    return np.mean(np.all(hidden <= 0, axis=0))


# %% share_dead: on standardised digits nothing dies
def share_dead(learning_rate):
    digits = split_digits()
    network = MLP([64, 32, 10], seed=1)
    train(network, digits.x_train, digits.y_train, learning_rate=learning_rate, epochs=2)
    hidden = network.forward(digits.x_train)[0][0]
    return np.mean(np.all(hidden <= 0, axis=0))


# %% share_dead: counts samples and units that are off
def share_dead(learning_rate):
    digits = split_digits(standardize=False)
    network = MLP([64, 32, 10], seed=1)
    train(network, digits.x_train, digits.y_train, learning_rate=learning_rate, epochs=2)
    return np.mean(network.forward(digits.x_train)[0][0] <= 0)


# %% share_dead: looks before training
def share_dead(learning_rate):
    digits = split_digits(standardize=False)
    hidden = MLP([64, 32, 10], seed=1).forward(digits.x_train)[0][0]
    return np.mean(np.all(hidden <= 0, axis=0))
