"""Arguments of functions that are made, by the words of those they are made for."""

from typing import Any


def rename_argument(function: Any, name: str) -> None:
    """Gives the argument called ``argument`` another name: its caller may use it, at no cost for the call."""
    code = function.__code__
    names = tuple(name if each == "argument" else each for each in code.co_varnames)
    function.__code__ = code.replace(co_varnames=names)
