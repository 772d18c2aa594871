"""What is in the distributions."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import tensorflow as tf


def test_a_source_distribution_has_all_that_a_build_needs(source: Path, tmp_path: Path) -> None:
    program = f"""
import sys
sys.path.insert(0, "build_backend")
import tfcustomact_build
tfcustomact_build.build_sdist({str(tmp_path)!r})
"""
    # No compiler is needed for this.
    environment = {**os.environ, "PATH": ""}
    subprocess.run([sys.executable, "-c", program], cwd=source, env=environment, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    built_from = [file for folder in ("csrc", "build_backend", "tfcustomact") for file in (source / folder).rglob("*")]
    needed = {str(file.relative_to(source)) for file in built_from if file.suffix in (".cc", ".h", ".cmake", ".py")}
    assert {"CMakeLists.txt", "setup.py", "pyproject.toml", "LICENSE", "README.md", "tfcustomact/py.typed"} <= names
    assert "csrc/cpu/instruction_sets.cmake" in needed
    assert needed <= names


@pytest.mark.install
def test_a_wheel_has_the_compiled_kernels_and_names_their_tensorflow(source: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, source]
    environment = {name: value for name, value in os.environ.items() if name != "TFCUSTOMACT_NATIVE"}
    done = subprocess.run(pip, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = tmp_path.glob("*.whl")
    assert not path.name.endswith("-any.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        (metadata,) = (Parser().parsestr(archive.read(n).decode()) for n in names if n.endswith("/METADATA"))
    assert "tfcustomact/py.typed" in names
    assert "tfcustomact/_tensorflow_ops.so" in names
    assert any(name.startswith("tfcustomact/_kernels.") and name.endswith(".so") for name in names)
    minor = ".".join(tf.__version__.split(".")[:2])
    assert f"tensorflow=={minor}.*" in metadata.get_all("Requires-Dist")
