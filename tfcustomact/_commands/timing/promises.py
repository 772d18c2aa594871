"""Promises: the limits of the ratios of our times over others', and whether they hold."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tfcustomact._commands import machine
from tfcustomact._commands.cases import DTYPES, MODES, Case
from tfcustomact._commands.timing.contestants import CONTESTANTS, EVERY_OP, WITH_ARGUMENT, Entry, fits_memory, ops_with
from tfcustomact._commands.timing.measurement import Measurement, Spread, rounded
from tfcustomact._commands.timing.short import thorough
from tfcustomact.activations import ACTIVATIONS

# What a promise is called in records: its words, mode, activation, and size as a power of two.
Key = tuple[str, str, str, int]


@dataclass(frozen=True)
class Promise:
    """Of ``case``, ``ours`` takes at most ``limit`` times as long as ``theirs`` takes of the same in ``their_dtype``.

    ``shown`` says that README has a row of it."""

    words: str
    ours: str
    theirs: str
    case: Case
    their_dtype: str
    limit: float
    shown: bool

    @property
    def key(self) -> Key:
        return self.words, self.case.mode, self.case.op, self.case.power

    @property
    def sides(self) -> tuple[Entry, Entry]:
        return (self.ours, self.case), (self.theirs, replace(self.case, dtype=self.their_dtype))


@dataclass(frozen=True)
class Finding:
    """A promise with the measurements of both its sides, or else with the reasons why there are none, and whether these
    break it."""

    promise: Promise
    measured: tuple[Measurement, Measurement] | None = None
    reasons: tuple[str, ...] = ()
    broken: bool = False

    @property
    def ratio(self) -> Spread | None:
        return None if self.measured is None else self.measured[0].over(self.measured[1])

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "broken" if self.broken else "not measured"
        return "holds" if holds(self.ratio.median, self.promise.limit) else "broken"


def holds(ratio: float, limit: float) -> bool:
    return rounded(ratio) <= rounded(limit)


def _row(
    words: str,
    theirs: str,
    how: str,
    limits: Mapping[int, float],
    ops: Collection[str] = EVERY_OP,
    ours: str = "native",
    *,
    dtype: str = "float32",
    their_dtype: str | None = None,
    device: str = machine.HOST,
    shown: bool = False,
) -> list[Promise]:
    """The same promise of several activations; ``how`` is a mode and a direction, ``limits`` are by powers of two."""
    mode, direction = how.split()
    cases = [Case(device, op, mode, direction, dtype, 2**power) for op in ops for power in limits]
    their_dtype = their_dtype or dtype
    return [Promise(words, ours, theirs, case, their_dtype, limits[case.power], shown) for case in cases]


def _over_tensorflow(mode: str, dtype: str, words: str) -> Iterator[Promise]:
    """What activations promise over what TensorFlow offers."""
    for op, activation in ACTIVATIONS.items():
        for timed, limits in activation.limits.items():
            if (timed.mode, timed.dtype) == (mode, dtype):
                theirs, how = str(activation.theirs), f"{mode} {timed.direction}"
                over = {"forward": f", over {theirs}", "both": f" forward + backward, over {theirs}'s"}[timed.direction]
                # README has no row for what is promised of one size alone inside jit_compile.
                shown = timed.direction == "forward" and dtype == "float32" and (mode == "eager" or len(limits) > 1)
                yield from _row(words + over, theirs, how, limits, (op,), dtype=dtype, shown=shown)


def _of_python() -> Iterator[Promise]:
    limits = {10: 2.0} | dict.fromkeys((20, 22, 24), 1.5)
    for op, activation in ACTIVATIONS.items():
        for direction, words in (("forward", "forward"), ("both", "forward + backward")):
            if activation.plain is not None:
                words = f"backend python, eager {words}, over {activation.plain}"
                yield from _row(words, activation.plain, f"eager {direction}", limits, (op,), "python")


def _over_float32(dtype: str, *, shown: bool = False) -> list[Promise]:
    words, limits = f"{dtype}, over float32", {24: 0.65}
    return _row(words, "native", "eager forward", limits, dtype=dtype, their_dtype="float32", shown=shown)


def _with_operands() -> Iterator[Promise]:
    """What is promised where a tensor is beside x: in rows of 256 numbers, in a tf.function, forward + backward."""
    both, at_22 = "graph both", "rows of 256, forward + backward with both gradients in a tf.function"
    yield from _row(
        f"bias, {at_22}, over tf.nn.bias_add and then it",
        "tf.nn.bias_add, native",
        both,
        {22: 0.75},
        ours="native, bias",
    )
    per_channel = "native, argument per channel"
    for op in WITH_ARGUMENT:
        of_argument = ACTIVATIONS[op].of_argument
        for words in of_argument.compositions if of_argument else ():
            over_number = f"argument per channel, {at_22}, over a number"
            yield from _row(over_number, "native", both, {22: 1.4}, (op,), per_channel)
            yield from _row(f"argument per channel, {at_22}, over {words}", words, both, {22: 0.3}, (op,), per_channel)
    read, ours, over = "native, and a variable read", "native, variable", "over a number and a variable read"
    for mode, how, powers in (
        ("eager", "eager forward", (10, 14, 20, 22)),
        ("graph", "forward in a tf.function", (14, 20, 22)),
    ):
        words = f"argument in a variable, {how}, {over}"
        yield from _row(words, read, f"{mode} forward", dict.fromkeys(powers, 1.1), WITH_ARGUMENT, ours)


def _over_copy(ours: str, direction: str, arrays_moved: int, ops: Collection[str] = EVERY_OP) -> Iterator[Promise]:
    # A copy moves two arrays.
    how, limits = f"array {direction}", dict.fromkeys((27, 28), arrays_moved / 2 / _SHARE_OF_A_COPY_S_RATE)
    for dtype in DTYPES:
        words = f"{ours}, {dtype} {direction}, {arrays_moved} arrays moved, over a copy of one to another"
        yield from _row(words, "copy", how, limits, ops, ours, dtype=dtype, device=machine.CUDA)


def _over_others_on_cuda(direction: str) -> Iterator[Promise]:
    how, limits = f"array {direction}", dict.fromkeys((10, 14, 18, 20, 22, 24), 1.0)
    for theirs, ours, ops in (
        ("PyTorch on CUDA", "tca.cuda", _TORCH),
        ("torch.compile", "tca.cuda", _TORCH),
        ("JAX on CUDA", "tca.cuda, waited for", _JAX),
    ):
        yield from _row(f"tca.cuda {direction}, over {theirs}", theirs, how, limits, ops, ours, device=machine.CUDA)


def _trained(up_to_20: float, at_22: float, from_24: float) -> dict[int, float]:
    return dict.fromkeys((10, 14, 18, 20), up_to_20) | {22: at_22, 24: from_24, 26: from_24}


_FORWARD = {10: 1.25, 18: 1.0, 20: 1.05, 22: 0.95, 24: 0.75, 26: 0.85}
_EAGER_BOTH, _GRAPH_BOTH = _trained(1.1, 0.95, 0.9), _trained(1.1, 0.95, 0.7)
_FLOAT64 = dict.fromkeys((14, 18, 20, 22, 24), 1.3)
_ARRAYS = dict.fromkeys((14, 16, 18, 20, 22, 24), 1.0)

# Bytes read and written per second, over those of a copy.
_SHARE_OF_A_COPY_S_RATE = 0.92

_RELU, _OUT = "tf.nn.relu", "tca.numpy out="
_AT_RELUS_PRICE = tuple(op for op, activation in ACTIVATIONS.items() if activation.at_relus_price)
_TORCH, _JAX = ops_with("torch"), ops_with("jax")
_THOROUGH = thorough(EVERY_OP)

_SWIGLU = "swiglu of gate and up, rows of 256, forward + backward, over tf.nn.silu(gate) * up's, in a tf.function"

PROMISES = (
    *_row("eager forward, over tf.nn.relu", _RELU, "eager forward", _FORWARD, _AT_RELUS_PRICE, shown=True),
    *_row("forward + backward, over tf.nn.relu's", _RELU, "eager both", _EAGER_BOTH, _AT_RELUS_PRICE, shown=True),
    *_row("forward + backward, over tf.nn.relu's", _RELU, "graph both", _GRAPH_BOTH, _AT_RELUS_PRICE, shown=True),
    *_over_tensorflow("eager", "float32", "eager"),
    *_over_tensorflow("jit", "float32", "inside jit_compile"),
    *_row(
        "float64, eager forward, over tf.nn.relu",
        _RELU,
        "eager forward",
        _FLOAT64,
        _AT_RELUS_PRICE,
        dtype="float64",
        shown=True,
    ),
    *_over_tensorflow("eager", "float64", "float64, eager forward"),
    *_over_float32("float16"),
    *_over_float32("bfloat16", shown=True),
    *_of_python(),
    *_row(_SWIGLU, "tf.nn.silu(gate) * up", "graph both", {22: 0.5}, ("swish",), "tca.swiglu"),
    *_with_operands(),
    *_row("tca.numpy with out=, over PyTorch", "PyTorch", "array forward", _ARRAYS, _TORCH, _OUT),
    *_row("tca.numpy with out=, over PyTorch out=", "PyTorch out=", "array forward", _ARRAYS, _TORCH, _OUT, shown=True),
    *_row("tca.numpy with out=, over JAX", "JAX", "array forward", _ARRAYS, _JAX, _OUT, shown=True),
    *_row("tca.numpy, over PyTorch", "PyTorch", "array forward", _ARRAYS | {24: 0.8}, _TORCH, "tca.numpy"),
    *_over_copy("tca.cuda out=", "forward", 2),
    *_over_copy("tca.cuda out=", "backward", 3),
    *_over_copy("tca.cuda gated out=", "forward", 3, _THOROUGH),
    *_over_copy("tca.cuda gated out=", "backward", 5, _THOROUGH),
    *_over_copy("tca.cuda bias out=", "forward", 2, _THOROUGH),
    *_over_copy("tca.cuda bias out=", "backward", 3, _THOROUGH),
    *_over_copy("tca.cuda per channel out=", "forward", 2, _THOROUGH),
    *_over_copy("tca.cuda per channel out=", "backward", 3, _THOROUGH),
    *_over_others_on_cuda("forward"),
    *_over_others_on_cuda("backward"),
)


def promises(
    devices: Collection[str], op: str | None = None, dtype: str | None = None, power: int | None = None
) -> list[Promise]:
    """What is promised of these devices, and of tensors where TensorFlow is installed: all of it, or what is about this
    activation, this dtype of ours, tensors of 2^power elements."""
    modes = MODES if machine.has_tensorflow() else ("array",)
    return [
        promise
        for promise in PROMISES
        if promise.case.device in devices
        and promise.case.mode in modes
        and op in (None, promise.case.op)
        and dtype in (None, promise.case.dtype)
        and power in (None, promise.case.power)
    ]


def unmeasurable(promise: Promise) -> Finding | None:
    """The finding that nothing can be measured, or None."""
    ours, theirs = (CONTESTANTS[name].reasons_against(case) for name, case in promise.sides)
    reasons = [*ours, *theirs]
    if not reasons and not all(fits_memory(case) for _, case in promise.sides):
        reasons = ["needs more memory than this machine has"]
    return Finding(promise, reasons=tuple(reasons), broken=bool(ours)) if reasons else None


def groups(wanted: Sequence[Promise]) -> list[list[Promise]]:
    """Those that have to be measured together, so that each contestant is measured once."""
    found: dict[Case, list[Promise]] = {}
    for promise in wanted:
        _, (_, case) = promise.sides
        found.setdefault(case, []).append(promise)
    # Those of one size after each other: they share their inputs.
    return [found[case] for case in sorted(found, key=lambda case: (case.device, case.size, case.dtype))]
