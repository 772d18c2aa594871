"""The formulas of the backend ``python``, compiled by XLA: value and gradient are one fused computation each."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import tensorflow as tf

from tfcustomact.backends import python
from tfcustomact.backends._compositions import gradients_of_gradient

NAME = "xla"

# XLA compiles once per shape, and keeps what it compiled: this many activations, dtypes, arguments and sizes in all.
MAX_COMPILED = 64

_DEVICES = ("CPU", "GPU", "TPU")
_compiled: set[tuple[Any, ...]] = set()


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
    if not has_room((op, x.dtype, arguments, x.shape.num_elements())):
        return python.call(op, x, *arguments)
    if x.shape.rank == 1:
        return _function(op, x.dtype, *arguments)(x)
    # One dimension, so that what is compiled for a size serves every shape of it.
    return tf.reshape(_function(op, x.dtype, *arguments)(tf.reshape(x, [-1])), x.shape)


def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its arguments."""
    return lambda x: call(op, x, *arguments)


def tensor_call(op: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op``, of a tensor as its argument and x."""

    def call(argument: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        if not has_room(("tensor", op, *_kinds(argument, x))):
            return python.tensor_call(op)(argument, x)
        y = _tensor_function(op, argument.dtype, x.dtype)(argument, x)
        y.set_shape(x.shape)
        return y

    return call


def biased_call(op: str, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` of the sum of x and a bias."""

    def call(x: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        if not has_room(("biased", op, *arguments, *_kinds(bias, x))):
            return python.biased_call(op, *arguments)(x, bias)
        y = _biased_function(op, x.dtype, *arguments)(bias, x)
        y.set_shape(x.shape)
        return y

    return call


def _kinds(*inputs: tf.Tensor) -> list[Any]:
    return [kind for each in inputs for kind in (each.dtype, str(each.shape))]


def has_room(entry: tuple[Any, ...]) -> bool:
    """Says whether ``entry`` may be compiled: in a graph always, in eager mode up to `MAX_COMPILED`."""
    if tf.executing_eagerly() and entry not in _compiled:
        if len(_compiled) >= MAX_COMPILED:
            _warn_that_it_is_full()
            return False
        _compiled.add(entry)
    return True


@lru_cache(maxsize=MAX_COMPILED)
def _tensor_function(op: str, argument_dtype: tf.DType, dtype: tf.DType) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    passes = _compiled_of_two(python.passes_of_argument(op), argument_dtype, dtype)
    return python.differentiable_of_two(passes, partial(gradients_of_gradient, op))


@lru_cache(maxsize=MAX_COMPILED)
def _biased_function(op: str, dtype: tf.DType, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    passes = _compiled_of_two(python.passes_of_bias(op, *arguments), dtype, dtype)
    return python.biased(_compiled_passes(op, dtype, *arguments), passes)


def _compiled_of_two(passes: python.PassesOfTwo, operand_dtype: tf.DType, dtype: tf.DType) -> python.PassesOfTwo:
    operand, x = (tf.TensorSpec(None, each) for each in (operand_dtype, dtype))
    return python.PassesOfTwo(jit(passes.value, operand, x), jit(passes.gradient, operand, x, x))


@lru_cache(maxsize=MAX_COMPILED)
def _function(op: str, dtype: tf.DType, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    return python.differentiable(_compiled_passes(op, dtype, *arguments))


@lru_cache(maxsize=MAX_COMPILED)
def _compiled_passes(op: str, dtype: tf.DType, *arguments: float) -> python.Passes:
    x = tf.TensorSpec(None, dtype)
    value, derivative, second, third = python.passes(op, *arguments)
    return python.Passes(jit(value, x), jit(derivative, x, x), jit(second, x, x, x), jit(third, x, x, x, x))


def jit(one_pass: Callable[..., Any], *inputs: tf.TensorSpec) -> Callable[..., Any]:
    """Returns ``one_pass``, of such inputs, compiled.

    Each pass is compiled by itself. The gradient that TensorFlow makes of a compiled function is not always compiled,
    and its graph optimizer reorders products that must stay as they are.
    """
    function: Callable[..., Any] = tf.function(
        _CountedAlone(one_pass), jit_compile=True, autograph=False, input_signature=inputs
    )
    return function


@dataclass(frozen=True)
class _CountedAlone:
    """A function whose traces TensorFlow counts by themselves.

    It counts those of all functions with the same code together, and would warn of too many after a few
    arguments, though for each of these the function is traced once.
    """

    function: Callable[..., Any]

    def __call__(self, *inputs: tf.Tensor) -> Any:
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
