"""Every backend held to the exact values: every op, value and gradient, dtype and mode, on every device."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._commands import device_calls, machine
from tfcustomact._commands.cases import DTYPES, OPS
from tfcustomact.activations import ACTIVATIONS

OUTPUTS = ("value", "gradient")
MODES = ("eager", "graph", "jit")
NUMPY, CUDA = "tca.numpy", "tca.cuda"

# Beside the default, one whose product with x has to be rounded.
_PARAMETERS = {op: (activation.arguments[0].default, 1.7) for op, activation in ACTIVATIONS.items()}


@dataclass(frozen=True)
class Trial:
    backend: str
    device: str
    op: str
    output: str
    dtype: str
    mode: str
    parameter: float

    def __str__(self) -> str:
        words = (self.backend, self.op, self.output, self.dtype, self.mode)
        return f"{' '.join(words)} on {self.device}, parameter {self.parameter:g}"


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


def trials(devices: Sequence[str], ops: Sequence[str] = OPS, dtypes: Sequence[str] = DTYPES) -> list[Trial]:
    found = []
    if machine.has_tensorflow():
        from tfcustomact._commands import tensorflow_trials

        on = [device for device in devices if device in machine.tensor_devices()]
        found += [
            Trial(backend, device, op, output, dtype, mode, parameter)
            for backend, device, op, output, dtype in tensorflow_trials.combinations(on, ops, OUTPUTS, dtypes)
            for mode in MODES
            # A graph runs what eager mode runs: that it does so right, one parameter shows.
            for parameter in (_PARAMETERS[op][:1] if mode == "graph" else _PARAMETERS[op])
        ]
    for backend, device, reasons in (
        (NUMPY, machine.HOST, machine.reasons_against_kernels()),
        (CUDA, machine.CUDA, device_calls.reasons_against_device_arrays()),
    ):
        if device in devices and not reasons:
            found += [
                Trial(backend, device, op, output, dtype, "array", parameter)
                for op, output, dtype in itertools.product(ops, OUTPUTS, dtypes)
                for parameter in _PARAMETERS[op]
            ]
    return found


@functools.cache
def _inputs_and_expected(op: str, dtype: str, parameter: float, derivative: int) -> tuple[np.ndarray, testing.Expected]:
    """What every backend and mode is given, and held to."""
    x = testing.hard_inputs(op, dtype, parameter)
    return x, testing.Expected(op, x, parameter, derivative=derivative)


def judge(trial: Trial) -> Verdict:
    x, expected = _inputs_and_expected(trial.op, trial.dtype, trial.parameter, OUTPUTS.index(trial.output))
    got = _array_output(trial, x) if trial.mode == "array" else _tensorflow_output(trial, x)
    errors = expected.errors(got)
    # NaN would be an error that no limit is below.
    errors = np.where(np.isnan(errors), np.inf, errors)
    worst = int(errors.argmax())
    promised = "native" if trial.mode == "array" else trial.backend
    limit = testing.ulp_limit(promised, x.dtype, jit=trial.mode == "jit")
    return Verdict(trial, float(errors[worst]), limit, str(x[worst]))


def _array_output(trial: Trial, x: np.ndarray) -> np.ndarray:
    name = trial.op if trial.output == "value" else f"{trial.op}_grad"
    inputs = (x,) if trial.output == "value" else (np.ones_like(x), x)
    if trial.backend == NUMPY:
        return getattr(tca.numpy, name)(*inputs, trial.parameter)
    tensors = map(device_calls.to_device, inputs)
    return device_calls.to_host(getattr(tca.cuda, name)(*tensors, trial.parameter))


def _tensorflow_output(trial: Trial, x: np.ndarray) -> np.ndarray:
    from tfcustomact._commands import tensorflow_trials

    return tensorflow_trials.computed(
        trial.backend, trial.device, trial.op, trial.output, trial.mode, trial.parameter, x
    )
