"""Gated units as compiled TensorFlow ops, one per pass."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import tensorflow as tf
from tensorflow.python.framework import ops

from tfcustomact import _native_library
from tfcustomact._gated_backends.operands import op_name
from tfcustomact._gated_backends.second import gradients_of_gradient, gradients_of_tensor_gradient
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import _vectorized
from tfcustomact.backends.native import eager, scalar
from tfcustomact.backends.python import Orders

_LIBRARY = _native_library.load()


def call(op: str, operands: Sequence[tf.Tensor], *arguments: float) -> tf.Tensor:
    """Returns the unit with the activation named ``op``."""
    return _function(op_name(op, len(operands)))(*map(scalar, arguments), *operands)


def eager_call(op: str, count: int, *arguments: float) -> Callable[..., tf.Tensor]:
    """Returns the unit with the activation named ``op``, of so many eager tensors."""
    return eager(_native_library.op_type(op_name(op, count)), *map(scalar, arguments))


def tensor_call(op: str, count: int) -> Callable[..., tf.Tensor]:
    """Returns the unit of the argument of the activation named ``op``, and so many tensors."""
    name = f"{op_name(op, count)}_tensor"
    return eager(_native_library.op_type(name)) if tf.executing_eagerly() else _function(name)


def _function(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(_LIBRARY, f"tfcustomact_{name}")
    return function


def _orders(op: str, arguments: Sequence[tf.Tensor]) -> Orders:
    value, derivative, second = (partial(_function(op + end), *arguments) for end in ("", "_grad", "_grad_grad"))
    return Orders(value, derivative, lambda ddx, dy, x: ddx * second(dy, x))


def _register(op: str, count: int) -> None:
    name = op_name(op, count)
    op_type = _native_library.op_type(name)
    numbers = len(ACTIVATIONS[op].arguments)
    value, gradient = _function(name), _function(f"{name}_grad")

    @tf.RegisterGradient(op_type)
    def gradient_of_value(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        arguments, operands = operation.inputs[:numbers], operation.inputs[numbers:]
        return [*[None] * numbers, *tf.nest.flatten(gradient(*arguments, dy, *operands))]

    @tf.RegisterGradient(op_type + "Grad")
    def gradient_of_gradient(operation: tf.Operation, *incoming: tf.Tensor) -> list[tf.Tensor | None]:
        arguments, operands = operation.inputs[:numbers], operation.inputs[numbers:]
        pull_back = gradients_of_gradient(_orders(op, arguments))
        return [*[None] * numbers, *pull_back(*map(tf.convert_to_tensor, incoming), *operands)]

    _vectorized.register_elementwise(op_type, value, numbers)
    _vectorized.register_elementwise(op_type + "Grad", gradient, numbers)


def _register_of_tensor(op: str, count: int) -> None:
    name = f"{op_name(op, count)}_tensor"
    op_type, value, gradient = _native_library.op_type(name), _function(name), _function(f"{name}_grad")

    @tf.RegisterGradient(op_type)
    def gradient_of_value(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor]:
        argument, *operands = operation.inputs
        *by_operands, by_argument = gradient(argument, dy, *operands)
        return [by_argument, *by_operands]

    @tf.RegisterGradient(op_type + "Grad")
    def gradient_of_gradient(operation: tf.Operation, *incoming: tf.Tensor) -> list[tf.Tensor]:
        given = map(tf.convert_to_tensor, (*operation.inputs, *incoming))
        return gradients_of_tensor_gradient(op, _function(f"{op}_tensor"), *given)

    _vectorized.register_of_tensor(op_type, value, gradient)


for _op in ACTIVATIONS:
    for _count in (1, 2):
        _name = op_name(_op, _count)
        # This module may have been imported before in this process, and TensorFlow takes back no registration.
        _is_new = _native_library.op_type(_name) not in ops.gradient_registry.list()
        if hasattr(_LIBRARY, f"tfcustomact_{_name}") and _is_new:
            _register(_op, _count)
            if hasattr(_LIBRARY, f"tfcustomact_{_name}_tensor"):
                _register_of_tensor(_op, _count)
