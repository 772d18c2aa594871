"""Compiled TensorFlow ops, one per pass: SIMD kernels on the CPU, CUDA kernels on GPUs, HLO in ``jit_compile=True``."""

from collections.abc import Callable
from functools import partial
from importlib import import_module

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context
from tensorflow.python.framework import ops

from tfcustomact import _native_library
from tfcustomact._remedies import NO_KERNELS
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import _vectorized
from tfcustomact.backends._compositions import computed, gradients_of_gradient, summed

NAME = "native"

_OP_TYPES = {op: _native_library.op_type(op) for op in ACTIVATIONS}
_LIBRARY = _native_library.load()

# With respect to an activation's argument.
_NO_GRADIENT = (None,)


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns why the compiled ops were not built or loaded, or have no kernel for the device, if so."""
    if isinstance(_LIBRARY, str):
        return [_LIBRARY]
    if not _has_kernels(op):
        return [f"this build has no kernels for {op}; {NO_KERNELS}"]
    if device == "CPU":
        return []
    return _reasons_against_gpus() if device == "GPU" else [f"this build has no kernel for {device}"]


def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    return _function(op)(*map(scalar, arguments), x)


def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation with its arguments, for eager tensors."""
    return eager(_OP_TYPES[op], *map(scalar, arguments))


def tensor_call(op: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op``, of a tensor as its argument and x."""
    return _variant(op, "Tensor")


def biased_call(op: str, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` of the sum of x and a bias."""
    return _variant(op, "Biased", *map(scalar, arguments))


def _variant(op: str, name: str, *arguments: tf.Tensor) -> Callable[..., tf.Tensor]:
    if tf.executing_eagerly():
        return eager(_OP_TYPES[op] + name, *arguments)
    return partial(_function(op, f"_{name.lower()}"), *arguments)


def eager(op_type: str, *arguments: tf.Tensor) -> Callable[..., tf.Tensor]:
    """Returns an op with its first arguments, for eager tensors."""
    # What the function that load_op_library generates calls in the end. The arguments come first, so that no Python
    # function is needed in between: TensorFlow records the Python stack for every eager op, at a price per frame.
    return partial(pywrap_tfe.TFE_Py_FastPathExecute, context.context(), op_type, None, *arguments)


def scalar(argument: float) -> tf.Tensor:
    """Returns an argument as the ops take it."""
    # The kernels read it in the host's memory on every device: from a GPU it would be copied back for each call.
    with tf.device("CPU:0"):
        return tf.constant(argument, tf.float64)


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
    # Machine code serves what is newer by a minor number; for the newest there is also PTX, which drivers compile.
    asked = 10 * major + minor
    return asked >= max(built_for) or any(number // 10 == major and number <= asked for number in built_for)


def _architectures() -> list[int]:
    architectures: list[int] = import_module("tfcustomact._kernels").cuda.architectures()
    return architectures


def _has_kernels(op: str) -> bool:
    # The newest of an activation's ops: a build of an older version may lack it. Gated units are asked for by name.
    if op in ACTIVATIONS:
        op += "_packed_tensor" if ACTIVATIONS[op].arguments else "_biased"
    return hasattr(_LIBRARY, f"tfcustomact_{op}")


def _function(op: str, derivative: str = "") -> Callable[..., tf.Tensor]:
    function: Callable[..., tf.Tensor] = getattr(_LIBRARY, f"tfcustomact_{op}{derivative}")
    return function


def _register_gradients(op: str) -> None:
    @tf.RegisterGradient(_OP_TYPES[op])
    def gradient_of_value(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        *arguments, x = operation.inputs
        return [*_NO_GRADIENT * len(arguments), _function(op, "_grad")(*arguments, dy, x)]

    @tf.RegisterGradient(_OP_TYPES[op] + "Grad")
    def gradient_of_derivative(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        *arguments, dy, x = operation.inputs
        by_dy = _function(op, "_grad")(*arguments, ddx, x)
        by_x = ddx * _function(op, "_grad_grad")(*arguments, dy, x)
        return [*_NO_GRADIENT * len(arguments), by_dy, by_x]

    @tf.RegisterGradient(_OP_TYPES[op] + "GradGrad")
    def gradient_of_second_derivative(operation: tf.Operation, ddx: tf.Tensor) -> list[tf.Tensor | None]:
        *arguments, dy, x = operation.inputs
        by_dy = _function(op, "_grad_grad")(*arguments, ddx, x)
        # Plain ops, which TensorFlow differentiates further.
        wide = computed(x)
        *_, third = ACTIVATIONS[op].derivatives
        factor = third(wide, *(tf.cast(argument, wide.dtype) for argument in arguments))
        by_x = ddx * dy * tf.cast(factor, x.dtype)
        return [*_NO_GRADIENT * len(arguments), by_dy, by_x]

    @tf.RegisterGradient(_OP_TYPES[op] + "Biased")
    def gradient_of_biased(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        *arguments, x, bias = operation.inputs
        return [*_NO_GRADIENT * len(arguments), *_function(op, "_biased_grad")(*arguments, dy, x, bias)]

    @tf.RegisterGradient(_OP_TYPES[op] + "BiasedGrad")
    def gradient_of_biased_gradient(
        operation: tf.Operation, ddx: tf.Tensor, ddbias: tf.Tensor
    ) -> list[tf.Tensor | None]:
        *arguments, dy, x, bias = operation.inputs
        z, incoming = x + bias, ddx + ddbias
        by_dy = _function(op, "_grad")(*arguments, incoming, z)
        by_z = incoming * _function(op, "_grad_grad")(*arguments, dy, z)
        return [*_NO_GRADIENT * len(arguments), by_dy, by_z, summed(by_z, bias)]

    if ACTIVATIONS[op].of_argument is None:
        return

    @tf.RegisterGradient(_OP_TYPES[op] + "Tensor")
    def gradient_of_tensor(operation: tf.Operation, dy: tf.Tensor) -> list[tf.Tensor | None]:
        argument, x = operation.inputs
        by_x, by_argument = _function(op, "_tensor_grad")(argument, dy, x)
        return [by_argument, by_x]

    @tf.RegisterGradient(_OP_TYPES[op] + "TensorGrad")
    def gradient_of_tensor_gradient(
        operation: tf.Operation, ddx: tf.Tensor, dd_argument: tf.Tensor
    ) -> list[tf.Tensor | None]:
        argument, dy, x = operation.inputs
        return [*gradients_of_gradient(op, argument, dy, x, ddx, dd_argument)]


def _register_loops(op: str) -> None:
    op_type, run = _OP_TYPES[op], partial(_function, op)
    numbers = len(ACTIVATIONS[op].arguments)
    for type_s_end, name_s_end in (("", ""), ("Grad", "_grad"), ("GradGrad", "_grad_grad")):
        _vectorized.register_elementwise(op_type + type_s_end, run(name_s_end), numbers)
    _vectorized.register_biased(op_type + "Biased", run("_biased"), run(), run("_grad"), numbers)
    if numbers:
        _vectorized.register_of_tensor(op_type + "Tensor", run("_tensor"), run("_tensor_grad"))


if not isinstance(_LIBRARY, str):
    for _name in filter(_has_kernels, ACTIVATIONS):
        # This module may have been imported before in this process, and TensorFlow takes back no registration.
        if _OP_TYPES[_name] not in ops.gradient_registry.list():
            _register_gradients(_name)
            _register_loops(_name)
