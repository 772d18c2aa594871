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

# The density of the standard normal distribution there is about exp(-FAR); and up to where the series is taken.
_FAR_TAIL, _SERIES_TO = 148.0, 1.25


class _Numpy:
    wide: Callable[[npt.ArrayLike], Array]
    root_of_two_pi: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def tail_of_normal(self, a: npt.NDArray[np.float64]) -> tuple[Array, Array]:
        """Returns the standard normal distribution's density at ``a``, and 1 less its function there, for ``a >= 0``.

        Up to `_SERIES_TO` the latter comes from the series of the function, beyond from Laplace's continued fraction.
        """
        a = np.minimum(a, _FAR_TAIL)
        high, low = self.halves(a)
        # The square of the high part is exact.
        density = self.exp(-high * high / 2) * self.exp(-low * (high + low / 2)) / self.root_of_two_pi
        wide = self.wide(a)
        term = total = wide
        for k in range(1, 60):
            term = term * wide * wide / (2 * k + 1)
            total = total + term
        tail = 0.5 - density * total
        by_size = np.argsort(a, axis=None)
        sizes = np.ravel(a)[by_size]
        beyond = slice(np.searchsorted(sizes, _SERIES_TO, side="right"), np.searchsorted(sizes, np.inf))
        by_size, sizes = by_size[beyond], sizes[beyond]
        far = np.ravel(wide)[by_size]
        fraction = far.copy()
        # From the k-th step on, steps change the fraction by about exp(-2 a sqrt(2 k)) of it: an `a` twice as large
        # needs a quarter of the steps, and a few more, to err by less than 2^-69.
        for k in range(420, 0, -1):
            largest = _SERIES_TO * (400 / (k - 20)) ** 0.5 if k > 20 else np.inf
            those = slice(np.searchsorted(sizes, largest, side="right"))
            fraction[those] = far[those] + k / fraction[those]
        np.ravel(tail)[by_size] = np.ravel(density)[by_size] / fraction
        return density, tail

    def truncated(self, x: npt.NDArray[np.float64], bits: int) -> npt.NDArray[np.float64]:
        """Returns ``x`` without so many of its last bits."""
        return (x.view(np.int64) & -(1 << bits)).view(np.float64)

    def halves(self, x: npt.NDArray[np.float64]) -> tuple[Array, Array]:
        """Returns two numbers of half as many digits each, whose sum is ``x``: products of such numbers are exact."""
        high = self.truncated(x, 27)
        return self.wide(high), self.wide(x - high)


class _LongDouble(_Numpy):
    def __init__(self) -> None:
        self.wide = partial(np.asarray, dtype=np.longdouble)
        self.root_of_two_pi = np.longdouble("2.50662827463100050241576528481104525")


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
        self.log1p = np.frompyfunc(context.log1p, 1, 1)
        self.root_of_two_pi = context.sqrt(2 * context.pi)


def arithmetic() -> Any:
    """Returns the ``math`` of exact values."""
    return _LongDouble() if np.finfo(np.longdouble).nmant >= 63 else _Multiprecision()
