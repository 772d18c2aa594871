"""What a benchmark prints when it is through."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console

from tfcustomact._commands import processors
from tfcustomact._commands.compare import Change
from tfcustomact._commands.console import show, table
from tfcustomact._commands.contestants import REFERENCES
from tfcustomact._commands.promises import Finding
from tfcustomact._commands.session import Result

_VERDICT_STYLES = {"holds": "green", "broken": "bold red", "not measured": "yellow"}


def print_results(out: Console, results: Iterable[Result]) -> None:
    """One table for each op, mode and dtype: contestants down, sizes across, the ratio beside each time."""
    tables: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        case = result.case
        tables.setdefault((case.op, case.mode, case.dtype, case.device), []).append(result)
    for (op, mode, dtype, device), rows in tables.items():
        sizes = sorted({row.case.size for row in rows})
        names = {row.contestant for row in rows}
        reference = next((name for name in REFERENCES if name in names), None)
        over = f"; beside each median time, its ratio over {reference}" if reference else ""
        columns = ("direction", "contestant", *(f"2^{size.bit_length() - 1}" for size in sizes))
        made = table(columns, numbers=len(sizes))
        for direction in dict.fromkeys(row.case.direction for row in rows):
            of_direction = [row for row in rows if row.case.direction == direction]
            for name in dict.fromkeys(row.contestant for row in of_direction):
                own = {row.case.size: row for row in of_direction if row.contestant == name}
                style = "bold" if next(iter(own.values())).ours else ""
                made.add_row(direction, name, *(_cell(own.get(size), reference) for size in sizes), style=style)
            made.add_section()
        show(out, f"{op}, {mode}, {dtype}, {device}{over}", made)


def print_findings(out: Console, findings: Sequence[Finding], records: Sequence[dict[str, Any]]) -> None:
    """With the records of other processors, where there are any, the last column says where each promise held."""
    columns = ("promise", "op", "mode", "size", "ours", "theirs", "20 %", "ratio", "80 %", "limit", "")
    made = table((*columns, "recorded as held on") if records else columns)
    for finding in findings:
        case, ratio, verdict = finding.promise.ours.case, finding.ratio, finding.verdict
        measured = [""] * 5
        if ratio is not None:
            measured = [_seconds(side) for side in finding.seconds]
            measured += [f"{value:.3g}" for value in (ratio.p20, ratio.median, ratio.p80)]
        made.add_row(
            finding.promise.words,
            case.op,
            case.mode,
            f"2^{case.power}",
            *measured,
            f"{finding.promise.limit:.3g}",
            f"[{_VERDICT_STYLES[verdict]}]{verdict}[/]",
            *([processors.words(records, finding.promise)] if records else []),
        )
    show(out, "Promises: median times, and the median of the ratios with its percentiles", made)
    for reason in dict.fromkeys(reason for finding in findings for reason in finding.reasons):
        out.print(f"not measured: {reason}", markup=False)
    held = sum(finding.verdict == "holds" for finding in findings)
    out.print(f"Promises: {held} of {len(findings)} hold.")


def print_changes(out: Console, changes: Sequence[Change], doubts: Sequence[str]) -> None:
    slower = sorted((change for change in changes if change.slower), key=lambda change: -change.factor)
    for doubt in doubts:
        out.print(f"not the same machine: {doubt}", style="yellow", markup=False)
    if slower:
        columns = ("contestant", "op", "mode", "direction", "dtype", "size", "over", "then", "now", "times")
        made = table(columns)
        for change in slower:
            case = change.case
            words = _seconds if change.reference is None else "{:.3g}".format
            made.add_row(
                change.contestant,
                *(case[field] for field in ("op", "mode", "direction", "dtype")),
                f"2^{case['size'].bit_length() - 1}",
                change.reference or "",
                words(change.old["median"]),
                words(change.new["median"]),
                f"{change.factor:.2f}",
            )
        show(out, "Got slower", made)
    out.print(f"Comparison: {len(slower)} of {len(changes)} results got slower.", style="red" if slower else "green")


def _cell(result: Result | None, reference: str | None) -> str:
    if result is None:
        return ""
    time = _seconds(result.seconds.median)
    if result.contestant == reference:
        return f"{time}  1.00"
    ratio = None if reference is None else result.ratios.get(reference)
    return time if ratio is None else f"{time} {ratio.median:5.2f}"


def _seconds(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
