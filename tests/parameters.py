"""Activations with several values of their parameter, and with one number per channel."""

import functools
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest

from tfcustomact.activations import ACTIVATIONS

WITH_PARAMETER = tuple(op for op, activation in ACTIVATIONS.items() if activation.arguments)

# They stand for all in tests of what is made alike for every activation: one with an argument, and one without. The
# latter has no roots: its formulas are short, and all these tests together compile them hundreds of times.
FEW = (
    WITH_PARAMETER[0],
    next(op for op, activation in ACTIVATIONS.items() if not activation.arguments and not activation.roots),
)


def accepted(op: str, parameter: Any) -> Any:
    """A parameter, of one number or many, that the activation accepts: this, or sizes where they have to be positive,
    and 1 for 0."""
    if not ACTIVATIONS[op].divides_x:
        return parameter
    sizes = np.where(np.equal(parameter, 0), 1, np.abs(parameter))
    return sizes.astype(parameter.dtype) if isinstance(parameter, np.ndarray) else float(sizes)


def every_op_with(*parameters: float) -> pytest.MarkDecorator:
    """Runs a test of ``op`` and ``parameter`` for each of these, as `accepted`; with None, once, for an activation
    without one."""
    pairs = [
        (op, parameter)
        for op, activation in ACTIVATIONS.items()
        for parameter in (dict.fromkeys(accepted(op, each) for each in parameters) if activation.arguments else (None,))
    ]
    return pytest.mark.parametrize(("op", "parameter"), pairs)


def given(parameter: float | None) -> tuple[float, ...]:
    """The arguments of a function of x for this parameter."""
    return () if parameter is None else (parameter,)


# The last bits of exp(-1000), beside 1.
BITS = 2000


@functools.cache
def defined(op: str, parameter: float | None, x: float, derivative: int) -> Any:
    """The activation or a derivative of it, from its definition, with so many bits: once for all backends and modes."""
    activation = ACTIVATIONS[op]

    def function(x: Any) -> Any:
        return activation.definition(mpmath, x, *arguments)

    with mpmath.workprec(BITS):
        arguments = [
            mpmath.mpf(float(a)) for a in given(parameter) or (argument.default for argument in activation.arguments)
        ]
        # From the left.
        return mpmath.diff(function, mpmath.mpf(float(x)), derivative, direction=-1)


@functools.cache
def defined_of_both(op: str, x: float, parameter: float, by_x: int, by_parameter: int) -> Any:
    """A derivative of the activation with respect to x and its parameter, so many times each; as `defined`."""
    definition = ACTIVATIONS[op].definition
    with mpmath.workprec(BITS):
        point = (mpmath.mpf(float(x)), mpmath.mpf(float(parameter)))
        return mpmath.diff(lambda *both: definition(mpmath, *both), point, (by_x, by_parameter))


def assert_sums(got: np.ndarray, terms: np.ndarray, computed: type[Any], *, rounded: bool = False) -> None:
    """Holds sums over channels to what is promised of them.

    Args:
        got: the sums, of the shape of what has one number per channel.
        terms: what is summed, of the shape of x, in float64.
        computed: the type that kernels compute the terms in.
        rounded: whether the terms have been rounded to that type.
    """
    missing = terms.ndim - got.ndim
    axes = tuple(axis for axis in range(terms.ndim) if axis < missing or got.shape[axis - missing] == 1)
    count = max(terms.size // max(got.size, 1), 4)
    with np.errstate(all="ignore"):
        sums, sizes = terms.sum(axes).reshape(got.shape), np.abs(terms).sum(axes).reshape(got.shape)
        tolerance = float(np.finfo(computed).eps) / 2 * (np.log2(count) + rounded) * sizes
        error = np.abs(got.astype(np.float64) - sums)
        info = ml_dtypes.finfo(got.dtype)
        ulp = np.where(sums == 0, 0, np.ldexp(float(info.eps), np.frexp(sums)[1] - 1))
        ulp = np.maximum(ulp, float(info.smallest_subnormal))
        assert ((error <= 2 * ulp + tolerance) | (got == sums.astype(got.dtype))).all()
