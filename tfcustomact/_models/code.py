"""What cannot be looked into: Python code of the user's that a layer runs."""

from functools import partial
from typing import Any

import keras

from tfcustomact._models.report import Left

_OTHERS = ("keras.", "tensorflow.", "tfcustomact.")


def bare(function: Any) -> Any:
    """Returns the function that a partial one calls, or else what is given."""
    return function.func if isinstance(function, partial) else function


def unseen(operation: keras.Operation, where: str) -> Left | None:
    """Returns what to report of an operation that runs Python code of the user's; None if it does not."""
    function = bare(operation.function) if type(operation) is keras.layers.Lambda else type(operation).call
    if str(function.__module__).startswith(_OTHERS):
        return None
    return Left(where, f"what {_name(function)} calls", "Python code is not looked into")


def unknown_activation(name: str, value: Any, where: str) -> Left | None:
    """Returns what to report of the attribute ``name`` of a layer, if it is an activation function of the user's."""
    function = bare(value)
    if not name.endswith("activation") or not callable(function) or str(function.__module__).startswith(_OTHERS):
        return None
    return Left(where, _name(function), "a function of your own")


def _name(function: Any) -> str:
    # An object that can be called has none of its own.
    return str(getattr(function, "__qualname__", type(function).__qualname__))
