"""The widest arithmetic at hand, for exact values."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# exp(-FAR) is far below every number of every dtype, and exp(FAR) is within the range of a 64-bit long double.
FAR = 11000


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


def arithmetic() -> Any:
    """Returns ``wide``, which makes numbers of that arithmetic of float64 arrays, and ``exp`` and ``expm1`` of them."""
    return _LongDouble if np.finfo(np.longdouble).nmant >= 63 else _Multiprecision()


def halves(x: npt.NDArray[np.float64], arithmetic: Any) -> tuple[Array, Array]:
    """Returns two numbers of half as many digits each, whose sum is ``x``: products of such numbers are exact."""
    high = (x.view(np.int64) & -(1 << 27)).view(np.float64)
    return arithmetic.wide(high), arithmetic.wide(x - high)
