"""The JSON record of a run, and what got slower since an older run."""

import copy
import json
from dataclasses import replace

import pytest

from tfcustomact._commands.cases import Case
from tfcustomact._commands.check import Trial, Verdict
from tfcustomact._commands.results import record
from tfcustomact._commands.timing import promises
from tfcustomact._commands.timing.measurement import Measurement
from tfcustomact.activations import ACTIVATIONS

OP = next(iter(ACTIVATIONS))
CASE = Case("CPU:0", OP, "array", "forward", "float32", 1024)
OURS, THEIRS = Measurement((1e-6, 2e-6, 4e-6), 100), Measurement((2e-6, 2e-6, 2e-6), 50)
TRIAL = Trial("python", "CPU:0", OP, "value", "float16", "jit", 1.0)


def document(device: str = "CPU:0") -> dict:
    cases = [replace(CASE, device=device, size=size) for size in (1024, 4096)]
    groups = [{("tca.numpy", case): OURS, ("tca.numpy out=", case): OURS, ("PyTorch", case): THEIRS} for case in cases]
    verdicts = [Verdict(TRIAL, error, 1.0, "3.5") for error in (0.5, float("inf"))]
    promise = promises.PROMISES[0]
    findings = [promises.Finding(promise, (OURS, THEIRS)), promises.Finding(promise, reasons=("not here",))]
    return record.document(record.Run(verdicts, groups, findings=findings), 0.25)


def test_a_record_reads_as_it_was_written(tmp_path):
    path = record.writable(tmp_path / "new") / "record.json"
    written = document()
    record.write(path, written)
    assert record.read(path) == written


def test_a_record_says_where_when_and_how_it_was_measured():
    content = document()
    assert content["schema"] == record.SCHEMA
    assert {"cpu", "cores", "threads", "instruction sets", "memory GiB", "operating system"} <= set(content["machine"])
    assert content["machine"]["load average before"] == 0.25
    assert {"python", "numpy"} <= set(content["versions"])
    assert content["date"].endswith("+00:00")
    assert "ratios" in content["method"]


def test_a_result_has_its_case_times_and_ratios_over_others():
    results = document()["results"]
    assert [(result["contestant"], result["size"]) for result in results] == [
        (name, size) for size in (1024, 4096) for name in ("tca.numpy", "tca.numpy out=", "PyTorch")
    ]
    assert {field: results[0][field] for field in vars(CASE)} == vars(CASE)
    assert (results[0]["ours"], results[0]["repeats"], results[0]["rounds"]) == (True, 100, 3)
    assert results[0]["seconds"] == pytest.approx({"p20": 1.4e-6, "median": 2e-6, "p80": 3.2e-6})
    assert results[0]["ratios"] == {"PyTorch": pytest.approx({"p20": 0.7, "median": 1.0, "p80": 1.6})}
    # Of ours, only those that others are compared with are.
    assert set(results[2]["ratios"]) == {"tca.numpy"}


def test_an_infinite_error_is_null_and_does_not_hold():
    held, missed = document()["equality"]
    assert held.items() >= {**vars(TRIAL), "error": 0.5, "holds": True}.items()
    assert (missed["error"], missed["holds"]) == (None, False)


def test_a_promise_that_was_not_measured_says_why():
    measured, unmeasured = document()["promises"]
    assert measured["ratio"]["median"] == 1.0
    assert (unmeasured["ratio"], unmeasured["reasons"], unmeasured["verdict"]) == (None, ["not here"], "not measured")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"schema": record.SCHEMA + 1})])
def test_what_is_no_record_is_refused_by_name(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json"):
        record.read(path)


def spread(median: float, noise: float = 0.01) -> dict[str, float]:
    return {"p20": median * (1 - noise), "median": median, "p80": median * (1 + noise)}


def run(contestant: str = "native", ours: bool = True, ratios: dict | None = None, seconds: float = 1e-3) -> dict:
    """A record of one result."""
    result = vars(CASE) | {"contestant": contestant, "ours": ours, "seconds": spread(seconds)}
    result["ratios"] = {"tf.nn.relu": spread(1.0)} if ratios is None else ratios
    return {"machine": {"cpu": "one"}, "versions": {"tensorflow": "2.21.0"}, "results": [result]}


def only_change(old: dict, new: dict) -> record.Change:
    (change,) = record.changes(old, new)
    return change


def test_the_same_run_did_not_get_slower():
    change = only_change(run(), run())
    assert change.factor == 1.0
    assert not change.slower


def test_a_ratio_that_grew_beyond_noise_got_slower():
    change = only_change(run(), run(ratios={"tf.nn.relu": spread(1.3)}))
    assert change.reference == "tf.nn.relu"
    assert change.factor == pytest.approx(1.3)
    assert change.slower


def test_a_ratio_that_grew_within_noise_did_not():
    old, new = (run(ratios={"tf.nn.relu": spread(median, noise=0.4)}) for median in (1.0, 1.3))
    assert not only_change(old, new).slower


def test_a_small_growth_is_tolerated_however_certain():
    assert not only_change(run(), run(ratios={"tf.nn.relu": spread(1.05, noise=0.0)})).slower


def test_a_slower_machine_is_not_a_slower_contestant():
    assert not only_change(run(seconds=1e-3), run(seconds=2e-3)).slower


def test_without_a_common_reference_seconds_are_compared():
    change = only_change(run(ratios={"PyTorch": spread(1.0)}), run(ratios={}, seconds=2e-3))
    assert change.reference is None
    assert change.factor == pytest.approx(2.0)
    assert change.slower


def test_only_our_own_results_that_both_runs_have_are_compared():
    assert not list(record.changes(run("tf.nn.silu", ours=False), run("tf.nn.silu", ours=False)))
    assert not list(record.changes(run("native"), run("python")))


def test_another_machine_is_named():
    old, new = run(), copy.deepcopy(run())
    assert record.differences_of_machine(old, new) == []
    new["machine"]["cpu"] = "another"
    assert record.differences_of_machine(old, new) == ["cpu: one then, another now"]
