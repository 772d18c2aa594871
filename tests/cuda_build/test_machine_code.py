"""The CUDA kernels' machine code, as it is in the installed library: what can be held to without a GPU."""

import os
import re
import shutil
from pathlib import Path

import pytest
from sass import WIDE, Kernel, dump, kernels, tool

from tfcustomact import _libraries
from tfcustomact.activations import ACTIVATIONS

_kernels = pytest.importorskip("tfcustomact._kernels", reason="installed without the native backend")
LIBRARY = _libraries.SHARED
ARCHITECTURES = _kernels.cuda.architectures()

pytestmark = [
    pytest.mark.skipif(not ARCHITECTURES, reason="this build has no CUDA kernels"),
    pytest.mark.skipif(tool() is None, reason="there is no cuobjdump (pip install nvidia-cuda-cuobjdump)"),
]


# Where the package is built for the test, with a compiler at hand, these tests must not be skipped in silence.
if os.environ.get("CI") == "true" and shutil.which("nvcc") and os.environ.get("TFCUSTOMACT_CUDA") != "0":
    pytestmark = []


@pytest.fixture(params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> int:
    return request.param


def test_machine_code_for_every_architecture_and_the_newest_for_later_ones() -> None:
    compiled = re.findall(r"ELF file.*sm_(\d+)\.cubin", dump(LIBRARY, "--list-elf"))
    assert sorted(map(int, set(compiled))) == ARCHITECTURES
    for_drivers = re.findall(r"PTX file.*sm_(\d+)\.ptx", dump(LIBRARY, "--list-ptx"))
    assert sorted(map(int, set(for_drivers))) == ARCHITECTURES[-1:]


# The inputs and outputs of the passes of each kind of kernel.
GATED = {"gated_value": (2, 1), "gated_gradient": (3, 2)}
PASSES = {
    "Apply": {"value": (1, 1), "gradient": (2, 1), "second_gradient": (2, 1), **GATED},
    "ApplyToRows": GATED,
    "ApplyByChannels": {
        "biased_value": (1, 1),
        "biased_gradient": (2, 1),
        "tensor_value": (1, 1),
        "tensor_gradient": (2, 1),
        "gated_tensor_value": (2, 1),
        "gated_tensor_gradient": (3, 2),
    },
}
DTYPES = ("float16", "bfloat16", "float32", "float64")


def test_a_kernel_for_every_op_and_dtype(architecture: int) -> None:
    found = [(kernel.way, kernel.activation, kernel.taken, kernel.dtype) for kernel in kernels(LIBRARY, architecture)]
    assert len(set(found)) == len(found)
    assert set(found) == {
        (way, name, taken, dtype)
        for way, passes in PASSES.items()
        for name, activation in ACTIVATIONS.items()
        for taken in passes
        for dtype in DTYPES
        if activation.argument_names or "tensor" not in taken
    } | {("Fold", "", "", dtype) for dtype in DTYPES}


def test_vectors_are_read_and_written_whole(architecture: int) -> None:
    for kernel in kernels(LIBRARY, architecture):
        if kernel.way == "ApplyByChannels":
            inputs, outputs = PASSES[kernel.way][kernel.taken]
            wide = WIDE if kernel.dtype == "float64" else WIDE.replace("128", "64")
            assert kernel.count(wide.replace("LDG|STG", "LDG")) >= inputs, kernel
            # Where these have 8 bytes, sums are stored like them: one for each of two or four columns, or one for all.
            has_sums = kernel.taken.endswith("gradient") and kernel.dtype != "float64"
            sums = has_sums * (1 + (2 if kernel.dtype == "float32" else 4))
            assert kernel.count(wide.replace("LDG|STG", "STG")) >= outputs + sums, kernel
        if not vectors(kernel):
            continue
        inputs, outputs = PASSES[kernel.way][kernel.taken]
        path = kernel.vector_path()
        steps = 2 if inputs == 1 and kernel.dtype != "float32" else 4 // inputs
        assert kernel.steps == (steps if kernel.way == "Apply" else 1), kernel
        assert count(path, WIDE.replace("LDG|STG", "LDG")) == kernel.steps * inputs, kernel
        assert count(path, WIDE.replace("LDG|STG", "STG")) == kernel.steps * outputs, kernel
        # Nothing else is written on the way; narrow loads are there for other alignments, and not executed.
        assert count(path, r"STG.*") == kernel.steps * outputs, kernel
        assert count(path, r"(CALL|BAR|MEMBAR).*") == 0, kernel


def test_no_local_memory(architecture: int) -> None:
    for kernel in kernels(LIBRARY, architecture):
        assert kernel.count(r"(LDL|STL).*") == 0, kernel
    usage = dump(LIBRARY, "--dump-resource-usage", "--gpu-architecture", f"sm_{architecture}")
    found = re.findall(r"Function (\w+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)", usage)
    assert len(found) == len(kernels(LIBRARY, architecture))
    for name, registers, stack, shared, local in found:
        has_sums = "Fold" in name or re.search(r"(Tensor|Biased)Gradient", name)
        # 65,536 registers are enough for 512, 768 or 1,024 threads of these.
        has_many = re.search(r"(Value|Gradient)Ed", name) or ("Float16" in name and "TensorGradient" in name)
        has_more = has_sums or "GatedGradient" in name
        assert int(registers) <= (128 if has_many else 80 if has_more else 64), name
        assert (stack, local) == ("0", "0"), name
        # A sum for each thread, of one number or two; the runtime keeps 1,024 bytes of every thread block's.
        assert int(shared) in ((2048, 3072, 4096, 5120) if has_sums else (0, 1024)), name


def documented() -> dict[str, tuple[float, float]]:
    """Returns what docs/cuda.md says: instructions per element of each kernel, and those in float64."""
    text = (Path(__file__).parents[2] / "docs" / "cuda.md").read_text(encoding="utf-8")
    row = r"^\| ([a-z][\w' ]+) \| \d+ \| ([\d.]+) \| (\d+) \|"
    return {name: (float(total), float(wide)) for name, total, wide in re.findall(row, text, re.MULTILINE)}


@pytest.mark.skipif(90 not in ARCHITECTURES, reason="docs/cuda.md is about compute capability 9.0")
def test_no_more_instructions_than_documented() -> None:
    stated = documented()
    activations = {re.match(r"\w+", name)[0] for name in stated}
    counted = [kernel for kernel in kernels(LIBRARY, 90) if kernel.activation in activations and vectors(kernel)]
    assert set(stated) == set(map(str, counted))
    for kernel in counted:
        path = kernel.vector_path()
        instructions, in_float64 = stated[str(kernel)]
        # Versions of nvcc differ by a little.
        assert path.total() / kernel.elements <= 1.1 * instructions, kernel
        assert count(path, r"D(ADD|MUL|FMA|SETP).*") / kernel.elements <= 1.1 * in_float64, kernel


def vectors(kernel: Kernel) -> bool:
    return kernel.way in ("Apply", "ApplyToRows")


def count(path: dict[str, int], pattern: str) -> int:
    return sum(number for name, number in path.items() if re.fullmatch(pattern, name))
