"""Swish, x * sigmoid(beta * x) (P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017).

With t = beta * x, a = |t|, e = exp(-a / 2) and z = e * e:

    swish   = (x * z  if t < 0 else x) / (1 + z)
    swish'  = (z * (1 - a + z)  if t < 0 else 1 + z + a * z) / (1 + z)^2
    swish'' = beta * z * (2 * (1 + z) - a * (1 - z)) / (1 + z)^3

Nothing overflows. ``x * z`` is computed as ``x * e * e``: it is a normal number long after ``z`` is not.

With beta = 1 fewer passes over memory do:

    swish   = x * s(x)
    swish'  = (1 + x * s(-x)) * s(x)

where s is the sigmoid: see `_times_sigmoid`. In eager mode on the CPU, one more pass, which writes nothing, sees
whether x * s(x) is a plain quotient.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.python.saved_model import save_context

from tfcustomact._formulas._exact_product import is_exact, rounding_error
from tfcustomact._formulas._select import select

# From here on exp(-a / 2)^2 times the largest x is zero.
_FAR = {tf.float32: 180.0, tf.float64: 1500.0}

# From here on x * exp(-x) is zero, and x times an infinity is still what it was times the largest number.
_FAR_FOR_ONE = {tf.float32: 200.0, tf.float64: 1600.0}

# exp(-t) overflows before exp(t), times what it is multiplied by, is zero: such t are moved by the first number, which
# has few enough digits for the sum to be exact. The second is its exponential's reciprocal: a float32, since
# tf.nn.leaky_relu takes no other, and off by less than half an ULP of t's dtype.
_SHIFT = {
    tf.float32: (16.0, float(np.exp(np.float32(-16)))),
    tf.float64: (float.fromhex("0x1.fb7f93d3d46p+3"), float.fromhex("0x1.162cp-23")),
}


# For larger numbers than this, y / (1 + exp(-t)) with y = t is right: exp(-t) does not overflow.
_PLAIN = {tf.float32: -88.0, tf.float64: -709.0}


class _Parts(NamedTuple):
    negative: tf.Tensor
    a: tf.Tensor
    a_low: tf.Tensor | None
    e: tf.Tensor
    z: tf.Tensor


def value(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Swish."""
    if beta == 1:
        if _is_plain(x):
            return _quotient(x, x)
        far = _FAR_FOR_ONE[x.dtype]
        return _times_sigmoid(tf.maximum(x, -far), x)
    negative, _, a_low, e, z = _parts(x, beta)
    tail = _finite(x) * e * e
    if a_low is not None:
        tail *= 1 - a_low
    return select(negative, tail, x) / (1 + z)


def gradient(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Its first derivative."""
    # With a model, the gradient is saved, and TensorFlow differentiates what was saved: that takes the general form, as
    # the derivative of a quotient is NaN where its exponential overflows.
    if beta == 1 and not save_context.in_save_context():
        far = _FAR_FOR_ONE[x.dtype]
        return _times_sigmoid(1 + _quotient(tf.clip_by_value(x, -far, far), -x), x)
    negative, a, a_low, e, z = _parts(x, beta)
    tail = 1 - a + z
    if a_low is not None:
        tail -= a_low * (1 + tail)
    return select(negative, tail * e * e, 1 + z + a * z) / tf.square(1 + z)


def curvature(x: tf.Tensor, beta: float) -> tf.Tensor:
    """Its second derivative."""
    t = _product(x, beta)
    a, _ = _clamped(select(t < 0, -t, t))
    e = tf.exp(-0.5 * a)
    z = e * e
    # What beta * e is multiplied by is at most 1 / 2, and e at most 1: nothing overflows, however large beta is.
    return (2 * (1 + z) - a * (1 - z)) * e / (1 + z) ** 3 * (beta * e)


def third(x: tf.Tensor, beta: float | tf.Tensor) -> tf.Tensor:
    """Its third derivative, beta^2 c (3 (q - s) + t (1 - 6 c)) with s = sigmoid(t), q = sigmoid(-t) and c = s q."""
    t = beta * _finite(x)
    limit = _FAR[x.dtype]
    t = select(tf.abs(t) > limit, tf.sign(t) * limit, t)
    # Not 1 - s for q: it would be 3 % off at t = 34, in float64.
    s, q = tf.sigmoid(t), tf.sigmoid(-t)
    c = s * q
    factor = 3 * (q - s) + t * (1 - 6 * c)
    # A large beta^2 is infinite, and so is a large beta times the factor, while c or the factor is zero. TensorFlow's
    # graph optimizer makes one constant of those that a tensor is multiplied by, but not across a choice.
    s, q = beta * s, beta * q
    smaller, larger = select(t < 0, s, q), select(t < 0, q, s)
    return smaller * factor * larger


def _times_sigmoid(y: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Returns ``y * sigmoid(t)``, where ``y`` is finite and, wherever ``exp(-t)`` overflows, negative."""
    # Where exp(-t) overflows, the quotient is -0. The tail is right on the far left of zero, and elsewhere nearer to
    # zero than the quotient if they are negative, and larger if they are positive: the minimum is right.
    shift, factor = _SHIFT[t.dtype]
    tail = tf.nn.leaky_relu(_quotient(y, t + shift), factor)
    # One name, so that no more large arrays are held at once than are needed.
    y = _quotient(y, t)
    return tf.minimum(y, tail)


def _is_plain(x: tf.Tensor) -> bool:
    """Says whether every number of ``x`` is known to be larger than `_PLAIN`. NaN is none of these."""
    # On a GPU the answer would have to be waited for.
    return tf.executing_eagerly() and ":CPU:" in x.device and bool(tf.reduce_min(x) > _PLAIN[x.dtype])


def _quotient(y: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Returns ``y / (1 + exp(-t))``."""
    # In eager mode one operation, since each is a pass over memory; in a graph the plain ones, which TFLite has.
    if tf.executing_eagerly():
        return tf.raw_ops.SoftplusGrad(gradients=y, features=t)
    return y / (1 + tf.exp(-t))


def _parts(x: tf.Tensor, beta: float) -> _Parts:
    t = _product(x, beta)
    negative = t < 0
    # Not tf.abs, whose derivative at 0 would be neither side's.
    a, far = _clamped(select(negative, -t, t))
    e = tf.exp(-0.5 * a)
    if is_exact(beta):
        a_low = None
    else:
        # |t| = a + a_low: the exponential would turn half an ULP of rounding error in t into |t| / 2 ULPs.
        low = rounding_error(x, beta, t)
        a_low = select(far, tf.zeros_like(a), select(negative, -low, low))
    return _Parts(negative, a, a_low, e, e * e)


def _product(x: tf.Tensor, beta: float) -> tf.Tensor:
    # A subnormal beta may be flushed to zero.
    return beta * (x if abs(beta) >= np.finfo(x.dtype.as_numpy_dtype).tiny else _finite(x))


def _finite(x: tf.Tensor) -> tf.Tensor:
    # An infinity times zero has no value; the largest number times zero is the zero wanted.
    return select(tf.math.is_inf(x), tf.sign(x) * x.dtype.max, x)


def _clamped(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    # Unlike tf.minimum, this keeps NaN on every device.
    limit = _FAR[a.dtype]
    far = a >= limit
    return select(far, limit * tf.ones_like(a), a), far
