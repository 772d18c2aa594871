"""The small records of bench/results, and README's tables and plots of them."""

import copy
import json
import subprocess
from pathlib import Path

import pytest

from tfcustomact._commands import machine
from tfcustomact._commands.errors import Errors, middles
from tfcustomact._commands.results import processors
from tfcustomact._commands.timing.comparison import Comparison, Ratios
from tfcustomact._commands.timing.models import Timed
from tfcustomact._commands.timing.promises import PROMISES, Promise
from tfcustomact.activations import ACTIVATIONS

OPS = tuple(ACTIVATIONS)
README = Path(__file__).parents[2] / "README.md"
RATIOS = Ratios(5.9, 0.93, 5.5, 1.2e-3)
CHECKOUT = {"commit": "0123456789abcdef", "clean": True}
RUN = {
    "machine": {"cpu": "CPU", "cores": 2, "threads": 2, "caches": ["L2 1M"], "load average before": 0.1},
    "build": {"instruction set in use": "avx2"},
    "versions": {"tensorflow": "2.21.0", "torch": "2.13.0+cpu"},
    "date": "2026-01-02T03:04:05+00:00",
    "checkout": CHECKOUT,
    "promises": [
        {"promise": words, "mode": mode, "op": op, "size": 2**power, "ratio": ratio and {"median": ratio}}
        for words, mode, op, power, ratio in (
            ("eager forward, over tf.nn.relu", "eager", OPS[0], 20, 0.91234),
            ("eager forward, over tf.nn.relu", "eager", OPS[1], 20, 1.06),
            ("eager forward, over tf.nn.relu", "eager", OPS[1], 22, 0.5),
            ("tca.numpy with out=, over JAX", "array", OPS[1], 20, None),
        )
    ],
    "comparisons": [
        Comparison("CPU:0", op, "eager", direction, "float32", "theirs", dict.fromkeys((20, 22), RATIOS)).as_json()
        for op in OPS
        for direction in ("forward", "both")
    ],
    "errors": [
        Errors(op, output, who, who == "ours", 1.25, -3.0, (1.25,) * len(middles())).as_json()
        for op in OPS
        for output in ("value", "gradient")
        for who in ("ours", "theirs")
    ],
    "models": [Timed("A model", "graph", "prediction", 2.0, 1.0, 0.5).as_json()],
}


def relu(op: str) -> Promise:
    return next(p for p in PROMISES if p.key == ("eager forward, over tf.nn.relu", "eager", op, 20))


@pytest.fixture
def records(tmp_path):
    def written(processor="Zen 9", **changes):
        processors.write(tmp_path, processor, copy.deepcopy(RUN) | changes)
        return processors.read(tmp_path)

    return written


def test_readme_says_what_the_records_say():
    text = README.read_text(encoding="utf-8")
    records = processors.read(README.parent / "bench" / "results")
    assert text == processors.put_into(text, records), "run: python -m tfcustomact._commands.results.processors"
    assert all(record["processor"] in text for record in records)


def test_the_records_speak_of_promises_that_there_are_and_readme_shows_some():
    shown = {promise.key[:3]: promise.shown for promise in PROMISES}
    for record in processors.read(README.parent / "bench" / "results"):
        recorded = {(row["promise"], row["mode"], row["op"]) for row in record["median ratios"]}
        # The record of a main job has none.
        assert {shown[key] for key in recorded} == {True, False} or (not recorded and record["comparisons"])
    assert set(processors.SHOWN_POWERS) <= {promise.case.power for promise in PROMISES if promise.shown}


def test_a_record_is_small_and_says_where_and_when_it_was_measured(records, tmp_path):
    (record,) = records()
    assert (tmp_path / "zen-9.json").stat().st_size < 20_000
    assert record["checkout"] == CHECKOUT
    assert record.items() >= {"processor": "Zen 9", "cpu": "CPU", "instruction set": "avx2", "cores": 2}.items()
    assert record["median ratios"] == [
        {"promise": relu(OPS[0]).words, "mode": "eager", "op": OPS[0], "20": 0.912},
        {"promise": relu(OPS[1]).words, "mode": "eager", "op": OPS[1], "20": 1.06, "22": 0.5},
    ]


def test_a_processor_has_one_record(records):
    assert len(records()) == len(records()) == 1
    assert len(records("Zen 8")) == 2


def test_what_held_where_and_at_which_commit(records):
    records()
    found = records("Zen 8", checkout=None)
    assert processors.words(found, relu(OPS[0])) == "Zen 8, Zen 9 0123456"
    assert processors.words(found, relu(OPS[1])) == "not Zen 8, not Zen 9 0123456"
    (dirty,) = [r for r in records(checkout=CHECKOUT | {"clean": False}) if r["processor"] == "Zen 9"]
    assert processors.words([dirty], relu(OPS[0])) == "Zen 9 0123456 with changes"


def test_a_table_for_each_processor_in_the_place_of_the_old_ones(records):
    old = processors.put_into(README.read_text(encoding="utf-8"), records("Zen 8"))
    text = processors.put_into(old, records()[1:])
    assert "Zen 8" not in text
    assert "\n\nZen 9 (CPU, avx2, 2 cores), TensorFlow 2.21.0, PyTorch 2.13.0, 2026-01-02, 0123456:\n\n" in text
    assert "| eager forward, over tf.nn.relu |  |  | 0.91 / **1.06** | 0.50 |  |  |\n" in text
    assert "over JAX" not in text


def test_the_checkout_is_that_of_the_clone_and_of_no_repository_around_it(monkeypatch, tmp_path):
    package = tmp_path / "clone" / "tfcustomact" / "_commands"
    package.mkdir(parents=True)
    monkeypatch.setattr(machine, "__file__", str(package / "machine.py"))

    def git(folder, *arguments):
        identity = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)

    assert machine.checkout() is None
    for folder in (tmp_path, tmp_path / "clone"):
        (folder / "README.md").touch()
        git(folder, "init")
        git(folder, "add", "README.md")
        git(folder, "commit", "-m", "all")
        if folder == tmp_path:
            assert machine.checkout() is None
    found = machine.checkout()
    assert len(found["commit"]) == 40
    assert found["clean"]
    (tmp_path / "clone" / "README.md").write_text("tables")
    assert machine.checkout()["clean"]
    (tmp_path / "clone" / "new.py").touch()
    assert not machine.checkout()["clean"]


def test_the_plots_are_those_of_the_newest_record():
    folder = README.parent / "bench" / "results"
    newest = max((each for each in processors.read(folder) if each.get("comparisons")), key=lambda each: each["date"])
    for name in ("speed.svg", "errors.svg"):
        drawn = (folder / name).read_text(encoding="utf-8")
        assert processors.caption(newest) in drawn, "run: python -m tfcustomact._commands.results.processors"
        assert f"bench/results/{name}" in README.read_text(encoding="utf-8")
        assert len(drawn) < 100_000


def test_what_the_newest_record_found_is_said_in_sentences_a_table_and_plots(records, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install tfcustomact[bench]")
    folder = tmp_path / "bench" / "results"
    folder.mkdir(parents=True)
    (tmp_path / "README.md").write_text(README.read_text(encoding="utf-8"), encoding="utf-8")
    for processor, changes in (
        ("Zen 8", {"date": "2026-01-01", "models": []}),
        ("Zen 9", {}),
        ("Zen 7", {"comparisons": []}),
    ):
        processors.write(folder, processor, copy.deepcopy(RUN) | changes)
    processors.write_readme(folder)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert f"\n- {OPS[0]}, eager: forward 5.9 times as fast as theirs, 0.93 of ReLU's time; training pass" in text
    assert f"\n- {OPS[2]}," not in text
    assert "\n- A model, in a tf.function: prediction 2.0 times as fast after tca.accelerate\n" in text
    assert f"\n| {OPS[2]} | `theirs` | 5.9 times, 0.93 | 5.9 times, 0.93 | 1.2 / 1.2 | 1.2 / 1.2 |\n" in text
    assert all("Zen 9" in (folder / name).read_text(encoding="utf-8") for name in ("speed.svg", "errors.svg"))


def test_a_record_is_readable_line_by_line():
    for path in (README.parent / "bench" / "results").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert json.loads(text)
        assert text.count("\n") < 400
        assert len(text) < 50_000
