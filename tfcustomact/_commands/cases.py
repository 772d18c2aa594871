"""Cases: what is computed. The command and the suite under pytest-benchmark measure the same ones."""

import functools
import itertools
from dataclasses import dataclass

import ml_dtypes  # noqa: F401 - gives NumPy the name bfloat16
import numpy as np

from tfcustomact.activations import ACTIVATIONS

DTYPES = ("float32", "float64", "float16", "bfloat16")

# "array" is everything that is called on arrays outside TensorFlow: tfcustomact.numpy and cuda, PyTorch, JAX.
TENSOR_MODES = ("eager", "graph", "jit")
MODES = (*TENSOR_MODES, "array")
DIRECTIONS = ("forward", "backward", "both")

# The sizes measured, as powers of two, by kind of device and dtype.
_POWERS: dict[str, dict[str, tuple[int, ...]]] = {
    "CPU": {"float32": (10, 14, 18, 20, 24, 26)} | dict.fromkeys(DTYPES[1:], (14, 20, 24)),
    "GPU": {"float32": (10, 14, 18, 20, 22, 24, 26, 27, 28), "float64": (20, 24, 27)}
    | dict.fromkeys(("float16", "bfloat16"), (20, 24, 28)),
}


@dataclass(frozen=True)
class Case:
    device: str
    op: str
    mode: str
    direction: str
    dtype: str
    size: int

    @property
    def kind(self) -> str:
        """The kind of device: ``CPU``, ``GPU``, ..."""
        return self.device.partition(":")[0]

    @property
    def power(self) -> int:
        """The size as a power of two."""
        return self.size.bit_length() - 1

    def __str__(self) -> str:
        return f"{self.op} {self.direction} {self.mode} {self.dtype} 2^{self.power} on {self.device}"


def planned(device: str, *, op: str | None = None, dtype: str | None = None, power: int | None = None) -> list[Case]:
    """All cases of a device, of one activation, dtype and size where they are given."""
    powers = _POWERS["GPU" if device.startswith("GPU") else "CPU"]
    if dtype is not None:
        powers = {dtype: powers.get(dtype, powers["float32"])}
    if power is not None:
        powers = dict.fromkeys(powers, (power,))
    ops = tuple(ACTIVATIONS) if op is None else (op,)
    return [
        Case(device, activation, mode, direction, its_dtype, 2**exponent)
        for activation, mode, its_dtype, direction in itertools.product(ops, MODES, powers, DIRECTIONS)
        for exponent in powers[its_dtype]
    ]


@functools.lru_cache(maxsize=4)
def inputs(dtype: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """What every contestant works on: ``x`` and the incoming gradient ``dy``, from a standard normal distribution."""
    random = np.random.default_rng(size)
    x, dy = (random.standard_normal(size, dtype=np.float32).astype(dtype, copy=False) for _ in range(2))
    return x, dy
