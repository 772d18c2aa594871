"""What ``check`` says of a right function, and of wrong ones put in its place."""

import math

import pytest
import tensorflow as tf

from tfcustomact import backends
from tfcustomact._commands import equality
from tfcustomact._commands.equality import Trial, judge

VALUE = Trial("python", "CPU:0", "swish", "value", "float32", "graph", 1.0)
GRADIENT = Trial("python", "CPU:0", "swish", "gradient", "float32", "graph", 1.0)


@pytest.fixture
def wrong(monkeypatch):
    """Put something in the place of the python backend's Swish."""

    def replace(function):
        right = backends.BACKENDS["python"].call

        def call(op, x, parameter):
            return function(x, right) if op == "swish" else right(op, x, parameter)

        monkeypatch.setattr(backends.BACKENDS["python"], "call", call)

    return replace


@pytest.mark.parametrize("mode", equality.MODES)
@pytest.mark.parametrize("output", equality.OUTPUTS)
def test_a_right_function_holds(output, mode):
    verdict = judge(Trial("python", "CPU:0", "elu", output, "bfloat16", mode, 1.0))
    assert verdict.holds
    assert 0 < verdict.error <= verdict.limit


def test_a_wrong_value_is_found(wrong):
    wrong(lambda x, right: right("swish", x, 1.0) * (1 + 1e-5))
    verdict = judge(VALUE)
    assert not verdict.holds
    assert verdict.error > verdict.limit


def test_a_wrong_gradient_is_found_though_the_value_is_right(wrong):
    wrong(lambda x, right: tf.stop_gradient(right("swish", x, 1.0)) + (x - tf.stop_gradient(x)))
    assert not judge(GRADIENT).holds


def test_a_missed_special_value_is_an_infinite_error_with_its_input(wrong):
    wrong(lambda x, right: tf.where(tf.math.is_nan(x), tf.zeros_like(x), right("swish", x, 1.0)))
    verdict = judge(VALUE)
    assert math.isinf(verdict.error)
    assert verdict.worst_input == "nan"


def test_every_backend_that_can_run_is_tried_in_every_way():
    tried = equality.trials(["CPU:0"])
    assert len(set(tried)) == len(tried)
    for backend in ("xla", "python"):
        own = [trial for trial in tried if trial.backend == backend]
        for field in ("op", "output", "dtype", "mode"):
            assert len({getattr(trial, field) for trial in own}) == {"op": 2, "output": 2, "dtype": 4, "mode": 3}[field]


def test_a_backend_that_cannot_run_is_not_tried(monkeypatch):
    monkeypatch.setattr(backends.BACKENDS["python"], "reasons_against", lambda op, device, dtype: ["not today"])
    assert "python" not in {trial.backend for trial in equality.trials(["CPU:0"])}
