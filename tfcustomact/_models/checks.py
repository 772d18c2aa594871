"""The checks of the models that are given."""

from typing import Any

import keras

from tfcustomact._arguments import check_keras_backend


def check_model(model: Any) -> None:
    """Raises ``TypeError``, ``ValueError`` or ``RuntimeError`` if no twin can be made of the model."""
    check_keras_backend()
    if not isinstance(model, keras.Model):
        raise TypeError(f"model is a {type(model).__module__}.{type(model).__qualname__}: a keras.Model is accepted")
    if not model.built:
        raise ValueError(f"the model {model.name!r} is not built: call it, or its build(), first")
