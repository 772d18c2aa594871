"""Errors of float32 results in ULP, computed where they are: against the definitions in PyTorch's float64."""

import math
from typing import TYPE_CHECKING, Any

from device_tensors import DERIVATIVES

from tfcustomact.activations import ACTIVATIONS

if TYPE_CHECKING:
    from torch import Tensor


class _Float64:
    """The arithmetic of exact values in PyTorch's float64, which is precise enough for float32 numbers."""

    def __getattr__(self, name: str) -> Any:
        import torch

        return getattr(torch, name)

    def wide(self, x: "Tensor | str") -> "Tensor | float":
        return float(x) if isinstance(x, str) else x

    def halves(self, x: "Tensor") -> "tuple[Tensor, Tensor]":
        return x, 0 * x

    def truncated(self, x: "Tensor", bits: int) -> "Tensor":
        import torch

        return (x.view(torch.int64) & -(1 << bits)).view(torch.float64)

    def minimum(self, x: "Tensor", largest: float) -> "Tensor":
        return x.clamp(max=largest)

    def tail_of_normal(self, a: "Tensor") -> "tuple[Tensor, Tensor]":
        import torch

        # The square of the high part is exact.
        high = a.float().double()
        power = torch.exp(-high * high / 2) * torch.exp((high - a) * (high + a) / 2)
        return power / math.sqrt(2 * math.pi), power * torch.special.erfcx(a / math.sqrt(2)) / 2


def exact(function: str, x: "Tensor") -> "Tensor":
    """Returns a function's values, or derivatives, at float64 ``x``, for the default parameter."""
    activation = ACTIVATIONS[function.removesuffix("_grad")]
    defaults = (argument.default for argument in activation.arguments)
    return activation.exact(_Float64(), x, *defaults, derivative=DERIVATIVES[function])


def ulp_errors(function: str, got: "Tensor", x: "Tensor") -> "Tensor":
    """Returns the errors of float32 ``got`` at float32 ``x`` in ULP, infinite where a special value is missed.

    No ULP is smaller than those of normal numbers, nor around a root than what the activation says.
    """
    import torch

    wide = x.double()
    wanted = exact(function, wide)
    floor = torch.full_like(wanted, 2.0**-126)
    for root in ACTIVATIONS[function.removesuffix("_grad")].roots.get(DERIVATIVES[function], ()):
        # The default parameters are 1.
        floor[(root.low <= wide) & (wide <= root.high)] = root.size
    rounded = wanted.float()
    _, exponent = torch.frexp(torch.maximum(rounded.double().abs(), floor))
    errors = torch.ldexp((got.double() - wanted).abs(), 24 - exponent)
    special = ~(rounded.isfinite() & got.isfinite())
    met = (rounded == got) | (rounded.isnan() & got.isnan())
    errors = torch.where(special, torch.where(met, 0.0, float("inf")).to(errors.dtype), errors)
    if DERIVATIVES[function] == 0:
        errors[(got == 0) & (got.signbit() != wanted.signbit())] = float("inf")
    return errors
