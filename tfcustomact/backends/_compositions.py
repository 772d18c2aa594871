"""What more than one backend composes of TensorFlow's ops."""

import tensorflow as tf

from tfcustomact.activations import ACTIVATIONS


def computed(x: tf.Tensor) -> tf.Tensor:
    """Returns what ``x`` is computed in: half precision in float32, and rounded once."""
    return x if x.dtype == tf.float64 else tf.cast(x, tf.float32)


def summed(terms: tf.Tensor, operand: tf.Tensor) -> tf.Tensor:
    """Returns the sum of ``terms`` along what ``operand`` was broadcast along, in its shape and dtype."""
    shape = tf.shape(operand)
    _, axes = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(terms), s1=shape)
    return tf.cast(tf.reshape(tf.reduce_sum(terms, axes), shape), operand.dtype)


def gradients_of_gradient(
    op: str, argument: tf.Tensor, dy: tf.Tensor, x: tf.Tensor, d_by_x: tf.Tensor, d_by_argument: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns the gradients of an activation's gradients with respect to x and its tensor argument.

    Args:
        op: the activation's name.
        argument: the argument.
        dy: the gradient that the first gradients were computed of.
        x: what the activation is of.
        d_by_x: what comes in for the gradient with respect to ``x``.
        d_by_argument: likewise, ``argument``.

    Returns:
        Those with respect to ``argument``, ``dy`` and ``x``, which TensorFlow differentiates further.
    """
    activation = ACTIVATIONS[op]
    assert activation.of_argument is not None
    a, dy_, x_, by_x, by_a = map(computed, (argument, dy, x, d_by_x, d_by_argument))
    f_x, f_a, f_xx, f_xa, f_aa = activation.of_argument.partials(x_, a)
    of_argument = summed(dy_ * (by_x * f_xa + by_a * f_aa), argument)
    of_dy = by_x * f_x + by_a * f_a
    of_x = dy_ * (by_x * f_xx + by_a * f_xa)
    return of_argument, tf.cast(of_dy, dy.dtype), tf.cast(of_x, x.dtype)
