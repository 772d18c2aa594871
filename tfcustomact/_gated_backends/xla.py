"""Gated units compiled by XLA: value and gradient are one fused computation each."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import tensorflow as tf

from tfcustomact._gated_backends import python
from tfcustomact._gated_backends.operands import alike
from tfcustomact.backends import xla


def call(op: str, operands: Sequence[tf.Tensor], *arguments: float) -> tf.Tensor:
    """Returns the unit with the activation named ``op``."""
    first = operands[0]
    if not xla.has_room(("gated", op, *arguments, len(operands), first.dtype, str(first.shape))):
        return python.call(op, operands, *arguments)
    return _function(len(operands), first.dtype, op, *arguments)(*alike(operands))


def eager_call(op: str, count: int, *arguments: float) -> Callable[..., tf.Tensor]:
    """Returns the unit with the activation named ``op``, of so many eager tensors."""
    return lambda *operands: call(op, operands, *arguments)


def tensor_call(op: str, count: int) -> Callable[..., tf.Tensor]:
    """Returns the unit of the argument of the activation named ``op``, and so many tensors."""
    return python.composed(xla.tensor_call(op))


@lru_cache(maxsize=xla.MAX_COMPILED)
def _function(count: int, dtype: tf.DType, op: str, *arguments: float) -> Callable[..., tf.Tensor]:
    operands = [tf.TensorSpec(None, dtype)] * count
    value, gradient = python.passes(op, *arguments)
    compiled = python.Passes(xla.jit(value, *operands), xla.jit(gradient, operands[0], *operands))
    return python.differentiable(compiled, op, *arguments)
