"""CELU, x if x > 0 else alpha * expm1(x / alpha).

With t = x / alpha its derivatives with respect to x, for x <= 0, are exp(t), exp(t) / alpha, exp(t) / alpha^2 and so
on; the one with respect to alpha is (1 - t) * exp(t) - 1. exp(t) is computed as the square of exp(t / 2), so that its
quotient with alpha is a normal number long after exp(t) is not.
"""

from __future__ import annotations

from math import factorial, inf, nan
from typing import Any

from tfcustomact.activations._activation import OfArgument, SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._exact_product import is_exact, quotient_error
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# Up to here exp(t) is zero.
_FAR = {"float32": -105.0, "float64": -750.0}

# From here to 0, alpha * expm1(t) rounds to x.
_NEAR = -1e-20

# Of the series of (1 - t) * exp(t) - 1 for -1 <= t <= 0.
_TERMS = {"float32": 12, "float64": 20}


def _value(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """CELU."""
    if _is_one(alpha):
        return select(x >= 0, x, tf.math.expm1(x))
    t = x / _accepted(alpha)
    is_x = t > _NEAR
    if isinstance(alpha, tf.Tensor):
        is_x = tf.logical_or(x >= 0, is_x)
    return select(is_x, x, alpha * tf.math.expm1(t))


def _derivative(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Its first derivative."""
    if _is_one(alpha):
        return tf.exp(tf.minimum(x, 0))
    return select(x > 0, tf.ones_like(x), tf.square(_root(x, alpha)))


def _second(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its second derivative."""
    root = _root(x, alpha)
    return select(x > 0, tf.zeros_like(x), root * (root / alpha))


def _third(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Its third derivative."""
    return select(x > 0, tf.zeros_like(x), tf.square(tf.exp(0.5 * (_left(x) / alpha)) / alpha))


def _by_alpha(x: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    """Its derivative with respect to ``alpha``."""
    return select(x >= 0, tf.zeros_like(x), _change(_bounded(_left(x) / _accepted(alpha))))


def _partials(x: tf.Tensor, alpha: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Its first two derivatives with respect to ``x`` and ``alpha``: for x <= 0 they are exp(t), (1 - t) * exp(t) - 1,
    exp(t) / alpha, -t * exp(t) / alpha and t^2 * exp(t) / alpha."""
    positive, zeros = x > 0, tf.zeros_like(x)
    t = _bounded(_left(x) / _accepted(alpha))
    e = tf.exp(t)
    twice = e / alpha
    others = (select(positive, zeros, left) for left in (_change(t), twice, -t * twice, t * t * twice))
    return select(positive, tf.ones_like(x), e), *others


def _is_one(alpha: float | tf.Tensor) -> bool:
    return not isinstance(alpha, tf.Tensor) and alpha == 1


def _accepted(alpha: float | tf.Tensor) -> float | tf.Tensor:
    """Returns ``alpha``, or NaN for what is refused as a number, but for zeros, which are positive."""
    if not isinstance(alpha, tf.Tensor):
        return alpha
    return tf.where(tf.logical_and(alpha >= 0, alpha < inf), tf.abs(alpha), tf.constant(nan, alpha.dtype))


def _left(x: tf.Tensor) -> tf.Tensor:
    # Not by tf.minimum, whose derivative at NaN is 0.
    return select(x > 0, tf.zeros_like(x), x)


def _bounded(t: tf.Tensor) -> tf.Tensor:
    # Unlike tf.maximum, this keeps NaN on every device.
    far = _FAR[t.dtype.name]
    return select(t < far, far * tf.ones_like(t), t)


def _root(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Returns exp(t / 2) for x <= 0. Half an ULP of rounding error in t would be |t| / 2 ULPs of the exponential."""
    left, divisor = _left(x), _accepted(alpha)
    t = left / divisor
    root = tf.exp(0.5 * t)
    if not isinstance(alpha, tf.Tensor) and is_exact(alpha):
        return root
    error = quotient_error(left, divisor, t)
    return root * (1 + 0.5 * select(t < _FAR[t.dtype.name], tf.zeros_like(t), error))


def _change(t: tf.Tensor) -> tf.Tensor:
    """Returns (1 - t) * exp(t) - 1 for a bounded t <= 0: where that cancels, the sum of -(n - 1) / n! * t^n, n > 1."""
    far = t < -1
    near = select(far, -tf.ones_like(t), t)
    series = tf.zeros_like(t)
    for n in reversed(range(2, 2 + _TERMS[t.dtype.name])):
        series = series * near - (n - 1) / factorial(n)
    return select(far, (1 - t) * tf.exp(t) - 1, series * near * near)


def _exactly(math: Any, x: Any, alpha: float, derivative: int) -> Any:
    far, t, scale = _exact_ratio(math, x, alpha)
    if derivative == 0:
        return math.where(x < 0, math.where(far, -scale, scale * math.expm1(t)), x)
    exponential = math.where(far, 0.0, math.exp(t))
    if derivative == 1:
        return math.where(x > 0, 1.0, exponential)
    return math.where(x > 0, 0.0, exponential / scale)


def _exactly_by_alpha(math: Any, x: Any, alpha: float) -> Any:
    far, t, _ = _exact_ratio(math, x, alpha)
    near, series = math.where(t < -1, -1.0, t), 0.0
    for n in range(30, 1, -1):
        series = series * near - (n - 1) / math.wide(float(factorial(n)))
    left = math.where(t < -1, (1 - t) * math.exp(t) - 1, series * near * near)
    return math.where(x >= 0, 0.0, math.where(far, -1.0, left))


def _exact_ratio(math: Any, x: Any, alpha: float) -> tuple[Any, Any, Any]:
    """Returns where exp(x / alpha) is zero, min(x, 0) / alpha elsewhere, and alpha, or NaN for what is not accepted."""
    given = math.full_like(x, alpha)
    scale = math.where(math.isfinite(given) & (given >= 0), given, nan)
    left = math.minimum(x, 0.0)
    far = math.isneginf(x) | (left / FAR < -scale)
    return far, math.wide(math.where(far, 0.0, left)) / math.wide(scale), math.wide(scale)


def _definition(mpmath: Any, x: Any, alpha: Any) -> Any:
    return x if x > 0 else alpha * mpmath.expm1(x / alpha)


@activation(
    layer="CELU",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    of_argument=OfArgument(_by_alpha, _partials, _exactly_by_alpha),
    divides_x=True,
    special_values=(
        SpecialValues((1.0,), (inf, -1.0, 0.0, -0.0), (1.0, 0.0, 1.0, 1.0)),
        SpecialValues((1.5,), (inf, -1.5, 0.0, -0.0), (1.0, 0.0, 1.0, 1.0)),
    ),
    peers={"keras": "celu", "torch": "celu", "jax": "celu"},
    not_converted={"ONNX": "tf2onnx has no Expm1"},
    # What Keras computes.
    compositions={
        "tf.maximum(x, 0) + tf.math.expm1(tf.minimum(x, 0))": lambda x: (
            tf.maximum(x, 0) + tf.math.expm1(tf.minimum(x, 0))
        )
    },
    plain="tf.maximum(x, 0) + tf.math.expm1(tf.minimum(x, 0))",
    limits={Timed("eager", "forward"): {22: 0.6}, Timed("eager", "both"): {22: 0.9}},
)
def celu(x: Any, alpha: Any = 1.0, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """CELU, ``x if x > 0 else alpha * expm1(x / alpha)``; with ``alpha = 1`` it is ELU.

    Source: J. T. Barron, "Continuously Differentiable Exponential Linear Units", 2017 (arXiv:1704.07483).

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign; the derivative at 0 is 1, and that with
    respect to ``alpha`` is ``(1 - t) * exp(t) - 1`` below 0, with ``t = x / alpha``. A negative ``alpha`` would make an
    exponential rise of the fall: as a number it is refused, and so is 0. In a tensor ``alpha``, negative numbers,
    infinities and NaN give NaN where ``x`` is negative, and 0 gives the limit, 0.
    """
