"""The list of what is measured: the benchmark command and the pytest-benchmark suites both read it."""

import itertools
from dataclasses import dataclass, replace

from tfcustomact.activations import ACTIVATIONS

OPS = tuple(ACTIVATIONS)
DTYPES = ("float32", "float64", "float16", "bfloat16")

# "array" is everything that is called on arrays outside TensorFlow: tfcustomact.numpy and cuda, PyTorch, JAX.
MODES = ("eager", "graph", "jit", "array")
DIRECTIONS = ("forward", "backward", "both")


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


@dataclass(frozen=True)
class Plan:
    """Every combination of the fields; ``powers`` and, for GPUs, ``gpu_powers`` hold the sizes of each dtype, as powers
    of two."""

    powers: dict[str, tuple[int, ...]]
    gpu_powers: dict[str, tuple[int, ...]]
    modes: tuple[str, ...] = MODES
    directions: tuple[str, ...] = DIRECTIONS
    ops: tuple[str, ...] = OPS

    def narrowed(self, op: str | None, dtype: str | None, power: int | None) -> "Plan":
        powers, gpu_powers = (_narrowed(powers, dtype, power) for powers in (self.powers, self.gpu_powers))
        return replace(self, powers=powers, gpu_powers=gpu_powers, ops=self.ops if op is None else (op,))

    def cases(self, device: str) -> list[Case]:
        powers = self.gpu_powers if device.startswith("GPU") else self.powers
        return [
            Case(device, op, mode, direction, dtype, 2**power)
            for op, mode, dtype, direction in itertools.product(self.ops, self.modes, powers, self.directions)
            for power in powers[dtype]
        ]


def _narrowed(powers: dict[str, tuple[int, ...]], dtype: str | None, power: int | None) -> dict[str, tuple[int, ...]]:
    narrowed = {name: values for name, values in powers.items() if dtype in (None, name)}
    if dtype is not None:
        narrowed.setdefault(dtype, powers["float32"])
    return narrowed if power is None else dict.fromkeys(narrowed, (power,))


FULL = Plan(
    {
        "float32": (10, 14, 18, 20, 24, 26),
        "float64": (14, 20, 24),
        "float16": (14, 20, 24),
        "bfloat16": (14, 20, 24),
    },
    {
        "float32": (10, 14, 18, 20, 22, 24, 26, 27, 28),
        "float64": (20, 24, 27),
        "float16": (20, 24, 28),
        "bfloat16": (20, 24, 28),
    },
)
QUICK = Plan({"float32": (10, 20)}, {"float32": (10, 20, 27)}, directions=("forward", "both"))
