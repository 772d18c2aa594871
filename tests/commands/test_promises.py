"""The table of promises, and when one holds."""

from dataclasses import replace

import pytest

from tfcustomact._commands import machine, promises
from tfcustomact._commands.promises import Finding
from tfcustomact._commands.statistics import Spread
from tfcustomact._commands.timing import Samples

ALL = promises.promises(["CPU:0", "GPU:0"])


def of(words: str, op: str, power: int) -> promises.Promise:
    return next(p for p in ALL if (p.words, p.ours.case.op, p.ours.case.size) == (words, op, 2**power))


@pytest.mark.parametrize(
    ("words", "op", "power", "limit"),
    [
        ("eager forward, over tf.nn.relu", "swish", 10, 1.25),
        ("eager forward, over tf.nn.relu", "elu", 26, 0.85),
        ("eager, over tf.nn.silu", "swish", 24, 0.25),
        ("eager forward + backward, over tf.nn.silu's", "swish", 24, 0.125),
        ("eager, over tf.nn.elu", "elu", 24, 0.6),
        ("inside jit_compile, over tf.nn.silu", "swish", 26, 1.02),
        ("inside jit_compile, over tf.nn.elu", "elu", 24, 0.9),
        ("float64, eager forward, over tf.nn.relu", "elu", 14, 1.3),
        ("float64, eager forward, over tf.nn.silu", "swish", 10, 1.25),
        ("float64, eager forward, over tf.nn.elu", "elu", 20, 1.0),
        ("bfloat16, over float32", "elu", 24, 0.65),
        ("backend python, eager forward, over tf.nn.silu", "swish", 10, 2.0),
        ("backend python, eager forward + backward, over tf.where(x > 0, x, tf.math.expm1(x))", "elu", 20, 1.5),
        ("tca.numpy with out=, over JAX", "swish", 14, 1.0),
        ("tca.numpy, over PyTorch", "swish", 24, 0.8),
        ("CUDA float32, 2 arrays moved, over a copy of one to another", "swish", 27, 1 / 0.92),
        ("CUDA bfloat16, 3 arrays moved, over a copy of one to another", "elu", 28, 1.5 / 0.92),
    ],
)
def test_the_table_has_the_promised_limits(words, op, power, limit):
    assert of(words, op, power).limit == pytest.approx(limit)


def test_nothing_is_promised_of_a_device_that_is_not_there(monkeypatch):
    assert {promise.ours.case.device for promise in promises.promises(["CPU:0"])} == {"CPU:0"}
    monkeypatch.setattr(machine, "has_tensorflow", lambda: False)
    assert {promise.ours.case.mode for promise in promises.promises(["CPU:0", "GPU:0"])} == {"array"}


def test_forward_and_backward_has_limits_of_its_own_in_a_graph():
    limits = {
        (promise.ours.case.mode, promise.ours.case.power): promise.limit
        for promise in ALL
        if promise.words == "forward + backward, over tf.nn.relu's"
    }
    assert [limits["eager", power] for power in (10, 20, 22, 24, 26)] == [1.1, 1.1, 0.95, 0.9, 0.9]
    assert [limits["graph", power] for power in (10, 20, 22, 24, 26)] == [1.1, 1.1, 0.95, 0.7, 0.7]


def test_a_part_of_the_promises_can_be_asked_for():
    part = promises.promises(["CPU:0"], "elu", "float16", 24)
    assert [(promise.words, promise.ours.case.op) for promise in part] == [("float16, over float32", "elu")]
    assert {promise.ours.case.power for promise in promises.promises(["CPU:0"], power=20)} == {20}


def test_every_promise_has_a_key_of_its_own_with_its_limit():
    assert {promise.key: promise.limit for promise in ALL} == promises.limits()
    assert len(promises.limits()) == len(ALL)


def test_both_sides_of_a_promise_are_timed_together_and_nobody_twice():
    groups = promises.groups(ALL)
    for promise in ALL:
        assert sum({promise.ours, promise.theirs} <= set(group) for group in groups) == 1
    for group in groups:
        assert len(set(group)) == len(group)
        assert len({replace(entrant.case, dtype="") for entrant in group}) == 1


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(1.05, "holds"), (1.054, "holds"), (1.056, "broken"), (0.5, "holds"), (2.0, "broken")]
)
def test_a_promise_holds_by_the_ratio_as_printed(ratio, verdict):
    promise = of("eager forward, over tf.nn.relu", "swish", 20)
    assert Finding(promise, Spread(0.1, ratio, 9.0)).verdict == verdict


def test_the_ratio_is_taken_round_by_round():
    promise = of("eager forward, over tf.nn.relu", "swish", 20)
    samples = {promise.ours: Samples((1.0, 10.0, 100.0), 1), promise.theirs: Samples((2.0, 20.0, 200.0), 1)}
    finding = promises.measured(promise, samples)
    assert finding.ratio == Spread(0.5, 0.5, 0.5)
    assert finding.seconds == (10.0, 20.0)
    assert finding.verdict == "holds"


def without(entrant):
    """The entrant, its contestant unable to run."""
    return replace(entrant, contestant=replace(entrant.contestant, reasons_against=lambda case: ["it is not here"]))


def test_a_promise_whose_own_side_cannot_run_is_broken():
    promise = of("eager forward, over tf.nn.relu", "swish", 20)
    finding = promises.unmeasurable(replace(promise, ours=without(promise.ours)))
    assert finding.verdict == "broken"
    assert finding.reasons == ("it is not here",)


def test_a_promise_over_a_library_that_is_not_installed_is_not_measured():
    promise = of("eager forward, over tf.nn.relu", "swish", 20)
    able = replace(promise.ours, contestant=replace(promise.ours.contestant, reasons_against=lambda case: []))
    finding = promises.unmeasurable(replace(promise, ours=able, theirs=without(promise.theirs)))
    assert finding.verdict == "not measured"
