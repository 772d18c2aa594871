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

from typing import Any

from numpy.typing import NDArray

from tfcustomact import _libraries
from tfcustomact._remedies import NO_KERNELS

try:
    _kernels = _libraries.kernels()
except ImportError as error:
    raise ImportError(f"tfcustomact.numpy needs the compiled kernels ({error}); {NO_KERNELS}") from error

__all__ = ["elu", "elu_grad", "swish", "swish_grad"]


def swish(a: NDArray[Any], beta: float = 1.0, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Returns ``a * sigmoid(beta * a)``.

    Source: P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017 (arXiv:1710.05941).

    Args:
        a: an array of any shape and strides, of dtype float16, bfloat16, float32 or float64.
        beta: a finite real number; rounded to float32 unless ``a`` is float64.
        out: an array of a's shape and dtype to write to, C-contiguous: ``a`` itself, or one that shares no memory with
            it.

    Returns:
        ``out``, or a new array of a's shape and dtype.

    Raises:
        TypeError: for another dtype of ``a`` or ``out``, or if ``beta`` is no real number.
        ValueError: if ``beta`` is not finite, or ``out`` has another shape, is read-only, is not C-contiguous, or
            overlaps an input in part. Nothing is written then. (An input that is not contiguous is copied first.)
        MemoryError: if there is no memory for the result, or for the copy of an input.
    """
    y: NDArray[Any] = _kernels.swish(a, beta, out)
    return y


def swish_grad(dy: NDArray[Any], a: NDArray[Any], beta: float = 1.0, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Returns ``dy`` times the derivative of `swish` at ``a``: arguments and errors as there, ``dy`` as ``a``."""
    y: NDArray[Any] = _kernels.swish_grad(dy, a, beta, out)
    return y


def elu(a: NDArray[Any], alpha: float = 1.0, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Returns ``a if a > 0 else alpha * expm1(a)``.

    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear
    Units (ELUs)", 2015 (arXiv:1511.07289). Arguments, result and errors as for `swish`, ``alpha`` as ``beta``.
    """
    y: NDArray[Any] = _kernels.elu(a, alpha, out)
    return y


def elu_grad(dy: NDArray[Any], a: NDArray[Any], alpha: float = 1.0, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Returns ``dy`` times the derivative of `elu` at ``a``, which is ``alpha`` at 0: see `swish_grad`."""
    y: NDArray[Any] = _kernels.elu_grad(dy, a, alpha, out)
    return y
