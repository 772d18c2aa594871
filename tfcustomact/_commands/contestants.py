"""Who is timed: one record for each way of computing an activation."""

import functools
from collections.abc import Callable

from tfcustomact._commands import array_calls, clocks, device_calls, machine
from tfcustomact._commands.cases import Case
from tfcustomact._commands.contestant import Contestant
from tfcustomact._commands.timing import Call, DeviceClock

_ARRAY = ("array",)

# OpenMP's threads, which PyTorch computes with, go on spinning for some milliseconds after each call.
_OPENMP_COOLDOWN = 0.01


def _numpy(name: str, *, preallocated: bool) -> Contestant:
    return Contestant(
        name,
        _ARRAY,
        functools.partial(array_calls.numpy_call, preallocated=preallocated),
        kinds=("CPU",),
        reasons_against=lambda case: machine.reasons_against_kernels(),
        ours=True,
    )


def _peer(name: str, package: str, build: Callable[[Case], Call], cooldown: float = 0.0) -> Contestant:
    return Contestant(
        name,
        _ARRAY,
        build,
        kinds=("CPU",),
        reasons_against=lambda case: machine.reasons_against_package(package),
        cooldown=cooldown,
    )


def _on_device(
    name: str,
    build: Callable[[Case], Call],
    clock: Callable[[], DeviceClock] = clocks.EventClock,
    reasons: Callable[[], list[str]] = device_calls.reasons_against_device_arrays,
    *,
    ours: bool = False,
) -> Contestant:
    return Contestant(
        name,
        _ARRAY,
        build,
        kinds=("GPU",),
        reasons_against=lambda case: reasons(),
        wait=lambda case: device_calls.wait,
        clock=lambda case: clock(),
        ours=ours,
    )


_ON_THE_HOST = (
    _numpy("tca.numpy out=", preallocated=True),
    _numpy("tca.numpy", preallocated=False),
    _peer("PyTorch", "torch", array_calls.torch_call, _OPENMP_COOLDOWN),
    _peer("PyTorch out=", "torch", array_calls.torch_out_call, _OPENMP_COOLDOWN),
    _peer("JAX", "jax", array_calls.jax_call),
)

_ON_THE_DEVICE = (
    _on_device("tca.cuda out=", functools.partial(device_calls.cuda_call, preallocated=True), ours=True),
    _on_device("tca.cuda", functools.partial(device_calls.cuda_call, preallocated=False), ours=True),
    _on_device("copy", device_calls.copy_call),
    _on_device("torch.relu", functools.partial(device_calls.torch_call, function="relu")),
    _on_device("PyTorch on CUDA", device_calls.torch_call),
    _on_device(
        "torch.compile",
        functools.partial(device_calls.torch_call, compiled=True),
        reasons=device_calls.reasons_against_torch_compile,
    ),
    _on_device("JAX on CUDA", device_calls.jax_call, clocks.torch_waiting_clock, device_calls.reasons_against_jax),
)


def _of_tensorflow() -> tuple[Contestant, ...]:
    if not machine.has_tensorflow():
        return ()
    from tfcustomact._commands.tensorflow_contestants import ALL

    return ALL


CONTESTANTS = {contestant.name: contestant for contestant in (*_of_tensorflow(), *_ON_THE_HOST, *_ON_THE_DEVICE)}

# Whom the others' times are divided by in tables and comparisons: the first of these that entered.
REFERENCES = ("tf.nn.relu", "copy", "PyTorch", "JAX", "tca.numpy")
