"""The formulas in TensorFlow ops, one module per activation, named like it.

Each module has ``value(x, parameter)``, ``gradient(x, parameter)``, ``curvature(x, parameter)`` (the second derivative)
and ``third(x, parameter)``, for ``float32`` and ``float64`` tensors, computed in ``x``'s dtype. A parameter that is a
tensor has that dtype, too.
"""

from importlib import import_module
from typing import Protocol, cast

import tensorflow as tf

from tfcustomact._activations import ACTIVATIONS


class Formulas(Protocol):
    """What a module of formulas offers."""

    def value(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """The activation itself."""

    def gradient(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """Its derivative with respect to ``x``; TensorFlow differentiates the one that it saves with a model."""

    def curvature(self, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """Its second derivative with respect to ``x``, whose derivative is always ``third``."""

    def third(self, x: tf.Tensor, parameter: float | tf.Tensor) -> tf.Tensor:
        """Its third derivative with respect to ``x``, which TensorFlow differentiates as often as it is asked to."""


FORMULAS = {op: cast(Formulas, import_module(f"{__name__}.{op}")) for op in ACTIVATIONS}
