"""A model whose activations of ours are replaced by Keras' own."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from tfcustomact._dense_layers import Dense
from tfcustomact._layers import ActivationLayer
from tfcustomact._models.code import bare, unknown_activation, unseen
from tfcustomact._models.counterparts import Use, of_our_functions, our_use, use_of
from tfcustomact._models.report import Left, Replaced, Report
from tfcustomact._models.twin import converted

_NONE = "Keras has none"


def portable(model: keras.Model, *, report: Callable[[Report], object] | None = print) -> keras.Model:
    """Returns a model that computes what ``model`` does, with Keras' own activations in place of this package's.

    What is saved, exported or converted from it (``.keras``, SavedModel, TFLite, ONNX) runs where this package is not
    installed. It is the way back from `accelerate`: our functions, as ``activation=`` or in `Lambda` layers, and our
    layers are found as Keras' are found there, and the new model **shares the variables** and is compiled in the same
    way. ``model`` itself is left as it is.

    The results are Keras': with the errors of its functions, and with NaN where these give NaN. What Python code of
    your own calls is not seen, and stays: export such a model inside ``with tfcustomact.use_backend("python"):``.

    Args:
        model: a built model of Keras 3: `Sequential`, functional or subclassed.
        report: called with what was replaced, what was not and why, and in what the results differ, which has the lists
            ``replaced``, ``left`` and ``notes``; its ``str()`` is for reading. None says nothing.

    Raises:
        TypeError: if ``model`` is no model of Keras 3.
        ValueError: if it is not built: it has no variables yet that could be shared.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """
    return converted(model, _ToKeras(), report)


class _ToKeras:
    classes: ClassVar[Mapping[type, type]] = {Dense: keras.layers.Dense}

    def __init__(self) -> None:
        self.report = Report()

    def operation(self, operation: keras.Operation, where: str) -> keras.Operation | None:
        use = self._use(operation)
        if use is not None:
            layer = _layer(use, operation.name, operation.compute_dtype)
            self._say(where, use, layer, operation)
            if layer and any(isinstance(value, np.ndarray) for value in use.arguments.values()):
                self.report.note("what the parameters of activations had learned are constants in the new model")
            return layer
        if type(operation) in self.classes:
            self.report.replaced.append(Replaced(where, "tfcustomact.layers.Dense", "keras.layers.Dense"))
        elif left := unseen(operation, where):
            self.report.left.append(left)
        elif type(operation).__module__.startswith("tfcustomact."):
            self.report.left.append(Left(where, f"tfcustomact's {type(operation).__name__}", _NONE))
        return None

    def function(
        self, function: Callable[..., Any], name: str, owner: keras.Operation, where: str
    ) -> Callable[..., Any] | None:
        if self._use(owner):
            return None
        found = use_of(function, of_our_functions())
        if found is not None and type(owner) is not keras.layers.Lambda:
            _, use = found
            # With arguments a layer, which Keras can save.
            made = _layer(use, None, owner.compute_dtype) if use.other_arguments else _peer(use)
            self._say(where, use, made, owner)
            return made
        called = bare(function)
        if inspect.isfunction(called) and called.__module__.startswith("tfcustomact."):
            self.report.left.append(Left(where, f"tfcustomact.{called.__name__}", _NONE))
        elif left := unknown_activation(name, function, where):
            self.report.left.append(left)
        return None

    def _use(self, operation: keras.Operation) -> Use | None:
        if isinstance(operation, ActivationLayer):
            activation = operation.activation
            values = {name: getattr(operation, name) for name in Use(activation).names}
            learned = {name: value.numpy() for name, value in values.items() if isinstance(value, keras.Variable)}
            return our_use(activation, {**values, **learned})
        if type(operation) is keras.layers.Lambda:
            found = use_of(operation.function, of_our_functions())
            return found[1].given(operation.arguments) if found and found[1].takes(operation.arguments) else None
        return None

    def _say(self, where: str, use: Use, made: Callable[..., Any] | None, owner: keras.Operation) -> None:
        if made is None:
            self.report.left.append(Left(where, str(use), _NONE))
            return
        theirs = f"keras.activations.{use.activation.peers['keras']}"
        self.report.replaced.append(Replaced(where, str(use), theirs))
        if getattr(owner, "compute_dtype", None) == "float64":
            self.report.note("TFLite converts no float64: make a float32 model for it")
        for name, why in use.not_converted.items():
            self.report.note(f"{theirs} is not converted to {name}: {why}")
        for name, numbers in use.misconverted.items():
            self.report.note(f"{theirs} is wrong at {' and '.join(map(str, numbers))} when it is converted to {name}")
        functions = use.activation.function, getattr(keras.activations, use.activation.peers["keras"])
        for x in (np.inf, -np.inf):
            wanted, got = (float(function(tf.constant(x, tf.float32))) for function in functions)
            if not np.array_equal(wanted, got, equal_nan=True):
                self.report.note(f"{theirs} is {got} at {x}, where tfcustomact.{use.activation.name} is {wanted}")


def _peer(use: Use) -> Callable[..., Any] | None:
    """Returns the function of Keras that takes the arguments that are not the default ones."""
    peer = getattr(keras.activations, use.activation.peers.get("keras", ""), None)
    if peer is None or not {*use.other_arguments} <= {*inspect.signature(peer).parameters}:
        return None
    # They take no arrays.
    return None if any(isinstance(value, np.ndarray) for value in use.other_arguments.values()) else peer


# The dtype is a name, not a policy: layers without a get_config() of their own are saved with numbers and names only.
def _layer(use: Use, name: str | None, dtype: str) -> keras.layers.Layer | None:
    others = use.other_arguments
    if peer := _peer(use):
        if not others:
            return keras.layers.Activation(peer, name=name, dtype=dtype)
        if layer := getattr(keras.layers, use.activation.layer, None):
            return layer(**others, name=name, dtype=dtype)
        return keras.layers.Lambda(peer, arguments=others, name=name, dtype=dtype)
    in_keras = use.activation.in_keras
    layers = None if in_keras is None else in_keras(keras.layers, dtype, **use.arguments)
    return keras.layers.Pipeline(layers, name=name) if layers else None
