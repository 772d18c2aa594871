"""Infinities, NaN and zeros: the limits, on purpose."""

from typing import Any

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
