"""How a function of tensors is run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
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


# The backends in the modes in which they compute differently. An op runs the same kernel in a graph as eagerly, and the
# backend xla what it has compiled; inside what XLA compiles, the backend xla is the backend python.
COMPUTATIONS = (
    ("native", "eager"),
    ("native", "jit"),
    ("xla", "eager"),
    ("python", "eager"),
    ("python", "graph"),
    ("python", "jit"),
)
every_computation = pytest.mark.parametrize(("backend", "mode"), COMPUTATIONS, indirect=True)
