"""The functions of ``tfcustomact.numpy`` on whatever arrays and parameters hypothesis makes up.

A call either returns a result within the promise, with every byte outside ``out`` as it was, or raises the error that
its documentation names, with every byte as it was.
"""

import numbers
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

pytest.importorskip("tfcustomact._kernels", reason="installed without the native backend (TFCUSTOMACT_NATIVE=0)")

Array = np.ndarray[Any, Any]

ACCEPTED = [np.dtype(name) for name in ("float16", "bfloat16", "float32", "float64")]
REFUSED = [
    *(dtype.newbyteorder() for dtype in ACCEPTED if dtype.kind == "f"),
    *map(np.dtype, ("bool", "int16", "uint16", "int32", "int64", "complex64", "longdouble", "S4", "M8[s]", "u1,u1")),
    *map(np.dtype, (ml_dtypes.float8_e5m2, ml_dtypes.int4)),
]


class Subclass(np.ndarray[Any, Any]):
    pass


@dataclass
class Arguments:
    """Of one call, and the memory that its arrays lie in, byte by byte."""

    function: str
    derivative: int
    x: Any
    dy: Any
    parameter: Any
    out: Any
    memories: list[Array]

    def call(self) -> Array:
        inputs = (self.dy, self.x) if self.derivative else (self.x,)
        name = self.function + ("_grad" if self.derivative else "")
        result: Array = getattr(tca.numpy, name)(*inputs, *self.parameters, out=self.out)
        return result

    @property
    def parameters(self) -> tuple[Any, ...]:
        return (self.parameter,) if ACTIVATIONS[self.function].arguments else ()

    def errors(self) -> set[type[Exception]]:
        """What the documentation says of them: the errors of which one is to be raised; none if they are accepted."""
        errors: set[type[Exception]] = set()
        dtype = self.x.dtype if isinstance(self.x, np.ndarray) else np.dtype(np.float64)
        inputs = [self.x, self.dy] if self.derivative else [self.x]
        arrays = inputs if self.out is None else [*inputs, self.out]
        for parameter in self.parameters:
            if not isinstance(parameter, numbers.Real) or isinstance(parameter, bool):
                errors.add(TypeError)
            elif not is_finite(parameter, dtype):
                errors.add(ValueError)
        if not all(isinstance(array, np.ndarray) for array in arrays):
            return errors | {TypeError}
        if any(array.dtype not in ACCEPTED or array.dtype != dtype for array in arrays):
            errors.add(TypeError)
        if any(array.shape != self.x.shape for array in arrays):
            errors.add(ValueError)
        if self.out is not None:
            overlaps = any(overlap_in_part(given, self.out) for given in inputs)
            if not self.out.flags.writeable or not self.out.flags.c_contiguous or overlaps:
                errors.add(ValueError)
        return errors


def is_finite(parameter: numbers.Real, dtype: np.dtype[Any]) -> bool:
    try:
        number = np.float64(float(parameter))
    except OverflowError:
        return False
    with np.errstate(over="ignore"):
        return bool(np.isfinite(number if dtype == np.float64 else np.float32(number)))


def overlap_in_part(given: Array, out: Array) -> bool:
    """An input that is not contiguous is copied, and may lie anywhere."""
    return given.flags.c_contiguous and np.may_share_memory(given, out) and address(given) != address(out)


def address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


SHAPES = st.one_of(
    st.lists(st.integers(0, 4), max_size=5).map(tuple),
    st.integers(0, 700).map(lambda length: (length,)),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
    st.just((1,) * 40),
)

PARAMETERS = st.one_of(
    st.just(1.0),
    st.floats(-50, 50, width=32),
    st.sampled_from([0, 2, -0.0, 1e-30, -1e35, Fraction(1, 3), np.float16(0.1), np.float64(0.1), np.int64(3)]),
)
WRONG_PARAMETERS = st.sampled_from(
    [
        *(None, "1", b"1", True, np.True_, 1j, Decimal(1), np.ones(()), np.ones(2), [1.0], object()),
        *(np.inf, -np.inf, np.nan, 1e39, np.float64(-1e300), 10**400, Fraction(-(10**5000))),
    ]
)
NO_ARRAYS = st.sampled_from([None, 1.0, [1.0], (), np.float32(1), "a", memoryview(b"1234")])


def seldom(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 15)) == 15


def strides(draw: st.DrawFn, shape: tuple[int, ...], itemsize: int, contiguous: bool) -> list[int]:
    """With axes in any order, backwards, with gaps, and repeated."""
    if contiguous:
        return list(np.empty(shape, f"V{itemsize}").strides)
    result = [0] * len(shape)
    distance = itemsize
    for axis in draw(st.permutations(range(len(shape)))):
        step = draw(st.sampled_from([1, 1, -1, 2, -3, 0]))
        result[axis] = step * distance
        distance *= max(abs(step) * shape[axis], 1)
    return result


def finished(draw: st.DrawFn, array: Array) -> Array:
    """The array as the object that is given: of a subclass, or read-only."""
    classes = [np.ndarray] * 6 + [Subclass, np.memmap, np.ma.MaskedArray] + ([np.matrix] if array.ndim == 2 else [])
    array = array.view(draw(st.sampled_from(classes)))
    array.flags.writeable = not seldom(draw)
    return array


@st.composite
def arguments(draw: st.DrawFn) -> Arguments:
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    memories: list[Array] = []
    dtype = draw(st.sampled_from(ACCEPTED))
    shape = draw(SHAPES)

    def room(array_bytes: int) -> Array:
        """Fresh memory for arrays that reach as far as this to either side of the middle."""
        memories.append(random.integers(0, 256, 2 * array_bytes + 256, np.uint8))
        return memories[-1]

    def array(memory: Array | None, contiguous: bool, offset: int | None = None) -> Array:
        """An array in the middle of a memory, or of its own where it does not fit; seldom of a wrong dtype or shape."""
        # Native order has a mark of its own, and that of the processor's order.
        its_dtype = draw(st.sampled_from([dtype, dtype.newbyteorder().newbyteorder()]))
        if seldom(draw):
            its_dtype = draw(st.sampled_from(REFUSED))
        its_shape = draw(SHAPES) if seldom(draw) else shape
        steps = strides(draw, its_shape, its_dtype.itemsize, contiguous)
        reach = [step * max(length - 1, 0) for step, length in zip(steps, its_shape, strict=True)]
        before, after = -sum(r for r in reach if r < 0), sum(r for r in reach if r > 0) + its_dtype.itemsize
        if offset is None:
            offset = draw(st.integers(0, 17))
        if memory is None or not before <= memory.size // 2 + offset <= memory.size - after:
            memory = room(before + after + abs(offset))
        return np.ndarray(its_shape, its_dtype, memory.data, memory.size // 2 + offset, steps)

    def fill(array: Array, numbers: str) -> None:
        if array.dtype not in ACCEPTED:
            return
        if numbers == "wild":
            array[...] = np.frombuffer(random.bytes(array.nbytes), array.dtype).reshape(array.shape)
        else:
            normal = random.normal(0, 3, array.shape)
            array[...] = np.where(normal < 0, -1, 1) if numbers == "signs" else normal
            if numbers == "one is huge" and array.size and array.ndim:
                array[tuple(random.integers(array.shape))] = -60000

    def near_input() -> int:
        return draw(st.integers(0, 17)) + draw(st.one_of(st.just(0), st.integers(-x.nbytes, x.nbytes)))

    x = dy = array(None, draw(st.booleans()))
    fill(x, draw(st.sampled_from(["ordinary", "one is huge", "wild"])))
    derivative = draw(st.integers(0, 1))
    if derivative:
        # dy has signs alone, whose product is exact. It may lie over x, which then has other numbers.
        dy = array(memories[0], draw(st.booleans()), near_input()) if seldom(draw) else array(None, draw(st.booleans()))
        fill(dy, "signs")
    out: Any = None
    where = draw(st.sampled_from(["fresh", "fresh", "apart", "apart", "x", "dy", "near x", "near dy"]))
    if where == "apart":
        out = array(None, not seldom(draw))
    elif where in ("near x", "near dy"):
        out = array(memories[0 if where == "near x" else -1], not seldom(draw), near_input())
    x, dy = (draw(NO_ARRAYS) if seldom(draw) else finished(draw, given) for given in (x, dy))
    if where in ("x", "dy"):
        out = x if where == "x" else dy
    elif where != "fresh":
        out = [0.0] if seldom(draw) else finished(draw, out)
    parameter = draw(WRONG_PARAMETERS if seldom(draw) else PARAMETERS)
    return Arguments(draw(st.sampled_from(list(ACTIVATIONS))), derivative, x, dy, parameter, out, memories)


@settings(max_examples=3000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(arguments())
def test_right_or_refused(arguments: Arguments) -> None:
    before = [memory.copy() for memory in arguments.memories]
    errors = arguments.errors()
    x, dy = np.array(arguments.x), np.array(arguments.dy)
    if errors:
        with pytest.raises(tuple(errors)):
            arguments.call()
    else:
        check(arguments, x, dy, arguments.call())
        if arguments.out is not None:
            restore(arguments, before)
    for memory, old in zip(arguments.memories, before, strict=True):
        np.testing.assert_array_equal(memory, old)


def check(arguments: Arguments, x: Array, dy: Array, result: Array) -> None:
    if arguments.out is None:
        assert type(result) is np.ndarray
        assert not any(np.may_share_memory(result, memory) for memory in arguments.memories)
    else:
        assert result is arguments.out
    assert result.dtype == x.dtype
    assert result.shape == x.shape
    got = np.asarray(result) * dy if arguments.derivative else np.asarray(result)
    given = map(float, arguments.parameters)
    errors = testing.activation_error(arguments.function, x, got, *given, derivative=arguments.derivative)
    assert errors.max(initial=0) <= testing.ulp_limit("native", x.dtype, op=arguments.function)


def restore(arguments: Arguments, before: list[Array]) -> None:
    """Undoes what may be written: the bytes of ``out``."""
    for memory, old in zip(arguments.memories, before, strict=True):
        start = address(arguments.out) - address(memory)
        if 0 <= start < memory.size:
            memory[start : start + arguments.out.nbytes] = old[start : start + arguments.out.nbytes]
