"""``python -m tfcustomact bench``: equality first, then speed; exit status 1 if anything is unequal or broken."""

import argparse
import datetime
import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from tfcustomact._commands import arrays, cases, check, console, errors, machine, own
from tfcustomact._commands.results import plots, processors, record, report, verdict
from tfcustomact._commands.results.record import Run
from tfcustomact._commands.timing import comparison, contestants, models, promises, short
from tfcustomact._commands.timing.measurement import Budget
from tfcustomact.activations import ACTIVATIONS

# Above this load average other processes are running.
_QUIET_LOAD = 0.5

_FULL = Budget(seconds=0.5, min_rounds=5, max_rounds=50)
_CHECK = Budget(seconds=6.0, min_rounds=31, max_rounds=1000, precision=0.01, min_seconds=1.0)
# A GPU's speed does not change from one second to the next.
_CHECK_ON_GPU = replace(_CHECK, seconds=1.0, min_seconds=0.0)

# How long the parts of the main job take on two cores, in seconds. What is timed is timed within its part.
_MAIN_JOB = {"equality": 20.0, "speed": 70.0, "a model": 20.0}


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    missing = [name for name in ("matplotlib", "platformdirs") if not importlib.util.find_spec(name)]
    if missing:
        print(f"bench needs {' and '.join(missing)}: pip install {' '.join(missing)}", file=sys.stderr)
        return 2
    out = console.output()
    load = machine.load_average()
    if load > _QUIET_LOAD:
        out.print(f"This machine is busy (load average {load}): do not trust the times.", style="yellow")
    if options.model:
        return _model_alone(out)
    records = processors.folder() if options.record else None
    try:
        old = None if options.compare is None else record.read(options.compare)
        # Before anything is timed.
        folder = record.writable(options.output or _data_folder())
        if records:
            record.writable(records)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    _say_what_is_left_out(out)
    run = (_full if options.full else _check if options.check else _main_job)(out, options)
    content = record.document(run, load)
    changes = [] if old is None else list(record.changes(old, content))
    if old is not None:
        report.print_changes(out, changes, record.differences_of_machine(old, content))
    _save(out, run, content, folder)
    if records:
        path = processors.write(records, options.record, content)
        processors.write_readme(records)
        out.print(f"Recorded: {path}, and in README.md", soft_wrap=True)
    slower = any(change.slower for change in changes)
    return 1 if run.has_broken_promise or slower or not all(each.holds for each in run.verdicts) else 0


def _main_job(out: Console, options: argparse.Namespace) -> Run:
    """Equality, the few cases of `short`, and a small model."""
    with_model = options.op is None and options.device is None and machine.has_tensorflow()
    job = console.Job({part: seconds for part, seconds in _MAIN_JOB.items() if part != "a model" or with_model})
    run = Run(_equality(out, job, options, ("float32",)))
    _compare(run, job, options)
    if with_model:
        run.models = models.timed(job, "a model", models.SMALL)
    if not run.comparisons:
        out.print("Nothing to compare with was found: --full times ours alone.", style="yellow")
        return run
    report.print_comparisons(out, run.comparisons)
    power = short.HEADLINE if options.size is None else options.size
    out.print(f"\nVerdict, of 2^{power} numbers:", style="bold")
    report.print_sentences(out, verdict.of_activations(run.comparisons, run.errors, power))
    report.print_sentences(out, verdict.of_models(run.models))
    return run


def _full(out: Console, options: argparse.Namespace) -> Run:
    """Everything."""
    job = console.Job({"equality": 0.1, "speed": 0.9})
    run = Run(_equality(out, job, options, cases.DTYPES))
    plan = [
        case
        for device in options.devices
        for case in cases.planned(device, op=options.op, dtype=options.dtype, power=options.size)
    ]
    fitting = [case for case in plan if contestants.fits_memory(case)]
    if len(fitting) < len(plan):
        out.print(f"Left out for want of memory: {len(plan) - len(fitting)} of {len(plan)} cases.", style="yellow")
    for case in job.steps("speed", fitting):
        if entries := contestants.entries(case):
            run.groups.append(contestants.measured(entries, _FULL))
    run.comparisons = comparison.comparisons(run.groups)
    report.print_measurements(out, {entry: group[entry] for group in run.groups for entry in group})
    return run


def _check(out: Console, options: argparse.Namespace) -> Run:
    """The promises."""
    wanted = promises.promises(options.devices, options.op, options.dtype, options.size)
    findings = {promise: promises.unmeasurable(promise) for promise in wanted}
    measurable = promises.groups([promise for promise in wanted if findings[promise] is None])
    is_whole = (options.op, options.dtype, options.size, options.device) == (None,) * 4 and machine.has_tensorflow()
    seconds = {"equality": 60.0, "promises": 3.0 * len(measurable)}
    job = console.Job(seconds | ({"a model": 60.0} if is_whole else {}))
    run = Run(_equality(out, job, options, cases.DTYPES))
    for group in job.steps("promises", measurable, name=lambda group: str(group[0].case)):
        pairs = [promise.sides for promise in group]
        budget = _CHECK if group[0].case.kind == "CPU" else _CHECK_ON_GPU
        measured = contestants.measured(dict.fromkeys(side for pair in pairs for side in pair), budget, pairs)
        for promise, (ours, theirs) in zip(group, pairs, strict=True):
            findings[promise] = promises.Finding(promise, (measured[ours], measured[theirs]))
        run.groups.append(measured)
    run.findings = [finding for finding in findings.values() if finding is not None]
    if is_whole:
        run.models = models.timed(job, "a model", models.EFFICIENT_NET, modes=("graph",))
    report.print_findings(out, run.findings, processors.read(processors.folder()))
    report.print_models(out, run.models)
    return run


def _model_alone(out: Console) -> int:
    if not machine.has_tensorflow():
        print("--model needs TensorFlow, which is not installed", file=sys.stderr)
        return 2
    timed = models.timed(console.Job({"the model": 1.0}), "the model", models.EFFICIENT_NET)
    report.print_models(out, timed)
    return 0 if all(each.holds for each in timed) else 1


def _equality(
    out: Console, job: console.Job, options: argparse.Namespace, dtypes: Sequence[str]
) -> list[check.Verdict]:
    ops = tuple(ACTIVATIONS) if options.op is None else (options.op,)
    dtypes = dtypes if options.dtype is None else (options.dtype,)
    trials = check.trials(options.devices, ops, dtypes)
    verdicts = check.run(trials, job.steps)
    if options.full or options.check:
        check.report(out, verdicts)
    check.conclude(out, verdicts)
    return verdicts


def _compare(run: Run, job: console.Job, options: argparse.Namespace) -> None:
    """The times of the main job, and the errors, which are those of float32."""
    plan = short.planned(options.devices, options.op, options.dtype, options.size)
    run.groups = short.measured(job, "speed", plan, _MAIN_JOB["speed"])
    run.comparisons = comparison.comparisons(run.groups)
    if options.dtype in (None, "float32"):
        run.errors = errors.found(ACTIVATIONS if options.op is None else (options.op,))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = console.parser("bench", __doc__)
    parser.add_argument("target", nargs="?", metavar="MODULE:NAME", help=f"{own.WHAT}, alone")
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--full", action="store_true", help="every case and contestant: an hour and more")
    extent.add_argument("--check", action="store_true", help="measure the promised ratios, and say which hold")
    extent.add_argument("--model", action="store_true", help="EfficientNetB0 alone, before and after tca.accelerate")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what got slower; exit status 1 if any")
    parser.add_argument(
        "--record",
        metavar="PROCESSOR",
        help="keep what this or --check finds in bench/results of this clone, and in its README, under this name",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the JSON and the plot go")
    parser.add_argument("--op", choices=tuple(ACTIVATIONS), help="this activation alone")
    parser.add_argument("--dtype", choices=cases.DTYPES, help="this dtype alone")
    parser.add_argument("--size", type=int, metavar="POWER", help="tensors of 2^POWER elements alone")
    parser.add_argument("--device", metavar="DEVICE", help="this device alone: CPU:0, GPU:0")
    options = parser.parse_args(arguments)
    if options.target is not None:
        if options.op is not None:
            parser.error(f"{options.target} and --op {options.op}: one of them is accepted")
        options.op = own.enter(parser, options.target)
        contestants.add_own(options.op)
    if options.size is not None and not 0 <= options.size <= 32:
        parser.error(f"--size is a power of two, 0 to 32, not {options.size}")
    options.devices = machine.devices()
    if options.device is not None:
        if options.device not in options.devices:
            parser.error(f"--device is one of {', '.join(options.devices)}, not {options.device}")
        options.devices = [options.device]
    part = (options.op, options.dtype, options.size)
    if options.model and (part, options.device, options.compare, options.output) != ((None,) * 3, None, None, None):
        parser.error("--model stands alone: without --op, --dtype, --size, --device, --compare and --output")
    if options.check and not promises.promises(options.devices, *part):
        parser.error("nothing is promised of this --op, --dtype, --size and --device")
    if options.record is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .+-]{0,59}", options.record):
            parser.error(
                f"--record takes a name of 60 letters, digits, spaces and . + - at most, not {options.record!r}"
            )
        if options.full or options.model or part != (None, None, None):
            parser.error("--record is alone or with --check: without --full, --model, --op, --dtype and --size")
        if processors.folder() is None:
            parser.error("--record writes to bench/results and README.md of a clone, and this package is in none")
    return options


def _say_what_is_left_out(out: Console) -> None:
    if not machine.has_tensorflow():
        out.print("Tensors are left out: TensorFlow is not installed.", style="yellow")
    reasons = arrays.reasons_against_device_arrays()
    if reasons:
        out.print(f"Arrays on a GPU are left out: {'; '.join(reasons)}.", style="yellow", markup=False, soft_wrap=True)


def _data_folder() -> Path:
    import platformdirs

    return platformdirs.user_data_path("tfcustomact", appauthor=False) / "bench"


def _save(out: Console, run: Run, content: dict[str, Any], folder: Path) -> None:
    path = folder / f"bench-{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    record.write(path, content)
    caption = f"{content['machine']['cpu']}, {content['machine']['threads']} threads, {content['date']}"
    drawn = []
    for device in dict.fromkeys(each.device for each in run.comparisons):
        name = "speed" if device == machine.HOST else f"speed-{device.partition(':')[0].lower()}"
        picture = path.with_name(f"{path.stem}-{name}.png")
        drawn += [picture] if plots.speed(run.comparisons, device, f"{device}, {caption}", picture) else []
    picture = path.with_name(f"{path.stem}-errors.png")
    shown = short.thorough(dict.fromkeys(each.op for each in run.errors))
    curves = [each for each in run.errors if each.op in shown]
    drawn += [picture] if plots.accuracy(curves, caption, picture) else []
    for written in (path, *drawn):
        out.print(f"Written: {written}", soft_wrap=True)
