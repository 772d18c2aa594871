"""Gated units on each backend. The modules have its name, and offer

    def call(op: str, operands: Sequence[tf.Tensor], *arguments: float) -> tf.Tensor
    def eager_call(op: str, count: int, *arguments: float) -> Callable[..., tf.Tensor]
    def tensor_call(op: str, count: int) -> Callable[..., tf.Tensor]

``call`` returns, with the activation named ``op`` and its arguments, ``f(gate) up`` of two tensors, or of one packed
tensor, the halves of whose last axis they are; differentiable any number of times. ``eager_call`` returns what does the
same for so many eager tensors, and is kept. ``tensor_call`` returns the unit of a tensor that is the activation's
argument, or in eager mode a variable of TensorFlow, and so many tensors; it is called in the mode in which it was.
Whether a backend can run it is answered by its module in `tfcustomact.backends`, asked for the name that
`operands.op_name` returns.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import tensorflow as tf

from tfcustomact._gated_backends import native, python, xla


class GatedBackend(Protocol):
    """What a module offers."""

    def call(self, op: str, operands: Sequence[tf.Tensor], *arguments: float) -> tf.Tensor:
        """Returns the unit of two tensors, or one."""

    def eager_call(self, op: str, count: int, *arguments: float) -> Callable[..., tf.Tensor]:
        """Returns the unit of so many eager tensors."""

    def tensor_call(self, op: str, count: int) -> Callable[..., tf.Tensor]:
        """Returns the unit of its activation's argument and so many tensors."""


BACKENDS: dict[str, GatedBackend] = {"native": native, "xla": xla, "python": python}
