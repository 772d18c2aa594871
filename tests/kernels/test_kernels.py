"""The kernels' own tests: programs without Python, built here, for the kernels that are installed, and run."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tfcustomact._libraries import SHARED

SOURCE = Path(__file__).parents[2]


# What each sanitizer is compiled with, and the programs that it runs.
#
# The compiler optimizes, or the loops would take minutes. So would two checks more, since everything in the loops is
# inlined: for null pointers and accesses outside of objects, which AddressSanitizer finds anyhow, and for variables out
# of their scope.
#
# Alignment is not checked: that takes as long to compile again, and no program has elements at odd addresses.
SANITIZERS = {
    "address,undefined": (
        "-fno-sanitize=alignment,null,object-size -fno-sanitize-address-use-after-scope",
        {
            "channels": ["10"],
            "failing_allocations": [],
            "float32_sweep": ["10007"],
            "gated": [],
            "kept_memory": [],
            "lengths_and_alignments": ["7"],
            "limits_of_the_process": [],
            "page_ends": ["7"],
            "partition": [],
            "sharing": [],
        },
    ),
    "thread": ("", {"failing_allocations": [], "kept_memory": [], "sharing": []}),
}


def build(folder: Path, *more_options: str, programs: Iterable[str] = ("all",)) -> Path:
    options = [
        "-DTFCUSTOMACT_TESTS=ON",
        "-DTFCUSTOMACT_MODULES=OFF",
        "-DTFCUSTOMACT_CUDA=OFF",
        f"-DPython_EXECUTABLE={sys.executable}",
        *more_options,
    ]
    configured = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", SOURCE, "-B", folder, *options], stderr=subprocess.PIPE, text=True, check=False
    )
    may_lack_highway = importlib.util.find_spec("tensorflow") is None and "TFCUSTOMACT_HIGHWAY" not in os.environ
    if may_lack_highway and "Highway's headers" in configured.stderr:
        pytest.skip("to compile the kernels' tests takes Highway's headers: install libhwy-dev 1.3, or TensorFlow")
    assert configured.returncode == 0, configured.stderr
    subprocess.run(["cmake", "--build", folder, "--target", *programs], check=True)
    return folder / "tests" / "kernels"


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kernels")
    # To compile the kernels takes longer than all these tests.
    return build(folder, *([f"-DTFCUSTOMACT_KERNELS={SHARED}"] if SHARED.exists() else []))


def run(program: Path, *arguments: str, **environment: str) -> None:
    result = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment
    )
    print(result.stdout)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_length_and_alignment(programs: Path) -> None:
    run(programs / "lengths_and_alignments")


def test_one_number_per_channel_and_sums_over_channels(programs: Path) -> None:
    run(programs / "channels")


def test_gated_values_and_gradients(programs: Path) -> None:
    run(programs / "gated")


def test_arrays_beside_pages_without_access(programs: Path) -> None:
    run(programs / "page_ends")


def test_every_element_is_one_threads(programs: Path) -> None:
    run(programs / "partition")


def test_every_float16_and_bfloat16_input(programs: Path) -> None:
    run(programs / "halves")


def test_some_float64_inputs(programs: Path) -> None:
    run(programs / "float64_sweep", "1")


@pytest.mark.long
def test_many_float64_inputs(programs: Path) -> None:
    run(programs / "float64_sweep", "5")


@pytest.mark.long
def test_many_float32_inputs(programs: Path) -> None:
    run(programs / "float32_sweep", "31")


def test_some_float32_inputs(programs: Path) -> None:
    run(programs / "float32_sweep", "1009")


other_parameters = pytest.mark.parametrize("parameter", ["0.1", "0.3", "1.7", "50"])


@other_parameters
def test_some_float32_inputs_with_another_parameter(programs: Path, parameter: str) -> None:
    run(programs / "float32_sweep", "1009", parameter)


@pytest.mark.long
@other_parameters
def test_many_float32_inputs_with_another_parameter(programs: Path, parameter: str) -> None:
    run(programs / "float32_sweep", "101", parameter)


@pytest.mark.exhaustive
def test_every_float32_input(programs: Path) -> None:
    run(programs / "float32_sweep", "1")


def test_work_shared_between_threads(programs: Path) -> None:
    run(programs / "sharing")


def test_kept_memory(programs: Path) -> None:
    run(programs / "kept_memory")


def test_work_is_shared_where_memory_runs_out(programs: Path) -> None:
    run(programs / "failing_allocations")


def test_what_the_process_may_use(programs: Path) -> None:
    run(programs / "limits_of_the_process")


@pytest.mark.sanitizers
@pytest.mark.parametrize("sanitizer", SANITIZERS)
def test_sanitizers_find_nothing(sanitizer: str, tmp_path: Path) -> None:
    options, arguments = SANITIZERS[sanitizer]
    flags = f"-O1 -g1 -fsanitize={sanitizer} -fno-sanitize-recover=all {options}"
    # One with a parameter and one without stand for all: what they access does not depend on the activation.
    few = "-DTFCUSTOMACT_ONLY_ACTIVATIONS=swish;gelu"
    programs = build(tmp_path, few, "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_CXX_FLAGS={flags}", programs=arguments)
    for program, its_arguments in arguments.items():
        # A forked process may start threads.
        run(programs / program, *its_arguments, TSAN_OPTIONS="die_after_fork=0")
