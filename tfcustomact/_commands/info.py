"""``python -m tfcustomact info``: what is installed and built, and which backend runs what, with reasons."""

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from tfcustomact import _native_library
from tfcustomact._commands import console, machine
from tfcustomact._commands.availability import explained
from tfcustomact._commands.cases import DTYPES, OPS
from tfcustomact._dispatch import VARIABLE


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="python -m tfcustomact info", description=__doc__.split(": ", 1)[1]).parse_args(
        arguments
    )
    out = console.output()
    _facts(out, "Versions", machine.versions())
    _facts(out, "Machine", {name: _words(value) for name, value in machine.description().items()})
    _facts(out, "Compiled kernels", machine.build_facts() or {"state": "not built"})
    library = _native_library.load()
    _facts(out, "Compiled TensorFlow ops", {"state": library if isinstance(library, str) else "loaded"})
    _dispatch(out, machine.devices())
    return 0


def _facts(out: Console, title: str, facts: Mapping[str, str]) -> None:
    made = console.table(("", ""))
    made.show_header = False
    for name, value in facts.items():
        made.add_row(name, value)
    console.show(out, title, made)


def _dispatch(out: Console, devices: Iterable[str]) -> None:
    asked = os.environ.get(VARIABLE)
    made = console.table(("op", "device", "dtype", "backend", "why no other"))
    for op in OPS:
        for device in devices:
            for dtype in DTYPES:
                found = explained(op, device, dtype)
                reasons = [f"{name}: {'; '.join(why)}" for name, why in found.reasons_against.items()]
                made.add_row(op, device, dtype, found.backend, "\n".join(reasons))
        made.add_section()
    console.show(out, "Which backend runs" + (f", with {VARIABLE}={asked}" if asked else ""), made)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
