"""How the functions of `tfcustomact.numpy` and `tfcustomact.cuda` are made of the list of activations."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tfcustomact._signatures import rename_argument
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import Argument

Make = Callable[[Callable[..., Any], Argument | None], Callable[..., Any]]

_VALUE = """Returns `tfcustomact.{op}` of each number of an array.

{introduction}

Args:"""

_DERIVATIVE = """Returns ``dy`` times the derivative of `{op}` at ``{array}``.

Args:
    dy: an array like ``{array}``."""


def functions(
    module: str,
    kernels: ModuleType,
    value: tuple[Make, str],
    derivative: tuple[Make, str],
    array: str,
    argument: str,
) -> dict[str, Callable[..., Any]]:
    """Returns a function for the value, and one for the derivative, of every activation that has kernels.

    Args:
        module: the module that the functions are attributes of.
        kernels: the compiled kernels, attributes with the names of the functions.
        value: makes a function of a kernel and the activation's argument, which it calls ``argument``; and the part of
            the function's docstring that follows the first arguments.
        derivative: likewise.
        array: what the functions call the array that they are of.
        argument: the part of their docstrings about an argument ``{name}``.
    """
    made = {}
    for op, activation in ACTIVATIONS.items():
        if not hasattr(kernels, op):
            continue
        names = activation.argument_names
        words = {
            "argument": "".join(argument.format(name=name, sign=activation.sign) for name in names),
            "no_number": "".join(f", or if ``{name}`` is no real number" for name in names),
            "not_finite": "".join(f"``{name}`` is no finite {activation.sign}number, or " for name in names),
        }
        for (make, docstring), name, first in ((value, op, _VALUE), (derivative, f"{op}_grad", _DERIVATIVE)):
            function = make(getattr(kernels, name), *(activation.arguments or (None,)))
            function.__module__, function.__name__, function.__qualname__ = module, name, name
            function.__doc__ = first.format(op=op, introduction=activation.introduction, array=array)
            function.__doc__ += docstring.format(**words)
            for argument_name in names:
                rename_argument(function, argument_name)
            made[name] = function
    return made
