"""Parameters that are tensors, and biases: values, and gradients with respect to them."""

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode, every_computation
from parameters import FEW, WITH_PARAMETER, accepted, defined, defined_of_both

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS, _exact

ROWS, CHANNELS = 64, 6
SHAPES = [(), (CHANNELS,), (ROWS, 1), (2, 1, CHANNELS), (2, ROWS, CHANNELS)]

with_parameter = pytest.mark.parametrize("op", WITH_PARAMETER)
with_half = pytest.mark.parametrize("dtype", ["float16", "bfloat16"])


def exact(op: str, x: np.ndarray, parameter: np.ndarray, derivative: int = 0) -> np.ndarray:
    with np.errstate(all="ignore"):
        wide = np.broadcast_to(parameter, x.shape).astype(np.float64)
        return ACTIVATIONS[op].exact(_exact.arithmetic(), x.astype(np.float64), wide, derivative=derivative)


@pytest.fixture(params=FEW)
def op(request: pytest.FixtureRequest) -> str:
    return request.param


def exact_by_parameter(op: str, x: np.ndarray, parameter: np.ndarray) -> np.ndarray:
    wide = np.broadcast_to(parameter, x.shape).astype(np.float64)
    return ACTIVATIONS[op].of_argument.exact(_exact.arithmetic(), x.astype(np.float64), wide)


def floor_of_derivative(op: str, x: np.ndarray, parameter: np.ndarray) -> np.ndarray:
    scale = parameter.astype(np.float64) if ACTIVATIONS[op].scales_x else 1.0
    return testing.floor(op, x.astype(np.float64) * scale, derivative=1)


def assert_sum(got: np.ndarray, terms: np.ndarray, u: float, per_term: float) -> None:
    """``got`` has the shape of its operand, and is the sum of the terms over what that was broadcast along."""
    sizes = (1,) * (terms.ndim - got.ndim) + got.shape
    axes = tuple(i for i, size in enumerate(sizes) if size == 1)
    count = terms.size // max(got.size, 1)
    wanted, magnitude = (each.sum(axis=axes).reshape(got.shape) for each in (terms, np.abs(terms)))
    bound = 2 * np.spacing(np.abs(wanted).astype(got.dtype)) + u * (per_term + np.log2(count)) * magnitude
    assert np.all(np.abs(got - wanted) <= bound), np.max(np.abs(got - wanted) / bound)


def inputs(random: np.random.Generator, shape: tuple[int, ...], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    # A dy above 1 would make normal numbers of derivatives that were flushed to zero.
    return random.normal(0, 3, shape).astype(dtype), random.uniform(-1, 1, shape).astype(dtype)


def value_and_gradients(function: Callable[..., tf.Tensor], mode: Mode) -> Callable[..., list[Any]]:
    def both(dy: tf.Tensor, *inputs: tf.Tensor) -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = function(*inputs)
        return y, *tape.gradient(y, inputs, output_gradients=dy)

    run = mode(both)
    return lambda *arrays: [each.numpy() for each in run(*map(tf.constant, arrays))]


@every_computation
@with_parameter
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tensor_as_parameter(op: str, dtype: str, backend: str, mode: Mode) -> None:
    random = np.random.default_rng(0)
    run = value_and_gradients(lambda x, parameter: getattr(tca, op)(x, parameter, backend=backend), mode)
    limit = testing.ulp_limit(backend, dtype, op=op, jit=mode.jit)
    # XLA compiles for each shape, which is no matter of the dtype.
    for shape in SHAPES[1:2] if mode.jit or (backend, dtype) == ("xla", "float64") else SHAPES:
        parameter = random.normal(0, 2, shape).astype(dtype)
        parameter.flat[:1] = 0.5
        if parameter.size > 1:
            parameter.flat[1:4] = 0, 1e-30, -40
        parameter = accepted(op, parameter)
        x, dy = inputs(random, (2, ROWS, CHANNELS), dtype)
        y, dx, d_parameter = run(dy, x, parameter)
        testing.assert_max_ulp(y, exact(op, x, parameter), limit)
        derivative = exact(op, x, parameter, 1)
        floor = floor_of_derivative(op, x, parameter) * np.abs(dy)
        testing.assert_max_ulp(dx, derivative * dy, limit + 1, floor=floor)
        assert (d_parameter.dtype, d_parameter.shape) == (parameter.dtype, parameter.shape)
        assert_sum(d_parameter, exact_by_parameter(op, x, parameter) * dy, np.finfo(dtype).eps / 2, 2 * limit + 2)


@with_parameter
@with_half
def test_a_parameter_beside_half_precision(op: str, dtype: str, backend: str) -> None:
    random = np.random.default_rng(0)
    run = value_and_gradients(lambda x, parameter: getattr(tca, op)(x, parameter, backend=backend), Mode("eager"))
    limit = testing.ulp_limit(backend, dtype, op=op)
    for own in ("float32", dtype):
        x, dy = inputs(random, (ROWS, CHANNELS), dtype)
        parameter = accepted(op, random.normal(0, 2, CHANNELS).astype(own))
        y, dx, d_parameter = run(dy, x, parameter)
        testing.assert_max_ulp(y, exact(op, x, parameter), limit)
        derivative = exact(op, x, parameter, 1)
        testing.assert_max_ulp(dx, derivative * dy, limit, floor=floor_of_derivative(op, x, parameter) * np.abs(dy))
        assert d_parameter.dtype == parameter.dtype
        u = 2**-24 if own == "float32" else float(ml_dtypes.finfo(own).eps)
        assert_sum(d_parameter.astype(np.float64), exact_by_parameter(op, x, parameter) * dy, u, 2)


@every_computation
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_bias(op: str, dtype: str, backend: str, mode: Mode) -> None:
    random = np.random.default_rng(0)
    parameters = (0.7,) if ACTIVATIONS[op].arguments else ()
    run = value_and_gradients(lambda x, bias: getattr(tca, op)(x, *parameters, bias=bias, backend=backend), mode)
    limit = testing.ulp_limit(backend, dtype, op=op, jit=mode.jit)
    computed = np.float64 if dtype == "float64" else np.float32
    shapes = [(2, ROWS, CHANNELS), (CHANNELS,), (0, CHANNELS)]
    # As above.
    for shape in shapes[:1] if (mode.jit or backend == "xla") and dtype != "float32" else shapes:
        x, dy = inputs(random, shape, dtype)
        bias = random.normal(0, 1, CHANNELS).astype(dtype)
        y, dx, d_bias = run(dy, x, bias)
        z = x.astype(computed) + bias.astype(computed)
        testing.assert_max_ulp(y, testing.exact(op, z, *parameters), limit)
        derivative = testing.exact(op, z, *parameters, derivative=1)
        floor = testing.floor(op, z, *parameters, derivative=1) * np.abs(dy)
        testing.assert_max_ulp(dx, derivative * dy, limit + (computed(0).dtype == dtype), floor=floor)
        assert (d_bias.dtype, d_bias.shape) == (bias.dtype, bias.shape)
        u = 2**-53 if dtype == "float64" else 2**-24 if dtype == "float32" else float(ml_dtypes.finfo(dtype).eps)
        if x.size:
            assert_sum(d_bias.astype(np.float64), derivative * dy, u, 2 * testing.ulp_limit(backend, computed) + 2)


@every_computation
@with_parameter
def test_a_bias_beside_a_tensor_as_parameter(op: str, backend: str, mode: Mode) -> None:
    random = np.random.default_rng(0)
    x, dy = random.normal(0, 3, (2, ROWS, CHANNELS))
    parameter, bias = random.normal(0, 1, (2, CHANNELS))
    parameter = accepted(op, parameter)
    activation = getattr(tca, op)
    got = value_and_gradients(lambda x, p, b: activation(x, p, bias=b, backend=backend), mode)(dy, x, parameter, bias)
    z = x + bias
    derivative = exact(op, z, parameter, 1).astype(float) * dy
    by_parameter = exact_by_parameter(op, z, parameter).astype(float) * dy
    wanted = [exact(op, z, parameter).astype(float), derivative, by_parameter.sum(0), derivative.sum(0)]
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-13)


@every_computation
@with_parameter
def test_higher_derivatives_by_x_and_the_parameter(op: str, backend: str, mode: Mode) -> None:
    x = tf.constant([-40.0, -3, -0.7, 0.4, 3.1, 12, 34], tf.float64)
    parameter = tf.constant(accepted(op, np.array([1.7, 1.2, -1.3, 0.9, 1.1, 1.5, 1.7])))

    # Each is that of another one, by x or, where it is one by the parameter, by that.
    first, wanted = [(1, 0), (0, 1)], [(2, 0), (3, 0), (4, 0), (1, 1), (0, 2), (2, 1), (1, 2), (0, 3)]

    def up_to(total: int, *inputs: tf.Tensor) -> dict[tuple[int, int], tf.Tensor]:
        if total == 0:
            return {(0, 0): getattr(tca, op)(*inputs, backend=backend)}
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(inputs)
            found = up_to(total - 1, *inputs)
        for by_x, by_parameter in (order for order in first + wanted if sum(order) == total):
            before = (by_x, by_parameter - 1) if by_parameter else (by_x - 1, 0)
            of = inputs[by_parameter > 0]
            found[by_x, by_parameter] = tape.gradient(found[before], of, unconnected_gradients="zero")
        return found

    def all_wanted(*inputs: tf.Tensor) -> list[tf.Tensor]:
        found = up_to(4, *inputs)
        return [found[order] for order in wanted]

    for order, got in zip(wanted, mode(all_wanted)(x, parameter), strict=True):
        points = zip(x.numpy(), parameter.numpy(), strict=True)
        exact = np.array([defined_of_both(op, *each, *order) for each in points], float)
        np.testing.assert_allclose(got, exact, rtol=2e-13, atol=1e-300, err_msg=str(order))


def test_higher_derivatives_by_x_and_a_bias(op: str, backend: str) -> None:
    parameters = (0.7,) if ACTIVATIONS[op].arguments else ()
    x, bias = tf.constant([-2.5, -0.75, 0.5, 3.0, 12], tf.float64), tf.constant([-0.25, 0.5, 0.75, 1.5, -1], tf.float64)

    def by(which: int, function: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
        def derivative(*inputs: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(inputs[which])
                y = function(*inputs)
            return tape.gradient(y, inputs[which])

        return derivative

    def function(x: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return getattr(tca, op)(x, *parameters, bias=bias, backend=backend)

    for order, which in enumerate((1, 0, 1, 0), 1):
        function = by(which, function)
        exact = [float(defined(op, *(parameters or (None,)), z, order)) for z in (x + bias).numpy()]
        np.testing.assert_allclose(function(x, bias), exact, rtol=2e-13, atol=1e-16, err_msg=str(order))


@every_computation
@with_parameter
def test_values_of_a_parameter_that_are_not_finite(op: str, backend: str, mode: Mode) -> None:
    """They give what the definition gives, in the arithmetic of infinities and NaN."""
    x, parameters = [-2.0, -0.5, 3.0], [np.inf, -np.inf, np.nan]
    got = mode(lambda x, p: getattr(tca, op)(x, p, backend=backend))(
        tf.constant([x] * 3), tf.constant(parameters)[:, None]
    )
    wanted = [[float(defined_of_both(op, each, parameter, 0, 0)) for each in x] for parameter in parameters]
    np.testing.assert_array_equal(got, wanted)


@every_computation
@pytest.mark.parametrize("op", [op for op in WITH_PARAMETER if ACTIVATIONS[op].divides_x])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_divisor_that_is_not_positive(op: str, dtype: str, backend: str, mode: Mode) -> None:
    """As a number it is refused. In a tensor, 0 gives the limit, and a negative one NaN."""
    x, parameter = tf.constant([[-2.0], [0.5]], dtype), tf.constant([0.0, -0.0, -1.5], dtype)
    run = value_and_gradients(lambda x, parameter: getattr(tca, op)(x, parameter, backend=backend), mode)
    y, dx, d_parameter = run(tf.ones([2, 3], dtype), tf.repeat(x, 3, 1), parameter)
    np.testing.assert_array_equal(y, [[0, 0, np.nan], [0.5] * 3])
    np.testing.assert_array_equal(dx, [[0, 0, np.nan], [1] * 3])
    np.testing.assert_array_equal(d_parameter, [-1, -1, np.nan])


@with_parameter
def test_a_parameter_that_changes_is_no_retracing(op: str, backend: str, mode: Mode) -> None:
    activation, variable = partial(getattr(tca, op), backend=backend), tf.Variable(0.5)
    x = tf.constant([-1.5, 0.3])
    traces = []

    def function(argument: tf.Tensor, parameter: tf.Tensor) -> list[tf.Tensor]:
        traces.append(1)
        # A constant is an eager tensor inside a tf.function too.
        return [activation(argument, variable), activation(x, variable), activation(argument, parameter)]

    run = mode(function)
    for value in (0.5, 1.0, accepted(op, -3.0)):
        variable.assign(value)
        for got in run(x, tf.constant(value)):
            limit = testing.ulp_limit(backend, np.float32, op=op, jit=mode.jit)
            assert testing.activation_error(op, x.numpy(), got.numpy(), value).max() <= limit
    assert mode.name == "eager" or len(traces) == 1


@with_parameter
def test_what_a_number_may_be(op: str) -> None:
    x = tf.constant([-1.5, 0.3])
    for number in (np.array(1.5), np.array(1.5, np.float16), ml_dtypes.bfloat16(1.5), np.float32(1.5)):
        np.testing.assert_array_equal(getattr(tca, op)(x, number), getattr(tca, op)(x, 1.5))
    np.testing.assert_array_equal(getattr(tca, op)(x, np.array(2)), getattr(tca, op)(x, 2.0))


@pytest.mark.parametrize("op", FEW[:1])
def test_what_a_tensor_may_be(op: str, backend: str) -> None:
    x, numbers = tf.constant([[-1.5, 0.3]]), np.float32([1.5, 0.5])
    activation = partial(getattr(tca, op), backend=backend)
    kinds = (np.array, tf.Variable, keras.Variable, partial(tf.Variable, shape=[None]))
    for call in (activation, lambda x, bias: activation(x, bias=bias)):
        wanted = value_and_gradients(call, Mode("eager"))(tf.ones_like(x), x, numbers)
        for kind in kinds:
            operand = kind(numbers)
            np.testing.assert_array_equal(call(x, operand), wanted[0])
            if kind is np.array:
                continue
            variable = operand.value if kind is keras.Variable else operand
            # What the first call decided is remembered.
            for _ in range(2):
                with tf.GradientTape() as tape:
                    y = call(x, operand)
                np.testing.assert_array_equal(tape.gradient(y, variable), wanted[2])
                with tf.autodiff.ForwardAccumulator(variable, tf.ones(2)) as accumulator:
                    y = call(x, operand)
                np.testing.assert_allclose(accumulator.jvp(y)[0], wanted[2], rtol=1e-5)
                np.testing.assert_array_equal(y, wanted[0])
            variable.assign(2 * numbers)
            np.testing.assert_array_equal(call(x, operand), call(x, 2 * numbers))


def test_only_x_and_the_bias_are_kept_for_the_gradient(op: str, backend: str) -> None:
    shape = (431, 29)
    x, bias = tf.random.normal(shape, seed=1), tf.zeros([29])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, bias])
        y = getattr(tca, op)(x, bias=bias, backend=backend)
        z = 2 * y
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, tf.Tensor) and each.shape == shape]
    assert {id(each) for each in kept} <= {id(x), id(y), id(z)}
    assert tape.gradient(z, bias).shape == bias.shape
