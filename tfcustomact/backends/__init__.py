"""The backends: name and module of each, in order of preference.

A backend is a module with

    NAME: str
    def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]
    def call(op: str, x: tf.Tensor, parameter: float) -> tf.Tensor

``reasons_against`` says why the backend cannot run the activation named ``op`` on a kind of device (``"CPU"``,
``"GPU"``, ``"TPU"``, ...); an empty list means that it can. ``call`` is differentiable twice with respect to ``x``.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

import tensorflow as tf

BACKENDS = {
    "native": "tfcustomact.backends.native",
    "xla": "tfcustomact.backends.xla",
    "python": "tfcustomact.backends.python",
}


class Backend(Protocol):
    """What a backend's module offers."""

    NAME: str

    def reasons_against(self, op: str, device: str, dtype: tf.DType) -> list[str]:
        """Returns why this backend cannot run; nothing if it can."""

    def call(self, op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
        """Returns the activation of ``x``."""


@cache
def load(name: str) -> Backend:
    """Returns the backend called ``name``."""
    try:
        return cast(Backend, import_module(BACKENDS[name]))
    except ModuleNotFoundError as error:
        return _Missing(name, str(error))


@dataclass(frozen=True)
class _Missing:
    NAME: str
    reason: str

    def reasons_against(self, op: str, device: str, dtype: tf.DType) -> list[str]:
        return [self.reason]

    def call(self, op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
        raise NotImplementedError(self.reason)
