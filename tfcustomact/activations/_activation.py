"""What Python knows of an activation, and the list of all of them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from tfcustomact._keras import reason_against_keras

if TYPE_CHECKING:
    import tensorflow as tf

Function = TypeVar("Function", bound=Callable[..., Any])


class Argument(NamedTuple):
    """An argument of an activation besides x."""

    name: str
    default: float


class Root(NamedTuple):
    """An interval around a root, where errors are not counted in ULPs of the result, which is arbitrarily small there.

    They are counted in ULPs of numbers of the size ``size``, for ``low <= x <= high``. Where the argument scales x,
    ``low`` and ``high`` are bounds of its product with x, and the size is that for an argument of 1.
    """

    low: float
    high: float
    size: float


class SpecialValues(NamedTuple):
    """The values and derivatives at infinity, minus infinity, zero and minus zero; those of NaN are always NaN."""

    arguments: tuple[float, ...]
    values: tuple[float, float, float, float]
    derivatives: tuple[float, float, float, float]


class Timed(NamedTuple):
    """What is timed: the mode (``"eager"``, ``"graph"`` or ``"jit"``), the direction (``"forward"`` or ``"both"``) and
    the dtype."""

    mode: str
    direction: str
    dtype: str = "float32"


@dataclass(frozen=True, eq=False)
class OfArgument:
    """What is needed where the argument is a tensor, which broadcasts to x's shape; called with x and the argument."""

    derivative: Callable[..., "tf.Tensor"]
    """The derivative with respect to the argument, in TensorFlow's ops, with the number of x's dimensions."""

    partials: Callable[..., tuple["tf.Tensor", ...]]
    """The derivatives with respect to x, to the argument, twice to x, once to either, and twice to the argument.
    TensorFlow differentiates them as often as it is asked to: they have to be exact then, too."""

    exact: Callable[..., npt.NDArray[Any]]
    """The derivative, as in `Activation.exact`."""

    compositions: Mapping[str, Callable[["tf.Tensor", "tf.Tensor"], "tf.Tensor"]] = field(default_factory=dict)
    """What one would write in TensorFlow's ops, in words and as a function."""


class Judge(Protocol):
    """What an activation, or a derivative of it, has to be, at some inputs."""

    def errors(self, got: npt.NDArray[Any], places: Any = ...) -> npt.NDArray[np.float64]:
        """Returns the errors in ULPs of the results for what is at these places of the inputs, an index."""


@dataclass(frozen=True, eq=False)
class Activation:
    """All that Python knows of one activation: one of ours, or one that `tfcustomact.activation` made.

    A formula is called with x and then the arguments.
    """

    function: Callable[..., Any]
    """The public function, which has this record as its attribute ``record``. Its name is the activation's. Of ours,
    what is between its ``x`` and ``bias`` is its argument, or its flag, if it has one."""

    layer: str
    """The name of the Keras layer's class."""

    value: Callable[..., "tf.Tensor"]
    """The activation in TensorFlow's ops, for float32 and float64 tensors, computed in their dtype. The argument may be
    a tensor of x's dtype that broadcasts to x's shape."""

    derivatives: tuple[Callable[..., "tf.Tensor"], ...]
    """Of ours, the first three derivatives with respect to x, likewise. TensorFlow differentiates the first where it is
    saved with a model, and the third as often as it is asked to. The argument of the first may be a tensor that
    broadcasts to x's shape, that of the third a tensor with one number."""

    exact: Callable[..., npt.NDArray[Any]]
    """The value or a derivative, in the arithmetic of `_exact` that it is called with, before x, a float64 array, the
    arguments as floats, and 0, 1 or 2 for ``derivative``. Of ours, it shares no code with the formulas."""

    definition: Callable[..., Any] | None
    """The definition, as it stands in the source, of one number in `mpmath`: called with mpmath, x and the arguments.
    At a point where a derivative jumps, the derivative from the left counts. None where there is only the formula."""

    special_values: tuple[SpecialValues, ...]

    of_argument: OfArgument | None = None
    """None for an activation without an argument."""

    aliases: tuple[str, ...] = ()
    """Other names of the public function."""

    variant: str | None = None
    """The name of the activation that the public function is if its flag, an argument that is a bool, is True. All else
    that is said here is about a flag that is False."""

    scales_x: bool = False
    """Whether the argument is a factor of x."""

    divides_x: bool = False
    """Whether x is divided by the argument, which has to be positive."""

    native_limit: float = 2.0
    """The largest error, in ULPs, that the compiled kernels promise for float32 and float64 values and gradients."""

    composed_limit: float = 8.0
    """Likewise, that TensorFlow's ops promise, composed or compiled by XLA."""

    roots: Mapping[int, tuple[Root, ...]] = field(default_factory=dict)
    """By derivative, with 0 for the value: where its errors are counted otherwise."""

    turning_points: tuple[float, ...] = ()
    """The sizes of x, or of its product or quotient with the argument that scales or divides it, where errors show,
    besides those where an exponential overflows, vanishes or rounds away."""

    peers: Mapping[str, str] = field(default_factory=dict)
    """What the function is called in ``"tf.nn"``, ``"keras"`` (keras.activations), ``"torch"`` (torch.nn.functional)
    and ``"jax"`` (jax.nn), if it is there and has the same default."""

    in_keras: Callable[..., Any] | None = None
    """A list of Keras layers that compute the function one after the other, or None if there are none: for arguments
    that the peer in Keras does not take. Called with `keras.layers`, the name of a dtype policy and the arguments,
    numbers or arrays."""

    not_converted: Mapping[str, str] = field(default_factory=dict)
    """The formats that the peer in Keras is not converted to, and why."""

    misconverted: Callable[..., Mapping[str, tuple[float, ...]]] = lambda **arguments: {}
    """With these arguments, the formats in which the converted peer is wrong at infinity, 1000 or NaN, and at which."""

    compositions: Mapping[str, Callable[["tf.Tensor"], "tf.Tensor"]] = field(default_factory=dict)
    """What one would write in TensorFlow's ops for the default argument, in words and as a function."""

    plain: str | None = None
    """What the backend ``python`` is timed against: a key of `compositions`, or ``"tf.nn."`` and the peer's name."""

    at_relus_price: bool = True
    """Whether its passes are promised to take about the time of ReLU's."""

    limits: Mapping[Timed, Mapping[int, float]] = field(default_factory=dict)
    """The largest promised ratios of the time to that of `theirs`, by the binary logarithm of the size."""

    chooses_by_size: ClassVar[bool] = False
    """Whether which backend computes it depends on the size and the mode, besides the device and the dtype."""

    @property
    def judged(self) -> int:
        """The highest derivative about which something is promised."""
        return 2

    def judge(self, x: npt.NDArray[Any], arguments: tuple[float, ...], derivative: int) -> Judge | None:
        """Returns what judges results for ``x``; None where `testing.Expected` does."""
        return None

    @property
    def theirs(self) -> str | None:
        """What TensorFlow offers for it, in words: the peer in ``tf.nn``, or else what is plain."""
        return f"tf.nn.{self.peers['tf.nn']}" if "tf.nn" in self.peers else self.plain

    @property
    def name(self) -> str:
        """The name, by which everything else calls it."""
        name: str = self.function.__name__
        return name

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """What the public function takes besides ``x``, a flag, ``bias`` and ``backend``."""
        return tuple(argument for argument in _declared(self.function) if not isinstance(argument.default, bool))

    @cached_property
    def flag(self) -> str | None:
        """The name of the public function's flag; None if it has none."""
        flags = [name for name, default in _declared(self.function) if isinstance(default, bool)]
        return flags[0] if flags else None

    @property
    def sign(self) -> str:
        """What the argument has to be besides finite, for texts: ``"positive "``, or nothing."""
        return "positive " if self.divides_x else ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the public function."""
        return self.name, *self.aliases

    @cached_property
    def argument_names(self) -> tuple[str, ...]:
        """The names of `arguments`."""
        return tuple(name for name, _ in self.arguments)

    def arguments_of(self, given: Mapping[str, Any], array: str) -> list[Any]:
        """Returns the arguments besides ``array``, those that are not given by their defaults.

        Raises:
            TypeError: if something else is given.
        """
        for name in given:
            if name not in self.argument_names:
                takes = ", ".join(self.argument_names) or "nothing"
                raise TypeError(f"{self.name} was given {name}: besides {array} it takes {takes}")
        return [given.get(name, default) for name, default in self.arguments]

    @property
    def introduction(self) -> str:
        """The part of the public function's docstring that is about the activation: formula, source, special values."""
        return (inspect.getdoc(self.function) or "").partition("\n\nArgs:")[0]


ACTIVATIONS: dict[str, Activation] = {}


def record_of(function: object) -> Activation | None:
    """Returns the record of the activation that a function is, one of ours or one's own; None for anything else."""
    record = getattr(function, "record", None)
    # What functools.wraps made has the attributes of what it wraps.
    return record if isinstance(record, Activation) and record.function is function else None


def activation_of(given: Any, functions: Mapping[str, Callable[..., Any]], module: str, function: str) -> Activation:
    """Returns the activation that one of a module's functions, by the activations' names, or a name stands for.

    Args:
        given: what may be one.
        functions: the module's functions of activations.
        module: what errors call the module.
        function: what errors call its functions.

    Raises:
        TypeError: if it is neither a function nor a name.
        ValueError: if it is none of the module's.
    """
    offered = [activation for name, activation in ACTIVATIONS.items() if name in functions]
    for activation in offered:
        if given is functions[activation.name] or (isinstance(given, str) and given in activation.names):
            return activation
    names = ", ".join(name for activation in offered for name in activation.names)
    if not isinstance(given, str) and not callable(given):
        raise TypeError(f"activation is {given!r}: {function} or a name is accepted, of {names}")
    raise ValueError(f"activation is {given!r}: of {module}, {names} are accepted")


_COMMON = """

Args:
    x: a tensor of any shape, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``, or what
        ``tf.convert_to_tensor`` makes one of; or a Keras input, which gets a layer of its dtype.{argument}
    bias: a tensor or variable of x's dtype with the length of its last axis: the activation is that of ``x + bias``.
        The sum is rounded to ``float32`` beside half precision, else to x's dtype{sum_beside_argument}.
    backend: ``"native"``, ``"xla"``, ``"python"`` or ``"auto"``; None asks `use_backend`, then the environment
        variable ``TFCUSTOMACT_BACKEND`` as it was when the package was imported, then means ``"auto"``.

Returns:
    A tensor with x's shape and dtype, differentiable any number of times. Half precision is computed in ``float32``
    and rounded once; subnormal ``x`` may count as zeros of their sign.

Raises:
    TypeError: if ``x`` has another dtype or is ragged, sparse or no tensor, or another argument has a type or dtype
        that is not accepted.
    ValueError: if an argument has a shape that is not accepted, {no_such_number}or a backend is asked for that is
        unknown or cannot run here.
"""

_OF_ARGUMENT = """
    {name}: a finite {sign}real number, rounded to ``float64`` if ``x`` is ``float64``, else to ``float32``; or a
        tensor, a variable or an array that broadcasts to x's shape, of x's dtype or, beside half precision, of
        ``float32``: its gradient is computed with that of ``x``, and has its dtype. A number that is subnormal may
        count as zero."""


_OF_FLAG = """
    {name}: a bool; if True, the function is `{variant}`."""


def activation(**described: Any) -> Callable[[Function], Function]:
    """Returns a decorator that puts an activation into the list, and makes the public function of its declaration.

    The declaration is a function without a body, with the public function's signature. Its docstring says what is
    particular to the activation; what holds for all of them is added.

    Args:
        **described: the fields of `Activation`, but for ``function``.
    """

    def decorate(declared: Function) -> Function:
        function: Any = _public_function(declared)
        added = function.record = Activation(function=function, **described)
        ACTIVATIONS[added.name] = added
        if declared.__doc__ is not None:
            names = added.argument_names
            function.__doc__ = (inspect.getdoc(declared) or "") + _COMMON.format(
                argument="".join(_OF_ARGUMENT.format(name=name, sign=added.sign) for name in names)
                + ("" if added.flag is None else _OF_FLAG.format(name=added.flag, variant=added.variant)),
                no_such_number="".join(f"``{name}`` is no finite {added.sign}number, " for name in names),
                sum_beside_argument="".join(f"; beside a tensor ``{name}``, to that" for name in names),
            )
        return cast(Function, function)

    return decorate


def _public_function(declared: Callable[..., Any]) -> Callable[..., Any]:
    reason = reason_against_keras()
    if reason is None:
        from tfcustomact._run import public_function

        return public_function(declared, *(*_declared(declared), (None, None))[0])

    @wraps(declared)
    def unavailable(*_: Any, **__: Any) -> NoReturn:
        raise ImportError(f"tfcustomact.{declared.__name__} {reason}")

    return unavailable


def _declared(function: Callable[..., Any]) -> tuple[Argument, ...]:
    return tuple(
        Argument(name, parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in ("x", "bias", "backend")
    )
