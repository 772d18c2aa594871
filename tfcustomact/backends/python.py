"""Plain TensorFlow ops with hand-written gradients: runs wherever TensorFlow runs."""

from collections.abc import Callable
from functools import partial

import tensorflow as tf

from tfcustomact._formulas import formulas

NAME = "python"


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns nothing: every device and dtype is served."""
    return []


def call(op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    activation = formulas(op)
    computing = computing_type(x.dtype)

    # The identities bring x into the graph that its gradient is built in: without them, a gradient of a gradient taken
    # outside a tf.function looks for a tensor inside it.

    @tf.custom_gradient
    def value(x: tf.Tensor) -> tf.Tensor:
        def pull_back(dy: tf.Tensor) -> tf.Tensor:
            return gradient(dy, tf.identity(x))

        return tf.cast(activation.value(tf.cast(x, computing), parameter), x.dtype), pull_back

    @tf.custom_gradient
    def gradient(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        wide = tf.cast(x, computing)

        def pull_back(ddy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            curvature = tf.cast(dy, computing) * activation.curvature(wide, parameter)
            return gradient(ddy, tf.identity(x)), tf.cast(tf.cast(ddy, computing) * curvature, x.dtype)

        return tf.cast(tf.cast(dy, computing) * activation.gradient(wide, parameter), x.dtype), pull_back

    return value(x)


def eager_call(op: str, parameter: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its parameter."""
    return partial(call, op, parameter=parameter)


def computing_type(dtype: tf.DType) -> tf.DType:
    """Returns the dtype to compute in: half precision is computed in single precision and rounded once."""
    return tf.float64 if dtype == tf.float64 else tf.float32
