"""Gradients, gradients of gradients, and how the incoming gradient enters."""

import gc
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode

import tfcustomact as tca
from tfcustomact import testing

Function = Callable[[tf.Tensor], tf.Tensor]


def derivative_of(function: Function) -> Function:
    def derivative(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return derivative


def second_derivative_scale(op: str, x: np.ndarray, parameter: float) -> np.ndarray:
    # Swish's second derivative has roots at |beta * x| = 2.3994: the errors around them are judged like those around
    # the root of its first derivative.
    t = np.abs(x.astype(np.float64) * parameter)
    return np.where((op == "swish") & (t > 2) & (t < 3), abs(parameter) * 2.0**-4, 0.0)


@pytest.mark.parametrize("parameter", [1.0, 1.7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_second_derivative(op: str, parameter: float, dtype: type, backend: str, mode: Mode) -> None:
    function = lambda x: getattr(tca, op)(x, parameter, backend=backend)  # noqa: E731
    x = np.concatenate([np.linspace(-30, 30, 4001), [0.0, -0.0]]).astype(dtype)
    exact = testing.exact(op, x, parameter, derivative=2)
    floor = second_derivative_scale(op, x, parameter)
    # The rounding of beta * x alone costs half of |beta * x| ULPs.
    limit = 16 + 51 * (parameter != 1)
    inside = mode(derivative_of(derivative_of(function)))(tf.constant(x)).numpy()
    testing.assert_max_ulp(inside, exact, limit, floor=floor)
    outside = derivative_of(derivative_of(mode(function)))(tf.constant(x)).numpy()
    testing.assert_max_ulp(outside, exact, limit, floor=floor)


def test_second_derivative_at_infinities_and_nan(op: str, backend: str) -> None:
    x = tf.constant([np.inf, -np.inf, np.nan] * 11)
    got = derivative_of(derivative_of(lambda x: getattr(tca, op)(x, backend=backend)))(x).numpy()
    np.testing.assert_array_equal(got, [0, 0, np.nan] * 11)


def test_second_derivative_in_half_precision(op: str, backend: str) -> None:
    for dtype in (tf.float16, tf.bfloat16):
        x = np.linspace(-10, 10, 401).astype(dtype.as_numpy_dtype)
        got = derivative_of(derivative_of(lambda x: getattr(tca, op)(x, backend=backend)))(tf.constant(x)).numpy()
        floor = second_derivative_scale(op, x, 1.0)
        testing.assert_max_ulp(got, testing.exact(op, x, derivative=2), 1, floor=floor)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_incoming_gradient_enters_by_one_multiplication(op: str, dtype: type, backend: str) -> None:
    random = np.random.default_rng(0)
    x, dy = random.normal(0, 5, (2, 1000)).astype(dtype)

    def gradient(dy: np.ndarray) -> np.ndarray:
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            y = getattr(tca, op)(tensor, 1.7, backend=backend)
        return tape.gradient(y, tensor, output_gradients=tf.constant(dy)).numpy()

    np.testing.assert_array_equal(gradient(dy), dy * gradient(np.ones_like(dy)))


def test_the_incoming_gradient_is_differentiated_too(op: str, backend: str) -> None:
    x, dy = tf.constant([-1.5, -0.2, 0.4]), tf.constant([2.0, 3.0, 5.0])
    with tf.GradientTape() as outer:
        outer.watch(dy)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = getattr(tca, op)(x, backend=backend)
        gradient = inner.gradient(y, x, output_gradients=dy)
    got = outer.gradient(gradient, dy).numpy()
    assert testing.activation_error(op, x.numpy(), got, derivative=1).max() <= testing.ulp_limit(backend, np.float32)


def test_gradient_of_a_variable(op: str, backend: str) -> None:
    variable = tf.Variable([-1.0, 2.0])
    with tf.GradientTape() as tape:
        y = getattr(tca, op)(variable, backend=backend)
    exact = testing.exact(op, variable.numpy(), derivative=1)
    testing.assert_max_ulp(tape.gradient(y, variable).numpy(), exact, 8)


def test_jacobian(op: str, backend: str) -> None:
    x = tf.constant([-1.0, 0.5, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(tca, op)(x, backend=backend)
    jacobian = tape.jacobian(y, x).numpy()
    testing.assert_max_ulp(np.diag(jacobian), testing.exact(op, x.numpy(), derivative=1), 8)
    assert np.count_nonzero(jacobian) == 3


def test_the_third_and_the_fourth_derivative(op: str, backend: str, mode: Mode) -> None:
    third = lambda x: getattr(tca, op)(x, 1.7, backend=backend)  # noqa: E731
    for _ in range(3):
        third = derivative_of(third)

    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = third(x)
        return y, tape.gradient(y, x)

    x = np.array([-1000, -40, -17, -3, -0.7, 0, 0.4, 2.4, 12, 34, 1000])
    definition = {"swish": lambda x: x / (1 + mpmath.exp(-1.7 * x)), "elu": lambda x: 1.7 * mpmath.expm1(x)}[op]
    for order, all_got in zip((3, 4), mode(both)(tf.constant([*x, np.nan])), strict=True):
        got, got_of_nan = all_got[:-1], all_got[-1]
        with mpmath.workdps(100):
            step = mpmath.mpf(10) ** -15
            exact = [mpmath.diff(definition, each, order, h=step) if op == "swish" or each <= 0 else 0 for each in x]
        wanted = np.array(exact, float)
        # Swish's third derivative has a root at 0.
        assert np.all(np.abs(got - wanted) <= 1e-14 * np.abs(wanted) + 1e-15 * (x == 0)), (order, got, wanted)
        assert np.isnan(got_of_nan), order


@pytest.mark.parametrize("beta", [1e19, 1e25, 3e36, 3e38])
def test_derivatives_with_a_huge_beta(beta: float, backend: str, mode: Mode) -> None:
    x = tf.constant([0.0, 0.5, -0.5, 88.0, -88.0])
    second = derivative_of(derivative_of(lambda x: tca.swish(x, beta, backend=backend)))
    # At 0 they are beta / 2 and 0; elsewhere they vanish.
    np.testing.assert_array_equal(mode(second)(x), [np.float32(beta) / 2, 0, 0, 0, 0])
    np.testing.assert_array_equal(mode(derivative_of(second))(x), [0, 0, 0, 0, 0])


def test_a_sparse_gradient(op: str, backend: str, mode: Mode) -> None:
    x = tf.constant([[-1.5, 0.5], [1.0, 2.0], [-0.2, 3.0]])
    gradient = mode(derivative_of(lambda x: tf.gather(getattr(tca, op)(x, backend=backend), [0, 2])))
    exact = testing.exact(op, x.numpy(), derivative=1) * [[1], [0], [1]]
    testing.assert_max_ulp(gradient(x).numpy(), exact, 8)


def test_more_dimensions_than_some_kernels_have(op: str, backend: str) -> None:
    x = tf.reshape(tf.range(-256.0, 256) / 16, [2] * 9)
    for parameter in (1.0, 1.7):
        got = derivative_of(derivative_of(lambda x, p=parameter: getattr(tca, op)(x, p, backend=backend)))(x)
        exact = testing.exact(op, x.numpy(), parameter, derivative=2).astype(float)
        np.testing.assert_allclose(got, exact, rtol=1e-4, atol=1e-6)


def test_a_branch_differentiated_from_outside(op: str, backend: str) -> None:
    def branches(x: tf.Tensor, left: tf.Tensor) -> tf.Tensor:
        activation = getattr(tca, op)
        return tf.cond(left, lambda: activation(x, backend=backend), lambda: activation(x, 0.5, backend=backend))

    x = tf.constant([-1.5, 2.0])
    for left, parameter in ((True, 1.0), (False, 0.5)):
        function = tf.function(lambda x, left=left: branches(x, tf.constant(left)), autograph=False)
        for derivative in (1, 2):
            function = derivative_of(function)
            exact = testing.exact(op, x.numpy(), parameter, derivative=derivative).astype(float)
            np.testing.assert_allclose(function(x), exact, rtol=1e-5)


def test_a_loaded_model(op: str, backend: str, tmp_path: Path) -> None:
    module = tf.Module()
    module.activation = tf.function(
        lambda x: getattr(tca, op)(x, backend=backend), input_signature=[tf.TensorSpec([None])], autograph=False
    )
    tf.saved_model.save(module, str(tmp_path))
    function = tf.saved_model.load(str(tmp_path)).activation
    x = np.array([-np.inf, -200, -90, -3, -0.5, -0.0, 0, 0.7, 40, np.inf], np.float32)
    for derivative in (1, 2):
        function = derivative_of(function)
        exact = testing.exact(op, x, derivative=derivative).astype(float)
        np.testing.assert_allclose(function(tf.constant(x)), exact, rtol=1e-5, atol=1e-37)


def test_nothing_is_kept_for_the_gradient_but_x(op: str, backend: str) -> None:
    shape = [12_347]
    x = tf.random.normal(shape, seed=1)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = getattr(tca, op)(x, backend=backend)
        z = 2 * y
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, tf.Tensor) and each.shape == shape]
    assert {id(each) for each in kept} <= {id(x), id(y), id(z)}
    assert tape.gradient(z, x).shape == shape
