"""What a call has to run: its arguments are checked, and a backend is chosen."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfcustomact import _dispatch, _run
from tfcustomact._arguments import bias_tensor, check_symbolic, parameter, tensor
from tfcustomact._layers import layer_class
from tfcustomact.activations import ACTIVATIONS

_MAX_CALLS = 1024

for _activation in ACTIVATIONS.values():
    keras.saving.register_keras_serializable(package="tfcustomact")(_activation.function)


def decide(
    op: str, x: Any, argument: Any, bias: Any, backend: str | None
) -> tuple[Callable[..., tf.Tensor], tuple[Any, ...]]:
    """Returns what a public function has to call, and the tensors to call it with; its errors are that function's.

    For eager tensors the answer is remembered in `_run.calls` if ``x`` is the only one.

    Args:
        op: the activation's name.
        x: what the function was given.
        argument: the activation's argument; None if it has none.
        bias: what the function was given.
        backend: what the function was given.
    """
    activation = ACTIVATIONS[op]
    arguments = (argument,) if activation.arguments else ()
    if argument is not None and not arguments:
        raise TypeError(f"{op}() takes 1 positional argument, x, and was given {argument!r} besides")
    if isinstance(x, keras.KerasTensor):
        check_symbolic(activation, x, bias, *arguments)
        return layer_class(activation)(*arguments, backend=backend, dtype=x.dtype), (x,)
    x = tensor(activation, x)
    numbers = tuple(parameter(activation, argument, x) for argument in arguments)
    chosen = _dispatch.choose(op, _dispatch.device_kind(x), x.dtype, backend)
    if bias is not None:
        bias = bias_tensor(activation, bias, x)
    for argument in numbers:
        if isinstance(argument, tf.Tensor):
            return chosen.tensor_call(op), (argument, x if bias is None else x + bias)
    if bias is not None:
        return chosen.biased_call(op, *numbers), (x, bias)
    if not tf.executing_eagerly():
        return lambda x: chosen.call(op, x, *numbers), (x,)
    call = chosen.eager_call(op, *numbers)
    if 0 not in numbers and not _run.overrides:  # 0.0 and -0.0 would be one key
        known = _run.calls[op]
        if len(known) >= _MAX_CALLS:
            known.clear()
        (number,) = numbers or (None,)
        known[number, backend, x._datatype_enum(), x.device] = call
    return call, (x,)


def explain(op: str, x: Any) -> _dispatch.Explanation:
    """Says which backend would run an activation of ``x`` here, and why each other one would not.

    Args:
        op: the name of an activation's function, such as ``"swish"``.
        x: a tensor, or what ``tf.convert_to_tensor`` makes one of, as for the activation itself.

    Returns:
        An object with the fields ``op``, ``device``, ``dtype``, ``backend`` and ``reasons_against`` (a mapping from
        each other backend to its reasons); ``str()`` of it is for reading.

    Raises:
        TypeError: if ``x`` has a dtype that is not accepted.
        ValueError: for an unknown ``op``, or if `use_backend` or ``TFCUSTOMACT_BACKEND`` ask for a backend that is
            unknown or cannot run.
    """
    activations = {name: activation for activation in ACTIVATIONS.values() for name in activation.names}
    if op not in activations:
        raise ValueError(f"op is {op!r}: {', '.join(map(repr, activations))} are accepted")
    x = tensor(activations[op], x)
    return _dispatch.explanation(activations[op].name, _dispatch.device_kind(x), x.dtype)
