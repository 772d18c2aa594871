"""Infinities, NaN and zeros: the limits, on purpose."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modes import Mode

import tfcustomact as tca

INF, NAN = np.inf, np.nan
X = [INF, -INF, NAN, 0.0, -0.0]

# (op, parameter, values, gradients), at the numbers of X.
CASES = [
    ("swish", 1.0, [INF, -0.0, NAN, 0.0, -0.0], [1, 0, NAN, 0.5, 0.5]),
    ("swish", 1.7, [INF, -0.0, NAN, 0.0, -0.0], [1, 0, NAN, 0.5, 0.5]),
    ("swish", -1.7, [0.0, -INF, NAN, 0.0, -0.0], [0, 1, NAN, 0.5, 0.5]),
    ("swish", 0.0, [INF, -INF, NAN, 0.0, -0.0], [0.5, 0.5, NAN, 0.5, 0.5]),
    ("elu", 1.0, [INF, -1.0, NAN, 0.0, -0.0], [1, 0, NAN, 1, 1]),
    ("elu", 1.5, [INF, -1.5, NAN, 0.0, -0.0], [1, 0, NAN, 1.5, 1.5]),
    ("elu", -1.5, [INF, 1.5, NAN, 0.0, -0.0], [1, 0, NAN, -1.5, -1.5]),
]


@pytest.mark.parametrize(("op", "parameter", "values", "gradients"), CASES)
def test_limits(
    op: str,
    parameter: float,
    values: list[float],
    gradients: list[float],
    backend: str,
    mode: Mode,
    dtype: np.dtype[Any],
) -> None:
    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tca, op)(x, parameter, backend=backend)
        return y, tape.gradient(y, x)

    # Long enough for the vector part of every loop, and for its rest.
    repeats = 27
    value, gradient = (
        tensor.numpy().astype(np.float64) for tensor in mode(both)(tf.constant(np.array(X * repeats, dtype)))
    )
    np.testing.assert_array_equal(value, np.array(values * repeats))
    np.testing.assert_array_equal(gradient, np.array(gradients * repeats, np.float64))
    zeros = value == 0
    np.testing.assert_array_equal(np.signbit(value[zeros]), np.signbit(np.array(values * repeats)[zeros]))


def test_far_out_on_the_left_swish_is_a_zero_of_the_sign_of_x(backend: str, dtype: np.dtype[Any]) -> None:
    lowest = tf.as_dtype(dtype).min
    y = tca.swish(tf.constant(np.array([lowest] * 19, dtype)), backend=backend).numpy().astype(np.float64)
    assert np.all(y == 0)
    assert np.all(np.signbit(y))
