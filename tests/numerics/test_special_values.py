"""Infinities, NaN and zeros: the limits, on purpose."""

import inspect
from collections.abc import Iterator

import keras
import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from modes import COMPUTATIONS, Mode

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import SpecialValues

DTYPES = ("float16", "bfloat16", "float32", "float64")
X = [np.inf, -np.inf, 0.0, -0.0, np.nan]
# Long enough for the full steps of every loop, and for the elements after these.
REPEATS = 27


def cases() -> Iterator[tuple[str, SpecialValues, str, str, tuple[str, ...]]]:
    """Every activation with several arguments, the computations and the dtypes.

    XLA takes long to compile, and computes an element whatever its neighbours are. Inputs with infinities, NaN and
    zeros, with the default argument and in half precision, it has in test_errors_in_ulp.py.
    """
    for op, activation in ACTIVATIONS.items():
        defaults = tuple(argument.default for argument in activation.arguments)
        for special in activation.special_values:
            for backend, mode in COMPUTATIONS:
                if backend != "xla" and mode != "jit":
                    yield op, special, backend, mode, DTYPES
                elif special.arguments != defaults:
                    yield op, special, backend, mode, ("float32", "float64")


@pytest.mark.parametrize(("op", "special", "backend", "mode", "dtypes"), cases(), indirect=["backend", "mode"])
def test_limits(op: str, special: SpecialValues, backend: str, mode: Mode, dtypes: tuple[str, ...]) -> None:
    # Of all dtypes in one function: to compile it takes longer than to run it.
    def both(*inputs: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = [getattr(tca, op)(x, *special.arguments, backend=backend) for x in inputs]
        return outputs, tape.gradient(outputs, list(inputs))

    inputs = [tf.constant(np.array(X * REPEATS, dtype)) for dtype in dtypes]
    for x, *results in zip(inputs, *mode(both)(*inputs), strict=True):
        dtype = x.dtype.as_numpy_dtype
        value, derivative = (result.numpy().astype(np.float64) for result in results)
        values, derivatives = (
            np.array([*each, np.nan] * REPEATS, dtype).astype(np.float64)
            for each in (special.values, special.derivatives)
        )
        # Of softplus one is no number of the dtype.
        np.testing.assert_allclose(value, values, rtol=float(4 * ml_dtypes.finfo(dtype).eps), atol=0)
        np.testing.assert_array_equal(derivative, derivatives)
        zeros = value == 0
        np.testing.assert_array_equal(np.signbit(value[zeros]), np.signbit(values[zeros]))


@pytest.mark.parametrize("op", [op for op, activation in ACTIVATIONS.items() if "keras" in activation.peers])
def test_called_as_in_keras_they_have_the_limits_that_keras_has(op: str) -> None:
    ours, theirs = getattr(tca, op), getattr(keras.activations, ACTIVATIONS[op].peers["keras"])
    mine, (_, *parameters) = (inspect.signature(each).parameters.values() for each in (ours, theirs))
    for our, their in zip([*mine][1:], parameters, strict=False):
        assert (our.name, our.default) == (their.name, their.default)
    others = {each.name: True if each.default is False else 0.5 for each in parameters}
    x = tf.constant(X, tf.float32)
    for given in ({}, others):
        wanted = theirs(x, **given).numpy()
        # Where it is no number in Keras, it is a limit here.
        known = ~np.isnan(wanted) | np.isnan(x)
        np.testing.assert_array_equal(ours(x, **given).numpy()[known], wanted[known])
