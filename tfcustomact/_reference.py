"""The activations in the widest arithmetic at hand, written from their definitions and from nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# exp(-FAR) is far below every number of every dtype, and exp(FAR) is within the range of a 64-bit long double.
_FAR = 11000


class _LongDouble:
    @staticmethod
    def wide(x: npt.NDArray[np.float64]) -> Array:
        return x.astype(np.longdouble)

    exp = staticmethod(np.exp)
    expm1 = staticmethod(np.expm1)


class _Multiprecision:
    """For platforms whose long double is a double."""

    def __init__(self) -> None:
        import mpmath

        # A context of its own: the caller's precision is nobody else's business.
        context = mpmath.mp.clone()
        context.prec = 160
        self.wide = np.frompyfunc(lambda number: context.mpf(float(number)), 1, 1)
        self.exp = np.frompyfunc(context.exp, 1, 1)
        self.expm1 = np.frompyfunc(context.expm1, 1, 1)


def _arithmetic() -> Any:
    return _LongDouble if np.finfo(np.longdouble).nmant >= 63 else _Multiprecision()


def swish(x: npt.NDArray[np.float64], beta: np.float64, derivative: int) -> Array:
    """x * s(beta * x) with s(t) = 1 / (1 + exp(-t)), or a derivative of it."""
    arithmetic = _arithmetic()
    finite = np.isfinite(x)
    wide = arithmetic.wide(np.where(finite, x, 0.0))
    x_high, x_low = _halves(np.where(finite, x, 0.0), arithmetic)
    beta_high, beta_low = _halves(np.full_like(x, beta), arithmetic)
    # beta * x = large + small, where the product of the high halves is exact and the rest needs few digits.
    large = x_high * beta_high
    small = x_high * beta_low + x_low * beta_high + x_low * beta_low
    far = abs(large) > _FAR
    large = np.where(far, np.where(large > 0, _FAR, -_FAR), large)
    small = np.where(far, 0, small)
    t = large + small
    s = 1 / (1 + arithmetic.exp(-large) * arithmetic.exp(-small))
    opposite = 1 / (1 + arithmetic.exp(large) * arithmetic.exp(small))
    direction = np.where(np.isnan(x), np.nan, np.sign(x) * np.sign(beta))
    if derivative == 0:
        result = np.where(x == 0, x, wide * s)
        limits = np.where(direction > 0, x, np.where(direction < 0, np.copysign(0.0, x), x / 2))
    elif derivative == 1:
        result = s + t * s * opposite
        limits = np.where(direction > 0, 1.0, np.where(direction < 0, 0.0, 0.5 + direction))
    else:
        result = arithmetic.wide(np.asarray(beta)) * s * opposite * (2 + t * (opposite - s))
        limits = 0 * direction
    return np.where(finite, result, limits)


def elu(x: npt.NDArray[np.float64], alpha: np.float64, derivative: int) -> Array:
    """x for x > 0, else alpha * (exp(x) - 1), or a derivative of it."""
    arithmetic = _arithmetic()
    wide = arithmetic.wide(np.clip(x, -_FAR, 0.0))
    scale = arithmetic.wide(np.asarray(alpha))
    if derivative == 0:
        negative = np.where(np.isneginf(x), -alpha, scale * arithmetic.expm1(wide))
        return np.where(x < 0, negative, x)
    slope = np.where(np.isneginf(x), 0.0, scale * arithmetic.exp(wide))
    return np.where(x > 0, 1.0 if derivative == 1 else 0.0, slope)


def _halves(x: npt.NDArray[np.float64], arithmetic: Any) -> tuple[Array, Array]:
    high = (x.view(np.int64) & -(1 << 27)).view(np.float64)
    return arithmetic.wide(high), arithmetic.wide(x - high)


FUNCTIONS: dict[str, Callable[[npt.NDArray[np.float64], np.float64, int], Array]] = {"swish": swish, "elu": elu}
