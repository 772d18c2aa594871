"""Gated units in plain TensorFlow ops, with hand-written gradients."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf
from tensorflow.python.saved_model import save_context

from tfcustomact._gated_backends.operands import alike, like, pair
from tfcustomact._gated_backends.second import gradients_of_gradient
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import python
from tfcustomact.backends._compositions import computed
from tfcustomact.backends.python import with_gradient


def call(op: str, operands: Sequence[tf.Tensor], *arguments: float) -> tf.Tensor:
    """Returns the unit with the activation named ``op``."""
    first = operands[0]
    if first.shape.rank is not None and first.shape.rank >= python.MAX_DIMENSIONS:
        shape = tf.shape(first)
        rows = [tf.reshape(each, [tf.reduce_prod(shape[:-1]), shape[-1]]) for each in operands]
        y = call(op, rows, *arguments)
        return tf.reshape(y, tf.concat([shape[:-1], tf.shape(y)[1:]], axis=0))
    return differentiable(passes(op, *arguments), op, *arguments)(*alike(operands))


def eager_call(op: str, count: int, *arguments: float) -> Callable[..., tf.Tensor]:
    """Returns the unit with the activation named ``op``, of so many eager tensors."""
    return lambda *operands: call(op, operands, *arguments)


def tensor_call(op: str, count: int) -> Callable[..., tf.Tensor]:
    """Returns the unit of the argument of the activation named ``op``, and so many tensors."""
    return composed(python.tensor_call(op))


def composed(activation: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> Callable[..., tf.Tensor]:
    """Returns the unit of the activation's argument and the operands, as the activation and a product."""

    def unit(argument: tf.Tensor, *operands: tf.Tensor) -> tf.Tensor:
        gate, up = map(computed, pair(alike(operands)))
        return tf.cast(activation(computed(argument), gate) * up, operands[0].dtype)

    return unit


class Passes(NamedTuple):
    """The passes over memory that a unit takes: each is one computation, and knows nothing of the other."""

    value: Callable[..., tf.Tensor]
    """f(gate) up, of the operands"""
    gradient: Callable[..., list[tf.Tensor]]
    """dy (up f'(gate)) and dy f(gate), as the operands are, of dy and the operands"""


def passes(op: str, *arguments: float) -> Passes:
    """Returns the passes of the unit with the activation named ``op``, in TensorFlow's ops."""
    activation = ACTIVATIONS[op]

    def value(*operands: tf.Tensor) -> tf.Tensor:
        gate, up = map(computed, pair(operands))
        return tf.cast(activation.value(gate, *arguments) * up, operands[0].dtype)

    def gradient(dy: tf.Tensor, *operands: tf.Tensor) -> list[tf.Tensor]:
        incoming = computed(dy)
        gate, up = map(computed, pair(operands))
        dgate = incoming * (up * activation.derivatives[0](gate, *arguments))
        dup = incoming * activation.value(gate, *arguments)
        return like(operands, tf.cast(dgate, dy.dtype), tf.cast(dup, dy.dtype))

    return Passes(value, gradient)


def differentiable(passes: Passes, op: str, *arguments: float) -> Callable[..., tf.Tensor]:
    """Returns the unit as a function that TensorFlow differentiates by its passes, and then by its activation's."""
    pull_back = gradients_of_gradient(python.orders(python.passes(op, *arguments)))

    def value(*operands: tf.Tensor) -> tf.Tensor:
        return with_gradient(passes.value, gradient, *operands)

    def gradient(dy: tf.Tensor, *operands: tf.Tensor) -> list[tf.Tensor]:
        if save_context.in_save_context():
            # TensorFlow saves a gradient with a model, but not that gradient's own.
            return passes.gradient(dy, *operands)
        gradients: list[tf.Tensor] = with_gradient(passes.gradient, pull_back, dy, *operands)
        return gradients

    return value
