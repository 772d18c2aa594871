"""How commands are called and what they print to: tables on standard output, progress on standard error."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_Step = TypeVar("_Step")
_SECONDS_BETWEEN_LINES = 10.0

# Where the output is a file or a pipe, lines are not to be broken.
_PIPE_WIDTH = 160


def parser(command: str, module_docstring: str | None) -> argparse.ArgumentParser:
    """A parser of a command's arguments; there are no docstrings under ``python -OO``."""
    description = (module_docstring or "").partition("\n")[0].partition(": ")[2]
    return argparse.ArgumentParser(prog=f"python -m tfcustomact {command}", description=description)


class _Output(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except OSError as error:
            _give_up(error)


def output() -> Console:
    console = _Output(highlight=False)
    return console if console.is_terminal else _Output(highlight=False, width=_PIPE_WIDTH)


def _give_up(error: OSError) -> NoReturn:
    """End the command: with a sentence, or quietly where a pipe's reader wants no more."""
    # The interpreter writes what is left when it ends, and would complain again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(1 if isinstance(error, BrokenPipeError) else f"cannot write the output: {error.strerror}")


def table(columns: Sequence[str], numbers: int = 0) -> Table:
    """A table whose last ``numbers`` columns are aligned to the right."""
    made = Table()
    for index, column in enumerate(columns):
        # In a narrow terminal long words are folded: cut off, they would say something else.
        made.add_column(column, justify="right" if index >= len(columns) - numbers else "left", overflow="fold")
    return made


def show(out: Console, title: str, made: Table) -> None:
    # A table's own title is wrapped to the table's width.
    out.print(f"\n{title}", style="bold", soft_wrap=True)
    out.print(made)


class Job:
    """The progress of a command with several parts, and the time left of all of them: a bar on a terminal, else a line
    now and then.

    Args:
        seconds: how long each part is expected to take, by its name.
    """

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds
        self._console = Console(stderr=True, highlight=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
            TextColumn("{task.fields[step]}"),
        )
        # A thread that refreshes by itself would disturb what is being timed.
        self._bar = Progress(
            *columns, console=self._console, auto_refresh=False, transient=True, disable=not self._console.is_terminal
        )
        self._task = self._bar.add_task("", total=sum(seconds.values()), step="")
        self._next_line = 0.0

    def steps(self, part: str, steps: Sequence[_Step], name: Callable[[_Step], str] = str) -> Iterator[_Step]:
        """Yields the steps of a part, and shows how far it is."""
        self._bar.start()
        try:
            for done, step in enumerate(steps):
                self._show(f"{part}: {done} of {len(steps)}", name(step), self._next_line)
                yield step
                self._bar.advance(self._task, self._seconds[part] / len(steps))
            self._show(f"{part}: {len(steps)} of {len(steps)}", "done", 0.0)
        finally:
            self._bar.stop()

    def _show(self, part: str, step: str, next_line: float) -> None:
        self._bar.update(self._task, description=part, step=step, refresh=True)
        if self._bar.disable and time.monotonic() >= next_line:
            self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
            left = self._bar.tasks[0].time_remaining
            about = "" if not left else f", about {left:.0f} s left"
            self._console.print(f"{part}{about}: {step}", soft_wrap=True)


def progress(purpose: str, steps: Sequence[_Step], name: Callable[[_Step], str] = str) -> Iterator[_Step]:
    """Yields the steps of a command with one part, and shows how far it is."""
    return Job({purpose: len(steps)}).steps(purpose, steps, name)
