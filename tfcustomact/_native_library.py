"""Finds the compiled TensorFlow ops and loads them, or says why they cannot be used."""

from functools import cache
from pathlib import Path
from types import ModuleType

import tensorflow as tf

_LIBRARY = Path(__file__).parent / "_tensorflow_ops.so"
_REMEDY = (
    "install tfcustomact again beside this TensorFlow, with a C++17 compiler at hand: "
    "pip install --force-reinstall --no-deps --no-cache-dir tfcustomact"
)


@cache
def load() -> ModuleType | str:
    """Returns the compiled ops, loaded on first use, or the reason why they cannot be used."""
    try:
        from tfcustomact import _kernels
    except ImportError as error:
        return f"the compiled kernels were not built ({error}); {_REMEDY}"
    built_for = _kernels.build_info()["built for TensorFlow"]
    if _minor_version(built_for) != _minor_version(tf.__version__):
        return f"the compiled ops were built for TensorFlow {built_for}, and this is {tf.__version__}; {_REMEDY}"
    try:
        return tf.load_op_library(str(_LIBRARY))
    except (tf.errors.OpError, OSError) as error:
        return f"the compiled ops cannot be loaded ({error}); {_REMEDY}"


def _minor_version(version: str) -> str:
    # What TensorFlow's interfaces for compiled ops hold for: 2.21 of 2.21.0.
    return ".".join(version.split(".")[:2])
