"""What is measured, and by whom."""

from dataclasses import replace

import numpy as np
import pytest

from tfcustomact import testing
from tfcustomact._commands import arrays, cases
from tfcustomact._commands.timing.contestants import CONTESTANTS
from tfcustomact.activations import ACTIVATIONS

OP = next(iter(ACTIVATIONS))


@pytest.mark.parametrize(("device", "smallest", "largest"), [("CPU:0", 10, 26), ("GPU:0", 10, 28)])
def test_everything_is_every_op_mode_direction_dtype_and_the_ends_of_the_sizes(device, smallest, largest):
    planned = cases.planned(device)
    assert {case.op for case in planned} == set(ACTIVATIONS)
    assert {case.mode for case in planned} == set(cases.MODES)
    assert {case.direction for case in planned} == set(cases.DIRECTIONS)
    assert {case.dtype for case in planned} == set(cases.DTYPES)
    assert {min(case.power for case in planned), max(case.power for case in planned)} == {smallest, largest}
    assert len(set(planned)) == len(planned)


@pytest.mark.parametrize(("device", "powers"), [("CPU:0", {14, 20, 24}), ("GPU:0", {20, 24, 28})])
def test_a_part_is_what_was_asked_for(device, powers):
    assert {(case.dtype, case.power) for case in cases.planned(device, dtype="float16")} == {
        ("float16", power) for power in powers
    }
    part = cases.planned(device, op=OP, dtype="float16", power=12)
    assert {(case.op, case.dtype, case.size) for case in part} == {(OP, "float16", 2**12)}


@pytest.mark.parametrize("device", ["CPU:0", "GPU:0"])
def test_every_case_has_somebody_to_be_compared_with(device):
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    everyone = [replace(contestant, reasons_against=lambda case: []) for contestant in CONTESTANTS.values()]
    for case in cases.planned(device):
        entering = [contestant for contestant in everyone if contestant.enters(case)]
        assert {contestant.name for contestant in entering} & {"tf.nn.relu", "PyTorch", "JAX", "copy"}, case
        assert any(contestant.ours for contestant in entering), case


def test_pytorchs_gradients_are_called_with_what_they_take():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.tensor([-1.0, 2.0])
    names = {op: each.peers["torch"] for op, each in ACTIVATIONS.items() if "torch" in each.peers}
    found = {op: arrays._aten_gradient(name, "default", x, torch.ones(2)) for op, name in names.items()}
    assert any(found.values())
    for op, gradient in found.items():
        if gradient is not None:
            np.testing.assert_allclose(gradient(), testing.exact(op, x.numpy(), derivative=1), rtol=1e-5)
