"""Hard SiLU, x * min(max(x + 3, 0), 6) / 6.

Its derivative is 0 up to -3, (2 x + 3) / 6 from there to 3 and 1 beyond; its second one is 1 / 3 between -3 and 3. At
these two points, where they jump, they are those from the left.
"""

from __future__ import annotations

from math import inf
from typing import Any

from tfcustomact.activations._activation import SpecialValues, activation
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf


def _value(x: tf.Tensor) -> tf.Tensor:
    # The quotient is 1 from 3 on. A product of minus infinity and 0 would be NaN. The minimum changes nothing, but
    # without it TensorFlow's graph optimizer would divide x by 6 first, and that may be subnormal.
    return tf.maximum(x, -3) * tf.minimum(tf.nn.relu6(x + 3) / 6, 1)


def _derivative(x: tf.Tensor) -> tf.Tensor:
    return _between(x, tf.zeros_like(x), (2 * x + 3) / 6, tf.ones_like(x))


def _second(x: tf.Tensor) -> tf.Tensor:
    zeros = tf.zeros_like(x)
    return _between(x, zeros, select(tf.math.is_nan(x), x, zeros + 1 / 3), zeros)


def _third(x: tf.Tensor) -> tf.Tensor:
    """Zero, and of NaN NaN, as all derivatives of it are."""
    zeros = tf.zeros_like(x)
    return _between(x, zeros, select(tf.math.is_nan(x), tf.square(x), zeros), zeros)


def _between(x: tf.Tensor, left: tf.Tensor, middle: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    return select(x <= -3, left, select(x > 3, right, middle))


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    wide = math.wide(math.where(abs(x) <= 3, x, 0.0))
    if derivative == 0:
        middle, left, right = math.where(x == 0, x, wide * (wide + 3) / 6), -0.0, x
    elif derivative == 1:
        middle, left, right = (2 * wide + 3) / 6, 0.0, 1.0
    else:
        middle, left, right = math.wide(math.ones_like(x)) / 3, 0.0, 0.0
    # Of NaN, too, x itself.
    return math.where(x <= -3, left, math.where(x > 3, right, math.where(math.isnan(x), x, middle)))


def _definition(mpmath: Any, x: Any) -> Any:
    return x * min(max(x + 3, 0), 6) / 6


@activation(
    layer="HardSiLU",
    aliases=("hard_swish",),
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    special_values=(SpecialValues((), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.5, 0.5)),),
    turning_points=(1.5, 3.0),
    peers={"keras": "hard_silu", "torch": "hardswish", "jax": "hard_silu"},
    compositions={"x * tf.nn.relu6(x + 3) / 6": lambda x: x * tf.nn.relu6(x + 3) / 6},
    plain="x * tf.nn.relu6(x + 3) / 6",
)
def hard_silu(x: Any, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """Hard SiLU, ``x * min(max(x + 3, 0), 6) / 6``; `hard_swish` is this same function.

    Source: A. Howard et al., "Searching for MobileNetV3", 2019 (arXiv:1905.02244).

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign; at -3 and 3 the derivative is that from the
    left.
    """


hard_swish = hard_silu
