"""Plain TensorFlow ops with hand-written gradients: runs wherever TensorFlow runs."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import tensorflow as tf

from tfcustomact._formulas import formulas

NAME = "python"


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns nothing: every device and dtype is served."""
    return []


def call(op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    return differentiable(passes(op, parameter))(x)


class Passes(NamedTuple):
    """The passes over memory that an activation takes: each is one computation, and knows nothing of the others."""

    value: Callable[[tf.Tensor], tf.Tensor]
    """f(x)"""
    gradient: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    """dy f'(x), of dy and x"""
    curvature: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    """ddx dy f''(x), of ddx, dy and x"""


def passes(op: str, parameter: float) -> Passes:
    """Returns the passes of the activation named ``op``, in TensorFlow's ops."""
    activation = formulas(op)

    def value(x: tf.Tensor) -> tf.Tensor:
        return tf.cast(activation.value(_computed(x), parameter), x.dtype)

    def gradient(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(_computed(dy) * activation.gradient(_computed(x), parameter), x.dtype)

    def curvature(ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(_computed(ddx) * (_computed(dy) * activation.curvature(_computed(x), parameter)), x.dtype)

    return Passes(value, gradient, curvature)


def differentiable(passes: Passes) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation as a function that TensorFlow differentiates by its passes."""

    # The identities bring x into the graph that its gradient is built in: without them, a gradient of a gradient taken
    # outside a tf.function looks for a tensor inside it.

    @tf.custom_gradient
    def value(x: tf.Tensor) -> tf.Tensor:
        return passes.value(x), lambda dy: gradient(dy, tf.identity(x))

    @tf.custom_gradient
    def gradient(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        def pull_back(ddx: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return gradient(ddx, tf.identity(x)), passes.curvature(ddx, dy, x)

        return passes.gradient(dy, x), pull_back

    return value


def eager_call(op: str, parameter: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its parameter."""
    return partial(call, op, parameter=parameter)


def _computed(x: tf.Tensor) -> tf.Tensor:
    # Half precision is computed in single precision and rounded once.
    return x if x.dtype == tf.float64 else tf.cast(x, tf.float32)
