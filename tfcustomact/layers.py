"""Keras layers of the activations."""

from typing import Any, ClassVar

from tfcustomact._keras import reason_against_keras

if reason := reason_against_keras():
    raise ImportError(f"tfcustomact.layers {reason}")

import keras
import tensorflow as tf

from tfcustomact import _activations, _dispatch, _functions


class _ActivationLayer(keras.layers.Layer):
    """A layer of one activation; it has the parameter as an attribute of the parameter's name."""

    _activation: ClassVar[_activations.Activation]

    def __init__(self, parameter: float, backend: str | None, **kwargs: Any) -> None:
        _functions.check_keras_backend()
        super().__init__(**kwargs)
        setattr(self, self._activation.parameter, _functions.finite_parameter(self._activation, parameter))
        if backend is not None:
            _dispatch.check_name(backend)
        self.backend = backend
        self.supports_masking = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        function = getattr(_functions, self._activation.name)
        return function(inputs, getattr(self, self._activation.parameter), backend=self.backend)

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Returns a symbolic tensor of the shape and dtype of ``inputs``, which Keras has cast to the layer's dtype.

        Raises:
            TypeError: for a dtype that is not accepted, or sparse or ragged ``inputs``.
        """
        _functions.check_symbolic(self._activation, inputs)
        return keras.KerasTensor(inputs.shape, dtype=inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns ``input_shape``."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        parameter = self._activation.parameter
        return {**super().get_config(), parameter: getattr(self, parameter), "backend": self.backend}


@keras.saving.register_keras_serializable(package="tfcustomact")
class Swish(_ActivationLayer):
    """``x * sigmoid(beta * x)``, element by element: see `tfcustomact.swish`.

    Args:
        beta: a finite real number.
        backend: the backend to run on, as in `tfcustomact.swish`; it is saved with the model.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        TypeError: if ``beta`` is no real number.
        ValueError: if ``beta`` is not finite, or the backend unknown.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    _activation = _activations.SWISH
    beta: float

    def __init__(self, beta: float = 1.0, *, backend: str | None = None, **kwargs: Any) -> None:
        super().__init__(beta, backend, **kwargs)


@keras.saving.register_keras_serializable(package="tfcustomact")
class ELU(_ActivationLayer):
    """``x if x > 0 else alpha * expm1(x)``, element by element: see `tfcustomact.elu`.

    Args:
        alpha: a finite real number.
        backend: the backend to run on, as in `tfcustomact.elu`; it is saved with the model.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        TypeError: if ``alpha`` is no real number.
        ValueError: if ``alpha`` is not finite, or the backend unknown.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    _activation = _activations.ELU
    alpha: float

    def __init__(self, alpha: float = 1.0, *, backend: str | None = None, **kwargs: Any) -> None:
        super().__init__(alpha, backend, **kwargs)


BY_ACTIVATION = {layer._activation.name: layer for layer in (Swish, ELU)}
