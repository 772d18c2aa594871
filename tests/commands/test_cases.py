"""The list of what is measured."""

from dataclasses import replace

import pytest

from tfcustomact._commands import cases
from tfcustomact._commands.contestants import CONTESTANTS
from tfcustomact.activations import ACTIVATIONS


def test_the_full_plan_covers_every_op_mode_direction_dtype_and_the_ends_of_the_sizes():
    plan = cases.FULL.cases("CPU:0")
    assert {case.op for case in plan} == set(ACTIVATIONS)
    assert {case.mode for case in plan} == set(cases.MODES)
    assert {case.direction for case in plan} == set(cases.DIRECTIONS)
    assert {case.dtype for case in plan} == set(cases.DTYPES)
    assert {min(case.size for case in plan), max(case.size for case in plan)} == {2**10, 2**26}
    assert len(set(plan)) == len(plan)


def test_gpus_are_measured_at_sizes_of_their_own():
    sizes = {case.size for case in cases.FULL.cases("GPU:0")}
    assert {min(sizes), max(sizes)} == {2**10, 2**28}
    assert 2**27 in {case.size for case in cases.QUICK.cases("GPU:0")}


def test_a_narrowed_plan_keeps_only_what_was_asked_for():
    for device in ("CPU:0", "GPU:0"):
        plan = cases.QUICK.narrowed("elu", "float16", 12).cases(device)
        assert {(case.op, case.dtype, case.size) for case in plan} == {("elu", "float16", 2**12)}


def test_a_plan_that_is_not_narrowed_stays_as_it_is():
    assert cases.FULL.narrowed(None, None, None) == cases.FULL


@pytest.mark.parametrize("device", ["CPU:0", "GPU:0"])
def test_every_case_has_somebody_to_be_compared_with(device):
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    for case in cases.FULL.cases(device):
        everyone = {name: replace(one, reasons_against=lambda case: []) for name, one in CONTESTANTS.items()}
        names = {name for name, one in everyone.items() if one.enters(case)}
        assert names & {"tf.nn.relu", "PyTorch", "copy"}, case
        assert any(CONTESTANTS[name].ours for name in names), case
