"""The twin of a Keras model: the same layers with the same variables, some of them with other activations.

Keras' own `clone_model` makes new variables, and cannot clone what is subclassed; so does a copy of a layer, which goes
through saving. A twin is made of a layer's attributes instead.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any, ClassVar, Protocol

import keras
import tensorflow as tf

from tfcustomact._models.checks import check_model
from tfcustomact._models.report import Report

# What a layer wraps around its own methods, and what belongs to the graph and to the calls that it was in.
_NOT_SHARED = {"build", "quantize", "_tracker", "_tracked", "_compiled_trainable_state"}
_EMPTY_LISTS = ("_inbound_nodes", "_outbound_nodes", "_losses", "_losses_override")
_COMPILED = ("train_function", "test_function", "predict_function")


class Rules(Protocol):
    """What is replaced by what. ``where`` is the path of names that leads there; None leaves it as it is."""

    report: Report
    """What was replaced, and what was not."""

    classes: ClassVar[Mapping[type, type]]
    """The classes of twins where they are other ones than those of the layers."""

    def operation(self, operation: keras.Operation, where: str) -> keras.Operation | None:
        """Returns what takes the place of a layer, or of another operation in a functional model."""

    def function(
        self, function: Callable[..., Any], name: str, owner: keras.Operation, where: str
    ) -> Callable[..., Any] | None:
        """Returns what takes the place of a function, or of something else that is called, which is the attribute
        ``name`` of ``owner``, or inside of it."""


def converted(model: keras.Model, rules: Rules, report: Callable[[Report], object] | None) -> keras.Model:
    """Returns the twin of a model by these rules, and calls ``report`` with what they replaced; None says nothing.

    Raises:
        TypeError, ValueError, RuntimeError: if no twin can be made of it.
    """
    check_model(model)
    made = Twins(rules).twin(model)
    if report is not None:
        report(rules.report)
    return made


class Twins:
    """The twins of one model's layers; each layer has one, wherever it occurs."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        # With the originals, so that their ids stay theirs.
        self._made: dict[int, tuple[keras.Operation, keras.Operation]] = {}
        self._replaced: set[int] = set()
        self._path: list[keras.Operation] = []

    def twin(self, operation: keras.Operation) -> keras.Operation:
        """Returns the twin of a layer, a model, or another operation of a functional model."""
        if id(operation) not in self._made:
            self._path.append(operation)
            made = self._rules.operation(operation, self._where())
            if made is not None:
                self._replaced.add(id(made))
                self._made[id(operation)] = operation, made
            elif isinstance(operation, keras.layers.InputLayer):
                self._made[id(operation)] = operation, type(operation).from_config(operation.get_config())
            else:
                base = keras.layers.Layer if isinstance(operation, keras.layers.Layer) else keras.Operation
                made = base.__new__(self._rules.classes.get(type(operation), type(operation)))
                # Before it is filled: what it is filled with may refer back to it.
                self._made[id(operation)] = operation, made
                self._fill(made, operation)
            self._path.pop()
        return self._made[id(operation)][1]

    def _where(self) -> str:
        # Without the name of the model itself, unless nothing else is there.
        return "/".join(operation.name for operation in self._path[1:] or self._path)

    def _fill(self, twin: keras.Operation, operation: keras.Operation) -> None:
        tracked: set[str] = set()
        skipped = _NOT_SHARED
        if isinstance(operation, keras.layers.Layer):
            tracked = self._track(twin, operation)
            stores = [values for _, values in operation._tracker.config.values()]
            skipped = skipped | {
                name for name, value in vars(operation).items() if any(value is store for store in stores)
            }
        for name, value in vars(operation).items():
            if name in skipped or name.startswith("_self_"):
                continue
            value = self._value(name, value)
            # By Keras' own way for what Keras and TensorFlow keep track of, for saving and checkpoints.
            if name in tracked:
                setattr(twin, name, value)
            else:
                vars(twin)[name] = value
        for name in _EMPTY_LISTS:
            if hasattr(operation, name):
                vars(twin)[name] = []
        if isinstance(operation, keras.Function):
            self._connect(twin, operation)
        if isinstance(operation, keras.Model):
            for name in _COMPILED:
                setattr(twin, name, None)
        if isinstance(operation, keras.layers.Layer) and operation._tracker.locked:
            twin._lock_state()

    def _track(self, twin: keras.layers.Layer, layer: keras.layers.Layer) -> set[str]:
        """Has the twin keep track of what the layer does, in its order; returns the attributes that are tracked."""
        twin._initialize_tracker()
        vars(twin)["_tracked"] = []
        for store, (_, values) in layer._tracker.config.items():
            for value in values:
                twin._tracker.add_to_store(store, self._value(store, value))
        return {*getattr(layer, "_self_unconditional_dependency_names", ()), *layer._tracked}

    def _connect(self, twin: keras.Function, function: keras.Function) -> None:
        """Makes the twin's graph: calls the twins of the operations as the operations were called."""
        inputs = keras.tree.map_structure(
            lambda tensor: self.twin(tensor._keras_history.operation).output, function._inputs_struct
        )
        outputs = function._run_through_graph(inputs, operation_fn=self.twin, call_fn=self._call)
        graph = vars(keras.Function(inputs, outputs, name=function.name))
        vars(twin).update((name, graph[name]) for name in graph.keys() - vars(keras.Operation(function.name)).keys())
        if isinstance(twin, keras.layers.Layer):
            # As Keras has it: in checkpoints, where TensorFlow keeps track of it, and not among the layers once more.
            super(keras.layers.Layer, twin).__setattr__("_operations", [*twin._operations])

    def _call(self, operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
        if id(operation) not in self._replaced:
            return operation(*args, **kwargs)
        # After the tensor, which may have been given by its name, comes what the operation takes that was replaced.
        tensor, *_ = (*args, *kwargs.values())
        return operation(tensor)

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, keras.Operation):
            return self.twin(value)
        if isinstance(value, MethodType) and isinstance(value.__self__, keras.Operation):
            return MethodType(value.__func__, self.twin(value.__self__))
        if callable(value):
            return self._rules.function(value, name, self._path[-1], self._where()) or value
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return value.__class__(*(self._value(name, each) for each in value))
        for mapping in (OrderedDict, dict):
            if _is(value, mapping):
                return mapping((self._value(name, key), self._value(name, each)) for key, each in value.items())
        for sequence in (list, set, tuple):
            if _is(value, sequence):
                return sequence(self._value(name, each) for each in value)
        return value


def _is(value: Any, plain: type) -> bool:
    """Says whether it is of this type, or what Keras and TensorFlow make of one that is assigned to an attribute."""
    is_tracked = hasattr(value, "tracker") or isinstance(value, tf.__internal__.tracking.TrackableDataStructure)
    return type(value) is plain or (isinstance(value, plain) and is_tracked)
