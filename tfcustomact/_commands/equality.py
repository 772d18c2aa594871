"""Every backend held to the exact values: every op, value and gradient, dtype and mode, on every device."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._activations import ACTIVATIONS
from tfcustomact._commands.availability import reasons_against_backend
from tfcustomact._commands.cases import DTYPES, OPS
from tfcustomact._commands.machine import reasons_against_kernels
from tfcustomact._commands.tensorflow_calls import value_and_gradient
from tfcustomact.backends import BACKENDS

OUTPUTS = ("value", "gradient")
MODES = ("eager", "graph", "jit")
NUMPY = "tca.numpy"

# Beside the default, one whose product with x has to be rounded.
_PARAMETERS = {op: (activation.default, 1.7) for op, activation in ACTIVATIONS.items()}


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
    found = [
        Trial(backend, device, op, output, dtype, mode, parameter)
        for backend, device, op, output, dtype, mode in itertools.product(
            BACKENDS, devices, ops, OUTPUTS, dtypes, MODES
        )
        if not reasons_against_backend(backend, op, device, dtype)
        # A graph runs what eager mode runs: that it does so right, one parameter shows.
        for parameter in (_PARAMETERS[op][:1] if mode == "graph" else _PARAMETERS[op])
    ]
    if not reasons_against_kernels():
        found += [
            Trial(NUMPY, "CPU:0", op, output, dtype, "array", parameter)
            for op, output, dtype in itertools.product(ops, OUTPUTS, dtypes)
            for parameter in _PARAMETERS[op]
        ]
    return found


def judge(trial: Trial) -> Verdict:
    x = testing.hard_inputs(trial.op, tf.as_dtype(trial.dtype).as_numpy_dtype, trial.parameter)
    got = _numpy_output(trial, x) if trial.backend == NUMPY else _tensorflow_output(trial, x)
    derivative = OUTPUTS.index(trial.output)
    errors = testing.activation_error(trial.op, x, got, trial.parameter, derivative=derivative)
    # NaN would be an error that no limit is below.
    errors = np.where(np.isnan(errors), np.inf, errors)
    worst = int(errors.argmax())
    limit = testing.ulp_limit("native" if trial.backend == NUMPY else trial.backend, x.dtype, jit=trial.mode == "jit")
    return Verdict(trial, float(errors[worst]), limit, str(x[worst]))


def _numpy_output(trial: Trial, x: np.ndarray) -> np.ndarray:
    if trial.output == "value":
        return getattr(tca.numpy, trial.op)(x, trial.parameter)
    return getattr(tca.numpy, f"{trial.op}_grad")(np.ones_like(x), x, trial.parameter)


def _tensorflow_output(trial: Trial, x: np.ndarray) -> np.ndarray:
    keywords = {ACTIVATIONS[trial.op].parameter: trial.parameter, "backend": trial.backend}
    body = functools.partial(getattr(tca, trial.op), **keywords)
    with tf.device(trial.device):
        operands = (tf.identity(tf.constant(x)),)
        if trial.output == "gradient":
            body = functools.partial(value_and_gradient, body)
            operands += (tf.ones_like(operands[0]),)
        if trial.mode != "eager":
            body = tf.function(body, autograph=False, jit_compile=trial.mode == "jit")
        outputs = body(*operands)
        return (outputs[1] if trial.output == "gradient" else outputs).numpy()
