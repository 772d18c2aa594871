"""GELU, x * Phi(x), where Phi is the standard normal distribution's function.

With a = |x|, z = exp(-a^2 / 2), c = 1 / sqrt(2 pi) and Q = 1 - Phi(a), which is erfc(a / sqrt(2)) / 2,

    gelu    = -a Q  if x < 0 else  x (1 - Q)
    gelu'   = Q - a c z  if x < 0 else  1 minus that
    gelu''  = c z (2 - a^2)
    gelu''' = c z x (a^2 - 4)

Up to a = 1, Q is computed by the power series of Phi, and from there on as z m(t) / (a + 4) with t = (a - 4) / (a + 4)
and a polynomial m: TensorFlow's erfc is not exact for large arguments, and TFLite has none. A factor z is computed as
e * e with e = exp(-a^2 / 4): ``a * e * e`` is a normal number long after z is not. The rounding error of a^2 is
corrected, since the exponential makes it a relative error of the same size.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import factorial, inf, pi, sqrt
from typing import Any, NamedTuple

from tfcustomact.activations._activation import Root, SpecialValues, Timed, activation
from tfcustomact.activations._select import select
from tfcustomact.activations._tensorflow import tf

# From here on a * exp(-a^2 / 2) is zero.
_FAR = {"float32": 15.0, "float64": 40.0}

# Numbers of this many per unit have squares without rounding errors.
_GRID = {"float32": 2.0**5, "float64": 2.0**20}

_DENSITY = 1 / sqrt(2 * pi)

# Of (Phi(a) - 1 / 2) / a as a function of a^2, highest power first.
_SERIES = [(-1) ** k * _DENSITY / (2**k * factorial(k) * (2 * k + 1)) for k in range(15, -1, -1)]

# The polynomial m, highest power first: NormalRatioFloat32 and NormalRatioFloat64 of tools/fit_polynomials.py.
_RATIO = {
    "float32": (
        -2.0546387531794608e-05,
        -0.00013948269770480692,
        0.00022434271522797644,
        0.0015875479439273477,
        -0.0035408486146479845,
        -0.007533975876867771,
        0.06041088327765465,
        -0.18652217090129852,
        0.3871362805366516,
        -0.607896625995636,
        0.7552851438522339,
    ),
    "float64": (
        -1.2662093135941404e-12,
        -1.6478383515611887e-09,
        -4.091815302108272e-09,
        5.0039631522904874e-09,
        2.569656778712932e-08,
        8.980853855111265e-09,
        -9.562349379518742e-08,
        -1.5177198180571915e-07,
        2.8157608076900023e-07,
        1.0202286874143829e-06,
        -6.35544967323248e-07,
        -5.919894399815157e-06,
        7.189326098370965e-07,
        3.5144674534141895e-05,
        -1.9088268043210654e-06,
        -0.00023109494188173268,
        0.00013334440187903827,
        0.0016308184588303672,
        -0.0034796923756560995,
        -0.007540188966795954,
        0.060396574891329206,
        -0.1865218579596569,
        0.38713740074220726,
        -0.6078966419718921,
        0.7552851304157515,
    ),
}


class _Parts(NamedTuple):
    negative: tf.Tensor
    a: tf.Tensor
    e: tf.Tensor
    correction: tf.Tensor


def _value(x: tf.Tensor) -> tf.Tensor:
    negative, a, e, correction = parts = _parts(x)
    ratio, near = _ratio(a) * correction, _near(parts)
    left = select(a < 1, -a * near, -a * ratio * e * e)
    return select(negative, left, x * (1 - select(a < 1, near, ratio * e * e)))


def _derivative(x: tf.Tensor) -> tf.Tensor:
    negative, a, e, correction = parts = _parts(x)
    far = (_ratio(a) - _DENSITY * a) * correction * e * e
    small = select(a < 1, _near(parts) - _DENSITY * a * correction * e * e, far)
    return select(negative, small, 1 - small)


def _second(x: tf.Tensor) -> tf.Tensor:
    _, a, e, correction = _parts(x)
    return (2 * _DENSITY - _DENSITY * a * a) * correction * e * e


def _third(x: tf.Tensor) -> tf.Tensor:
    negative, a, e, correction = _parts(x)
    return select(negative, -a, a) * (_DENSITY * a * a - 4 * _DENSITY) * correction * e * e


def _parts(x: tf.Tensor) -> _Parts:
    negative = x < 0
    # Not tf.abs, whose derivative at 0 would be neither side's, and not tf.minimum, whose derivative at NaN is 0.
    a = select(negative, -x, x)
    a = select(a > _FAR[x.dtype.name], _FAR[x.dtype.name] * tf.ones_like(a), a)
    grid = _GRID[x.dtype.name]
    high = tf.round(a * grid) / grid
    exponent = -0.25 * (a * a)
    # Where a compiler fuses a product and a sum, the product is one without a rounding error.
    error = -2 * (exponent + 0.25 * high * high) - 0.5 * (a - high) * (a + high)
    # It has no derivative: that of the exponent is exact.
    return _Parts(negative, a, tf.exp(exponent), tf.stop_gradient(1 + error))


def _near(parts: _Parts) -> tf.Tensor:
    return 0.5 - parts.a * _polynomial(_SERIES, parts.a * parts.a)


def _ratio(a: tf.Tensor) -> tf.Tensor:
    return _polynomial(_RATIO[a.dtype.name], (a - 4) / (a + 4)) / (a + 4)


def _polynomial(terms: Sequence[float], x: tf.Tensor) -> tf.Tensor:
    return functools.reduce(lambda q, term: q * x + term, terms, tf.zeros_like(x))


def _exactly(math: Any, x: Any, derivative: int) -> Any:
    finite = math.isfinite(x)
    a = abs(math.where(finite, x, 0.0))
    density, tail = math.tail_of_normal(a)
    if derivative == 0:
        share = math.where(x < 0, tail, 1 - tail)
        result = math.where(x == 0, x, math.wide(math.where(finite, x, 0.0)) * share)
        limits = math.where(x < 0, -0.0, x)
    elif derivative == 1:
        small = tail - math.wide(math.minimum(a, 1000.0)) * density
        result = math.where(x < 0, small, 1 - small)
        limits = math.where(math.isnan(x), x, math.where(x < 0, 0.0, 1.0))
    else:
        wide = math.wide(math.minimum(a, 1000.0))
        result = density * (2 - wide * wide)
        limits = math.where(math.isnan(x), x, 0.0)
    return math.where(finite, result, limits)


def _definition(mpmath: Any, x: Any) -> Any:
    return x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2


@activation(
    layer="GELU",
    value=_value,
    derivatives=(_derivative, _second, _third),
    exact=_exactly,
    definition=_definition,
    variant="gelu_tanh",
    native_limit=3.9,
    special_values=(SpecialValues((), (inf, -0.0, 0.0, -0.0), (1.0, 0.0, 0.5, 0.5)),),
    # The roots are at -0.7518, and at -1.4142 and 1.4142.
    roots={1: (Root(-1.5, -0.4, 2**-3),), 2: (Root(-2.2, -1, 2**-3), Root(1, 2.2, 2**-3))},
    turning_points=(0.7517916, 1.0, 1.4142136, 13.2, 14.4, 37.7, 38.6),
    peers={"tf.nn": "gelu", "keras": "gelu", "torch": "gelu"},
    not_converted={"ONNX": "tf2onnx has no Erfc"},
    plain="tf.nn.gelu",
    at_relus_price=False,
    limits={Timed("eager", "forward"): {22: 0.3}, Timed("eager", "both"): {22: 0.3}},
)
def gelu(x: Any, approximate: bool = False, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
    """GELU, ``x * Phi(x)`` with the standard normal distribution's function; with ``approximate``, `gelu_tanh`.

    Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016 (arXiv:1606.08415).

    What others call ``quick_gelu``, ``x * sigmoid(1.702 * x)``, is ``swish(x, beta=1.702)``.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign.
    """
