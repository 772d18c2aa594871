"""Calls on arrays in the host's memory. PyTorch and JAX are imported only where they are timed."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np

import tfcustomact as tca
from tfcustomact._commands.cases import Case
from tfcustomact._commands.inputs import host_arrays
from tfcustomact._commands.machine import threads
from tfcustomact._commands.timing import Call

if TYPE_CHECKING:
    import torch

TORCH_NAMES = {"swish": "silu", "elu": "elu"}


def numpy_call(case: Case, *, preallocated: bool) -> Call:
    return kernel_call(tca.numpy, case, *host_arrays(case.dtype, case.size), np.empty_like if preallocated else None)


def kernel_call(module: ModuleType, case: Case, x: Any, dy: Any, empty_like: Callable[[Any], Any] | None) -> Call:
    """A call of tfcustomact.numpy or tfcustomact.cuda; into arrays that `empty_like` makes before, if given."""
    value = functools.partial(getattr(module, case.op), x)
    gradient = functools.partial(getattr(module, f"{case.op}_grad"), dy, x)
    if empty_like:
        value, gradient = (functools.partial(call, out=empty_like(x)) for call in (value, gradient))
    return in_direction(case, value, gradient)


def torch_call(case: Case) -> Call:
    import torch

    torch.set_num_threads(threads())
    x, dy = map(torch_tensor, host_arrays(case.dtype, case.size))
    if case.direction == "backward":
        return _torch_aten(case, "default", x, dy)[1]
    activation = getattr(torch.nn.functional, TORCH_NAMES[case.op])
    if case.direction == "forward":
        return functools.partial(activation, x)
    return torch_value_and_gradient(activation, x.requires_grad_(), dy)


def torch_value_and_gradient(activation: Callable[..., Any], x: Any, dy: Any) -> Call:
    import torch

    def both() -> object:
        y = activation(x)
        return y, torch.autograd.grad(y, x, dy)

    return both


def torch_out_call(case: Case) -> Call:
    import torch

    torch.set_num_threads(threads())
    x, dy = map(torch_tensor, host_arrays(case.dtype, case.size))
    value, gradient = _torch_aten(case, "out", x, dy)
    return in_direction(
        case,
        functools.partial(value, out=torch.empty_like(x)),
        functools.partial(gradient, grad_input=torch.empty_like(x)),
    )


def jax_call(case: Case) -> Call:
    import jax

    return jax_compiled(case, *jax.device_put(host_arrays(case.dtype, case.size), jax.devices("cpu")[0]))


def jax_compiled(case: Case, x: Any, dy: Any) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    activation = {"swish": jax.nn.silu, "elu": jax.nn.elu}[case.op]

    def both(x: jax.Array, dy: jax.Array) -> tuple[jax.Array, jax.Array]:
        y, pull_back = jax.vjp(activation, x)
        return y, pull_back(dy)[0]

    compiled, operands = {
        "forward": (jax.jit(activation), (x,)),
        "backward": (jax.jit(lambda x, dy: both(x, dy)[1]), (x, dy)),
        "both": (jax.jit(both), (x, dy)),
    }[case.direction]
    return lambda: jax.block_until_ready(compiled(*operands))


def torch_tensor(array: np.ndarray) -> "torch.Tensor":
    """PyTorch's tensor of an array's memory; bfloat16 too, which neither knows of the other."""
    import torch

    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def _torch_aten(case: Case, kind: str, x: object, dy: object) -> tuple[Callable[..., object], Callable[..., object]]:
    import torch

    aten = torch.ops.aten
    of_gradient = "grad_input" if kind == "out" else kind
    if case.op == "swish":
        return (
            functools.partial(getattr(aten.silu, kind), x),
            functools.partial(getattr(aten.silu_backward, of_gradient), dy, x),
        )
    return (
        functools.partial(getattr(aten.elu, kind), x),
        functools.partial(getattr(aten.elu_backward, of_gradient), dy, 1, 1, 1, False, x),
    )


def in_direction(case: Case, value: Call, gradient: Call) -> Call:
    if case.direction == "forward":
        return value
    if case.direction == "backward":
        return gradient
    return lambda: (value(), gradient())
