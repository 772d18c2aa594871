"""What a gated unit is computed of: gate and up, or one packed tensor with these as the halves of its last axis."""

from collections.abc import Sequence

import tensorflow as tf

# Not tf.split and tf.concat: XLA's context gives the gradient of concat's gradient no gradient.


def alike(operands: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
    """Returns the operands, with what makes TensorFlow say at run time that gate and up have different shapes."""
    gate = operands[0]
    if len(operands) == 1 or gate.shape.merge_with(operands[1].shape).is_fully_defined():
        return operands
    # One would be broadcast to the other, and its gradient would not be what it was asked for.
    return [gate, tf.reshape(operands[1], tf.shape(gate))]


def pair(operands: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
    """Returns gate and up."""
    if len(operands) == 2:
        return operands
    (packed,) = operands
    shape = tf.shape(packed)
    halves: list[tf.Tensor] = tf.unstack(
        tf.reshape(packed, tf.concat([shape[:-1], [2, shape[-1] // 2]], axis=0)), 2, axis=-2
    )
    return halves


def like(operands: Sequence[tf.Tensor], gate: tf.Tensor, up: tf.Tensor) -> list[tf.Tensor]:
    """Returns these two as ``operands`` are: two tensors, or one packed tensor."""
    return [gate, up] if len(operands) == 2 else [tf.reshape(tf.stack([gate, up], axis=-2), tf.shape(operands[0]))]


def op_name(op: str, count: int) -> str:
    """Returns what the unit with the activation named ``op`` is called, of so many operands."""
    return f"{op}_{'packed' if count == 1 else 'gated'}"
