"""The check of an activation of one's own: what is wrong with it, by how much, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from tfcustomact import testing
from tfcustomact._own import _arguments
from tfcustomact._own._exact import Exact
from tfcustomact._own._function import own_of
from tfcustomact._own._own import Own
from tfcustomact._own._probe import probe

Array = npt.NDArray[Any]

_HALVES = ("float16", "bfloat16")

# Errors in ULPs that a formula of some operations has, each rounded; halves are computed in float32.
_LIMIT, _LIMIT_OF_HALVES = 16.0, 1.0

# Infinities, NaN and zeros.
_MAX_SPECIAL = 5

# What is subnormal is flushed to zero, and may have been multiplied by a number of this size.
_FACTOR_OF_SUBNORMAL = 256

# A result may be off by as much as it changes if x changes by an ULP. This is estimated from a change of x by this
# share of it.
_SHARE = 2.0**-9


@dataclass(frozen=True)
class Finding:
    """What was found of one result: the value or a derivative, of one dtype, for some numbers as arguments."""

    result: str
    """What it is: ``"value"``, ``"gradient"``, ``"gradient by a"`` or ``"second gradient"``."""

    dtype: str
    arguments: Mapping[str, float]
    error: float
    """The largest, in ULPs: infinite where an infinity, NaN or the sign of a zero is missed."""

    limit: float
    x: float
    """Where it is."""

    got: float
    exact: float
    inputs: int
    wrong: int
    """How many of the inputs are beyond the limit."""

    low: float
    """From where to where they are."""

    high: float

    @property
    def holds(self) -> bool:
        """Whether no error is beyond the limit."""
        return self.wrong == 0

    def __str__(self) -> str:
        where = f"{self.result} at x = {self.x:.6g}: {self.got:.3g}, exact {self.exact:.3g}"
        if self.holds and self.inputs <= _MAX_SPECIAL:
            return f"  holds  {self.result}, at infinities, NaN and zeros"
        if self.holds:
            return f"  holds  {self.result}, {self.dtype}: off by at most {self.error:.3g} ULP, limit {self.limit:g}"
        size = f"off by {self.error:.3g} ULP, limit {self.limit:g}; " if np.isfinite(self.error) else ""
        span = f", from x = {self.low:.6g} to {self.high:.6g}" if self.low < self.high else ""
        return f"  WRONG  {where}\n         ({self.dtype}; {size}{self.wrong} of {self.inputs} inputs{span})"


@dataclass(frozen=True)
class Report:
    """What `tfcustomact.testing.check_activation` found. ``str()`` of it is for reading."""

    name: str
    reference: str
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What does not hold."""
        return tuple(finding for finding in self.findings if not finding.holds)

    @property
    def holds(self) -> bool:
        """Whether everything holds."""
        return not self.faults

    def __str__(self) -> str:
        lines = []
        heading = None
        for finding in self.findings:
            arguments = "".join(f", {name}={number:g}" for name, number in finding.arguments.items())
            if heading != (heading := f"{self.name}(x{arguments}), against {self.reference}"):
                lines.append(heading)
            lines.append(str(finding))
        lines.append(f"{self.name}: {len(self.faults)} of {len(self.findings)} results are wrong")
        return "\n".join(lines)


def check(activation: Any, definition: Callable[..., Any] | None, arguments: Mapping[str, float]) -> Report:
    """Returns what `tfcustomact.testing.check_activation` does."""
    own = own_of(activation)
    if own is None:
        raise TypeError(f"check_activation was given {activation!r}: what tfcustomact.activation made is accepted")
    unknown = [name for name in arguments if name not in own.argument_names]
    if unknown:
        raise TypeError(f"{own.name} has no argument {unknown[0]}: it has {', '.join(own.argument_names) or 'none'}")
    probe(own)
    findings: list[Finding] = []
    for numbers in _numbers(own, arguments):
        findings += _findings(activation, own, Exact(own, numbers, definition))
    return Report(own.name, "the formula in float64" if definition is None else "its definition", tuple(findings))


def _numbers(own: Own, given: Mapping[str, float]) -> list[tuple[float, ...]]:
    numbers = tuple(
        _arguments.number(own, name, given.get(name, default), tf.float32) for name, default in own.arguments
    )
    if given or not numbers:
        return [numbers]
    # A factor that was forgotten does not show where it is 1, nor does what is added where it is 0.
    return [numbers, tuple(number * 0.875 if number else 0.125 for number in numbers)]


def _findings(activation: Any, own: Own, exact: Exact) -> list[Finding]:
    results: dict[str, tuple[int, ...]] = {"value": (), "gradient": (0,)}
    results |= {f"gradient by {name}": (place,) for place, name in enumerate(own.argument_names, start=1)}
    if own.second_gradient is not None:
        results["second gradient"] = (0, 0)
    found = []
    for result, by in results.items():
        is_main = by in ((), (0,))
        for dtype in ("float32", "float64", *_HALVES) if is_main else ("float32",):
            if dtype != "float64" or exact.is_certain:
                x = inputs(dtype, few=exact.is_certain)
                got = _got(activation, x, exact.numbers, by)
                with np.errstate(all="ignore"):
                    off, wanted = errors(exact, by, x, got)
                found.append(_finding(own, exact, result, x, got, wanted, off))
        if is_main:
            x, wanted = _special_values(exact, by)
            got = _got(activation, x, exact.numbers, by)
            off = np.where(_missed(got, wanted, has_sign=not by), np.inf, 0.0)
            found.append(_finding(own, exact, result, x, got, wanted, off))
    return found


def _finding(own: Own, exact: Exact, result: str, x: Array, got: Array, wanted: Array, off: Array) -> Finding:
    limit = limit_of(x.dtype.name)
    off = np.where(np.isnan(off), np.inf, off)
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        # Of several infinite errors, the one nearest to x = 8 in magnitude is reported.
        distance = np.abs(np.log2(np.maximum(np.abs(wide), 1e-300) / 8))
    worst = int(np.lexsort((distance, -off))[0])
    wrong = off > limit
    return Finding(
        result,
        x.dtype.name,
        dict(zip(own.argument_names, exact.numbers, strict=True)),
        float(off[worst]),
        limit,
        float(wide[worst]),
        float(got[worst]),
        float(wanted[worst]),
        x.size,
        int(wrong.sum()),
        float(wide[wrong].min(initial=np.inf)),
        float(wide[wrong].max(initial=-np.inf)),
    )


def inputs(dtype: str, *, few: bool = False) -> Array:
    """Returns numbers where errors show: every magnitude, and the range in which exponentials overflow and vanish."""
    limits = ml_dtypes.finfo(dtype)
    reach = 760.0 if dtype == "float64" else 110.0
    even = np.linspace(-reach, reach, 201 if few else 1601) + 1 / 7
    powers = np.ldexp(4 / 3, np.arange(int(limits.minexp) + 1, int(limits.maxexp) - 1, 16 if few else 1))
    near = np.linspace(-8, 8, 81 if few else 641) + 1 / 9
    found: Array = np.unique(np.concatenate([even, near, powers, -powers]).astype(np.dtype(dtype)))
    return found[np.isfinite(found.astype(np.float64))]


def _got(activation: Any, x: Array, numbers: tuple[float, ...], by: tuple[int, ...]) -> Array:
    with tf.device("CPU:0"):
        tensor = tf.constant(x)
        places = [tensor, *numbers]
        for place in by:
            if place:
                # One for each element: their gradients are not summed.
                wide = tf.float64 if tensor.dtype == tf.float64 else tf.float32
                places[place] = tf.fill(x.shape, tf.constant(numbers[place - 1], wide))
        made: Array = _by_tape(activation, places, by).numpy()
        return made


def _by_tape(activation: Any, places: list[Any], by: tuple[int, ...]) -> tf.Tensor:
    if not by:
        return activation(*places)
    *rest, last = by
    with tf.GradientTape() as tape:
        tape.watch(places[last])
        y = _by_tape(activation, places, tuple(rest))
    return tape.gradient(y, places[last], unconnected_gradients=tf.UnconnectedGradients.ZERO)


def limit_of(dtype: str) -> float:
    """Returns the largest error, in ULPs, that is no fault."""
    return _LIMIT_OF_HALVES if dtype in _HALVES else _LIMIT


def errors(exact: Exact, by: tuple[int, ...], x: Array, got: Array) -> tuple[Array, Array]:
    """Returns the errors of ``got`` in ULPs, and the exact results."""
    limit = limit_of(x.dtype.name)
    wide = x.astype(np.float64)
    below, above = (np.nextafter(x, x.dtype.type(side)).astype(np.float64) for side in (-np.inf, np.inf))
    wanted = exact.of(wide, by)
    change = np.abs(exact.roughly(wide * (1 + _SHARE), by) - exact.roughly(wide * (1 - _SHARE), by)) / (2 * _SHARE)
    size = np.fmax(np.abs(wanted), np.where(np.isfinite(change), change, 0)).astype(np.float64)
    sides = np.stack([wanted] * 3)
    jumps = ~(np.abs(exact.roughly(above, by) - exact.roughly(below, by)) <= _SHARE * size)
    sides[1:, jumps] = exact.of(below[jumps], by), exact.of(above[jumps], by)
    # An error that flushing or the uncertainty of the exact value may explain is within the limit: ULPs are those of
    # numbers large enough for that.
    flushed = _FACTOR_OF_SUBNORMAL * float(ml_dtypes.finfo("float64" if x.dtype == np.float64 else "float32").tiny)
    off = flushed + exact.uncertainty(wide, by)
    size = np.maximum(size, off / (limit * float(ml_dtypes.finfo(got.dtype).eps)))
    size = np.minimum(size, float(ml_dtypes.finfo(got.dtype).max))
    off_by = np.min([testing.ulp_error(got, each, floor=size) for each in sides], axis=0)
    between = (got >= np.fmin.reduce(sides)) & (got <= np.fmax.reduce(sides))
    # Where nothing is known, nothing is wrong.
    return np.where(between | np.isnan(wanted), 0.0, off_by), wanted.astype(np.float64)


def _special_values(exact: Exact, by: tuple[int, ...]) -> tuple[Array, Array]:
    """Returns infinities, NaN and zeros, and the exact results there; NaN where none is known."""
    special, expected = [np.inf, -np.inf], [_limit(exact, by, side) for side in (1, -1)]
    if not by:
        # What is derived of NaN is multiplied by a gradient that is NaN already: there the value alone counts.
        special.append(np.nan)
        expected.append(np.nan)
        around = exact.of(np.array([0.0, 2.0**-100, -(2.0**-100)]), by).astype(np.float64)
        if around[0] == 0 and np.all(around[1:] != 0):
            special += [0.0, -0.0]
            expected += np.copysign(0.0, around[1:]).tolist()
    return np.array(special, np.float32), np.array(expected)


def _limit(exact: Exact, by: tuple[int, ...], side: int) -> float:
    """Returns the limit at an infinity, told from some numbers on the way; NaN where it cannot be told."""
    for power in (40, 20, 8, 5):
        values = exact.of(side * np.ldexp(1.0, np.arange(power, power + 5)), by).astype(np.float64)
        if not np.isfinite(values).all():
            continue
        steps, last = np.diff(values), values[-1]
        if np.all(np.abs(steps) <= 2.0**-10 * np.abs(values[1:])):
            return float(last)
        if np.all(np.abs(steps[1:]) <= 0.9 * np.abs(steps[:-1])) and abs(last) < 2.0**-10 * abs(values[0]):
            return float(np.copysign(0.0, last))
        if np.all(np.abs(steps[1:]) > 0.9 * np.abs(steps[:-1])) and abs(np.sign(steps).sum()) == steps.size:
            return float(np.copysign(np.inf, last))
    return float("nan")


def _missed(got: Array, wanted: Array, *, has_sign: bool) -> Array:
    """Says where a special value is missed; the first two are those at infinities, whose limit may not be known."""
    unknown = np.isnan(wanted) & (np.arange(got.size) < 2)
    with np.errstate(invalid="ignore"):
        met = (got == wanted) | (np.abs(got - wanted) <= 2.0**-8 * np.abs(wanted)) | (np.isnan(got) & np.isnan(wanted))
    if has_sign:
        met &= (wanted != 0) | (np.signbit(got) == np.signbit(wanted))
    missed: Array = ~(met | unknown)
    return missed
