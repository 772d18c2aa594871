"""Errors of ours and of what TensorFlow offers, at the same inputs: how large they are, and where."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfcustomact import testing
from tfcustomact._commands import machine
from tfcustomact._commands.check import VALUE_AND_GRADIENT
from tfcustomact._commands.timing.measurement import rounded
from tfcustomact.activations import ACTIVATIONS

# An error of so many ULPs is larger than the float32 number itself.
ALL_LOST = 2.0**23

_DECADES = range(-9, 4)
_PER_DECADE, _INPUTS_EACH = 6, 600

# The sizes of x between which the largest errors are kept, first of negative x and then of positive.
SIZES = np.logspace(_DECADES[0], _DECADES[-1], _PER_DECADE * (len(_DECADES) - 1) + 1)


@dataclass(frozen=True)
class Errors:
    """The errors of float32 values or gradients, in ULPs: the largest one, its input, and the largest of each interval,
    from the negative numbers farthest from zero to the positive ones."""

    op: str
    output: str
    who: str
    ours: bool
    largest: float
    at: float
    by_x: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Returns a dictionary that `from_json` reads again."""
        return asdict(self)


def from_json(content: dict[str, Any]) -> Errors:
    return Errors(**content | {"by_x": tuple(content["by_x"])})


def middles() -> np.ndarray:
    """Returns an x of each interval of `Errors.by_x`."""
    positive = np.sqrt(SIZES[1:] * SIZES[:-1])
    return np.concatenate([-positive[::-1], positive])


def found(ops: Iterable[str]) -> list[Errors]:
    """Computes the errors of ours and of theirs, on the host, in eager mode; nothing where TensorFlow is missing."""
    if not machine.has_tensorflow():
        return []
    return [errors for op in ops for errors in _of(op)]


def _of(op: str) -> Iterable[Errors]:
    from tfcustomact._commands import tensors

    x = _inputs()
    theirs = str(ACTIVATIONS[op].theirs)
    contestants = (("tfcustomact", True, ACTIVATIONS[op].function), (theirs, False, tensors.theirs(op)[theirs]))
    for derivative, output in enumerate(VALUE_AND_GRADIENT):
        expected = testing.Expected(op, x, derivative=derivative)
        for who, ours, function in contestants:
            errors = expected.errors(tensors.computed(function, machine.HOST, "eager", output, x))
            # An infinite error is that of NaN or of a zero of the wrong sign: nothing is right.
            errors = np.minimum(np.nan_to_num(errors, nan=ALL_LOST), ALL_LOST)
            by_x = errors.reshape(-1, _INPUTS_EACH).max(axis=1)
            worst = int(errors.argmax())
            yield Errors(op, output, who, ours, rounded(errors[worst]), rounded(x[worst]), tuple(map(rounded, by_x)))


def _inputs() -> np.ndarray:
    random = np.random.default_rng(0)
    shares = random.uniform(size=(len(SIZES) - 1, _INPUTS_EACH))
    positive = SIZES[:-1, None] * (SIZES[1:] / SIZES[:-1])[:, None] ** shares
    return np.concatenate([-positive[::-1], positive]).astype(np.float32).ravel()
