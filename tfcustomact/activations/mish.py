"""Mish, x * tanh(softplus(x)).

With z = exp(x), tanh(softplus(x)) is z (2 + z) / D, where D = 2 + 2 z + z^2, and so, on the left of zero,

    mish    = x z (2 + z) / D
    mish'   = z (4 (1 + x) + (6 + 4 x) z + 4 z^2 + z^3) / D^2
    mish''  = 4 z (4 + 2 x + (8 + 2 x) z + (6 - 3 x) z^2 + (2 - 2 x) z^3) / D^3
    mish''' = 4 z (12 + 4 x + 24 z - 32 x z^2 - 24 (1 + x) z^3 + (5 x - 21) z^4 + (4 x - 6) z^5) / D^4

On the right they are divided by powers of z: with z = exp(-x), D and the other polynomials have their coefficients in
reverse, and their first factor is 1, or 4 z^2 from the second derivative on. The first derivative is written

    mish'   = 1 + z^2 (4 x - 2 + (4 x - 4) z - 4 z^2) / D^2

there: what TensorFlow makes of it, in a model that was saved, is exact then, too. Nothing overflows. On the left a
factor z is computed as e * e, with e = exp(x / 2): ``x * e * e`` is a normal number long after z is not.
"""

from __future__ import annotations

import functools
from math import inf
from typing import Any, NamedTuple

from tfcustomact.activations._activation import Root, SpecialValues, Timed, activation
from tfcustomact.activations._exact import FAR
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# From here on x * exp(-|x|) is zero.
_FAR = {"float32": 200.0, "float64": 1600.0}


class _Parts(NamedTuple):
    negative: tf.Tensor
    x: tf.Tensor
    e: tf.Tensor
    z: tf.Tensor


def _value(x: tf.Tensor) -> tf.Tensor:
    negative, near, e, z = _parts(x)
    return select(negative, near * e * (e * (2 + z)), x * (1 + 2 * z)) / _denominator(negative, z)


def _derivative(x: tf.Tensor) -> tf.Tensor:
    negative, x, e, z = _parts(x)
    left = _polynomial(z, 4 * (1 + x), 6 + 4 * x, 4, 1)
    right = _polynomial(z, 4 * x - 2, 4 * x - 4, -4)
    change = select(negative, e * left * e, z * right * z) / tf.square(_denominator(negative, z))
    # Not by adding 0 on the left: a zero has a sign there.
    return select(negative, change, 1 + change)


def _second(x: tf.Tensor) -> tf.Tensor:
    negative, x, e, z = _parts(x)
    coefficients = 4 + 2 * x, 8 + 2 * x, 6 - 3 * x, 2 - 2 * x
    left, right = _polynomial(z, *coefficients), _polynomial(z, *coefficients[::-1])
    return select(negative, 4 * e * left * e, 4 * z * right * z) / _denominator(negative, z) ** 3


def _third(x: tf.Tensor) -> tf.Tensor:
    negative, x, e, z = _parts(x)
    coefficients = 12 + 4 * x, 24, -32 * x, -24 * (1 + x), 5 * x - 21, 4 * x - 6
    left, right = _polynomial(z, *coefficients), _polynomial(z, *coefficients[::-1])
    return select(negative, 4 * e * left * e, 4 * z * right * z) / _denominator(negative, z) ** 4


def _parts(x: tf.Tensor) -> _Parts:
    # Unlike tf.clip_by_value, this keeps NaN on every device.
    limit = _FAR[x.dtype.name]
    x = select(tf.abs(x) > limit, tf.sign(x) * limit, x)
    negative = x < 0
    # Not tf.abs, whose derivative at 0 would be neither side's.
    exponent = select(negative, x, -x)
    return _Parts(negative, x, tf.exp(0.5 * exponent), tf.exp(exponent))


def _denominator(negative: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    return select(negative, _polynomial(z, 2, 2, 1), _polynomial(z, 1, 2, 2))


def _polynomial(z: tf.Tensor, *coefficients: tf.Tensor | int) -> tf.Tensor:
    """Returns the polynomial of ``z`` with these coefficients, the constant first."""
    return functools.reduce(lambda higher, lower: lower + z * higher, coefficients[::-1])


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    finite = math.isfinite(x)
    wide = math.wide(math.where(finite, math.clip(x, -FAR, FAR), 0.0))
    s, q = 1 / (1 + math.exp(-wide)), 1 / (1 + math.exp(wide))
    of_q = 1 + q * q
    if derivative == 0:
        result = math.where(x == 0, x, math.wide(math.where(finite, x, 0.0)) * (s * (1 + q) / of_q))
        limits = math.where(x < 0, -0.0, x)
    elif derivative == 1:
        result = s * ((1 + q) * of_q + 4 * wide * q * q) / (of_q * of_q)
        limits = math.where(math.isnan(x), x, math.where(x < 0, 0.0, 1.0))
    else:
        result = 4 * s * q * q / (of_q * of_q) * (2 + wide * (q - 2 * s + 4 * s * q * q / of_q))
        limits = math.where(math.isnan(x), x, 0.0)
    return math.where(finite, result, limits)


def _definition(mpmath: Any, x: Any) -> Any:
    return x * mpmath.tanh(mpmath.log1p(mpmath.exp(x)))


@activation(
    layer="Mish",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    native_limit=3.9,
    special_values=(SpecialValues((), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.6, 0.6)),),
    # The roots are at -1.1924, and at -2.2564 and 1.4907.
    roots={1: (Root(-2, -0.8, 2**-4),), 2: (Root(-3, -1.8, 2**-4), Root(1, 2, 2**-4))},
    turning_points=(1.1924254,),
    peers={"keras": "mish", "torch": "mish", "jax": "mish"},
    compositions={"x * tf.tanh(tf.nn.softplus(x))": lambda x: x * tf.tanh(tf.nn.softplus(x))},
    plain="x * tf.tanh(tf.nn.softplus(x))",
    at_relus_price=False,
    limits={Timed("eager", "forward"): {22: 0.3}, Timed("eager", "both"): {22: 0.3}},
)
def mish(x: Any, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """Mish, ``x * tanh(softplus(x))``.

    Source: D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019 (arXiv:1908.08681).

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign.
    """
