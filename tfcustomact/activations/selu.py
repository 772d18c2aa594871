"""SELU, scale * x if x > 0 else scale * alpha * expm1(x), with two fixed constants.

Its first derivative is scale for x > 0 and scale * alpha * exp(x) elsewhere, scale * alpha at zero; those after it are
0 for x > 0 and scale * alpha * exp(x) elsewhere.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

from tfcustomact.activations._activation import SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# scale, and scale * alpha, each rounded to float64.
_SCALE, _SCALE_ALPHA = 1.0507009873554805, 1.7580993408473766

# The largest float32 below scale.
_BELOW = float.fromhex("0x1.0cfabcp0")


def _value(x: tf.Tensor) -> tf.Tensor:
    return select(x >= 0, _scaled(x), _SCALE_ALPHA * tf.math.expm1(x))


def _derivative(x: tf.Tensor) -> tf.Tensor:
    return select(x > 0, _SCALE * tf.ones_like(x), _falling(x))


def _second(x: tf.Tensor) -> tf.Tensor:
    return select(x > 0, tf.zeros_like(x), _falling(x))


def _third(x: tf.Tensor) -> tf.Tensor:
    positive, zeros = x > 0, tf.zeros_like(x)
    # Not by tf.minimum, whose derivative at NaN is 0.
    e = tf.exp(0.5 * select(positive, zeros, x))
    return select(positive, zeros, _SCALE_ALPHA * e * e)


def _scaled(x: tf.Tensor) -> tf.Tensor:
    if x.dtype == tf.float64:
        return _SCALE * x
    # scale, rounded to float32, would make the largest finite value infinite. Of a sum of these products TensorFlow's
    # optimizer would make a product with the sum of the factors, of a difference it does not.
    return _BELOW * x - (_BELOW - _SCALE) * x


def _falling(x: tf.Tensor) -> tf.Tensor:
    # exp(x) is subnormal before its product with a number above 1 is.
    e = tf.exp(0.5 * tf.minimum(x, 0))
    return _SCALE_ALPHA * e * e


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    wide = math.wide(math.clip(x, -FAR, 0.0))
    scale, fall = math.wide(math.full_like(x, _SCALE)), math.wide(math.full_like(x, _SCALE_ALPHA))
    if derivative == 0:
        right = math.where(math.isfinite(x), math.wide(math.where(math.isfinite(x), x, 0.0)) * scale, x)
        left = math.where(math.isneginf(x), -fall, fall * math.expm1(wide))
        return math.where(x < 0, left, math.where(x == 0, x, right))
    falling = math.where(math.isneginf(x), 0.0, fall * math.exp(wide))
    return math.where(x > 0, scale if derivative == 1 else 0.0, falling)


def _definition(mpmath: Any, x: Any) -> Any:
    return mpmath.mpf(_SCALE) * x if x > 0 else mpmath.mpf(_SCALE_ALPHA) * mpmath.expm1(x)


@activation(
    layer="SELU",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    special_values=(SpecialValues((), (inf, -_SCALE_ALPHA, 0.0, -0.0), (_SCALE, 0.0, _SCALE_ALPHA, _SCALE_ALPHA)),),
    # The largest numbers whose values are finite, in float64 and float32.
    turning_points=(1.7109464600266028e308, 3.2386221488365256e38),
    peers={"tf.nn": "selu", "keras": "selu", "torch": "selu", "jax": "selu"},
    misconverted=lambda: {"TFLite": (nan,)},
    compositions={
        "scale * tf.where(x > 0, x, alpha * tf.math.expm1(x))": lambda x: (
            _SCALE * tf.where(x > 0, x, _SCALE_ALPHA / _SCALE * tf.math.expm1(x))
        )
    },
    # tf.nn.selu is one op, and loses what is small in x.
    plain="scale * tf.where(x > 0, x, alpha * tf.math.expm1(x))",
    limits={Timed("eager", "forward"): {22: 0.6}, Timed("eager", "both"): {22: 0.9}},
)
def selu(x: Any, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """SELU, ``scale * x if x > 0 else scale * alpha * expm1(x)``, with ``scale = 1.0507...`` and ``alpha = 1.6732...``.

    Source: G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-Normalizing Neural Networks", 2017
    (arXiv:1706.02515). ``scale`` and ``scale * alpha`` are 1.0507009873554805 and 1.7580993408473766.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign; the derivative at 0 is ``scale * alpha``.
    """
