"""Finds the compiled TensorFlow ops and loads them, or says why they cannot be used."""

import ctypes
import os
from functools import cache
from pathlib import Path
from types import ModuleType

import tensorflow as tf
from tensorflow.python.framework import op_def_registry

from tfcustomact import _libraries
from tfcustomact._remedies import NO_KERNELS, NO_TENSORFLOW_OPS
from tfcustomact.activations import ACTIVATIONS

# Without symbolic links: TensorFlow finds the ops of a library that it has loaded already by the path alone.
_LIBRARY = (Path(__file__).parent / "_tensorflow_ops.so").resolve()
_LOADED_BEFORE = (
    f"the compiled ops were loaded in this process already, and not from {_LIBRARY}: load one copy of tfcustomact only"
)


@cache
def load() -> ModuleType | str:
    """Returns the compiled ops, loaded on first use, or the reason why they cannot be used."""
    try:
        kernels = _libraries.kernels()
    except ModuleNotFoundError:
        return f"the compiled kernels were not built; {NO_KERNELS}"
    except ImportError as error:
        return f"the compiled kernels cannot be loaded ({error}); {NO_KERNELS}"
    built_for = kernels.build_info()["built for TensorFlow"]
    if built_for == "none":
        return f"the compiled ops were not built; {NO_TENSORFLOW_OPS}"
    if _minor_version(built_for) != _minor_version(tf.__version__):
        wanted = f'pip install "tensorflow=={_minor_version(built_for)}.*"'
        return f"the compiled ops were built for TensorFlow {built_for}, and this is {tf.__version__}: {wanted}"
    if any(op_def_registry.get(op_type(op)) for op in ACTIVATIONS) and not _is_in_memory(_LIBRARY):
        # TensorFlow would register the same kernels a second time, and from then on refuse to run either.
        return _LOADED_BEFORE
    try:
        _libraries.check_length(_LIBRARY)
        library = tf.load_op_library(str(_LIBRARY))
    except (tf.errors.OpError, OSError, ImportError) as error:
        return f"the compiled ops cannot be loaded ({error}); {NO_KERNELS}"
    # The same file under another name gives a module without ops.
    return library if any(hasattr(library, f"tfcustomact_{op}") for op in ACTIVATIONS) else _LOADED_BEFORE


def op_type(op: str) -> str:
    """Returns what TensorFlow calls the op that computes the activation named ``op``."""
    return "Tfcustomact" + "".join(word.capitalize() for word in op.split("_"))


def _is_in_memory(library: Path) -> bool:
    try:
        ctypes.CDLL(str(library), mode=os.RTLD_NOLOAD)
    except OSError:
        return False
    return True


def kept_memory() -> dict[str, int]:
    """Returns the bytes that the loaded ops' memory for outputs has in use and idle, and the bound of the latter."""
    facts = (ctypes.c_size_t * 3)()
    ctypes.CDLL(str(_LIBRARY)).TfcustomactKeptMemory(facts)
    return dict(zip(("bound", "in use", "idle"), facts, strict=True))


def _minor_version(version: str) -> str:
    # What TensorFlow's interfaces for compiled ops hold for: 2.21 of 2.21.0.
    return ".".join(version.split(".")[:2])
