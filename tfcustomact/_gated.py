"""Gated units: an activation of one tensor, times another."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.autograph.impl.api import autograph_artifact
from tensorflow.python.eager.core import _NotOkStatusException
from tensorflow.python.framework.ops import raise_from_not_ok_status

from tfcustomact import _dispatch, _run
from tfcustomact._arguments import flag_of, kind_of, parameter, readable, tensor
from tfcustomact._gated_backends import BACKENDS
from tfcustomact._gated_backends.operands import op_name
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import Activation, activation_of

_DOCSTRING = """{formula}

Source: {source}

With one tensor, ``gate`` is packed: the first half of its last axis is activated, and multiplied by the second half
(`keras.activations.glu` activates the second). Both are read in place, and their gradient is one packed tensor.

Value and gradient are one pass each over memory; for the gradient, ``gate`` and ``up`` are kept and nothing else. It is
``(dy * (up * f'(gate)), dy * f(gate))``: what is infinite or NaN in there follows from the limits of the activation f
and of f', multiplied in this order.

Args:
    gate: what is activated: a tensor of any shape, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``, or
        what ``tf.convert_to_tensor`` makes one of; or a Keras input, which gets a layer. Without ``up``, both halves.
    up: what the activation is multiplied by: likewise, of gate's shape and dtype.{arguments}
    backend: as for the activation.

Returns:
    A tensor with the shape and dtype of ``gate``, or of a half of it; differentiable any number of times. Half
    precision is computed in ``float32`` and rounded once.

Raises:
    TypeError: if ``gate`` or ``up`` have another dtype, or two different ones, or are ragged, sparse or no tensors;
        {type}.
    ValueError: if their shapes differ, or the last axis of a packed tensor is odd; {value}if a backend is asked for
        that is unknown or cannot run here.
"""


def _public(**described: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__doc__ = _DOCSTRING.format(**described)
        # AutoGraph would rewrite the function, and what it calls, for control flow that is not there.
        made: Callable[..., Any] = autograph_artifact(function)
        keras.saving.register_keras_serializable(package="tfcustomact")(made)
        return made

    return decorate


_EagerTensor = tf.__internal__.EagerTensor

_MAX_CALLS = 1024

# What was decided for eager tensors, by what it depends on.
_calls: _run.Known = _run.calls.setdefault("gated", {})

_SHAZEER = 'N. Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv:2002.05202).'


@_public(
    formula="A gated linear unit with any activation: ``activation(gate) * up``.",
    source=_SHAZEER,
    arguments="""
    activation: a function of this package, such as ``tfcustomact.elu``, or its name.
    **arguments: what the activation takes besides ``x``, such as ``alpha=0.5``.""",
    type="if ``activation`` is neither a function nor a name, or does not take one of the ``arguments``",
    value="if ``activation`` is none of this package's; ",
)
def gated(gate: Any, up: Any = None, activation: Any = "swish", *, backend: str | None = None, **arguments: Any) -> Any:
    arguments = {name: readable(value) for name, value in arguments.items()}
    operands: tuple[Any, ...] = (gate,) if up is None else (gate, up)
    key = _key(operands, activation, backend, arguments)
    call = None if key is None else _calls.get(key)
    if call is None:
        call, operands, arguments = _decide(operands, activation, backend, arguments)
        if key is not None:
            if len(_calls) >= _MAX_CALLS:
                _calls.clear()
            _calls[key] = call
    numbers = [each for each in arguments.values() if type(each) not in (bool, float)]
    try:
        return call(*numbers, *operands)
    except _NotOkStatusException as error:
        # An eager op raises it; this raises the error of tf.errors that it stands for.
        raise_from_not_ok_status(error, None)


def _key(operands: tuple[Any, ...], activation: Any, backend: Any, arguments: dict[str, Any]) -> tuple[Any, ...] | None:
    """Returns what a decision depends on, if all tensors are eager ones, and no `use_backend` block is open."""
    if _run.overrides or type(activation) not in (str, FunctionType) or not (backend is None or type(backend) is str):
        return None
    kinds: list[Any] = []
    for operand in operands:
        if type(operand) is not _EagerTensor:
            return None
        kinds += operand._datatype_enum(), operand._shape_tuple(), operand.device
    for argument in arguments.values():
        if kind := kind_of(argument):
            kinds += kind
        elif type(argument) is bool or (type(argument) is float and argument != 0):  # 0.0 and -0.0 would be one key
            kinds += type(argument), argument
        else:
            return None
    return (activation, backend, len(operands), *arguments, *kinds)


def _decide(
    operands: tuple[Any, ...], activation: Any, backend: str | None, arguments: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """Returns what `gated` has to call, the tensors to call it with, and its arguments; its errors are that function's.

    What it has to call takes an argument that is a tensor first.
    """
    record, arguments = unit_of(activation, arguments)
    values = record.arguments_of(arguments, "x")
    if any(isinstance(operand, keras.KerasTensor) for operand in operands):
        from tfcustomact._dense_layers import Gated

        _check_dtypes([operand.dtype for operand in operands if isinstance(operand, (tf.Tensor, keras.KerasTensor))])
        return Gated(record.name, arguments, backend=backend, dtype=operands[0].dtype), operands, {}
    tensors = tuple(tensor(record, operand, name) for operand, name in zip(operands, ("gate", "up"), strict=False))
    shape = shape_of(*(each.shape for each in tensors))
    _check_dtypes([each.dtype for each in tensors])
    first = tensors[0]
    numbers = [parameter(record, value, tf.TensorSpec(shape, first.dtype)) for value in values]
    chosen = _dispatch.choose(op_name(record.name, len(tensors)), _dispatch.device_kind(first), first.dtype, backend)
    unit = BACKENDS[chosen.NAME]
    if any(isinstance(number, tf.Tensor) for number in numbers):
        of_tensor = unit.tensor_call(record.name, len(tensors))
        call = of_tensor if tf.executing_eagerly() else _with_shape(shape, of_tensor)
        return call, tensors, dict(zip(record.argument_names, numbers, strict=True))
    if tf.executing_eagerly():
        return unit.eager_call(record.name, len(tensors), *numbers), tensors, {}
    return _with_shape(shape, lambda *tensors: unit.call(record.name, tensors, *numbers)), tensors, {}


def _check_dtypes(dtypes: list[Any]) -> None:
    names = [tf.as_dtype(dtype).name for dtype in dtypes]
    if len({*names}) > 1:
        raise TypeError(f"gate and up have dtypes {' and '.join(names)}: two equal ones are accepted")


def _with_shape(shape: tf.TensorShape, call: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    def call_and_set_shape(*operands: tf.Tensor) -> tf.Tensor:
        y = call(*operands)
        y.set_shape(shape)
        return y

    return call_and_set_shape


@_public(
    formula="SwiGLU, ``swish(gate, beta) * up``; with ``beta = 1``, ``silu(gate) * up``.",
    source=_SHAZEER,
    arguments="""
    beta: as for `swish`.""",
    type="if ``beta`` has a type or dtype that is not accepted",
    value="if ``beta`` is a number that is not finite, or has a shape that is not accepted; ",
)
def swiglu(gate: Any, up: Any = None, beta: Any = 1.0, *, backend: str | None = None) -> Any:
    return gated(gate, up, "swish", backend=backend, beta=beta)


@_public(
    formula="GeGLU, ``gelu(gate, approximate) * up``.",
    source=_SHAZEER,
    arguments="""
    approximate: as for `gelu`.""",
    type="if ``approximate`` is no bool",
    value="",
)
def geglu(gate: Any, up: Any = None, approximate: bool = False, *, backend: str | None = None) -> Any:
    return gated(gate, up, "gelu", backend=backend, approximate=approximate)


def unit_of(given: Any, arguments: dict[str, Any]) -> tuple[Activation, dict[str, Any]]:
    """Returns the activation that a function or its name stands for, and its arguments. A flag among them chooses it.

    Raises:
        TypeError: if it is neither a function nor a name, or the flag is no bool.
        ValueError: if it is none of this package's.
    """
    functions = {name: activation.function for name, activation in ACTIVATIONS.items()}
    activation = activation_of(given, functions, "tfcustomact", "a function")
    if activation.flag not in arguments:
        return activation, arguments
    others = {name: value for name, value in arguments.items() if name != activation.flag}
    chosen = activation.variant if flag_of(activation, arguments[activation.flag]) else activation.name
    return ACTIVATIONS[str(chosen)], others


def shape_of(gate: Any, up: Any = None) -> tf.TensorShape:
    """Returns the shape of a unit of tensors of these shapes.

    Raises:
        ValueError: unless two shapes are equal, or one that stands alone has an even last axis.
    """
    gate = tf.TensorShape(gate)
    if up is not None:
        if not gate.is_compatible_with(up):
            raise ValueError(f"gate has shape {gate}, and up {tf.TensorShape(up)}: two equal ones are accepted")
        return gate.merge_with(up)
    if gate.rank is None:
        return gate
    last = gate[-1] if gate.rank else 1
    if last is not None and last % 2:
        raise ValueError(f"a packed tensor has shape {gate}: one whose last axis has two halves is accepted")
    return gate[:-1].concatenate([None if last is None else last // 2])
