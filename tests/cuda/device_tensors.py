"""What the tests do with PyTorch's tensors on the device."""

from typing import TYPE_CHECKING, Any

import pytest

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS

if TYPE_CHECKING:
    from torch import Tensor

DERIVATIVES = {f"{op}{suffix}": derivative for op in ACTIVATIONS for derivative, suffix in enumerate(("", "_grad"))}
DEVICE = "cuda"


def bits(tensor: "Tensor") -> "Tensor":
    """The tensor as integers, so that NaN equals itself and zeros have signs."""
    import torch

    return tensor.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()])


def call(function: str, x: "Tensor", *arguments: float, dy: "Tensor | None" = None, **keywords: Any) -> "Tensor":
    """One of the functions of tfcustomact.cuda; a derivative with dy = 1 unless it is given."""
    if function not in tca.cuda.__all__:
        pytest.skip(f"this build has no kernels for {function}")
    inputs = (x,)
    if DERIVATIVES[function]:
        inputs = (x.new_ones(x.shape) if dy is None else dy, x)
    return getattr(tca.cuda, function)(*inputs, *arguments, **keywords)
