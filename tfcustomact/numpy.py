"""The compiled kernels on NumPy arrays, without TensorFlow: all cores for large arrays, the GIL released.

float16, bfloat16 (of ``ml_dtypes``), float32 and float64. Subnormal numbers are computed, not flushed, unless the process
flushes them.
"""

import math
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from tfcustomact import _kernels

__all__ = ["elu", "elu_grad", "swish", "swish_grad"]

_DTYPES = {name: getattr(_kernels.DType, name) for name in ("float16", "bfloat16", "float32", "float64")}
_VALUE, _SLOPE = _kernels.Order.value, _kernels.Order.slope


def swish(a: NDArray, beta: float = 1.0, out: NDArray | None = None) -> NDArray:
    """Returns ``a * sigmoid(beta * a)``.

    Source: P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017 (arXiv:1710.05941).

    Args:
        a: an array of any shape and strides, of dtype float16, bfloat16, float32 or float64.
        beta: a finite real number; rounded to float32 unless ``a`` is float64.
        out: an array of a's shape and dtype to write to, C-contiguous: ``a`` itself, or one that shares no memory with it.

    Returns:
        ``out``, or a new array of a's shape and dtype.

    Raises:
        TypeError: for another dtype of ``a`` or ``out``, or if ``beta`` is no real number.
        ValueError: if ``beta`` is not finite, or ``out`` has another shape, is read-only, is not C-contiguous, or overlaps
            an input in part. Nothing is written then.
    """
    return _run(_kernels.Activation.swish, _VALUE, None, a, "beta", beta, out)


def swish_grad(dy: NDArray, a: NDArray, beta: float = 1.0, out: NDArray | None = None) -> NDArray:
    """Returns ``dy`` times the derivative of `swish` at ``a``: arguments and errors as there, ``dy`` as ``a``."""
    return _run(_kernels.Activation.swish, _SLOPE, dy, a, "beta", beta, out)


def elu(a: NDArray, alpha: float = 1.0, out: NDArray | None = None) -> NDArray:
    """Returns ``a if a > 0 else alpha * expm1(a)``.

    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear
    Units (ELUs)", 2015 (arXiv:1511.07289). Arguments, result and errors as for `swish`, ``alpha`` as ``beta``.
    """
    return _run(_kernels.Activation.elu, _VALUE, None, a, "alpha", alpha, out)


def elu_grad(dy: NDArray, a: NDArray, alpha: float = 1.0, out: NDArray | None = None) -> NDArray:
    """Returns ``dy`` times the derivative of `elu` at ``a`` (``alpha`` at 0): arguments and errors as for `swish_grad`."""
    return _run(_kernels.Activation.elu, _SLOPE, dy, a, "alpha", alpha, out)


def _run(
    activation: _kernels.Activation,
    order: _kernels.Order,
    dy: NDArray | None,
    a: NDArray,
    name: str,
    parameter: float,
    out: NDArray | None,
) -> NDArray:
    a = _input("a", a)
    inputs = [a]
    if dy is not None:
        dy = _input("dy", dy)
        if dy.dtype != a.dtype:
            raise TypeError(f"dy has dtype {dy.dtype.name}, and a {a.dtype.name}: one dtype for both is accepted")
        if dy.shape != a.shape:
            raise ValueError(f"dy has shape {dy.shape}, and a {a.shape}: one shape for both is accepted")
        inputs.append(dy)
    if isinstance(parameter, (bool, np.bool_)) or not isinstance(parameter, Real):
        raise TypeError(f"{name} is {parameter!r}, of type {type(parameter).__name__}: a finite real number is accepted")
    largest = np.finfo(np.float64 if a.dtype == np.float64 else np.float32).max
    if not math.isfinite(parameter) or abs(parameter) > largest:
        raise ValueError(f"{name} is {parameter}: a number finite in the type that is computed in is accepted")
    if out is None:
        out = np.empty_like(a)
    else:
        _check_out(out, a, inputs)
    _kernels.run(
        activation,
        order,
        _DTYPES[a.dtype.name],
        0 if dy is None else dy.ctypes.data,
        a.ctypes.data,
        out.ctypes.data,
        a.size,
        float(parameter),
    )
    return out


def _input(name: str, array: NDArray) -> NDArray:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is of type {type(array).__name__}: a NumPy array is accepted")
    if array.dtype.name not in _DTYPES or not array.dtype.isnative:
        raise TypeError(f"{name} has dtype {array.dtype}: {', '.join(_DTYPES)} are accepted, in native byte order")
    return np.ascontiguousarray(array).reshape(array.shape)


def _check_out(out: NDArray, a: NDArray, inputs: list[NDArray]) -> None:
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out is of type {type(out).__name__}: a NumPy array is accepted")
    if out.dtype != a.dtype:
        raise TypeError(f"out has dtype {out.dtype}: {a.dtype}, the input's, is accepted")
    if out.shape != a.shape:
        raise ValueError(f"out has shape {out.shape}: {a.shape}, the input's, is accepted")
    if not out.flags.writeable:
        raise ValueError("out is read-only: a writeable array is accepted")
    if not out.flags.c_contiguous:
        raise ValueError(f"out has strides {out.strides}: a C-contiguous array is accepted")
    for array in inputs:
        if array.ctypes.data != out.ctypes.data and np.may_share_memory(array, out):
            raise ValueError("out overlaps an input in part: the input itself, or memory apart from it, is accepted")
