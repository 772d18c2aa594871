"""The names of arguments of functions that are made at run time."""

from typing import Any


def rename_argument(function: Any, name: str) -> None:
    """Gives the argument called ``argument`` another name: callers may use it, and calls take no longer."""
    code = function.__code__
    names = tuple(name if each == "argument" else each for each in code.co_varnames)
    function.__code__ = code.replace(co_varnames=names)
