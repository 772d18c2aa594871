"""What ``check`` says of a right function, and of wrong ones put in its place."""

import math
from dataclasses import replace

import pytest
import tensorflow as tf

from tfcustomact import backends
from tfcustomact._commands import cases, check
from tfcustomact._commands.check import Trial, judge
from tfcustomact.activations import ACTIVATIONS

OP = next(iter(ACTIVATIONS))
VALUE = Trial("python", "CPU:0", OP, "value", "float32", "graph", 1.0)


@pytest.fixture
def wrong(monkeypatch):
    """Put something in the place of the python backend's functions."""

    def replace_by(function):
        right = backends.BACKENDS["python"].call

        def call(op, x, *arguments):
            return function(x, lambda x: right(op, x, *arguments))

        monkeypatch.setattr(backends.BACKENDS["python"], "call", call)

    return replace_by


@pytest.mark.parametrize("mode", cases.TENSOR_MODES)
@pytest.mark.parametrize("output", check.OUTPUTS)
def test_a_right_function_holds(output, mode):
    verdict = judge(replace(VALUE, output=output, dtype="bfloat16", mode=mode))
    assert verdict.holds
    assert 0 < verdict.error <= verdict.limit


def test_a_wrong_value_is_found(wrong):
    wrong(lambda x, right: right(x) * (1 + 1e-5))
    verdict = judge(VALUE)
    assert not verdict.holds
    assert verdict.error > verdict.limit


def test_a_wrong_gradient_is_found_though_the_value_is_right(wrong):
    wrong(lambda x, right: tf.stop_gradient(right(x)) + (x - tf.stop_gradient(x)))
    assert not judge(replace(VALUE, output="gradient")).holds


def test_a_missed_special_value_is_an_infinite_error_with_its_input(wrong):
    wrong(lambda x, right: tf.where(tf.math.is_nan(x), tf.zeros_like(x), right(x)))
    verdict = judge(VALUE)
    assert math.isinf(verdict.error)
    assert verdict.worst_input == "nan"


def test_every_backend_that_can_run_is_tried_in_every_way():
    tried = check.trials(["CPU:0"])
    assert len(set(tried)) == len(tried)
    every = {"op": ACTIVATIONS, "output": check.OUTPUTS, "dtype": cases.DTYPES, "mode": cases.TENSOR_MODES}
    for backend in ("xla", "python"):
        for field, values in every.items():
            assert {getattr(trial, field) for trial in tried if trial.backend == backend} == set(values)


def test_a_backend_that_cannot_run_is_not_tried(monkeypatch):
    monkeypatch.setattr(backends.BACKENDS["python"], "reasons_against", lambda op, device, dtype: ["not today"])
    assert "python" not in {trial.backend for trial in check.trials(["CPU:0"])}
