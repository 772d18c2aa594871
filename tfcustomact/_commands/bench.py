"""``python -m tfcustomact bench``: equality first, then time; exit status 1 if anything is unequal or broken."""

import argparse
import datetime
import importlib.util
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tfcustomact._commands import (
    cases,
    check,
    compare,
    console,
    device_calls,
    equality,
    machine,
    processors,
    promises,
    record,
    session,
    tables,
)
from tfcustomact._commands.timing import Budget, Samples

# More than this, and something else is running.
_QUIET_LOAD = 0.5

_FULL = Budget(seconds=0.5, least_rounds=5, most_rounds=50)
_QUICK = Budget(seconds=0.2, least_rounds=5, most_rounds=20)
_CHECK = Budget(seconds=6.0, least_rounds=31, most_rounds=1000, precision=0.01, least_seconds=1.0)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    missing = [name for name in ("matplotlib", "platformdirs") if not importlib.util.find_spec(name)]
    if missing:
        print(f"bench needs {' and '.join(missing)}: pip install {' '.join(missing)}", file=sys.stderr)
        return 2
    try:
        old = None if options.compare is None else record.read(options.compare)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    out = console.output()
    load = machine.load_average()
    if load is not None and load > _QUIET_LOAD:
        out.print(f"This machine is busy (load average {load}): do not trust the times.", style="yellow")
    plan = (cases.QUICK if options.quick else cases.FULL).narrowed(options.op, options.dtype, options.size)
    verdicts = check.run(equality.trials(machine.devices(), plan.ops, tuple(plan.powers)))
    check.report(out, verdicts)
    _say_what_is_left_out(out)
    findings: list[promises.Finding] = []
    records = processors.folder()
    if options.check:
        results, findings = _promised(options)
        tables.print_findings(out, findings, processors.read(records))
    else:
        results = _planned(out, plan, _QUICK if options.quick else _FULL)
        tables.print_results(out, results)
    content = record.document(results, verdicts, findings, load)
    slower = False
    if old is not None:
        changes = list(compare.changes(old, content))
        tables.print_changes(out, changes, compare.differences_of_machine(old, content))
        slower = any(change.slower for change in changes)
    _save(out, content, options.output)
    if options.record and records:
        path = processors.write(records, options.record, content)
        processors.write_readme(records)
        out.print(f"Recorded: {path}, and in README.md", soft_wrap=True)
    equal = check.conclude(out, verdicts)
    broken = any(finding.verdict == "broken" for finding in findings)
    return 1 if broken or slower or not equal else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tfcustomact bench", description=(__doc__ or "").partition(": ")[2])
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="few cases, under a minute")
    extent.add_argument("--check", action="store_true", help="measure the promised ratios, and say which hold")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what got slower; exit status 1 if any")
    parser.add_argument(
        "--record",
        metavar="PROCESSOR",
        help="with --check: keep the ratios in bench/results of this clone, and in its README, under this name",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the JSON and the plot go")
    parser.add_argument("--op", choices=cases.OPS, help="this activation alone")
    parser.add_argument("--dtype", choices=cases.DTYPES, help="this dtype alone")
    parser.add_argument("--size", type=int, metavar="POWER", help="tensors of 2^POWER elements alone")
    options = parser.parse_args(arguments)
    if options.size is not None and not 0 <= options.size <= 32:
        parser.error(f"--size is a power of two, 0 to 32, not {options.size}")
    part = (options.op, options.dtype, options.size)
    if options.check and not promises.promises(machine.devices(), *part):
        parser.error("nothing is promised of this --op, --dtype and --size")
    if options.record is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .+-]*", options.record):
            parser.error(f"--record takes a name of letters, digits, spaces and . + -, not {options.record!r}")
        if not options.check or part != (None, None, None):
            parser.error("--record keeps what the whole of --check found: without --op, --dtype and --size")
        if processors.folder() is None:
            parser.error("--record writes to bench/results and README.md of a clone, and this package is in none")
    return options


def _planned(out: Console, plan: cases.Plan, budget: Budget) -> list[session.Result]:
    wanted = [case for device in machine.devices() for case in plan.cases(device)]
    fitting = [case for case in wanted if session.fits_memory(case)]
    if len(fitting) < len(wanted):
        out.print(f"Left out for want of memory: {len(wanted) - len(fitting)} of {len(wanted)} cases.", style="yellow")
    results = []
    for case in console.progress("timing", fitting):
        group = session.entrants(case)
        if group:
            results += session.results(group, session.timed(group, budget))
    return results


def _say_what_is_left_out(out: Console) -> None:
    if not machine.has_tensorflow():
        out.print("Tensors are left out: TensorFlow is not installed.", style="yellow")
    reasons = device_calls.reasons_against_device_arrays()
    if reasons:
        out.print(f"Arrays on a GPU are left out: {'; '.join(reasons)}.", style="yellow", markup=False, soft_wrap=True)


def _promised(options: argparse.Namespace) -> tuple[list[session.Result], list[promises.Finding]]:
    wanted = promises.promises(machine.devices(), options.op, options.dtype, options.size)
    findings = {promise: promises.unmeasurable(promise) for promise in wanted}
    measurable = [promise for promise, finding in findings.items() if finding is None]
    groups = promises.groups(measurable)
    measured: dict[session.Entrant, Samples] = {}
    results = []
    for group in console.progress("promises", groups, name=lambda group: str(group[0].case)):
        pairs = [
            (promise.ours, promise.theirs) for promise in measurable if {promise.ours, promise.theirs} <= set(group)
        ]
        samples = session.timed(group, _CHECK, pairs)
        measured.update(zip(group, samples, strict=True))
        results += session.results(group, samples)
    return results, [finding or promises.measured(promise, measured) for promise, finding in findings.items()]


def _save(out: Console, content: dict[str, Any], folder: Path | None) -> None:
    from tfcustomact._commands import plot

    if folder is None:
        import platformdirs

        folder = platformdirs.user_data_path("tfcustomact", appauthor=False) / "bench"
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    path = folder / f"bench-{stamp}.json"
    record.write(path, content)
    names = [path.name]
    for device in dict.fromkeys(result["device"] for result in content["results"]):
        suffix = "" if device == machine.HOST else f"-{device.partition(':')[0].lower()}"
        picture = path.with_name(f"{path.stem}{suffix}.png")
        if plot.draw(content, device, picture):
            names.append(picture.name)
    out.print(f"Recorded: {path.parent}/ {' '.join(names)}", soft_wrap=True)
