"""What commands print to: tables on standard output, progress on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

_Step = TypeVar("_Step")
_Show = Callable[[int, str], None]
_SECONDS_BETWEEN_LINES = 10.0

# Where the output is a file or a pipe, lines are not to be broken.
_PIPE_WIDTH = 160


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
    with (_bar if console.is_terminal else _lines)(console, purpose, len(steps)) as show:
        for done, step in enumerate(steps):
            show(done, name(step))
            yield step
        show(len(steps), "done")


@contextmanager
def _bar(console: Console, purpose: str, total: int) -> Iterator[_Show]:
    step = TextColumn("{task.fields[step]}")
    columns = (TextColumn(purpose), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), step)
    # A thread that refreshes by itself would disturb what is being timed.
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as bar:
        task = bar.add_task(purpose, total=total, step="")
        yield lambda done, step: bar.update(task, completed=done, step=step, refresh=True)


@contextmanager
def _lines(console: Console, purpose: str, total: int) -> Iterator[_Show]:
    last = -_SECONDS_BETWEEN_LINES

    def show(done: int, step: str) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            console.print(f"{purpose}: {done} of {total}: {step}", soft_wrap=True)

    yield show
