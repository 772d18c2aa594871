"""How a Keras layer is made of an activation."""

import inspect
from functools import cache
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfcustomact import _arguments, _dispatch
from tfcustomact.activations._activation import Activation, Argument

_DOCSTRING = """{introduction}

The layer computes `tfcustomact.{name}`, element by element.

Args:{arguments}
    backend: the backend to run on, as in `tfcustomact.{name}`; it is saved with the model.
    **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

Raises:{no_number}
    ValueError: if {not_finite}the backend is unknown.
    RuntimeError: if Keras runs on another backend than TensorFlow.
"""

_ARGUMENT = """
    {name}: a finite {sign}real number.
    {name}_initializer: makes ``{name}`` a variable, learned unless ``trainable=False``, an attribute of this name. What
        else there is about it is as in `keras.layers.PReLU`: it has the shape of an input without its first axis. It
        has the dtype of the layer's variables, and is not cast to that of the computation.
    {name}_regularizer: of the variable.
    {name}_constraint: of the variable.
    shared_axes: axes of the input, counted from 1 after that of the batch, along which the variable is the same."""


class ActivationLayer(keras.layers.Layer):
    """A layer of one activation; it has the activation's argument, a number or a variable, as an attribute of the
    argument's name."""

    activation: ClassVar[Activation]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _arguments.check_keras_backend()
        given = inspect.signature(type(self)).bind(*args, **kwargs)
        given.apply_defaults()
        super().__init__(**given.arguments["kwargs"])
        for argument in self.activation.arguments:
            self._take(argument, given.arguments)
        for name in self._flags():
            setattr(self, name, _arguments.flag_of(self.activation, given.arguments[name]))
        self.backend = given.arguments["backend"]
        if self.backend is not None:
            _dispatch.check_name(self.backend)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the argument a variable, if it has an initializer.

        Raises:
            ValueError: if a shared axis is none of the input's, or an axis has no size and is not shared.
        """
        for name in self.activation.argument_names:
            initializer, regularizer, constraint = (getattr(self, each) for each in _variable_s(name))
            if initializer is None:
                continue
            shape = [*input_shape[1:]]
            for axis in self.shared_axes or ():
                if not 1 <= axis <= len(shape):
                    raise ValueError(
                        f"{self.name}'s shared_axes are {self.shared_axes}: axes from 1 to {len(shape)} are accepted, "
                        f"as the input has the shape {input_shape}"
                    )
                shape[axis - 1] = 1
            # Half of x's digits are not enough to learn.
            variable = self.add_weight(
                shape, initializer, name=name, regularizer=regularizer, constraint=constraint, autocast=False
            )
            setattr(self, name, variable)
            fixed = {i: size for i, size in enumerate(input_shape) if i and i not in (self.shared_axes or ())}
            self.input_spec = keras.layers.InputSpec(ndim=len(input_shape), axes=fixed)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activation of ``inputs``."""
        names = (*self.activation.argument_names, *self._flags())
        arguments = {name: getattr(self, name) for name in names}
        return self.activation.function(inputs, **arguments, backend=self.backend)

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
        config = {**super().get_config(), "backend": self.backend}
        config |= {name: getattr(self, name) for name in self._flags()}
        for name, default in self.activation.arguments:
            makers = (keras.initializers, keras.regularizers, keras.constraints)
            for attribute, maker in zip(_variable_s(name), makers, strict=True):
                config[attribute] = maker.serialize(getattr(self, attribute))
            is_number = config[f"{name}_initializer"] is None
            config |= {name: getattr(self, name) if is_number else default, "shared_axes": self.shared_axes}
        return config

    def _flags(self) -> tuple[str, ...]:
        return () if self.activation.flag is None else (self.activation.flag,)

    def _take(self, argument: Argument, given: dict[str, Any]) -> None:
        name, default = argument
        makers = (keras.initializers, keras.regularizers, keras.constraints)
        attributes = _variable_s(name)
        for attribute, maker in zip(attributes, makers, strict=True):
            setattr(self, attribute, maker.get(given[attribute]))
        axes = given["shared_axes"]
        self.shared_axes = axes if axes is None else [*axes] if isinstance(axes, (list, tuple)) else [axes]
        number = _arguments.finite(self.activation, given[name])
        if getattr(self, attributes[0]) is None:
            setattr(self, name, number)
            for attribute in (*attributes[1:], "shared_axes"):
                if getattr(self, attribute) is not None:
                    raise ValueError(f"{attribute} is given without {attributes[0]}, which makes {name} a variable")
        elif number != default:
            raise ValueError(f"{name} is {number}, and {attributes[0]} is given besides: one of them is accepted")


def _variable_s(name: str) -> tuple[str, str, str]:
    return f"{name}_initializer", f"{name}_regularizer", f"{name}_constraint"


@cache
def layer_class(activation: Activation) -> type[ActivationLayer]:
    """Returns the class of an activation's layers, an attribute of `tfcustomact.layers`."""
    names = activation.argument_names
    of_function = inspect.signature(activation.function).parameters
    of_variable = [attribute for name in names for attribute in (*_variable_s(name), "shared_axes")]
    parameters = [
        *(of_function[name] for name in names),
        *([] if activation.flag is None else [of_function[activation.flag]]),
        *(
            inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Any)
            for each in of_variable
        ),
        of_function["backend"],
        inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD, annotation=Any),
    ]
    docstring = _DOCSTRING.format(
        introduction=activation.introduction,
        name=activation.name,
        arguments="".join(_ARGUMENT.format(name=name, sign=activation.sign) for name in names)
        + (
            ""
            if activation.flag is None
            else f"\n    {activation.flag}: a bool, as in `tfcustomact.{activation.name}`."
        ),
        no_number="".join(f"\n    TypeError: if ``{name}`` is no real number." for name in names),
        not_finite="".join(
            f"``{name}`` is no finite {activation.sign}number, or given beside an initializer, or " for name in names
        ),
    )
    attributes = {
        "__module__": "tfcustomact.layers",
        "__doc__": docstring,
        "__signature__": inspect.Signature(parameters),
        "activation": activation,
    }
    made: type[ActivationLayer] = type(activation.layer, (ActivationLayer,), attributes)
    keras.saving.register_keras_serializable(package="tfcustomact")(made)
    return made
