"""What the tests do with PyTorch's tensors on the device."""

from typing import TYPE_CHECKING, Any

import tfcustomact as tca

if TYPE_CHECKING:
    from torch import Tensor

DERIVATIVES = {"swish": 0, "swish_grad": 1, "elu": 0, "elu_grad": 1}
DEVICE = "cuda"


def bits(tensor: "Tensor") -> "Tensor":
    """The tensor as integers, so that NaN equals itself and zeros have signs."""
    import torch

    return tensor.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()])


def call(function: str, x: "Tensor", parameter: float = 1.0, dy: "Tensor | None" = None, **keywords: Any) -> "Tensor":
    """One of the functions of tfcustomact.cuda; a derivative with dy = 1 unless it is given."""
    inputs = (x,)
    if DERIVATIVES[function]:
        inputs = (x.new_ones(x.shape) if dy is None else dy, x)
    return getattr(tca.cuda, function)(*inputs, parameter, **keywords)
