"""``python -m tfcustomact check``: equality alone; exit status 1 if any backend misses its limit.

A trial is one output of a backend, in one mode, held to the exact values.
"""

import functools
import itertools
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._commands import arrays, console, machine, own
from tfcustomact._commands.cases import DTYPES, MODES, TENSOR_MODES
from tfcustomact.activations import ACTIVATIONS

OUTPUTS = ("value", "gradient")
NUMPY, CUDA = "tca.numpy", "tca.cuda"


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
            for backend, device, op, output, dtype in itertools.product(BACKENDS, on, ops, OUTPUTS, dtypes)
            if not BACKENDS[backend].reasons_against(op, device.partition(":")[0], tf.as_dtype(dtype))
            for mode in TENSOR_MODES
            # A graph runs what eager mode runs: one parameter is enough.
            for parameter in _parameters(op)[: 1 if mode == "graph" else None]
        ]
    for backend, device in ((NUMPY, machine.HOST), (CUDA, machine.CUDA)):
        if device in devices:
            found += [
                Trial(backend, device, op, output, dtype, "array", parameter)
                for op, output, dtype in itertools.product(ops, OUTPUTS, dtypes)
                if not arrays.reasons_against_kernel(op, device)
                for parameter in _parameters(op)
            ]
    return found


def run(trials: Sequence[Trial]) -> list[Verdict]:
    return [judge(trial) for trial in console.progress("equality", trials)]


def judge(trial: Trial) -> Verdict:
    x, expected = _inputs_and_expected(trial.op, trial.dtype, trial.parameter, OUTPUTS.index(trial.output))
    errors = expected.errors(_of_arrays(trial, x) if trial.mode == "array" else _of_tensors(trial, x))
    # NaN would be an error that no limit is below.
    errors = np.where(np.isnan(errors), np.inf, errors)
    worst = int(errors.argmax())
    promised = "native" if trial.mode == "array" else trial.backend
    if own.is_own(trial.op):
        limit = own.limit_of(trial.dtype)
    else:
        limit = testing.ulp_limit(promised, x.dtype, op=trial.op, jit=trial.mode == "jit")
    return Verdict(trial, float(errors[worst]), limit, str(x[worst]))


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


def _parameters(op: str) -> tuple[float | None, ...]:
    """The default of the activation's argument, and a number whose product with x has to be rounded; None if it has no
    argument."""
    arguments = ACTIVATIONS[op].arguments
    return (arguments[0].default, 1.7) if arguments else (None,)


@functools.cache
def _inputs_and_expected(
    op: str, dtype: str, parameter: float | None, derivative: int
) -> tuple[np.ndarray, testing.Expected | own.Expected]:
    """What every backend and mode is given, and held to."""
    x = testing.hard_inputs(op, dtype, parameter)
    return x, own.expected(op, x, parameter, derivative) or testing.Expected(op, x, parameter, derivative=derivative)


def _of_tensors(trial: Trial, x: np.ndarray) -> np.ndarray:
    from tfcustomact._commands import tensors

    def function(x: Any) -> Any:
        return ACTIVATIONS[trial.op].function(x, *_arguments(trial), backend=trial.backend)

    return tensors.computed(function, trial.device, trial.mode, trial.output, x)


def _of_arrays(trial: Trial, x: np.ndarray) -> np.ndarray:
    name = trial.op if trial.output == "value" else f"{trial.op}_grad"
    inputs = (x,) if trial.output == "value" else (np.ones_like(x), x)
    if trial.backend == NUMPY:
        return getattr(tca.numpy, name)(*inputs, *_arguments(trial))
    return arrays.to_host(getattr(tca.cuda, name)(*map(arrays.to_device, inputs), *_arguments(trial)))


def _arguments(trial: Trial) -> tuple[float, ...]:
    return () if trial.parameter is None else (trial.parameter,)


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return _words(verdict.error) if verdict.holds else f"[red]{_words(verdict.error)} !"


def _words(error: float) -> str:
    return f"{error:.3g}" if math.isfinite(error) else "infinite"
