"""Bad input gets an error that names what was given and what is accepted."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode
from parameters import WITH_PARAMETER
from tensorflow.python.eager.core import _NotOkStatusException

import tfcustomact as tca
from tfcustomact import _run
from tfcustomact.activations import ACTIVATIONS

X = [-1.0, 2.0]
ACCEPTED = "float16, bfloat16, float32, float64 are accepted"


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        ([1, 2], "int32"),
        (tf.constant([1, 2], tf.int64), "int64"),
        (np.array([True]), "bool"),
        ([1j], "complex128"),
        (tf.constant([1j], tf.complex64), "complex64"),
        ("one", "string"),
        (keras.Input([3], dtype="int32"), "int32"),
    ],
)
def test_dtype_of_x(op: str, x: Any, dtype: str) -> None:
    with pytest.raises(TypeError, match=f"{op}'s x has dtype {dtype}: {ACCEPTED}"):
        getattr(tca, op)(x)


def test_dtype_of_a_symbolic_x(op: str) -> None:
    function = tf.function(getattr(tca, op), input_signature=[tf.TensorSpec([2], tf.int32)], autograph=False)
    with pytest.raises(TypeError, match=f"{op}'s x has dtype int32: {ACCEPTED}"):
        function.get_concrete_function()


@pytest.mark.parametrize("x", [None, object(), np.longdouble(1), {"a": 1.0}], ids=lambda x: type(x).__name__)
def test_what_is_no_tensor(op: str, x: Any) -> None:
    with pytest.raises(TypeError, match=f"{op}'s x, of type {type(x).__name__}, makes no tensor: .* is accepted"):
        getattr(tca, op)(x)


@pytest.mark.parametrize(
    "x", [tf.ragged.constant([[1.0], [1.0, 2.0]]), tf.sparse.from_dense([[1.0]])], ids=["ragged", "sparse"]
)
def test_what_is_not_dense(op: str, x: Any) -> None:
    with pytest.raises(TypeError, match=f"{op}'s x is a {type(x).__name__}: a dense tensor is accepted"):
        getattr(tca, op)(x)


@pytest.mark.parametrize("kind", ["ragged", "sparse"])
def test_what_is_not_dense_in_keras(op: str, kind: str) -> None:
    x = keras.Input([3], **{kind: True})
    for activation in (getattr(tca, op), getattr(tca.layers, ACTIVATIONS[op].layer)()):
        with pytest.raises(TypeError, match=f"{op}'s x is a {kind} Keras tensor: a dense one is accepted"):
            activation(x)


def test_arguments_that_there_are_not(op: str) -> None:
    function, number = getattr(tca, op), len(ACTIVATIONS[op].arguments) + bool(ACTIVATIONS[op].flag)
    for x in (X, tf.constant(X)):
        with pytest.raises(TypeError, match=rf"{op}\(\) got an unexpected keyword argument 'gamma'"):
            function(x, gamma=1.0)
        with pytest.raises(TypeError, match=rf"{op}\(\) takes .*positional argument"):
            function(x, *[1.0] * (number + 1))
        for name in ACTIVATIONS[op].argument_names:
            with pytest.raises(TypeError, match=rf"{op}\(\) got multiple values for argument '{name}'"):
                function(x, 1.0, **{name: 1.0})


def test_another_keras(op: str) -> None:
    x = type("KerasTensor", (), {"__module__": "tf_keras.src.engine.keras_tensor"})()
    with pytest.raises(TypeError, match=f"KerasTensor of tf_keras: .*use tf_keras.layers.Lambda.tfcustomact.{op}"):
        getattr(tca, op)(x)


with_parameter = pytest.mark.parametrize("op", WITH_PARAMETER)


@with_parameter
@pytest.mark.parametrize("parameter", ["1", True, np.True_, None, 1j, Decimal(1), [1.0]], ids=str)
def test_a_parameter_that_is_no_real_number(op: str, parameter: Any) -> None:
    (name,) = ACTIVATIONS[op].argument_names
    words = f"{op}'s {name} is .*of type {type(parameter).__name__}: a finite real number is accepted"
    for x in (X, tf.constant(X)):
        with pytest.raises(TypeError, match=words):
            getattr(tca, op)(x, parameter)


@with_parameter
@pytest.mark.parametrize("parameter", [np.inf, -np.inf, np.nan, np.float32(np.inf), 10**400])
def test_a_parameter_that_is_not_finite(op: str, parameter: Any) -> None:
    (name,) = ACTIVATIONS[op].argument_names
    for x in (X, tf.constant(X), tf.constant(X, tf.float64)):
        with pytest.raises(ValueError, match=f"{op}'s {name} is -?(inf|nan): a finite number is accepted"):
            getattr(tca, op)(x, parameter)


@pytest.mark.parametrize("op", [op for op in WITH_PARAMETER if ACTIVATIONS[op].divides_x])
@pytest.mark.parametrize("parameter", [0, -0.0, -1.5, 1e-50])
def test_a_divisor_that_is_not_positive(op: str, parameter: float) -> None:
    (name,) = ACTIVATIONS[op].argument_names
    layer = getattr(tca.layers, ACTIVATIONS[op].layer)
    for call in (lambda: getattr(tca, op)(tf.constant(X), parameter), lambda: layer(parameter)(tf.constant(X))):
        with pytest.raises(ValueError, match=f"{op}'s {name} is {float(parameter)}: a positive number is accepted"):
            call()


@with_parameter
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_a_parameter_that_is_finite_in_double_precision_only(op: str, dtype: str) -> None:
    for parameter in (1e39, -1e39):
        with pytest.raises(ValueError, match="infinite in float32"):
            getattr(tca, op)(tf.constant(X, dtype), parameter)
    assert np.all(np.isfinite(getattr(tca, op)(tf.constant([0.5, 1.0], tf.float64), 1e39)))


@with_parameter
def test_a_parameter_is_not_taken_by_what_another_dtype_allows(op: str) -> None:
    getattr(tca, op)(tf.constant(X, tf.float64), 1e39)
    with pytest.raises(ValueError, match="infinite in float32"):
        getattr(tca, op)(tf.constant(X), 1e39)


@pytest.fixture
def call(op: str, backend: str, mode: Mode) -> Callable[..., tf.Tensor]:
    return mode(lambda *inputs: getattr(tca, op)(*inputs, backend=backend))


with_parameter_eager_or_graph = pytest.mark.parametrize(
    ("op", "mode"), [(op, mode) for op in WITH_PARAMETER for mode in ("eager", "graph")], indirect=["mode"]
)


@with_parameter_eager_or_graph
def test_the_dtype_of_a_tensor_as_parameter(op: str, call: Callable[..., tf.Tensor]) -> None:
    for dtype, other, accepted in (
        ("float32", "float64", "float32"),
        ("float32", "int32", "float32"),
        ("float64", "float32", "float64"),
        ("float16", "bfloat16", "float16 or float32"),
        ("bfloat16", "float64", "bfloat16 or float32"),
    ):
        words = f"{op}'s .* has dtype {other}: beside an x of {dtype}, {accepted} is accepted"
        for parameter in (tf.ones([2], other), tf.Variable(tf.ones([2], other))):
            with pytest.raises(TypeError, match=words):
                call(tf.constant(X, dtype), parameter)
    with pytest.raises(TypeError, match="of type ndarray, makes no tensor"):
        getattr(tca, op)(X, np.array([object()]))


@with_parameter_eager_or_graph
def test_the_shape_of_a_tensor_as_parameter(op: str, call: Callable[..., tf.Tensor]) -> None:
    for shape in ((3,), (2, 1), (1, 2), (0,), (5, 2)):
        words = rf"{op}'s .* has shape \({str(shape)[1:-1]}\): one that broadcasts to that of x, \(2,\), is accepted"
        for parameter in (tf.ones(shape), tf.Variable(tf.ones(shape))):
            with pytest.raises(ValueError, match=words):
                call(tf.constant(X), parameter)


@pytest.mark.parametrize("mode", ["graph", "jit"], indirect=True)
def test_the_shape_of_a_parameter_that_is_known_at_run_time_alone(backend: str, mode: Mode) -> None:
    op, unknown = WITH_PARAMETER[0], tf.TensorSpec(None)
    call = tf.function(partial(getattr(tca, op), backend=backend), [unknown] * 2, autograph=False, jit_compile=mode.jit)
    np.testing.assert_allclose(call(tf.constant(X), tf.ones([2])), getattr(tca, op)(tf.constant(X)), rtol=1e-6)
    for shape in ((3,), (2, 1), (0,), (5, 2)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            call(tf.constant(X), tf.ones(shape))


def test_a_bias_that_does_not_fit(op: str) -> None:
    for x, bias in ((tf.ones([4, 3]), tf.ones([4])), (tf.ones([4, 3]), tf.ones([1])), (tf.ones([]), tf.ones([1]))):
        words = rf"{op}'s bias has shape \(\d,\): that of the last axis of x, which has \(.*\), is accepted"
        with pytest.raises(ValueError, match=words):
            getattr(tca, op)(x, bias=bias)
    with pytest.raises(TypeError, match=f"{op}'s bias has dtype float32: that of x, float16, is accepted"):
        getattr(tca, op)(tf.ones([4, 3], tf.float16), bias=tf.ones([3]))
    with pytest.raises(TypeError, match=f"{op}'s bias, of type object, makes no tensor"):
        getattr(tca, op)(tf.ones([4, 3]), bias=object())


def test_tensors_beside_a_keras_input(op: str) -> None:
    x = keras.Input([3])
    with pytest.raises(TypeError, match=f"{op}'s x is a Keras tensor: numbers are accepted beside it, not a ndarray"):
        getattr(tca, op)(x, bias=np.ones(3, np.float32))
    for parameter in (tf.ones([3]), keras.Variable([1.0])) if ACTIVATIONS[op].arguments else ():
        with pytest.raises(TypeError, match=r"tfcustomact\.layers has layers with variables"):
            getattr(tca, op)(x, parameter)


def test_an_op_that_fails_raises_what_tensorflow_raises(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(x: tf.Tensor) -> tf.Tensor:
        raise _NotOkStatusException("no memory", tf.errors.RESOURCE_EXHAUSTED, {})

    x = tf.constant(X)
    getattr(tca, op)(x)
    for key in [*_run.calls[op]]:
        monkeypatch.setitem(_run.calls[op], key, fail)
    with pytest.raises(tf.errors.ResourceExhaustedError, match="no memory"):
        getattr(tca, op)(x)
