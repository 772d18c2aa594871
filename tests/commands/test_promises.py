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
        ("eager forward, over tf.nn.relu", "swish", 10, 1.3),
        ("eager forward, over tf.nn.relu", "elu", 18, 1.15),
        ("eager forward, over tf.nn.relu", "elu", 26, 1.1),
        ("forward + backward, over tf.nn.relu's", "swish", 24, 1.1),
        ("eager, over tf.nn.silu", "swish", 10, 0.1),
        ("eager forward + backward, over tf.nn.silu's", "swish", 24, 0.125),
        ("eager, over tf.nn.elu", "elu", 24, 1 / 1.9),
        ("inside jit_compile, over tf.nn.silu", "swish", 26, 1.0),
        ("inside jit_compile, over tf.nn.elu", "elu", 24, 0.7),
        ("bfloat16, over float32", "elu", 24, 0.6),
        ("tca.numpy with out=, over JAX", "swish", 14, 1.0),
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


def test_forward_and_backward_is_promised_in_eager_and_graph_mode():
    rows = [promise for promise in ALL if promise.words == "forward + backward, over tf.nn.relu's"]
    assert {promise.ours.case.mode for promise in rows} == {"eager", "graph"}


def test_both_sides_of_a_promise_are_timed_together_and_nobody_twice():
    groups = promises.groups(ALL)
    for promise in ALL:
        assert sum({promise.ours, promise.theirs} <= set(group) for group in groups) == 1
    for group in groups:
        assert len(set(group)) == len(group)
        assert len({replace(entrant.case, dtype="") for entrant in group}) == 1


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(1.1, "holds"), (1.104, "holds"), (1.106, "broken"), (0.5, "holds"), (2.0, "broken")]
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
