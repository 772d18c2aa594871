"""Whether TensorFlow and Keras can be used."""

import os
from functools import cache
from importlib.util import find_spec

from tfcustomact._remedies import KERAS_ON_TENSORFLOW, NO_TENSORFLOW

_OTHER_BACKENDS = ("jax", "numpy", "openvino", "torch")


@cache
def reason_against_keras() -> str | None:
    """Returns why Keras cannot be used, to follow the name of what needs it, or None; imports Keras if it is there."""
    if not (find_spec("tensorflow") and find_spec("keras")):
        return f"needs TensorFlow and Keras, which are not installed; {NO_TENSORFLOW}"
    try:
        import keras  # noqa: F401
    except (ImportError, ValueError) as error:
        # An import of its backend that fails leaves Keras unable to tell which it is.
        backend = os.environ.get("KERAS_BACKEND") or getattr(error, "name", None)
        if backend not in _OTHER_BACKENDS:
            raise
        return f"needs Keras, whose backend {backend!r} cannot be imported ({error}); {KERAS_ON_TENSORFLOW}"
    return None
