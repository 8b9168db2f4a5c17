"""Gates, ReLU's square and CReLU, against finite differences and their definitions."""

import math
import warnings

import numpy as np
import pytest

from rectified import gates, relu

POINTS = [(-2.0, 1.5), (-0.3, -0.7), (0.4, 2.0), (3.0, -1.0)]


def central(function, at, step=1e-6):
    return (function(at + step) - function(at - step)) / (2 * step)


@pytest.mark.parametrize("name", gates.GATES)
@pytest.mark.parametrize(("gate", "value"), POINTS)
def test_slopes_are_those_of_small_steps(name, gate, value):
    function, derivative = gates.GATES[name]
    in_gate, in_value = derivative(gate, value)
    assert in_gate == pytest.approx(central(lambda g: function(g, value), gate), abs=1e-8)
    assert in_value == pytest.approx(central(lambda v: function(gate, v), value), abs=1e-8)


@pytest.mark.parametrize(("gate", "value"), POINTS)
def test_values_are_those_of_the_formulas(gate, value):
    sigma = 1 / (1 + math.exp(-gate))
    normal = 0.5 * (1 + math.erf(gate / math.sqrt(2)))
    assert gates.glu(gate, value) == pytest.approx(sigma * value)
    assert gates.reglu(gate, value) == max(0.0, gate) * value
    assert gates.geglu(gate, value) == pytest.approx(gate * normal * value)
    assert gates.swiglu(gate, value) == pytest.approx(gate * sigma * value)


def test_reglu_at_the_kink_and_beyond():
    assert gates.reglu_prime(0.0, 3.0) == (0.0, 0.0)
    assert gates.reglu_prime(-0.0, 3.0) == (0.0, 0.0)
    assert np.isnan(gates.reglu(np.nan, 1.0)) and np.isnan(gates.reglu(1.0, np.nan))
    assert gates.reglu(-np.inf, 2.0) == 0.0 and gates.reglu(np.inf, 2.0) == np.inf


def test_gates_keep_shape_and_precision_and_change_nothing():
    gate, value = np.ones((2, 1), np.float32), np.full((1, 3), 2, np.float32)
    for function, derivative in gates.GATES.values():
        before = gate.copy(), value.copy()
        assert function(gate, value).shape == (2, 3)
        assert function(gate, value).dtype == np.float32
        assert derivative(gate, value)[0].shape == (2, 3)
        assert np.array_equal(before[0], gate) and np.array_equal(before[1], value)
        with pytest.raises(TypeError):
            function("gate", value)


def test_squared_relu():
    z = np.array([-3.0, -0.0, 0.0, 0.5, 3.0])
    assert gates.squared_relu(z).tolist() == [0, 0, 0, 0.25, 9]
    assert gates.squared_relu_prime(z).tolist() == [0, 0, 0, 1, 6]
    assert gates.squared_relu([2, -2]).dtype == np.float64
    assert gates.squared_relu(-np.inf) == 0 and np.isnan(gates.squared_relu(np.nan))


def test_crelu_keeps_all_that_z_says():
    z = np.random.default_rng(0).normal(size=(4, 5))
    upper, lower = np.split(gates.crelu(z), 2, axis=-1)
    assert np.array_equal(upper - lower, z) and np.all(upper * lower == 0)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.float16, bool])
def test_crelu_negates_numbers_not_bits(kind):
    """-5 as an unsigned byte is 251, and -(-128) as a signed one is -128."""
    z = np.array([-128, 1] if kind is np.int8 else [5, 0]).astype(kind)
    real = z.astype(float)
    assert np.array_equal(gates.crelu(z), np.concatenate([relu(real), relu(-real)]))
    error = np.arange(1.0, 2 * z.size + 1)
    assert np.array_equal(gates.crelu_backward(z, error), gates.crelu_backward(real, error))


def test_what_a_gate_cannot_take_is_named():
    with pytest.raises(TypeError, match="value must hold real numbers"):
        gates.reglu(1.0, "3")
    with pytest.raises(TypeError, match="value must hold real numbers"):
        gates.glu_prime(1.0, 3j)
    with pytest.raises(ValueError, match="axis of units"):
        gates.crelu(3.0)
    with pytest.raises(ValueError, match="twice the columns"):
        gates.crelu_backward([1.0, 2.0], [1.0, 2.0])


def test_large_numbers_give_infinity_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gates.squared_relu([1e200]) == np.inf
        assert gates.swiglu(1e200, 1e200) == np.inf
        assert np.isnan(gates.reglu(-1.0, np.inf)) and gates.reglu(1.0, np.inf) == np.inf


def test_crelus_backward_pass_is_that_of_small_steps():
    rng = np.random.default_rng(1)
    z, weights = rng.normal(size=(3, 4)), rng.normal(size=(3, 8))
    gradient = gates.crelu_backward(z, weights)
    for row, column in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[row, column] = 1e-6
        rise = np.sum(weights * (gates.crelu(z + step) - gates.crelu(z - step)))
        assert gradient[row, column] == pytest.approx(rise / 2e-6, abs=1e-8)
