"""Swish and ELU for TensorFlow, at the price of ReLU and right to the last bit."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tfcustomact import testing
from tfcustomact._keras import reason_against_keras
from tfcustomact._version import __version__

__all__ = ["__version__", "cuda", "elu", "explain", "layers", "numpy", "silu", "swish", "testing", "use_backend"]

if reason_against_keras() is None:
    from tfcustomact import layers
    from tfcustomact._dispatch import use_backend
    from tfcustomact._functions import elu, explain, silu, swish

# Type checkers read the imports: to them, a module with __getattr__ has every attribute, of type Any.
if TYPE_CHECKING:
    from tfcustomact import cuda, numpy
else:

    def __getattr__(name: str) -> Any:
        # These need the compiled kernels: whoever does not use them can do without.
        if name in ("cuda", "numpy"):
            return import_module(f"tfcustomact.{name}")
        if name in __all__:
            raise ImportError(f"tfcustomact.{name} {reason_against_keras()}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
