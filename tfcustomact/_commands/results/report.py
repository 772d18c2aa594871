"""What a benchmark shows when it has finished: tables, and its verdict."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.measure import Measurement as Width
from rich.table import Table

from tfcustomact._commands.console import show, table
from tfcustomact._commands.results import processors
from tfcustomact._commands.results.record import Change
from tfcustomact._commands.results.verdict import short
from tfcustomact._commands.timing.comparison import RELU, Comparison
from tfcustomact._commands.timing.contestants import CONTESTANTS, REFERENCES, Entry
from tfcustomact._commands.timing.measurement import Measurement, Spread
from tfcustomact._commands.timing.models import Timed
from tfcustomact._commands.timing.promises import Finding

_VERDICT_STYLES = {"holds": "green", "broken": "bold red", "not measured": "yellow"}

# What the main job prints fits a terminal of so many columns.
_WIDTH = 100


def print_comparisons(out: Console, comparisons: Sequence[Comparison]) -> None:
    """A table for each device and dtype, of at most 100 columns: activations and passes down, sizes across. Where the
    terminal has no room for all sizes, the others follow in tables of their own."""
    for device, dtype in dict.fromkeys((each.device, each.dtype) for each in comparisons):
        found = [each for each in comparisons if (each.device, each.dtype) == (device, dtype)]
        powers = sorted({power for each in found for power in each.ratios})
        title = f"{dtype} on {device}: ReLU's time; how many times as fast ours is, and its share of ReLU's time"
        while powers:
            fitting = range(len(powers), 1, -1)
            count = next((n for n in fitting if _needed(out, _compared(found, powers[:n])) <= out.width), 1)
            show(out, title, _compared(found, powers[:count]))
            powers = powers[count:]


def _compared(found: Sequence[Comparison], powers: Sequence[int]) -> Table:
    made = table(("", "", *(f"2^{power}" for power in powers)), numbers=len(powers))
    # Without the outer lines there is room for six sizes.
    made.show_edge = made.pad_edge = False
    relu: dict[str, dict[int, str]] = {}
    for each in found:
        for power, ratios in each.ratios.items():
            if ratios.relu_seconds is not None:
                relu.setdefault(_way(each), {}).setdefault(power, _words(ratios.relu_seconds))
    for name, of_name in ((RELU, relu), *((op, _speeds(found, op)) for op in dict.fromkeys(e.op for e in found))):
        shown = {way: cells for way, cells in of_name.items() if not cells.keys().isdisjoint(powers)}
        for number, (way, cells) in enumerate(shown.items()):
            made.add_row("" if number else name, way, *(cells.get(power, "") for power in powers))
        made.add_section()
    return made


def _needed(out: Console, made: Table) -> int:
    """The width that a table needs."""
    return Width.get(out, out.options.update(max_width=1000), made).maximum


def print_sentences(out: Console, sentences: Iterable[str]) -> None:
    """Each with a hanging indent, in lines of at most 100 columns."""
    for sentence in sentences:
        lines = textwrap.wrap(sentence, min(_WIDTH, out.width), subsequent_indent="    ", break_long_words=False)
        out.print("\n".join(lines), markup=False, soft_wrap=True)


def print_models(out: Console, timed: Sequence[Timed]) -> None:
    made = table(("model", "mode", "step", "before", "after", "ratio", "limit", ""), numbers=5)
    for each in timed:
        verdict = _verdict_cell("holds" if each.holds else "broken") if each.limit else ""
        numbers = (_words(each.before), _words(each.after), f"{each.ratio:.3g}", f"{each.limit or '':}")
        made.add_row(each.model, each.mode, each.step, *numbers, verdict)
    if timed:
        show(out, "Before and after tca.accelerate: median times, and the median of the ratios", made)


def print_measurements(out: Console, measured: Mapping[Entry, Measurement]) -> None:
    """One table for each op, mode and dtype: contestants down, sizes across, the ratio beside each time."""
    tables: dict[tuple[str, ...], list[Entry]] = {}
    for name, case in measured:
        tables.setdefault((case.op, case.mode, case.dtype, case.device), []).append((name, case))
    for (op, mode, dtype, device), entries in tables.items():
        sizes = sorted({case.size for _, case in entries})
        names = {name for name, _ in entries}
        reference = next((name for name in REFERENCES if name in names), None)
        columns = ("direction", "contestant", *(f"2^{size.bit_length() - 1}" for size in sizes))
        made = table(columns, numbers=len(sizes))
        for direction in dict.fromkeys(case.direction for _, case in entries):
            rows: dict[str, dict[int, str]] = {}
            for name, case in entries:
                if case.direction == direction:
                    own, others = measured[name, case], measured.get((reference, case)) if reference else None
                    rows.setdefault(name, {})[case.size] = _cell(own, others)
            for name, cells in rows.items():
                style = "bold" if CONTESTANTS[name].ours else ""
                made.add_row(direction, name, *(cells.get(size, "") for size in sizes), style=style)
            made.add_section()
        over = f"; beside each median time, its ratio over {reference}" if reference else ""
        show(out, f"{op}, {mode}, {dtype}, {device}{over}", made)


def print_findings(out: Console, findings: Sequence[Finding], records: Sequence[dict[str, Any]]) -> None:
    """With the records of other processors, where there are any, the last column says where each promise held."""
    columns = ("promise", "op", "mode", "size", "ours", "theirs", "20 %", "ratio", "80 %", "limit", "")
    made = table((*columns, "recorded as held on") if records else columns)
    for finding in findings:
        promise, ratio, verdict = finding.promise, finding.ratio, finding.verdict
        cells = [""] * 5
        if ratio is not None and finding.measured is not None:
            cells = [_words(Spread.of(side.seconds).median) for side in finding.measured]
            cells += [f"{value:.3g}" for value in (ratio.p20, ratio.median, ratio.p80)]
        made.add_row(
            promise.words,
            promise.case.op,
            promise.case.mode,
            f"2^{promise.case.power}",
            *cells,
            f"{promise.limit:.3g}",
            _verdict_cell(verdict),
            *([processors.words(records, promise)] if records else []),
        )
    show(out, "Promises: median times, and the median of the ratios with its percentiles", made)
    for reason in dict.fromkeys(reason for finding in findings for reason in finding.reasons):
        out.print(f"not measured: {reason}", markup=False)
    held = sum(finding.verdict == "holds" for finding in findings)
    out.print(f"Promises: {held} of {len(findings)} hold.")


def print_changes(out: Console, changes: Sequence[Change], doubts: Iterable[str]) -> None:
    slower = sorted((change for change in changes if change.slower), key=lambda change: -change.factor)
    for doubt in doubts:
        out.print(f"not the same machine: {doubt}", style="yellow", markup=False)
    if slower:
        made = table(("contestant", "op", "mode", "direction", "dtype", "size", "over", "then", "now", "times"))
        for change in slower:
            case = change.case
            words = _words if change.reference is None else "{:.3g}".format
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


def _verdict_cell(verdict: str) -> str:
    return f"[{_VERDICT_STYLES[verdict]}]{verdict}[/]"


def _way(comparison: Comparison) -> str:
    passes = {"forward": "forward", "both": "training"}
    return f"{comparison.mode} {passes[comparison.direction]}"


def _speeds(comparisons: Iterable[Comparison], op: str) -> dict[str, dict[int, str]]:
    found = {}
    for each in comparisons:
        if each.op == op:
            shares = {
                p: "" if ratios.of_relu is None else f" {ratios.of_relu:4.2f}" for p, ratios in each.ratios.items()
            }
            found[_way(each)] = {p: f"{short(r.faster)}{shares[p]}" for p, r in each.ratios.items()}
    return found


def _cell(own: Measurement, reference: Measurement | None) -> str:
    time = _words(Spread.of(own.seconds).median)
    return time if reference is None else f"{time} {own.over(reference).median:5.2f}"


def _words(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
