"""Gradients, gradients of gradients, and how the incoming gradient enters."""

import gc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from modes import COMPUTATIONS, Mode, every_computation
from parameters import FEW, WITH_PARAMETER, defined, every_op_with, given

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

Function = Callable[[tf.Tensor], tf.Tensor]


def activation(op: str, parameter: float | None, backend: str) -> Function:
    return lambda x: getattr(tca, op)(x, *given(parameter), backend=backend)


@pytest.fixture(params=FEW)
def op(request: pytest.FixtureRequest) -> str:
    return request.param


def derivative_of(function: Function) -> Function:
    def derivative(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return derivative


@every_computation
@every_op_with(1.0, 1.7)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_second_derivative(op: str, parameter: float | None, dtype: type, backend: str, mode: Mode) -> None:
    function = activation(op, parameter, backend)
    x = np.concatenate([np.linspace(-30, 30, 4001), [0.0, -0.0]]).astype(dtype)
    exact = testing.exact(op, x, parameter, derivative=2)
    floor = testing.floor(op, x, parameter, derivative=2)
    # The rounding of a product with x alone costs half of its size in ULPs.
    limit = 16 + 51 * (parameter == 1.7)
    got = mode(derivative_of(derivative_of(function)))(tf.constant(x)).numpy()
    # Where it is flushed to zero, TensorFlow may have added another zero.
    got = np.where(got == 0, np.copysign(got, exact.astype(dtype)), got)
    testing.assert_max_ulp(got, exact, limit, floor=floor)


@pytest.mark.parametrize(("backend", "mode"), [each for each in COMPUTATIONS if each[1] != "eager"], indirect=True)
def test_second_derivative_of_a_function_from_outside(op: str, backend: str, mode: Mode) -> None:
    x = np.linspace(-30, 30, 401, dtype=np.float32)
    got = derivative_of(derivative_of(mode(activation(op, None, backend))))(tf.constant(x)).numpy()
    exact, floor = (of(op, x, derivative=2) for of in (testing.exact, testing.floor))
    testing.assert_max_ulp(got, exact, 16, floor=floor)


def test_second_derivative_at_infinities_and_nan(op: str, backend: str) -> None:
    x = tf.constant([np.inf, -np.inf, np.nan] * 11)
    got = derivative_of(derivative_of(lambda x: getattr(tca, op)(x, backend=backend)))(x).numpy()
    np.testing.assert_array_equal(got, [0, 0, np.nan] * 11)


def test_second_derivative_in_half_precision(op: str, backend: str) -> None:
    for dtype in (tf.float16, tf.bfloat16):
        x = np.linspace(-10, 10, 401).astype(dtype.as_numpy_dtype)
        got = derivative_of(derivative_of(lambda x: getattr(tca, op)(x, backend=backend)))(tf.constant(x)).numpy()
        floor = testing.floor(op, x, derivative=2)
        testing.assert_max_ulp(got, testing.exact(op, x, derivative=2), 1, floor=floor)


@every_op_with(1.7)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_incoming_gradient_enters_by_one_multiplication(
    op: str, parameter: float | None, dtype: type, backend: str
) -> None:
    random = np.random.default_rng(0)
    x, dy = random.normal(0, 5, (2, 1000)).astype(dtype)

    def gradient(dy: np.ndarray) -> np.ndarray:
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            y = getattr(tca, op)(tensor, *given(parameter), backend=backend)
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
    assert testing.activation_error(op, x.numpy(), got, derivative=1).max() <= testing.ulp_limit(
        backend, np.float32, op=op
    )


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


@every_computation
@every_op_with(1.7)
def test_the_third_and_the_fourth_derivative(op: str, parameter: float | None, backend: str, mode: Mode) -> None:
    check_third_and_fourth_derivative(op, parameter, backend, mode)


@pytest.mark.parametrize("mode", ["graph", "jit"], indirect=True)
def test_the_third_and_the_fourth_derivative_by_the_backend_xla_inside_functions(op: str, mode: Mode) -> None:
    check_third_and_fourth_derivative(op, None, "xla", mode)


def check_third_and_fourth_derivative(op: str, parameter: float | None, backend: str, mode: Mode) -> None:
    third = activation(op, parameter, backend)
    for _ in range(3):
        third = derivative_of(third)

    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = third(x)
        return y, tape.gradient(y, x)

    x = np.array([-1000, -40, -17, -3, -0.7, 0, 0.4, 2.4, 12, 34, 1000])
    for order, all_got in zip((3, 4), mode(both)(tf.constant([*x, np.nan])), strict=True):
        got, got_of_nan = all_got[:-1], all_got[-1]
        exact = np.array([defined(op, parameter, each, order) for each in x], float)
        # At 0 they may have a root.
        assert np.all(np.abs(got - exact) <= 1e-14 * np.abs(exact) + 1e-15 * (x == 0)), (order, got, exact)
        assert np.isnan(got_of_nan), order


@every_computation
@pytest.mark.parametrize("op", [op for op in WITH_PARAMETER if ACTIVATIONS[op].scales_x])
@pytest.mark.parametrize("parameter", [1e19, 1e25, 3e36, 3e38])
def test_derivatives_with_a_huge_factor_of_x(op: str, parameter: float, backend: str, mode: Mode) -> None:
    x = np.float32([0.0, 0.5, -0.5, 88.0, -88.0])
    first = derivative_of(lambda x: getattr(tca, op)(x, parameter, backend=backend))

    def second_and_third(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            second = derivative_of(first)(x)
        return second, tape.gradient(second, x)

    for order, got in zip((2, 3), mode(second_and_third)(tf.constant(x)), strict=True):
        exact = [float(defined(op, np.float32(parameter), each, order)) for each in x]
        np.testing.assert_array_equal(got, np.float32(exact))


def test_a_sparse_gradient(op: str, backend: str, mode: Mode) -> None:
    x = tf.constant([[-1.5, 0.5], [1.0, 2.0], [-0.2, 3.0]])
    gradient = mode(derivative_of(lambda x: tf.gather(getattr(tca, op)(x, backend=backend), [0, 2])))
    exact = testing.exact(op, x.numpy(), derivative=1) * [[1], [0], [1]]
    testing.assert_max_ulp(gradient(x).numpy(), exact, 8)


@every_op_with(1.0, 1.7)
def test_more_dimensions_than_some_kernels_have(op: str, parameter: float | None, backend: str) -> None:
    x = tf.reshape(tf.range(-256.0, 256) / 16, [2] * 9)
    got = derivative_of(derivative_of(lambda x: getattr(tca, op)(x, *given(parameter), backend=backend)))(x)
    exact = testing.exact(op, x.numpy(), parameter, derivative=2).astype(float)
    np.testing.assert_allclose(got, exact, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("op", "parameter"), [(op, 0.5 if ACTIVATIONS[op].arguments else None) for op in FEW])
def test_a_branch_differentiated_from_outside(op: str, parameter: float | None, backend: str) -> None:
    def branches(x: tf.Tensor, left: tf.Tensor) -> tf.Tensor:
        activation = getattr(tca, op)
        return tf.cond(
            left, lambda: activation(x, backend=backend), lambda: activation(x, *given(parameter), backend=backend)
        )

    x = tf.constant([-1.5, 2.0])
    for left, own in ((True, None), (False, parameter)):
        function = tf.function(lambda x, left=left: branches(x, tf.constant(left)), autograph=False)
        for derivative in (1, 2):
            function = derivative_of(function)
            exact = testing.exact(op, x.numpy(), own, derivative=derivative).astype(float)
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
