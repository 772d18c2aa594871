"""Activations of one's own with one fault each, and some without."""

import tensorflow as tf

import tfcustomact as tca


@tca.activation
def right(x, a=1.0):
    return tf.where(x > 0, x, a * tf.math.expm1(tf.where(x > 0, tf.zeros_like(x), x)))


@right.gradient
def _(x, a):
    tail = tf.exp(tf.minimum(x, 0.0))
    return tf.where(x > 0, tf.ones_like(x), a * tail), tf.where(x > 0, tf.zeros_like(x), tf.math.expm1(x))


def elu(mpmath, x, a):
    return x if x > 0 else a * mpmath.expm1(x)


@tca.activation
def oscillating(x, a=1.0, b=1.75):
    return a * tf.sin(b * x)


@tca.activation
def flushed_gradient(x):
    return x * tf.sigmoid(x)


@flushed_gradient.gradient
def _(x):
    s = tf.sigmoid(x)
    return tf.where(x < -10, tf.zeros_like(x), s + x * s * tf.sigmoid(-x))


@tca.activation
def untaken_branch(x):
    return tf.where(x > 0, x, tf.math.expm1(x))


@tca.activation
def cancellation(x):
    return tf.where(x > 0, x, tf.exp(tf.minimum(x, 0.0)) - 1)


@tca.activation
def overflow(x):
    return tf.math.log(1 + tf.exp(x))


@tca.activation
def wrong_sign(x):
    return tf.atan(x)


@wrong_sign.gradient
def _(x):
    return -1 / (1 + tf.square(x))


@tca.activation
def wrong_by_a(x, a=1.0):
    return a * tf.atan(x)


@wrong_by_a.gradient
def _(x, a):
    # Right for a = 1 alone.
    return a / (1 + tf.square(x)), a * tf.atan(x)


@tca.activation
def wrong_second(x):
    return tf.sin(x)


@wrong_second.gradient
def _(x):
    return tf.cos(x)


@wrong_second.second_gradient
def _(x):
    return tf.sin(x)


@tca.activation
def infinite_quotient(x):
    return x / (1 + tf.abs(x))


@tca.activation
def nan_lost(x):
    return tf.where(x > 0, x, tf.zeros_like(x))


@tca.activation
def sign_of_zero_lost(x):
    return x + 0.5 * tf.nn.relu(-x)


@tca.activation
def float32_alone(x):
    return tf.constant(0.5) * x
