"""The formulas in TensorFlow ops, one module per activation, named like it.

Each module has ``value(x, parameter)``, ``gradient(x, parameter)`` and ``curvature(x, parameter)`` (the second
derivative), for ``float32`` and ``float64`` tensors, computed in ``x``'s dtype.
"""

from importlib import import_module
from typing import Protocol, cast

import tensorflow as tf


class Formulas(Protocol):
    """What a module of formulas offers."""

    def value(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """The activation itself."""

    def gradient(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """Its derivative with respect to ``x``."""

    def curvature(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """Its second derivative with respect to ``x``, itself differentiable."""


def formulas(op: str) -> Formulas:
    """Returns the formulas of the activation named ``op``."""
    return cast(Formulas, import_module(f"{__name__}.{op}"))
