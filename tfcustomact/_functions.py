"""What a call has to run: its arguments are checked, and a backend is chosen."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfcustomact import _dispatch, _run
from tfcustomact._arguments import bias_tensor, check_symbolic, flag_of, kind_of, parameter, readable, tensor
from tfcustomact._gated_backends.operands import op_name
from tfcustomact._layers import layer_class
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import record_of

_MAX_CALLS = 1024

_EagerTensor = tf.__internal__.EagerTensor

for _activation in ACTIVATIONS.values():
    keras.saving.register_keras_serializable(package="tfcustomact")(_activation.function)


def decide(
    op: str, x: Any, argument: Any, bias: Any, backend: str | None
) -> tuple[Callable[..., tf.Tensor], tuple[Any, ...]]:
    """Returns what a public function has to call, and the tensors to call it with; its errors are that function's.

    For eager tensors the answer is remembered in `_run.calls`. In the place of a tensor there may be a variable then.

    Args:
        op: the activation's name.
        x: what the function was given.
        argument: the activation's argument or its flag; None if it has neither.
        bias: what the function was given.
        backend: what the function was given.
    """
    activation, known = ACTIVATIONS[op], _run.calls[op]
    first: Any = argument
    if activation.flag is not None:
        first, argument = flag_of(activation, argument), None
        if first:
            activation = ACTIVATIONS[str(activation.variant)]
            op = activation.name
    argument, bias = readable(argument), readable(bias)
    if (key := _key_of_tensors(x, argument, bias, backend)) and (call := _run.calls[op].get(key)):
        return call, _operands(argument, x, bias)
    arguments: tuple[Any, ...] = (argument,) if activation.arguments else ()
    if argument is not None and not arguments:
        raise TypeError(f"{op}() takes 1 positional argument, x, and was given {argument!r} besides")
    if isinstance(x, keras.KerasTensor):
        check_symbolic(activation, x, bias, *arguments)
        return layer_class(activation)(*arguments, backend=backend, dtype=x.dtype), (x,)
    x = tensor(activation, x)
    arguments = tuple(parameter(activation, each, x) for each in arguments)
    if bias is not None:
        bias = bias_tensor(activation, bias, x)
    chosen = _dispatch.choose(op, _dispatch.device_kind(x), x.dtype, backend)
    (argument,) = arguments or (None,)
    if isinstance(argument, tf.Tensor):
        call = chosen.tensor_call(op)
        if bias is not None:
            call = _of_sum(call)
    elif bias is not None:
        call = chosen.biased_call(op, *arguments)
    elif not tf.executing_eagerly():
        return lambda x: chosen.call(op, x, *arguments), (x,)
    else:
        call = chosen.eager_call(op, *arguments)
        if argument != 0:  # 0.0 and -0.0 would be one key
            key = argument if activation.arguments else first, backend, x._datatype_enum(), x.device
    if key and not _run.overrides:
        if bias is not None or isinstance(argument, tf.Tensor):
            known = _run.calls[op]
        if len(known) >= _MAX_CALLS:
            known.clear()
        known[key] = call
    return call, _operands(argument, x, bias)


def _key_of_tensors(x: Any, argument: Any, bias: Any, backend: Any) -> tuple[Any, ...] | None:
    """Returns what the decision depends on, if the tensors are eager ones and not x alone; else None."""
    if type(x) is not _EagerTensor or _run.overrides or not (backend is None or type(backend) is str):
        return None
    kinds: list[Any] = []
    for each in (argument, bias):
        if kind := kind_of(each):
            kinds += kind
        elif each is None or (type(each) is float and each != 0):
            kinds.append(each)
        else:
            return None
    return (*kinds, backend, x._datatype_enum(), x._shape_tuple(), x.device) if len(kinds) > 2 else None


def _operands(argument: Any, x: tf.Tensor, bias: tf.Tensor | tf.Variable | None) -> tuple[Any, ...]:
    """Returns the tensors and variables that the call takes."""
    operands = (x,) if argument is None or type(argument) is float else (argument, x)
    return operands if bias is None else (*operands, bias)


def _of_sum(call: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    return lambda argument, x, bias: call(argument, x + bias)


def explain(op: str | Callable[..., Any], x: Any) -> _dispatch.Explanation:
    """Says which backend would run an activation of ``x`` here, and why each other one would not.

    Args:
        op: an activation: its function, also one that `tfcustomact.activation` made, or the name of one of ours, such
            as ``"swish"``; ``"swish_gated"`` is its gated unit of two tensors, and ``"swish_packed"`` that of one.
        x: a tensor, or what ``tf.convert_to_tensor`` makes one of, as for the activation itself.

    Returns:
        An object with the fields ``op``, ``device``, ``dtype``, ``backend`` and ``reasons_against`` (a mapping from
        each other backend to its reasons); ``str()`` of it is for reading.

    Raises:
        TypeError: if ``x`` has a dtype that is not accepted.
        ValueError: for an unknown ``op``, or if `use_backend` or ``TFCUSTOMACT_BACKEND`` ask for a backend that is
            unknown or cannot run.
    """
    if callable(op):
        # Not at the top: what is in there imports this package's functions.
        from tfcustomact._own import explanation_of, own_of

        if (own := own_of(op)) is not None:
            return explanation_of(own, tensor(own, x))
        # TensorFlow's and Keras' may be of the same name.
        op = repr(op) if (record := record_of(op)) is None else record.name
    known = {name: (activation, activation.name) for activation in ACTIVATIONS.values() for name in activation.names}
    units = [(each, op_name(each.name, count)) for each in ACTIVATIONS.values() for count in (1, 2)]
    known |= {name: (activation, name) for activation, name in units}
    if op not in known:
        raise ValueError(f"op is {op!r}: {', '.join(map(repr, known))} are accepted")
    activation, name = known[op]
    x = tensor(activation, x)
    return _dispatch.explanation(name, _dispatch.device_kind(x), x.dtype)
