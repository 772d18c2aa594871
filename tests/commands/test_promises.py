"""The table of promises, and when one holds."""

import itertools
from dataclasses import replace

import pytest

from tfcustomact._commands import machine
from tfcustomact._commands.cases import DTYPES
from tfcustomact._commands.timing import promises
from tfcustomact._commands.timing.contestants import CONTESTANTS
from tfcustomact._commands.timing.measurement import Measurement, Spread
from tfcustomact._commands.timing.promises import PROMISES, Finding
from tfcustomact.activations import ACTIVATIONS

OP = next(iter(ACTIVATIONS))
RELU = next(p for p in PROMISES if p.key == ("eager forward, over tf.nn.relu", "eager", OP, 20))


def over(theirs: str, op: str, ours: str = "native") -> dict[tuple[str, str, str], dict[int, float]]:
    """The limits of an activation over a contestant, by mode, direction and dtype, and by size."""
    found: dict[tuple[str, str, str], dict[int, float]] = {}
    for promise in PROMISES:
        case = promise.case
        if (promise.ours, promise.theirs, case.op) == (ours, theirs, op):
            found.setdefault((case.mode, case.direction, case.dtype), {})[case.power] = promise.limit
    return found


@pytest.mark.parametrize("op", ACTIVATIONS)
def test_every_activation_promises_the_same_over_float32_and_a_copy_and_over_relu_if_its_record_says_so(op):
    small = dict.fromkeys((10, 14, 18, 20), 1.1)
    of_relu = {
        ("eager", "forward", "float32"): {10: 1.25, 18: 1.0, 20: 1.05, 22: 0.95, 24: 0.75, 26: 0.85},
        ("eager", "both", "float32"): small | {22: 0.95, 24: 0.9, 26: 0.9},
        ("graph", "both", "float32"): small | {22: 0.95, 24: 0.7, 26: 0.7},
        ("eager", "forward", "float64"): dict.fromkeys((14, 18, 20, 22, 24), 1.3),
    }
    assert over("tf.nn.relu", op) == (of_relu if ACTIVATIONS[op].at_relus_price else {})
    assert over("native", op) == {("eager", "forward", dtype): {24: 0.65} for dtype in ("float16", "bfloat16")}
    of_copies = over("copy", op, "tca.cuda out=")
    assert of_copies.keys() == set(itertools.product(["array"], ["forward", "backward"], DTYPES))
    for (_, direction, _), limits in of_copies.items():
        limit = {"forward": 1, "backward": 1.5}[direction] / 0.92
        assert limits == pytest.approx({27: limit, 28: limit})


def test_on_a_cuda_device_the_bytes_moved_are_held_to_those_of_a_copy_and_the_times_to_those_of_libraries():
    for ours, arrays in (("gated", (3, 5)), ("bias", (2, 3)), ("per channel", (2, 3))):
        found = over("copy", OP, f"tca.cuda {ours} out=")
        for (_, direction, _), limits in found.items():
            moved = arrays[direction == "backward"]
            assert limits == pytest.approx(dict.fromkeys((27, 28), moved / 2 / 0.92))
        assert len(found) == 2 * len(DTYPES)
    limits = dict.fromkeys((10, 14, 18, 20, 22, 24), 1.0)
    for theirs, ours in (
        ("PyTorch on CUDA", "tca.cuda"),
        ("torch.compile", "tca.cuda"),
        ("JAX on CUDA", "tca.cuda, waited for"),
    ):
        assert over(theirs, OP, ours) == {
            ("array", direction, "float32"): limits for direction in ("forward", "backward")
        }


@pytest.mark.parametrize("op", ACTIVATIONS)
def test_over_libraries_an_activation_promises_what_its_record_says(op):
    activation = ACTIVATIONS[op]
    assert over(str(activation.theirs), op) == activation.limits
    if activation.plain:
        limits = {10: 2.0, 20: 1.5, 22: 1.5, 24: 1.5}
        expected = {("eager", direction, "float32"): limits for direction in ("forward", "both")}
        assert over(activation.plain, op, "python") == expected
    case, limits = ("array", "forward", "float32"), dict.fromkeys((14, 16, 18, 20, 22, 24), 1.0)
    for library, theirs in (("torch", "PyTorch"), ("torch", "PyTorch out="), ("jax", "JAX")):
        assert over(theirs, op, "tca.numpy out=") == ({case: limits} if library in activation.peers else {})
    in_new_array = {case: limits | {24: 0.8}} if "torch" in activation.peers else {}
    assert over("PyTorch", op, "tca.numpy") == in_new_array


def test_nothing_is_promised_of_a_device_that_is_not_there(monkeypatch):
    assert {promise.case.device for promise in promises.promises(["CPU:0"])} == {"CPU:0"}
    monkeypatch.setattr(machine, "has_tensorflow", lambda: False)
    assert {promise.case.mode for promise in promises.promises(["CPU:0", "GPU:0"])} == {"array"}


def test_a_part_of_the_promises_can_be_asked_for():
    part = promises.promises(["CPU:0"], OP, "float16", 24)
    assert [(promise.words, promise.case.op) for promise in part] == [("float16, over float32", OP)]
    assert {promise.case.power for promise in promises.promises(["CPU:0"], power=20)} == {20}


def test_every_promise_has_a_key_of_its_own():
    assert len({promise.key for promise in PROMISES}) == len(PROMISES)


def test_both_sides_of_a_promise_are_timed_together_and_nobody_twice():
    groups = promises.groups(PROMISES)
    assert sorted(map(str, (promise for group in groups for promise in group))) == sorted(map(str, PROMISES))
    sides = [{side for promise in group for side in promise.sides} for group in groups]
    assert sum(map(len, sides)) == len(set().union(*sides))
    for group in sides:
        assert len({replace(case, dtype="") for _, case in group}) == 1


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(1.05, "holds"), (1.054, "holds"), (1.056, "broken"), (0.5, "holds"), (2.0, "broken")]
)
def test_a_promise_holds_by_the_ratio_as_printed(ratio, verdict):
    finding = Finding(RELU, (Measurement((ratio,), 1), Measurement((1.0,), 1)))
    assert finding.verdict == verdict


def test_the_ratio_is_taken_round_by_round():
    ours, theirs = Measurement((1.0, 10.0, 100.0), 1), Measurement((2.0, 20.0, 200.0), 1)
    assert Finding(RELU, (ours, theirs)).ratio == Spread(0.5, 0.5, 0.5)


@pytest.mark.parametrize(("missing", "verdict"), [("ours", "broken"), ("theirs", "not measured")])
def test_a_promise_is_broken_where_our_own_side_cannot_run(monkeypatch, missing, verdict):
    for side in ("ours", "theirs"):
        name = getattr(RELU, side)
        reasons = ["it is not here"] if side == missing else []
        unable = replace(CONTESTANTS[name], reasons_against=lambda case, reasons=reasons: reasons)
        monkeypatch.setitem(CONTESTANTS, name, unable)
    finding = promises.unmeasurable(RELU)
    assert finding.verdict == verdict
    assert finding.reasons == ("it is not here",)
