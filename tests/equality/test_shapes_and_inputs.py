"""Whatever x is, the result has its shape and dtype, and the same numbers."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode, every_computation
from parameters import FEW, WITH_PARAMETER

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS


@pytest.fixture(params=FEW)
def op(request: pytest.FixtureRequest) -> str:
    return request.param


# What x's shape is, is no matter of its dtype.
SHAPES = [(), (0,), (1,), (7,), (3, 0, 2), (1, 1025)]
SHAPES_AND_DTYPES = [(shape, "float32") for shape in SHAPES]
SHAPES_AND_DTYPES += [((2, 3, 5, 7), dtype) for dtype in ("float16", "bfloat16", "float32", "float64")]


@every_computation
@pytest.mark.parametrize(("shape", "dtype"), SHAPES_AND_DTYPES, indirect=["dtype"])
def test_shape_and_dtype(op: str, shape: tuple[int, ...], backend: str, dtype: np.dtype[Any], mode: Mode) -> None:
    x = np.random.default_rng(0).normal(0, 3, shape).astype(dtype)
    y = mode(lambda x: getattr(tca, op)(x, backend=backend))(tf.constant(x))
    assert y.shape == shape
    assert y.dtype == tf.as_dtype(dtype)
    errors = testing.activation_error(op, x, y.numpy())
    assert np.all(errors <= testing.ulp_limit(backend, dtype, op=op, jit=mode.jit))


def test_unknown_shapes(op: str, backend: str) -> None:
    for shape in (None, [None], [None, 4]):

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)], autograph=False)
        def function(x: tf.Tensor) -> tf.Tensor:
            y = getattr(tca, op)(x, backend=backend)
            assert y.shape.as_list() == x.shape.as_list() if x.shape.rank is not None else y.shape.rank is None
            return y

        x = tf.random.normal([4] if shape == [None] else [3, 4])
        assert np.all(testing.activation_error(op, x.numpy(), function(x).numpy()) <= 8)


@pytest.mark.parametrize(
    "x",
    [
        [-1.0, 2.0],
        np.array([-1.0, 2.0], np.float32),
        np.array([-1.0, 2.0]),
        tf.Variable([-1.0, 2.0]),
        -1.5,
        np.float32(-1.5),
    ],
    ids=["list", "float32 array", "float64 array", "variable", "float", "NumPy number"],
)
def test_whatever_makes_a_tensor(op: str, x: Any, backend: str) -> None:
    y = getattr(tca, op)(x, backend=backend)
    tensor = tf.convert_to_tensor(x)
    assert (y.shape, y.dtype) == (tensor.shape, tensor.dtype)
    assert np.all(testing.activation_error(op, tensor.numpy(), y.numpy()) <= 8)


@pytest.mark.parametrize("op", WITH_PARAMETER)
@pytest.mark.parametrize("parameter", [2, np.float32(2), np.float64(2), np.int64(2)])
def test_whatever_is_a_real_number(op: str, parameter: Any) -> None:
    x = tf.constant([-1.0, 2.0])
    np.testing.assert_array_equal(getattr(tca, op)(x, parameter), getattr(tca, op)(x, 2.0))


def test_a_constant_inside_a_graph(op: str, backend: str) -> None:
    x = tf.constant([-1.0, 2.0])
    y = tf.function(lambda: getattr(tca, op)(x, backend=backend), autograph=False)()
    assert np.all(testing.activation_error(op, x.numpy(), y.numpy()) <= 8)


def test_x_is_left_as_it_was(op: str, backend: str) -> None:
    x = tf.constant([-1.0, 2.0, -3.0])
    getattr(tca, op)(x, backend=backend)
    np.testing.assert_array_equal(x, [-1, 2, -3])


def test_an_alias_is_the_same_function(op: str) -> None:
    for alias in ACTIVATIONS[op].aliases:
        assert getattr(tca, alias) is getattr(tca, op)


@pytest.mark.parametrize("op", WITH_PARAMETER)
def test_parameters_by_name(op: str, backend: str) -> None:
    x = tf.constant([-1.0, 2.0])
    function, (name,) = getattr(tca, op), ACTIVATIONS[op].argument_names
    np.testing.assert_array_equal(function(x, **{name: 0.5}, backend=backend), function(x, 0.5, backend=backend))


def test_vectorized_map(op: str, backend: str) -> None:
    x = tf.random.normal([5, 3], seed=1)
    y = tf.vectorized_map(lambda row: getattr(tca, op)(row, backend=backend), x)
    assert np.all(testing.activation_error(op, x.numpy(), y.numpy()) <= 8)


def test_saved_model(op: str, backend: str, tmp_path: Any) -> None:
    module = tf.Module()
    module.activation = tf.function(
        lambda x: getattr(tca, op)(x, backend=backend), input_signature=[tf.TensorSpec([None, 3])], autograph=False
    )
    tf.saved_model.save(module, str(tmp_path))
    x = tf.constant([[-1.0, 0.5, 2.0]])
    y = tf.saved_model.load(str(tmp_path)).activation(x)
    np.testing.assert_array_equal(y, module.activation(x))


def test_tflite(op: str, tmp_path: Any) -> None:
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([1, 4])], autograph=False)
        def value(self, x: tf.Tensor) -> tf.Tensor:
            return getattr(tca, op)(x, backend="python")

        @tf.function(input_signature=[tf.TensorSpec([1, 4])], autograph=False)
        def gradient(self, x: tf.Tensor) -> tf.Tensor:
            return tf.gradients(self.value(x), x)[0]

    module = Module()
    signatures = {"value": module.value, "gradient": module.gradient}
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    layer = getattr(tca.layers, ACTIVATIONS[op].layer)(backend="python")
    converter = tf.lite.TFLiteConverter
    x = np.array([[-1, 0.5, 2, -20]], np.float32)
    for converted, derivative in (
        (converter.from_concrete_functions([module.value.get_concrete_function()]), 0),
        (converter.from_keras_model(keras.Sequential([keras.Input([4], batch_size=1), layer])), 0),
        (converter.from_saved_model(str(tmp_path), signature_keys=["value"]), 0),
        (converter.from_saved_model(str(tmp_path), signature_keys=["gradient"]), 1),
    ):
        interpreter = tf.lite.Interpreter(model_content=converted.convert())
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        y = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        exact = testing.exact(op, x, derivative=derivative).astype(np.float32)
        np.testing.assert_allclose(y, exact, rtol=1e-5)
