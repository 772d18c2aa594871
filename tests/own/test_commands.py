"""``explain``, `tfcustomact.testing`, ``check`` and ``bench`` of activations of one's own, as of ours."""

import functools
import json
import sys
import types
from dataclasses import replace

import documents
import faulty
import formulas
import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca
from tfcustomact import __main__ as command_line
from tfcustomact import testing
from tfcustomact._commands import check
from tfcustomact._commands.timing import short
from tfcustomact._commands.timing.contestants import CONTESTANTS
from tfcustomact.activations import ACTIVATIONS

GUIDE = "docs/own_activations.md"
CHECK, BENCH = documents.commands_in_sentences(GUIDE)


@pytest.fixture
def run(monkeypatch):
    """Run a command for one of them."""

    def run(line, own, *arguments):
        *_, command, target = line.split()
        # What the command adds is taken out again.
        monkeypatch.setitem(ACTIVATIONS, target, own.record)
        for name in (own.__name__, f"the formula of {own.__name__}"):
            monkeypatch.setitem(CONTESTANTS, name, None)
        return command_line.main([command, target, *arguments])

    return run


@pytest.fixture
def bent(monkeypatch):
    """The activation of the guide, where its commands say that it is."""
    module = types.ModuleType("mypackage.mymodule")
    exec(next(text for language, text in documents.DOCUMENTS[GUIDE] if language == "python"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.bent


def test_check(run, bent, capsys, monkeypatch):
    monkeypatch.setattr(check, "trials", functools.partial(check.trials, dtypes=("float32",)))
    assert run(CHECK, bent) == 0
    assert "Equality: 20 of 20 hold." in capsys.readouterr().out
    assert run("check faulty:wrong_second", faulty.wrong_second) == 1
    printed = capsys.readouterr().out
    assert "missed: xla faulty:wrong_second second derivative float32 eager on CPU:0" in printed
    assert "missed: python faulty:wrong_second gradient" not in printed


def test_bench(run, bent, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(check, "trials", lambda *what: [])
    monkeypatch.setattr(short, "_BUDGET", replace(short._BUDGET, seconds=0.0, min_rounds=2, sample_seconds=0.0))
    assert run(BENCH, bent, "--size", "4", "--output", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "Verdict, of 2^4 numbers" in printed
    assert "mypackage.mymodule:bent, eager: forward" in printed
    assert "as fast as the formula of bent" in printed
    content = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert {(each["mode"], each["direction"]) for each in content["comparisons"]} == {
        (mode, direction) for mode in check.TENSOR_MODES for direction in ("forward", "both")
    }


def test_what_is_no_activation(capsys):
    for target, words in (
        ("formulas", "'formulas' names no activation: MODULE:NAME is accepted"),
        ("formulas:reference", "what tfcustomact.activation made is accepted"),
        ("nowhere:bent", "No module named 'nowhere'; the folder that the module is in has to be in PYTHONPATH"),
    ):
        with pytest.raises(SystemExit, match="2"):
            command_line.main(["check", target])
        assert words in capsys.readouterr().err


def test_errors_in_ulp():
    own = formulas.derived
    x = np.linspace(-20, 20, 1001, dtype=np.float32)
    for derivative, exact in enumerate(formulas.reference(x, np.float32(1.7))[:2]):
        np.testing.assert_allclose(testing.exact(own, x, 1.7, derivative=derivative), exact, rtol=1e-13)
        errors = testing.activation_error(own, x, exact.astype(np.float32), 1.7, derivative=derivative)
        assert 0.4 < errors.max() <= 0.5
    assert testing.ulp_limit("xla", "float32", op=own) == 16
    with pytest.raises(ValueError, match=r"unknown activation <function .*: there are swish, .*, and one's own"):
        testing.hard_inputs(formulas.reference, "float32")


def test_explain_says_which_way_and_why():
    small, large = (str(tca.explain(formulas.derived, tf.ones(size))) for size in (4, 1 << 20))
    assert small.startswith("derived of float32 on CPU: python")
    assert "not xla: python is taken: XLA takes less time only from" in small
    assert large.startswith("derived of float32 on CPU: xla")
    assert "not native: there are no compiled kernels of activations of one's own" in large
