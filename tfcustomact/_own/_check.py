"""The check of an activation: what is wrong with it, by how much, and where."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from tfcustomact import testing
from tfcustomact._own import _arguments
from tfcustomact._own._exact import Exact, defined_by_record, defined_in_mpmath
from tfcustomact._own._judge import Judge
from tfcustomact.activations._activation import Activation, record_of

Array = npt.NDArray[Any]

_HALVES = ("float16", "bfloat16")

# Infinities, NaN and zeros.
_MAX_SPECIAL = 5


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


def check(function: Any, definition: Callable[..., Any] | None, arguments: Mapping[str, float]) -> Report:
    """Returns what `tfcustomact.testing.check_activation` does."""
    activation = record_of(function)
    if activation is None:
        raise TypeError(
            f"check_activation was given {function!r}: one of this package's activations, or what "
            "tfcustomact.activation made, is accepted"
        )
    activation.arguments_of(arguments, "x")
    # The first call of a formula that is none of an activation is an error.
    function(tf.zeros([1]))
    try:
        activation.value(tf.zeros([1], tf.float64), *_numbers(activation, arguments)[0])
    except tf.errors.InvalidArgumentError as error:
        raise TypeError(
            f"{activation.name} does not compute in float64, which it is held to: constants may be written as Python "
            f"numbers, or as tf.constant(..., x.dtype) ({error.message})"
        ) from error
    defined: Callable[..., Any] | None = None
    if definition is not None:
        defined = functools.partial(defined_in_mpmath, definition)
    elif activation.definition is not None:
        defined = functools.partial(defined_by_record, activation)
    findings: list[Finding] = []
    for numbers in _numbers(activation, arguments):
        findings += _findings(activation, Exact(activation.value, numbers, defined))
    reference = "the formula in float64" if defined is None else "its definition"
    return Report(activation.name, reference, tuple(findings))


def _numbers(activation: Activation, given: Mapping[str, float]) -> list[tuple[float, ...]]:
    numbers = tuple(
        _arguments.number(activation, name, given.get(name, default), tf.float32)
        for name, default in activation.arguments
    )
    if given or not numbers:
        return [numbers]
    # A factor that was forgotten does not show where it is 1, nor does what is added where it is 0.
    return [numbers, tuple(number * 0.875 if number else 0.125 for number in numbers)]


def _findings(activation: Activation, exact: Exact) -> list[Finding]:
    results: dict[str, tuple[int, ...]] = {"value": (), "gradient": (0,)}
    results |= {f"gradient by {name}": (place,) for place, name in enumerate(activation.argument_names, start=1)}
    if activation.judged == 2:
        results["second gradient"] = (0, 0)
    found = []
    for result, by in results.items():
        is_main = by in ((), (0,))
        for dtype in ("float32", "float64", *_HALVES) if is_main else ("float32",):
            if dtype != "float64" or exact.is_certain:
                x = inputs(dtype, few=exact.is_certain)
                limit = testing.ulp_limit("python", dtype, op=activation.function)
                judge = Judge(exact, x, by, limit)
                got = _got(activation.function, x, exact.numbers, by)
                found.append(_finding(activation, exact, result, x, got, judge.wanted, judge.errors(got), limit))
        if is_main:
            x, wanted = _special_values(exact, by)
            got = _got(activation.function, x, exact.numbers, by)
            off = np.where(_missed(got, wanted, has_sign=not by), np.inf, 0.0)
            found.append(_finding(activation, exact, result, x, got, wanted, off, 0.0))
    return found


def _finding(
    activation: Activation, exact: Exact, result: str, x: Array, got: Array, wanted: Array, off: Array, limit: float
) -> Finding:
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
        dict(zip(activation.argument_names, exact.numbers, strict=True)),
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
