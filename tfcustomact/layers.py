"""Keras layers of the activations."""

from typing import Any

from tfcustomact._remedies import NO_TENSORFLOW

try:
    import keras
    import tensorflow as tf
except ModuleNotFoundError as error:
    raise ImportError(f"tfcustomact.layers needs TensorFlow and Keras ({error}); {NO_TENSORFLOW}") from error

from tfcustomact import _dispatch, _functions
from tfcustomact._activations import ELU as ELU_ACTIVATION
from tfcustomact._activations import SWISH as SWISH_ACTIVATION


@keras.saving.register_keras_serializable(package="tfcustomact")
class Swish(keras.layers.Layer):
    """``x * sigmoid(beta * x)``, element by element: see `tfcustomact.swish`.

    Args:
        beta: a finite real number.
        backend: the backend to run on, as in `tfcustomact.swish`; it is saved with the model.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        TypeError: if ``beta`` is no real number.
        ValueError: if ``beta`` is not finite, or the backend unknown.
    """

    def __init__(self, beta: float = 1.0, *, backend: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.beta = _functions.finite_parameter(SWISH_ACTIVATION, beta)
        self.backend = _checked(backend)
        self.supports_masking = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        return _functions.swish(inputs, self.beta, backend=self.backend)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns ``input_shape``."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        return {**super().get_config(), "beta": self.beta, "backend": self.backend}


@keras.saving.register_keras_serializable(package="tfcustomact")
class ELU(keras.layers.Layer):
    """``x if x > 0 else alpha * expm1(x)``, element by element: see `tfcustomact.elu`.

    Args:
        alpha: a finite real number.
        backend: the backend to run on, as in `tfcustomact.elu`; it is saved with the model.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        TypeError: if ``alpha`` is no real number.
        ValueError: if ``alpha`` is not finite, or the backend unknown.
    """

    def __init__(self, alpha: float = 1.0, *, backend: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = _functions.finite_parameter(ELU_ACTIVATION, alpha)
        self.backend = _checked(backend)
        self.supports_masking = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        return _functions.elu(inputs, self.alpha, backend=self.backend)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns ``input_shape``."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        return {**super().get_config(), "alpha": self.alpha, "backend": self.backend}


BY_ACTIVATION = {SWISH_ACTIVATION.name: Swish, ELU_ACTIVATION.name: ELU}


def _checked(backend: str | None) -> str | None:
    if backend is not None:
        _dispatch.check_name(backend)
    return backend
