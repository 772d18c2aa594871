"""Activations for TensorFlow and Keras: one pass over memory, forward and backward, exact to a stated error."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tfcustomact import testing
from tfcustomact._keras import reason_against_keras
from tfcustomact._version import __version__
from tfcustomact.activations import ACTIVATIONS

__all__ = [
    "__version__",
    "accelerate",
    "activation",
    "cuda",
    "explain",
    "gated",
    "geglu",
    "layers",
    "numpy",
    "portable",
    "swiglu",
    "testing",
    "use_backend",
]
__all__ += [name for activation in ACTIVATIONS.values() for name in activation.names]

if TYPE_CHECKING or reason_against_keras() is None:
    from tfcustomact import layers
    from tfcustomact._dispatch import use_backend
    from tfcustomact._functions import explain
    from tfcustomact._gated import gated as gated
    from tfcustomact._gated import geglu as geglu
    from tfcustomact._gated import swiglu as swiglu
    from tfcustomact._models.accelerate import accelerate
    from tfcustomact._models.portable import portable
    from tfcustomact._own import activation
    from tfcustomact.activations import *  # noqa: F403

# Type checkers read the imports: to them, a module with __getattr__ has every attribute, of type Any.
if TYPE_CHECKING:
    from tfcustomact import cuda, numpy
else:

    def __getattr__(name: str) -> Any:
        # Imported on first use, since they need the compiled kernels.
        if name in ("cuda", "numpy"):
            return import_module(f"tfcustomact.{name}")
        if name in __all__:
            raise ImportError(f"tfcustomact.{name} {reason_against_keras()}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
