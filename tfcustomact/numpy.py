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
from tfcustomact._remedies import NO_KERNELS
from tfcustomact.activations._activation import Argument

try:
    _kernels = _libraries.kernels()
except ImportError as error:
    raise ImportError(f"tfcustomact.numpy needs the compiled kernels ({error}); {NO_KERNELS}") from error


def _value(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda a, out=None: kernel(a, out)
    return lambda a, argument=argument.default, out=None: kernel(a, argument, out)


def _derivative(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda dy, a, out=None: kernel(dy, a, out)
    return lambda dy, a, argument=argument.default, out=None: kernel(dy, a, argument, out)


_DOCSTRING = """
    a: an array of any shape and strides, of dtype float16, bfloat16, float32 or float64.{argument}
    out: an array of a's shape and dtype to write to, C-contiguous: an input itself, or one that shares no memory with
        the inputs.

Returns:
    ``out``, or a new array of a's shape and dtype.

Raises:
    TypeError: for another dtype of an array{no_number}.
    ValueError: if {not_finite}an array has another shape than ``a``, or ``out`` is
        read-only, is not C-contiguous, or overlaps an input in part. Nothing is written then. (An input that is not
        contiguous is copied first.)
    MemoryError: if there is no memory for the result, or for the copy of an input.
"""

_FUNCTIONS = _array_functions.functions(__name__, _kernels, _value, _derivative, "a", _DOCSTRING)

__all__ = [*_FUNCTIONS]

globals().update(_FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
