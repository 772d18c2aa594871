"""The kernels held to the exact values on the device, to what docs/numerics.md promises."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from device_tensors import DERIVATIVES, DEVICE, call
from float32_reference import ulp_errors

from tfcustomact import testing
from tfcustomact._commands.device_calls import to_device, to_host

functions = pytest.mark.parametrize("function", DERIVATIVES)


@functions
@pytest.mark.parametrize("parameter", [1.0, 1.7, -0.3])
def test_within_the_promise(function: str, parameter: float, dtype: np.dtype[Any], torch: ModuleType) -> None:
    """Every number of the two half types; of the others those where errors show, and a million at random."""
    op = function.removesuffix("_grad")
    x = testing.hard_inputs(op, dtype, parameter, count=1 << 20)
    got = to_host(call(function, to_device(x), parameter))
    errors = testing.activation_error(op, x, got, parameter, derivative=DERIVATIVES[function])
    assert errors.max() <= testing.ulp_limit("native", dtype)


@pytest.mark.exhaustive
@functions
def test_every_float32_input(function: str, torch: ModuleType) -> None:
    block = 1 << 25
    worst = torch.zeros((), dtype=torch.float64, device=DEVICE)
    for start in range(-(1 << 31), 1 << 31, block):
        x = torch.arange(start, start + block, device=DEVICE).to(torch.int32).view(torch.float32)
        worst = torch.maximum(worst, ulp_errors(function, call(function, x), x).max())
    assert 0 < worst.item() <= testing.ulp_limit("native", np.float32)


@functions
def test_special_values(function: str, dtype: np.dtype[Any], torch: ModuleType) -> None:
    x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0], dtype)
    expected = {
        "swish": [np.inf, -0.0, np.nan, 0.0, -0.0],
        "swish_grad": [1, 0, np.nan, 0.5, 0.5],
        "elu": [np.inf, -0.5, np.nan, 0.0, -0.0],
        "elu_grad": [1, 0, np.nan, 0.5, 0.5],
    }[function]
    parameter = 1.0 if function.startswith("swish") else 0.5
    got = to_host(call(function, to_device(x), parameter)).astype(np.float64)
    np.testing.assert_array_equal(got, expected)
    if not DERIVATIVES[function]:
        np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(np.array(expected)[got == 0]))


@pytest.mark.parametrize("dtype_name", ["float32", "float64"])
def test_subnormal_numbers_are_computed(dtype_name: str, torch: ModuleType) -> None:
    tiny = np.array([1, -1, 12345, -12345], dtype_name) * np.finfo(dtype_name).smallest_subnormal
    np.testing.assert_array_equal(to_host(call("elu", to_device(tiny))), tiny)
    np.testing.assert_array_equal(to_host(call("swish", to_device(2 * tiny))), tiny)


@pytest.mark.parametrize("op", ["swish", "elu"])
def test_dy_enters_by_one_multiplication(op: str, dtype: np.dtype[Any], torch: ModuleType) -> None:
    x = to_device(np.random.default_rng(0).standard_normal(10_000).astype(dtype))
    once = call(f"{op}_grad", x)
    for factor in (2.0, -0.25):
        got = call(f"{op}_grad", x, dy=torch.full_like(x, factor))
        assert torch.equal(got, once * factor)
