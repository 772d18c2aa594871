"""Softplus, log(1 + exp(x)).

With z = exp(-|x|), which never overflows,

    softplus    = max(x, 0) + log1p(z)
    softplus'   = (z  if x < 0 else 1) / (1 + z)
    softplus''  = z / (1 + z)^2
    softplus''' = z (1 - z) / (1 + z)^3  if x < 0 else  minus that
"""

from __future__ import annotations

from math import inf, log, nan
from typing import Any

from tfcustomact.activations._activation import SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# Of artanh's series, whose argument is at most 1 / 3.
_TERMS = {"float32": 8, "float64": 18}


def _value(x: tf.Tensor) -> tf.Tensor:
    return tf.maximum(x, 0) + _log1p(tf.exp(-tf.abs(x)))


def _derivative(x: tf.Tensor) -> tf.Tensor:
    negative, z = _parts(x)
    return select(negative, z, tf.ones_like(x)) / (1 + z)


def _second(x: tf.Tensor) -> tf.Tensor:
    _, z = _parts(x)
    return z / tf.square(1 + z)


def _third(x: tf.Tensor) -> tf.Tensor:
    negative, z = _parts(x)
    return z * select(negative, 1 - z, z - 1) / (1 + z) ** 3


def _log1p(z: tf.Tensor) -> tf.Tensor:
    if tf.executing_eagerly():
        return tf.math.log1p(z)
    # TFLite computes that as log(1 + z), and TensorFlow's graph optimizer makes z of (1 + z) - 1. This is
    # 2 artanh(z / (2 + z)), for 0 <= z <= 1.
    square = tf.square(z / (2 + z))
    series = tf.zeros_like(z)
    for n in reversed(range(_TERMS[z.dtype.name])):
        series = series * square + 1 / (2 * n + 1)
    # Nothing is subnormal before the result is.
    return z * (series * (2 / (2 + z)))


def _parts(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    negative = x < 0
    # Not tf.abs, whose derivative at 0 would be neither side's.
    return negative, tf.exp(select(negative, x, -x))


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    z = math.exp(-abs(math.wide(math.clip(x, -FAR, FAR))))
    if derivative == 0:
        positive = math.wide(math.where(math.isfinite(x) & (x > 0), x, 0.0))
        return math.where(x == inf, inf, math.where(x == -inf, 0.0, positive + math.log1p(z)))
    if derivative == 1:
        return math.where(x < 0, math.where(x == -inf, 0.0, z), math.where(math.isnan(x), x, 1.0)) / (1 + z)
    return math.where(math.isinf(x), 0.0, z / ((1 + z) * (1 + z)))


def _definition(mpmath: Any, x: Any) -> Any:
    return mpmath.log1p(mpmath.exp(x))


@activation(
    layer="Softplus",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    special_values=(SpecialValues((), (inf, 0.0, log(2), log(2)), (1.0, 0.0, 0.5, 0.5)),),
    peers={"tf.nn": "softplus", "keras": "softplus", "torch": "softplus", "jax": "softplus"},
    # It becomes the logarithm of 1 + exp(x), which overflows.
    misconverted=lambda: {"TFLite": (1000.0, nan)},
    compositions={"tf.math.log1p(tf.exp(x))": lambda x: tf.math.log1p(tf.exp(x))},
    # tf.nn.softplus is one op, and loses a few ULPs where it passes from one formula to the next.
    plain="tf.math.log1p(tf.exp(x))",
    at_relus_price=False,
    limits={Timed("eager", "forward"): {22: 0.6}, Timed("eager", "both"): {22: 0.9}},
)
def softplus(x: Any, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """Softplus, ``log(1 + exp(x))``.

    Source: C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia, "Incorporating Second-Order Functional Knowledge for
    Better Option Pricing", 2000 (NIPS 13).

    Infinite ``x`` give the limits, NaN stays NaN.
    """
