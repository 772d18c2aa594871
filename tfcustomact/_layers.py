"""How a Keras layer is made of an activation."""

import inspect
from functools import cache
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfcustomact import _arguments, _dispatch
from tfcustomact.activations._activation import Activation

_DOCSTRING = """{introduction}

The layer computes `tfcustomact.{name}`, element by element.

Args:{argument}
    backend: the backend to run on, as in `tfcustomact.{name}`; it is saved with the model.
    **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

Raises:{no_number}
    ValueError: if {not_finite}the backend is unknown.
    RuntimeError: if Keras runs on another backend than TensorFlow.
"""


class ActivationLayer(keras.layers.Layer):
    """A layer of one activation; it has the activation's argument as an attribute of the argument's name."""

    activation: ClassVar[Activation]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _arguments.check_keras_backend()
        given = inspect.signature(type(self)).bind(*args, **kwargs)
        given.apply_defaults()
        super().__init__(**given.arguments["kwargs"])
        for name, _ in self.activation.arguments:
            setattr(self, name, _arguments.finite(self.activation, given.arguments[name]))
        self.backend = given.arguments["backend"]
        if self.backend is not None:
            _dispatch.check_name(self.backend)
        self.supports_masking = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        return self.activation.function(inputs, **self._arguments())

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Returns a symbolic tensor of the shape and dtype of ``inputs``, which Keras has cast to the layer's dtype.

        Raises:
            TypeError: for a dtype that is not accepted, or sparse or ragged ``inputs``.
        """
        _arguments.check_symbolic(self.activation, inputs)
        return keras.KerasTensor(inputs.shape, dtype=inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns ``input_shape``."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        return {**super().get_config(), **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*self.activation.argument_names, "backend")}


@cache
def layer_class(activation: Activation) -> type[ActivationLayer]:
    """Returns the class of an activation's layers, an attribute of `tfcustomact.layers`."""
    parameters = [p for name, p in inspect.signature(activation.function).parameters.items() if name != "x"]
    kwargs = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD, annotation=Any)
    names = activation.argument_names
    docstring = _DOCSTRING.format(
        introduction=activation.introduction,
        name=activation.name,
        argument="".join(f"\n    {name}: a finite real number." for name in names),
        no_number="".join(f"\n    TypeError: if ``{name}`` is no real number." for name in names),
        not_finite="".join(f"``{name}`` is not finite, or " for name in names),
    )
    attributes = {
        "__module__": "tfcustomact.layers",
        "__doc__": docstring,
        "__signature__": inspect.Signature([*parameters, kwargs]),
        "activation": activation,
    }
    made: type[ActivationLayer] = type(activation.layer, (ActivationLayer,), attributes)
    keras.saving.register_keras_serializable(package="tfcustomact")(made)
    return made
