"""Swish, x * sigmoid(beta * x) (P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017).

With t = beta * x, a = |t|, e = exp(-a / 2) and z = e * e:

    swish   = (x * z  if t < 0 else x) / (1 + z)
    swish'  = (z * (1 - a + z)  if t < 0 else 1 + z + a * z) / (1 + z)^2
    swish'' = beta * z * (2 * (1 + z) - a * (1 - z)) / (1 + z)^3

Nothing overflows. ``x * z`` is computed as ``x * e * e``: it is a normal number long after ``z`` is not.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfcustomact._formulas._exact_product import is_exact, rounding_error

# From here on exp(-a / 2)^2 times the largest x is zero.
_FAR = {tf.float32: 180.0, tf.float64: 1500.0}


class _Parts(NamedTuple):
    negative: tf.Tensor
    a: tf.Tensor
    a_low: tf.Tensor | None
    e: tf.Tensor
    z: tf.Tensor


def value(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Swish."""
    negative, _, a_low, e, z = _parts(x, beta)
    tail = _finite(x) * e * e
    if a_low is not None:
        tail *= 1 - a_low
    return tf.where(negative, tail, x) / (1 + z)


def gradient(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Its first derivative."""
    negative, a, a_low, e, z = _parts(x, beta)
    tail = 1 - a + z
    if a_low is not None:
        tail -= a_low * (1 + tail)
    return tf.where(negative, tail * e * e, 1 + z + a * z) / tf.square(1 + z)


def curvature(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Its second derivative."""
    a, _ = _clamped(tf.abs(_product(x, beta)))
    e = tf.exp(-0.5 * a)
    z = e * e
    return beta * (2 * (1 + z) - a * (1 - z)) * e * e / (1 + z) ** 3


def _parts(x: tf.Tensor, beta: float) -> _Parts:
    t = _product(x, beta)
    negative = t < 0
    a, far = _clamped(tf.abs(t))
    e = tf.exp(-0.5 * a)
    if is_exact(beta):
        a_low = None
    else:
        # |t| = a + a_low: the exponential would turn half an ULP of rounding error in t into |t| / 2 ULPs.
        low = rounding_error(x, beta, t)
        a_low = tf.where(far, tf.zeros_like(a), tf.where(negative, -low, low))
    return _Parts(negative, a, a_low, e, e * e)


def _product(x: tf.Tensor, beta: float) -> tf.Tensor:
    # A subnormal beta may be flushed to zero.
    return beta * (x if abs(beta) >= np.finfo(x.dtype.as_numpy_dtype).tiny else _finite(x))


def _finite(x: tf.Tensor) -> tf.Tensor:
    # An infinity times zero has no value; the largest number times zero is the zero wanted.
    return tf.where(tf.math.is_inf(x), tf.sign(x) * x.dtype.max, x)


def _clamped(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    # Unlike tf.minimum, this keeps NaN on every device.
    limit = tf.constant(_FAR[a.dtype], a.dtype)
    far = a >= limit
    return tf.where(far, limit, a), far
