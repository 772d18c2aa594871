"""A model whose activations of Keras are replaced by ours."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras

from tfcustomact._layers import layer_class
from tfcustomact._models.code import bare, unknown_activation, unseen
from tfcustomact._models.counterparts import (
    Use,
    name_in_keras,
    name_in_tensorflow,
    of_their_functions,
    of_their_operations,
    use_of,
)
from tfcustomact._models.report import Left, Replaced, Report
from tfcustomact._models.twin import converted

_NONE = "tfcustomact has none"
_ARGUMENTS = "called with arguments that tfcustomact's does not take"


def accelerate(model: keras.Model, *, report: Callable[[Report], object] | None = print) -> keras.Model:
    """Returns a model that computes what ``model`` does, with this package's activations in place of Keras' own.

    Found are the functions of `keras.activations`, `keras.ops` and `tf.nn` that the package has a faster form of,
    however they were given: by name, as a function or in a `functools.partial`, in whatever attribute of a layer; the
    layers `Activation`, `Lambda` and, where Keras has one, that of the activation's own, such as `ELU`; and operations
    such as `keras.ops.silu` in a functional model. All of them in models and layers nested to any depth. Python code is
    not looked into: neither ``call`` of a class of your own, nor the functions of `Lambda` layers.

    The new model has layers of its own, with the names of the old ones, and **shares the variables**: what one of the
    models learns, or loads, the other one has. It is compiled as ``model`` is, if that is compiled, with the same
    optimizer, its state, and the same metrics: to train it goes on where the training of ``model`` stopped. Compile it
    to have them anew. ``model`` itself is left as it is.

    The results are equal within the two errors: see `docs/numerics.md` for ours. Activations of ragged or sparse
    tensors, as far as Keras knows these for such, and of dtypes that this package does not take, are left.

    Args:
        model: a built model of Keras 3: `Sequential`, functional or subclassed.
        report: called with what was replaced, and what was not and why, which has the lists ``replaced`` and ``left``;
            its ``str()`` is for reading. None says nothing.

    Raises:
        TypeError: if ``model`` is no model of Keras 3.
        ValueError: if it is not built: it has no variables yet that could be shared.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """
    return converted(model, _ToOurs(), report)


class _ToOurs:
    classes: ClassVar[Mapping[type, type]] = {}

    def __init__(self) -> None:
        self.report = Report()

    def operation(self, operation: keras.Operation, where: str) -> keras.Operation | None:
        found = self._found(operation)
        if found is not None:
            name, use = found
            if reason := use.refused(_activated(operation), numbers_only=True):
                self.report.left.append(Left(where, name, reason))
                return None
            self.report.replaced.append(Replaced(where, name, str(use)))
            policy = _dtype_policy(operation)
            return layer_class(use.activation)(**use.arguments, name=operation.name, dtype=policy)
        if known := name_in_keras(operation):
            self.report.left.append(Left(where, known, _NONE))
        elif left := unseen(operation, where):
            self.report.left.append(left)
        return None

    def function(
        self, function: Callable[..., Any], name: str, owner: keras.Operation, where: str
    ) -> Callable[..., Any] | None:
        found = use_of(function, of_their_functions())
        if found is not None:
            theirs, use = found
            given = owner.arguments if type(owner) is keras.layers.Lambda else {}
            if given and (use.other_arguments or not use.takes(given)):
                self.report.left.append(Left(where, theirs, _ARGUMENTS))
                return None
            # With arguments it becomes a layer, which Keras can save.
            as_layer = bool(use.other_arguments)
            use = use.given(given)
            if reason := use.refused(_activated(owner), numbers_only=as_layer):
                self.report.left.append(Left(where, theirs, reason))
                return None
            self.report.replaced.append(Replaced(where, theirs, str(use)))
            if not as_layer:
                return use.activation.function
            return layer_class(use.activation)(**use.arguments, dtype=_dtype_policy(owner))
        called = bare(function)
        known = name_in_keras(called) or (name_in_tensorflow(called) if name.endswith("activation") else None)
        if known:
            self.report.left.append(Left(where, known, _ARGUMENTS if called in of_their_functions() else _NONE))
        elif left := unknown_activation(name, function, where):
            self.report.left.append(left)
        return None

    def _found(self, operation: keras.Operation) -> tuple[str, Use] | None:
        name, use = of_their_operations().get(type(operation), ("", None))
        if use is None:
            return None
        names = (each for each in use.names if hasattr(operation, each))
        return name, use.given({each: getattr(operation, each) for each in names})


def _activated(operation: keras.Operation) -> keras.KerasTensor:
    """Returns what stands for the tensors that an operation's activation is called with."""
    # The activation of another layer is called with what that makes of its input.
    passes_on = type(operation) in (keras.layers.Activation, keras.layers.Lambda, *of_their_operations())
    inputs = [each for node in operation._inbound_nodes for each in node.input_tensors] if passes_on else []
    ragged, sparse = (any(getattr(each, kind, False) for each in inputs) for kind in ("ragged", "sparse"))
    # A layer casts floats alone.
    others = [each.dtype for each in inputs if not keras.backend.is_float_dtype(each.dtype)]
    dtype = others[0] if others else _dtype_policy(operation).compute_dtype
    return keras.KerasTensor([None], dtype=dtype, ragged=ragged, sparse=sparse)


def _dtype_policy(operation: keras.Operation) -> keras.DTypePolicy:
    if isinstance(operation, keras.layers.Layer):
        return operation.dtype_policy
    nodes = operation._inbound_nodes
    return keras.dtype_policies.get(nodes[0].outputs[0].dtype if nodes else keras.config.floatx())
