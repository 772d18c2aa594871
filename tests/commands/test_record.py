"""The JSON record of a run, and its plot."""

import json
from dataclasses import replace

import pytest

from tfcustomact._commands import plot, promises, record
from tfcustomact._commands.cases import Case
from tfcustomact._commands.equality import Trial, Verdict
from tfcustomact._commands.session import Result
from tfcustomact._commands.statistics import Spread

CASE = Case("CPU:0", "swish", "eager", "forward", "float32", 1024)
RESULT = Result(CASE, "native", True, 100, 5, Spread(1e-6, 2e-6, 3e-6), {"tf.nn.relu": Spread(0.9, 1.0, 1.1)})
VERDICT = Verdict(Trial("python", "CPU:0", "elu", "value", "float16", "jit", 1.0), 0.5, 1.0, "3.5")


def document() -> dict:
    promise = promises.promises(["CPU:0"])[0]
    findings = [
        promises.Finding(promise, Spread(1.0, 1.1, 1.2)),
        promises.Finding(promise, None, reasons=("not here",)),
    ]
    larger = replace(RESULT, case=replace(CASE, size=4096), seconds=Spread(2e-6, 3e-6, 4e-6))
    return record.document([RESULT, larger], [VERDICT, replace(VERDICT, error=float("inf"))], findings, 0.25)


def test_a_record_reads_as_it_was_written(tmp_path):
    path = tmp_path / "new" / "record.json"
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


def test_a_result_has_its_case_times_and_ratios():
    result = document()["results"][0]
    assert {field: result[field] for field in ("device", "op", "mode", "direction", "dtype", "size")} == vars(CASE)
    assert result["seconds"] == {"p20": 1e-6, "median": 2e-6, "p80": 3e-6}
    assert result["ratios"] == {"tf.nn.relu": {"p20": 0.9, "median": 1.0, "p80": 1.1}}
    assert (result["contestant"], result["ours"], result["repeats"], result["rounds"]) == ("native", True, 100, 5)


def test_an_infinite_error_is_null_and_does_not_hold():
    held, missed = document()["equality"]
    assert (held["error"], held["holds"]) == (0.5, True)
    assert (missed["error"], missed["holds"]) == (None, False)


def test_a_promise_that_was_not_measured_says_why():
    measured, unmeasured = document()["promises"]
    assert measured["ratio"]["median"] == 1.1
    assert (unmeasured["ratio"], unmeasured["reasons"], unmeasured["verdict"]) == (None, ["not here"], "not measured")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"schema": record.SCHEMA + 1})])
def test_what_is_no_record_is_refused_by_name(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json"):
        record.read(path)


def test_a_record_becomes_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install tfcustomact[bench]")
    for device in ("CPU:0", "GPU:0"):
        content = document() | {"results": [result | {"device": device} for result in document()["results"]]}
        assert plot.draw(content, device, tmp_path / "plot.png")
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert not plot.draw(document(), "GPU:0", tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
