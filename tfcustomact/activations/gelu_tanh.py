"""GELU's approximation, x * (1 + tanh(u)) / 2 with u = sqrt(2 / pi) * (x + 0.044715 * x^3).

With a = |x|, t = 2 |u| = K a + M a^3, z = exp(-t), s = 1 / (1 + z), d = (z - 1) s and c = z s^2

    gelu_tanh    = (-a z  if x < 0 else  x) s
    gelu_tanh'   = z s (1 - a t' s)  if x < 0 else  1 minus that; a t' = t + 2 M a^3
    gelu_tanh''  = c (2 t' + a t'' + a t'^2 d)
    gelu_tanh''' = c (3 (t'^2 d + t'') + a (t'^3 (1 - 6 c) + 3 t' t'' d + t'''))  if x >= 0 else  minus that

A factor z is computed as e * e with e = exp(-t / 2): ``a * e * e`` is a normal number long after z is not. The rounding
error of t is corrected, since the exponential makes it a relative error of the same size.
"""

from __future__ import annotations

from fractions import Fraction
from math import frexp, inf, ldexp
from typing import Any, NamedTuple

from tfcustomact.activations._activation import Root, SpecialValues, Timed, activation
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# Float64 numbers, as in TensorFlow and PyTorch, and their product.
_K, _CUBIC = 1.5957691216057308, 0.044715
_M = Fraction(_K) * Fraction(_CUBIC)


def _split(number: float | Fraction, bits: int) -> tuple[float, float]:
    """Returns the number's leading bits, and what remains."""
    digits, exponent = frexp(float(number))
    high = ldexp(round(ldexp(digits, bits)), exponent - bits)
    return high, float(Fraction(number) - Fraction(high))


class _Grid(NamedTuple):
    """How |x| and the constants are divided so that products of their high parts have no rounding errors."""

    far: float
    """From here on a * exp(-t) is zero."""
    of_x: float
    of_cube: float
    bits: int


_GRIDS = {
    "float32": _Grid(11.0, 2.0**4, 2.0**2, 11),
    "float64": _Grid(22.0, 2.0**11, 2.0**12, 27),
}


class _Parts(NamedTuple):
    negative: tf.Tensor
    a: tf.Tensor
    t: tf.Tensor
    t_low: tf.Tensor
    e: tf.Tensor
    correction: tf.Tensor
    z: tf.Tensor
    s: tf.Tensor
    dt: tf.Tensor


def _value(x: tf.Tensor) -> tf.Tensor:
    negative, a, _, _, e, correction, _, s, _ = _parts(x)
    return select(negative, -a * correction * e * e, x) * s


def _derivative(x: tf.Tensor) -> tf.Tensor:
    negative, a, t, t_low, e, correction, z, s, _ = _parts(x)
    # With q = z s, s is 1 - q and 1 - a t' s is 1 - a t' + a t' q: where z is small, so are the errors of q.
    q, rest = z * s, 2 * float(_M) * a * a * a
    small = correction * (1 - q) * ((1 - t) + ((t + rest) * q - (rest + t_low))) * e * e
    return select(negative, small, 1 - small)


def _second(x: tf.Tensor) -> tf.Tensor:
    _, a, _, _, e, correction, z, s, dt = _parts(x)
    factor = 2 * dt + 6 * float(_M) * a * a + a * dt * dt * ((z - 1) * s)
    return factor * correction * s * s * e * e


def _third(x: tf.Tensor) -> tf.Tensor:
    negative, a, _, _, e, correction, z, s, dt = _parts(x)
    sixfold = 6 * float(_M)
    d2t, d, c = sixfold * a, (z - 1) * s, z * s * s
    factor = 3 * (dt * dt * d + d2t) + a * (dt**3 * (1 - 6 * c) + 3 * dt * d2t * d + sixfold)
    third = factor * correction * s * s * e * e
    return select(negative, -third, third)


def _parts(x: tf.Tensor) -> _Parts:
    grid = _GRIDS[x.dtype.name]
    negative = x < 0
    # Not tf.abs, whose derivative at 0 would be neither side's, and not tf.minimum, whose derivative at NaN is 0.
    a = select(negative, -x, x)
    a = select(a > grid.far, grid.far * tf.ones_like(a), a)
    m = float(_M)
    t = a * (_K + m * (a * a))
    (k_high, k_low), (m_high, m_low) = _split(_K, grid.bits), _split(_M, grid.bits)
    high = tf.round(a * grid.of_x) / grid.of_x
    low, cube = a - high, high * high * high
    cube_high = tf.round(cube * grid.of_cube) / grid.of_cube
    large = k_high * high + m_high * cube_high
    small = (k_low * high + m_low * cube_high + m * (cube - cube_high)) + low * (
        _K + m * (3 * high * high + low * (3 * high + low))
    )
    exponent = -0.5 * t
    # Where a compiler fuses a product and a sum, the product is one without a rounding error. The correction has
    # no derivative: that of t is exact.
    t_low = tf.stop_gradient(2 * (exponent + 0.5 * large) + small)
    correction = 1 - t_low
    e = tf.exp(exponent)
    z = correction * e * e
    return _Parts(negative, a, t, t_low, e, correction, z, 1 / (1 + z), _K + 3 * m * a * a)


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    finite = math.isfinite(x)
    a = math.minimum(abs(math.where(finite, x, 0.0)), 50.0)
    # All products of high parts are exact, and each of them has an exponential of its own.
    (k_high, k_low), (m_high, m_low) = (map(math.wide, _split(number, 19)) for number in (_K, _M))
    high = math.wide(math.truncated(a, 38))
    wide = math.wide(a)
    low, cube = wide - high, high * high * high
    k, m = k_high + k_low, m_high + m_low
    low_terms = k_low * high + m_low * cube + low * (k + m * (3 * high * high + low * (3 * high + low)))
    z = math.exp(-k_high * high) * math.exp(-m_high * cube) * math.exp(-low_terms)
    s, dt = 1 / (1 + z), k + 3 * m * wide * wide
    if derivative == 0:
        share = math.where(x < 0, z * s, s)
        result = math.where(x == 0, x, math.wide(math.where(finite, x, 0.0)) * share)
        limits = math.where(x < 0, -0.0, x)
    elif derivative == 1:
        small = z * s * (1 - wide * dt * s)
        result = math.where(x < 0, small, 1 - small)
        limits = math.where(math.isnan(x), x, math.where(x < 0, 0.0, 1.0))
    else:
        result = z * s * s * (2 * dt + 6 * m * wide * wide + wide * dt * dt * (z - 1) * s)
        limits = math.where(math.isnan(x), x, 0.0)
    return math.where(finite, result, limits)


def _definition(mpmath: Any, x: Any) -> Any:
    return x / (1 + mpmath.exp(-mpmath.mpf(_K) * (x + mpmath.mpf(_CUBIC) * x**3)))


@activation(
    layer="GELUTanh",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    native_limit=3.9,
    special_values=(SpecialValues((), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.5, 0.5)),),
    # The roots are at -0.7525, and at -1.4129 and 1.4129.
    roots={1: (Root(-1.5, -0.4, 2**-3),), 2: (Root(-2.2, -1, 2**-3), Root(1, 2.2, 2**-3))},
    turning_points=(0.7525, 1.4129, 9.9, 10.5, 20.9, 21.4),
    peers={"jax": "gelu"},
    compositions={"tf.nn.gelu(x, approximate=True)": lambda x: tf.nn.gelu(x, approximate=True)},
    plain="tf.nn.gelu(x, approximate=True)",
    at_relus_price=False,
    limits={Timed("eager", "forward"): {22: 0.3}, Timed("eager", "both"): {22: 0.3}},
)
def gelu_tanh(x: Any, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """GELU's approximation, ``x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2``.

    Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016 (arXiv:1606.08415). The constants are
    rounded to ``float64``.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign.
    """
