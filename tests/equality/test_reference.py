"""The exact values are exact, and the errors are counted right."""

from dataclasses import replace
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest
from parameters import BITS, defined, every_op_with

from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS, _exact

X = [-745.0, -92.3, -17.2, -1.3, -0.3, -1e-8, 1e-300, 1e-8, 0.7, 17.2, 88.8, 710.0]


def all_bits(number: Any) -> Any:
    high = float(number)
    return mpmath.mpf(high) + float(number - high)


@pytest.fixture(params=["long double", "multiprecision"])
def arithmetic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "multiprecision":
        monkeypatch.setattr(_exact, "arithmetic", _exact._Multiprecision)
    return request.param


@every_op_with(1.0, 1.7, -0.3)
@pytest.mark.parametrize("derivative", [0, 1, 2])
@pytest.mark.usefixtures("arithmetic")
def test_against_the_definition(op: str, parameter: float | None, derivative: int) -> None:
    got = testing.exact(op, np.array(X), parameter, derivative=derivative)
    with mpmath.workprec(BITS):
        for x, mine in zip(X, got, strict=True):
            theirs = defined(op, parameter, x, derivative)
            assert abs(all_bits(mine) - theirs) <= abs(theirs) * mpmath.mpf(2) ** -58 + mpmath.mpf(2) ** -150, x


@pytest.mark.usefixtures("arithmetic")
def test_limits(op: str) -> None:
    for arguments, *outputs in ACTIVATIONS[op].special_values:
        for derivative, wanted in enumerate(outputs):
            x = np.array([np.inf, -np.inf, 0.0, -0.0, np.nan])
            got = testing.exact(op, x, *arguments, derivative=derivative).astype(np.float64)
            np.testing.assert_array_equal(got, [*wanted, np.nan])
            if derivative == 0:
                np.testing.assert_array_equal(np.signbit(got[:-1]), np.signbit(wanted))


def test_one_ulp_is_one_ulp(dtype: np.dtype[Any]) -> None:
    for number in (1.0, 1.5, -3.0, float(ml_dtypes.finfo(dtype).tiny)):
        exact = np.array([number])
        above = np.nextafter(exact.astype(dtype), dtype.type(np.inf))
        np.testing.assert_array_equal(testing.ulp_error(above, exact), [1.0])
        np.testing.assert_array_equal(testing.ulp_error(exact.astype(dtype), exact), [0.0])


def test_halves_of_ulps_count() -> None:
    exact = np.array([1 + 2.0**-24], np.longdouble)
    np.testing.assert_array_equal(testing.ulp_error(np.float32([1.0]), exact), [0.5])


def test_what_is_infinitely_wrong() -> None:
    got = np.array([np.nan, 1.0, np.inf, -np.inf, 1.0, 0.0, 0.0], np.float32)
    exact = np.array([1.0, np.nan, -np.inf, 1.0, np.inf, np.nan, np.inf])
    assert np.all(np.isinf(testing.ulp_error(got, exact)))


def test_what_is_right() -> None:
    exact = np.array([np.nan, np.inf, -np.inf, 0.0, 1e39, 1e-39, -1e-39])
    got = np.array([np.nan, np.inf, -np.inf, -0.0, np.inf, 0.0, -0.0], np.float32)
    np.testing.assert_array_equal(testing.ulp_error(got, exact), 0)


def test_a_flushed_subnormal_keeps_its_sign() -> None:
    assert testing.ulp_error(np.float32([-0.0]), np.array([1e-39]))[0] > 1000


def test_a_flushed_result_has_the_error_that_it_must_have_had() -> None:
    tiny = float(np.finfo(np.float32).tiny)
    exact = tiny * (1 + np.array([-0.5, 0, 5, 3000]) * 2.0**-23)
    np.testing.assert_array_equal(testing.ulp_error(np.zeros(4, np.float32), exact), [0, 0, 5, 3000])
    # The exact value is a few ULP below minus the smallest normal number.
    x = np.float32([-53.717815])
    assert 2 < testing.activation_error("swish", x, np.float32([-0.0]), 1.7)[0] < 8


def test_a_subnormal_input_may_count_as_zero() -> None:
    x = np.array([-1e-40], np.float32)
    for got in (x, np.float32([-0.0])):
        np.testing.assert_array_equal(testing.activation_error("elu", x, got), 0)
    np.testing.assert_array_equal(testing.activation_error("elu", x, np.float32([0.0])), np.inf)
    # elu(-0.0, alpha=-1) is -0.0, and elu(-1e-40, alpha=-1) is 1e-40.
    for got in (-x, np.float32([-0.0]), np.float32([0.0])):
        np.testing.assert_array_equal(testing.activation_error("elu", x, got, -1.0), 0)


def test_assert_max_ulp() -> None:
    exact = np.array([1.0, 2.0])
    assert testing.assert_max_ulp(np.float32([1, 2 + 2**-22]), exact, 1) == 1
    with pytest.raises(AssertionError, match=r"1 of 2 float32 results are off by more than 0\.5 ULP.*flat index 1"):
        testing.assert_max_ulp(np.float32([1, 2 + 2**-22]), exact, 0.5)
    assert testing.assert_max_ulp(np.float32([2**-24]), np.array([0.0]), 1, floor=1.0) == 0.5


def test_hard_inputs_are_the_same_numbers_mixed_and_among_their_like(op: str, dtype: np.dtype[Any]) -> None:
    """Broken in the steps that have no large number alone, or in those that have one alone, a kernel is found."""
    with np.errstate(invalid="ignore"):
        x = np.abs(testing.hard_inputs(op, dtype).astype(np.float64))
    few = 97 * 256
    mixed, sorted_by_size, with_few = np.split(x, [(x.size - few) // 2, x.size - few])
    np.testing.assert_array_equal(np.sort(mixed), sorted_by_size)
    step = 256
    largest = [part[: part.size // step * step].reshape(-1, step).max(axis=1) for part in (mixed, sorted_by_size)]
    assert np.all(np.isnan(largest[0]) | (largest[0] > 100))
    ordinary = (largest[1] > 0.5) & (largest[1] < 50)
    assert np.count_nonzero(ordinary) >= 5
    median = sorted_by_size[(sorted_by_size.size - 1) // 2]
    np.testing.assert_array_equal(np.flatnonzero(~(with_few <= median)), np.arange(0, few, 97))


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="shape"):
        testing.ulp_error(np.float32([1]), np.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="int64"):
        testing.ulp_error(np.array([1]), np.array([1.0]))
    with pytest.raises(ValueError, match="relu"):
        testing.exact("relu", [1.0])
    with pytest.raises(ValueError, match="3"):
        testing.exact("swish", [1.0], derivative=3)


def test_a_parameter_of_an_activation_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(x: Any, *, backend: str | None = None) -> None: ...

    monkeypatch.setitem(ACTIVATIONS, "silent", replace(ACTIVATIONS["elu"], function=silent))
    with pytest.raises(ValueError, match=r"parameter is 1\.5, and silent has none: None is accepted"):
        testing.exact("silent", [1.0], 1.5)
