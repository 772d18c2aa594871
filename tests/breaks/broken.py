"""The kernels of which one thing can be broken at a time."""

import ctypes
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

DTYPES = ("float16", "bfloat16", "float32", "float64")


class Site(NamedTuple):
    """An operation: its address in the library, and how often it is executed before, since a vector was read."""

    address: int
    count: int
    operation: int


class Break(NamedTuple):
    """What is broken: an operation and how, a piece of source of `texts.TEXTS`, or how kernels are called."""

    address: int = 0
    count: int = 0
    variant: int = 0
    text: int = -1
    call: int = -1


class Kernels(threading.local):
    """Functions on NumPy arrays: of one instruction set, and with one break, each thread has its own."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        for name in ("InstructionSetName", "ActivationName", "VariantName", "CallName"):
            getattr(self._library, name).restype = ctypes.c_char_p
        self._library.Recorded.restype = ctypes.c_size_t
        self._library.Address.restype = ctypes.c_size_t
        self._activations = [*self._names("ActivationName")]
        self.instruction_sets = [name for name in self._names("InstructionSetName") if name]
        self.calls = [*self._names("CallName")]
        self.instruction_set = self.instruction_sets[0]
        self.address: int = self._library.Address()

    def __call__(
        self, op: str, derivative: int, x: np.ndarray, parameter: float | None, out: np.ndarray | None = None
    ) -> np.ndarray:
        """The value, or 1 times a derivative."""
        if out is None:
            out = np.zeros_like(x)
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
        )
        return out

    def sites(self, op: str, derivative: int, dtype: str, parameters: Iterable[float | None]) -> list[Site]:
        """The operations that are executed for small and for huge numbers, and with these parameters."""
        self._library.Record(1)
        for parameter in parameters:
            for number in (0.5, 1e4):
                self(op, derivative, np.full(512, number, np.float32).astype(dtype), parameter)
        self._library.Record(0)
        count = self._library.Recorded(None, ctypes.c_size_t(0))
        numbers = np.zeros((count, 3), np.uint64)
        self._library.Recorded(numbers.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(count))
        return [Site(*map(int, site)) for site in numbers]

    def variants(self, site: Site) -> list[str]:
        """The ways to break it."""
        return [*self._names("VariantName", site.operation, first=1)]

    def set_broken(self, broken: Break) -> None:
        """Break this and nothing else; nothing by default."""
        self._library.Break(ctypes.c_void_p(broken.address), *broken[1:])

    def _names(self, function: str, *arguments: Any, first: int = 0) -> Iterable[str]:
        number = first
        while (name := getattr(self._library, function)(*arguments, ctypes.c_size_t(number))) is not None:
            yield name.decode()
            number += 1
