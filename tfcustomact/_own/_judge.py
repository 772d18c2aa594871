"""How large the errors of an activation of one's own are."""

from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from tfcustomact import testing
from tfcustomact._own._exact import Exact

Array = npt.NDArray[Any]

# What is subnormal is flushed to zero, and may have been multiplied by a number of this size.
_FACTOR_OF_SUBNORMAL = 256

# A result may be off by as much as it changes if x changes by an ULP. This is estimated from a change of x by this
# share of it.
_SHARE = 2.0**-9


class Judge:
    """What an activation, or a derivative of it, has to be, to judge any number of results.

    Errors are in ULPs of the exact result, or of what it changes by, relative to the change of x, where that is larger.
    Where it jumps, the results of both sides and all between them are right; of a subnormal x, that of zero too, as
    TensorFlow's threads take the one for the other.

    Args:
        exact: the exact results.
        x: the inputs.
        by: the places of the arguments that it is the derivative by, as `Exact.of` takes them.
        limit: the error, in ULPs, that is no fault.

    Attributes:
        wanted: the exact results, in float64.
    """

    def __init__(self, exact: Exact, x: Array, by: tuple[int, ...], limit: float) -> None:
        limits = ml_dtypes.finfo(x.dtype)
        with np.errstate(all="ignore"):
            wide = x.astype(np.float64)
            below, above = (np.nextafter(x, x.dtype.type(side)).astype(np.float64) for side in (-np.inf, np.inf))
            wanted = exact.of(wide, by)
            if by:
                # What is derived of NaN is multiplied by a gradient that is NaN already: it may be anything.
                wanted = np.where(np.isnan(wide), np.nan, wanted)
            ends = (exact.roughly(wide * (1 + side), by) for side in (_SHARE, -_SHARE))
            # Where it oscillates, the derivative alone tells.
            changes = np.abs([np.subtract(*ends) / (2 * _SHARE), wide * exact.roughly(wide, (*by, 0))])
            change = np.fmax.reduce(np.where(np.isfinite(changes), changes, 0))
            size = np.fmax(np.abs(wanted), change).astype(np.float64)
            sides = np.stack([wanted] * 3)
            jumps = ~(np.abs(exact.roughly(above, by) - exact.roughly(below, by)) <= _SHARE * size)
            sides[1:, jumps] = exact.of(below[jumps], by), exact.of(above[jumps], by)
            subnormal = (wide != 0) & (np.abs(wide) < float(limits.tiny))
            sides[1, subnormal] = exact.of(np.copysign(0.0, wide[subnormal]), by)
            # An error that flushing or the uncertainty of the exact value may explain is within the limit: ULPs are
            # those of numbers large enough for that.
            tiny = float(ml_dtypes.finfo("float64" if x.dtype == np.float64 else "float32").tiny)
            off = _FACTOR_OF_SUBNORMAL * tiny + exact.uncertainty(wide, by)
            size = np.maximum(size, off / (limit * float(limits.eps)))
            self._size = np.minimum(size, np.finfo(np.float64).max)
            self.wanted, self._sides = wanted.astype(np.float64), sides

    def errors(self, got: Array, places: Any = ...) -> npt.NDArray[np.float64]:
        """Returns the errors in ULPs of the results for what is at these places of x, an index."""
        sides = [side[places] for side in self._sides]
        with np.errstate(all="ignore"):
            off_by = np.min([testing.ulp_error(got, each, floor=self._size[places]) for each in sides], axis=0)
            between = (got >= np.fmin.reduce(sides)) & (got <= np.fmax.reduce(sides))
        # Where nothing is known, nothing is wrong.
        return np.where(between | np.isnan(self.wanted[places]), 0.0, off_by)
