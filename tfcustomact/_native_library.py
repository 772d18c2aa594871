"""Finds the compiled TensorFlow ops and loads them, or says why they cannot be used."""

import ctypes
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import tensorflow as tf

from tfcustomact._remedies import NO_KERNELS, NO_TENSORFLOW_OPS

_LIBRARY = Path(__file__).parent / "_tensorflow_ops.so"


@cache
def load() -> ModuleType | str:
    """Returns the compiled ops, loaded on first use, or the reason why they cannot be used."""
    try:
        kernels = import_module("tfcustomact._kernels")
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
    try:
        return tf.load_op_library(str(_LIBRARY))
    except (tf.errors.OpError, OSError) as error:
        return f"the compiled ops cannot be loaded ({error}); {NO_KERNELS}"


def kept_memory() -> dict[str, int]:
    """Returns the bytes that the loaded ops' memory for outputs has in use and idle, and the bound of the latter."""
    facts = (ctypes.c_size_t * 3)()
    ctypes.CDLL(str(_LIBRARY)).TfcustomactKeptMemory(facts)
    return dict(zip(("bound", "in use", "idle"), facts, strict=True))


def _minor_version(version: str) -> str:
    # What TensorFlow's interfaces for compiled ops hold for: 2.21 of 2.21.0.
    return ".".join(version.split(".")[:2])
