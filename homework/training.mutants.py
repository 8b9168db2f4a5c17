# ruff: noqa: B905, E402, E501, F401, F811, F821, I001
"""Wrong solutions of `training`, one a cell: each must lose the points of its exercise alone."""


# %% unit_gradient: forgets to divide by the number of samples
def unit_gradient(x, t, w, b):
    z = w * x + b
    d = (np.maximum(0, z) - t) * (z > 0)
    return np.sum(d * x), np.sum(d)


# %% unit_gradient: target minus answer
def unit_gradient(x, t, w, b):
    z = w * x + b
    d = (t - np.maximum(0, z)) * (z > 0)
    return np.mean(d * x), np.mean(d)


# %% unit_gradient: takes the slope from the output with >=
def unit_gradient(x, t, w, b):
    a = np.maximum(0, w * x + b)
    d = (a - t) * (a >= 0)
    return np.mean(d * x), np.mean(d)


# %% unit_gradient: takes 1 for the slope at zero
def unit_gradient(x, t, w, b):
    z = w * x + b
    d = (np.maximum(0, z) - t) * (z >= 0)
    return np.mean(d * x), np.mean(d)


# %% unit_gradient: averages only over the samples that are on
def unit_gradient(x, t, w, b):
    z = w * x + b
    on = z > 0
    d = (z - t)[on]
    return (np.mean(d * x[on]), np.mean(d)) if on.any() else (0.0, 0.0)


# %% unit_gradient: a factor 2 from the square
def unit_gradient(x, t, w, b):
    z = w * x + b
    d = 2 * (np.maximum(0, z) - t) * (z > 0)
    return np.mean(d * x), np.mean(d)


# %% unit_gradient: changes its input
def unit_gradient(x, t, w, b):
    z = w * x + b
    t -= np.maximum(0, z)
    d = -t * (z > 0)
    return np.mean(d * x), np.mean(d)


# %% one_step: uphill
def one_step(parameters, gradients, learning_rate):
    return [p + learning_rate * g for p, g in zip(parameters, gradients)]


# %% one_step: forgets the rate
def one_step(parameters, gradients, learning_rate):
    return [p - g for p, g in zip(parameters, gradients)]


# %% one_step: changes the parameters in place
def one_step(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients):
        p -= learning_rate * g
    return parameters


# %% one_step: changes the gradients in place
def one_step(parameters, gradients, learning_rate):
    for g in gradients:
        g *= learning_rate
    return [p - g for p, g in zip(parameters, gradients)]


# %% one_step: moves the first parameter only
def one_step(parameters, gradients, learning_rate):
    return [parameters[0] - learning_rate * gradients[0], *parameters[1:]]


# %% network_loss: leaves out the bend
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    S = (X @ W1 + b1) @ W2 + b2
    powers = np.exp(S - S.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% network_loss: a sum over the samples
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    S = np.maximum(0, X @ W1 + b1) @ W2 + b2
    powers = np.exp(S - S.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).sum()


# %% network_loss: softmax over the samples
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    S = np.maximum(0, X @ W1 + b1) @ W2 + b2
    powers = np.exp(S - S.max())
    p = powers / powers.sum(axis=0)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% network_loss: overflows
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    powers = np.exp(np.maximum(0, X @ W1 + b1) @ W2 + b2)
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% network_loss: forgets the biases
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    S = np.maximum(0, X @ W1) @ W2
    powers = np.exp(S - S.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% network_loss: the log of the mean instead of the mean of the logs
def network_loss(parameters, X, y):
    W1, b1, W2, b2 = parameters
    S = np.maximum(0, X @ W1 + b1) @ W2 + b2
    powers = np.exp(S - S.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y].mean())


# %% network_loss: calls the package
def network_loss(parameters, X, y):
    from rectified.network import softmax

    W1, b1, W2, b2 = parameters
    p = softmax(np.maximum(0, X @ W1 + b1) @ W2 + b2)
    return -np.log(p[np.arange(len(y)), y]).mean()


# %% network_gradients: forgets to divide by the number of samples
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    dS = A @ W2 + b2 - T
    dZ = dS @ W2.T * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% network_gradients: averages over the outputs too
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    dS = (A @ W2 + b2 - T) / T.size
    dZ = dS @ W2.T * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% network_gradients: takes the slope from the output with >=
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    A = np.maximum(0, X @ W1 + b1)
    dS = (A @ W2 + b2 - T) / len(X)
    dZ = dS @ W2.T * (A >= 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% network_gradients: takes 1 for the slope at zero
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    dS = (A @ W2 + b2 - T) / len(X)
    dZ = dS @ W2.T * (Z >= 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% network_gradients: the second layer is fed with Z instead of A
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    dS = (A @ W2 + b2 - T) / len(X)
    dZ = dS @ W2.T * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), Z.T @ dS, dS.sum(axis=0)]


# %% network_gradients: target minus output
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    dS = (T - A @ W2 - b2) / len(X)
    dZ = dS @ W2.T * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% network_gradients: softmax stayed in
def network_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    S = A @ W2 + b2
    powers = np.exp(S - S.max(axis=1, keepdims=True))
    dS = (powers / powers.sum(axis=1, keepdims=True) - T) / len(X)
    dZ = dS @ W2.T * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]


# %% deal: drops the last part
def deal(X, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    parts = [order[i : i + size] for i in range(0, len(X) - size + 1, size)]
    return [(X[part], y[part]) for part in parts]


# %% deal: shuffles inputs and labels apart
def deal(X, y, size, seed):
    rng = np.random.default_rng(seed)
    X, y = X[rng.permutation(len(X))], y[rng.permutation(len(y))]
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


# %% deal: does not shuffle
def deal(X, y, size, seed):
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


# %% deal: draws with replacement
def deal(X, y, size, seed):
    order = np.random.default_rng(seed).integers(len(X), size=len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


# %% deal: shuffles in place
def deal(X, y, size, seed):
    np.random.default_rng(seed).shuffle(X)
    np.random.default_rng(seed).shuffle(y)
    return [(X[i : i + size].copy(), y[i : i + size].copy()) for i in range(0, len(X), size)]


# %% deal: knows one seed only
def deal(X, y, size, seed):
    order = np.random.default_rng(0).permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


# %% deal: another order at each call
def deal(X, y, size, seed):
    order = np.random.default_rng().permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


# %% accuracy: counts instead of taking the share
def accuracy(S, y):
    return np.sum(S.argmax(axis=1) == y)


# %% accuracy: the largest of a column
def accuracy(S, y):
    return np.mean(S.argmax(axis=0)[np.arange(len(y)) % S.shape[1]] == y)


# %% accuracy: the largest in size
def accuracy(S, y):
    return np.mean(np.abs(S).argmax(axis=1) == y)


# %% accuracy: the right class's score is positive
def accuracy(S, y):
    return np.mean(S[np.arange(len(y)), y] > 0)
