"""Without an nvcc that works: built for the CPU, unless TFCUSTOMACT_CUDA=1 asks for CUDA kernels."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Configure = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Runs CMake where no nvcc can be found but the one named."""
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if cmake is None:
        pytest.skip("there is no cmake (pip install cmake)")
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if shutil.which("nvcc", path=folder)]

    def configure(*options: str, nvcc: Path | str = "") -> subprocess.CompletedProcess[str]:
        ignored = ";".join([*folders, "/usr/local/cuda/bin"])
        always = [
            "-DTFCUSTOMACT_MODULES=OFF",
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-DCMAKE_IGNORE_PATH={ignored}",
        ]
        return subprocess.run(
            [cmake, "-S", ROOT, "-B", tmp_path, *always, *options],
            env={**os.environ, "CUDACXX": str(nvcc)},
            text=True,
            capture_output=True,
        )

    return configure


def test_it_is_an_error_where_the_kernels_are_asked_for(configure: Configure) -> None:
    done = configure("-DTFCUSTOMACT_CUDA=1")
    assert done.returncode != 0
    said = " ".join(done.stderr.split())
    assert "TFCUSTOMACT_CUDA is on, and there is no nvcc: install the CUDA toolkit (12 or 13)" in said
    assert "TFCUSTOMACT_CUDA=0 to build without CUDA kernels" in said


def test_nothing_is_said_where_they_are_not(configure: Configure) -> None:
    done = configure()
    assert done.returncode == 0, done.stderr
    assert "CUDA" not in done.stderr


@pytest.fixture
def broken_nvcc(tmp_path: Path) -> Path:
    nvcc = tmp_path / "two words" / "nvcc"
    nvcc.parent.mkdir()
    nvcc.write_text("#!/bin/sh\necho 'unsupported GNU version' >&2\nexit 7\n")
    nvcc.chmod(0o755)
    return nvcc


def test_one_that_cannot_compile_is_an_error_with_its_reason(configure: Configure, broken_nvcc: Path) -> None:
    done = configure("-DTFCUSTOMACT_CUDA=1", nvcc=broken_nvcc)
    assert done.returncode != 0
    said = " ".join(done.stderr.split())
    assert f"TFCUSTOMACT_CUDA is on, and {broken_nvcc} cannot compile a CUDA program" in said
    assert "TFCUSTOMACT_CUDA=0 to build without CUDA kernels" in said
    assert "unsupported GNU version" in said


def test_one_that_cannot_compile_is_left_out_with_a_warning(configure: Configure, broken_nvcc: Path) -> None:
    done = configure(nvcc=broken_nvcc)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert f"The CUDA kernels are left out: {broken_nvcc} cannot compile a CUDA program" in said
    assert "unsupported GNU version" in said
