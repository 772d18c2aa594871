"""Swish and ELU for TensorFlow, at the price of ReLU and right to the last bit."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tfcustomact import testing
from tfcustomact._remedies import NO_TENSORFLOW
from tfcustomact._version import __version__

__all__ = ["__version__", "cuda", "elu", "explain", "layers", "numpy", "silu", "swish", "testing", "use_backend"]

if find_spec("tensorflow") and find_spec("keras"):
    from tfcustomact import layers
    from tfcustomact._dispatch import use_backend
    from tfcustomact._functions import elu, explain, silu, swish


def __getattr__(name: str) -> Any:
    # These need the compiled kernels: whoever does not use them can do without.
    if name in ("cuda", "numpy"):
        return import_module(f"tfcustomact.{name}")
    if name in __all__:
        raise ImportError(f"tfcustomact.{name} needs TensorFlow and Keras, which are not installed; {NO_TENSORFLOW}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
