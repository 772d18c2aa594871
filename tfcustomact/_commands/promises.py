"""The promised ratios, as data, and whether they hold."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tfcustomact._commands import machine
from tfcustomact._commands.cases import DTYPES, OPS, Case
from tfcustomact._commands.contestants import CONTESTANTS
from tfcustomact._commands.session import Entrant, fits_memory
from tfcustomact._commands.statistics import Spread, paired_ratio, spread
from tfcustomact._commands.timing import Samples


@dataclass(frozen=True)
class Row:
    words: str
    ours: str
    theirs: str
    modes: tuple[str, ...]
    direction: str
    limits: dict[int, float]
    ops: tuple[str, ...] = OPS
    dtype: str = "float32"
    their_dtype: str = "float32"
    device: str = machine.HOST


_EVERY_SIZE = (10, 14, 18, 20, 22, 24, 26)
_ARRAY_SIZES = (14, 16, 18, 20, 22, 24)
_EAGER, _GRAPH, _JIT, _ARRAY = ("eager",), ("graph",), ("jit",), ("array",)
_SWISH, _ELU = ("swish",), ("elu",)

# Bytes read and written per second, over those of a copy.
_SHARE_OF_A_COPY_S_RATE = 0.92


def _trained(at_most: tuple[float, float, float]) -> dict[int, float]:
    """Limits of forward + backward: up to 2^20, at 2^22, and from 2^24 on."""
    small, middle, large = at_most
    return dict.fromkeys((10, 14, 18, 20), small) | {22: middle} | dict.fromkeys((24, 26), large)


def _in_float64(peer: str, limits: dict[int, float], *ops: str) -> Row:
    return Row(
        f"float64, eager forward, over {peer}",
        "native",
        peer,
        _EAGER,
        "forward",
        limits,
        ops or OPS,
        "float64",
        "float64",
    )


def _of_python(peer: str, op: str) -> tuple[Row, ...]:
    limits = {10: 2.0} | dict.fromkeys((20, 22, 24), 1.5)
    return tuple(
        Row(f"backend python, eager {words}, over {peer}", "python", peer, _EAGER, direction, limits, (op,))
        for words, direction in (("forward", "forward"), ("forward + backward", "both"))
    )


def _of_arrays(peer: str) -> Row:
    return Row(
        f"tca.numpy with out=, over {peer}",
        "tca.numpy out=",
        peer,
        _ARRAY,
        "forward",
        dict.fromkeys(_ARRAY_SIZES, 1.0),
    )


def _over_float32(dtype: str) -> Row:
    return Row(f"{dtype}, over float32", "native", "native", _EAGER, "forward", {24: 0.65}, dtype=dtype)


def _over_copy(direction: str, dtype: str) -> Row:
    # A gradient moves three arrays where a copy moves two.
    moved = {"forward": 2, "backward": 3}[direction]
    return Row(
        f"CUDA {dtype}, {moved} arrays moved, over a copy of one to another",
        "tca.cuda out=",
        "copy",
        _ARRAY,
        direction,
        dict.fromkeys((27, 28), moved / 2 / _SHARE_OF_A_COPY_S_RATE),
        dtype=dtype,
        their_dtype=dtype,
        device=machine.CUDA,
    )


_OF_TENSORS = (
    Row(
        "eager forward, over tf.nn.relu",
        "native",
        "tf.nn.relu",
        _EAGER,
        "forward",
        {10: 1.25, 18: 1.0, 20: 1.05, 22: 0.95, 24: 0.75, 26: 0.85},
    ),
    Row("forward + backward, over tf.nn.relu's", "native", "tf.nn.relu", _EAGER, "both", _trained((1.1, 0.95, 0.9))),
    Row("forward + backward, over tf.nn.relu's", "native", "tf.nn.relu", _GRAPH, "both", _trained((1.1, 0.95, 0.7))),
    Row("eager, over tf.nn.silu", "native", "tf.nn.silu", _EAGER, "forward", {24: 0.25}, _SWISH),
    Row("eager forward + backward, over tf.nn.silu's", "native", "tf.nn.silu", _EAGER, "both", {24: 0.125}, _SWISH),
    Row("eager, over tf.nn.elu", "native", "tf.nn.elu", _EAGER, "forward", {24: 0.6}, _ELU),
    Row(
        "inside jit_compile, over tf.nn.silu",
        "native",
        "tf.nn.silu",
        _JIT,
        "forward",
        dict.fromkeys(_EVERY_SIZE, 1.02),
        _SWISH,
    ),
    Row("inside jit_compile, over tf.nn.elu", "native", "tf.nn.elu", _JIT, "forward", {24: 0.9}, _ELU),
    _in_float64("tf.nn.relu", dict.fromkeys((14, 18, 20, 22, 24), 1.3)),
    _in_float64("tf.nn.silu", {10: 1.25} | dict.fromkeys((14, 18, 20, 22, 24), 1.0), "swish"),
    _in_float64("tf.nn.elu", {10: 1.25} | dict.fromkeys((14, 18, 20, 22, 24), 1.0), "elu"),
    _over_float32("float16"),
    _over_float32("bfloat16"),
    *_of_python("tf.nn.silu", "swish"),
    # tf.nn.elu is one op, and loses what is small in x.
    *_of_python("tf.where(x > 0, x, tf.math.expm1(x))", "elu"),
)
_OF_HOST_ARRAYS = (
    _of_arrays("PyTorch"),
    _of_arrays("PyTorch out="),
    _of_arrays("JAX"),
    Row(
        "tca.numpy, over PyTorch",
        "tca.numpy",
        "PyTorch",
        _ARRAY,
        "forward",
        dict.fromkeys(_ARRAY_SIZES, 1.0) | {24: 0.8},
    ),
)
_OF_DEVICE_ARRAYS = tuple(_over_copy(direction, dtype) for direction in ("forward", "backward") for dtype in DTYPES)


# What a promise is called in records: its words, mode, activation, and size as a power of two.
Key = tuple[str, str, str, int]


@dataclass(frozen=True)
class Promise:
    words: str
    ours: Entrant
    theirs: Entrant
    limit: float

    @property
    def key(self) -> Key:
        case = self.ours.case
        return self.words, case.mode, case.op, case.power


@dataclass(frozen=True)
class Finding:
    """A promise, its measured ratio, and the median seconds of both sides; without a ratio, ``reasons`` say why,
    and ``broken`` whether that breaks the promise."""

    promise: Promise
    ratio: Spread | None
    seconds: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()
    broken: bool = False

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "broken" if self.broken else "not measured"
        return "holds" if holds(self.ratio.median, self.promise.limit) else "broken"


def holds(ratio: float, limit: float) -> bool:
    # As printed, to three digits: the next digit is noise.
    return float(f"{ratio:.3g}") <= float(f"{limit:.3g}")


def limits() -> dict[Key, float]:
    """Every limit, whether or not it can be measured here."""
    return {
        (row.words, mode, op, power): limit
        for row in (*_OF_TENSORS, *_OF_HOST_ARRAYS, *_OF_DEVICE_ARRAYS)
        for mode, op, (power, limit) in itertools.product(row.modes, row.ops, row.limits.items())
    }


def promises(
    devices: Sequence[str], op: str | None = None, dtype: str | None = None, power: int | None = None
) -> list[Promise]:
    """What is promised of these devices, and of tensors where TensorFlow is installed: all of it, or what is about this
    activation, this dtype of ours, tensors of 2^power elements."""
    rows = (*(_OF_TENSORS if machine.has_tensorflow() else ()), *_OF_HOST_ARRAYS, *_OF_DEVICE_ARRAYS)
    found = []
    for row in rows:
        if row.device not in devices:
            continue
        for activation, mode, (exponent, limit) in itertools.product(row.ops, row.modes, row.limits.items()):
            ours, theirs = (
                Entrant(CONTESTANTS[name], Case(row.device, activation, mode, row.direction, own_dtype, 2**exponent))
                for name, own_dtype in ((row.ours, row.dtype), (row.theirs, row.their_dtype))
            )
            found.append(Promise(row.words, ours, theirs, limit))
    return [
        promise
        for promise in found
        if op in (None, promise.ours.case.op)
        and dtype in (None, promise.ours.case.dtype)
        and power in (None, promise.ours.case.power)
    ]


def unmeasurable(promise: Promise) -> Finding | None:
    """The finding that nothing can be measured, or None."""
    ours = promise.ours.contestant.reasons_against(promise.ours.case)
    reasons = ours + promise.theirs.contestant.reasons_against(promise.theirs.case)
    if not reasons and not (fits_memory(promise.ours.case) and fits_memory(promise.theirs.case)):
        reasons = ["needs more memory than this machine has"]
    return Finding(promise, None, reasons=tuple(reasons), broken=bool(ours)) if reasons else None


def groups(wanted: Sequence[Promise]) -> list[list[Entrant]]:
    """Who has to be timed together so that both sides of every promise are; each entrant once."""
    found: dict[Case, dict[Entrant, None]] = {}
    for promise in wanted:
        key = replace(promise.ours.case, dtype=promise.theirs.case.dtype)
        found.setdefault(key, {}).update({promise.ours: None, promise.theirs: None})
    # Those of one size after each other: they share their inputs.
    return [list(found[key]) for key in sorted(found, key=lambda case: (case.device, case.size, case.dtype))]


def measured(promise: Promise, samples: Mapping[Entrant, Samples]) -> Finding:
    ours, theirs = samples[promise.ours].seconds, samples[promise.theirs].seconds
    return Finding(promise, paired_ratio(ours, theirs), (spread(ours).median, spread(theirs).median))
