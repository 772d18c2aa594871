"""Keras layers of the activations."""

from typing import TYPE_CHECKING, Any

from tfcustomact._keras import reason_against_keras

if reason := reason_against_keras():
    raise ImportError(f"tfcustomact.layers {reason}")

from tfcustomact._dense_layers import Dense, Gated, GatedDense
from tfcustomact._layers import layer_class
from tfcustomact.activations import ACTIVATIONS

_CLASSES = {activation.layer: layer_class(activation) for activation in ACTIVATIONS.values()}
_CLASSES |= {each.__name__: each for each in (Dense, Gated, GatedDense)}

__all__ = [*_CLASSES]

globals().update(_CLASSES)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
