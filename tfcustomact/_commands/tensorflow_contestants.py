"""Who is timed on tensors."""

import functools
from collections.abc import Callable

import tensorflow as tf

import tfcustomact as tca
from tfcustomact._commands import clocks, machine
from tfcustomact._commands.availability import explained, reasons_against_backend
from tfcustomact._commands.cases import OPS, Case
from tfcustomact._commands.contestant import Contestant
from tfcustomact._commands.tensorflow_calls import tensorflow_call
from tfcustomact._commands.timing import Call, DeviceClock
from tfcustomact.backends import BACKENDS

_MODES = ("eager", "graph", "jit")


def _backend_call(backend: str, case: Case) -> Call:
    function = getattr(tca, case.op)
    if explained(case.op, case.device, case.dtype).backend != backend:
        function = functools.partial(function, backend=backend)
    return tensorflow_call(function, case)


def _reasons_against_backend(backend: str, case: Case) -> list[str]:
    return machine.reasons_against_tensors(case.device) or reasons_against_backend(
        backend, case.op, case.device, case.dtype
    )


def _backend(name: str) -> Contestant:
    return Contestant(
        name,
        # Inside jit_compile the xla backend is the same computation as the python backend.
        ("eager", "graph") if name == "xla" else _MODES,
        functools.partial(_backend_call, name),
        reasons_against=functools.partial(_reasons_against_backend, name),
        wait=_wait,
        clock=_clock,
        ours=True,
    )


def _tensorflow(name: str, activation: Callable[[tf.Tensor], tf.Tensor], *ops: str) -> Contestant:
    return Contestant(
        name,
        _MODES,
        functools.partial(tensorflow_call, activation),
        ops or OPS,
        reasons_against=lambda case: machine.reasons_against_tensors(case.device),
        wait=_wait,
        clock=_clock,
    )


def _wait(case: Case) -> Call | None:
    return None if case.kind == "CPU" else tf.test.experimental.sync_devices


def _clock(case: Case) -> DeviceClock | None:
    return clocks.tensorflow_waiting_clock(case.device) if case.kind == "GPU" else None


ALL = (
    *(_backend(name) for name in BACKENDS),
    _tensorflow("tf.nn.relu", tf.nn.relu),
    _tensorflow("tf.nn.silu", tf.nn.silu, "swish"),
    _tensorflow("x * tf.sigmoid(x)", lambda x: x * tf.sigmoid(x), "swish"),
    _tensorflow("tf.nn.elu", tf.nn.elu, "elu"),
    _tensorflow("tf.where(x > 0, x, tf.math.expm1(x))", lambda x: tf.where(x > 0, x, tf.math.expm1(x)), "elu"),
)
