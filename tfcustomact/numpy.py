"""The compiled kernels on NumPy arrays, without TensorFlow: several threads for large arrays, the GIL released.

float16, bfloat16 (of ``ml_dtypes``), float32 and float64. Subnormal numbers are computed, not flushed, unless the
process flushes them.

Threads: as many as the process may use processors, by its affinity mask and the quotas of its cgroups. The environment
variable ``TFCUSTOMACT_NUM_THREADS``, or else ``OMP_NUM_THREADS`` (the first number of its list), limits them further.
All of this is read once, by the first call. A ``TFCUSTOMACT_NUM_THREADS`` that is no positive integer is a ValueError
from every call; an ``OMP_NUM_THREADS`` that is none is ignored.

Memory: new arrays of 1 MiB and more come from memory that is kept when they are dropped, and is used for the next ones;
``TFCUSTOMACT_KEPT_MEMORY`` sets how many bytes may be idle, and 0 keeps nothing. Such an array refers to its memory
instead of owning it (``y.flags.owndata`` is false), so that ``y.resize`` refuses it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfcustomact import _array_functions, _libraries
from tfcustomact._gated_array_functions import OF_ANY, OF_GRADIENT, OF_ROW, OF_SWISH, OF_VALUE, Module, documented
from tfcustomact._remedies import NO_KERNELS
from tfcustomact.activations._activation import Argument

try:
    _kernels = _libraries.kernels()
except ImportError as error:
    raise ImportError(f"tfcustomact.numpy needs the compiled kernels ({error}); {NO_KERNELS}") from error


def _value(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda a, out=None, *, bias=None: kernel(a, bias, out)
    return lambda a, argument=argument.default, out=None, *, bias=None: kernel(a, argument, bias, out)


def _derivative(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda dy, a, out=None, *, bias=None: kernel(dy, a, bias, out)
    return lambda dy, a, argument=argument.default, out=None, *, bias=None: kernel(dy, a, argument, bias, out)


_ARGUMENT = """
    {name}: a finite {sign}real number, rounded to float32 unless ``a`` is float64; or, where there is no ``bias``, an
        array of numbers, finite or not, that broadcasts to a's shape, of a's dtype, or float32 beside float16 and
        bfloat16: one number for each channel, for example."""

_TAKES = """
    a: an array of any shape and strides, of dtype float16, bfloat16, float32 or float64.{argument}
    out: an array of a's shape and dtype to write to, C-contiguous: ``a`` itself{or_dy}, or one that shares no memory
        with what is given.
    bias: what is added to ``a``, in the type that is computed in: an array that broadcasts to a's shape, of a's dtype,
        or float32 beside float16 and bfloat16. None adds nothing.

Returns:
    ``out``, or a new array of a's shape and dtype.{gradient}

Raises:
    TypeError: for another dtype of an array{{no_number}}.
    ValueError: if {{not_finite}}an array has another shape, or ``out`` is read-only, is not
        C-contiguous, or overlaps what is given in another way. Nothing is written then. (An input that is not
        contiguous is copied first.)
    MemoryError: if there is no memory for the result, for the copy of an input, or for partial sums.
"""

_GRADIENT = """ Beside an array for the activation's argument, or a ``bias``, a
    tuple of that and of the gradient of this array, of its shape and dtype: for each of its numbers the sum of ``dy``
    times the derivative with respect to it, with the same bits for every number of threads."""

_FUNCTIONS = _array_functions.functions(
    __name__,
    _kernels,
    (_value, _TAKES.format(argument="{argument}", or_dy="", gradient="")),
    (_derivative, _TAKES.format(argument="{argument}", or_dy=" or ``dy``", gradient=_GRADIENT)),
    "a",
    _ARGUMENT,
)

_MODULE = Module(__name__, _kernels, _FUNCTIONS)

_ARRAYS = {
    "array": "an array of any shape and strides",
    "row": "an array",
    "stream": "",
    "value_error": """``out`` is read-only, is not
        C-contiguous, or overlaps what is given in another way.""",
    "other_errors": """MemoryError: if there is no memory for the result, for the copy of an input that is not
        contiguous, or for partial sums.""",
}
_OF_VALUE = OF_VALUE | {
    "type_error": "for another dtype of an array",
    "out": """an array of the result's shape and dtype to write to, C-contiguous: ``gate`` or ``up`` itself, if both are
        given, or one that shares no memory with what is given.""",
    "returns": "``out``, or a new array of the shape and dtype of ``gate``, or of a half of it.",
}
_OF_GRADIENT = OF_GRADIENT | {
    "type_error": "for another dtype of an array, if ``out`` is given beside ``up``",
    "out": """if ``gate`` is packed, an array of its shape and dtype to write to, C-contiguous: ``gate`` itself, or one
        that shares no memory with what is given.""",
    "returns": """A tuple of the gradients of ``gate`` and ``up``, ``(dy * up * f'(gate), dy * f(gate))`` for the
    activation f. If ``gate`` is packed, one packed array: ``out``, or a new one."""
    + OF_ROW.format(always="for every number of threads"),
}


@documented(_ARRAYS, _OF_VALUE, OF_ANY)
def gated(gate: Any, up: Any = None, activation: Any = "swish", *, out: Any = None, **arguments: Any) -> Any:
    """A gated linear unit with any activation: ``activation(gate) * up``."""
    kernel, given = _MODULE.kernel("_gated", activation, arguments)
    return kernel(gate, up, *given.values(), out)


@documented(_ARRAYS, _OF_GRADIENT, OF_ANY)
def gated_grad(
    dy: Any, gate: Any, up: Any = None, activation: Any = "swish", *, out: Any = None, **arguments: Any
) -> Any:
    """The gradients of `gated`."""
    kernel, given = _MODULE.kernel("_gated_grad", activation, arguments)
    return kernel(dy, gate, up, *given.values(), out)


@documented(_ARRAYS, _OF_VALUE, OF_SWISH)
def swiglu(gate: Any, up: Any = None, beta: Any = 1.0, *, out: Any = None) -> Any:
    """SwiGLU, ``swish(gate, beta) * up``; with ``beta = 1``, ``silu(gate) * up``."""
    return gated(gate, up, "swish", out=out, beta=beta)


@documented(_ARRAYS, _OF_GRADIENT, OF_SWISH)
def swiglu_grad(dy: Any, gate: Any, up: Any = None, beta: Any = 1.0, *, out: Any = None) -> Any:
    """The gradients of `swiglu`."""
    return gated_grad(dy, gate, up, "swish", out=out, beta=beta)


__all__ = [*_FUNCTIONS, "gated", "gated_grad", "swiglu", "swiglu_grad"]

globals().update(_FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
