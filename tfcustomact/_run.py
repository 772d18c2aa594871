"""The public functions. They know no backend: what the first call of a kind has to run is remembered, and looked up."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.autograph.impl.api import autograph_artifact
from tensorflow.python.eager.core import _NotOkStatusException
from tensorflow.python.framework.ops import raise_from_not_ok_status

from tfcustomact._signatures import rename_argument

_EagerTensor = tf.__internal__.EagerTensor

# By activation: (argument, backend asked for, dtype, device) -> the backend's call, for eager tensors. A hit costs two
# microseconds less than a decision, of the twelve that the whole call of tf.nn.relu takes. Where the argument or a bias
# is a tensor, `_functions` looks up longer keys.
Known = dict[tuple[Any, ...], Callable[..., tf.Tensor]]
calls: dict[str, Known] = {}

# The `use_backend` blocks that are open, in whatever thread: while there is one, every call is decided anew.
overrides: list[str] = []


def public_function(
    declared: Callable[..., Any], name: str | None, default: float | bool | None
) -> Callable[..., tf.Tensor]:
    """Returns a function with the signature and the docstring of ``declared`` that computes the activation of its name.

    Args:
        declared: the declaration, whose body is not used.
        name: the name of its argument or flag; None if it has none.
        default: the default of that; None if it has none.
    """
    op = declared.__name__
    known = calls[op] = {}
    # Only floats: numbers of other types equal them, and need not be accepted. A flag is a bool. Without either it is
    # always None.
    kind = type(default)

    # There is nothing between this function and the backend's call: TensorFlow records the Python stack for every eager
    # op, at a price per frame.
    def function(x: Any, argument: Any = default, *, bias: Any = None, backend: str | None = None) -> tf.Tensor:
        call = None
        operands = (x,)
        if type(x) is _EagerTensor and type(argument) is kind and bias is None and not overrides:
            try:
                call = known[argument, backend, x._datatype_enum(), x.device]
            except (KeyError, TypeError):
                call = None
        if call is None:
            # Not at the top: `_functions` imports the backends, these the activations, and these this module.
            from tfcustomact._functions import decide

            call, operands = decide(op, x, argument, bias, backend)
        try:
            return call(*operands)
        except _NotOkStatusException as error:
            # An eager op raises it; this raises the error of tf.errors that it stands for.
            raise_from_not_ok_status(error, None)

    if name is not None:
        rename_argument(function, name)
    # AutoGraph would rewrite the function, and what it calls, for control flow that is not there.
    made: Callable[..., tf.Tensor] = autograph_artifact(functools.wraps(declared)(function))
    return made
