"""Plain TensorFlow ops with hand-written gradients: runs wherever TensorFlow runs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.saved_model import save_context

from tfcustomact.activations import ACTIVATIONS

NAME = "python"

# Some of TensorFlow's kernels support no more.
_MAX_DIMENSIONS = 8


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns nothing: every device and dtype is served."""
    return []


def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    return eager_call(op, *arguments)(x)


def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its arguments."""
    return differentiable(passes(op, *arguments))


class Passes(NamedTuple):
    """The passes over memory that an activation takes: each is one computation, and knows nothing of the others."""

    value: Callable[[tf.Tensor], tf.Tensor]
    """f(x)"""
    derivative: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    """dy f'(x), of dy and x"""
    second: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    """ddx dy f''(x), of ddx, dy and x"""
    third: Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    """d3x ddx dy f'''(x), of d3x, ddx, dy and x"""


def passes(op: str, *arguments: float) -> Passes:
    """Returns the passes of the activation named ``op``, in TensorFlow's ops."""
    activation = ACTIVATIONS[op]
    f1, f2, f3 = activation.derivatives

    def value(x: tf.Tensor) -> tf.Tensor:
        return tf.cast(activation.value(_computed(x), *arguments), x.dtype)

    def derivative(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(_computed(dy) * f1(_computed(x), *arguments), x.dtype)

    def second(ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(_computed(ddx) * (_computed(dy) * f2(_computed(x), *arguments)), x.dtype)

    def third(d3x: tf.Tensor, ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        factors = _computed(d3x) * (_computed(ddx) * _computed(dy))
        return tf.cast(factors * f3(_computed(x), *arguments), x.dtype)

    return Passes(value, derivative, second, third)


def differentiable(passes: Passes) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation as a function that TensorFlow differentiates by its passes.

    The fourth and all later derivatives are TensorFlow's own of ``passes.third``.
    """

    def value(x: tf.Tensor) -> tf.Tensor:
        if x.shape.rank is not None and x.shape.rank > _MAX_DIMENSIONS:
            return tf.reshape(value(tf.reshape(x, [-1])), tf.shape(x))
        return _with_gradient(passes.value, lambda dy, x: [derivative(dy, x)], x)

    def derivative(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        if save_context.in_save_context():
            # TensorFlow saves a gradient with a model, but not that gradient's own.
            return passes.derivative(dy, x)
        return _with_gradient(passes.derivative, lambda ddx, dy, x: [derivative(ddx, x), second(ddx, dy, x)], dy, x)

    def second(ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        def pull_back(d3x: tf.Tensor, ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> list[tf.Tensor]:
            return [second(d3x, dy, x), second(d3x, ddx, x), passes.third(d3x, ddx, dy, x)]

        return _with_gradient(passes.second, pull_back, ddx, dy, x)

    return value


def _with_gradient(
    one_pass: Callable[..., tf.Tensor], pull_back: Callable[..., Sequence[tf.Tensor]], *inputs: tf.Tensor
) -> tf.Tensor:
    """Returns ``one_pass(*inputs)``, whose gradients are ``pull_back(dy, *inputs)``."""
    if tf.executing_eagerly():
        # What tf.custom_gradient does, but nothing is recorded, and so kept, of the pass itself.
        with record.stop_recording():
            y = one_pass(*inputs)
        record.record_operation(NAME, [y], inputs, lambda dy: pull_back(tf.convert_to_tensor(dy), *inputs))
        return y

    @tf.custom_gradient
    def graph_pass(*inputs: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], Sequence[tf.Tensor]]]:
        # The identities bring the inputs into the graph that the gradient is built in: without them, a gradient of a
        # gradient taken outside a tf.function looks for a tensor inside it.
        return one_pass(*inputs), lambda dy: pull_back(tf.convert_to_tensor(dy), *map(tf.identity, inputs))

    # The gradient of a branch of tf.cond knows only tensors inside it: these bring others into it.
    return graph_pass(*map(tf.identity, inputs))


def _computed(x: tf.Tensor) -> tf.Tensor:
    # Half precision is computed in float32 and rounded once.
    return x if x.dtype == tf.float64 else tf.cast(x, tf.float32)
