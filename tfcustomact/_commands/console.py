"""How commands are called and what they print to: tables on standard output, progress on standard error."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
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
        made.add_column(column, justify="right" if index >= len(columns) - numbers else "left")
    return made


def show(out: Console, title: str, made: Table) -> None:
    # A table's own title is wrapped to the table's width.
    out.print(f"\n{title}", style="bold", soft_wrap=True)
    out.print(made)


def progress(purpose: str, steps: Sequence[_Step], name: Callable[[_Step], str] = str) -> Iterator[_Step]:
    """Yield the steps, showing how far it is: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True, highlight=False)
    step = TextColumn("{task.fields[step]}")
    columns = (TextColumn(purpose), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), step)
    piped, next_line = not console.is_terminal, 0.0
    # A thread that refreshes by itself would disturb what is being timed.
    with Progress(*columns, console=console, auto_refresh=False, transient=True, disable=piped) as bar:
        task = bar.add_task(purpose, total=len(steps), step="")
        for done in range(len(steps) + 1):
            words = name(steps[done]) if done < len(steps) else "done"
            bar.update(task, completed=done, step=words, refresh=True)
            if piped and (done == len(steps) or time.monotonic() >= next_line):
                next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
                console.print(f"{purpose}: {done} of {len(steps)}: {words}", soft_wrap=True)
            if done < len(steps):
                yield steps[done]
