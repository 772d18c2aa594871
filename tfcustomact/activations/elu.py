"""ELU, x if x > 0 else alpha * expm1(x).

Its first derivative is 1 for x > 0 and alpha * exp(x) elsewhere, alpha at zero; those after it are 0 for x > 0 and
alpha * exp(x) elsewhere. For ``|alpha| > 1``, ``alpha * exp(x)`` is computed as ``alpha * e * e`` with
``e = exp(x / 2)``: it is a normal number long after ``exp(x)`` is not.
"""

from __future__ import annotations

from math import inf
from typing import Any

from tfcustomact.activations._activation import OfArgument, SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf


def _value(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """ELU. A zero is itself, whatever the sign of ``alpha``."""
    negative = tf.math.expm1(x)
    return select(x >= 0, x, negative if _is_one(alpha) else alpha * negative)


def _derivative(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Its first derivative."""
    if _is_one(alpha):
        return tf.exp(tf.minimum(x, 0))
    return select(x > 0, tf.ones_like(x), _scaled_exponential(x, alpha))


def _second(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its second derivative."""
    return select(x > 0, tf.zeros_like(x), _scaled_exponential(x, alpha))


def _third(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Its third derivative, and every one after it."""
    positive, zeros = x > 0, tf.zeros_like(x)
    # Not by tf.minimum, whose derivative at NaN is 0.
    e = tf.exp(0.5 * select(positive, zeros, x))
    return select(positive, zeros, alpha * e * e)


def _by_alpha(x: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    """Its derivative with respect to ``alpha``."""
    return select(x >= 0, tf.zeros_like(x), tf.math.expm1(x))


def _partials(x: tf.Tensor, alpha: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Its first two derivatives with respect to ``x`` and ``alpha``."""
    positive, zeros = x > 0, tf.zeros_like(x)
    # Not by tf.minimum, whose derivative at NaN is 0.
    negative = select(positive, zeros, x)
    twice = _third(x, alpha)
    by_alpha = select(positive, zeros, tf.math.expm1(negative))
    return select(positive, tf.ones_like(x), twice), by_alpha, twice, select(positive, zeros, tf.exp(negative)), zeros


def _is_one(alpha: float | tf.Tensor) -> bool:
    return not isinstance(alpha, tf.Tensor) and alpha == 1


def _scaled_exponential(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    # Positive numbers would overflow, and an infinity times the zero gradient of what is not selected is NaN.
    x = tf.minimum(x, 0)
    if not isinstance(alpha, tf.Tensor) and abs(alpha) <= 1:
        return alpha * tf.exp(x)
    e = tf.exp(0.5 * x)
    return alpha * e * e


def _exactly(math: Any, x: Any, alpha: float, derivative: int) -> Any:
    wide = math.wide(math.clip(x, -FAR, 0.0))
    scale = math.wide(math.full_like(x, alpha))
    if derivative == 0:
        negative = math.where(math.isneginf(x), -alpha, scale * math.expm1(wide))
        return math.where(x < 0, negative, x)
    exponential = math.where(math.isneginf(x), 0.0, scale * math.exp(wide))
    return math.where(x > 0, 1.0 if derivative == 1 else 0.0, exponential)


def _exactly_by_alpha(math: Any, x: Any, alpha: float) -> Any:
    exponential = math.where(math.isneginf(x), -1.0, math.expm1(math.wide(math.clip(x, -FAR, 0.0))))
    return math.where(x >= 0, 0.0, exponential)


def _definition(mpmath: Any, x: Any, alpha: Any) -> Any:
    return x if x > 0 else alpha * mpmath.expm1(x)


@activation(
    layer="ELU",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    of_argument=OfArgument(_by_alpha, _partials, _exactly_by_alpha),
    special_values=(
        SpecialValues((1.0,), (inf, -1.0, 0.0, -0.0), (1.0, 0.0, 1.0, 1.0)),
        SpecialValues((1.5,), (inf, -1.5, 0.0, -0.0), (1.0, 0.0, 1.5, 1.5)),
        SpecialValues((-1.5,), (inf, 1.5, 0.0, -0.0), (1.0, 0.0, -1.5, -1.5)),
    ),
    peers={"tf.nn": "elu", "keras": "elu", "torch": "elu", "jax": "elu"},
    misconverted=lambda alpha: {} if alpha == 1 else {"ONNX": (inf,)},
    compositions={"tf.where(x > 0, x, tf.math.expm1(x))": lambda x: tf.where(x > 0, x, tf.math.expm1(x))},
    # tf.nn.elu is one op, and loses what is small in x.
    plain="tf.where(x > 0, x, tf.math.expm1(x))",
    limits={
        Timed("eager", "forward"): {24: 0.6},
        Timed("jit", "forward"): {24: 0.9},
        Timed("eager", "forward", "float64"): {10: 1.25, 14: 1.0, 18: 1.0, 20: 1.0, 22: 1.0, 24: 1.0},
    },
)
def elu(x: Any, alpha: Any = 1.0, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """ELU, ``x if x > 0 else alpha * expm1(x)``.

    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear
    Units (ELUs)", 2015 (arXiv:1511.07289).

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign; the derivative at 0 is ``alpha``, and that
    with respect to ``alpha`` is ``expm1(x)`` below 0. Infinite numbers and NaN in a tensor ``alpha`` give what the
    formula gives: where ``x`` is not negative, they have no influence on the value.
    """
