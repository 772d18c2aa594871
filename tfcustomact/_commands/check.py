"""``python -m tfcustomact check``: equality alone; exit status 1 if any backend misses its limit.

A trial is one output of a backend, in one mode, held to the exact values. Its inputs come in order of size and mixed: a
loop may compute a step of similar numbers in another way than a step with a huge one. The kernels of this machine are
also called in place, on pieces of all lengths, and on a long array.
"""

import functools
import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._commands import arrays, console, machine, own
from tfcustomact._commands.cases import DTYPES, MODES, TENSOR_MODES
from tfcustomact.activations import ACTIVATIONS

OUTPUTS = ("value", "gradient", "second derivative")
VALUE_AND_GRADIENT = OUTPUTS[:2]
NUMPY, CUDA = "tca.numpy", "tca.cuda"

# Of second derivatives in float32 and float64, away from their roots.
_SECOND_LIMIT = 16.0

# Pieces of an array have all lengths below this: more than any loop's step.
_LONGEST_PIECE = 400

# Arrays from this size on are written by non-temporal stores, and shared between threads.
_LONG_BYTES = 1 << 24

# A multiple of every loop's step.
_STEPS = 1 << 12


@dataclass(frozen=True)
class Trial:
    backend: str
    device: str
    op: str
    output: str
    dtype: str
    mode: str
    parameter: float | None

    def __str__(self) -> str:
        words = f"{self.backend} {self.op} {self.output} {self.dtype} {self.mode} on {self.device}"
        return words if self.parameter is None else f"{words}, parameter {self.parameter:g}"


@dataclass(frozen=True)
class Verdict:
    """The largest error of a trial, in ULPs: infinite where a special value or the sign of a zero is missed."""

    trial: Trial
    error: float
    limit: float
    worst_input: str

    @property
    def holds(self) -> bool:
        return self.error <= self.limit


def main(arguments: Sequence[str]) -> int:
    parser = console.parser("check", __doc__)
    parser.add_argument("target", nargs="?", metavar="MODULE:NAME", help=f"{own.WHAT}, alone")
    op = own.enter(parser, parser.parse_args(arguments).target)
    out = console.output()
    verdicts = run(trials(machine.devices(), tuple(ACTIVATIONS) if op is None else (op,)))
    report(out, verdicts)
    return 0 if conclude(out, verdicts) else 1


def trials(
    devices: Sequence[str], ops: Collection[str] = tuple(ACTIVATIONS), dtypes: Collection[str] = DTYPES
) -> list[Trial]:
    """Every backend that can run on these devices, in every way."""
    found = []
    if machine.has_tensorflow():
        import tensorflow as tf

        from tfcustomact.backends import BACKENDS

        on = [device for device in devices if device in machine.tensor_devices()]
        found += [
            Trial(backend, device, op, output, dtype, mode, parameter)
            for backend, device, op, dtype in itertools.product(BACKENDS, on, ops, dtypes)
            if not BACKENDS[backend].reasons_against(op, device.partition(":")[0], tf.as_dtype(dtype))
            for output in OUTPUTS[: ACTIVATIONS[op].judged + 1]
            for mode in (TENSOR_MODES if output in VALUE_AND_GRADIENT else ("eager",))
            # A graph runs what eager mode runs: one parameter is enough.
            for parameter in _parameters(op, backend, output, dtype)[: 1 if mode == "graph" else None]
        ]
    for backend, device in ((NUMPY, machine.HOST), (CUDA, machine.CUDA)):
        if device in devices:
            found += [
                Trial(backend, device, op, output, dtype, "array", parameter)
                for op, output, dtype in itertools.product(ops, VALUE_AND_GRADIENT, dtypes)
                if not arrays.reasons_against_kernel(op, device)
                for parameter in _parameters(op, backend, output, dtype)
            ]
    return found


def run(
    trials: Sequence[Trial], steps: Callable[[str, list[Trial]], Iterable[Trial]] = console.progress
) -> list[Verdict]:
    """Judges them, one in each of the steps."""
    # Trials of the same inputs follow each other, so that few exact values are kept at a time.
    in_turn = sorted(trials, key=lambda trial: (trial.op, trial.output, trial.dtype, str(trial.parameter)))
    verdicts = {trial: judge(trial) for trial in steps("equality", in_turn)}
    return [verdicts[trial] for trial in trials]


def judge(trial: Trial) -> Verdict:
    inputs = _inputs(trial.op, trial.dtype, trial.parameter, OUTPUTS.index(trial.output))
    call = _of_arrays(trial) if trial.mode == "array" else _of_tensors(trial)
    results = itertools.chain([(inputs.places, call(inputs.x))], _laid_out_otherwise(trial, call, inputs.x))
    worst, place = max(inputs.worst(got, places) for places, got in results)
    return Verdict(trial, worst, limit(trial), str(inputs.x[place]))


def limit(trial: Trial) -> float:
    """The largest error, in ULPs, that is promised."""
    promised = "native" if trial.mode == "array" else trial.backend
    of_first = testing.ulp_limit(promised, trial.dtype, op=trial.op, jit=trial.mode == "jit")
    return of_first if trial.output in VALUE_AND_GRADIENT or trial.dtype.endswith("16") else _SECOND_LIMIT


def report(out: Console, verdicts: Iterable[Verdict]) -> None:
    """One row for all modes and parameters of one output; errors are the largest of them."""
    rows: dict[tuple[str, ...], dict[str, Verdict]] = {}
    for verdict in verdicts:
        trial = verdict.trial
        row = rows.setdefault((trial.backend, trial.device, trial.op, trial.output, trial.dtype), {})
        if trial.mode not in row or row[trial.mode].error < verdict.error:
            row[trial.mode] = verdict
    columns = ("backend", "device", "op", "output", "dtype", *MODES, "limit")
    made = console.table(columns, numbers=len(MODES) + 1)
    for key, row in rows.items():
        limit = next(iter(row.values())).limit
        made.add_row(*key, *(_cell(row.get(mode)) for mode in MODES), f"{limit:g}")
    console.show(out, "Largest error in ULP against the exact values", made)


def conclude(out: Console, verdicts: Sequence[Verdict]) -> bool:
    """Say in words whether all is equal; True if it is."""
    missed = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in missed:
        out.print(
            f"[red]missed[/]: {verdict.trial}: {_words(verdict.error)} ULP at x = {verdict.worst_input}, "
            f"limit {verdict.limit:g}",
            soft_wrap=True,
        )
    held = len(verdicts) - len(missed)
    out.print(f"Equality: {held} of {len(verdicts)} hold.", style="green" if not missed else "red")
    return not missed


def _parameters(op: str, backend: str, output: str, dtype: str) -> tuple[float | None, ...]:
    """The default of the activation's argument, and others; None if it has no argument."""
    arguments = ACTIVATIONS[op].arguments
    if not arguments:
        return (None,)
    default = arguments[0].default
    if output not in VALUE_AND_GRADIENT:
        # It is multiplied by the parameter at the end: more than 1 would make a normal number of one that was flushed.
        return (default, 0.7) if backend == "native" else (default,)
    # The product of the second with x has to be rounded.
    some = (default, 1.7)
    # Products of the smallest x with a small parameter vanish, but keep their sign. The kernels serve zero, and numbers
    # near the ends of the range, in another way.
    others = (-0.3, 1e-3, 0.0, 1e300 if dtype == "float64" else 1e35) if backend == NUMPY else ()
    return *some, *(each for each in others if each > 0 or not ACTIVATIONS[op].divides_x)


class _Inputs:
    """What every backend and mode is given, and held to."""

    def __init__(self, op: str, x: np.ndarray, parameter: float | None, derivative: int) -> None:
        self.x = x
        self.places = np.arange(self.x.size)
        self._expected = testing.Expected(op, x, parameter, derivative=derivative)
        self._judged: tuple[np.ndarray, np.ndarray] | None = None

    def errors(self, got: np.ndarray, places: np.ndarray) -> np.ndarray:
        """The errors of the results for what is at these places."""
        # NaN would be an error that no limit is below.
        return np.nan_to_num(self._expected.errors(got, places), nan=np.inf, posinf=np.inf)

    def worst(self, got: np.ndarray, places: np.ndarray) -> tuple[float, int]:
        """The largest error of the results for what is at these places, and the place."""
        bits = _bits(got)
        if self._judged is None:
            self._judged = bits, self.errors(got, places)
        # Most results have the same bits as those that came first.
        judged, errors_of_judged = self._judged
        errors = errors_of_judged[places]
        others = np.flatnonzero(bits != judged[places])
        errors[others] = self.errors(got[others], places[others])
        worst = int(errors.argmax())
        return float(errors[worst]), int(places[worst])


def _bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(f"u{array.itemsize}")


def _laid_out_otherwise(
    trial: Trial, call: Callable[..., np.ndarray], x: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields places in ``x`` and the results for the numbers there: in pieces of all lengths and alignments, in place,
    and as a part of a long array; for the kernels on this machine, with the default argument."""
    on_host = trial.device.startswith("CPU") and trial.mode in ("array", "eager")
    is_default = trial.parameter in (None, *(argument.default for argument in ACTIVATIONS[trial.op].arguments))
    if not on_host or not is_default or trial.backend not in ("native", NUMPY):
        return
    if trial.mode == "array":
        # In random order, so that what a call writes beside its piece is seen on either side.
        random = np.random.default_rng(0)
        ends = np.cumsum(random.permutation(np.arange(1, _LONGEST_PIECE)))
        for first in (0, x.size - ends[-1] - 1):
            got = np.zeros(ends[-1], x.dtype)
            for piece in random.permutation(len(ends)):
                begin, end = (ends[piece - 1] if piece else 0), ends[piece]
                call(x[first + begin : first + end], out=got[begin:end])
            yield np.arange(first, first + ends[-1]), got
        in_place = x.copy()
        yield np.arange(x.size), call(in_place, out=in_place)
    else:
        # Some lengths: a call takes longer, and its result is an array of its own.
        pieces = np.split(x, np.cumsum(np.arange(1, _LONGEST_PIECE, 9)))[:-1]
        got = np.concatenate([call(piece) for piece in pieces])
        yield np.arange(got.size), got
    if trial.mode == "array" or trial.output not in VALUE_AND_GRADIENT:
        period = x.size // _STEPS * _STEPS
        got = call(np.resize(x[:period], _LONG_BYTES // x.itemsize + 1))
        yield np.arange(period), got[:period]
        # The array repeats itself: the rest is judged only where it differs.
        differing = np.flatnonzero(_bits(got) != np.resize(_bits(got[:period]), got.size))
        if differing.size:
            yield differing % period, got[differing]


@functools.lru_cache(maxsize=8)
def _inputs(op: str, dtype: str, parameter: float | None, derivative: int) -> _Inputs:
    return _Inputs(op, testing.hard_inputs(op, dtype, parameter), parameter, derivative)


def _of_tensors(trial: Trial) -> Callable[..., np.ndarray]:
    from tfcustomact._commands import tensors

    def function(x: Any) -> Any:
        return ACTIVATIONS[trial.op].function(x, *_arguments(trial), backend=trial.backend)

    if trial.output in VALUE_AND_GRADIENT:
        return functools.partial(tensors.computed, function, trial.device, trial.mode, trial.output)
    return functools.partial(tensors.computed, _derivative_of(function), trial.device, trial.mode, "gradient")


def _derivative_of(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    import tensorflow as tf

    def derivative(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return derivative


def _of_arrays(trial: Trial) -> Callable[..., np.ndarray]:
    name = trial.op if trial.output == "value" else f"{trial.op}_grad"

    def inputs(x: np.ndarray) -> tuple[np.ndarray, ...]:
        return (x,) if trial.output == "value" else (np.ones_like(x), x)

    if trial.backend == NUMPY:
        return lambda x, out=None: getattr(tca.numpy, name)(*inputs(x), *_arguments(trial), out=out)
    return lambda x: arrays.to_host(getattr(tca.cuda, name)(*map(arrays.to_device, inputs(x)), *_arguments(trial)))


def _arguments(trial: Trial) -> tuple[float, ...]:
    return () if trial.parameter is None else (trial.parameter,)


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return _words(verdict.error) if verdict.holds else f"[red]{_words(verdict.error)} !"


def _words(error: float) -> str:
    return f"{error:.3g}" if math.isfinite(error) else "infinite"
