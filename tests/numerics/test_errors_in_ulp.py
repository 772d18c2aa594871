"""The numbers that every backend promises, held to exact values."""

import functools
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from modes import Mode

import tfcustomact as tca
from tfcustomact import testing


def value_and_gradient(op: str, parameter: float, backend: str, mode: Mode, x: np.ndarray) -> list[np.ndarray]:
    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tca, op)(x, parameter, backend=backend)
        return y, tape.gradient(y, x)

    return [tensor.numpy() for tensor in mode(both)(tf.constant(x))]


@functools.lru_cache(maxsize=32)
def expected(op: str, dtype: np.dtype[Any], bits: bytes, parameter: float, derivative: int) -> testing.Expected:
    """Computed once for all backends and modes."""
    return testing.Expected(op, np.frombuffer(bits, dtype), parameter, derivative=derivative)


def assert_within_promise(
    op: str, parameter: float, backend: str, mode: Mode, x: np.ndarray, outputs: tuple[int, ...] = (0, 1)
) -> None:
    got = value_and_gradient(op, parameter, backend, mode, x)
    limit = testing.ulp_limit(backend, x.dtype, jit=mode.jit)
    for derivative in outputs:
        errors = expected(op, x.dtype, x.tobytes(), parameter, derivative).errors(got[derivative])
        worst = int(errors.argmax())
        assert errors[worst] <= limit, (
            f"derivative {derivative} at {x[worst]!r} is {got[derivative][worst]!r}, off by {errors[worst]:.3g} ULP, "
            f"not the {limit} promised"
        )


@pytest.mark.parametrize("parameter", [1.0, 1.7, -0.3])
def test_where_it_hurts(op: str, parameter: float, backend: str, mode: Mode, dtype: np.dtype[Any]) -> None:
    assert_within_promise(op, parameter, backend, mode, testing.hard_inputs(op, dtype, parameter))


@pytest.mark.parametrize("parameter", [-0.5, 0.1, 1e-30, -1e35, 0.0])
def test_any_parameter(op: str, parameter: float, backend: str, dtype: np.dtype[Any]) -> None:
    assert_within_promise(op, parameter, backend, Mode("eager"), testing.hard_inputs(op, dtype, parameter))


def test_where_an_exponential_is_a_small_power_of_two(op: str, backend: str) -> None:
    """TensorFlow flushes subnormal numbers: a small part of a small number must not be one on the way."""
    powers = -np.log(2.0) * np.arange(90, 127)
    x = np.concatenate([np.linspace(t - 1e-3, t + 1e-3, 500) for t in powers]).astype(np.float32)
    assert_within_promise(op, 1.0, backend, Mode("eager"), x)


def test_few_elements_inside_jit() -> None:
    """The lowering of Swish has an exponential of its own for many elements only."""
    inputs = testing.hard_inputs("swish", np.float32, 1.0)
    for x in np.array_split(inputs, len(inputs) // 2**14 + 1):
        assert_within_promise("swish", 1.0, "native", Mode("jit"), x)


def test_a_million_doubles(op: str, backend: str, mode: Mode) -> None:
    x = testing.hard_inputs(op, np.float64, 1.0, count=1_000_000, seed=1)
    assert_within_promise(op, 1.0, backend, mode, x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_around_the_root_of_swish_gradient(backend: str, dtype: type, mode: Mode) -> None:
    assert_within_promise("swish", 1.0, backend, mode, np.linspace(-2.1, -0.7, 100_000, dtype=dtype), (1,))


@pytest.mark.parametrize("width", [32, 64])
def test_whatever_hypothesis_finds(op: str, backend: str, width: int) -> None:
    numbers = st.floats(width=width)

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(st.lists(numbers, min_size=16, max_size=16))
    def check(drawn: list[float]) -> None:
        assert_within_promise(op, 1.0, backend, Mode("eager"), np.array(drawn, f"f{width // 8}"))

    check()


@pytest.mark.parametrize("others", [[], [np.nan, 5.0] * 20], ids=["alone", "beside NaN"])
def test_the_tail_is_not_cut_off(backend: str, others: list[float]) -> None:
    x = np.float32([*others, -88.0, -90.0, -91.8, *others])
    assert np.all(tca.swish(x, backend=backend).numpy()[x < 0] < 0)


def test_tensors_without_a_tail(op: str, backend: str, dtype: np.dtype[Any]) -> None:
    x = testing.hard_inputs(op, dtype, 1.0)
    with np.errstate(invalid="ignore"):
        near = x > -80
    assert_within_promise(op, 1.0, backend, Mode("eager"), x[near])


def test_no_gradient_is_cut_off(backend: str) -> None:
    x = tf.constant([-17.0, -50.0, -87.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tca.elu(x, backend=backend)
    assert np.all(tape.gradient(y, x).numpy() > 0)
