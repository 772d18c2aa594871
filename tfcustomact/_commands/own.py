"""Activations of one's own in the commands: found by ``MODULE:NAME``, and put into the list of all activations."""

import argparse
from importlib import import_module

from tfcustomact._keras import reason_against_keras
from tfcustomact.activations import ACTIVATIONS

WHAT = "an activation of your own, by its module and name, as in mypackage.mymodule:bent"


def enter(parser: argparse.ArgumentParser, target: str | None) -> str | None:
    """Puts the activation called ``target`` into the list of all activations, and returns its name there: the target
    itself; None where there is none. Ends the command, with a sentence, if there is no such activation."""
    if target is None:
        return None
    if reason := reason_against_keras():
        parser.error(f"{target} {reason}")
    from tfcustomact._own import own_of

    module, _, name = target.partition(":")
    if not module or module.startswith(".") or not name:
        parser.error(f"{target!r} names no activation: MODULE:NAME is accepted")
    try:
        function = getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        parser.error(f"{target}: {error}; the folder that the module is in has to be in PYTHONPATH, or this one")
    own = own_of(function)
    if own is None:
        parser.error(f"{target} is {function!r}: what tfcustomact.activation made is accepted")
    ACTIVATIONS[target] = own
    return target
