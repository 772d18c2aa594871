"""Activations with several values of their parameter."""

from typing import Any

import mpmath
import pytest

from tfcustomact.activations import ACTIVATIONS

WITH_PARAMETER = tuple(op for op, activation in ACTIVATIONS.items() if activation.arguments)


def every_op_with(*parameters: float) -> pytest.MarkDecorator:
    """Runs a test of ``op`` and ``parameter`` for each of these; with None, once, for an activation without one."""
    pairs = [
        (op, parameter)
        for op, activation in ACTIVATIONS.items()
        for parameter in (parameters if activation.arguments else (None,))
    ]
    return pytest.mark.parametrize(("op", "parameter"), pairs)


def given(parameter: float | None) -> tuple[float, ...]:
    """The arguments of a function of x for this parameter."""
    return () if parameter is None else (parameter,)


def defined(op: str, parameter: float | None, x: float, derivative: int) -> Any:
    """The activation or a derivative of it, from its definition, at mpmath's precision."""
    activation = ACTIVATIONS[op]
    arguments = [
        mpmath.mpf(float(a)) for a in given(parameter) or (argument.default for argument in activation.arguments)
    ]

    def function(x: Any) -> Any:
        return activation.definition(mpmath, x, *arguments)

    # From the left.
    return mpmath.diff(function, mpmath.mpf(float(x)), derivative, direction=-1)


def defined_of_both(op: str, x: float, parameter: float, by_x: int, by_parameter: int) -> Any:
    """A derivative of the activation with respect to x and its parameter, so many times each."""
    definition = ACTIVATIONS[op].definition
    point = (mpmath.mpf(float(x)), mpmath.mpf(float(parameter)))
    return mpmath.diff(lambda *both: definition(mpmath, *both), point, (by_x, by_parameter))
