"""What got slower, on records made by hand."""

import copy

import pytest

from tfcustomact._commands import compare


def spread(median: float, noise: float = 0.01) -> dict[str, float]:
    return {"p20": median * (1 - noise), "median": median, "p80": median * (1 + noise)}


def result(contestant: str = "native", ours: bool = True, ratios: dict | None = None, seconds: float = 1e-3) -> dict:
    case = {"device": "CPU:0", "op": "swish", "mode": "eager", "direction": "forward", "dtype": "float32", "size": 1024}
    return case | {
        "contestant": contestant,
        "ours": ours,
        "seconds": spread(seconds),
        "ratios": {"tf.nn.relu": spread(1.0)} if ratios is None else ratios,
    }


def record(*results: dict) -> dict:
    return {
        "machine": {"cpu": "one", "cores": 2, "threads": 2},
        "versions": {"tensorflow": "2.21.0"},
        "results": list(results),
    }


def only_change(old: dict, new: dict) -> compare.Change:
    (change,) = compare.changes(record(old), record(new))
    return change


def test_the_same_run_did_not_get_slower():
    change = only_change(result(), result())
    assert change.factor == 1.0
    assert not change.slower


def test_a_ratio_that_grew_beyond_noise_got_slower():
    change = only_change(result(), result(ratios={"tf.nn.relu": spread(1.3)}))
    assert change.reference == "tf.nn.relu"
    assert change.factor == pytest.approx(1.3)
    assert change.slower


def test_a_ratio_that_grew_within_noise_did_not():
    noisy = {"tf.nn.relu": spread(1.0, noise=0.4)}
    assert not only_change(result(ratios=noisy), result(ratios={"tf.nn.relu": spread(1.3, noise=0.4)})).slower


def test_a_small_growth_is_tolerated_however_certain():
    assert not only_change(result(), result(ratios={"tf.nn.relu": spread(1.05, noise=0.0)})).slower


def test_a_slower_machine_is_not_a_slower_contestant():
    assert not only_change(result(seconds=1e-3), result(seconds=2e-3)).slower


def test_without_a_common_reference_seconds_are_compared():
    change = only_change(result(ratios={"PyTorch": spread(1.0)}), result(ratios={}, seconds=2e-3))
    assert change.reference is None
    assert change.factor == pytest.approx(2.0)
    assert change.slower


def test_only_our_own_results_that_both_runs_have_are_compared():
    old = record(result(), result("tf.nn.silu", ours=False))
    new = record(result("tf.nn.silu", ours=False), result("python"))
    assert not list(compare.changes(old, new))


def test_another_machine_is_named():
    old, new = record(), copy.deepcopy(record())
    assert compare.differences_of_machine(old, new) == []
    new["machine"]["cpu"] = "another"
    assert compare.differences_of_machine(old, new) == ["cpu: one then, another now"]
