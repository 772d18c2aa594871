"""The kernels' own tests: programs without Python, built here and run."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kernels")
    options = [
        "-DTFCUSTOMACT_TESTS=ON",
        "-DTFCUSTOMACT_MODULES=OFF",
        "-DTFCUSTOMACT_CUDA=OFF",
        f"-DPython_EXECUTABLE={sys.executable}",
    ]
    configured = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", SOURCE, "-B", folder, *options], stderr=subprocess.PIPE, text=True, check=False
    )
    may_lack_highway = importlib.util.find_spec("tensorflow") is None and "TFCUSTOMACT_HIGHWAY" not in os.environ
    if may_lack_highway and "Highway's headers" in configured.stderr:
        pytest.skip("to compile the kernels' tests takes Highway's headers: install libhwy-dev 1.3, or TensorFlow")
    assert configured.returncode == 0, configured.stderr
    subprocess.run(["cmake", "--build", folder], check=True)
    return folder / "tests" / "kernels"


def run(program: Path, *arguments: str) -> None:
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    print(result.stdout)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_length_and_alignment(programs: Path) -> None:
    run(programs / "lengths_and_alignments")


def test_every_element_is_one_threads(programs: Path) -> None:
    run(programs / "partition")


def test_every_float16_and_bfloat16_input(programs: Path) -> None:
    run(programs / "halves")


def test_some_float64_inputs(programs: Path) -> None:
    run(programs / "float64_sweep", "1")


@pytest.mark.exhaustive
def test_many_float64_inputs(programs: Path) -> None:
    run(programs / "float64_sweep", "25")


def test_some_float32_inputs(programs: Path) -> None:
    run(programs / "float32_sweep", "1009")


@pytest.mark.parametrize("parameter", ["0.1", "0.3", "1.7", "50"])
def test_some_float32_inputs_with_another_parameter(programs: Path, parameter: str) -> None:
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
