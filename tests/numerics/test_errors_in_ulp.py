"""The numbers that every backend promises, held to exact values."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import hypothesis
import ml_dtypes
import mpmath
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import settings
from hypothesis import strategies as st
from modes import Mode, every_computation
from parameters import BITS, WITH_PARAMETER, accepted, defined, every_op_with, given

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS


def value_and_gradient(op: str, parameter: float | None, backend: str, mode: Mode) -> Callable[..., list[np.ndarray]]:
    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tca, op)(x, *given(parameter), backend=backend)
        return y, tape.gradient(y, x)

    run = mode(both)
    return lambda x: [tensor.numpy() for tensor in run(tf.constant(x))]


@functools.lru_cache(maxsize=32)
def expected(op: str, dtype: np.dtype[Any], bits: bytes, parameter: float | None, derivative: int) -> testing.Expected:
    """Computed once for all backends and modes."""
    return testing.Expected(op, np.frombuffer(bits, dtype), parameter, derivative=derivative)


def assert_within_promise(
    op: str,
    parameter: float | None,
    backend: str,
    mode: Mode,
    x: np.ndarray,
    pieces: Sequence[Any] = (...,),
) -> None:
    """Of ``x``, or of pieces of it, one after the other."""
    run = value_and_gradient(op, parameter, backend, mode)
    limit = testing.ulp_limit(backend, x.dtype, op=op, jit=mode.jit)
    for places in pieces:
        inputs = x[places]
        got = run(inputs)
        for derivative in (0, 1):
            errors = expected(op, x.dtype, x.tobytes(), parameter, derivative).errors(got[derivative], places)
            worst = int(errors.argmax())
            assert errors[worst] <= limit, (
                f"derivative {derivative} at {inputs[worst]!r} is {got[derivative][worst]!r}, off by "
                f"{errors[worst]:.3g} ULP, not the {limit} promised"
            )


@every_computation
@every_op_with(1.0, 1.7)
def test_hard_inputs_and_those_around_roots(
    op: str, parameter: float | None, backend: str, mode: Mode, dtype: np.dtype[Any]
) -> None:
    x = [testing.hard_inputs(op, dtype, parameter)]
    # In half precision these are all numbers.
    if dtype.itemsize > 2:
        roots = ACTIVATIONS[op].roots
        for root in (*roots.get(0, ()), *roots.get(1, ())):
            x.append((np.linspace(root.low - 0.1, root.high + 0.1, 100_000) / (parameter or 1)).astype(dtype))
    x = np.concatenate(x)
    pieces = [...]
    # Without tiny results too: to XLA, which takes long to compile, an element's neighbours are no matter.
    if mode.name == "eager" and backend != "xla":
        with np.errstate(invalid="ignore", over="ignore"):
            pieces.append(x.astype(np.float64) * (parameter or 1) > -80)
    assert_within_promise(op, parameter, backend, mode, x, pieces)


# Half precision is computed in float32, or by kernels that the program `halves` of tests/kernels tries with them all.
without_halves = pytest.mark.parametrize("dtype", ["float32", "float64"], indirect=True)


@every_computation
@without_halves
@pytest.mark.parametrize("op", WITH_PARAMETER)
def test_a_negative_parameter(op: str, backend: str, mode: Mode, dtype: np.dtype[Any]) -> None:
    parameter = accepted(op, -0.3)
    assert_within_promise(op, parameter, backend, mode, testing.hard_inputs(op, dtype, parameter))


@without_halves
@pytest.mark.parametrize("op", WITH_PARAMETER)
@pytest.mark.parametrize("parameter", [-0.5, 0.1, 1e-30, -1e35, 0.0])
def test_any_parameter(op: str, parameter: float, backend: str, dtype: np.dtype[Any]) -> None:
    parameter = accepted(op, parameter)
    assert_within_promise(op, parameter, backend, Mode("eager"), testing.hard_inputs(op, dtype, parameter))


@without_halves
@pytest.mark.parametrize("op", WITH_PARAMETER)
@every_computation
# Not powers of two, whose products are exact.
@pytest.mark.parametrize("parameter", [0.0, 2.0**-80 * 1.1, 2.0**80 / 1.1], ids=["zero", "smallest", "largest"])
def test_the_ends_of_the_parameters_that_every_backend_takes(
    op: str, parameter: float, backend: str, mode: Mode, dtype: np.dtype[Any]
) -> None:
    parameter = accepted(op, parameter)
    assert_within_promise(op, parameter, backend, mode, testing.hard_inputs(op, dtype, parameter))


def test_where_an_exponential_is_a_small_power_of_two(op: str, backend: str) -> None:
    """TensorFlow flushes subnormal numbers: no intermediate result of a small number may be subnormal."""
    powers = -np.log(2.0) * np.arange(90, 127)
    x = np.concatenate([np.linspace(t - 1e-3, t + 1e-3, 500) for t in powers]).astype(np.float32)
    assert_within_promise(op, None, backend, Mode("eager"), x)


@pytest.mark.parametrize("backend", ["native"])
def test_few_elements_inside_jit(op: str, backend: str) -> None:
    """A lowering may have an exponential of its own for many elements only."""
    x = testing.hard_inputs(op, np.float32)
    pieces = np.array_split(np.arange(x.size), x.size // 2**14 + 1)
    assert_within_promise(op, None, backend, Mode("jit"), x, pieces)


@without_halves
def test_hard_inputs_have_the_largest_finite_value_and_the_next_input(op: str, dtype: np.dtype[Any]) -> None:
    limits, bits = np.finfo(dtype), np.dtype(f"u{dtype.itemsize}")
    finite, infinite = (int(np.array(x, dtype).view(bits)) for x in (1, np.inf))
    with mpmath.workprec(BITS):
        overflow = mpmath.ldexp(2 - mpmath.mpf(float(limits.epsneg)), limits.maxexp - 1)
        while infinite - finite > 1:
            middle = (finite + infinite) // 2
            if defined(op, None, float(bits.type(middle).view(dtype)), 0) < overflow:
                finite = middle
            else:
                infinite = middle
    x = np.array([finite, infinite], bits).view(dtype)
    assert np.isin(x, testing.hard_inputs(op, dtype)).all()
    errors = testing.Expected(op, x).errors(np.array([limits.max, np.inf], dtype))
    assert errors[0] < 2
    assert errors[1] == 0


@pytest.mark.long
@every_computation
def test_a_million_doubles(op: str, backend: str, mode: Mode) -> None:
    x = testing.hard_inputs(op, np.float64, count=1_000_000, seed=1)
    assert_within_promise(op, None, backend, mode, x)


@pytest.mark.parametrize("width", [32, 64])
def test_whatever_hypothesis_finds(op: str, width: int) -> None:
    numbers = st.floats(width=width)
    backends = [name for name, backend in BACKENDS.items() if not backend.reasons_against(op, "CPU", tf.float32)]

    @settings(max_examples=50, deadline=None, derandomize=True)
    @hypothesis.given(st.lists(numbers, min_size=16, max_size=16))
    def check(drawn: list[float]) -> None:
        for backend in backends:
            assert_within_promise(op, None, backend, Mode("eager"), np.array(drawn, f"f{width // 8}"))

    check()


@pytest.mark.parametrize("others", [[], [np.nan, 5.0] * 20], ids=["alone", "beside NaN"])
def test_tiny_results(op: str, backend: str, others: list[float]) -> None:
    """Where exponentials become subnormal and vanish."""
    sizes = np.linspace(80, 110, 61)
    for x in ([*others, *-sizes, *others], [*others, *sizes, *others]):
        assert_within_promise(op, None, backend, Mode("eager"), np.float32(x))


# As above, where an element's neighbours matter.
@pytest.mark.parametrize("backend", ["native", "python"], indirect=True)
def test_nothing_but_the_ends_of_the_range(op: str, backend: str, dtype: np.dtype[Any]) -> None:
    largest = ml_dtypes.finfo(dtype).max
    for x in (largest, -largest):
        assert_within_promise(op, None, backend, Mode("eager"), np.full(19, x, dtype))
