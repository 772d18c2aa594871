"""The backends: each one's module by its name, in order of preference.

A backend is a module with

    NAME: str
    def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]
    def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor
    def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]
    def tensor_call(op: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    def biased_call(op: str, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

``reasons_against`` says why the backend cannot run the activation named ``op`` on a kind of device (``"CPU"``,
``"GPU"``, ``"TPU"``, ...); an empty list means that it can. ``call`` is differentiable any number of times.
``eager_call`` returns what does the same for eager tensors, and is kept: it should put few Python frames in between.
``tensor_call`` returns the activation of a tensor that is its argument, and x; ``biased_call`` that of x and a bias,
which are added first. What they return is called in the mode, eager or not, in which they were, and differentiable like
``call``. In eager mode, the argument or the bias may be a variable of TensorFlow.
"""

from collections.abc import Callable
from typing import Protocol

import tensorflow as tf

from tfcustomact.backends import native, python, xla


class Backend(Protocol):
    """What a backend's module offers."""

    NAME: str

    def reasons_against(self, op: str, device: str, dtype: tf.DType) -> list[str]:
        """Returns why this backend cannot run; nothing if it can."""

    def call(self, op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
        """Returns the activation of ``x``."""

    def eager_call(self, op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
        """Returns the activation of eager tensors."""

    def tensor_call(self, op: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        """Returns the activation of its argument and x."""

    def biased_call(self, op: str, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        """Returns the activation of x and a bias."""


# Imported with the package, not on first use: a saved model with compiled ops in it can then be loaded.
BACKENDS: dict[str, Backend] = {backend.NAME: backend for backend in (native, xla, python)}
