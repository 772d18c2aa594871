"""Contestants: who computes an activation, in which cases, and why not."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfcustomact._commands import arrays, machine
from tfcustomact._commands.cases import TENSOR_MODES, Case
from tfcustomact._commands.timing import device_operands
from tfcustomact._commands.timing.measurement import Budget, Measurement, Runner, measure
from tfcustomact.activations import ACTIVATIONS

EVERY_OP = tuple(ACTIVATIONS)
WITH_ARGUMENT = tuple(op for op, activation in ACTIVATIONS.items() if activation.arguments)


def ops_with(library: str) -> tuple[str, ...]:
    """The activations that a library has."""
    return tuple(op for op in ACTIVATIONS if library in ACTIVATIONS[op].peers)


@dataclass(frozen=True)
class Contestant:
    """``prepare`` makes what is timed in a case; ``kind`` is the kind of device that it is for, and ``ops``
    are the activations that it has: None means every one."""

    name: str
    modes: tuple[str, ...]
    prepare: Callable[[Case], Runner]
    reasons_against: Callable[[Case], list[str]]
    kind: str | None = None
    ops: tuple[str, ...] | None = None
    ours: bool = False

    def enters(self, case: Case) -> bool:
        suits = case.mode in self.modes and self.kind in (None, case.kind)
        return suits and (self.ops is None or case.op in self.ops) and not self.reasons_against(case)


def _backend(name: str) -> Contestant:
    from tfcustomact._commands import tensors

    # Inside jit_compile the xla backend is the same computation as the python backend.
    modes = ("eager", "graph") if name == "xla" else TENSOR_MODES
    prepare = functools.partial(tensors.backend_runner, name)
    return Contestant(name, modes, prepare, functools.partial(tensors.reasons_against_backend, name), ours=True)


def _tensorflow(name: str, function: Callable[[Any], Any], *ops: str) -> Contestant:
    from tfcustomact._commands import tensors

    prepare = functools.partial(tensors.runner, function)
    return Contestant(name, TENSOR_MODES, prepare, tensors.reasons_against, ops=ops or None)


def _on_tensors() -> list[Contestant]:
    if not machine.has_tensorflow():
        return []
    import tensorflow as tf

    from tfcustomact.backends import BACKENDS

    found = [*map(_backend, BACKENDS), _tensorflow("tf.nn.relu", tf.nn.relu)]
    return [*found, *itertools.chain.from_iterable(map(_theirs, ACTIVATIONS)), *_gated(), *_with_operands()]


def _theirs(op: str) -> list[Contestant]:
    from tfcustomact._commands import tensors

    return [_tensorflow(words, function, op) for words, function in tensors.theirs(op).items()]


def _gated() -> list[Contestant]:
    from tfcustomact._commands import tensors
    from tfcustomact._commands.timing import gated

    # Timed for a promise alone: in no mode do they take part in a table.
    plain = functools.partial(gated.runner, gated.plain_swiglu)
    return [
        Contestant("tca.swiglu", (), gated.unit, gated.reasons_against_unit, ops=("swish",), ours=True),
        Contestant("tf.nn.silu(gate) * up", (), plain, tensors.reasons_against, ops=("swish",)),
    ]


def _with_operands() -> list[Contestant]:
    from tfcustomact._commands import tensors
    from tfcustomact._commands.timing import operands

    native = functools.partial(tensors.reasons_against_backend, "native")
    found = [
        Contestant("native, bias", (), operands.with_bias, native, ours=True),
        Contestant("tf.nn.bias_add, native", (), operands.after_bias_add, native),
        Contestant("native, argument per channel", (), operands.with_argument, native, ops=WITH_ARGUMENT, ours=True),
        Contestant("native, variable", (), operands.with_variable, native, ops=WITH_ARGUMENT, ours=True),
        Contestant("native, and a variable read", (), operands.beside_variable, native, ops=WITH_ARGUMENT),
    ]
    for op in WITH_ARGUMENT:
        of_argument = ACTIVATIONS[op].of_argument
        for words, function in of_argument.compositions.items() if of_argument else ():
            prepare = functools.partial(operands.per_channel, function)
            found.append(Contestant(words, (), prepare, tensors.reasons_against, ops=(op,)))
    return found


def _on_arrays() -> list[Contestant]:
    def kernels(case: Case) -> list[str]:
        return arrays.reasons_against_kernel(case.op, case.device)

    into, new = (functools.partial(arrays.kernel_runner, preallocated=given) for given in (True, False))
    waited_for = functools.partial(arrays.kernel_runner, preallocated=False, waited_for=True)
    relu = functools.partial(arrays.torch_runner, name="relu")
    compiled = functools.partial(arrays.torch_runner, compiled=True)
    torch, jax = arrays.reasons_against_torch, arrays.reasons_against_jax
    in_torch, in_jax, array = ops_with("torch"), ops_with("jax"), ("array",)
    return [
        Contestant("tca.numpy out=", array, into, kernels, "CPU", ours=True),
        Contestant("tca.numpy", array, new, kernels, "CPU", ours=True),
        Contestant("PyTorch", array, arrays.torch_runner, torch, "CPU", in_torch),
        Contestant("PyTorch out=", array, arrays.torch_out_runner, arrays.reasons_against_torch_out, "CPU", in_torch),
        Contestant("JAX", array, arrays.jax_runner, jax, "CPU", in_jax),
        Contestant("tca.cuda out=", array, into, kernels, "GPU", ours=True),
        Contestant("tca.cuda", array, new, kernels, "GPU", ours=True),
        # Timed for promises alone: in no mode do they take part in a table.
        Contestant("tca.cuda, waited for", (), waited_for, kernels, "GPU", ours=True),
        Contestant("tca.cuda gated out=", (), device_operands.gated, kernels, "GPU", ours=True),
        Contestant("tca.cuda bias out=", (), device_operands.with_bias, kernels, "GPU", ours=True),
        Contestant(
            "tca.cuda per channel out=", (), device_operands.per_channel, kernels, "GPU", WITH_ARGUMENT, ours=True
        ),
        Contestant("copy", array, arrays.copy_runner, torch, "GPU"),
        Contestant("torch.relu", array, relu, torch, "GPU"),
        Contestant("PyTorch on CUDA", array, arrays.torch_runner, torch, "GPU", in_torch),
        Contestant("torch.compile", array, compiled, arrays.reasons_against_torch_compile, "GPU", in_torch),
        Contestant("JAX on CUDA", array, arrays.jax_runner, jax, "GPU", in_jax),
    ]


CONTESTANTS = {contestant.name: contestant for contestant in (*_on_tensors(), *_on_arrays())}


def add_own(op: str) -> None:
    """Adds those who compute an activation of one's own: itself, however it chooses, and its formula."""
    activation = ACTIVATIONS[op]
    name = activation.name
    found = [replace(_tensorflow(name, activation.function, op), ours=True), *_theirs(op)]
    CONTESTANTS.update({contestant.name: contestant for contestant in found})


# The references of ratios in tables and comparisons: the first of these that takes part in a case.
REFERENCES = ("tf.nn.relu", "copy", "PyTorch", "JAX", "tca.numpy")

# A contestant's name, and what it computes.
Entry = tuple[str, Case]

# Inputs, their copies for every library, outputs and temporaries, in tensors of the case's size.
_COPIES_ALIVE = 16


def fits_memory(case: Case) -> bool:
    memory = machine.memory_bytes(case.device)
    return memory is None or _COPIES_ALIVE * case.size * np.dtype(case.dtype).itemsize < memory / 2


def entries(case: Case) -> list[Entry]:
    """All who can be measured in a case."""
    return [(name, case) for name, contestant in CONTESTANTS.items() if contestant.enters(case)]


def placed_on(device: str) -> contextlib.AbstractContextManager:
    # With one kind of device the scope would only add its own cost to every call.
    if len(machine.tensor_devices()) < 2:
        return contextlib.nullcontext()
    import tensorflow as tf

    return tf.device(device)


def measured(
    group: Collection[Entry], budget: Budget, pairs: Collection[tuple[Entry, Entry]] = ()
) -> dict[Entry, Measurement]:
    """Measure a group whose cases share one device; until the ratios of these pairs are known, if there are any."""
    (device,) = {case.device for _, case in group}
    with placed_on(device):
        return measure({(name, case): CONTESTANTS[name].prepare(case) for name, case in group}, budget, pairs)
