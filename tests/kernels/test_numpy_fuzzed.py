"""The functions of ``tfcustomact.numpy`` on whatever arrays and parameters hypothesis makes up.

A call either returns a result within the promise, with every byte outside ``out`` as it was, or raises the error that
its documentation names, with every byte as it was.
"""

import numbers
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parameters import assert_sums

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
    gated: bool
    x: Any
    """Of a gated function, the gate: packed if there is no ``up``."""
    dy: Any
    up: Any
    parameter: Any
    bias: Any
    out: Any
    memories: list[Array]

    def call(self) -> Any:
        inputs = (self.dy, self.x) if self.derivative else (self.x,)
        name = ("gated" if self.gated else self.function) + ("_grad" if self.derivative else "")
        function = getattr(tca.numpy, name)
        if not self.gated:
            return function(*inputs, *self.parameters, out=self.out, bias=self.bias)
        named = dict(zip(ACTIVATIONS[self.function].argument_names, self.parameters, strict=True))
        return function(*inputs, self.up, self.function, out=self.out, **named)

    @property
    def parameters(self) -> tuple[Any, ...]:
        return (self.parameter,) if ACTIVATIONS[self.function].arguments else ()

    @property
    def rows(self) -> list[Array]:
        """What holds one number per channel."""
        return [row for row in (*self.parameters, self.bias) if isinstance(row, np.ndarray)]

    @property
    def is_packed(self) -> bool:
        return self.gated and self.up is None

    def errors(self) -> set[type[Exception]]:
        """What the documentation says of them: the errors of which one is to be raised; none if they are accepted."""
        errors: set[type[Exception]] = set()
        dtype = self.x.dtype if isinstance(self.x, np.ndarray) else np.dtype(np.float64)
        like_x = [self.up] if self.gated and not self.is_packed else []
        like_y = [self.dy] if self.derivative else []
        outs = [] if self.out is None else [self.out]
        if self.gated and self.derivative and not self.is_packed and outs:
            errors.add(TypeError)
        for parameter in self.parameters:
            if isinstance(parameter, np.ndarray):
                continue
            if not isinstance(parameter, numbers.Real) or isinstance(parameter, bool):
                errors.add(TypeError)
            elif not is_accepted(self.function, parameter, dtype):
                errors.add(ValueError)
        if len(self.rows) > 1 or not isinstance(self.bias, np.ndarray | None):
            errors.add(TypeError)
        if not all(isinstance(array, np.ndarray) for array in (self.x, *like_x, *like_y, *outs)):
            return errors | {TypeError}
        if any(array.dtype not in ACCEPTED or array.dtype != dtype for array in (self.x, *like_x, *like_y, *outs)):
            errors.add(TypeError)
        shape = self.x.shape
        if self.is_packed:
            if not shape or shape[-1] % 2:
                errors.add(ValueError)
            else:
                shape = *shape[:-1], shape[-1] // 2
        (like_x if self.is_packed and self.derivative else like_y).extend(outs)
        if any(a.shape != self.x.shape for a in like_x) or any(a.shape != shape for a in like_y):
            errors.add(ValueError)
        for row in self.rows:
            narrow = dtype.itemsize == 2 and row.dtype == np.float32
            if row.dtype not in ACCEPTED or not (row.dtype == dtype or narrow):
                errors.add(TypeError)
            if not broadcasts(row.shape, shape):
                errors.add(ValueError)
        for out in outs:
            inputs = [given for given in (self.x, self.up, self.dy) if isinstance(given, np.ndarray)]
            overlaps = any(overlap_in_part(given, out) for given in inputs)
            overlaps |= any(row.flags.c_contiguous and np.may_share_memory(row, out) for row in self.rows)
            if not out.flags.writeable or not out.flags.c_contiguous or overlaps:
                errors.add(ValueError)
        return errors


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    ends = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(length in (1, wanted) for length, wanted in ends)


def is_accepted(op: str, parameter: numbers.Real, dtype: np.dtype[Any]) -> bool:
    try:
        number = np.float64(float(parameter))
    except OverflowError:
        return False
    with np.errstate(over="ignore", under="ignore"):
        rounded = number if dtype == np.float64 else np.float32(number)
    return bool(np.isfinite(rounded) and not (ACTIVATIONS[op].divides_x and rounded <= 0))


def overlap_in_part(given: Array, out: Array) -> bool:
    """An input that is not contiguous is copied, and may lie anywhere."""
    is_same = address(given) == address(out) and given.nbytes == out.nbytes
    return given.flags.c_contiguous and np.may_share_memory(given, out) and not is_same


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

    def fresh_memory(array_bytes: int) -> Array:
        """New memory for arrays that extend so many bytes to either side of its middle."""
        memories.append(random.integers(0, 256, 2 * array_bytes + 256, np.uint8))
        return memories[-1]

    def array(
        memory: Array | None,
        contiguous: bool,
        offset: int | None = None,
        dtype: np.dtype[Any] = dtype,
        shape: tuple[int, ...] = shape,
    ) -> Array:
        """An array in the middle of a memory, or of its own where it does not fit; seldom of a wrong dtype or shape."""
        # The same byte order has two marks in NumPy: '=', and after newbyteorder() that of the processor's order.
        its_dtype = draw(st.sampled_from([dtype, dtype.newbyteorder().newbyteorder()]))
        if seldom(draw):
            its_dtype = draw(st.sampled_from(REFUSED))
        its_shape = draw(SHAPES) if seldom(draw) else shape
        steps = strides(draw, its_shape, its_dtype.itemsize, contiguous)
        spans = [step * max(length - 1, 0) for step, length in zip(steps, its_shape, strict=True)]
        before, after = -sum(r for r in spans if r < 0), sum(r for r in spans if r > 0) + its_dtype.itemsize
        if offset is None:
            offset = draw(st.integers(0, 17))
        if memory is None or not before <= memory.size // 2 + offset <= memory.size - after:
            memory = fresh_memory(before + after + abs(offset))
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

    kind = draw(st.sampled_from(["plain", "plain", "parameter", "bias", "gated", "packed"]))
    # Of y.
    half = shape
    if kind == "packed" and shape:
        half = *shape[:-1], shape[-1] // 2
        shape = *shape[:-1], 2 * half[-1]
    x = dy = array(None, draw(st.booleans()), shape=shape)
    fill(x, draw(st.sampled_from(["ordinary", "one is huge", "wild"])))
    # What x or its activation is multiplied by is 1 or -1: the product is exact.
    up = row = None
    if kind == "packed" and x.ndim:
        fill(x[..., x.shape[-1] // 2 :], "signs")
    elif kind == "gated":
        up = array(None, draw(st.booleans()))
        fill(up, "signs")
    is_gated = kind in ("gated", "packed")
    if kind in ("parameter", "bias") or (is_gated and draw(st.booleans())):
        lengths = tuple(draw(st.sampled_from([1, length])) for length in half)
        lengths = lengths[draw(st.integers(0, len(lengths))) :]
        its_dtype = draw(st.sampled_from([dtype, np.dtype(np.float32)])) if dtype.itemsize == 2 else dtype
        row = array(None, draw(st.booleans()), dtype=its_dtype, shape=lengths)
        if row.dtype in ACCEPTED:
            row[...] = random.choice([1, 1.75, -0.25, 0, 40], row.shape)
    of_row = len(memories) - 1
    derivative = draw(st.integers(0, 1))
    if derivative:
        # dy may lie over x, which then has other numbers.
        over_x = seldom(draw)
        place = (memories[0], draw(st.booleans()), near_input()) if over_x else (None, draw(st.booleans()))
        dy = array(*place, shape=half)
        fill(dy, "signs")
    out: Any = None
    where = draw(st.sampled_from(["fresh", "fresh", "apart", "apart", "x", "dy", "near x", "near dy", "near row"]))
    its_shape = shape if kind == "packed" and derivative else half
    if where == "apart":
        out = array(None, not seldom(draw), shape=its_shape)
    elif where.startswith("near"):
        memory = memories[{"near x": 0, "near row": of_row, "near dy": -1}[where]]
        out = array(memory, not seldom(draw), near_input(), shape=its_shape)
    x, dy = (draw(NO_ARRAYS) if seldom(draw) else finished(draw, given) for given in (x, dy))
    up, row = (None if given is None else finished(draw, given) for given in (up, row))
    if where in ("x", "dy"):
        out = x if where == "x" else dy
    elif where != "fresh":
        out = [0.0] if seldom(draw) else finished(draw, out)
    if kind == "gated" and derivative and not seldom(draw):
        out = None
    parameter = draw(WRONG_PARAMETERS if seldom(draw) else PARAMETERS)
    bias = row if kind == "bias" else None
    if kind != "bias" and row is not None:
        parameter = row
    if kind in ("plain", "parameter") and seldom(draw):
        bias = draw(NO_ARRAYS)
    op = draw(st.sampled_from(list(ACTIVATIONS)))
    return Arguments(op, derivative, is_gated, x, dy, up, parameter, bias, out, memories)


@settings(max_examples=3000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(arguments())
def test_right_or_refused(arguments: Arguments) -> None:
    before = [memory.copy() for memory in arguments.memories]
    errors = arguments.errors()
    names = ("x", "dy", "up", "parameter", "bias")
    given = replace(arguments, **{name: copied(getattr(arguments, name)) for name in names})
    if errors:
        with pytest.raises(tuple(errors)):
            arguments.call()
    else:
        check(arguments, given, arguments.call())
        if arguments.out is not None:
            restore(arguments, before)
    for memory, old in zip(arguments.memories, before, strict=True):
        np.testing.assert_array_equal(memory, old)


def copied(given: Any) -> Any:
    return np.array(given) if isinstance(given, np.ndarray) else given


def check(arguments: Arguments, given: Arguments, result: Any) -> None:
    """Checks what was returned for arguments which were those ``given`` before the call."""
    results = result if isinstance(result, tuple) else (result,)
    gives_two = given.gated and not given.is_packed
    assert len(results) == 1 + (given.derivative and gives_two + len(given.rows))
    if arguments.out is not None:
        assert results[0] is arguments.out
    for fresh in results[0 if arguments.out is None else 1 :]:
        assert type(fresh) is np.ndarray
        assert not any(np.may_share_memory(fresh, memory) for memory in arguments.memories)
    results = tuple(map(np.asarray, results))
    if given.derivative and given.rows:
        *results, gradient = results
        check_sums(given, gradient)
    if given.gated:
        check_gated(given, results)
        return
    assert results[0].dtype == given.x.dtype
    assert results[0].shape == given.x.shape
    got = results[0] * given.dy if given.derivative else results[0]
    computed = np.float64 if given.x.dtype == np.float64 else np.float32
    with np.errstate(invalid="ignore"):
        x = given.x if given.bias is None else given.x.astype(computed) + given.bias.astype(computed)
    check_values(given, x, got, given.derivative)


def check_values(given: Arguments, x: Array, got: Array, derivative: int, which: Any = True) -> None:
    """``x`` may be of a wider dtype than the result."""
    limit = testing.ulp_limit("native", given.x.dtype, op=given.function)
    for parameter in given.parameters or (None,):
        each = np.broadcast_to(np.asarray(1.0 if parameter is None else parameter, np.float64), x.shape)
        for number in np.unique(each):
            where = (each == number) & which
            named = () if parameter is None else (float(number),)
            if given.bias is None:
                errors = testing.activation_error(given.function, x[where], got[where], *named, derivative=derivative)
            else:
                exact, floor = (
                    f(given.function, x[where], *named, derivative=derivative) for f in (testing.exact, testing.floor)
                )
                errors = testing.ulp_error(got[where], exact, floor=floor)
            assert errors.max(initial=0) <= limit


def check_sums(given: Arguments, gradient: Array) -> None:
    """Checks the sums over channels against those of numbers that are given for each element."""
    (row,) = given.rows
    assert gradient.dtype == row.dtype
    assert gradient.shape == row.shape
    computed = np.float64 if given.x.dtype == np.float64 else np.float32
    full = np.array(np.broadcast_to(row, given.dy.shape), computed)
    name = "parameter" if given.bias is None else "bias"
    *_, terms = replace(given, out=None, **{name: full}).call()
    terms = terms.astype(np.float64)
    with np.errstate(all="ignore"):
        may_overflow = not np.isfinite(np.abs(terms).sum())
    if not may_overflow:
        assert_sums(gradient, terms, computed, rounded=True)


def check_gated(given: Arguments, results: Sequence[Array]) -> None:
    gate, up = np.split(given.x, 2, -1) if given.is_packed else (given.x, given.up)
    if given.derivative and given.is_packed:
        assert results[0].shape == given.x.shape
        results = np.split(results[0], 2, -1)
    exact = np.abs(up) == 1
    factors = (given.dy * up, given.dy) if given.derivative else (up,)
    for result, factor, derivative in zip(results, factors, (given.derivative, 0), strict=False):
        assert result.dtype == gate.dtype
        assert result.shape == gate.shape
        check_values(given, gate, result * factor, derivative, exact)


def restore(arguments: Arguments, before: list[Array]) -> None:
    """Undoes what may be written: the bytes of ``out``."""
    for memory, old in zip(arguments.memories, before, strict=True):
        start = address(arguments.out) - address(memory)
        if 0 <= start < memory.size:
            memory[start : start + arguments.out.nbytes] = old[start : start + arguments.out.nbytes]
