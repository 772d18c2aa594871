"""What was measured on which kind of processor: the small records in bench/results, and README's tables of them.

``python -m tfcustomact._commands.processors`` writes the tables anew where a record has been changed or removed.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfcustomact._commands.promises import PROMISES, Key, Promise, holds

_CLONE = Path(__file__).resolve().parents[2]
_BEGIN, _END = "<!-- Written by bench --check --record, from bench/results. -->", "<!-- End of what it wrote. -->"

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
    """Keep what is worth keeping of a run of ``--check``, in the place of what was kept of this processor before.

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
        **{name: machine.get(name) for name in ("cores", "threads", "caches")},
        "versions": content["versions"],
        "date": content["date"],
        "checkout": content.get("checkout"),
        "load average before": machine["load average before"],
    }
    path = folder / f"{re.sub('[^a-z0-9]+', '-', processor.lower()).strip('-')}.json"
    # A line for each fact, and one for each promise with all its sizes: what changes from run to run is readable.
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    rows = ",\n".join(f"  {json.dumps(row)}" for row in _rows(content["promises"]))
    lines.append(f'"median ratios": [\n{rows}\n ]')
    path.write_text("{\n " + ",\n ".join(lines) + "\n}\n", encoding="utf-8")
    return path


def _rows(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        if finding["ratio"] is not None:
            row = {"promise": finding["promise"], "mode": finding["mode"], "op": finding["op"]}
            power = str(finding["size"].bit_length() - 1)
            rows.setdefault(tuple(row.values()), row)[power] = float(f"{finding['ratio']['median']:.3g}")
    return list(rows.values())


def words(records: Iterable[dict[str, Any]], promise: Promise) -> str:
    """On which processors a promise held, and at which commit; on which it did not."""
    found = []
    for record in records:
        ratio = _ratios(record).get(promise.key)
        if ratio is not None:
            verdict = "" if holds(ratio, promise.limit) else "not "
            found.append(f"{verdict}{record['processor']} {_commit(record)}".strip())
    return ", ".join(found)


def put_into(readme: str, records: Iterable[dict[str, Any]]) -> str:
    """Returns README with the records' tables between its two markers."""
    before, rest = readme.split(_BEGIN)
    _, after = rest.split(_END)
    return "\n\n".join([f"{before}{_BEGIN}", *map(_markdown, records), f"{_END}{after}"])


def write_readme(folder: Path) -> None:
    path = folder.parents[1] / "README.md"
    path.write_text(put_into(path.read_text(encoding="utf-8"), read(folder)), encoding="utf-8")


def _markdown(record: dict[str, Any]) -> str:
    versions = record["versions"]
    libraries = (("tensorflow", "TensorFlow"), ("torch", "PyTorch"), ("jax", "JAX"))
    facts = [
        f"{record['processor']} ({record['cpu']}, {record['instruction set']}, {record['cores']} cores)",
        *(f"{name} {versions[key].partition('+')[0]}" for key, name in libraries if key in versions),
        f"{record['date'][:10]}, {_commit(record)}".rstrip(", "),
    ]
    ratios = _ratios(record)
    rows: dict[str, dict[int, list[str]]] = {}
    for promise in PROMISES:
        ratio = ratios.get(promise.key)
        if ratio is not None and promise.shown and promise.case.power in SHOWN_POWERS:
            row = f"{promise.words}, in a tf.function" if promise.case.mode == "graph" else promise.words
            cell = f"{ratio:.2f}" if holds(ratio, promise.limit) else f"**{ratio:.2f}**"
            rows.setdefault(row, {}).setdefault(promise.case.power, []).append(cell)
    lines = [
        f"{', '.join(facts)}:",
        "",
        _line("", *(f"2^{power}" for power in SHOWN_POWERS)),
        "|---" * (1 + len(SHOWN_POWERS)) + "|",
    ]
    lines += [_line(row, *(" / ".join(cells.get(power, ())) for power in SHOWN_POWERS)) for row, cells in rows.items()]
    return "\n".join(lines)


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
