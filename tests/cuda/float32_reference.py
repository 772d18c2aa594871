"""Errors of float32 results in ULP, computed where they are: against the definitions in PyTorch's float64."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def exact(function: str, x: "Tensor") -> "Tensor":
    """Returns a function's values, or slopes, at float64 ``x``, for the default parameter."""
    import torch

    power = torch.exp(-x.abs())
    total = 1 + power
    positive = x > 0
    if function == "swish":
        # The power is zero where x is -inf, whose product with it is not -0.
        value = torch.where(positive, x, torch.where(x.isneginf(), -0.0, x * power)) / total
    elif function == "swish_grad":
        numerator = torch.where(positive, total + x * power, power * (total + x))
        value = torch.where(x.isinf(), positive.to(x.dtype), numerator / total**2)
    elif function == "elu":
        value = torch.where(positive | (x == 0), x, torch.expm1(x))
    else:
        value = torch.where(positive, 1.0, power)
    return torch.where(x.isnan(), x, value)


def ulp_errors(function: str, got: "Tensor", x: "Tensor") -> "Tensor":
    """Returns the errors of float32 ``got`` at float32 ``x`` in ULP, infinite where a special value is missed.

    No ULP is smaller than those of normal numbers; around the root of swish's slope, none is than those of 2^-4.
    """
    import torch

    wide = x.double()
    wanted = exact(function, wide)
    floor = torch.full_like(wanted, 2.0**-126)
    if function == "swish_grad":
        floor[(wide >= -2) & (wide <= -0.8)] = 2.0**-4
    rounded = wanted.float()
    _, exponent = torch.frexp(torch.maximum(rounded.double().abs(), floor))
    errors = torch.ldexp((got.double() - wanted).abs(), 24 - exponent)
    special = ~(rounded.isfinite() & got.isfinite())
    met = (rounded == got) | (rounded.isnan() & got.isnan())
    errors = torch.where(special, torch.where(met, 0.0, float("inf")).to(errors.dtype), errors)
    if not function.endswith("_grad"):
        errors[(got == 0) & (got.signbit() != wanted.signbit())] = float("inf")
    return errors
