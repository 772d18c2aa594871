"""What ``info`` prints."""

import numpy as np
import pytest
import tensorflow as tf

from tfcustomact import __main__ as command_line
from tfcustomact import backends
from tfcustomact._commands import machine
from tfcustomact.activations import ACTIVATIONS


@pytest.fixture
def words(capsys):
    """What ``info`` prints, with its white space narrowed."""

    def run() -> str:
        assert command_line.main(["info"]) == 0
        return " ".join(capsys.readouterr().out.split())

    return run


def test_info_names_versions_and_devices(words):
    text = words()
    for version in (np.__version__, tf.__version__):
        assert version in text
    assert "CPU:0" in text


def test_info_says_for_every_op_and_dtype_what_runs_and_why_no_other(words, monkeypatch):
    for name in ("native", "python"):
        monkeypatch.setattr(
            backends.BACKENDS[name], "reasons_against", lambda op, device, dtype, name=name: [f"{name} is out of order"]
        )
    text = words()
    for op in ACTIVATIONS:
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            assert f"│ {op} │ CPU:0 │ {dtype} │ xla │ native: native is out of order" in text
    assert text.count("python: python is out of order") == 4 * len(ACTIVATIONS)


def test_info_says_that_the_kernels_are_not_built(words, monkeypatch):
    monkeypatch.setattr(machine, "build_facts", lambda: None)
    assert "not built" in words()


def test_info_repeats_what_the_build_says_of_itself(words, monkeypatch):
    monkeypatch.setattr(machine, "build_facts", lambda: {"compiler": "one of a kind 1.2"})
    assert "one of a kind 1.2" in words()


def test_info_says_how_many_threads_arrays_get_and_why(words, monkeypatch):
    for number, said in (("1", "1 (TFCUSTOMACT_NUM_THREADS)"), ("no", "TFCUSTOMACT_NUM_THREADS is 'no': a positive")):
        monkeypatch.setenv("TFCUSTOMACT_NUM_THREADS", number)
        assert said in words().split("threads of tfcustomact.numpy", 1)[1]
