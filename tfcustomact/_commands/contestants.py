"""Who is timed: one record for each way of computing an activation."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

import tfcustomact as tca
from tfcustomact._commands import array_calls
from tfcustomact._commands.availability import explained, reasons_against_backend
from tfcustomact._commands.cases import OPS, Case
from tfcustomact._commands.machine import reasons_against_kernels, reasons_against_package
from tfcustomact._commands.tensorflow_calls import tensorflow_call
from tfcustomact._commands.timing import Call
from tfcustomact.backends import BACKENDS

_TENSORFLOW = ("eager", "graph", "jit")
_ARRAY = ("array",)

# OpenMP's threads, which PyTorch computes with, go on spinning for some milliseconds after each call.
_OPENMP_COOLDOWN = 0.01


@dataclass(frozen=True)
class Contestant:
    name: str
    modes: tuple[str, ...]
    build: Callable[[Case], Call]
    ops: tuple[str, ...] = OPS
    reasons_against: Callable[[Case], list[str]] = lambda case: []
    cooldown: float = 0.0
    ours: bool = False

    def enters(self, case: Case) -> bool:
        return case.mode in self.modes and case.op in self.ops and not self.reasons_against(case)


def _backend_call(backend: str, case: Case) -> Call:
    function = getattr(tca, case.op)
    if explained(case.op, case.device, case.dtype).backend != backend:
        function = functools.partial(function, backend=backend)
    return tensorflow_call(function, case)


def _backend(name: str) -> Contestant:
    return Contestant(
        name,
        # Inside jit_compile the xla backend is the same computation as the python backend.
        ("eager", "graph") if name == "xla" else _TENSORFLOW,
        functools.partial(_backend_call, name),
        reasons_against=lambda case: reasons_against_backend(name, case.op, case.device, case.dtype),
        ours=True,
    )


def _numpy(name: str, *, preallocated: bool) -> Contestant:
    return Contestant(
        name,
        _ARRAY,
        functools.partial(array_calls.numpy_call, preallocated=preallocated),
        reasons_against=lambda case: reasons_against_kernels(),
        ours=True,
    )


def _tensorflow(name: str, activation: Callable[[tf.Tensor], tf.Tensor], *ops: str) -> Contestant:
    return Contestant(name, _TENSORFLOW, functools.partial(tensorflow_call, activation), ops or OPS)


def _peer(name: str, package: str, build: Callable[[Case], Call], cooldown: float = 0.0) -> Contestant:
    return Contestant(
        name, _ARRAY, build, reasons_against=lambda case: reasons_against_package(package), cooldown=cooldown
    )


_ALL = (
    *(_backend(name) for name in BACKENDS),
    _tensorflow("tf.nn.relu", tf.nn.relu),
    _tensorflow("tf.nn.silu", tf.nn.silu, "swish"),
    _tensorflow("x * tf.sigmoid(x)", lambda x: x * tf.sigmoid(x), "swish"),
    _tensorflow("tf.nn.elu", tf.nn.elu, "elu"),
    _numpy("tca.numpy out=", preallocated=True),
    _numpy("tca.numpy", preallocated=False),
    _peer("PyTorch", "torch", array_calls.torch_call, _OPENMP_COOLDOWN),
    _peer("PyTorch out=", "torch", array_calls.torch_out_call, _OPENMP_COOLDOWN),
    _peer("JAX", "jax", array_calls.jax_call),
)

CONTESTANTS = {contestant.name: contestant for contestant in _ALL}

# Whom the others' times are divided by in tables and comparisons: the first of these that entered.
REFERENCES = ("tf.nn.relu", "PyTorch", "JAX", "tca.numpy")
