"""What an activation and its derivatives have to be, from its definition or its formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from tfcustomact.activations._activation import Activation
from tfcustomact.activations._exact import arithmetic

Array = npt.NDArray[Any]

# Two ways to compute a derivative in float64 may differ by this, relative to 1 or |f(x) / x|: so large may the
# terms be that either adds up and rounds.
_UNCERTAINTY = 2.0**-46

# The digits of mpmath's numbers, and the step of a difference, as a power of 10 and relative to x. A difference of
# neighbours cancels 120 digits: those that are left resolve the smallest float64 beside 1.
_DIGITS = 500
_STEP = -120


class Exact:
    """The exact value and derivatives, for numbers as arguments.

    Without a definition they are the formula's in float64, and its derivatives TensorFlow's; these are uncertain where
    they are far smaller than |f(x) / x|.

    Args:
        formula: the formula, in TensorFlow's ops.
        numbers: the arguments.
        defined: returns what `of` does, exact to float64 and far beyond, of x, the numbers and the places.
    """

    def __init__(
        self, formula: Callable[..., Any], numbers: tuple[float, ...], defined: Callable[..., Array] | None = None
    ) -> None:
        self._formula, self.numbers, self._defined = formula, numbers, defined

    @property
    def is_certain(self) -> bool:
        """Whether they are exact enough to judge float64."""
        return self._defined is not None

    def of(self, x: Array, by: tuple[int, ...]) -> Array:
        """Returns the derivative of float64 numbers ``x`` by the arguments of these places, with 0 for x; the value
        where there are none."""
        return self.roughly(x, by) if self._defined is None else self._defined(x, self.numbers, by)

    def uncertainty(self, x: Array, by: tuple[int, ...]) -> Array:
        """Returns by how much `of` may be off."""
        if self.is_certain or not by:
            return np.zeros(x.shape)
        with np.errstate(all="ignore"):
            growth = np.abs(self.roughly(x, ()) / x)
        scale = np.maximum(1.0, np.where(np.isfinite(growth), growth, 0.0))
        return _UNCERTAINTY * (scale if by[0] == 0 else scale * np.maximum(1.0, np.abs(x)))

    def roughly(self, x: Array, by: tuple[int, ...]) -> Array:
        """Returns what `of` does, always from the formula."""
        found = self._derived(x, by)
        missing = ~np.isfinite(found) & np.isfinite(x)
        if by and missing.any():
            # TensorFlow's derivative may be the fault: a branch that is not taken, and infinite, makes it NaN.
            with np.errstate(all="ignore"):
                found[missing] = self._difference(x[missing], by)
        return found

    def _derived(self, x: Array, by: tuple[int, ...]) -> Array:
        with tf.device("CPU:0"):
            inputs = [tf.constant(x, tf.float64), *(tf.fill(x.shape, tf.constant(n, tf.float64)) for n in self.numbers)]
            found: Array = _derivative(self._formula, inputs, by).numpy()
            return found

    def _difference(self, x: Array, by: tuple[int, ...]) -> Array:
        *rest, last = by
        at = np.abs(x) if last == 0 else np.full(x.shape, abs(self.numbers[last - 1]))
        # The step for which the rounding error and the cubic term of the difference are of one size.
        step = np.cbrt(np.finfo(np.float64).eps) * np.where(at > 0, at, 1.0)
        sides = []
        for side in (step, -step):
            moved = Exact(self._formula, self.numbers)
            if last == 0:
                sides.append(moved._derived(x + side, tuple(rest)))
            else:
                numbers = [np.full(x.shape, n) for n in self.numbers]
                numbers[last - 1] = numbers[last - 1] + side
                inputs = [tf.constant(x), *map(tf.constant, numbers)]
                sides.append(_derivative(self._formula, inputs, tuple(rest)).numpy())
        found: Array = (sides[0] - sides[1]) / (2 * step)
        return found


def defined_in_mpmath(
    definition: Callable[..., Any], x: Array, numbers: tuple[float, ...], by: tuple[int, ...]
) -> Array:
    """Returns what `Exact.of` does, from a definition that is called with mpmath, x and the arguments."""
    import mpmath

    found = np.empty(x.shape, np.longdouble)
    with mpmath.workdps(_DIGITS):
        step = mpmath.mpf(10) ** _STEP
        for index, number in enumerate(x.tolist()):
            exact = _difference(definition, step, list(map(mpmath.mpf, (number, *numbers))), by)
            high = float(exact)
            found[index] = high
            if np.isfinite(high):
                found[index] += np.longdouble(float(exact - high))
    return found


def defined_by_record(activation: Activation, x: Array, numbers: tuple[float, ...], by: tuple[int, ...]) -> Array:
    """Returns what `Exact.of` does, from what the record of one of ours has."""
    if any(by):
        assert activation.of_argument is not None
        return activation.of_argument.exact(arithmetic(), x, *numbers)
    return activation.exact(arithmetic(), x, *numbers, derivative=len(by))


def of_formula(
    formula: Callable[..., Any], arithmetic: object, x: Array, *arguments: float, derivative: int = 0
) -> Array:
    """Returns a formula or its derivative, in TensorFlow's float64 whatever the arithmetic: an `Activation.exact`."""
    return Exact(formula, arguments).of(x, (0,) * derivative)


def _difference(definition: Callable[..., Any], step: Any, places: list[Any], by: tuple[int, ...]) -> Any:
    """Returns the derivative of a definition by these places, from differences of neighbours."""
    import mpmath

    if not by:
        return definition(mpmath, *places)
    *rest, last = by
    at = places[last]
    size = step * (abs(at) or mpmath.mpf(2) ** -1100)
    above, below = (
        _difference(definition, step, [*places[:last], at + side, *places[last + 1 :]], tuple(rest))
        for side in (size, -size)
    )
    return (above - below) / (2 * size)


def _derivative(formula: Callable[..., Any], inputs: list[tf.Tensor], by: tuple[int, ...]) -> tf.Tensor:
    """Returns the derivative by the inputs of these places, element by element."""
    if not by:
        return formula(*inputs)
    *rest, last = by
    with tf.GradientTape() as tape:
        tape.watch(inputs[last])
        y = _derivative(formula, inputs, tuple(rest))
    return tape.gradient(y, inputs[last], unconnected_gradients=tf.UnconnectedGradients.ZERO)
