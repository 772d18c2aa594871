"""Activations of one's own in the commands: found by ``MODULE:NAME``, and put into the list of all activations."""

import argparse
import functools
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

import numpy as np

from tfcustomact._keras import reason_against_keras
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import Activation, Argument

WHAT = "an activation of your own, by its module and name, as in mypackage.mymodule:bent"


@dataclass(frozen=True, eq=False)
class _OwnActivation(Activation):
    """The record of an activation of one's own, as far as the commands ask for it."""

    own: Any = None

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What the formula takes besides x, whatever it calls that."""
        arguments: tuple[Argument, ...] = self.own.arguments
        return arguments


def enter(parser: argparse.ArgumentParser, target: str | None) -> str | None:
    """Puts the activation called ``target`` into the list of all activations, and returns its name there: the target
    itself; None where there is none. Ends the command, with a sentence, if there is no such activation."""
    if target is None:
        return None
    if reason := reason_against_keras():
        parser.error(f"{target} {reason}")
    from tfcustomact._own import own_of

    module, _, name = target.partition(":")
    if not module or not name:
        parser.error(f"{target!r} names no activation: MODULE:NAME is accepted")
    try:
        function = getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        parser.error(f"{target}: {error}; the folder that the module is in has to be in PYTHONPATH, or this one")
    own = own_of(function)
    if function is None or own is None:
        parser.error(f"{target} is {function!r}: what tfcustomact.activation made is accepted")
    formula = f"the formula of {name}"
    ACTIVATIONS[target] = _OwnActivation(
        function=function,
        layer="",
        value=own.formula,
        derivatives=(_nothing, _nothing, _nothing),
        exact=_nothing,
        definition=_nothing,
        special_values=(),
        compositions={formula: own.formula},
        plain=formula,
        own=own,
    )
    return target


def expected(op: str, x: np.ndarray, parameter: float | None, derivative: int) -> "Expected | None":
    """Returns what judges an activation of one's own; None for ours."""
    activation = ACTIVATIONS[op]
    return Expected(activation.own, x, parameter, derivative) if isinstance(activation, _OwnActivation) else None


class Expected:
    """What an activation of one's own, or its derivative, has to be: its formula in float64."""

    def __init__(self, own: Any, x: np.ndarray, parameter: float | None, derivative: int) -> None:
        from tfcustomact._own._exact import Exact

        numbers = [default for _, default in own.arguments]
        if parameter is not None:
            numbers[0] = parameter
        self._x = x
        self._errors = functools.partial(_errors, Exact(own, tuple(numbers), None), (0,) * derivative)

    def errors(self, got: np.ndarray, places: Any = ...) -> np.ndarray:
        """Returns the errors in ULPs, as `tfcustomact.testing.check_activation` counts them, of the results for what is
        at these places of x, an index."""
        return self._errors(self._x[places], got)


def limit_of(dtype: str) -> float:
    from tfcustomact._own._check import limit_of

    return limit_of(dtype)


def is_own(op: str) -> bool:
    return isinstance(ACTIVATIONS[op], _OwnActivation)


def _errors(exact: Any, by: tuple[int, ...], x: np.ndarray, got: np.ndarray) -> np.ndarray:
    from tfcustomact._own._check import errors

    with np.errstate(all="ignore"):
        return errors(exact, by, x, got)[0]


def _nothing(*_: Any) -> NoReturn:
    raise NotImplementedError("activations of one's own are computed by their function alone")
