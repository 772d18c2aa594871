"""Derivatives that are computed by a loop over a batch, and forwards; with the backend that is chosen by default."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from modes import Mode

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

Function = Callable[[tf.Tensor], tf.Tensor]

X = np.array([[-1.2, 0.4, 2.9], [0.7, -3.1, -0.3]])
OPERAND = tf.constant([0.7, 1.6, -0.9], tf.float64)


@pytest.fixture(params=["number", "tensor", "bias"])
def function(request: pytest.FixtureRequest, op: str) -> Function:
    activation, has_argument = getattr(tca, op), bool(ACTIVATIONS[op].arguments)
    if request.param == "bias":
        return lambda x: activation(x, bias=OPERAND)
    if not has_argument:
        return activation
    return lambda x: activation(x, 1.6 if request.param == "number" else OPERAND)


@pytest.fixture
def exact(request: pytest.FixtureRequest, function: Function, op: str) -> Callable[[int], np.ndarray]:
    kind = request.node.callspec.params["function"]

    def exact(derivative: int) -> np.ndarray:
        if kind == "bias":
            return testing.exact(op, X + OPERAND.numpy(), derivative=derivative).astype(float)
        if not ACTIVATIONS[op].arguments or kind == "number":
            parameter = 1.6 if ACTIVATIONS[op].arguments else None
            return testing.exact(op, X, parameter, derivative=derivative).astype(float)
        columns = zip(X.T, OPERAND.numpy(), strict=True)
        return np.stack([testing.exact(op, x, p, derivative=derivative) for x, p in columns], axis=1).astype(float)

    return exact


def gradient(function: Function) -> Function:
    def derivative(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return derivative


def jacobian(function: Function, batch: bool = False) -> Function:
    def derivative(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.batch_jacobian(y, x) if batch else tape.jacobian(y, x)

    return derivative


def forwards(function: Function) -> Function:
    def derivative(x: tf.Tensor) -> tf.Tensor:
        with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
            y = function(x)
        return accumulator.jvp(y)

    return derivative


def mapped(function: Function) -> Function:
    return lambda x: tf.vectorized_map(function, x, fallback_to_while_loop=False)


def diagonal(square: tf.Tensor) -> np.ndarray:
    values = square.numpy()
    size = int(np.sqrt(values.size))
    assert np.count_nonzero(values.reshape(size, size)) <= size
    return np.diag(values.reshape(size, size)).reshape(X.shape)


def test_loops_are_one_op(function: Function, exact: Callable[[int], np.ndarray], mode: Mode) -> None:
    x = tf.constant(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = [
            (mode(mapped(function))(x), 0),
            (mode(gradient(mapped(function)))(x), 1),
            (mode(mapped(gradient(function)))(x), 1),
            (mode(gradient(mapped(gradient(function))))(x), 2),
            (diagonal(mode(jacobian(function))(x)), 1),
            (diagonal(mode(jacobian(gradient(function)))(x)), 2),
            (tf.linalg.diag_part(mode(jacobian(function, batch=True))(x)), 1),
            (mode(gradient(jacobian(function, batch=True)))(x), 2),
        ]
    for i, (got, derivative) in enumerate(results):
        np.testing.assert_allclose(got, exact(derivative), rtol=1e-12, atol=1e-15, err_msg=str(i))


def test_loops_over_operands(op: str, mode: Mode) -> None:
    """Those of the gradient, too, are one per iteration."""
    activation, has_argument = getattr(tca, op), bool(ACTIVATIONS[op].arguments)

    def gradients(function: Callable[..., tf.Tensor]) -> Callable[..., list[tf.Tensor]]:
        def derivatives(*inputs: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                y = function(*inputs)
            return [y, *tape.gradient(y, inputs)]

        return derivatives

    x, operands = tf.constant(np.stack([X, 2 * X])), tf.stack([OPERAND, OPERAND - 0.3])
    for function in (lambda x, b: activation(x, bias=b), *([activation] if has_argument else [])):
        both = gradients(function)
        wanted = [tf.stack(each) for each in zip(*map(both, x, operands), strict=True)]
        loop = mode(mapped(lambda inputs, both=both: both(*inputs)))
        for mine, theirs in zip(loop((x, operands)), wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-13, atol=1e-15)


def test_forward_mode(function: Function, exact: Callable[[int], np.ndarray], mode: Mode) -> None:
    x = tf.constant(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for derivatives, order in (((forwards,), 1), ((gradient, forwards), 2), ((forwards, gradient), 2)):
            run = function
            for derivative in derivatives:
                run = derivative(run)
            np.testing.assert_allclose(mode(run)(x), exact(order), rtol=1e-12, atol=1e-15, err_msg=str(derivatives))


def test_forwards_over_forwards(op: str, backend: str) -> None:
    """What the process has differentiated that way before is no matter: TensorFlow keeps functions for it."""
    x = tf.constant(X)
    function = forwards(forwards(lambda x: getattr(tca, op)(x, backend=backend)))
    for _ in range(2):
        np.testing.assert_allclose(function(x), testing.exact(op, X, derivative=2).astype(float), rtol=1e-12)
        forwards(forwards(lambda e: e * e))(x)
