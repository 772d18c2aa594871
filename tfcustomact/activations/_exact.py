"""The arithmetic of the highest precision that is available, for exact values.

An exact value is computed with ``math``, which has the functions of NumPy, and ``wide``, which converts float64 numbers
to that precision; functions of such numbers have it too.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# exp(-FAR) is far below every number of every dtype, and exp(FAR) is within the range of a 64-bit long double.
FAR = 11000


class _Numpy:
    wide: Callable[[npt.ArrayLike], Array]

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def halves(self, x: npt.NDArray[np.float64]) -> tuple[Array, Array]:
        """Returns two numbers of half as many digits each, whose sum is ``x``: products of such numbers are exact."""
        high = (x.view(np.int64) & -(1 << 27)).view(np.float64)
        return self.wide(high), self.wide(x - high)


class _LongDouble(_Numpy):
    def __init__(self) -> None:
        self.wide = partial(np.asarray, dtype=np.longdouble)


class _Multiprecision(_Numpy):
    """For platforms whose long double is a double."""

    def __init__(self) -> None:
        import mpmath

        # A context of its own leaves the caller's precision as it is.
        context = mpmath.mp.clone()
        context.prec = 160
        self.wide = np.frompyfunc(lambda number: context.mpf(float(number)), 1, 1)
        self.exp = np.frompyfunc(context.exp, 1, 1)
        self.expm1 = np.frompyfunc(context.expm1, 1, 1)


def arithmetic() -> Any:
    """Returns the ``math`` of exact values."""
    return _LongDouble() if np.finfo(np.longdouble).nmant >= 63 else _Multiprecision()
