"""The record of a run: what the JSON file holds, and how it is read again."""

import dataclasses
import datetime
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfcustomact._commands import machine
from tfcustomact._commands.equality import Verdict
from tfcustomact._commands.promises import Finding
from tfcustomact._commands.session import Result

SCHEMA = 1

_METHOD = {
    "interleaving": "the contestants of one case take turns, in rounds of shuffled order, within one process",
    "sample": "mean seconds per call over `repeats` calls in a row, at least about a millisecond together",
    "on GPUs": "each call by itself, after the second-level cache was filled with something else; arrays by CUDA "
    "events; tensors, and JAX's arrays, by this process's clock, waiting for the device included",
    "seconds": "20th percentile, median and 80th percentile of one sample per round",
    "ratios": "20th percentile, median and 80th percentile of the ratios of the two samples of each round",
    "outputs": "every call returns fresh arrays, dropped at once, but for the contestants named out=",
    "backward": "the gradient alone: the forward pass is recorded before in eager mode, pruned in the other modes",
    "threads": "PyTorch is given TensorFlow's number of threads; JAX uses all cores, as TensorFlow does by default",
}


def document(
    results: Iterable[Result], equality: Iterable[Verdict], findings: Iterable[Finding], load_before: float | None
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.description() | {"load average before": load_before},
        "checkout": machine.checkout(),
        "versions": machine.versions(),
        "build": machine.build_facts(),
        "method": _METHOD,
        "equality": [_equality(verdict) for verdict in equality],
        "results": [_result(result) for result in results],
        "promises": [_finding(finding) for finding in findings],
    }


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
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


def _result(result: Result) -> dict[str, Any]:
    return dataclasses.asdict(result.case) | {
        "contestant": result.contestant,
        "ours": result.ours,
        "repeats": result.repeats,
        "rounds": result.rounds,
        "seconds": dataclasses.asdict(result.seconds),
        "ratios": {name: dataclasses.asdict(ratio) for name, ratio in result.ratios.items()},
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
    return dataclasses.asdict(promise.ours.case) | {
        "promise": promise.words,
        "ours": promise.ours.contestant.name,
        "theirs": promise.theirs.contestant.name,
        "their_dtype": promise.theirs.case.dtype,
        "limit": promise.limit,
        "ratio": None if finding.ratio is None else dataclasses.asdict(finding.ratio),
        "reasons": list(finding.reasons),
        "verdict": finding.verdict,
    }
