"""The record of a run: what the JSON file holds, how it is read again, and what got slower since."""

import dataclasses
import datetime
import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tfcustomact._commands import machine
from tfcustomact._commands.check import Verdict
from tfcustomact._commands.errors import Errors
from tfcustomact._commands.timing.comparison import Comparison
from tfcustomact._commands.timing.contestants import CONTESTANTS, REFERENCES, Entry
from tfcustomact._commands.timing.measurement import Measurement, Spread
from tfcustomact._commands.timing.models import Timed
from tfcustomact._commands.timing.promises import Finding

SCHEMA = 1

# A smaller change is not reported, however certain it is.
_TOLERATED = 1.1

_CASE = ("device", "op", "mode", "direction", "dtype", "size")

_METHOD = {
    "interleaving": "the contestants of one case take turns, in rounds of shuffled order, within one process",
    "sample": "mean seconds per call over `repeats` calls in a row, a millisecond or more together",
    "on GPUs": "each call by itself, after the second-level cache was filled with something else; arrays by CUDA "
    "events; tensors, and JAX's arrays, by this process's clock, waiting for the device included",
    "seconds": "20th percentile, median and 80th percentile of one sample per round",
    "ratios": "20th percentile, median and 80th percentile of the ratios of the two samples of each round",
    "outputs": "every call returns fresh arrays, dropped at once, but for the contestants named out=",
    "backward": "the gradient alone: the forward pass is recorded before in eager mode, pruned in the other modes",
    "threads": "PyTorch is given TensorFlow's number of threads; JAX uses all cores, as TensorFlow does by default",
}


@dataclasses.dataclass
class Run:
    """What was found in a run; each of ``groups`` was measured together."""

    verdicts: list[Verdict]
    groups: list[dict[Entry, Measurement]] = dataclasses.field(default_factory=list)
    comparisons: list[Comparison] = dataclasses.field(default_factory=list)
    errors: list[Errors] = dataclasses.field(default_factory=list)
    findings: list[Finding] = dataclasses.field(default_factory=list)
    models: list[Timed] = dataclasses.field(default_factory=list)

    @property
    def has_broken_promise(self) -> bool:
        return any(finding.verdict == "broken" for finding in self.findings) or not all(t.holds for t in self.models)


def document(run: Run, load_before: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.description() | {"load average before": load_before},
        "checkout": machine.checkout(),
        "versions": machine.versions(),
        "build": machine.build_facts(),
        "method": _METHOD,
        "equality": [_equality(verdict) for verdict in run.verdicts],
        "results": [_result(entry, group) for group in run.groups for entry in group],
        "comparisons": [each.as_json() for each in run.comparisons],
        "errors": [each.as_json() for each in run.errors],
        "promises": [_finding(finding) for finding in run.findings],
        "models": [each.as_json() for each in run.models],
    }


def writable(folder: Path) -> Path:
    """Makes the folder, and returns it. Raises `ValueError` in one sentence if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise ValueError(f"{folder} is no folder that can be written to: {error.strerror}") from error


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Raises `ValueError` in one sentence for anything that is not a record of this schema."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a record of this benchmark: {error}") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"{path} has schema {schema!r}; this benchmark reads schema {SCHEMA}")
    return content


@dataclasses.dataclass(frozen=True)
class Change:
    """A contestant of ours, then and now: ratios over ``reference``, or seconds where ``reference`` is None."""

    case: dict[str, Any]
    contestant: str
    reference: str | None
    old: dict[str, float]
    new: dict[str, float]

    @property
    def factor(self) -> float:
        return self.new["median"] / self.old["median"]

    @property
    def slower(self) -> bool:
        """Slower by more than is tolerated, and beyond the noise of both runs."""
        return self.factor > _TOLERATED and self.new["p20"] > self.old["p80"]


def changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Every result of ours that both records have. Ratios are compared where both runs timed a common reference: unlike
    seconds, they do not change with the speed of the machine."""
    before = {_key(result): result for result in old["results"]}
    for result in new["results"]:
        earlier = before.get(_key(result))
        if earlier is None or not result["ours"]:
            continue
        reference = next((name for name in REFERENCES if name in result["ratios"] and name in earlier["ratios"]), None)
        then, now = ((r["seconds"] if reference is None else r["ratios"][reference]) for r in (earlier, result))
        yield Change({field: result[field] for field in _CASE}, result["contestant"], reference, then, now)


def differences_of_machine(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What makes a comparison of the two doubtful."""
    facts = [(name, old["machine"].get(name), new["machine"].get(name)) for name in ("cpu", "cores", "threads")]
    facts += [(name, old["versions"].get(name), new["versions"].get(name)) for name in ("tensorflow", "torch", "jax")]
    return [f"{name}: {then} then, {now} now" for name, then, now in facts if then != now]


def _key(result: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(result[field] for field in (*_CASE, "contestant"))


def _result(entry: Entry, group: Mapping[Entry, Measurement]) -> dict[str, Any]:
    """With the ratios over those in the same case that are not ours."""
    (contestant, case), own = entry, group[entry]
    ratios = {
        name: own.over(measurement)
        for (name, its_case), measurement in group.items()
        if its_case == case and name != contestant and (not CONTESTANTS[name].ours or name in REFERENCES)
    }
    return dataclasses.asdict(case) | {
        "contestant": contestant,
        "ours": CONTESTANTS[contestant].ours,
        "repeats": own.repeats,
        "rounds": len(own.seconds),
        "seconds": dataclasses.asdict(Spread.of(own.seconds)),
        "ratios": {name: dataclasses.asdict(ratio) for name, ratio in ratios.items()},
    }


def _equality(verdict: Verdict) -> dict[str, Any]:
    return dataclasses.asdict(verdict.trial) | {
        # JSON has no infinity, which is the error where a special value is missed.
        "error": verdict.error if math.isfinite(verdict.error) else None,
        "limit": verdict.limit,
        "worst_input": verdict.worst_input,
        "holds": verdict.holds,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    promise = finding.promise
    return dataclasses.asdict(promise.case) | {
        "promise": promise.words,
        "ours": promise.ours,
        "theirs": promise.theirs,
        "their_dtype": promise.their_dtype,
        "limit": promise.limit,
        "ratio": None if finding.ratio is None else dataclasses.asdict(finding.ratio),
        "reasons": list(finding.reasons),
        "verdict": finding.verdict,
    }
