"""The Keras layer of an activation of one's own."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from tfcustomact import _arguments, _dispatch
from tfcustomact._own import _arguments as _own_arguments

_KINDS = ("scalar", "channel", "element")


@keras.saving.register_keras_serializable(package="tfcustomact")
class OwnActivation(keras.layers.Layer):
    """A layer of an activation of one's own; made by its ``layer``, as in ``bent.layer(a=0.5, learn="channel")``.

    Args:
        activation: what `tfcustomact.activation` made.
        *numbers: the arguments, finite real numbers; those that are learned begin with these.
        learn: which arguments are learned, and how many numbers each is: ``"scalar"`` (one), ``"channel"`` (one for
            each place on the last axis) or ``"element"`` (one for each element of an example), for all of them, or a
            mapping from their names. None: they are fixed.
        backend: as the activation takes it; it is saved with the model.
        **given: arguments by name, and what every Keras layer takes, such as ``name`` and ``dtype``.

    Attributes:
        arguments: by name, the numbers, and once the layer is built, the variables of those that are learned.

    Raises:
        TypeError: if an argument is no real number, or unknown.
        ValueError: if an argument is not finite, or ``learn`` or ``backend`` unknown.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    def __init__(
        self,
        activation: Any,
        *numbers: float,
        learn: str | Mapping[str, str] | None = None,
        backend: str | None = None,
        **given: Any,
    ) -> None:
        _arguments.check_keras_backend()
        own = activation.record
        names = own.argument_names
        if len(numbers) > len(names):
            raise TypeError(f"{own.name}.layer takes {len(names)} numbers, for {', '.join(names)}, not {len(numbers)}")
        values = {**dict(own.arguments), **dict(zip(names, numbers, strict=False))}
        values |= {name: given.pop(name) for name in names if name in given}
        if backend is not None:
            _dispatch.check_name(backend)
        given.setdefault("name", f"{own.name}_{keras.backend.get_uid(own.name)}")
        super().__init__(**given)
        self.activation = activation
        self.learn = _learned(own, learn)
        self.backend = backend
        self.supports_masking = True
        self._numbers = {name: _own_arguments.number(own, name, value, tf.float64) for name, value in values.items()}
        self._variables: dict[str, Any] = {}

    @property
    def arguments(self) -> dict[str, Any]:
        """By name, the numbers, and once the layer is built, the variables of those that are learned."""
        return {**self._numbers, **self._variables}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the variables of the arguments that are learned."""
        shapes = {"scalar": (), "channel": input_shape[-1:], "element": tuple(input_shape[1:])}
        for name, kind in self.learn.items():
            if None in shapes[kind]:
                raise ValueError(
                    f"{self.activation.record.name}.layer's {name} is learned for each {kind}, and x has shape "
                    f"{input_shape}: these axes have to be known"
                )
            self._variables[name] = self.add_weight(
                name=name,
                shape=shapes[kind],
                initializer=keras.initializers.Constant(self._numbers[name]),
                # Half precision is computed in float32, with a parameter of float32.
                autocast=False,
            )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        return self.activation(inputs, **self.arguments, backend=self.backend)

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Returns a symbolic tensor of the shape and dtype of ``inputs``.

        Raises:
            TypeError: for a dtype that is not accepted, or sparse or ragged ``inputs``.
        """
        _arguments.check_symbolic(self.activation.record, inputs)
        return keras.KerasTensor(inputs.shape, dtype=inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns ``input_shape``."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        made = {"activation": keras.saving.serialize_keras_object(self.activation)}
        return {**super().get_config(), **made, **self._numbers, "learn": dict(self.learn), "backend": self.backend}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OwnActivation":
        """Returns the layer of a configuration."""
        return cls(keras.saving.deserialize_keras_object(config.pop("activation")), **config)


def _learned(own: Any, learn: Any) -> dict[str, str]:
    if learn is None:
        return {}
    if not own.arguments:
        raise ValueError(f"learn is {learn!r}, and {own.name} has no arguments: None is accepted")
    wanted = dict(learn) if isinstance(learn, Mapping) else dict.fromkeys(own.argument_names, learn)
    unknown = [name for name in wanted if name not in own.argument_names]
    if unknown or not all(kind in _KINDS for kind in wanted.values()):
        kinds, names = ", ".join(map(repr, _KINDS)), ", ".join(map(repr, own.argument_names))
        raise ValueError(f"learn is {learn!r}: {kinds}, or a mapping to these from {names}, is accepted")
    return wanted
