"""Swish and ELU for TensorFlow, at the price of ReLU and right to the last bit."""

from importlib import import_module
from types import ModuleType

from tfcustomact import layers, testing
from tfcustomact._dispatch import use_backend
from tfcustomact._functions import elu, explain, silu, swish
from tfcustomact._version import __version__

__all__ = ["__version__", "elu", "explain", "layers", "numpy", "silu", "swish", "testing", "use_backend"]


def __getattr__(name: str) -> ModuleType:
    # tfcustomact.numpy needs the compiled kernels: whoever does not use it can do without them.
    if name == "numpy":
        return import_module("tfcustomact.numpy")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
