"""Infinities, NaN and zeros: the limits, on purpose."""

import inspect
from typing import Any

import keras
import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode, every_computation

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import SpecialValues

X = [np.inf, -np.inf, 0.0, -0.0, np.nan]


@every_computation
@pytest.mark.parametrize(
    ("op", "special"),
    [(op, special) for op, activation in ACTIVATIONS.items() for special in activation.special_values],
)
def test_limits(op: str, special: SpecialValues, backend: str, mode: Mode, dtype: np.dtype[Any]) -> None:
    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tca, op)(x, *special.arguments, backend=backend)
        return y, tape.gradient(y, x)

    # Long enough for the full steps of every loop, and for the elements after these.
    repeats = 27
    value, derivative = (
        tensor.numpy().astype(np.float64) for tensor in mode(both)(tf.constant(np.array(X * repeats, dtype)))
    )
    values, derivatives = (
        np.array([*each, np.nan] * repeats, dtype).astype(np.float64) for each in (special.values, special.derivatives)
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
