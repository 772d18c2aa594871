"""ELU, x if x > 0 else alpha * expm1(x) (D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep
Network Learning by Exponential Linear Units", 2015).

Its first derivative is 1 for x > 0 and alpha * exp(x) elsewhere, alpha at zero; its second is 0 for x > 0 and
alpha * exp(x) elsewhere. ``alpha * exp(x)`` is computed as ``alpha * e * e`` with ``e = exp(x / 2)``: for a large
alpha it is a normal number long after ``exp(x)`` is not.
"""

import tensorflow as tf


def value(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """ELU. A zero is itself, whatever the sign of ``alpha``."""
    return tf.where(x >= 0, x, alpha * tf.math.expm1(_not_positive(x)))


def gradient(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its first derivative."""
    return tf.where(x > 0, tf.ones_like(x), _scaled_exponential(x, alpha))


def curvature(x: tf.Tensor, alpha: float) -> tf.Tensor:
    """Its second derivative."""
    return tf.where(x > 0, tf.zeros_like(x), _scaled_exponential(x, alpha))


def _scaled_exponential(x: tf.Tensor, alpha: float) -> tf.Tensor:
    e = tf.exp(0.5 * _not_positive(x))
    return alpha * e * e


def _not_positive(x: tf.Tensor) -> tf.Tensor:
    # Unlike tf.minimum, this keeps NaN on every device.
    return tf.where(x > 0, tf.zeros_like(x), x)
