"""One wrong answer to each exercise that has a check, and words of what the check says to it."""

PASS_TWICE = """
def start(n_in, hidden, classes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 1, (n_in, hidden)), np.zeros(hidden),
            rng.normal(0, 0.5, (hidden, classes)), np.zeros(classes)]

def forward(parameters, X):
    W1, b1, W2, b2 = parameters
    Z = X @ W1 + b1
    A = np.maximum(0, Z)
    return Z, A, A @ W2 + b2

def shares(S):
    P = np.exp(S - S.max(axis=1, keepdims=True))
    return P / P.sum(axis=1, keepdims=True)

def loss(S, y):
    return -np.log(shares(S)[np.arange(len(y)), y]).mean()

def backward(parameters, X, y, Z, A, S):
    W1, b1, W2, b2 = parameters
    dS = (shares(S) - np.eye(S.shape[1])[y])
    dZ = (dS @ W2.T) * (Z > 0)
    return [X.T @ dZ, dZ.sum(axis=0), A.T @ dS, dS.sum(axis=0)]

def learn(parameters, X, y, learning_rate, epochs, batch_size, seed):
    pass
"""

#: (chapter, exercise): (the answer, words of the check's reply).
WRONG = {
    ("activation-functions", "1"): (
        "light = lambda x1, x2: max(0, x1 - x2)", "Which unit is on there?"),
    ("activation-functions", "2"): (
        "corridor = lambda a, b, c: max(0, a + b + c) - 2 * max(0, a + b + c - 1)",
        "switches at (1, 1, 1)"),
    ("born-dead", "1"): ("units_a_layer = 10", "still 1.9%"),
    ("claims", "2"): ("shallow = [0]", "a list of records"),
    ("claims", "3"): ("kinder = {0.01: False, 0.3: False, 'tasks': True}", "also holds where"),
    ("conditioning", "1"): ("predicted = 1 + 20 * 2 / np.pi", "over the variance"),
    ("conditioning", "2"): ("of_40_outputs = 20.6", "only n r² doubles"),
    ("conditioning", "3"): (
        "def kappa(means, deviation):\n    return 1 + np.sum(means) ** 2 / deviation**2",
        "Square each mean first"),
    ("dead-neurons", "1"): (
        "first_reach, first_bias = 6, -6\nturned_reach, turned_bias = 3, -3",
        "The largest of them"),
    ("dead-neurons", "3"): (
        "once_an_epoch = sum(np.sum(r.dead[1][:-1] & ~r.dead[1][1:]) for r in plain)",
        "Keep every 19th"),
    ("dead-neurons", "5"): ("w, b = -0.5, -3", "the unit is dead"),
    ("definition", "1"): ("def tooth(x):\n    return relu(x)", "first hinge"),
    ("definition", "2"): (
        "larger = lambda a, b: a + relu(a - b)\nsmaller = lambda a, b: a - relu(a - b)",
        "larger(2.0, -3.0) should be 2.0"),
    ("definition", "3"): ("sigmoid_gap, softplus_gap = 0.5, 0.69", "Is the ½ in the biases"),
    ("definition", "4"): ("best_edge = 1.0", "moves the edges apart"),
    ("derivative", "1"): ("relu6_prime = relu_prime", "Past 6 it is flat again"),
    ("derivative", "2"): ("at_0, at_half, at_1 = (0, 1), 1, (0, 1)", "is on already"),
    ("derivative", "3"): ("chance_of_error = lambda h: 1.6 * h", "spread over a length of 2"),
    ("derivative", "4"): (
        "shapes = lambda n, d, m: ((n, m), (m, d), (n, d))", "not of its transpose"),
    ("kinds-of-activation", "1"): ("spread, is_ridge = 0.0, True", "dimension=3"),
    ("kinds-of-activation", "2"): (
        "gaussian = lambda x: np.exp(-np.sum((x - [1, 0]) ** 2, axis=1))\n"
        "variation = variation_on_circle(gaussian)", "takes centre="),
    ("leaky-relu", "1"): ("steps_from_5 = np.inf", "allow more steps"),
    ("leaky-relu", "2"): ("with_leak, with_relu = 50, 400", "never comes back"),
    ("leaky-relu", "3"): (
        "inverse = lambda y, slope: y / slope", "nothing is to be changed back"),
    ("leaky-relu", "4"): ("more_parameters = 2", "each unit has its own"),
    ("maxout", "2"): ("tent = lambda x: np.maximum(x, 1 - x)", "its sides go on below 0"),
    ("maxout", "3"): ("tangents_needed = 22", "largest error is 0.0102"),
    ("maxout", "4"): ("units = 22", "22 units need 8,560"),
    ("optimisers", "2"): (
        "steady_step = lambda g, rate, momentum: rate * g / (1 - momentum)", "keeps its sign"),
    ("optimisers", "3"): ("uncorrected = adam", "still in"),
    ("plasticity", "1"): ("brought_back, dormant_then = 0.75, 0.0", "more than none"),
    ("relatives", "3"): ("selu_mean, selu_deviation = 0.4, 0.58", "what ReLU gives"),
    ("same-sign-gradients", "1"): (
        "leaky_mean = lambda slope, deviation: (1 + slope) * deviation / np.sqrt(2 * np.pi)",
        "takes something away"),
    ("same-sign-gradients", "2"): (
        "agree_40, part_40 = same_sign_limit(moments.ratio, 20), exact_part(moments, 40)",
        "more signs have to agree"),
    ("same-sign-gradients", "3"): ("agree_centred, part_centred = 0, 0.35", "about 1 in 20"),
    ("signals-through-depth", "1"): (
        "after_30, after_100, after_300 = np.radians(predicted(90, depth=300)[[30, 100, 300]])",
        "In degrees"),
    ("sparsity", "1"): ("always_off, zeros_elsewhere = 0.0, 150", "between 0 and 1"),
    ("strengths", "1"): ("factor = np.sqrt(2 / 1.5)", "counts with α², not with α"),
    ("strengths", "2"): ("shrinks_by = 1024", "The size is its root"),
    ("strengths", "3"): ("narrow = (1, 2)", "write narrow, _ = compare_activations"),
    ("strengths", "4"): ("failing = failures['relu']", "Is output_bias=0.5 there?"),
    ("the-value-at-zero", "1"): (
        "absolute_prime = lambda z, choice: relu_prime(z, choice) + relu_prime(-z, choice)",
        "by the chain rule"),
    ("the-value-at-zero", "3"): ("chance_of_zero = 2**-10", "How long is the stretch"),
    ("three-sixteenths", "1"): ("share_below = 1 / 2", "One sign is not enough"),
    ("today", "1"): (
        "from rectified import silu, silu_prime\n\n"
        "def swiglu_prime(gate, value):\n    return silu(gate), silu_prime(gate) * value",
        "the wrong way round"),
    ("today", "2"): ("weak, strong = 0.35, 0.58", "the wrong way round?"),
    ("today", "3"): (
        "zeros_left, loss_after = np.mean(hidden_outputs(models['relu']) == 0), 1.0",
        "Was the function of the copy changed?"),
    ("training", "1"): (PASS_TWICE, "Is it a mean over the samples?"),
    ("training", "2"): (
        "gradient_w, gradient_b, new_w, new_b, new_answer = 1, 1, 1.1, 0.1, 1.2",
        "goes against the gradient"),
    ("training", "3"): ("same_rate = 6", "The other way round"),
    ("training", "4"): ("at_01, at_001 = 0.97, 0.6", "wrong way round"),
    ("training", "5"): ("by_width = {2: [0.9]}", "2, 4, 8 and 16"),
    ("waking", "1"): ("first_on_05, first_on_099, dead_at_end = 3, 1, True", "is after step 1"),
    ("what-hinges-can-build", "1"): ("p, r = 1, 0", "misses |x| by 0.250"),
    ("what-hinges-can-build", "2"): (
        "def almost_x(x):\n    return (np.log1p(np.exp(0.001 * x)) - np.log(2)) / 0.001",
        "line of slope 0.5"),
    ("what-hinges-can-build", "3"): ("parts_of_3, parts_of_4 = 8, 16", "met nowhere"),
    ("zero-centering", "1"): (
        "stretch_by_hand, best_rate, steps_by_hand = 17, 1 / 9, 39", "counts twice"),
    ("zero-centering", "2"): ("leaky_mean, leaky_stretch = 0.44, 40", "takes something away"),
    ("zero-centering", "3"): (
        "stretch_64, agree_64, part_64 = 31, 0.0, 0.016", "it stays near a third"),
    ("zero-centering", "4"): ("my_rate, my_factor = 0.5, 1.0", "centred ReLU is the quicker one"),
}  # fmt: skip
