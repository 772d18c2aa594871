"""What is known of an activation of one's own."""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import numpy.typing as npt
import tensorflow as tf

from tfcustomact._own._exact import Exact
from tfcustomact._own._judge import Judge
from tfcustomact.activations._activation import Activation, Argument
from tfcustomact.backends._compositions import summed

Formula = Callable[..., Any]

_EagerTensor = tf.__internal__.EagerTensor


@dataclass(frozen=True, eq=False)
class Own(Activation):
    """The record of an activation of one's own. Its formulas take x, a float32 or float64 tensor, and the arguments."""

    gradient: Formula | None = None
    """The derivative by x, or a tuple of the derivatives by x and by every argument; None if TensorFlow derives it."""

    second_gradient: Formula | None = None
    """The second derivative by x; None if TensorFlow derives it."""

    passes: dict[Any, Any] = field(init=False, default_factory=dict)
    """What `_passes` made of the formulas, and keeps."""

    small: dict[Any, Any] = field(init=False, default_factory=dict)
    """What `_function` remembers of eager calls, so that they take no decision."""

    chooses_by_size = True

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """What the formula takes besides x, whatever it calls that."""
        return arguments_of(self.value)

    @property
    def judged(self) -> int:
        """The highest derivative about which something is promised: what TensorFlow derives of a derivative cancels."""
        return 1 if self.second_gradient is None else 2

    def judge(self, x: npt.NDArray[Any], arguments: tuple[float, ...], derivative: int) -> Judge:
        """Returns what judges results for ``x``, as `tfcustomact.testing.check_activation` does."""
        return Judge(Exact(self.value, arguments), x, (0,) * derivative, self.composed_limit)


def arguments_of(formula: object) -> tuple[Argument, ...]:
    """Returns the arguments of a formula besides x.

    Raises:
        TypeError: if it is no function of one tensor and of numbers with defaults.
    """
    # Two lambdas of a module would be one to whoever loads a model.
    if not inspect.isfunction(formula) or formula.__name__ == "<lambda>":
        raise TypeError(f"tca.activation was given {formula!r}: a function of a tensor, with a name, is accepted")
    where = f"{formula.__name__}{inspect.signature(formula)}"
    parameters = list(inspect.signature(formula).parameters.values())
    if not parameters or parameters[0].kind not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        raise TypeError(f"{where} is no function of one tensor: its first argument has to be the tensor x")
    return tuple(_argument(where, parameter) for parameter in parameters[1:])


def _argument(where: str, parameter: inspect.Parameter) -> Argument:
    name, default = parameter.name, parameter.default
    if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or name == "backend":
        raise TypeError(
            f"{where} has the argument {parameter}: ordinary arguments with defaults are accepted after x, and none is "
            "called backend"
        )
    if default is inspect.Parameter.empty:
        raise TypeError(
            f"{where} is no function of one tensor: besides the first, its arguments have numbers as defaults, and "
            f"{name} has none"
        )
    if isinstance(default, bool) or not isinstance(default, Real) or not math.isfinite(default):
        raise TypeError(f"{where} has {name} = {default!r}: a finite real number is accepted as a default")
    return Argument(name, float(default))


@dataclass(frozen=True)
class Value:
    """The activation as a function of tensors alone, which TensorFlow differentiates by the hand-written derivatives.

    Half precision is computed in float32 and rounded once.
    """

    own: Own
    numbers: tuple[float | None, ...]
    """By argument: the number, or None if it is one of the tensors that the function is called with, in order."""

    def __call__(self, x: tf.Tensor, *tensors: tf.Tensor) -> list[tf.Tensor]:
        """Returns a list of the value alone. The tensors have x's dtype, or float32 if x is of half precision."""
        if self.own.gradient is None:
            y = self._formula(_computed(x), tensors)
        else:
            y = _custom(self._formula, self._pull_back, _computed(x), tensors)
        return [_cast(y, x.dtype)]

    def plain(self, x: tf.Tensor, *tensors: tf.Tensor) -> tf.Tensor:
        """Returns the value, without hand-written derivatives."""
        return _cast(self._formula(_computed(x), tensors), x.dtype)

    def pulled_back(self, dy: tf.Tensor, x: tf.Tensor, *tensors: tf.Tensor) -> list[tf.Tensor]:
        """Returns the gradients of x and the tensors, where there is a hand-written derivative."""
        dx, *others = self._pull_back(_computed(dy), _computed(x), *tensors)
        return [_cast(dx, x.dtype), *others]

    def _formula(self, x: tf.Tensor, tensors: Sequence[tf.Tensor]) -> tf.Tensor:
        return well_formed(self.own, "", x, self.own.value(x, *self._filled(tensors)))

    def _pull_back(self, dy: tf.Tensor, x: tf.Tensor, *tensors: tf.Tensor) -> list[tf.Tensor]:
        derivative, *others = self._derivatives(x, tensors)
        if self.own.second_gradient is not None:
            derivative = _custom(lambda x, tensors: self._derivatives(x, tensors)[0], self._pull_second, x, tensors)
        if not tensors:
            return [dy * derivative]
        if not others:
            return [dy * derivative, *_by_tensors(self._formula, dy, x, tensors)]
        wanted = [each for each, number in zip(others, self.numbers, strict=True) if number is None]
        return [dy * derivative, *(summed(dy * each, t) for each, t in zip(wanted, tensors, strict=True))]

    def _pull_second(self, ddx: tf.Tensor, x: tf.Tensor, *tensors: tf.Tensor) -> list[tf.Tensor]:
        assert self.own.second_gradient is not None
        made = self.own.second_gradient(x, *self._filled(tensors))
        second = well_formed(self.own, ".second_gradient", x, made)
        return [ddx * second, *_by_tensors(lambda x, tensors: self._derivatives(x, tensors)[0], ddx, x, tensors)]

    def _derivatives(self, x: tf.Tensor, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        assert self.own.gradient is not None
        made = self.own.gradient(x, *self._filled(tensors))
        several = list(made) if isinstance(made, (tuple, list)) else [made]
        count = len(self.own.arguments) + 1
        if len(several) not in (1, count):
            names = ", ".join(("x", *self.own.argument_names))
            raise ValueError(
                f"{self.own.name}.gradient returns {len(several)} derivatives: the one by x is accepted, or {count}, "
                f"by {names}"
            )
        return [well_formed(self.own, ".gradient", x, each) for each in several]

    def _filled(self, tensors: Sequence[tf.Tensor]) -> Iterator[Any]:
        remaining = iter(tensors)
        return (next(remaining) if number is None else number for number in self.numbers)


def well_formed(own: Own, which: str, x: tf.Tensor, y: Any) -> tf.Tensor:
    """Returns what a formula made of x, if it is a tensor of x's shape and dtype.

    Raises:
        TypeError: if it is no tensor, or one of another dtype.
        ValueError: if it has another shape.
    """
    if is_like(x, y):
        return y
    if not isinstance(y, tf.Tensor):
        raise TypeError(f"{own.name}{which} returns no tensor, but an object of type {type(y).__name__}")
    if y.dtype != x.dtype:
        raise TypeError(
            f"{own.name}{which} changes the dtype: of x of dtype {x.dtype.name} it makes {y.dtype.name}; constants may "
            f"be written as tf.constant(..., x.dtype)"
        )
    if not y.shape.is_compatible_with(x.shape):
        raise ValueError(
            f"{own.name}{which} changes the shape: of x of shape {x.shape} it makes {y.shape}; an activation returns a "
            "tensor of x's shape"
        )
    return y


def is_like(x: tf.Tensor, y: Any) -> bool:
    """Says whether both are eager tensors of one shape and dtype. Faster than by their attributes."""
    return (
        type(x) is type(y) is _EagerTensor
        and x._datatype_enum() == y._datatype_enum()
        and x._shape_tuple() == y._shape_tuple()
    )


def _custom(
    function: Callable[[tf.Tensor, Sequence[tf.Tensor]], tf.Tensor],
    pull_back: Callable[..., list[tf.Tensor]],
    x: tf.Tensor,
    tensors: Sequence[tf.Tensor],
) -> tf.Tensor:
    @tf.custom_gradient
    def differentiable(x: tf.Tensor, *tensors: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor]]]:
        return function(x, tensors), lambda dy: pull_back(dy, x, *tensors)

    return differentiable(x, *tensors)


def _by_tensors(
    function: Callable[[tf.Tensor, Sequence[tf.Tensor]], tf.Tensor],
    dy: tf.Tensor,
    x: tf.Tensor,
    tensors: Sequence[tf.Tensor],
) -> list[tf.Tensor]:
    """Returns the gradients of the tensors alone, as TensorFlow derives them."""
    if not tensors:
        return []
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        y = function(x, tensors)
    gradients: list[tf.Tensor] = tape.gradient(y, list(tensors), dy, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return gradients


def _computed(x: tf.Tensor) -> tf.Tensor:
    return x if x.dtype is tf.float64 else _cast(x, tf.float32)


def _cast(x: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    # tf.cast takes some microseconds, also where there is nothing to cast.
    return x if x.dtype is dtype else tf.cast(x, dtype)
