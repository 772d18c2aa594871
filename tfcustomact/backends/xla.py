"""The formulas of the backend ``python``, compiled by XLA: value and gradient are one fused computation each."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import tensorflow as tf

from tfcustomact.backends import python

NAME = "xla"

# XLA compiles once per shape, and keeps what it compiled: this many activations, dtypes, arguments and sizes in all.
MAX_COMPILED = 64

_DEVICES = ("CPU", "GPU", "TPU")
_compiled: set[tuple[str, tf.DType, tuple[float, ...], int]] = set()


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns why XLA cannot run the activation named ``op``; nothing if it can."""
    reasons = []
    if device not in _DEVICES:
        reasons.append(f"XLA compiles for {', '.join(_DEVICES)}, not for {device}")
    if not tf.test.is_built_with_xla():
        reasons.append("this TensorFlow was built without XLA: install one with it")
    return reasons


def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    if not tf.executing_eagerly():
        y = _function(op, x.dtype, *arguments)(x)
        y.set_shape(x.shape)
        return y
    entry = (op, x.dtype, arguments, x.shape.num_elements())
    if entry not in _compiled:
        if len(_compiled) >= MAX_COMPILED:
            _warn_that_it_is_full()
            return python.call(op, x, *arguments)
        _compiled.add(entry)
    if x.shape.rank == 1:
        return _function(op, x.dtype, *arguments)(x)
    # One dimension, so that what is compiled for a size serves every shape of it.
    return tf.reshape(_function(op, x.dtype, *arguments)(tf.reshape(x, [-1])), x.shape)


def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its arguments."""
    return lambda x: call(op, x, *arguments)


@lru_cache(maxsize=MAX_COMPILED)
def _function(op: str, dtype: tf.DType, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    return python.differentiable(_compiled_passes(op, dtype, *arguments))


@lru_cache(maxsize=MAX_COMPILED)
def _compiled_passes(op: str, dtype: tf.DType, *arguments: float) -> python.Passes:
    # Each pass is compiled by itself. The gradient that TensorFlow makes of a compiled function is not always compiled,
    # and its graph optimizer reorders products that must stay as they are.
    def compiled(one_pass: Callable[..., tf.Tensor], inputs: int) -> Callable[..., tf.Tensor]:
        signature = [tf.TensorSpec(None, dtype)] * inputs
        function: Callable[..., tf.Tensor] = tf.function(
            _CountedAlone(one_pass), jit_compile=True, autograph=False, input_signature=signature
        )
        return function

    value, derivative, second, third = python.passes(op, *arguments)
    return python.Passes(compiled(value, 1), compiled(derivative, 2), compiled(second, 3), compiled(third, 4))


@dataclass(frozen=True)
class _CountedAlone:
    """A function whose traces TensorFlow counts by themselves.

    It counts those of all functions with the same code together, and would warn of too many after a few
    arguments, though for each of these the function is traced once.
    """

    function: Callable[..., tf.Tensor]

    def __call__(self, *inputs: tf.Tensor) -> tf.Tensor:
        return self.function(*inputs)


@lru_cache(maxsize=1)
def _warn_that_it_is_full() -> None:
    warnings.warn(
        f"tfcustomact's backend 'xla' has compiled {MAX_COMPILED} combinations of activation, dtype, argument and "
        "size, and compiles no more in eager mode: others run on the backend 'python' from here on. Call from a "
        "tf.function, or use fewer sizes.",
        RuntimeWarning,
        stacklevel=2,
    )
