"""What products and quotients of a tensor and a number or tensor lose (T. J. Dekker, Numer. Math. 18, 1971)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tfcustomact.activations._tensorflow import tf


class _Layout(NamedTuple):
    integer: str
    low_bits: int
    exponent: int
    """The bits of the exponent."""


_LAYOUTS = {"float32": _Layout("int32", 12, 0xFF << 23), "float64": _Layout("int64", 27, 0x7FF << 52)}


def rounding_error(x: tf.Tensor, factor: float | tf.Tensor, product: tf.Tensor) -> tf.Tensor:
    """Returns ``x * factor - product``, where ``product`` is ``x * factor`` rounded; NaN where that overflowed.

    A tensor ``factor`` has x's dtype and broadcasts to its shape.
    """
    # Powers of two go from the factor to x, so that no part of a product that matters is subnormal.
    if isinstance(factor, tf.Tensor):
        scale = _power_of_two(factor)
        factor_high, factor_low = _split(factor / scale)
    else:
        scale = 2.0 ** (int(np.frexp(factor)[1]) - 1)
        factor_high, factor_low = _split_constant(factor / scale, x.dtype)
    x_high, x_low = _split(x * scale)
    # The first product is exact, its factors have half the bits each: fusing it with the subtraction changes nothing.
    return ((x_high * factor_high - product) + x_high * factor_low + x_low * factor_high) + x_low * factor_low


def quotient_error(x: tf.Tensor, divisor: float | tf.Tensor, quotient: tf.Tensor) -> tf.Tensor:
    """Returns ``x / divisor - quotient``, where ``quotient`` is ``x / divisor`` rounded; NaN where that overflowed.

    A tensor ``divisor`` has x's dtype and broadcasts to its shape.
    """
    # Powers of two go from the divisor to x, so that no part of the product with the quotient is subnormal.
    scale = _power_of_two(divisor) if isinstance(divisor, tf.Tensor) else 2.0 ** (int(np.frexp(divisor)[1]) // 2)
    scaled = divisor / scale
    return -rounding_error(quotient, scaled, x / scale) / scaled


def is_exact(factor: float) -> bool:
    """Whether every product and quotient with ``factor`` is exact: it is zero or a power of two."""
    return abs(np.frexp(factor)[0]) in (0.0, 0.5)


def _power_of_two(factor: tf.Tensor) -> tf.Tensor:
    # The largest one that is not larger; for zeros and subnormal numbers, by which nothing can be divided, 1.
    layout = _LAYOUTS[factor.dtype.name]
    exponent = tf.constant(layout.exponent, layout.integer)
    power = tf.bitcast(tf.bitwise.bitwise_and(tf.bitcast(factor, layout.integer), exponent), factor.dtype)
    return tf.where(power > 0, power, tf.ones_like(power))


def _split(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    # Masking bits cannot overflow, as Veltkamp's splitting does, and no compiler simplifies it away.
    layout = _LAYOUTS[x.dtype.name]
    mask = tf.constant(-(1 << layout.low_bits), layout.integer)
    high = tf.bitcast(tf.bitwise.bitwise_and(tf.bitcast(x, layout.integer), mask), x.dtype)
    return high, x - high


def _split_constant(value: float, dtype: tf.DType) -> tuple[float, float]:
    layout = _LAYOUTS[dtype.name]
    full = np.array(value, dtype.as_numpy_dtype)
    high = (full.view(layout.integer) & -(1 << layout.low_bits)).view(full.dtype)
    return float(high), float(full - high)
