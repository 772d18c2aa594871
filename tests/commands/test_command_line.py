"""Exit statuses and output of the commands, on the smallest of everything."""

import functools
import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import documents
import pytest

from tfcustomact import __main__ as command_line
from tfcustomact._commands import bench, cases, check, errors, machine
from tfcustomact._commands.check import Trial, Verdict
from tfcustomact._commands.errors import Errors
from tfcustomact._commands.results import plots, processors
from tfcustomact._commands.timing import contestants, models, promises, short
from tfcustomact._commands.timing.contestants import CONTESTANTS
from tfcustomact._commands.timing.measurement import Measurement
from tfcustomact.activations import ACTIVATIONS

OP = next(iter(ACTIVATIONS))
HELD = Verdict(Trial("python", "CPU:0", OP, "value", "float32", "eager", 1.0), 0.5, 8.0, "1.0")
MISSED = replace(HELD, error=9.0)
README = Path(__file__).parents[2] / "README.md"
SMALL = ("--op", OP, "--dtype", "float32", "--size", "4")


@pytest.fixture
def equal(monkeypatch):
    """Whether the equality of a run holds, without computing anything."""

    def decide(*verdicts):
        monkeypatch.setattr(check, "trials", lambda *what: verdicts)
        monkeypatch.setattr(check, "run", lambda *trials_and_steps: list(verdicts))

    decide(HELD)
    return decide


@pytest.fixture
def speed(monkeypatch):
    """How many seconds our own contestants take, where all others take one."""

    def decide(ours):
        def measured(group, budget, pairs=()):
            seconds = {entry: ours if CONTESTANTS[entry[0]].ours else 1.0 for entry in group}
            return {entry: Measurement((taken,) * 3, 1) for entry, taken in seconds.items()}

        monkeypatch.setattr(contestants, "measured", measured)
        monkeypatch.setattr(models, "timed", lambda *what, **how: [])
        monkeypatch.setattr(errors, "found", lambda ops: [each for op in ops for each in errors_of(op)])

    decide(1.0)
    return decide


def errors_of(op):
    by_x = (1.0,) * len(errors.middles())
    return [
        Errors(op, output, "", ours, 1.0, 1.0, by_x) for output in check.VALUE_AND_GRADIENT for ours in (True, False)
    ]


def run_bench(folder, *arguments):
    status = command_line.main(["bench", *arguments, "--output", str(folder)])
    return status, *sorted(folder.glob("*.json"))


def test_check_succeeds_where_everything_holds(equal, capsys):
    assert command_line.main(["check"]) == 0
    assert "1 of 1 hold" in capsys.readouterr().out


def test_check_fails_where_something_misses_and_names_it(equal, capsys):
    equal(HELD, MISSED)
    assert command_line.main(["check"]) == 1
    assert (
        f"python {OP} value float32 eager on CPU:0, parameter 1: 9 ULP at x = 1.0, limit 8" in capsys.readouterr().out
    )


def test_the_main_job_measures_says_what_it_found_draws_and_records(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(short, "_BUDGET", replace(short._BUDGET, seconds=0.0, min_rounds=2, sample_seconds=0.0))
    monkeypatch.setattr(short, "_EAGER", {"CPU": (4, 6), "GPU": (4, 6)})
    monkeypatch.setattr(short, "_IN_GRAPHS", (4,))
    monkeypatch.setattr(short, "HEADLINE", 6)
    monkeypatch.setattr(check, "TENSOR_MODES", ("eager",))
    status, path = run_bench(tmp_path, "--op", OP)
    assert status == 0
    content = json.loads(path.read_text())
    assert all(trial["holds"] for trial in content["equality"])
    assert {each["mode"] for each in content["comparisons"]} >= {"eager", "graph", "jit"}
    printed = capsys.readouterr().out
    assert f"{OP}, eager: forward" in printed
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == 2
    assert all(str(picture) in printed for picture in pictures)


def test_one_device_alone_can_be_asked_for(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(machine, "devices", lambda: ["CPU:0", "GPU:0"])
    monkeypatch.setattr(check, "trials", lambda devices, *_: asked.append(devices) or [])
    monkeypatch.setattr(promises, "promises", lambda devices, *_: asked.append(devices) or [promises.PROMISES[0]])
    monkeypatch.setattr(promises, "unmeasurable", lambda promise: promises.Finding(promise, reasons=("none",)))
    run_bench(tmp_path, "--check", "--device", "GPU:0", "--op", OP)
    assert asked
    assert all(devices == ["GPU:0"] for devices in asked)


def test_the_verdict_is_on_what_was_asked_for(tmp_path, equal, speed, capsys):
    """On no errors of another dtype."""
    run_bench(tmp_path, "--op", OP, "--dtype", "float16", "--size", "4")
    printed = capsys.readouterr().out
    assert "Verdict, of 2^4 numbers:" in printed
    assert f"{OP}, eager, float16: forward" in printed
    assert "errors: " not in printed


def test_bench_fails_where_something_is_unequal_and_still_records(tmp_path, equal, speed):
    equal(MISSED)
    status, path = run_bench(tmp_path, *SMALL)
    assert status == 1
    assert not json.loads(path.read_text())["equality"][0]["holds"]


def test_bench_compares_with_an_older_run(tmp_path, equal, speed, capsys):
    _, old = run_bench(tmp_path / "old", *SMALL)
    assert run_bench(tmp_path / "same", *SMALL, "--compare", str(old))[0] == 0
    speed(1.5)
    assert run_bench(tmp_path / "slower", *SMALL, "--compare", str(old))[0] == 1
    assert "1.50" in capsys.readouterr().out
    speed(0.5)
    assert run_bench(tmp_path / "faster", *SMALL, "--compare", str(old))[0] == 0


@pytest.mark.parametrize(
    ("option", "path", "words"),
    [("--compare", "none.json", "none.json cannot be read"), ("--output", "/dev/null/x", "Not a directory")],
)
def test_bench_says_of_files_what_is_wrong_before_it_times_anything(option, path, words, tmp_path, capsys):
    assert command_line.main(["bench", option, str(tmp_path / path)]) == 2
    assert words in capsys.readouterr().err


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """The folder of records in a clone of its own, with this one's README."""
    folder = tmp_path / "clone" / "bench" / "results"
    folder.mkdir(parents=True)
    (tmp_path / "clone" / "README.md").write_text(README.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(processors, "folder", lambda: folder)
    return folder


@pytest.mark.parametrize(("ours", "word"), [(0.01, "holds"), (100.0, "broken")])
def test_the_promises_are_printed_with_their_verdicts_and_can_be_recorded(
    tmp_path, equal, speed, capsys, clone, ours, word
):
    speed(ours)
    status, path = run_bench(tmp_path, "--check", "--record", "One of a kind")
    found = json.loads(path.read_text())["promises"]
    assert {"promise", "limit", "ratio", "verdict"} <= set(found[0])
    assert status == int(any(promise["verdict"] == "broken" for promise in found))
    measured = {
        promise["verdict"]
        for promise in found
        if promise["ratio"] and promise["their_dtype"] == promise["dtype"] and not CONTESTANTS[promise["theirs"]].ours
    }
    assert measured <= {word}
    assert "eager forward, over tf.nn.relu" in capsys.readouterr().out
    assert [path.name for path in clone.iterdir()] == ["one-of-a-kind.json"]
    run_bench(tmp_path / "main job", "--record", "One of a kind")
    kept = ["errors.svg", "one-of-a-kind-main-job.json", "one-of-a-kind.json", "speed.svg"]
    assert sorted(path.name for path in clone.iterdir()) == kept
    capsys.readouterr()
    assert "One of a kind (" in (clone.parents[1] / "README.md").read_text(encoding="utf-8")
    run_bench(tmp_path / "part", "--check", "--op", OP, "--dtype", "float32", "--size", "20")
    assert ("not One of a kind" in capsys.readouterr().out) == (word == "broken")


@pytest.mark.usefixtures("equal", "speed", "clone")
def test_the_commands_of_the_guide_run(tmp_path, monkeypatch):
    """Without computing, timing and drawing anything, on few of the many cases and promises."""
    for name in ("speed", "accuracy"):
        monkeypatch.setattr(plots, name, lambda *what: [])
    for module, name in ((cases, "planned"), (promises, "promises")):
        first = functools.partial(lambda all, *what, **which: all(*what, **which)[:5], getattr(module, name))
        monkeypatch.setattr(module, name, first)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run_bench(tmp_path)[1].rename("OLD.json")
    commands = [shlex.split(line, comments=True) for line in documents.commands("docs/benchmarking.md")]
    ours = [words[3:] for words in commands if words[:3] == ["python", "-m", "tfcustomact"]]
    # .ci/run has the other one.
    assert len(ours) == len(commands) - 1
    for words in ours:
        # 1: as fast as anything else is not what every promise says.
        assert command_line.main(words) in ((0, 1) if "--check" in words else (0,)), words


@pytest.mark.parametrize("unbuffered", [False, True])
def test_output_that_cannot_be_written_ends_a_command_in_one_sentence(unbuffered):
    # As -m does, but without TensorFlow, which takes seconds to import.
    run = "runpy.run_module('tfcustomact', run_name='__main__', alter_sys=True)"
    program = f"import runpy, sys; sys.modules |= dict.fromkeys(['tensorflow', 'keras']); {run}"
    command = [sys.executable, *(["-u"] if unbuffered else []), "-c", program, "info"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1:] == ["cannot write the output: No space left on device"]
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ended = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert "Error" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_bench_without_its_extra_packages_names_the_way_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    assert command_line.main(["bench"]) == 2
    assert capsys.readouterr().err == "bench needs matplotlib and platformdirs: pip install matplotlib platformdirs\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["bench", "--size", "40"],
        ["bench", "--device", "GPU:7"],
        ["bench", "--check", "--size", "11"],
        ["bench", "--full", "--record", "one of a kind"],
        ["bench", "--check", "--record", "../elsewhere"],
        ["bench", "--check", "--op", OP, "--record", "one of a kind"],
        ["bench", "--full", "--check"],
        ["bench", "--model", "--op", OP],
        ["bench", "--model", "--output", "here"],
        ["bench", "--record", 61 * "x"],
        ["check", ".module:name"],
        ["no"],
        [],
    ],
)
def test_wrong_arguments_end_with_status_2(arguments):
    with pytest.raises(SystemExit, match="2"):
        command_line.main(arguments)
