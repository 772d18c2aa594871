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
_TRAINED_SIZES = (10, 14, 18, 20, 22, 24)
_ARRAY_SIZES = (14, 16, 18, 20, 22, 24)
_BOTH_EAGER_AND_GRAPH = ("eager", "graph")

# Bytes read and written per second, over those of a copy.
_SHARE_OF_A_COPY_S_RATE = 0.92


def _over_peer(peer: str) -> Row:
    limits = dict.fromkeys(_ARRAY_SIZES, 1.0)
    return Row(f"tca.numpy with out=, over {peer}", "tca.numpy out=", peer, ("array",), "forward", limits)


def _over_float32(dtype: str) -> Row:
    return Row(f"{dtype}, over float32", "native", "native", ("eager",), "forward", {24: 0.6}, dtype=dtype)


def _over_copy(direction: str, dtype: str) -> Row:
    # A gradient moves three arrays where a copy moves two.
    moved = {"forward": 2, "backward": 3}[direction]
    return Row(
        f"CUDA {dtype}, {moved} arrays moved, over a copy of one to another",
        "tca.cuda out=",
        "copy",
        ("array",),
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
        ("eager",),
        "forward",
        {10: 1.3, 18: 1.15, 20: 1.1, 22: 1.1, 24: 1.1, 26: 1.1},
    ),
    Row(
        "forward + backward, over tf.nn.relu's",
        "native",
        "tf.nn.relu",
        _BOTH_EAGER_AND_GRAPH,
        "both",
        dict.fromkeys(_TRAINED_SIZES, 1.1),
    ),
    Row("eager, over tf.nn.silu", "native", "tf.nn.silu", ("eager",), "forward", {10: 1 / 10, 24: 1 / 4}, ("swish",)),
    Row(
        "eager forward + backward, over tf.nn.silu's",
        "native",
        "tf.nn.silu",
        ("eager",),
        "both",
        {10: 1 / 5, 24: 1 / 8},
        ("swish",),
    ),
    Row("eager, over tf.nn.elu", "native", "tf.nn.elu", ("eager",), "forward", {24: 1 / 1.9}, ("elu",)),
    Row(
        "inside jit_compile, over tf.nn.silu",
        "native",
        "tf.nn.silu",
        ("jit",),
        "forward",
        dict.fromkeys(_EVERY_SIZE, 1.0),
        ("swish",),
    ),
    Row("inside jit_compile, over tf.nn.elu", "native", "tf.nn.elu", ("jit",), "forward", {24: 0.7}, ("elu",)),
    _over_float32("float16"),
    _over_float32("bfloat16"),
)
_OF_HOST_ARRAYS = (
    _over_peer("PyTorch"),
    _over_peer("PyTorch out="),
    _over_peer("JAX"),
)
_OF_DEVICE_ARRAYS = tuple(_over_copy(direction, dtype) for direction in ("forward", "backward") for dtype in DTYPES)


@dataclass(frozen=True)
class Promise:
    words: str
    ours: Entrant
    theirs: Entrant
    limit: float


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
        # As printed, to three digits: the next digit is noise.
        holds = float(f"{self.ratio.median:.3g}") <= float(f"{self.promise.limit:.3g}")
        return "holds" if holds else "broken"


def promises(devices: Sequence[str]) -> list[Promise]:
    """What is promised of these devices, and of tensors where TensorFlow is installed."""
    rows = (*(_OF_TENSORS if machine.has_tensorflow() else ()), *_OF_HOST_ARRAYS, *_OF_DEVICE_ARRAYS)
    found = []
    for row in rows:
        if row.device not in devices:
            continue
        for op, mode, (power, limit) in itertools.product(row.ops, row.modes, row.limits.items()):
            ours, theirs = (
                Entrant(CONTESTANTS[name], Case(row.device, op, mode, row.direction, dtype, 2**power))
                for name, dtype in ((row.ours, row.dtype), (row.theirs, row.their_dtype))
            )
            found.append(Promise(row.words, ours, theirs, limit))
    return found


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
        key = replace(promise.ours.case, dtype="")
        found.setdefault(key, {}).update({promise.ours: None, promise.theirs: None})
    return [list(group) for group in found.values()]


def measured(promise: Promise, samples: Mapping[Entrant, Samples]) -> Finding:
    ours, theirs = samples[promise.ours].seconds, samples[promise.theirs].seconds
    return Finding(promise, paired_ratio(ours, theirs), (spread(ours).median, spread(theirs).median))
