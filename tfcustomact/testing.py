"""Exact values of the activations, and errors in units in the last place (ULP): what the tests and ``check`` use.

Nothing here shares code with the implementations. Exact values come from ``numpy.longdouble`` where that has at least
64 bits of mantissa, else from mpmath. Those of an activation of one's own are its formula's, in ``float64``. To test an
activation::

    from tfcustomact import testing
    testing.assert_max_ulp(my_swish(x), testing.exact("swish", x), limit=2)
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from tfcustomact.activations import ACTIVATIONS, _exact
from tfcustomact.activations._activation import Activation, record_of

if TYPE_CHECKING:
    from tfcustomact._own._check import Report

Array = npt.NDArray[Any]

# An activation, or the name of one of ours.
_Op = str | Callable[..., Any]

_LIMITS_OF_SMALL_TYPES = {"native": 0.51, "xla": 1.0, "python": 1.0}

# Where an exponential rounds away, vanishes or overflows, in one dtype or another, and some in between.
_TURNING_POINTS = (0.01, 0.1, 0.5, 1, 17, 22, 36, 44, 88, 92, 100, 104, 176, 708, 746)
_SMALL_TYPES = ("float16", "bfloat16")


def ulp_limit(backend: str, dtype: npt.DTypeLike, *, op: _Op | None = None, jit: bool = False) -> float:
    """Returns the largest error, in ULPs, that a backend promises for values and gradients.

    Args:
        backend: ``"native"``, ``"xla"`` or ``"python"``.
        dtype: ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        op: an activation, or the name of one of ours, such as ``"swish"``; None is about those that promise what most
            of ours do.
        jit: whether inside ``jit_compile=True``: there XLA computes, whatever the backend, and its promise holds.

    Raises:
        ValueError: for another ``backend`` or an unknown ``op``.
    """
    if backend not in _LIMITS_OF_SMALL_TYPES:
        raise ValueError(f"backend is {backend!r}: {', '.join(map(repr, _LIMITS_OF_SMALL_TYPES))} are accepted")
    activation = Activation if op is None else _activation(op)
    serving = "xla" if jit else backend
    if np.dtype(dtype).name in _SMALL_TYPES:
        return _LIMITS_OF_SMALL_TYPES[serving]
    return activation.native_limit if serving == "native" else activation.composed_limit


def exact(op: _Op, x: npt.ArrayLike, parameter: float | None = None, *, derivative: int = 0) -> Array:
    """Returns the activation, or a derivative of it with respect to ``x``, far beyond double precision.

    Args:
        op: an activation, or the name of one of ours, such as ``"swish"``.
        x: numbers of any floating type, which are taken to be exact.
        parameter: the activation's argument (Swish's ``beta``), taken to be exact after rounding to ``float64`` if
            ``x`` is, else to ``float32``; its default if None.
        derivative: 0, 1 or 2.

    Returns:
        An array of x's shape, of ``numpy.longdouble``, or ``mpmath.mpf`` objects where that has too few bits; of
        ``float64`` for an activation of one's own.

    Raises:
        ValueError: for an unknown ``op`` or ``derivative``, or a ``parameter`` of an activation that has none.
    """
    activation = _activation(op)
    if derivative not in (0, 1, 2):
        raise ValueError(f"derivative must be 0, 1 or 2, not {derivative!r}")
    x = np.asarray(x)
    arguments = _rounded(_arguments(activation, parameter), x.dtype)
    with np.errstate(all="ignore"):
        values: Array = activation.exact(_exact.arithmetic(), x.astype(np.float64), *arguments, derivative=derivative)
    return values


def ulp_error(got: npt.ArrayLike, exact: npt.ArrayLike, *, floor: npt.ArrayLike = 0.0) -> npt.NDArray[np.float64]:
    """Returns ``|got - exact|`` in ULPs of ``exact`` rounded to ``got``'s dtype, element by element.

    Infinities and NaN have to be met: the error is infinite where they are not. A zero of the exact value's sign may be
    a subnormal result that was flushed: its error is the distance from the exact value to the subnormal numbers. Zeros
    equal each other, whatever their signs.

    Args:
        got: results, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        exact: exact values of the same shape, in any higher precision.
        floor: no ULP is smaller than those of numbers of this size: one number, or one per element.

    Raises:
        TypeError: if ``got`` has another dtype.
        ValueError: if the shapes differ.
    """
    got, exact = np.asarray(got), np.asarray(exact)
    if got.shape != exact.shape:
        raise ValueError(f"got has shape {got.shape}, exact has {exact.shape}")
    if got.dtype.name not in ("float16", "bfloat16", "float32", "float64"):
        raise TypeError(f"got has dtype {got.dtype}: float16, bfloat16, float32 and float64 are accepted")
    with np.errstate(all="ignore"):
        value, wanted = got.astype(np.float64), exact.astype(np.float64)
        rounded = wanted.astype(got.dtype).astype(np.float64)
        finite = np.isfinite(rounded) & np.isfinite(value)
        # Infinities are inf - inf below, where `finite` is false: they are right if and only if they are equal.
        difference = np.abs(np.where(finite, exact, 0) - np.where(finite, value, 0).astype(exact.dtype))
        size = np.maximum(np.abs(rounded), np.abs(np.broadcast_to(floor, rounded.shape)))
        ulp = _ulp(size, got.dtype)
        errors = (difference / ulp.astype(exact.dtype)).astype(np.float64)
        flushed = np.maximum(np.abs(wanted) - float(ml_dtypes.finfo(got.dtype).tiny), 0) / ulp
    same = (rounded == value) | (np.isnan(wanted) & np.isnan(value))
    errors = np.where(finite, errors, np.where(same, 0.0, np.inf))
    may_be_flushed = (value == 0) & ((np.signbit(value) == np.signbit(wanted)) | (rounded == 0))
    # Where the exact value is NaN, `flushed` is too, and does not count.
    return np.where(may_be_flushed, np.fmin(errors, flushed), errors)


def assert_max_ulp(got: npt.ArrayLike, exact: npt.ArrayLike, limit: float, *, floor: npt.ArrayLike = 0.0) -> float:
    """Returns the largest error, in ULPs, if that is not above ``limit``.

    Args:
        got: results, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        exact: exact values of the same shape, in any higher precision.
        limit: the largest error allowed, in ULPs of the exact value rounded to ``got``'s dtype; see `ulp_error`.
        floor: no ULP is smaller than those of numbers of this size: one number, or one per element.

    Raises:
        AssertionError: if it is above ``limit``, or an error is NaN; it names the worst one.
        TypeError: if ``got`` has another dtype.
        ValueError: if the shapes differ.
    """
    got, exact = np.asarray(got), np.asarray(exact)
    errors = ulp_error(got, exact, floor=floor)
    if not errors.size:
        return 0.0
    worst = int(errors.argmax())
    largest = float(errors.flat[worst])
    if not largest <= limit:
        raise AssertionError(
            f"{np.count_nonzero(~(errors <= limit))} of {errors.size} {got.dtype} results are off by more than "
            f"{limit} ULP; the worst, by {largest:.6g}, is at flat index {worst}: "
            f"got {got.flat[worst]!r}, exact {exact.flat[worst]!r}"
        )
    return largest


def activation_error(
    op: _Op, x: npt.ArrayLike, got: npt.ArrayLike, parameter: float | None = None, *, derivative: int = 0
) -> npt.NDArray[np.float64]:
    """Returns the errors of ``got``, an activation of ``x`` or a derivative of it, in ULPs, as an array of x's shape.

    What counts as an error: see `Expected`.

    Args:
        op: an activation, or the name of one of ours, such as ``"swish"``.
        x: the inputs, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        got: the results, of x's shape and dtype.
        parameter: the activation's argument; its default if None.
        derivative: 0, 1 or 2.

    Raises:
        ValueError: for an unknown ``op`` or ``derivative``, a ``parameter`` of an activation that has none, or another
            shape of ``got``.
    """
    return Expected(op, x, parameter, derivative=derivative).errors(got)


class Expected:
    """What an activation of ``x``, or a derivative of it, has to be: computed once, to judge any number of results.

    Args:
        op: an activation, or the name of one of ours, such as ``"swish"``.
        x: the inputs, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        parameter: the activation's argument; its default if None.
        derivative: 0, 1 or 2.

    Raises:
        ValueError: for an unknown ``op`` or ``derivative``, or a ``parameter`` of an activation that has none.
    """

    def __init__(self, op: _Op, x: npt.ArrayLike, parameter: float | None = None, *, derivative: int = 0) -> None:
        x, activation = np.asarray(x), _activation(op)
        self._judge = activation.judge(x, _rounded(_arguments(activation, parameter), x.dtype), derivative)
        if self._judge is not None:
            return
        # Exact values take long, and most of `hard_inputs` come twice.
        distinct, places = np.unique(np.ravel(x).view(f"u{x.itemsize}"), return_inverse=True)
        exact_of_distinct = exact(op, distinct.view(x.dtype), parameter, derivative=derivative)
        self._exact = exact_of_distinct[places].reshape(x.shape)
        self._floor = floor(op, x, parameter, derivative=derivative)
        with np.errstate(all="ignore"):
            magnitude = np.abs(x.astype(np.float64))
            self._sign = np.signbit(self._exact.astype(np.float64))
        self._subnormal = (magnitude > 0) & (magnitude < float(ml_dtypes.finfo(x.dtype).tiny))
        self._sign_of_x = np.signbit(x)
        self._exact_of_zeros = exact(op, np.array([0.0, -0.0], x.dtype), parameter, derivative=derivative)
        self._is_value = derivative == 0

    def errors(self, got: npt.ArrayLike, places: Any = ...) -> npt.NDArray[np.float64]:
        """Returns the errors of ``got``, element by element, in ULPs: see `exact`, `ulp_error`.

        With ``places``, an index of ``x``, ``got`` has the results for what is there.

        Around some roots they are in ULPs of larger numbers: see `floor`. A subnormal ``x`` may have been taken for a
        zero of its sign, as TensorFlow's threads do. A value that is zero has to have the exact value's sign: the error
        is infinite where it has not. Those of an activation of one's own are as `check_activation` counts them.
        """
        got = np.asarray(got)
        if self._judge is not None:
            return self._judge.errors(got, places)
        errors = ulp_error(got, self._exact[places], floor=self._floor[places])
        subnormal, sign_of_x = self._subnormal[places], self._sign_of_x[places]
        if subnormal.any():
            of_zeros = self._exact_of_zeros[sign_of_x[subnormal].astype(int)]
            errors[subnormal] = np.minimum(errors[subnormal], ulp_error(got[subnormal], of_zeros))
        if self._is_value:
            with np.errstate(invalid="ignore"):
                wrong_zero = (got == 0) & (np.signbit(got) != self._sign[places])
            errors[wrong_zero & ~(subnormal & (np.signbit(got) == sign_of_x))] = np.inf
        return errors


def floor(op: _Op, x: npt.ArrayLike, parameter: float | None = None, *, derivative: int = 0) -> npt.NDArray[np.float64]:
    """Returns the ``floor`` of `ulp_error` for an activation or a derivative of it: 0 but around the roots.

    Around a root the result is arbitrarily small, and so are its ULPs: errors count in ULPs of larger numbers there.
    Swish's derivative, for -2 <= beta * x <= -0.8, is judged in ULPs of 2^-4.

    Args:
        op: an activation, or the name of one of ours, such as ``"swish"``.
        x: the inputs.
        parameter: the activation's argument; its default if None.
        derivative: 0, 1 or 2.

    Returns:
        An array of x's shape, with the sizes of the numbers whose ULPs count there; 0 asks for those of the result.

    Raises:
        ValueError: for an unknown ``op``, or a ``parameter`` of an activation that has none.
    """
    activation = _activation(op)
    scale = _scale(activation, parameter)
    with np.errstate(all="ignore"):
        scaled = np.asarray(x).astype(np.float64) * scale
    sizes = np.zeros(scaled.shape)
    for root in activation.roots.get(derivative, ()):
        sizes[(root.low <= scaled) & (scaled <= root.high)] = root.size * abs(scale) ** (derivative - 1)
    return sizes


def hard_inputs(
    op: _Op, dtype: npt.DTypeLike, parameter: float | None = None, *, count: int = 1 << 16, seed: int = 0
) -> Array:
    """Returns inputs where errors show: every number of a 16-bit dtype; else a choice, and ``count`` random ones.

    The choice has the neighbours of every power of two, of the ends of the dtype's range, of the points where an
    exponential overflows, vanishes or rounds away, and of what the activation names besides. A quarter of the random
    numbers have random bits, half are spread evenly over the range in which the exponential is neither 0 nor infinite,
    and a quarter over the logarithms of its numbers from 2^-12 on.

    All of them come twice: shuffled, then sorted by size. A kernel that computes several neighbours together may choose
    a slower and more exact way for all of them if one is huge. Among shuffled numbers one nearly always is; only among
    sorted ones is the faster way taken. After these come numbers of the smaller half once more, shuffled, with one of
    the larger half in every 97: whatever its place among its neighbours is, it has to be seen.

    Args:
        op: an activation, or the name of one of ours, such as ``"swish"``.
        dtype: ``float16``, ``bfloat16``, ``float32`` or ``float64``.
        parameter: the activation's argument, where it scales ``x``; its default if None.
        count: how many random numbers, of a 32-bit or 64-bit dtype.
        seed: of the random numbers.

    Returns:
        An array of one dimension.

    Raises:
        ValueError: for an unknown ``op``, or a ``parameter`` of an activation that has none.
    """
    activation = _activation(op)
    scale = abs(_scale(activation, parameter)) or 1.0
    dtype = np.dtype(dtype)
    random = np.random.default_rng(seed)
    if dtype.itemsize == 2:
        distinct: Array = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    else:
        distinct = _chosen_and_random(activation, dtype, scale, count, random)
    with np.errstate(invalid="ignore"):
        by_size = np.argsort(np.abs(distinct.astype(np.float64)), kind="stable")
    small, large = np.array_split(distinct[by_size], 2)
    places = np.arange(0, min(small.size, 96 * 256), 96)
    few = np.insert(random.choice(small, 96 * places.size), places, random.choice(large, places.size))
    return np.concatenate([random.permutation(distinct), distinct[by_size], few])


def check_activation(activation: Any, definition: Callable[..., Any] | None = None, **arguments: float) -> "Report":
    """Says what is wrong with an activation, by how much, and where.

    The value, the gradients by x and by every argument, and the second derivative where that is hand-written, are held
    to exact ones: where overflow, underflow and cancellation show, at the infinities, NaN and both zeros. Errors
    are in ULPs of the exact result f(x), or of ``|x f'(x)|`` where that is larger: so the rounding of x near a root is
    no fault. More than 16 ULP, of ours 8, or 1 in half precision, are a fault. Where a derivative jumps, those of both
    sides are right.

    Args:
        activation: what `tfcustomact.activation` made, or one of ours.
        definition: what it computes, of numbers in mpmath: called with mpmath, x and the arguments. Without it, ours
            are held to theirs, and others to the formula in float64; then float64 results are held to nothing.
        **arguments: the numbers to check at; those not given are the defaults. With none given, it is checked at
            the defaults, and a little beside them.

    Raises:
        TypeError: if ``activation`` is no such activation or does not compute in float64, or an argument is unknown or
            no real number.
        ValueError: if an argument is not finite, or the formula is none of an activation.

    Returns:
        A report. ``str()`` of it is for reading, ``holds`` says whether nothing is wrong, ``faults`` lists what is.
    """
    from tfcustomact._own._check import check

    return check(activation, definition, arguments)


def _activation(op: _Op) -> Activation:
    found = ACTIVATIONS.get(op) if isinstance(op, str) else record_of(op)
    if found is None:
        raise ValueError(f"unknown activation {op!r}: there are {', '.join(ACTIVATIONS)}, and one's own")
    return found


def _chosen_and_random(
    activation: Activation, dtype: np.dtype[Any], scale: float, count: int, random: np.random.Generator
) -> Array:
    limits = np.finfo(dtype)
    bits = np.dtype(f"u{dtype.itemsize}")
    wild = random.integers(0, np.iinfo(bits).max, count // 4, dtype=bits, endpoint=True).view(dtype)
    reach = -1.05 * float(np.log(limits.smallest_subnormal))
    turning_points = np.array([*_TURNING_POINTS, *activation.turning_points])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        special = np.concatenate(
            [
                (turning_points / scale).astype(dtype),
                np.ldexp(dtype.type(1), np.arange(limits.minexp - limits.nmant, limits.maxexp)).astype(dtype),
                np.array([0, np.inf, np.nan, limits.max, limits.tiny, limits.smallest_subnormal], dtype),
            ]
        )
        neighbours = [np.nextafter(special, dtype.type(end)) for end in (0, np.inf)]
        even = (random.uniform(-reach, reach, count // 2) / scale).astype(dtype)
        sizes = np.exp2(random.uniform(-12, np.log2(reach), count // 4)) / scale
        near = (sizes * random.choice([-1, 1], sizes.size)).astype(dtype)
    positive = np.concatenate([special, *neighbours])
    return np.concatenate([positive, -positive, wild, even, near])


def _arguments(activation: Activation, parameter: float | None) -> tuple[float, ...]:
    if parameter is None:
        return tuple(argument.default for argument in activation.arguments)
    if not activation.arguments:
        raise ValueError(f"parameter is {parameter!r}, and {activation.name} has none: None is accepted")
    return parameter, *(argument.default for argument in activation.arguments[1:])


def _rounded(arguments: tuple[float, ...], dtype: np.dtype[Any]) -> tuple[float, ...]:
    """Returns the arguments in what numbers of ``dtype`` are computed in."""
    computed = np.float64 if dtype == np.float64 else np.float32
    return tuple(float(computed(argument)) for argument in arguments)


def _scale(activation: Activation, parameter: float | None) -> float:
    """Returns what x is multiplied by."""
    if activation.divides_x:
        divisor = _arguments(activation, parameter)[0]
        return 1 / divisor if divisor else np.inf
    return _arguments(activation, parameter)[0] if activation.scales_x else 1.0


def _ulp(size: npt.NDArray[np.float64], dtype: np.dtype[Any]) -> npt.NDArray[np.float64]:
    limits = ml_dtypes.finfo(dtype)
    exponent = np.maximum(np.frexp(size)[1] - 1, int(limits.minexp))
    ulp: npt.NDArray[np.float64] = np.ldexp(1.0, exponent - int(limits.nmant))
    return ulp
