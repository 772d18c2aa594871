"""The decorator that makes an activation of a formula, and what it makes."""

import functools
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

import keras
import tensorflow as tf
from tensorflow.python.autograph.impl.api import autograph_artifact

from tfcustomact import _arguments, _run
from tfcustomact._own import _arguments as _own_arguments
from tfcustomact._own import _choice
from tfcustomact._own._exact import of_formula
from tfcustomact._own._layer import OwnActivation
from tfcustomact._own._own import Formula, Own, Value, arguments_of, is_like, well_formed
from tfcustomact._own._probe import probe
from tfcustomact.activations._activation import Argument, record_of
from tfcustomact.backends.python import MAX_DIMENSIONS

_EagerTensor = tf.__internal__.EagerTensor
_EMPTY = inspect.Parameter.empty
_MAX_REMEMBERED = 1024

# The error in ULPs that a formula of some operations has, each rounded.
_LIMIT = 16.0

_Given = TypeVar("_Given", bound=Formula)


class OwnFunction(Protocol):
    """What `activation` makes of a formula; its docstring explains the attributes."""

    __name__: str
    formula: Formula

    def __call__(self, x: Any, *arguments: Any, backend: str | None = None, **by_name: Any) -> tf.Tensor:
        """Returns the activation of x."""

    def gradient(self, formula: _Given, /) -> _Given:
        """Takes the hand-written derivative."""

    def second_gradient(self, formula: _Given, /) -> _Given:
        """Takes the hand-written second derivative by x."""

    def layer(
        self,
        *numbers: float,
        learn: str | Mapping[str, str] | None = None,
        backend: str | None = None,
        **given: Any,
    ) -> OwnActivation:
        """Returns a Keras layer."""


def activation(formula: Formula) -> OwnFunction:
    """Makes an activation of a formula in TensorFlow's ops; a decorator::

        @tca.activation
        def bent(x, a=1.0):
            return tf.where(x > 0, x, a * tf.math.expm1(tf.minimum(x, 0.0)))

    What it makes is called as the formula is, ``bent(x, a=0.5)``, with ``backend=`` besides, as `tfcustomact.swish`
    is: ``x`` is a tensor of any shape, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``, and the result
    has its shape and dtype. The formula itself is given ``float32`` or ``float64``: half precision is computed in
    ``float32`` and rounded once. Arguments are finite numbers, or tensors or variables of floats that broadcast to
    ``x``; these have gradients. The result is differentiable any number of times.

    It is registered with Keras as ``package>bent``, with the package that the formula's module is in: models that have
    it as ``activation=``, in a ``Lambda`` or as a layer can be saved, and loaded where its module was imported.

    It has these attributes:

    - ``gradient``: a decorator for the hand-written derivative, a function of ``x`` and the arguments that returns the
      derivative by ``x``, or a tuple of the derivatives by ``x`` and by each argument. Without it, TensorFlow derives
      the gradient. Where only that by ``x`` is given, TensorFlow derives those by the arguments.
    - ``second_gradient``: likewise for the second derivative by ``x``.
    - ``layer``: makes a Keras layer. It takes the arguments as numbers, ``backend``, what every Keras layer takes, and
      ``learn``: ``"scalar"``, ``"channel"`` or ``"element"``, for all arguments, or a mapping from their names, makes
      them variables that begin with these numbers.
    - ``formula``: the formula.

    Args:
        formula: a function of a tensor and of numbers that have defaults, which computes every element of its result
            from the element at the same place alone.

    Returns:
        The activation. It raises ``TypeError`` and ``ValueError`` as `tfcustomact.swish` does, and when it is first
        called, if the formula changes the shape or the dtype, is not element-wise, or uses a variable that is no
        argument.

    Raises:
        TypeError: if ``formula`` is no such function.
        ValueError: if another function is registered under the same name.
    """
    arguments = arguments_of(formula)
    function = _function(formula, arguments)
    words = f"the formula of {formula.__name__}"
    function.record = Own(
        function=function,
        layer=OwnActivation.__name__,
        value=formula,
        derivatives=(),
        exact=functools.partial(of_formula, formula),
        definition=None,
        special_values=(),
        composed_limit=_LIMIT,
        compositions={words: formula},
        plain=words,
    )
    function.formula = formula
    function.gradient = functools.partial(_set, function, "gradient")
    function.second_gradient = functools.partial(_set, function, "second_gradient")
    function.layer = functools.partial(OwnActivation, function)
    return cast(OwnFunction, _registered(function))


def own_of(function: object) -> Own | None:
    """Returns the record of the activation that a function made by `activation` is; None for anything else."""
    record = record_of(function)
    return record if isinstance(record, Own) else None


def _function(formula: Formula, arguments: tuple[Argument, ...]) -> Any:
    defaults = tuple(default for _, default in arguments)
    signature = inspect.signature(formula)

    # Nearly nothing is between this function and the formula, where x is small: TensorFlow records the Python stack for
    # every eager op, at a price per frame.
    def function(x: Any = _EMPTY, /, *given: Any, backend: str | None = None, **by_name: Any) -> Any:
        if by_name or x is _EMPTY or len(given) > len(defaults):
            bound = signature.bind(*(() if x is _EMPTY else (x,)), *given, **by_name)
            bound.apply_defaults()
            x = bound.args[0]
            given = bound.args[1:]
        arguments = (*given, *defaults[len(given) :])
        own: Own = made.record
        if type(x) is _EagerTensor and backend is None and not _run.overrides:
            try:
                size, value = own.small[x._datatype_enum(), x.device, arguments]
            except (KeyError, TypeError):
                size = 0
            # Numbers of other types equal floats, and need not be accepted.
            if x._num_elements() < size and x._rank() <= MAX_DIMENSIONS and all(type(each) is float for each in given):
                if value is not None:
                    return _choice.as_written(value, x, [])
                y = formula(x, *arguments)
                return y if is_like(x, y) else well_formed(own, "", x, y)
        if isinstance(x, keras.KerasTensor):
            _arguments.check_symbolic(own, x)
            return OwnActivation(made, *arguments, backend=backend, dtype=x.dtype)(x)
        x = _arguments.tensor(own, x)
        probe(own)
        numbers, tensors = _own_arguments.split(own, arguments, x)
        way = _choice.way(own, x, backend)
        # 0.0 and -0.0 would be one key.
        if way.below and not tensors and 0 not in numbers and len(own.small) < _MAX_REMEMBERED:
            # Where a gradient is hand-written or something is to be cast, that is done by the value's own function.
            direct = own.gradient is None and x.dtype in (tf.float32, tf.float64)
            own.small[x._datatype_enum(), x.device, numbers] = way.below, None if direct else Value(own, numbers)
        return _choice.computed(own, way, x, numbers, tensors)

    made = autograph_artifact(functools.wraps(formula)(function))
    asked = inspect.Parameter("backend", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None)
    made.__signature__ = signature.replace(parameters=[*signature.parameters.values(), asked])
    return made


def _set(function: Any, which: str, formula: Formula) -> Formula:
    own: Own = function.record
    count = len(own.arguments) + 1
    if not callable(formula):
        raise TypeError(f"{own.name}.{which} was given {formula!r}: a function of x and the arguments is accepted")
    try:
        inspect.signature(formula).bind(*range(count))
    except TypeError as error:
        accepted = ", ".join(("x", *own.argument_names))
        raise TypeError(
            f"{own.name}.{which} was given a function of {inspect.signature(formula)}: one of ({accepted}) is accepted"
        ) from error
    if which == "second_gradient" and own.gradient is None:
        raise TypeError(f"{own.name} has no hand-written gradient: decorate that first, with @{own.name}.gradient")
    # What was made of the formulas so far stays with the old record.
    changed: dict[str, Any] = {which: formula}
    function.record = replace(own, **changed)
    return formula


def _registered(function: Any) -> Any:
    package = function.__module__.partition(".")[0]
    name = f"{package}>{function.__name__}"
    other = keras.saving.get_registered_object(name)
    where = (function.__module__, function.__qualname__)
    if other is not None and (getattr(other, "__module__", None), getattr(other, "__qualname__", None)) != where:
        raise ValueError(
            f"{name} is registered with Keras already, by {other.__module__}.{other.__qualname__}: models are saved "
            f"and loaded by this name, so {'.'.join(where)} has to be called otherwise"
        )
    return keras.saving.register_keras_serializable(package=package)(function)
