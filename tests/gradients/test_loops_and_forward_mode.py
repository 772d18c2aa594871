"""Derivatives that are computed by a loop over a batch, and forwards; with the backend that is chosen by default."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import tensorflow as tf
from forward_mode import Function, forwards
from modes import Mode
from parameters import FEW, WITH_PARAMETER, accepted, defined

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

X = np.array([[-1.2, 0.4, 2.9], [0.7, -3.1, -0.3]])
OPERAND = tf.constant([0.7, 1.6, -0.9], tf.float64)


# Every activation is registered alike, whatever is beside x.
KINDS = [(op, "number") for op in FEW] + [(FEW[0], kind) for kind in ("tensor", "bias")]
every_kind = pytest.mark.parametrize(("op", "kind"), KINDS)


def activation(op: str, kind: str) -> Function:
    function = getattr(tca, op)
    if kind == "bias":
        return lambda x: function(x, bias=OPERAND)
    if not ACTIVATIONS[op].arguments:
        return function
    return lambda x: function(x, 1.6 if kind == "number" else tf.constant(accepted(op, OPERAND.numpy())))


def exact(op: str, kind: str, derivative: int) -> np.ndarray:
    if kind == "bias":
        return testing.exact(op, X + OPERAND.numpy(), derivative=derivative).astype(float)
    if kind == "number":
        parameter = 1.6 if ACTIVATIONS[op].arguments else None
        return testing.exact(op, X, parameter, derivative=derivative).astype(float)
    columns = zip(X.T, accepted(op, OPERAND.numpy()), strict=True)
    return np.stack([testing.exact(op, x, p, derivative=derivative) for x, p in columns], axis=1).astype(float)


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


def mapped(function: Function) -> Function:
    return lambda x: tf.vectorized_map(function, x, fallback_to_while_loop=False)


@contextmanager
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of an installation without kernels.
        warnings.filterwarnings("ignore", message="tfcustomact runs on its backend", category=RuntimeWarning)
        yield


def diagonal(square: tf.Tensor) -> np.ndarray:
    values = square.numpy()
    size = int(np.sqrt(values.size))
    assert np.count_nonzero(values) <= size
    return np.diag(values.reshape(size, size)).reshape(X.shape)


def assert_exact(results: list[tuple[tf.Tensor, int]], op: str, kind: str) -> None:
    for i, (got, derivative) in enumerate(results):
        np.testing.assert_allclose(got, exact(op, kind, derivative), rtol=1e-12, atol=1e-15, err_msg=str(i))


@every_kind
def test_loops_are_one_op(op: str, kind: str) -> None:
    function, x, mode = activation(op, kind), tf.constant(X), Mode("graph")
    with no_warnings():
        results = [
            (mode(mapped(function))(x), 0),
            (mode(mapped(gradient(function)))(x), 1),
            (mode(gradient(mapped(gradient(function))))(x), 2),
            (diagonal(mode(jacobian(function))(x)), 1),
            (diagonal(mode(jacobian(gradient(function)))(x)), 2),
            (diagonal(mode(lambda x: tf.hessians(function(x), x)[0])(x)), 2),
            (tf.linalg.diag_part(jacobian(function, batch=True)(x)), 1),
        ]
    assert_exact(results, op, kind)


@pytest.mark.parametrize("op", WITH_PARAMETER)
def test_loops_are_plain_ops_of_the_backend_python(op: str) -> None:
    def function(x: tf.Tensor) -> tf.Tensor:
        return getattr(tca, op)(x, 1.6, backend="python")

    x = tf.constant(X)
    with no_warnings():
        results = [(mapped(function)(x), 0), (mapped(gradient(function))(x), 1)]
    assert_exact(results, op, "number")


@every_kind
def test_gradients_of_loops_inside_jit(op: str, kind: str) -> None:
    function, x, mode = activation(op, kind), tf.constant(X), Mode("jit")
    results = [(mode(gradient(mapped(function)))(x), 1), (mode(gradient(jacobian(function, batch=True)))(x), 2)]
    assert_exact(results, op, kind)


@pytest.mark.parametrize("op", FEW[:1])
@pytest.mark.parametrize("mode", ["graph", "jit"], indirect=True)
def test_loops_over_operands(op: str, mode: Mode) -> None:
    """Those of the gradient, too, are one per iteration."""
    function = getattr(tca, op)

    def gradients(function: Callable[..., tf.Tensor]) -> Callable[..., list[tf.Tensor]]:
        def derivatives(*inputs: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                y = function(*inputs)
            return [y, *tape.gradient(y, inputs)]

        return derivatives

    x = tf.constant(np.stack([X, 2 * X]))
    operands = tf.constant(accepted(op, np.stack([OPERAND.numpy(), OPERAND.numpy() - 0.3])))
    for of_operand in (function, lambda x, bias: function(x, bias=bias)):
        both = gradients(of_operand)
        wanted = [tf.stack(each) for each in zip(*map(both, x, operands), strict=True)]
        loop = mode(mapped(lambda inputs, both=both: both(*inputs)))
        for mine, theirs in zip(loop((x, operands)), wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("op", "kind"), [(op, kind) for op, kind in KINDS if op == WITH_PARAMETER[0]])
def test_forward_mode_of_order_3(op: str, kind: str) -> None:
    with no_warnings():
        got = Mode("graph")(forwards(forwards(forwards(activation(op, kind)))))(tf.constant(X))
    x = X + OPERAND.numpy() * (kind == "bias")
    parameters = np.broadcast_to({"number": 1.6, "tensor": OPERAND.numpy(), "bias": 1.0}[kind], x.shape)
    pairs = zip(x.flat, parameters.flat, strict=True)
    wanted = [float(defined(op, p, each, 3)) for each, p in pairs]
    np.testing.assert_allclose(got, np.reshape(wanted, X.shape), rtol=1e-12, atol=1e-15)


@every_kind
def test_forward_mode(op: str, kind: str) -> None:
    x, mode, results = tf.constant(X), Mode("graph"), []
    with no_warnings():
        for derivatives in ((forwards,), (gradient, forwards), (forwards, gradient), (forwards, forwards)):
            function = activation(op, kind)
            for derivative in derivatives:
                function = derivative(function)
            results.append((mode(function)(x), len(derivatives)))
    assert_exact(results, op, kind)


def test_what_tensorflow_cannot_do_with_its_own() -> None:
    """So it is promised of no activation of ours."""
    with pytest.raises(tf.errors.InternalError, match="Recorded operation"):
        gradient(forwards(forwards(tf.nn.silu)))(tf.constant(X))
    # It depends on what the process has traced before.
    with pytest.raises((SystemError, ValueError)):
        Mode("graph")(forwards(forwards(forwards(forwards(tf.nn.silu)))))(tf.constant(X))
