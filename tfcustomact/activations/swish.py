"""Swish, x * sigmoid(beta * x).

With t = beta * x, a = |t|, e = exp(-a / 2) and z = e * e:

    swish   = (x * z  if t < 0 else x) / (1 + z)
    swish'  = (z * (1 - a + z)  if t < 0 else 1 + z + a * z) / (1 + z)^2
    swish'' = beta * z * (2 * (1 + z) - a * (1 - z)) / (1 + z)^3

Nothing overflows. ``x * z`` is computed as ``x * e * e``: it is a normal number long after ``z`` is not.

With beta = 1 fewer passes over memory do:

    swish   = x * s(x)
    swish'  = (1 + x * s(-x)) * s(x)

where s is the sigmoid: see `_times_sigmoid`. In eager mode on the CPU, one more pass, which writes nothing, tests
whether x * s(x) can be computed as a plain quotient.
"""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import numpy as np

from tfcustomact.activations._activation import OfArgument, Root, SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._exact_product import is_exact, rounding_error
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import in_save_context, tf

# From here on exp(-a / 2) is zero.
_FAR = {"float32": 210.0, "float64": 1500.0}

# From here on x * exp(-x) is zero, and x times an infinity is still what it was times the largest number.
_FAR_FOR_ONE = {"float32": 200.0, "float64": 1600.0}

# exp(-t) overflows before exp(t), times what it is multiplied by, is zero: such t are moved by the first number, which
# has few enough digits for the sum to be exact. The second is its exponential's reciprocal: a float32, since
# tf.nn.leaky_relu takes no other, and off by less than half an ULP of t's dtype.
_SHIFT = {
    "float32": (16.0, float(np.exp(np.float32(-16)))),
    "float64": (float.fromhex("0x1.fb7f93d3d46p+3"), float.fromhex("0x1.162cp-23")),
}


# For larger numbers than this, y / (1 + exp(-t)) with y = t is right: exp(-t) does not overflow.
_PLAIN = {"float32": -88.0, "float64": -709.0}


class _Parts(NamedTuple):
    negative: tf.Tensor
    a: tf.Tensor
    a_low: tf.Tensor | None
    e: tf.Tensor
    z: tf.Tensor


def _value(x: tf.Tensor, beta: float | tf.Tensor) -> tf.Tensor:
    """Swish."""
    if _is_one(beta):
        if _is_plain(x):
            return _quotient(x, x)
        far = _FAR_FOR_ONE[x.dtype.name]
        return _times_sigmoid(tf.maximum(x, -far), x)
    negative, _, a_low, e, z = _parts(x, beta)
    left = _finite(x) * e * e
    if a_low is not None:
        left *= 1 - a_low
    return select(negative, left, x) / (1 + z)


def _derivative(x: tf.Tensor, beta: float | tf.Tensor) -> tf.Tensor:
    """Its first derivative."""
    # With a model, the gradient is saved, and TensorFlow differentiates what was saved: that takes the general form, as
    # the derivative of a quotient is NaN where its exponential overflows.
    if _is_one(beta) and not in_save_context():
        far = _FAR_FOR_ONE[x.dtype.name]
        return _times_sigmoid(1 + _quotient(tf.clip_by_value(x, -far, far), -x), x)
    negative, a, a_low, e, z = _parts(x, beta)
    left = 1 - a + z
    if a_low is not None:
        left -= a_low * (1 + left)
    return select(negative, left * e * e, 1 + z + a * z) / tf.square(1 + z)


def _second(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Its second derivative."""
    t = _product(x, beta)
    a, _ = _clamped(select(t < 0, -t, t))
    e = tf.exp(-0.5 * a)
    z = e * e
    # What beta * e is multiplied by is at most 1 / 2, and e at most 1: nothing overflows, however large beta is.
    return (2 * (1 + z) - a * (1 - z)) * e / (1 + z) ** 3 * (beta * e)


def _third(x: tf.Tensor, beta: float | tf.Tensor) -> tf.Tensor:
    """Its third derivative, beta^2 c (3 (q - s) + t (1 - 6 c)) with s = sigmoid(t), q = sigmoid(-t) and c = s q."""
    t, s, q = _sigmoids(beta * _finite(x))
    c = s * q
    factor = 3 * (q - s) + t * (1 - 6 * c)
    # A large beta^2 is infinite, and so is a large beta times the factor, while c or the factor is zero. TensorFlow's
    # graph optimizer makes one constant of those that a tensor is multiplied by, but not across a choice.
    s, q = beta * s, beta * q
    smaller, larger = select(t < 0, s, q), select(t < 0, q, s)
    return smaller * factor * larger


def _by_beta(x: tf.Tensor, beta: tf.Tensor) -> tf.Tensor:
    """Its derivative with respect to ``beta``, x^2 z / (1 + z)^2."""
    _, _, a_low, e, z = _parts(x, beta)
    by_beta = tf.square(_finite(x) * e) / tf.square(1 + z)
    return by_beta if a_low is None else by_beta * (1 - a_low)


def _partials(x: tf.Tensor, beta: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Its first two derivatives with respect to ``x`` and ``beta``.

    With t, s, q and c as in `_third` they are s (1 + t q), x^2 c, beta c (2 + t (q - s)), x c (2 + t (q - s)) and
    x^3 c (q - s).
    """
    x = _finite(x)
    t, s, q = _sigmoids(beta * x)
    smaller, larger = select(t < 0, s, q), select(t < 0, q, s)
    difference = q - s
    factor = 2 + t * difference
    # A product with the smaller one of the two comes first: without it, x^2 overflows while c is zero.
    by_beta = x * smaller * larger * x
    return (
        s * (1 + t * q),
        by_beta,
        beta * smaller * factor * larger,
        x * smaller * factor * larger,
        by_beta * difference * x,
    )


def _sigmoids(t: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    # Where the sigmoid of either sign is zero, t counts as the number where that begins.
    limit = _FAR[t.dtype.name]
    t = select(tf.abs(t) > limit, tf.sign(t) * limit, t)
    # Not 1 - s for q: it would be 3 % off at t = 34, in float64.
    return t, tf.sigmoid(t), tf.sigmoid(-t)


def _is_one(beta: float | tf.Tensor) -> bool:
    return not isinstance(beta, tf.Tensor) and beta == 1


def _times_sigmoid(y: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Returns ``y * sigmoid(t)``, where ``y`` is finite and, wherever ``exp(-t)`` overflows, negative."""
    # Where exp(-t) overflows, the quotient is -0, and the one shifted by `_SHIFT` is right. Elsewhere the latter
    # is nearer to zero if they are negative, and larger if they are positive: the minimum is right.
    shift, factor = _SHIFT[t.dtype.name]
    shifted = tf.nn.leaky_relu(_quotient(y, t + shift), factor)
    # One name, so that no more large arrays are held at once than are needed.
    y = _quotient(y, t)
    return tf.minimum(y, shifted)


def _is_plain(x: tf.Tensor) -> bool:
    """Says whether every number of ``x`` is known to be larger than `_PLAIN`. NaN is none of these."""
    # On a GPU the answer would have to be waited for.
    return tf.executing_eagerly() and ":CPU:" in x.device and bool(tf.reduce_min(x) > _PLAIN[x.dtype.name])


def _quotient(y: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Returns ``y / (1 + exp(-t))``."""
    # In eager mode one operation, since each is a pass over memory; in a graph the plain ones, which TFLite has.
    if tf.executing_eagerly():
        return tf.raw_ops.SoftplusGrad(gradients=y, features=t)
    return y / (1 + tf.exp(-t))


def _parts(x: tf.Tensor, beta: float | tf.Tensor) -> _Parts:
    t = _product(x, beta)
    negative = t < 0
    # Not tf.abs, whose derivative at 0 would be neither side's.
    a, far = _clamped(select(negative, -t, t))
    e = tf.exp(-0.5 * a)
    if not isinstance(beta, tf.Tensor) and is_exact(beta):
        a_low = None
    else:
        # |t| = a + a_low: the exponential would turn half an ULP of rounding error in t into |t| / 2 ULPs.
        low = rounding_error(x, beta, t)
        a_low = select(far, tf.zeros_like(a), select(negative, -low, low))
    return _Parts(negative, a, a_low, e, e * e)


def _product(x: tf.Tensor, beta: float | tf.Tensor) -> tf.Tensor:
    # A subnormal beta may be flushed to zero, and one in a tensor may be zero.
    is_normal = not isinstance(beta, tf.Tensor) and abs(beta) >= np.finfo(x.dtype.as_numpy_dtype).tiny
    return beta * (x if is_normal else _finite(x))


def _finite(x: tf.Tensor) -> tf.Tensor:
    # An infinity times zero has no value; the largest number times zero is the zero wanted.
    return select(tf.math.is_inf(x), tf.sign(x) * x.dtype.max, x)


def _clamped(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    # Unlike tf.minimum, this keeps NaN on every device.
    limit = _FAR[a.dtype.name]
    far = a >= limit
    return select(far, limit * tf.ones_like(a), a), far


def _exactly(math: Any, x: Any, beta: float, derivative: int) -> Any:
    finite = math.isfinite(x)
    finite_x = math.where(finite, x, 0.0)
    t, s, opposite = _exact_sigmoids(math, finite_x, beta)
    towards = x * math.sign(math.full_like(x, beta))
    if derivative == 0:
        result = math.where(x == 0, x, math.wide(finite_x) * s)
        limits = math.where(towards > 0, x, math.where(towards < 0, math.where(x < 0, -0.0, 0.0), x / 2))
    elif derivative == 1:
        result = s + t * s * opposite
        limits = math.where(towards > 0, 1.0, math.where(towards < 0, 0.0, math.where(math.isnan(x), x, 0.5)))
    else:
        result = math.wide(math.full_like(x, beta)) * s * opposite * (2 + t * (opposite - s))
        limits = math.where(math.isnan(x), x, 0.0)
    return math.where(finite, result, limits)


def _exactly_by_beta(math: Any, x: Any, beta: float) -> Any:
    finite_x = math.where(math.isfinite(x), x, 0.0)
    _, s, opposite = _exact_sigmoids(math, finite_x, beta)
    wide = math.wide(finite_x)
    return math.where(math.isfinite(x), wide * s * wide * opposite, math.where(math.isnan(x) | (beta == 0), x * x, 0.0))


def _exact_sigmoids(math: Any, x: Any, beta: float) -> tuple[Any, Any, Any]:
    """Returns t = beta * x, and the sigmoids of t and -t."""
    x_high, x_low = math.halves(x)
    beta_high, beta_low = math.halves(math.full_like(x, beta))
    # beta * x = large + small, where the product of the high halves is exact and the other products need few digits.
    large = x_high * beta_high
    small = x_high * beta_low + x_low * beta_high + x_low * beta_low
    far = abs(large) > FAR
    large = math.where(far, math.where(large > 0, FAR, -FAR), large)
    small = math.where(far, 0, small)
    t = large + small
    s = 1 / (1 + math.exp(-large) * math.exp(-small))
    opposite = 1 / (1 + math.exp(large) * math.exp(small))
    return t, s, opposite


def _definition(mpmath: Any, x: Any, beta: Any) -> Any:
    return x / (1 + mpmath.exp(-beta * x))


def _in_keras(layers: Any, dtype: str, beta: Any) -> Any:
    if np.any(beta == 0):
        return [layers.Rescaling(0.5, dtype=dtype)] if np.all(beta == 0) else None
    scale, scale_back = (layers.Rescaling(factor, dtype=dtype) for factor in (beta, 1 / beta))
    return [scale, layers.Activation("silu", dtype=dtype), scale_back]


@activation(
    layer="Swish",
    aliases=("silu",),
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    of_argument=OfArgument(
        _by_beta, _partials, _exactly_by_beta, {"x * tf.sigmoid(beta * x)": lambda x, beta: x * tf.sigmoid(beta * x)}
    ),
    scales_x=True,
    special_values=(
        SpecialValues((1.0,), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.5, 0.5)),
        SpecialValues((1.7,), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.5, 0.5)),
        SpecialValues((-1.7,), (0.0, -inf, 0.0, -0.0), (0.0, 1.0, 0.5, 0.5)),
        SpecialValues((0.0,), (inf, -inf, 0.0, -0.0), (0.5, 0.5, 0.5, 0.5)),
    ),
    # The roots are at -1.2785, at -2.3994 and 2.3994, and at 0 (and further out).
    roots={1: (Root(-2, -0.8, 2**-4),), 2: (Root(-3, -2, 2**-4), Root(2, 3, 2**-4))},
    turning_points=(0.8, 1.2784645, 2.0),
    peers={"tf.nn": "silu", "keras": "silu", "torch": "silu", "jax": "silu"},
    in_keras=_in_keras,
    compositions={"x * tf.sigmoid(x)": lambda x: x * tf.sigmoid(x)},
    plain="tf.nn.silu",
    limits={
        Timed("eager", "forward"): {24: 0.25},
        Timed("eager", "both"): {24: 0.125},
        Timed("jit", "forward"): dict.fromkeys((10, 14, 18, 20, 22, 24, 26), 1.02),
        Timed("eager", "forward", "float64"): {10: 1.25, 14: 1.0, 18: 1.0, 20: 1.0, 22: 1.0, 24: 1.0},
    },
)
def swish(x: Any, beta: Any = 1.0, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """Swish, ``x * sigmoid(beta * x)``; with ``beta = 1`` it is SiLU, and `silu` is this same function.

    Source: P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017 (arXiv:1710.05941);
    S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
    Reinforcement Learning", 2017 (arXiv:1702.03118).

    What others call ``quick_gelu``, an approximation of GELU, is ``swish(x, beta=1.702)``.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign; with ``beta = 0`` the result is ``x / 2``. The
    derivative with respect to ``beta`` is ``x^2 * sigmoid(beta * x) * sigmoid(-beta * x)``. Infinite numbers and NaN
    in a tensor ``beta`` give what the formula gives: with an infinity, the limits, and NaN where ``x`` is 0.
    """


silu = swish
