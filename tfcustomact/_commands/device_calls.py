"""Calls on arrays in the CUDA device's memory. PyTorch, which makes them, and JAX are imported only where they are
timed."""

import functools
from importlib.util import find_spec
from typing import TYPE_CHECKING

import ml_dtypes
import numpy as np

import tfcustomact as tca
from tfcustomact._commands.array_calls import (
    TORCH_NAMES,
    jax_compiled,
    kernel_call,
    torch_tensor,
    torch_value_and_gradient,
)
from tfcustomact._commands.cases import Case
from tfcustomact._commands.machine import reasons_against_cuda
from tfcustomact._commands.timing import Call

if TYPE_CHECKING:
    import torch

_DEVICE = "cuda:0"


def reasons_against_device_arrays() -> list[str]:
    reasons = reasons_against_cuda()
    if not find_spec("torch"):
        return [*reasons, "PyTorch, which makes arrays on the device, is not installed"]
    if not reasons:
        import torch

        if not torch.cuda.is_available():
            return ["PyTorch, which makes arrays on the device, cannot use it"]
    return reasons


def reasons_against_torch_compile() -> list[str]:
    reasons = reasons_against_device_arrays()
    return reasons if find_spec("triton") else [*reasons, "Triton, which torch.compile needs, is not installed"]


def reasons_against_jax() -> list[str]:
    reasons = reasons_against_device_arrays()
    if not find_spec("jax"):
        return [*reasons, "jax is not installed"]
    if reasons:
        return reasons
    import jax

    return [] if jax.default_backend() == "gpu" else ["JAX cannot use the GPU"]


def wait() -> None:
    import torch

    torch.cuda.synchronize()


def to_device(array: np.ndarray) -> "torch.Tensor":
    return torch_tensor(array).to(_DEVICE)


def to_host(tensor: "torch.Tensor") -> np.ndarray:
    import torch

    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).cpu().numpy().view(ml_dtypes.bfloat16)
    return tensor.cpu().numpy()


@functools.lru_cache(maxsize=2)
def tensors(dtype: str, size: int) -> "tuple[torch.Tensor, torch.Tensor]":
    """``x`` and the incoming gradient ``dy``, both from a standard normal distribution."""
    import torch

    generator = torch.Generator(_DEVICE).manual_seed(size)
    x, dy = (torch.randn(size, generator=generator, device=_DEVICE).to(getattr(torch, dtype)) for _ in range(2))
    return x, dy


def cuda_call(case: Case, *, preallocated: bool) -> Call:
    import torch

    return kernel_call(tca.cuda, case, *tensors(case.dtype, case.size), torch.empty_like if preallocated else None)


def copy_call(case: Case) -> Call:
    """One array copied to another, whatever the direction: what others' bytes are held to."""
    import torch

    x, _ = tensors(case.dtype, case.size)
    return functools.partial(torch.empty_like(x).copy_, x)


def torch_call(case: Case, function: str | None = None, *, compiled: bool = False) -> Call:
    """PyTorch's activation, or ``function``, with the gradient that PyTorch makes of it."""
    import torch

    activation = getattr(torch.nn.functional, function or TORCH_NAMES[case.op])
    if compiled:
        activation = torch.compile(activation, dynamic=False)
    x, dy = tensors(case.dtype, case.size)
    if case.direction == "forward":
        return functools.partial(activation, x)
    x = x.detach().requires_grad_()
    if case.direction == "backward":
        y = activation(x)
        return functools.partial(torch.autograd.grad, y, x, dy, retain_graph=True)

    return torch_value_and_gradient(activation, x, dy)


def jax_call(case: Case) -> Call:
    import jax

    return jax_compiled(case, *map(jax.dlpack.from_dlpack, tensors(case.dtype, case.size)))
