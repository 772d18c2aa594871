"""``python -m tfcustomact check``: equality alone; exit status 1 if any backend misses its limit."""

import argparse
import math
from collections.abc import Iterable, Sequence

from rich.console import Console

from tfcustomact._commands import console, equality
from tfcustomact._commands.machine import devices


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(
        prog="python -m tfcustomact check", description=(__doc__ or "").partition(": ")[2]
    ).parse_args(arguments)
    verdicts = run(equality.trials(devices()))
    out = console.output()
    report(out, verdicts)
    return 0 if conclude(out, verdicts) else 1


def run(trials: Sequence[equality.Trial]) -> list[equality.Verdict]:
    return [equality.judge(trial) for trial in console.progress("equality", trials)]


def report(out: Console, verdicts: Iterable[equality.Verdict]) -> None:
    """One row for all modes and parameters of one output; errors are the largest of them."""
    modes = (*equality.MODES, "array")
    rows: dict[tuple[str, ...], dict[str, equality.Verdict]] = {}
    for verdict in verdicts:
        trial = verdict.trial
        row = rows.setdefault((trial.backend, trial.device, trial.op, trial.output, trial.dtype), {})
        if trial.mode not in row or row[trial.mode].error < verdict.error:
            row[trial.mode] = verdict
    columns = ("backend", "device", "op", "output", "dtype", *modes, "limit")
    made = console.table(columns, numbers=len(modes) + 1)
    for key, row in rows.items():
        limit = next(iter(row.values())).limit
        made.add_row(*key, *(_cell(row.get(mode)) for mode in modes), f"{limit:g}")
    console.show(out, "Largest error in ULP against the exact values", made)


def conclude(out: Console, verdicts: Sequence[equality.Verdict]) -> bool:
    """Say in words whether all is equal; True if it is."""
    missed = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in missed:
        out.print(
            f"[red]missed[/]: {verdict.trial}: {_words(verdict.error)} ULP at x = {verdict.worst_input}, "
            f"limit {verdict.limit:g}",
            soft_wrap=True,
        )
    held = len(verdicts) - len(missed)
    out.print(f"Equality: {held} of {len(verdicts)} hold.", style="green" if not missed else "red")
    return not missed


def _cell(verdict: equality.Verdict | None) -> str:
    if verdict is None:
        return ""
    return _words(verdict.error) if verdict.holds else f"[red]{_words(verdict.error)} !"


def _words(error: float) -> str:
    return f"{error:.3g}" if math.isfinite(error) else "infinite"
