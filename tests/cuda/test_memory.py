"""Arrays at any address and of any length: every element is written once, and none outside."""

import itertools
import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from device_tensors import DERIVATIVES, DEVICE, bits, call
from parameters import FEW

import tfcustomact as tca
from tfcustomact._commands.arrays import to_device
from tfcustomact.activations import ACTIVATIONS

# A full step of every loop, a part of one, and elements before and after.
LENGTH = 2999
MARGIN = 16

functions = pytest.mark.parametrize("function", DERIVATIVES)


@pytest.fixture
def numbers(dtype: np.dtype[Any], torch: ModuleType) -> Any:
    """Two arrays of random numbers: x and dy."""
    random = np.random.default_rng(0)
    return [to_device(random.normal(0, 3, LENGTH + MARGIN).astype(dtype)) for _ in range(2)]


def placed(array: Any, offset: int) -> Any:
    """The array, moved to begin ``offset`` elements after the beginning of memory."""
    memory = array.new_empty(LENGTH + MARGIN)
    moved = memory[offset : offset + LENGTH]
    return moved.copy_(array[:LENGTH])


@functions
def test_every_alignment_of_every_array(function: str, numbers: Any, torch: ModuleType) -> None:
    x, dy = numbers
    expected = call(function, x[:LENGTH].clone(), dy=dy[:LENGTH].clone())
    offsets = range(16 // x.element_size())
    moved_x, moved_dy = ([placed(array, offset) for offset in offsets] for array in (x, dy))
    for at_x, at_dy, at_out in itertools.product(offsets, offsets if DERIVATIVES[function] else (0,), offsets):
        memory = torch.full_like(x, 7)
        out = memory[at_out : at_out + LENGTH]
        call(function, moved_x[at_x], dy=moved_dy[at_dy], out=out)
        where = f"x, dy, out {at_x}, {at_dy}, {at_out} elements from 16 bytes"
        assert torch.equal(bits(out), bits(expected)), where
        assert (memory[:at_out] == 7).all(), where
        assert (memory[at_out + LENGTH :] == 7).all(), where


@functions
def test_every_length(function: str, numbers: Any, torch: ModuleType) -> None:
    x, dy = numbers
    expected = call(function, x, dy=dy)
    for length in range(LENGTH + 1):
        memory = torch.full_like(x, 7)
        call(function, x[:length], dy=dy[:length], out=memory[:length])
        assert torch.equal(bits(memory[:length]), bits(expected[:length])), length
        assert (memory[length:] == 7).all(), length


@functions
@pytest.mark.parametrize("offset", [0, 1])
def test_more_than_2_to_the_31_elements(function: str, offset: int, torch: ModuleType) -> None:
    period, repeats = 1 << 16, (1 << 15) + 3
    arrays = 3 if DERIVATIVES[function] else 2
    free, _ = torch.cuda.mem_get_info()
    needed = arrays * 2 * period * (repeats + 1) * 5 // 4
    if free < needed:
        pytest.skip(f"{needed >> 30} GiB of the device's memory are needed, and {free >> 30} GiB are free")
    pattern = torch.arange(period, device=DEVICE).to(torch.int16).view(torch.float16)
    memory = torch.empty(period * repeats + 8, dtype=torch.float16, device=DEVICE)
    x = memory[offset : offset + period * repeats]
    x.view(repeats, period).copy_(pattern.expand(repeats, period))
    got = call(function, x)
    expected = bits(call(function, pattern))
    for rows in bits(got).view(repeats, period).split(1 << 10):
        assert (rows == expected).all()


@functions
def test_in_place(function: str, numbers: Any, torch: ModuleType) -> None:
    x, dy = numbers
    expected = call(function, x, dy=dy)
    over_x = x.clone()
    assert call(function, over_x, dy=dy, out=over_x) is over_x
    assert torch.equal(bits(over_x), bits(expected))
    if DERIVATIVES[function]:
        over_dy = dy.clone()
        call(function, x, dy=over_dy, out=over_dy)
        assert torch.equal(bits(over_dy), bits(expected))


@pytest.mark.parametrize("op", FEW)
def test_rows_at_every_alignment(op: str, dtype: np.dtype[Any], torch: ModuleType) -> None:
    """Beside one number per channel, the sums over channels included."""
    shape = 300, 12
    random = np.random.default_rng(0)
    x, dy, row = (
        to_device(random.normal(0, 3, size).astype(dtype)) for size in (math.prod(shape), math.prod(shape), shape[1])
    )
    gradient = getattr(tca.cuda, f"{op}_grad")
    for name in ("bias", *ACTIVATIONS[op].argument_names):
        expected = gradient(dy.view(shape), x.view(shape), **{name: row})
        for offsets in itertools.product(range(16 // x.element_size()), repeat=2):
            # The output lies beside x.
            at_dy, at_x, out = (
                torch.empty(x.numel() + offset, dtype=x.dtype, device=DEVICE)[offset:].copy_(array).view(shape)
                for offset, array in zip((*offsets, offsets[1]), (dy, x, x), strict=True)
            )
            got = gradient(at_dy, at_x, **{name: row}, out=(out, None))
            assert all(torch.equal(bits(one), bits(other)) for one, other in zip(got, expected, strict=True)), offsets


def test_shapes(torch: ModuleType) -> None:
    x = torch.randn(4, 1, 6, device=DEVICE)
    got = call("swish", x)
    assert got.shape == x.shape
    assert got.is_contiguous()
    assert torch.equal(got.flatten(), call("swish", x.flatten()))
    assert call("elu", x[0, 0, 0]).shape == ()
    assert call("elu", x[:0]).shape == (0, 1, 6)
