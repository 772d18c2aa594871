"""What a call comes to, decided: the arguments are checked, and a backend is chosen."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfcustomact import _dispatch, _run
from tfcustomact._arguments import check_symbolic, finite, tensor
from tfcustomact._layers import layer_class
from tfcustomact.activations import ACTIVATIONS

_MOST_CALLS = 1024

# Not by a decorator: Keras has no types, and what an untyped decorator returns has none to type checkers either.
for _activation in ACTIVATIONS.values():
    keras.saving.register_keras_serializable(package="tfcustomact")(_activation.function)


def decide(op: str, x: Any, argument: Any, backend: str | None) -> tuple[Callable[[Any], tf.Tensor], Any]:
    """Returns what `tfcustomact._run.run` has to call, and with what; its arguments, and the public functions' errors.

    What eager calls came to is remembered there.
    """
    activation = ACTIVATIONS[op]
    if isinstance(x, keras.KerasTensor):
        check_symbolic(activation, x)
        given = dict.fromkeys(activation.argument_names, argument)
        return layer_class(activation)(**given, backend=backend, dtype=x.dtype), x
    x = tensor(activation, x)
    arguments = tuple(finite(activation, argument, x.dtype) for _ in activation.arguments)
    chosen = _dispatch.choose(op, _dispatch.device_kind(x), x.dtype, backend)
    if not tf.executing_eagerly():
        return lambda x: chosen.call(op, x, *arguments), x
    call = chosen.eager_call(op, *arguments)
    if 0 not in arguments and not _run.overrides:  # 0.0 and -0.0 would be one key
        if len(_run.calls) >= _MOST_CALLS:
            _run.calls.clear()
        (number,) = arguments or (None,)
        _run.calls[op, number, backend, x._datatype_enum(), x.device] = call
    return call, x


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
