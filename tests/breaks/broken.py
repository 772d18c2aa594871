"""The kernels of which one thing can be broken at a time."""

import ctypes
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

DTYPES = ("float16", "bfloat16", "float32", "float64")


class Site(NamedTuple):
    """An operation: the ``number``-th of a ``part`` of a loop, which is -1 for the loop's constructor."""

    loop: int
    part: int
    number: int
    operation: int


_NO_SITE = Site(-1, 0, 0, 0)
_NOTHING = (_NO_SITE, 0, -1)


class Kernels:
    """Functions on NumPy arrays: those of one instruction set at a time."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        for name in ("InstructionSetName", "ActivationName", "LoopName", "VariantName"):
            getattr(self._library, name).restype = ctypes.c_char_p
        self._library.Recorded.restype = ctypes.c_size_t
        self._activations = [*self._names("ActivationName")]
        self.instruction_sets = [name for name in self._names("InstructionSetName") if name]
        self.instruction_set = self.instruction_sets[0]
        self.threads = 1
        self.broken = _NOTHING

    def __call__(self, op: str, derivative: int, x: np.ndarray, parameter: float | None, out: np.ndarray | None = None):
        """The value, or 1 times a derivative. What is written beside the array does no harm."""
        if out is None:
            room = 1024
            out = np.zeros(x.size + 2 * room, x.dtype)[room : room + x.size]
        inputs = (np.ones_like(x), x) if derivative else (x,)
        pointers = (ctypes.c_void_p * len(inputs))(*(array.ctypes.data for array in inputs))
        self._library.Call(
            self.instruction_set.encode(),
            self._activations.index(op),
            derivative,
            DTYPES.index(x.dtype.name),
            pointers,
            ctypes.c_void_p(out.ctypes.data),
            ctypes.c_double(1.0 if parameter is None else parameter),
            ctypes.c_size_t(x.size),
            ctypes.c_size_t(self.threads),
        )
        return out

    def sites(self, op: str, derivative: int, dtype: str, parameters: Iterable[float | None]) -> list[Site]:
        """The operations that are executed for small and for huge numbers, and with these parameters."""
        self._library.Record(1)
        for parameter in parameters:
            for number in (0.5, 1e4):
                self(op, derivative, np.full(2048, number, np.float32).astype(dtype), parameter)
        self._library.Record(0)
        count = self._library.Recorded(None, ctypes.c_size_t(0))
        numbers = np.zeros((count, 4), np.int32)
        self._library.Recorded(numbers.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(count))
        return [Site(*map(int, site)) for site in np.unique(numbers, axis=0)]

    def variants(self, site: Site) -> list[str]:
        """The ways to break it."""
        return [*self._names("VariantName", site.operation, first=1)]

    def loop(self, site: Site) -> str:
        """What the loop is called."""
        return self._library.LoopName(site.loop).decode()

    def break_operation(self, site: Site, variant: int) -> None:
        """Break this operation and nothing else."""
        self.restore((site, variant, -1))

    def break_text(self, number: int) -> None:
        """Break this piece of source and nothing else."""
        self.restore((_NO_SITE, 0, number))

    def mend(self) -> None:
        """Break nothing."""
        self.restore(_NOTHING)

    def restore(self, broken: tuple[Site, int, int]) -> None:
        """Break what was `broken`."""
        self.broken = broken
        site, variant, text = broken
        self._library.BreakOperation(*site, variant)
        self._library.BreakText(text)

    def _names(self, function: str, *arguments: Any, first: int = 0) -> Iterable[str]:
        number = first
        while (name := getattr(self._library, function)(*arguments, ctypes.c_size_t(number))) is not None:
            yield name.decode()
            number += 1
