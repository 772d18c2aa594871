"""The way of every call of an activation. It knows no backend: what a call came to is remembered, and looked up."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.eager.core import _NotOkStatusException
from tensorflow.python.framework.ops import raise_from_not_ok_status

_EagerTensor = tf.__internal__.EagerTensor

# (activation, argument, backend asked for, dtype, device) -> the backend's call, for eager tensors. A hit costs two
# microseconds less than a decision, of the twelve that the whole call of tf.nn.relu takes.
calls: dict[tuple[str, float | None, str | None, int, str], Callable[[tf.Tensor], tf.Tensor]] = {}

# The `use_backend` blocks that are open, in whatever thread: while there is one, every call is decided anew.
overrides: list[str] = []


def run(op: str, x: Any, argument: Any, backend: str | None) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``: see the public functions, in `tfcustomact.activations`.

    Args:
        op: the activation's name.
        x: what the public function was given.
        argument: the activation's argument, or None if it has none.
        backend: as in the public functions.
    """
    call = None
    # Numbers of other types equal floats, and are not accepted all the same; what is no string may have no hash.
    if (
        type(x) is _EagerTensor
        and (type(argument) is float or argument is None)
        and (backend is None or type(backend) is str)
        and not overrides
    ):
        call = calls.get((op, argument, backend, x._datatype_enum(), x.device))
    if call is None:
        # Not at the top: it needs the backends, these need the activations, and these this module.
        from tfcustomact._functions import decide

        call, x = decide(op, x, argument, backend)
    try:
        return call(x)
    except _NotOkStatusException as error:
        # What an eager op raises before it is made one of tf.errors.
        raise_from_not_ok_status(error, None)
