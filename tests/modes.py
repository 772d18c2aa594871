"""How a function of tensors is run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class Mode:
    """Makes a function of tensors run eagerly, in a graph, or compiled by XLA."""

    name: str

    @property
    def jit(self) -> bool:
        return self.name == "jit"

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function if self.name == "eager" else tf.function(function, autograph=False, jit_compile=self.jit)
