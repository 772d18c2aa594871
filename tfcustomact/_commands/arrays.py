"""Contestants on arrays, in the host's memory and in a CUDA device's. PyTorch, which makes the device's arrays, and JAX
are imported only where they are timed."""

import functools
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np

import tfcustomact as tca
from tfcustomact._commands import machine
from tfcustomact._commands.cases import Case, inputs
from tfcustomact._commands.timing.measurement import FLUSHED_BYTES, Call, Clock, Runner, waiting_clock
from tfcustomact.activations import ACTIVATIONS

if TYPE_CHECKING:
    import torch

_DEVICE = "cuda:0"

# OpenMP's threads, which PyTorch computes with, go on spinning for some milliseconds after each call.
_OPENMP_COOLDOWN = 0.01


def reasons_against_kernel(op: str, device: str) -> list[str]:
    on_host = device == machine.HOST
    reasons = machine.reasons_against_kernels() if on_host else reasons_against_device_arrays()
    if not reasons and not hasattr(tca.numpy if on_host else tca.cuda, op):
        return [f"this build has no kernels for {op}"]
    return reasons


def reasons_against_torch(case: Case) -> list[str]:
    return _not_installed("torch") if case.kind == "CPU" else reasons_against_device_arrays()


def reasons_against_torch_out(case: Case) -> list[str]:
    reasons = reasons_against_torch(case)
    if reasons:
        return reasons
    name = ACTIVATIONS[case.op].peers["torch"]
    needed = [(name, "out")] if case.direction != "backward" else []
    needed += [(f"{name}_backward", "grad_input")] if case.direction != "forward" else []
    return [f"PyTorch has no {op} that writes to a given array" for op, into in needed if not _aten(op, into)]


def reasons_against_torch_compile(case: Case) -> list[str]:
    needed = [] if find_spec("triton") else ["Triton, which torch.compile needs, is not installed"]
    return reasons_against_torch(case) + needed


def reasons_against_jax(case: Case) -> list[str]:
    reasons = _not_installed("jax")
    if case.kind == "CPU":
        return reasons
    reasons = reasons_against_device_arrays() + reasons
    if not reasons:
        import jax

        return [] if jax.default_backend() == "gpu" else ["JAX cannot use the GPU"]
    return reasons


def reasons_against_device_arrays() -> list[str]:
    reasons = machine.reasons_against_cuda()
    if not find_spec("torch"):
        return [*reasons, "PyTorch, which makes arrays on the device, is not installed"]
    if not reasons:
        import torch

        if not torch.cuda.is_available():
            return ["PyTorch, which makes arrays on the device, cannot use it"]
    return reasons


def _not_installed(package: str) -> list[str]:
    return [] if find_spec(package) else [f"{package} is not installed"]


def to_device(array: np.ndarray) -> "torch.Tensor":
    return _torch_tensor(array).to(_DEVICE)


def to_host(tensor: "torch.Tensor") -> np.ndarray:
    import torch

    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).cpu().numpy().view(ml_dtypes.bfloat16)
    return tensor.cpu().numpy()


def kernel_runner(case: Case, *, preallocated: bool, waited_for: bool = False) -> Runner:
    """tfcustomact.numpy or tfcustomact.cuda; into arrays that are made before, if ``preallocated``.

    On a device it is timed as JAX is, if ``waited_for``."""
    on_host = case.kind == "CPU"
    module: ModuleType = tca.numpy if on_host else tca.cuda
    x, dy = inputs(case.dtype, case.size) if on_host else device_tensors(case.dtype, case.size)
    value = functools.partial(getattr(module, case.op), x)
    gradient = functools.partial(getattr(module, f"{case.op}_grad"), dy, x)
    if preallocated:
        empty_like = np.empty_like if on_host else import_module("torch").empty_like
        value, gradient = (functools.partial(call, out=empty_like(x)) for call in (value, gradient))
    clock = _waiting_clock if waited_for else event_clock
    return runner(case, _in_direction(case, value, gradient), clock=clock)


def copy_runner(case: Case) -> Runner:
    """One array copied to another, whatever the direction: what others' bytes are held to."""
    import torch

    x, _ = device_tensors(case.dtype, case.size)
    return runner(case, functools.partial(torch.empty_like(x).copy_, x))


def torch_runner(case: Case, name: str | None = None, *, compiled: bool = False) -> Runner:
    """PyTorch's activation, or its function ``name``, with the gradient that PyTorch makes of it."""
    import torch

    name = name or ACTIVATIONS[case.op].peers["torch"]
    function = getattr(torch.nn.functional, name)
    if compiled:
        # After a few shapes of one function it would no longer be compiled, and run as it is.
        torch.compiler.reset()
        function = torch.compile(function, dynamic=False)
    x, dy = _torch_tensors(case)
    if case.direction == "forward":
        return runner(case, functools.partial(function, x), _OPENMP_COOLDOWN)
    gradient = _aten_gradient(name, "default", x, dy) if case.kind == "CPU" else None
    if case.direction == "backward" and gradient:
        return runner(case, gradient, _OPENMP_COOLDOWN)
    x = x.detach().requires_grad_()
    if case.direction == "backward":
        y = function(x)
        return runner(case, functools.partial(torch.autograd.grad, y, x, dy, retain_graph=True), _OPENMP_COOLDOWN)

    def both() -> object:
        y = function(x)
        return y, torch.autograd.grad(y, x, dy)

    return runner(case, both, _OPENMP_COOLDOWN)


def torch_out_runner(case: Case) -> Runner:
    import torch

    name = ACTIVATIONS[case.op].peers["torch"]
    x, dy = _torch_tensors(case)
    value = functools.partial(_aten(name, "out"), x, out=torch.empty_like(x))
    gradient = _aten_gradient(name, "grad_input", x, dy)
    into = gradient and functools.partial(gradient, grad_input=torch.empty_like(x))
    return runner(case, _in_direction(case, value, into), _OPENMP_COOLDOWN)


def jax_runner(case: Case) -> Runner:
    import jax

    jax.config.update("jax_enable_x64", True)
    function = getattr(jax.nn, ACTIVATIONS[case.op].peers["jax"])
    if case.kind == "CPU":
        x, dy = jax.device_put(inputs(case.dtype, case.size), jax.devices("cpu")[0])
    else:
        x, dy = map(jax.dlpack.from_dlpack, device_tensors(case.dtype, case.size))

    def both(x: jax.Array, dy: jax.Array) -> tuple[jax.Array, jax.Array]:
        y, pull_back = jax.vjp(function, x)
        return y, pull_back(dy)[0]

    compiled, operands = {
        "forward": (jax.jit(function), (x,)),
        "backward": (jax.jit(lambda x, dy: both(x, dy)[1]), (x, dy)),
        "both": (jax.jit(both), (x, dy)),
    }[case.direction]
    return runner(case, lambda: jax.block_until_ready(compiled(*operands)), clock=_waiting_clock)


def event_clock() -> Clock:
    """For work on PyTorch's current stream: CUDA events around each call."""
    import torch

    def mark() -> torch.cuda.Event:
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    # PyTorch counts milliseconds.
    return Clock(_flush, mark, lambda first, last: first.elapsed_time(last) * 1e-3)


def _waiting_clock() -> Clock:
    import torch

    return waiting_clock(_flush, torch.cuda.synchronize)


def _flush() -> None:
    _flushed_memory().zero_()


@functools.cache
def _flushed_memory() -> "torch.Tensor":
    import torch

    return torch.empty(FLUSHED_BYTES, dtype=torch.int8, device=_DEVICE)


def runner(case: Case, call: Call, cooldown: float = 0.0, clock: Callable[[], Clock] = event_clock) -> Runner:
    """``cooldown`` is that of the host, ``clock`` that of the device."""
    if case.kind == "CPU":
        return Runner(call, cooldown=cooldown)
    import torch

    return Runner(call, torch.cuda.synchronize, clock=clock())


def _in_direction(case: Case, value: Any, gradient: Any) -> Call:
    return {"forward": value, "backward": gradient, "both": lambda: (value(), gradient())}[case.direction]


def _torch_tensors(case: Case) -> "Iterable[torch.Tensor]":
    import torch

    if case.kind != "CPU":
        return device_tensors(case.dtype, case.size)
    torch.set_num_threads(machine.threads())
    return map(_torch_tensor, inputs(case.dtype, case.size))


def _torch_tensor(array: np.ndarray) -> "torch.Tensor":
    """PyTorch's tensor of an array's memory; bfloat16 too, which neither knows of the other."""
    import torch

    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


@functools.lru_cache(maxsize=2)
def device_tensors(dtype: str, size: int) -> "tuple[torch.Tensor, torch.Tensor]":
    """The same distribution as the host's `inputs`."""
    import torch

    generator = torch.Generator(_DEVICE).manual_seed(size)
    x, dy = (torch.randn(size, generator=generator, device=_DEVICE).to(getattr(torch, dtype)) for _ in range(2))
    return x, dy


def _aten(op: str, overload: str) -> Any:
    """An op of PyTorch, or None if it has none of that kind."""
    import torch

    return getattr(getattr(torch.ops.aten, op, None), overload, None)


def _aten_gradient(name: str, overload: str, x: Any, dy: Any) -> Callable[..., object] | None:
    """PyTorch's op for the gradient alone, if there is one. What it takes beside ``dy`` and ``x`` are the activation's
    own arguments, with their defaults."""
    op = _aten(f"{name}_backward", overload)
    if op is None:
        return None
    known = {"grad_output": dy, "self": x, "self_or_result": x, "is_result": False}
    for argument in _aten(name, "default")._schema.arguments:
        known.setdefault(argument.name, argument.default_value)
    taken = [argument for argument in op._schema.arguments if argument.name != "grad_input"]
    by_name = {argument.name: known[argument.name] for argument in taken if argument.kwarg_only}
    return functools.partial(op, *(known[argument.name] for argument in taken if not argument.kwarg_only), **by_name)
