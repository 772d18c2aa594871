"""Compiled TensorFlow ops, one per pass: SIMD kernels on the CPU, plain HLO inside ``jit_compile=True``."""

from collections.abc import Callable
from functools import partial

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context

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
    return _function(op)(tf.constant(parameter, tf.float64), x)


def eager_call(op: str, parameter: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation with its parameter, for eager tensors."""
    # What the function that load_op_library generates does in the end. The parameter comes first so that no Python
    # function need stand between: TensorFlow records the Python stack for every eager op, at a price per frame.
    with tf.device("CPU:0"):
        scalar = tf.constant(parameter, tf.float64)
    return partial(pywrap_tfe.TFE_Py_FastPathExecute, context.context(), _OP_TYPES[op], None, scalar)


def _function(op: str, derivative: str = "") -> Callable[..., tf.Tensor]:
    return getattr(_LIBRARY, f"tfcustomact_{op}{derivative}")


def _register_gradients(op: str) -> None:
    @tf.RegisterGradient(_OP_TYPES[op])
    def value_gradient(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        parameter, x = operation.inputs
        return [None, _function(op, "_grad")(parameter, dy, x)]

    @tf.RegisterGradient(_OP_TYPES[op] + "Grad")
    def gradient_gradient(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        parameter, dy, x = operation.inputs
        by_dy = _function(op, "_grad")(parameter, ddx, x)
        by_x = ddx * _function(op, "_grad_grad")(parameter, dy, x)
        return [None, by_dy, by_x]

    @tf.RegisterGradient(_OP_TYPES[op] + "GradGrad")
    def curvature_gradient(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        raise LookupError(f"tfcustomact's native {op} has no third derivative: use backend='python'")


if not isinstance(_LIBRARY, str):
    for _op in ACTIVATIONS:
        _register_gradients(_op)
