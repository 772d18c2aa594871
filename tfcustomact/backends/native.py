"""Compiled TensorFlow ops, one per pass: SIMD kernels on the CPU, plain HLO inside ``jit_compile=True``."""

from collections.abc import Callable
from functools import lru_cache

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context, core
from tensorflow.python.framework import ops

from tfcustomact import _native_library
from tfcustomact._activations import ACTIVATIONS

NAME = "native"

_OP_TYPES = {op: f"Tfcustomact{op.capitalize()}" for op in ACTIVATIONS}
_LIBRARY = _native_library.load()


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns why the compiled ops were not built or loaded, or have no kernel for the device."""
    if isinstance(_LIBRARY, str):
        return [_LIBRARY]
    return [] if device == "CPU" else [f"this build has no kernel for {device}"]


def call(op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    current = context.context()
    if current.executing_eagerly():
        # What the function that load_op_library generates does in the end, in a third less time.
        try:
            return pywrap_tfe.TFE_Py_FastPathExecute(current, _OP_TYPES[op], None, x, _eager_scalar(parameter))
        except core._NotOkStatusException as error:
            ops.raise_from_not_ok_status(error, None)
    return _function(op)(x, tf.constant(parameter, tf.float64))


@lru_cache(maxsize=1024)
def _eager_scalar(parameter: float) -> tf.Tensor:
    # Made once for each value: a conversion costs as much as a small activation. The op reads it on the host.
    with tf.device("CPU:0"):
        return tf.constant(parameter, tf.float64)


def _function(op: str, derivative: str = "") -> Callable[..., tf.Tensor]:
    return getattr(_LIBRARY, f"tfcustomact_{op}{derivative}")


def _register_gradients(op: str) -> None:
    @tf.RegisterGradient(_OP_TYPES[op])
    def value_gradient(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        x, parameter = operation.inputs
        return [_function(op, "_grad")(dy, x, parameter), None]

    @tf.RegisterGradient(_OP_TYPES[op] + "Grad")
    def gradient_gradient(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        dy, x, parameter = operation.inputs
        by_dy = _function(op, "_grad")(ddx, x, parameter)
        by_x = ddx * _function(op, "_grad_grad")(dy, x, parameter)
        return [by_dy, by_x, None]

    @tf.RegisterGradient(_OP_TYPES[op] + "GradGrad")
    def curvature_gradient(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        raise LookupError(f"tfcustomact's native {op} has no third derivative: use backend='python'")


if not isinstance(_LIBRARY, str):
    for _op in ACTIVATIONS:
        _register_gradients(_op)
