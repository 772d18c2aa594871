"""Activations of one's own, for the tests, and one of them in NumPy's float64."""

import numpy as np
import tensorflow as tf

import tfcustomact as tca


@tca.activation
def derived(x, a=1.0):
    return x * tf.sigmoid(a * x)


@tca.activation
def written(x, a=1.0):
    return x * tf.sigmoid(a * x)


@written.gradient
def _(x, a):
    s, q = tf.sigmoid(a * x), tf.sigmoid(-a * x)
    return s * (1 + a * x * q), x * x * s * q


@written.second_gradient
def _(x, a):
    s, q = tf.sigmoid(a * x), tf.sigmoid(-a * x)
    return a * s * q * (2 + a * x * (q - s))


def reference(x, a):
    """The value, and the derivatives by x and by a, by x twice, and by x and a."""
    x, a = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(a, np.float64))
    t = a * x
    s, q = 1 / (1 + np.exp(-t)), 1 / (1 + np.exp(t))
    bent = s * q * (2 + t * (q - s))
    return x * s, s * (1 + t * q), x * x * s * q, a * bent, x * bent
