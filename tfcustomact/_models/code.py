"""What cannot be looked into: Python code of the user's that a layer runs."""

import inspect
from typing import Any

import keras

from tfcustomact._models.report import Left

_OTHERS = ("keras.", "tfcustomact.")


def unseen(operation: keras.Operation, where: str) -> Left | None:
    """Returns what to report of an operation that runs Python code of the user's; None if it does not."""
    function = operation.function if type(operation) is keras.layers.Lambda else type(operation).call
    if function.__module__.startswith(_OTHERS):
        return None
    return Left(where, f"what {function.__qualname__} calls", "Python code is not looked into")


def is_unknown_activation(name: str, value: Any) -> bool:
    """Says whether the attribute ``name`` of a layer is an activation function of the user's."""
    return name.endswith("activation") and inspect.isfunction(value) and not value.__module__.startswith(_OTHERS)
