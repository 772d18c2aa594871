"""The kernels held to the exact values on the device, to what docs/numerics.md promises."""

from types import ModuleType
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from device_tensors import DERIVATIVES, DEVICE, bits, call
from float32_reference import ulp_errors
from parameters import FEW, every_op_with, given

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._commands.arrays import to_device, to_host
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import SpecialValues

functions = pytest.mark.parametrize("function", DERIVATIVES)


@every_op_with(1.0, 1.7, -0.3)
@pytest.mark.parametrize("derivative", [0, 1])
def test_within_the_promise(
    op: str, parameter: float | None, derivative: int, dtype: np.dtype[Any], torch: ModuleType
) -> None:
    """Every number of the two half types; of the others those where errors show, and a million at random."""
    x = testing.hard_inputs(op, dtype, parameter, count=1 << 20)
    got = to_host(call(op + "_grad" * derivative, to_device(x), *given(parameter)))
    errors = testing.activation_error(op, x, got, parameter, derivative=derivative)
    assert errors.max() <= testing.ulp_limit("native", dtype, op=op)


@pytest.mark.exhaustive
@functions
def test_every_float32_input(function: str, torch: ModuleType) -> None:
    block = 1 << 25
    worst = torch.zeros((), dtype=torch.float64, device=DEVICE)
    for start in range(-(1 << 31), 1 << 31, block):
        x = torch.arange(start, start + block, device=DEVICE).to(torch.int32).view(torch.float32)
        worst = torch.maximum(worst, ulp_errors(function, call(function, x), x).max())
    assert 0 < worst.item() <= testing.ulp_limit("native", np.float32, op=function.removesuffix("_grad"))


@pytest.mark.parametrize(
    ("op", "special"),
    [(op, special) for op, activation in ACTIVATIONS.items() for special in activation.special_values],
)
def test_special_values(op: str, special: SpecialValues, dtype: np.dtype[Any], torch: ModuleType) -> None:
    x = to_device(np.array([np.inf, -np.inf, 0.0, -0.0, np.nan], dtype))
    value, derivative = (
        to_host(call(function, x, *special.arguments)).astype(np.float64) for function in (op, f"{op}_grad")
    )
    values, derivatives = (
        np.array([*each, np.nan], dtype).astype(np.float64) for each in (special.values, special.derivatives)
    )
    np.testing.assert_array_equal(value, values)
    np.testing.assert_array_equal(derivative, derivatives)
    zeros = value == 0
    np.testing.assert_array_equal(np.signbit(value[zeros]), np.signbit(values[zeros]))


@pytest.mark.parametrize("dtype_name", ["float32", "float64"])
def test_subnormal_numbers_are_computed(op: str, dtype_name: str, torch: ModuleType) -> None:
    tiny = np.array([2, -2, 24690, -24690], dtype_name) * np.finfo(dtype_name).smallest_subnormal
    exact = testing.exact(op, tiny).astype(dtype_name)
    np.testing.assert_array_equal(to_host(call(op, to_device(tiny))), exact)


def test_dy_enters_by_one_multiplication(op: str, dtype: np.dtype[Any], torch: ModuleType) -> None:
    x = to_device(np.random.default_rng(0).standard_normal(10_000).astype(dtype))
    once = call(f"{op}_grad", x)
    # A subnormal number is rounded to fewer digits than its multiple.
    is_exact = once.abs() >= 4 * torch.finfo(x.dtype).tiny
    assert is_exact.sum() > 9_000
    for factor in (2.0, -0.25):
        got = call(f"{op}_grad", x, dy=torch.full_like(x, factor))
        assert torch.equal(got[is_exact], (once * factor)[is_exact])


@pytest.mark.parametrize("op", FEW)
def test_operands_give_what_they_give_on_the_host(op: str, dtype: np.dtype[Any], torch: ModuleType) -> None:
    """Rows, biases and gates, in shapes that the kernels divide differently."""
    random, eps = np.random.default_rng(0), 4 * float(ml_dtypes.finfo(dtype).eps)
    on_host, on_device = (vars(module) for module in (tca.numpy, tca.cuda))

    def both(function: str, *inputs: Any, **keywords: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        moved = {key: to_device(each) if isinstance(each, np.ndarray) else each for key, each in keywords.items()}
        host, device, again = (
            results if isinstance(results, tuple) else (results,)
            for results in (
                on_host[function](*inputs, **keywords),
                *(on_device[function](*map(to_device, inputs), **moved) for _ in range(2)),
            )
        )
        assert all(torch.equal(bits(one), bits(other)) for one, other in zip(device, again, strict=True))
        return [(to_host(one), other) for one, other in zip(device, host, strict=True)]

    for shape, row_shape in (
        ((3, 5, 700), (5, 1)),
        ((4000, 6), (6,)),
        ((5, 1001), (1001,)),
        ((2, 3, 130), (2, 1, 130)),
        ((7, 8), ()),
    ):
        x, dy, row = (random.normal(0, 2, each).astype(dtype) for each in (shape, shape, row_shape))
        rows = {"bias": row} | dict.fromkeys(ACTIVATIONS[op].argument_names, row)
        results = both("gated", x, dy, activation=op)
        results += both("gated_grad", dy, x, x, activation=op)
        if not shape[-1] % 2:
            results += both("gated", x, activation=op)
            results += both("gated_grad", dy[..., ::2].copy(), x, activation=op)
        calls: list[tuple[str, list[np.ndarray], dict[str, Any]]] = []
        for name, numbers in rows.items():
            results += both(op, x, **{name: numbers})
            calls.append((f"{op}_grad", [dy, x], {name: numbers}))
        for name in ACTIVATIONS[op].argument_names:
            unit, packed = {"activation": op, name: row}, np.concatenate([x, dy], -1)
            results += both("gated", x, dy, **unit) + both("gated", packed, **unit)
            calls += [("gated_grad", [dy, x, dy], unit), ("gated_grad", [dy, packed], unit)]
        for function, inputs, keywords in calls:
            *others, (d_row, on_the_host) = both(function, *inputs, **keywords)
            results += others
            np.testing.assert_allclose(
                d_row.astype(float), on_the_host.astype(float), rtol=eps, atol=eps * x.size / row.size
            )
        for got, wanted in results:
            np.testing.assert_allclose(got.astype(float), wanted.astype(float), rtol=eps, atol=eps)
