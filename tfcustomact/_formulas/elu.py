"""ELU, x if x > 0 else alpha * expm1(x) (D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep
Network Learning by Exponential Linear Units", 2015).

Its first derivative is 1 for x > 0 and alpha * exp(x) elsewhere, alpha at zero; those after it are 0 for x > 0 and
alpha * exp(x) elsewhere. For ``|alpha| > 1``, ``alpha * exp(x)`` is computed as ``alpha * e * e`` with
``e = exp(x / 2)``: it is a normal number long after ``exp(x)`` is not.
"""

import tensorflow as tf

from tfcustomact._formulas._select import select


def value(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """ELU. A zero is itself, whatever the sign of ``alpha``."""
    negative = tf.math.expm1(x)
    return select(x >= 0, x, negative if alpha == 1 else alpha * negative)


def gradient(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its first derivative."""
    if alpha == 1:
        return tf.exp(tf.minimum(x, 0))
    return select(x > 0, tf.ones_like(x), _scaled_exponential(x, alpha))


def curvature(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its second derivative."""
    return select(x > 0, tf.zeros_like(x), _scaled_exponential(x, alpha))


def third(x: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """Its third derivative, and every one after it."""
    positive, zeros = x > 0, tf.zeros_like(x)
    # Not by tf.minimum, whose derivative at NaN is 0.
    e = tf.exp(0.5 * select(positive, zeros, x))
    return select(positive, zeros, alpha * e * e)


def _scaled_exponential(x: tf.Tensor, alpha: float) -> tf.Tensor:
    # Positive numbers would overflow, and an infinity times the zero gradient of what is not selected is NaN.
    x = tf.minimum(x, 0)
    if abs(alpha) <= 1:
        return alpha * tf.exp(x)
    e = tf.exp(0.5 * x)
    return alpha * e * e
