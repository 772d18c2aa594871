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
    arrays,
    cases,
    check,
    console,
    contestants,
    machine,
    own,
    processors,
    promises,
    record,
    report,
)
from tfcustomact._commands.contestants import Entry
from tfcustomact._commands.measurement import Budget, Measurement
from tfcustomact.activations import ACTIVATIONS

# More than this, and something else is running.
_QUIET_LOAD = 0.5

_FULL = Budget(seconds=0.5, min_rounds=5, max_rounds=50)
_QUICK = Budget(seconds=0.2, min_rounds=5, max_rounds=20)
_CHECK = Budget(seconds=6.0, min_rounds=31, max_rounds=1000, precision=0.01, min_seconds=1.0)

_Measured = dict[Entry, Measurement]


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
    if load > _QUIET_LOAD:
        out.print(f"This machine is busy (load average {load}): do not trust the times.", style="yellow")
    plan = _plan(options)
    dtypes = tuple(dict.fromkeys(case.dtype for case in plan))
    verdicts = check.run(check.trials(machine.devices(), tuple(dict.fromkeys(case.op for case in plan)), dtypes))
    check.report(out, verdicts)
    _say_what_is_left_out(out)
    records = processors.folder()
    findings: list[promises.Finding] = []
    if options.check:
        groups, findings = _promised(options)
        report.print_findings(out, findings, processors.read(records))
    else:
        groups = _measured(out, plan, _QUICK if options.quick else _FULL)
        report.print_measurements(out, {entry: group[entry] for group in groups for entry in group})
    content = record.document(groups, verdicts, findings, load)
    changes = [] if old is None else list(record.changes(old, content))
    if old is not None:
        report.print_changes(out, changes, record.differences_of_machine(old, content))
    _save(out, content, options.output)
    if options.record and records:
        path = processors.write(records, options.record, content)
        processors.write_readme(records)
        out.print(f"Recorded: {path}, and in README.md", soft_wrap=True)
    equal = check.conclude(out, verdicts)
    broken = any(finding.verdict == "broken" for finding in findings)
    slower = any(change.slower for change in changes)
    return 1 if broken or slower or not equal else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = console.parser("bench", __doc__)
    parser.add_argument("target", nargs="?", metavar="MODULE:NAME", help=f"{own.WHAT}, alone")
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--full", action="store_true", help="every case, an hour and more; without it, few of them")
    extent.add_argument("--check", action="store_true", help="measure the promised ratios, and say which hold")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what got slower; exit status 1 if any")
    parser.add_argument(
        "--record",
        metavar="PROCESSOR",
        help="with --check: keep the ratios in bench/results of this clone, and in its README, under this name",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the JSON and the plot go")
    parser.add_argument("--op", choices=tuple(ACTIVATIONS), help="this activation alone")
    parser.add_argument("--dtype", choices=cases.DTYPES, help="this dtype alone")
    parser.add_argument("--size", type=int, metavar="POWER", help="tensors of 2^POWER elements alone")
    options = parser.parse_args(arguments)
    options.quick = not (options.full or options.check)
    if options.target is not None:
        if options.op is not None:
            parser.error(f"{options.target} and --op {options.op}: one of them is accepted")
        options.op = own.enter(parser, options.target)
        contestants.add_own(options.op)
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


def _plan(options: argparse.Namespace) -> list[cases.Case]:
    return [
        case
        for device in machine.devices()
        for case in cases.planned(device, quick=options.quick, op=options.op, dtype=options.dtype, power=options.size)
    ]


def _measured(out: Console, plan: Sequence[cases.Case], budget: Budget) -> list[_Measured]:
    fitting = [case for case in plan if contestants.fits_memory(case)]
    if len(fitting) < len(plan):
        out.print(f"Left out for want of memory: {len(plan) - len(fitting)} of {len(plan)} cases.", style="yellow")
    groups = []
    for case in console.progress("timing", fitting):
        entries = contestants.entries(case)
        if entries:
            groups.append(contestants.measured(entries, budget))
    return groups


def _promised(options: argparse.Namespace) -> tuple[list[_Measured], list[promises.Finding]]:
    wanted = promises.promises(machine.devices(), options.op, options.dtype, options.size)
    findings = {promise: promises.unmeasurable(promise) for promise in wanted}
    groups = []
    measurable = promises.groups([promise for promise in wanted if findings[promise] is None])
    for group in console.progress("promises", measurable, name=lambda group: str(group[0].case)):
        pairs = [promise.sides for promise in group]
        measured = contestants.measured(dict.fromkeys(side for pair in pairs for side in pair), _CHECK, pairs)
        for promise, (ours, theirs) in zip(group, pairs, strict=True):
            findings[promise] = promises.Finding(promise, (measured[ours], measured[theirs]))
        groups.append(measured)
    return groups, [finding for finding in findings.values() if finding is not None]


def _say_what_is_left_out(out: Console) -> None:
    if not machine.has_tensorflow():
        out.print("Tensors are left out: TensorFlow is not installed.", style="yellow")
    reasons = arrays.reasons_against_device_arrays()
    if reasons:
        out.print(f"Arrays on a GPU are left out: {'; '.join(reasons)}.", style="yellow", markup=False, soft_wrap=True)


def _save(out: Console, content: dict[str, Any], folder: Path | None) -> None:
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
        if report.plot(content, device, picture):
            names.append(picture.name)
    out.print(f"Recorded: {path.parent}/ {' '.join(names)}", soft_wrap=True)
