"""The list of activations: one line each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Activation:
    """An activation's name, and its parameter with its default."""

    name: str
    parameter: str
    default: float


SWISH = Activation("swish", "beta", 1.0)
ELU = Activation("elu", "alpha", 1.0)

ACTIVATIONS = {activation.name: activation for activation in (SWISH, ELU)}
