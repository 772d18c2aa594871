"""Which of Keras' and TensorFlow's activations ours stand for: read from the list of activations."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from numbers import Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfcustomact._arguments import check_symbolic, finite, flag_of
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.activations._activation import Activation


@dataclass(frozen=True)
class Use:
    """An activation of ours with the arguments that it is used with, its flag among them."""

    activation: Activation
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What the activation takes."""
        flag = self.activation.flag
        return (*self.activation.argument_names, *(() if flag is None else (flag,)))

    @property
    def other_arguments(self) -> dict[str, Any]:
        """The arguments that are not the default ones."""
        defaults = dict(self.activation.arguments)
        return {name: value for name, value in self.arguments.items() if not _same(value, defaults.get(name, False))}

    @property
    def not_converted(self) -> Mapping[str, str]:
        """The formats that Keras' function is not converted to, and why."""
        return {} if self.activation.flag in self.other_arguments else self.activation.not_converted

    @property
    def misconverted(self) -> Mapping[str, tuple[float, ...]]:
        """The formats in which Keras' function is wrong when it is converted, and at which numbers."""
        return self.activation.misconverted(**dict(self.activation.arguments) | dict(self.arguments))

    def takes(self, arguments: Iterable[str]) -> bool:
        """Says whether these are names of the activation's arguments, or ``backend``, which changes no result."""
        return {*arguments} <= {*self.names, "backend"}

    def refused(self, x: keras.KerasTensor, *, numbers_only: bool) -> str | None:
        """Returns what the activation says against ``x``, or the arguments beside it; None if it takes them.

        Args:
            x: a symbolic tensor.
            numbers_only: whether tensors are refused: the activation's layer does, its function does not.
        """
        try:
            check_symbolic(self.activation, x)
            for name, value in self.arguments.items():
                if name == self.activation.flag:
                    flag_of(self.activation, value)
                elif numbers_only or isinstance(value, Real):
                    finite(self.activation, value, tf.as_dtype(x.dtype))
        except (TypeError, ValueError) as error:
            return str(error)
        return None

    def given(self, arguments: Mapping[str, Any]) -> "Use":
        """Returns the use with more arguments."""
        given = {name: value for name, value in arguments.items() if name != "backend"}
        return Use(self.activation, {**self.arguments, **given})

    def __str__(self) -> str:
        arguments = ", ".join(
            f"{name}={value if np.ndim(value) == 0 else 'an array'}" for name, value in self.other_arguments.items()
        )
        return f"tfcustomact.{self.activation.name}" + (f"({arguments})" if arguments else "")


@cache
def of_their_functions() -> dict[Callable[..., Any], tuple[str, Use]]:
    """Returns, for functions of Keras and TensorFlow, their names, and ours that compute the same."""
    found = {}
    for activation in ACTIVATIONS.values():
        for peer, name, module in (
            ("tf.nn", "tf.nn", tf.nn),
            ("keras", "keras.ops", keras.ops),
            ("keras", "keras.activations", keras.activations),
        ):
            function = getattr(module, activation.peers.get(peer, ""), None)
            if function is not None:
                parameters = inspect.signature(function).parameters
                use = Use(activation)
                defaults = {each: parameters[each].default for each in use.names if each in parameters}
                found[function] = f"{name}.{function.__name__}", use.given(defaults)
    return found


@cache
def of_their_operations() -> dict[type[keras.Operation], tuple[str, Use]]:
    """Returns the same for the layers of Keras, and the operations that its functions put into functional models.

    They have the arguments as attributes of their names.
    """
    found = {}
    for activation in ACTIVATIONS.values():
        layer = getattr(keras.layers, activation.layer, None)
        if layer is not None:
            found[layer] = f"keras.layers.{activation.layer}", Use(activation)
        function = getattr(keras.ops, activation.peers.get("keras", ""), None)
        if function is not None:
            operation = function(keras.KerasTensor([1]))._keras_history.operation
            found[type(operation)] = f"keras.ops.{function.__name__}", Use(activation)
    return found


@cache
def of_our_functions() -> dict[Callable[..., Any], tuple[str, Use]]:
    """Returns the names and uses of our own functions."""
    return {activation.function: (str(Use(activation)), our_use(activation)) for activation in ACTIVATIONS.values()}


def our_use(activation: Activation, arguments: Mapping[str, Any] | None = None) -> Use:
    """Returns the use of one of ours; where another one is it with its flag, as Keras has it, the use of that."""
    for other in ACTIVATIONS.values():
        if other.variant == activation.name:
            return Use(other, {**(arguments or {}), str(other.flag): True})
    return Use(activation, arguments or {})


def use_of(function: Any, known: Mapping[Callable[..., Any], tuple[str, Use]]) -> tuple[str, Use] | None:
    """Returns the name and the use of a function that is known, or of a partial one of it; None if it is neither."""
    if isinstance(function, partial):
        name, use = use_of(function.func, known) or ("", None)
        if use is None or function.args or not use.takes(function.keywords):
            return None
        return name, use.given(function.keywords)
    return known.get(function) if inspect.isfunction(function) else None


@cache
def _keras_activations() -> dict[Callable[..., Any], str]:
    functions = inspect.getmembers(keras.activations, inspect.isfunction)
    return {function: name for name, function in functions if name not in ("deserialize", "get", "linear", "serialize")}


def name_in_keras(value: Any) -> str | None:
    """Returns what a function, a layer or another operation is called, if it is an activation of Keras."""
    if inspect.isfunction(value):
        return _keras_activations().get(value)
    name = type(value).__name__
    names = {each.replace("_", "") for each in _keras_activations().values()}
    return name if type(value).__module__.startswith("keras.") and name.lower() in names else None


def name_in_tensorflow(value: Any) -> str | None:
    """Returns what a function is called, if it is one of TensorFlow's."""
    return value.__name__ if inspect.isfunction(value) and value.__module__.startswith("tensorflow.") else None


def _same(value: Any, default: Any) -> bool:
    return bool(value is default or (isinstance(value, (bool, int, float)) and value == default))
