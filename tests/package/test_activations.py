"""The activations and their derivatives: values, kinks, limits, types, errors."""

import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

import rectified.activations as module
from rectified import (
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

INF, NAN = np.inf, np.nan
FLOATS = [np.float16, np.float32, np.float64]


def with_parameters(function, derivative, **parameters):
    return Activation(partial(function, **parameters), partial(derivative, **parameters))


# Every elementwise activation, also with parameters on which a wrong formula shows itself.
PAIRS = {
    **ACTIVATIONS,
    "relu, half at zero": Activation(relu, partial(relu_prime, at_zero=0.5)),
    "leaky, slope 0": with_parameters(leaky_relu, leaky_relu_prime, negative_slope=0.0),
    "leaky, slope 3": with_parameters(leaky_relu, leaky_relu_prime, negative_slope=3.0),
    "leaky, slope -2": with_parameters(leaky_relu, leaky_relu_prime, negative_slope=-2.0),
    "prelu, slope 0.25": with_parameters(prelu, prelu_prime, negative_slope=0.25),
    "prelu, slope 0": with_parameters(prelu, prelu_prime, negative_slope=0.0),
    "elu, alpha 0": with_parameters(elu, elu_prime, alpha=0.0),
    "elu, alpha 2.5": with_parameters(elu, elu_prime, alpha=2.5),
}
FUNCTIONS = {
    **{f"{name}: function": pair.function for name, pair in PAIRS.items()},
    **{f"{name}: derivative": pair.derivative for name, pair in PAIRS.items()},
    "prelu_slope_gradient": prelu_slope_gradient,
}
each_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())


def extremes(dtype):
    """Both signs of zero, infinity, the largest and smallest numbers, and ordinary ones."""
    limits = np.finfo(dtype)
    positive = [0.0, limits.smallest_subnormal, limits.tiny, limits.eps, 0.3, 1.0, 7.5, 40.0]
    positive += [limits.max / 2, limits.max, INF]
    return np.array(positive + [-value for value in positive], dtype)


# --- values ---------------------------------------------------------------------------------


def test_registry_holds_pairs_under_the_functions_names():
    for name, pair in ACTIVATIONS.items():
        assert pair == (getattr(module, name), getattr(module, f"{name}_prime"))


@pytest.mark.parametrize(
    ("function", "z", "expected"),
    [
        (relu, [-2, -0.5, 0, 0.5, 2], [0, 0, 0, 0.5, 2]),
        (relu_prime, [-2, -0.5, 0, 0.5, 2], [0, 0, 0, 1, 1]),
        (leaky_relu, [-200, 0, 3], [-2, 0, 3]),
        (leaky_relu_prime, [-200, 0, 3], [0.01, 0.01, 1]),
        (identity, [-2, 0, 3], [-2, 0, 3]),
        (identity_prime, [-2, 0, 3], [1, 1, 1]),
        (prelu_slope_gradient, [-2, 0, 3], [-2, 0, 0]),
    ],
)
def test_pieces_of_lines(function, z, expected):
    """By hand; the smooth ones are compared with SciPy."""
    np.testing.assert_allclose(function(z), expected, rtol=1e-15)


ORACLES = {
    "sigmoid": (special.expit, lambda z: special.expit(z) * special.expit(-z)),
    "tanh": (lambda z: 2 * special.expit(2 * z) - 1, lambda z: np.cosh(z) ** -2.0),
    "softplus": (lambda z: -special.log_expit(-z), special.expit),
    "silu": (
        lambda z: z * special.expit(z),
        lambda z: special.expit(z) * (1 + z * special.expit(-z)),
    ),
    "gelu": (
        lambda z: z * special.ndtr(z),
        lambda z: special.ndtr(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
    "elu": (
        lambda z: np.where(z > 0, z, z * special.exprel(z)),
        lambda z: np.exp(np.minimum(z, 0)),
    ),
}


@pytest.mark.parametrize("name", ORACLES)
def test_agrees_with_scipy(name):
    # ±30 holds all that is interesting; further out, ORACLES' own formulas lose digits.
    z = np.concatenate([np.linspace(-30, 30, 2001), np.logspace(-300, 0, 200)])
    for ours, theirs in zip(ACTIVATIONS[name], ORACLES[name], strict=True):
        # atol: the derivatives of silu and gelu pass through 0.
        np.testing.assert_allclose(ours(z), theirs(z), rtol=1e-13, atol=3e-16)


@pytest.mark.parametrize(
    ("function", "z", "expected"),
    [
        (sigmoid, -700.0, np.exp(-700.0)),
        (sigmoid_prime, 700.0, np.exp(-700.0)),
        (tanh_prime, 300.0, 4 * np.exp(-600.0)),
        (softplus, -700.0, np.exp(-700.0)),
        (silu, -700.0, -700 * np.exp(-700.0)),
        (silu_prime, -700.0, -699 * np.exp(-700.0)),
        (gelu, -30.0, -30 * special.ndtr(-30.0)),
        (elu, -1e-20, -1e-20),
    ],
)
def test_no_digit_is_lost_in_the_tails(function, z, expected):
    """Where 1 - tanh(z)**2, 1 + erf(z), log(1 + exp(z)) and exp(z) - 1 round to 0."""
    np.testing.assert_allclose(function(z), expected, rtol=1e-12)


@given(z=st.floats(-25, 25))
def test_derivative_is_the_slope(z):
    step = 1e-5
    assume(abs(z) > 2 * step)  # away from the kink
    for name, pair in PAIRS.items():
        slope = (pair.function(z + step) - pair.function(z - step)) / (2 * step)
        assert pair.derivative(z) == pytest.approx(slope, rel=1e-6, abs=1e-8), name


@given(z=st.floats(-1e6, 1e6), slope=st.floats(-1e6, 1e6))
def test_leaky_relu_is_right_for_every_slope(z, slope):
    assert leaky_relu(z, slope) == (z if z > 0 else slope * z)
    assert leaky_relu_prime(z, slope) == (1.0 if z > 0 else slope)
    assert prelu(z, slope) == leaky_relu(z, slope)
    assert prelu_prime(z, slope) == leaky_relu_prime(z, slope)


@given(z=st.floats(allow_nan=False, allow_infinity=False, width=32), scale=st.floats(0, 1e6))
def test_relu_is_positively_homogeneous(z, scale):
    assert relu(scale * z) == scale * relu(z)
    assert relu(z) - relu(-z) == z


# --- at the kink, at the limits -------------------------------------------------------------


@pytest.mark.parametrize("zero", [0.0, -0.0, 0, False, np.float32(-0.0)])
def test_exactly_at_the_kink(zero):
    assert relu(zero) == 0.0 and not np.signbit(relu(zero))
    assert relu_prime(zero) == 0.0
    for at_zero in (0.0, 0.25, 1.0, 0, 1, True):
        assert relu_prime(zero, at_zero=at_zero) == at_zero
    assert leaky_relu(zero, negative_slope=0.2) == 0.0
    assert leaky_relu_prime(zero, negative_slope=0.25) == 0.25
    assert prelu_prime(zero, negative_slope=0.25) == 0.25
    assert prelu_slope_gradient(zero) == 0.0
    assert elu(zero, alpha=2.0) == 0.0
    assert elu_prime(zero, alpha=2.0) == 2.0


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_subnormal_beside_the_kink(dtype, sign):
    z = dtype(sign * np.finfo(dtype).smallest_subnormal)
    assert relu(z) == max(z, 0)
    assert relu_prime(z, at_zero=0.5) == (sign > 0)
    assert leaky_relu_prime(z, 0.25) == (1.0 if sign > 0 else 0.25)
    assert elu_prime(z, alpha=2.0) == (1.0 if sign > 0 else 2.0)


def test_relu_never_returns_minus_zero_from_an_array():
    for dtype in FLOATS:
        for size in (1, 7, 64, 1000):  # SIMD code and its remainder
            assert not np.signbit(relu(np.full(size, -0.0, dtype))).any()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    ("function", "at_minus", "at_plus"),
    [
        (relu, 0, INF),
        (relu_prime, 0, 1),
        (leaky_relu, -INF, INF),
        (leaky_relu_prime, 0.01, 1),
        (partial(leaky_relu, negative_slope=0.0), 0, INF),
        (partial(leaky_relu, negative_slope=-0.0), 0, INF),
        (partial(leaky_relu, negative_slope=-1.0), INF, INF),
        (partial(leaky_relu, negative_slope=5.0), -INF, INF),
        (partial(leaky_relu_prime, negative_slope=-1.0), -1, 1),
        (partial(prelu, negative_slope=0.0), 0, INF),
        (partial(prelu, negative_slope=-1.0), INF, INF),
        (partial(prelu_prime, negative_slope=0.5), 0.5, 1),
        (prelu_slope_gradient, -INF, 0),
        (elu, -1, INF),
        (partial(elu, alpha=0.0), 0, INF),
        (partial(elu, alpha=2.5), -2.5, INF),
        (elu_prime, 0, 1),
        (sigmoid, 0, 1),
        (sigmoid_prime, 0, 0),
        (tanh, -1, 1),
        (tanh_prime, 0, 0),
        (softplus, 0, INF),
        (softplus_prime, 0, 1),
        (silu, 0, INF),
        (silu_prime, 0, 1),
        (gelu, 0, INF),
        (gelu_prime, 0, 1),
        (identity, -INF, INF),
        (identity_prime, 1, 1),
    ],
)
def test_limits_at_infinity(function, at_minus, at_plus, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function(np.array([-INF, INF], dtype))
    np.testing.assert_array_equal(result, np.array([at_minus, at_plus], dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("slope", [1e-60, -1e-60, 5e-324])
def test_a_slope_too_small_for_the_type_gives_no_nan(slope, dtype):
    """It rounds to 0, and 0 times minus infinity would be NaN."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (leaky_relu, prelu):
            assert not np.isnan(function(np.array([-INF, -1.0, INF], dtype), slope)).any()


@each_function
@pytest.mark.parametrize("dtype", FLOATS)
def test_no_warning_and_no_nan_for_any_number(function, dtype):
    z = extremes(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together, alone = function(z), [function(value) for value in z]
    assert not np.isnan(together).any()
    # One by one, other code runs than for a whole array; libraries may differ in the last digits.
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(alone, together, rtol=8 * eps, atol=8 * eps)


@given(z=hnp.arrays(np.float32, 17, elements=st.floats(width=32, allow_nan=False)))
def test_no_warning_for_arrays_of_any_numbers(z):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, function in FUNCTIONS.items():
            assert not np.isnan(function(z)).any(), name


@each_function
def test_nan_stays_nan(function):
    for dtype in FLOATS:
        result = function(np.array([NAN, 1.0, NAN], dtype))
        np.testing.assert_array_equal(np.isnan(result), [True, False, True])
        assert np.isnan(function(dtype(NAN)))


# --- shapes and types -----------------------------------------------------------------------


@each_function
def test_shape_and_floating_type_are_kept(function):
    for dtype in FLOATS:
        for shape in [(0,), (1,), (5,), (2, 3), (0, 3), (2, 1, 4)]:
            z = np.linspace(-2, 2, int(np.prod(shape)), dtype=dtype).reshape(shape)
            result = function(z)
            assert isinstance(result, np.ndarray)
            assert (result.shape, result.dtype) == (shape, dtype)


@each_function
def test_a_scalar_gives_a_numpy_scalar(function):
    for z in [-1.5, 2, True, np.int8(3)]:
        assert type(function(z)) is np.float64
    for dtype in FLOATS:
        assert type(function(dtype(-1.5))) is dtype
        assert type(function(np.array(1.5, dtype))) is dtype


@each_function
def test_integers_and_booleans_become_float64(function):
    for dtype in [np.int8, np.uint8, np.int64, np.uint64, bool]:
        z = np.array([0, 1, 1], dtype)
        result = function(z)
        assert result.dtype == np.float64
        np.testing.assert_array_equal(result, function(z.astype(np.float64)))


@each_function
def test_lists_tuples_and_strides(function):
    z = np.linspace(-3, 3, 12).reshape(3, 4)
    np.testing.assert_array_equal(function(z.tolist()), function(z))
    np.testing.assert_array_equal(function(tuple(z[0])), function(z[0]))
    np.testing.assert_allclose(function(z.T[::-1]), function(z).T[::-1], rtol=1e-15)


@each_function
def test_the_input_is_not_changed(function):
    for dtype in FLOATS:
        z = np.concatenate([extremes(dtype), np.array([NAN], dtype)])
        kept = z.copy()
        z.setflags(write=False)
        result = function(z)
        assert not np.shares_memory(result, z)
        assert z.tobytes() == kept.tobytes()


BAD_TYPES = [
    *([1 + 2j], 1j, "1.0", ["1.0", "2.0"], b"1", None, [1.0, None], object(), {"z": 1.0}),
    np.array([1.0, 2.0], dtype=object),
    2**70,  # beyond 64 bits
    np.array(["2015-02-06"], dtype="datetime64[D]"),
    np.array([1], dtype="timedelta64[s]"),
    np.zeros(2, dtype=[("x", float)]),
    [[1.0, 2.0], [3.0]],  # rows of different lengths
]


@pytest.mark.parametrize(
    "function",
    [*FUNCTIONS.values(), partial(maxout, axis=0), partial(maxout_prime, axis=0)],
    ids=[*FUNCTIONS, "maxout", "maxout_prime"],
)
def test_bad_types_are_refused_by_name(function):
    for bad in BAD_TYPES:
        with pytest.raises(TypeError, match=r"\bz\b"):
            function(bad)


# --- parameters -----------------------------------------------------------------------------

PARAMETERS = [
    (relu_prime, "at_zero", [NAN, -0.1, 1.1, 2, INF, -INF]),
    (leaky_relu, "negative_slope", [NAN, INF, -INF]),
    (leaky_relu_prime, "negative_slope", [NAN, INF, -INF]),
    (prelu, "negative_slope", [NAN, INF, [0.1, NAN]]),
    (prelu_prime, "negative_slope", [NAN, INF, [0.1, NAN]]),
    (elu, "alpha", [NAN, -1, -1e-9, INF]),
    (elu_prime, "alpha", [NAN, -1, -1e-9, INF]),
]


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [(function, name, value) for function, name, values in PARAMETERS for value in values],
)
def test_a_parameter_out_of_range_is_refused(function, name, value):
    with pytest.raises(ValueError, match=rf"{name} must .*(between|finite)"):
        function([-1.0, 1.0], **{name: value})


@pytest.mark.parametrize(("function", "name"), [row[:2] for row in PARAMETERS])
@pytest.mark.parametrize("value", ["0.5", 0.5j, None, np.array(["a"])])
def test_a_parameter_of_the_wrong_type_is_refused(function, name, value):
    with pytest.raises(TypeError, match=name):
        function([-1.0, 1.0], **{name: value})


@pytest.mark.parametrize(
    ("function", "name"), [row[:2] for row in PARAMETERS if "prelu" not in row[0].__name__]
)
def test_a_parameter_is_one_number(function, name):
    with pytest.raises(TypeError, match=f"{name} must be a single number"):
        function([-1.0, 1.0], **{name: [0.5, 0.5]})


@pytest.mark.parametrize("function", [leaky_relu, leaky_relu_prime, prelu, prelu_prime])
def test_a_slope_beyond_the_inputs_type_is_refused(function):
    assert np.isfinite(function(-1.0, negative_slope=1e300))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="negative_slope must .*float32"):
            function(np.float32(-1.0), negative_slope=1e300)


@pytest.mark.parametrize("value", [1, True, np.float32(1), np.array(1.0), np.int64(1)])
def test_parameters_may_be_any_real_number_and_do_not_change_the_type(value):
    z = np.array([-1.0, 2.0], np.float32)
    for function, name, _ in PARAMETERS:
        result = function(z, **{name: value})
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, function(z, **{name: 1.0}))


def test_prelu_has_a_slope_per_channel():
    z = np.array([[-1.0, -2.0, -3.0], [4.0, 5.0, -6.0]])
    slopes = np.array([0.5, 0.0, 2.0])
    np.testing.assert_array_equal(prelu(z, slopes), [[-0.5, 0, -6], [4, 5, -12]])
    np.testing.assert_array_equal(prelu_prime(z, slopes), [[0.5, 0, 2], [1, 1, 2]])
    per_row = prelu(z, [[0.5], [2.0]])
    np.testing.assert_array_equal(per_row, [[-0.5, -1, -1.5], [4, 5, -12]])
    assert slopes.tolist() == [0.5, 0.0, 2.0]


@pytest.mark.parametrize("function", [prelu, prelu_prime])
@pytest.mark.parametrize("slopes", [[0.1, 0.2], [[0.1, 0.2, 0.3]] * 2, []])
def test_prelu_slopes_must_fit(function, slopes):
    """Slopes of a larger shape would enlarge the result: they are refused too."""
    with pytest.raises(ValueError, match="negative_slope of shape .* does not broadcast"):
        function([1.0, 2.0, 3.0], slopes)


def test_prelu_slope_gradient_is_the_slope_in_the_slope():
    z, step = np.linspace(-3, 3, 13), 1e-6
    numeric = (prelu(z, 0.25 + step) - prelu(z, 0.25 - step)) / (2 * step)
    np.testing.assert_allclose(prelu_slope_gradient(z), numeric, atol=1e-9)


# --- maxout ---------------------------------------------------------------------------------


def test_maxout_takes_the_largest_piece_along_its_axis():
    z = np.array([[1.0, -2.0, 0.0], [0.5, 3.0, -1.0]])
    np.testing.assert_array_equal(maxout(z, axis=0), [1, 3, 0])
    np.testing.assert_array_equal(maxout(z, axis=1), [1, 3])
    np.testing.assert_array_equal(maxout(z, axis=-1), [1, 3])
    np.testing.assert_array_equal(maxout_prime(z, axis=1), [[1, 0, 0], [0, 1, 0]])
    assert type(maxout([1, 3, 2], axis=0)) is np.float64
    assert maxout(z.astype(np.float32), 0).dtype == np.float32
    assert maxout_prime(z.astype(np.float32), 0).dtype == np.float32


def test_maxout_gives_a_tie_to_the_first_piece():
    np.testing.assert_array_equal(maxout_prime([[2.0, 2.0, 1.0]], axis=1), [[1, 0, 0]])
    np.testing.assert_array_equal(maxout_prime([[0.0], [-0.0]], axis=0), [[1], [0]])


def test_maxout_at_infinity_and_nan():
    z = [[-INF, -INF], [INF, 1.0], [NAN, 1.0], [INF, NAN]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(maxout(z, axis=1), [-INF, INF, NAN, NAN])
        np.testing.assert_array_equal(
            maxout_prime(z, axis=1), [[1, 0], [1, 0], [NAN, NAN], [NAN, NAN]]
        )


@given(z=hnp.arrays(np.float64, (3, 4), elements=st.floats(-9, 9)), axis=st.integers(-2, 1))
def test_maxout_is_the_winning_piece(z, axis):
    winners = maxout_prime(z, axis)
    np.testing.assert_array_equal(np.sum(winners * z, axis=axis), maxout(z, axis))
    np.testing.assert_array_equal(winners.sum(axis=axis), 1.0)


def test_maxout_without_samples():
    assert maxout(np.empty((0, 3)), axis=1).shape == (0,)
    assert maxout_prime(np.empty((0, 3)), axis=1).shape == (0, 3)


@pytest.mark.parametrize("function", [maxout, maxout_prime])
def test_maxout_refuses_a_bad_axis(function):
    for axis in (None, 0.0, "0", True, (0, 1)):
        with pytest.raises(TypeError, match="axis must be an integer"):
            function([[1.0, 2.0]], axis=axis)
    for axis in (2, -3):
        with pytest.raises(ValueError, match="axis must be between -2 and 1"):
            function([[1.0, 2.0]], axis=axis)
    with pytest.raises(ValueError, match="axis"):
        function(1.0, axis=0)
    with pytest.raises(ValueError, match="at least 1"):
        function(np.empty((3, 0)), axis=1)


def test_maxout_contains_relu_leaky_relu_and_the_absolute_value():
    z = np.linspace(-3, 3, 25)
    np.testing.assert_array_equal(maxout([0 * z, z], axis=0), relu(z))
    np.testing.assert_array_equal(maxout([0.1 * z, z], axis=0), leaky_relu(z, 0.1))
    np.testing.assert_array_equal(maxout([-z, z], axis=0), np.abs(z))
    assert not np.array_equal(maxout([2 * z, z], axis=0), leaky_relu(z, 2.0))
