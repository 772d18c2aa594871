"""What a benchmark shows when it is through: tables, and the plot of its record."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tfcustomact._commands import processors
from tfcustomact._commands.cases import MODES
from tfcustomact._commands.console import show, table
from tfcustomact._commands.contestants import CONTESTANTS, REFERENCES, Entry
from tfcustomact._commands.measurement import Measurement, Spread
from tfcustomact._commands.promises import Finding
from tfcustomact._commands.record import Change

_VERDICT_STYLES = {"holds": "green", "broken": "bold red", "not measured": "yellow"}
_PLOTTED_DIRECTIONS = {"forward": "forward", "both": "forward + backward"}


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
            f"[{_VERDICT_STYLES[verdict]}]{verdict}[/]",
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


def plot(content: dict[str, Any], device: str, path: Path) -> bool:
    """Write a PNG of a record's float32 results on a device, in nanoseconds per element over size: a row per op and
    direction, a column per mode, a line per contestant with its 20th to 80th percentiles shaded. False if there is
    nothing to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    results = [r for r in content["results"] if (r["dtype"], r["device"]) == ("float32", device)]
    panels: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for result in results:
        if result["direction"] in _PLOTTED_DIRECTIONS:
            panels.setdefault((result["op"], result["direction"], result["mode"]), []).append(result)
    rows = [(op, way) for op in dict.fromkeys(r["op"] for r in results) for way in _PLOTTED_DIRECTIONS]
    rows = [row for row in rows if any(key[:2] == row for key in panels)]
    columns = [mode for mode in MODES if any(key[2] == mode for key in panels)]
    if not rows:
        return False
    colours = {name: f"C{index}" for index, name in enumerate(dict.fromkeys(r["contestant"] for r in results))}
    figure = Figure(figsize=(4.5 * len(columns), 3.2 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), len(columns), squeeze=False, sharex=True)
    for (op, direction), line in zip(rows, axes, strict=True):
        for mode, panel in zip(columns, line, strict=True):
            _draw(panel, panels.get((op, direction, mode), []), colours)
            panel.set_title(f"{op}, {_PLOTTED_DIRECTIONS[direction]}, {mode}", fontsize=10)
    for panel in axes[-1]:
        panel.set_xlabel("elements")
    for panel in axes[:, 0]:
        panel.set_ylabel("ns per element")
    machine = content["machine"]
    where = f"{machine['cpu']}, {machine['threads']} threads"
    if not device.startswith("CPU"):
        where = ", ".join(name for name in machine["devices"] if name.startswith(device.partition(":")[0]))
    figure.suptitle(f"{where}, float32, {content['date']}")
    figure.savefig(path, dpi=110)
    return True


def _draw(panel: Any, results: list[dict[str, Any]], colours: dict[str, str]) -> None:
    for name in dict.fromkeys(result["contestant"] for result in results):
        own = sorted((r for r in results if r["contestant"] == name), key=lambda r: r["size"])
        sizes = [r["size"] for r in own]
        low, middle, high = ([r["seconds"][key] * 1e9 / r["size"] for r in own] for key in ("p20", "median", "p80"))
        panel.plot(sizes, middle, color=colours[name], marker=".", linewidth=2 if own[0]["ours"] else 1, label=name)
        panel.fill_between(sizes, low, high, color=colours[name], alpha=0.2, linewidth=0)
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.minorticks_off()
    panel.grid(alpha=0.3)
    if results:
        panel.legend(fontsize=7)


def _cell(own: Measurement, reference: Measurement | None) -> str:
    time = _words(Spread.of(own.seconds).median)
    return time if reference is None else f"{time} {own.over(reference).median:5.2f}"


def _words(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
