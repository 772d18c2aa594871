"""The reference of the exhaustive test is held to the exact values, on the CPU."""

import numpy as np
import pytest
from device_tensors import DERIVATIVES
from float32_reference import exact, ulp_errors

from tfcustomact import testing

torch = pytest.importorskip("torch", reason="PyTorch, which computes the reference, is not installed")


@pytest.mark.parametrize("function", DERIVATIVES)
def test_it_is_far_exacter_than_float32(function: str) -> None:
    op = function.removesuffix("_grad")
    x = testing.hard_inputs(op, np.float32)
    wanted = testing.exact(op, x, derivative=DERIVATIVES[function])
    got = exact(function, torch.from_numpy(x).double()).numpy()
    ordinary = np.isfinite(x) & (np.abs(wanted) >= 2.0**-150) & (np.abs(x) < 2.0**40)
    floor = testing.floor(op, x, derivative=DERIVATIVES[function])
    # In ULPs of float64, which are 2^-29 of those of float32.
    assert testing.ulp_error(got, wanted, floor=floor)[ordinary].max() < 100
    rounded = got.astype(np.float32)
    np.testing.assert_array_equal(rounded[~ordinary], wanted[~ordinary].astype(np.float32))


@pytest.mark.parametrize("function", DERIVATIVES)
def test_its_errors_are_those_of_the_package(function: str) -> None:
    op = function.removesuffix("_grad")
    x = testing.hard_inputs(op, np.float32, count=1 << 12)
    wanted = testing.exact(op, x, derivative=DERIVATIVES[function]).astype(np.float32)
    got = np.nextafter(np.nextafter(wanted, np.float32(9)), np.float32(9))
    errors = ulp_errors(function, torch.from_numpy(got), torch.from_numpy(x)).numpy()
    expected = testing.activation_error(op, x, got, derivative=DERIVATIVES[function])
    judged = (np.abs(wanted) >= 2.0**-126) & (np.abs(x) >= 2.0**-126)
    assert errors[judged].max() > 1
    np.testing.assert_allclose(errors[judged], expected[judged], atol=1e-6)


@pytest.mark.parametrize(
    ("x", "got"),
    [(np.inf, 1.0), (-np.inf, np.nan), (np.nan, 0.0), (1.0, np.nan), (1.0, np.inf), (0.0, -0.0), (-0.0, 0.0)],
)
@pytest.mark.parametrize("function", [function for function, derivative in DERIVATIVES.items() if not derivative])
def test_a_missed_special_value_is_an_infinite_error(function: str, x: float, got: float) -> None:
    if x == 0 and testing.exact(function, np.zeros(1, np.float32))[0] != 0:
        pytest.skip(f"{function}(0) is no zero, whose sign could be missed")
    given, result = (torch.tensor([value], dtype=torch.float32) for value in (x, got))
    assert ulp_errors(function, result, given).item() == np.inf
