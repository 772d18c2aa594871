"""Compiled TensorFlow ops, one per pass: SIMD kernels on the CPU, CUDA kernels on GPUs, HLO in ``jit_compile=True``."""

from collections.abc import Callable
from functools import partial
from importlib import import_module

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context
from tensorflow.python.framework import ops

from tfcustomact import _native_library
from tfcustomact._activations import ACTIVATIONS
from tfcustomact._formulas import FORMULAS

NAME = "native"

_OP_TYPES = {op: f"Tfcustomact{op.capitalize()}" for op in ACTIVATIONS}
_LIBRARY = _native_library.load()


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns why the compiled ops were not built or loaded, or have no kernel for the device."""
    if isinstance(_LIBRARY, str):
        return [_LIBRARY]
    if device == "CPU":
        return []
    return _reasons_against_gpus() if device == "GPU" else [f"this build has no kernel for {device}"]


def call(op: str, x: tf.Tensor, parameter: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    return _function(op)(_scalar(parameter), x)


def eager_call(op: str, parameter: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation with its parameter, for eager tensors."""
    # What the function that load_op_library generates does in the end. The parameter comes first so that no Python
    # function need stand between: TensorFlow records the Python stack for every eager op, at a price per frame.
    execute = pywrap_tfe.TFE_Py_FastPathExecute
    return partial(execute, context.context(), _OP_TYPES[op], None, _scalar(parameter))


def _scalar(parameter: float) -> tf.Tensor:
    # The kernels read it in the host's memory on every device: on a GPU it would have to be copied back for each call.
    with tf.device("CPU:0"):
        return tf.constant(parameter, tf.float64)


def _reasons_against_gpus() -> list[str]:
    built_for = _architectures()
    if not built_for:
        return ["this build has no CUDA kernels: install again with nvcc at hand and without TFCUSTOMACT_CUDA=0"]
    reasons = []
    for gpu in tf.config.get_visible_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        name, capability = details.get("device_name", gpu.name), details.get("compute_capability")
        if capability is None:
            reasons.append(f"{name} is no CUDA device")
        elif not _serves(built_for, *capability):
            words = ", ".join(f"{number // 10}.{number % 10}" for number in built_for)
            has = ".".join(map(str, capability))
            reasons.append(f"this build has CUDA code for compute capability {words} and newer, and {name} has {has}")
    return reasons


def _serves(built_for: list[int], major: int, minor: int) -> bool:
    # Machine code serves what is newer by a minor number; the newest is there as code that drivers compile, too.
    asked = 10 * major + minor
    return asked >= max(built_for) or any(number // 10 == major and number <= asked for number in built_for)


def _architectures() -> list[int]:
    architectures: list[int] = import_module("tfcustomact._kernels").cuda.architectures()
    return architectures


def _function(op: str, derivative: str = "") -> Callable[..., tf.Tensor]:
    function: Callable[..., tf.Tensor] = getattr(_LIBRARY, f"tfcustomact_{op}{derivative}")
    return function


def _register_gradients(op: str) -> None:
    if _OP_TYPES[op] in ops.gradient_registry.list():
        # This module was imported before in this process, and TensorFlow takes back no registration.
        return

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
        parameter, dy, x = operation.inputs
        by_dy = _function(op, "_grad_grad")(parameter, ddx, x)
        # Plain ops, which TensorFlow differentiates further. Half precision is computed in single precision.
        computed = x if x.dtype == tf.float64 else tf.cast(x, tf.float32)
        third = FORMULAS[op].third(computed, tf.cast(parameter, computed.dtype))
        by_x = ddx * dy * tf.cast(third, x.dtype)
        return [None, by_dy, by_x]


if not isinstance(_LIBRARY, str):
    for _op in ACTIVATIONS:
        _register_gradients(_op)
