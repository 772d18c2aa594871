"""The list of what is measured: the benchmark command and the pytest-benchmark suites both read it."""

import itertools
from dataclasses import dataclass, replace

from tfcustomact._activations import ACTIVATIONS

OPS = tuple(ACTIVATIONS)
DTYPES = ("float32", "float64", "float16", "bfloat16")

# "array" is everything that is called on arrays outside TensorFlow: tfcustomact.numpy, PyTorch, JAX.
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

    def __str__(self) -> str:
        return f"{self.op} {self.direction} {self.mode} {self.dtype} 2^{self.size.bit_length() - 1} on {self.device}"


@dataclass(frozen=True)
class Plan:
    """Every combination of the fields; ``powers`` holds, for each dtype, the sizes as powers of two."""

    powers: dict[str, tuple[int, ...]]
    modes: tuple[str, ...] = MODES
    directions: tuple[str, ...] = DIRECTIONS
    ops: tuple[str, ...] = OPS

    def narrowed(self, op: str | None, dtype: str | None, power: int | None) -> "Plan":
        powers = {name: values for name, values in self.powers.items() if dtype in (None, name)}
        if dtype is not None:
            powers.setdefault(dtype, self.powers["float32"])
        if power is not None:
            powers = dict.fromkeys(powers, (power,))
        return replace(self, powers=powers, ops=self.ops if op is None else (op,))

    def cases(self, device: str) -> list[Case]:
        # Arrays outside TensorFlow live on the host.
        modes = [mode for mode in self.modes if mode != "array" or device.startswith("CPU")]
        return [
            Case(device, op, mode, direction, dtype, 2**power)
            for op, mode, dtype, direction in itertools.product(self.ops, modes, self.powers, self.directions)
            for power in self.powers[dtype]
        ]


FULL = Plan(
    {
        "float32": (10, 14, 18, 20, 24, 26),
        "float64": (14, 20, 24),
        "float16": (14, 20, 24),
        "bfloat16": (14, 20, 24),
    }
)
QUICK = Plan({"float32": (10, 20)}, directions=("forward", "both"))
