"""What was measured on which kind of processor: the small records in bench/results, and README's tables and plots of
them.

``python -m tfcustomact._commands.results.processors`` makes tables and plots anew from the records, without timing
anything.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tfcustomact._commands import check, errors, machine
from tfcustomact._commands.results import plots, verdict
from tfcustomact._commands.timing import comparison, models, short
from tfcustomact._commands.timing.measurement import rounded
from tfcustomact._commands.timing.promises import PROMISES, Key, Promise, holds
from tfcustomact.activations import ACTIVATIONS

_CLONE = Path(__file__).resolve().parents[3]

# What is between these lines of README is written by `write_readme`: what the newest record says in sentences, and the
# tables of all of them.
_VERDICT, _TABLES = (
    (f"<!-- {what}: written by bench --record, from bench/results. -->", f"<!-- End of the {what.lower()}. -->")
    for what in ("Verdict", "Tables")
)
_SPEED, _ERRORS = "speed.svg", "errors.svg"

# The sizes that README shows, as powers of two.
SHOWN_POWERS = (10, 18, 20, 22, 24, 26)


def folder() -> Path | None:
    """Where the records are; None outside of a clone."""
    found = _CLONE / "bench" / "results"
    return found if found.is_dir() else None


def read(folder: Path | None) -> list[dict[str, Any]]:
    paths = [] if folder is None else sorted(folder.glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def write(folder: Path, processor: str, content: dict[str, Any]) -> Path:
    """Keep what is worth keeping of a run, in the place of what was kept of this processor and this kind of run before:
    promises, or without them the main job.

    Args:
        folder: where the records are.
        processor: the name that people know it by; a virtual machine may say less than that of itself.
        content: the record of the run, as `record.document` makes it.
    """
    machine, build = content["machine"], content["build"] or {}
    head = {
        "processor": processor,
        "cpu": machine["cpu"],
        "instruction set": build.get("instruction set in use"),
        **{name: machine.get(name) for name in ("cores", "threads", "caches", "devices")},
        "versions": content["versions"],
        "date": content["date"],
        "checkout": content.get("checkout"),
        "load average before": machine["load average before"],
    }
    name = re.sub("[^a-z0-9]+", "-", processor.lower()).strip("-")
    path = folder / f"{name}{'' if content['promises'] else '-main-job'}.json"
    # A line for each fact, and one for each promise with all its sizes: what changes from run to run is readable.
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    for name, found in (
        ("median ratios", _rows(content["promises"])),
        ("comparisons", content["comparisons"]),
        ("errors", _without_most_curves(content["errors"])),
        ("models", content["models"]),
    ):
        rows = ",\n".join(f"  {json.dumps(row)}" for row in found)
        lines.append(f'"{name}": [\n{rows}\n ]')
    path.write_text("{\n " + ",\n ".join(lines) + "\n}\n", encoding="utf-8")
    return path


def _rows(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        if finding["ratio"] is not None:
            row = {"promise": finding["promise"], "mode": finding["mode"], "op": finding["op"]}
            power = str(finding["size"].bit_length() - 1)
            rows.setdefault(tuple(row.values()), row)[power] = rounded(finding["ratio"]["median"])
    return list(rows.values())


def _without_most_curves(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = short.thorough(ACTIVATIONS)
    return [each if each["op"] in shown else each | {"by_x": []} for each in found]


def words(records: Iterable[dict[str, Any]], promise: Promise) -> str:
    """On which processors a promise held, and at which commit; on which it did not."""
    found = []
    for record in records:
        ratio = _ratios(record).get(promise.key)
        if ratio is not None:
            verdict = "" if holds(ratio, promise.limit) else "not "
            found.append(f"{verdict}{record['processor']} {_commit(record)}".strip())
    return ", ".join(found)


def put_into(readme: str, records: Sequence[dict[str, Any]]) -> str:
    """Returns README with what the records say between its markers."""
    newest = _newest(records)
    with_promises = [each for each in records if _shown(each)]
    readme = _replaced(readme, _VERDICT, [] if newest is None else [_verdict(newest)])
    return _replaced(readme, _TABLES, [*([] if newest is None else [_summary(newest)]), *map(_promises, with_promises)])


def write_readme(folder: Path) -> None:
    """Writes README's tables, and draws its plots."""
    records = read(folder)
    path = folder.parents[1] / "README.md"
    path.write_text(put_into(path.read_text(encoding="utf-8"), records), encoding="utf-8")
    newest = _newest(records)
    if newest is not None:
        plots.speed(_comparisons(newest), machine.HOST, caption(newest), folder / _SPEED)
        plots.accuracy([each for each in _errors(newest) if each.by_x], caption(newest), folder / _ERRORS)


def caption(record: dict[str, Any]) -> str:
    """Where and when a record was measured."""
    facts = f"{record['cpu']}, {record['instruction set']}, {record['cores']} cores"
    return f"{record['processor']} ({facts}), float32, {record['date'][:10]}, {_commit(record)}".rstrip(", ")


def _newest(records: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest record that has comparisons on a processor."""
    return max(filter(_comparisons, records), key=lambda each: each["date"], default=None)


def _replaced(readme: str, marks: tuple[str, str], parts: Iterable[str]) -> str:
    begin, end = marks
    before, rest = readme.split(begin)
    _, after = rest.split(end)
    return "\n\n".join([f"{before}{begin}", *parts, f"{end}{after}"])


def _verdict(record: dict[str, Any]) -> str:
    """The sentences on the activations of the plots in eager mode, and on models."""
    shown = short.thorough(ACTIVATIONS)
    compared = [each for each in _comparisons(record) if each.op in shown and each.mode == "eager"]
    sentences = [
        *verdict.of_activations(compared, _errors(record), short.HEADLINE),
        *verdict.of_models(models.Timed(**each) for each in record["models"]),
    ]
    title = f"On {record['processor']}, of 2^{short.HEADLINE} float32 numbers (an ULP is a unit in the last place):"
    return "\n".join([title, "", *(f"- {sentence}" for sentence in sentences)])


def _comparisons(record: dict[str, Any]) -> list[comparison.Comparison]:
    """Those on the processor."""
    return [comparison.from_json(each) for each in record.get("comparisons", ()) if each["device"] == machine.HOST]


def _errors(record: dict[str, Any]) -> list[errors.Errors]:
    return [errors.from_json(each) for each in record["errors"]]


def _summary(record: dict[str, Any]) -> str:
    """A table of all activations, of one size in eager mode."""
    compared = {(each.op, each.direction): each for each in _comparisons(record) if each.mode == "eager"}
    found = {(each.op, each.output, each.ours): each.largest for each in _errors(record)}
    head = ("", "over", *verdict.PASSES.values(), "largest errors, ULP", "theirs")
    lines = [
        f"{caption(record)}, eager, 2^{short.HEADLINE} numbers: how many times as fast as what "
        "TensorFlow offers, and the share of ReLU's time; the largest errors of values and gradients:",
        "",
        *_header(*head),
    ]
    for op in dict.fromkeys(op for op, _ in compared):
        passes = [compared[op, way].ratios[short.HEADLINE] for way in verdict.PASSES]
        speeds = [f"{verdict.times(each.faster)}, {verdict.short(each.of_relu or 0)}" for each in passes]
        ours, theirs = (
            " / ".join(verdict.ulps(found[op, output, side]) for output in check.VALUE_AND_GRADIENT)
            for side in (True, False)
        )
        lines.append(_line(op, f"`{compared[op, 'forward'].theirs}`", *speeds, ours, theirs))
    return "\n".join(lines)


def _promises(record: dict[str, Any]) -> str:
    versions = record["versions"]
    libraries = (("tensorflow", "TensorFlow"), ("torch", "PyTorch"), ("jax", "JAX"))
    facts = [
        f"{record['processor']} ({record['cpu']}, {record['instruction set']}, {record['cores']} cores)",
        *(f"{name} {versions[key].partition('+')[0]}" for key, name in libraries if key in versions),
        f"{record['date'][:10]}, {_commit(record)}".rstrip(", "),
    ]
    rows = _shown(record)
    lines = [f"{', '.join(facts)}:", "", *_header("", *(f"2^{power}" for power in SHOWN_POWERS))]
    lines += [_line(row, *(" / ".join(cells.get(power, ())) for power in SHOWN_POWERS)) for row, cells in rows.items()]
    return "\n".join(lines)


def _shown(record: dict[str, Any]) -> dict[str, dict[int, list[str]]]:
    """The rows of README's table of promises: cells by the size."""
    ratios = _ratios(record)
    rows: dict[str, dict[int, list[str]]] = {}
    for promise in PROMISES:
        ratio = ratios.get(promise.key)
        is_shown = promise.shown and promise.case.op in short.thorough(ACTIVATIONS)
        if ratio is not None and is_shown and promise.case.power in SHOWN_POWERS:
            row = f"{promise.words}, in a tf.function" if promise.case.mode == "graph" else promise.words
            cell = f"{ratio:.2f}" if holds(ratio, promise.limit) else f"**{ratio:.2f}**"
            rows.setdefault(row, {}).setdefault(promise.case.power, []).append(cell)
    return rows


def _header(*cells: str) -> list[str]:
    return [_line(*cells), "|---" * len(cells) + "|"]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _ratios(record: dict[str, Any]) -> dict[Key, float]:
    return {
        (row["promise"], row["mode"], row["op"], int(power)): ratio
        for row in record["median ratios"]
        for power, ratio in row.items()
        if power.isdigit()
    }


def _commit(record: dict[str, Any]) -> str:
    checkout = record["checkout"]
    if checkout is None:
        return ""
    return checkout["commit"][:7] + (" with changes" if checkout["clean"] is False else "")


if __name__ == "__main__":
    write_readme(_CLONE / "bench" / "results")
