"""Reads the machine code of the CUDA kernels in a library, through CUDA's disassembler."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# A kernel's mangled name: how the array is divided, what it computes, of what, and how many vectors a thread takes.
_NAME = re.compile(
    r"\d(Apply[A-Za-z]*)INS0_7ElementINS_\d+([A-Za-z]+)ENS_6passes\d+([A-Za-z]+)E[fd]NS_.*"
    r"(f|d|NS0_\d+B?Float16E)(?:Lj(\d)E)?EEvT_"
)
_FOLD = re.compile(r"\d(Fold)INS_\d+[A-Za-z]+SumE(f|d|NS0_\d+B?Float16E)EEvPKT_")
_DTYPES = {"NS0_7Float16E": "float16", "NS0_8BFloat16E": "bfloat16", "f": "float32", "d": "float64"}
_PRIMES = {"value": "", "gradient": "'", "second_gradient": "''"}
# Without the spaces before it, from each of which a search would begin anew.
_INSTRUCTION = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(?:(@!?U?P\w+)\s+)?(\w+(?:\.\w+)*)\s*(.*?);")

WIDE = r"(LDG|STG)\.E\.128(\.\w+)*"


@dataclass(frozen=True)
class Instruction:
    """One instruction, where ``conditional`` says that it has a predicate."""

    address: int
    conditional: bool
    name: str
    operands: str


@dataclass(frozen=True)
class Kernel:
    """One kernel: how it divides an array, its name in words, the vectors of a thread, and its code."""

    way: str
    activation: str
    taken: str
    dtype: str
    steps: int
    code: tuple[Instruction, ...]

    def __str__(self) -> str:
        name = self.activation + _PRIMES.get(self.taken, f" {self.taken}".replace("_", " "))
        return f"{name}{' in rows' if self.way == 'ApplyToRows' else ''} {self.dtype}"

    @property
    def elements(self) -> int:
        """The elements that a thread takes with 16-byte accesses."""
        return self.steps * 16 // {"float64": 8, "float32": 4}.get(self.dtype, 2)

    def count(self, pattern: str) -> int:
        """Returns how many instructions there are whose whole name is like ``pattern``."""
        return sum(bool(re.fullmatch(pattern, instruction.name)) for instruction in self.code)

    def vector_path(self) -> Counter[str]:
        """Returns the instructions that a thread executes which has all its vectors, aligned and within reach."""
        wide = [i for i, x in enumerate(self.code) if re.fullmatch(WIDE, x.name)]
        path: list[int] = []
        for start, end in zip([0, *wide], [*wide, None], strict=True):
            path += self._shortest(start, end)
        return Counter(self.code[i].name for i in path)

    def _shortest(self, start: int, end: int | None) -> list[int]:
        # From one instruction up to but not including another, or to the thread's end.
        came_from: dict[int, int | None] = {start: None}
        front = [start]
        while front:
            reached = []
            for i in front:
                if i == end or (end is None and self.code[i].name == "EXIT"):
                    last = came_from[i] if end is not None else i
                    path = []
                    while last is not None:
                        path.append(last)
                        last = came_from[last]
                    return path[::-1]
                for following in self._following(i):
                    if following not in came_from:
                        came_from[following] = i
                        reached.append(following)
            front = reached
        raise AssertionError(f"{self}: no path from instruction {start} to {end}")

    def _following(self, i: int) -> list[int]:
        instruction = self.code[i]
        jumps = instruction.name.split(".")[0] == "BRA"
        ends = instruction.name.split(".")[0] in ("EXIT", "RET")
        # A branch may have a second predicate before its target.
        conditional = instruction.conditional or (jumps and "P" in instruction.operands.split("0x")[0])
        following = [i + 1] if conditional or not (jumps or ends) else []
        if jumps:
            target = int(re.search(r"0x[0-9a-f]+", instruction.operands)[0], 16)
            following.append(next(n for n, x in enumerate(self.code) if x.address == target))
        return following


def tool() -> str | None:
    """Returns the path of cuobjdump, of the CUDA toolkit or its package; None if it is not here."""
    packaged = Path(sysconfig.get_path("purelib"), "nvidia")
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), *map(str, packaged.glob("*/bin"))]
    return shutil.which("cuobjdump", path=os.pathsep.join(folders))


def dump(library: Path, *options: str) -> str:
    """Returns what cuobjdump says of a library."""
    found = tool()
    # It calls nvdisasm, which is beside it.
    path = os.pathsep.join([str(Path(found).parent), os.environ.get("PATH", os.defpath)])
    return subprocess.run(
        [found, *options, library], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    ).stdout


@cache
def kernels(library: Path, architecture: int) -> tuple[Kernel, ...]:
    """Returns the kernels of a library that are compiled for a compute capability."""
    found = []
    text = dump(library, "--dump-sass", "--gpu-architecture", f"sm_{architecture}")
    for part in text.split("Function : ")[1:]:
        name, _, body = part.partition("\n")
        code = tuple(
            Instruction(int(address, 16), predicate != "", opcode, operands)
            for address, predicate, opcode, operands in _INSTRUCTION.findall(body)
        )
        if fold := _FOLD.search(name):
            way, dtype = fold.groups()
            found.append(Kernel(way, "", "", _DTYPES[dtype], 0, code))
            continue
        way, activation, taken, dtype, steps = _NAME.search(name).groups()
        found.append(Kernel(way, _snake_case(activation), _snake_case(taken), _DTYPES[dtype], int(steps or 1), code))
    return tuple(found)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
