"""The way of every call of an activation. It knows no backend: what a call came to is remembered, and looked up."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.autograph.impl.api import autograph_artifact
from tensorflow.python.eager.core import _NotOkStatusException
from tensorflow.python.framework.ops import raise_from_not_ok_status

from tfcustomact._signatures import rename_argument

_EagerTensor = tf.__internal__.EagerTensor

# By activation: (arguments, backend asked for, dtype, device) -> the backend's call, for eager tensors. A hit costs two
# microseconds less than a decision, of the twelve that the whole call of tf.nn.relu takes.
calls: dict[str, dict[tuple[Any, ...], Callable[[tf.Tensor], tf.Tensor]]] = {}

# The `use_backend` blocks that are open, in whatever thread: while there is one, every call is decided anew.
overrides: list[str] = []


def public_function(declared: Callable[..., Any], *argument: tuple[str, float]) -> Callable[..., tf.Tensor]:
    """Returns a function with the signature and the docstring of ``declared`` that computes the activation of its name.

    Args:
        declared: the declaration, whose body counts for nothing.
        *argument: the name of its argument and the default, if it has one.
    """
    op = declared.__name__
    known = calls[op] = {}
    bind = _binder(op, *argument)

    # There is nothing between this function and the backend's call: TensorFlow records the Python stack for every eager
    # op, at a price per frame.
    @functools.wraps(declared)
    def function(x: Any, *arguments: Any, backend: str | None = None, **named: Any) -> tf.Tensor:
        if named:
            arguments = bind(x, *arguments, **named)
        call = None
        # Only floats: numbers of other types equal them, and need not be accepted.
        if type(x) is _EagerTensor and (not arguments or type(arguments[0]) is float) and not overrides:
            try:
                call = known[arguments, backend, x._datatype_enum(), x.device]
            except (KeyError, TypeError):
                call = None
        if call is None:
            # Not at the top: it needs the backends, these need the activations, and these this module.
            from tfcustomact._functions import decide

            call, x = decide(op, x, arguments, bind(x, *arguments), backend)
        try:
            return call(x)
        except _NotOkStatusException as error:
            # What an eager op raises before it is made one of tf.errors.
            raise_from_not_ok_status(error, None)

    # AutoGraph would rewrite the function, and what it calls, for control flow that is not in there.
    made: Callable[..., tf.Tensor] = autograph_artifact(function)
    return made


def _binder(op: str, *argument: tuple[str, float]) -> Callable[..., tuple[Any, ...]]:
    """Returns a function that takes x and an activation's argument, by place or by name, and returns the latter."""
    if not argument:
        bind: Callable[..., tuple[Any, ...]] = lambda x: ()  # noqa: E731
    else:
        ((name, default),) = argument
        bind = lambda x, argument=default: (argument,)  # noqa: E731
        rename_argument(bind, name)
    # Python's errors name it.
    bind.__name__ = bind.__qualname__ = op
    return bind
