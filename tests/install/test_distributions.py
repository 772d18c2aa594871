"""What is in the distributions."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

import pytest
import tensorflow as tf
from documents import commands, run_in_shell

Run = Callable[..., subprocess.CompletedProcess[str]]


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
def test_a_wheel_runs_elsewhere_whatever_the_flags_it_was_built_with_and_names_its_tensorflow(
    source: Path, tmp_path: Path, empty_environment: Path, run: Run
) -> None:
    variables = {
        # What would break the kernels if it had its way: tests/install/test_compile_options.py.
        "TFCUSTOMACT_CUDA": "0",
        "CXX": f"{shutil.which('env')} c++",
        "CXXFLAGS": f"-ffast-math -D_GLIBCXX_USE_CXX11_ABI={1 - tf.sysconfig.CXX11_ABI_FLAG}",
        "LDFLAGS": "-Ofast",
        "CMAKE_ARGS": "-DCMAKE_CXX_FLAGS_DEBUG='-O0 -g0'",
    }
    for command in commands("docs/wheels.md"):
        run_in_shell(command, source, **variables)
    (built,) = (source / "built").glob("*.whl")
    minor = ".".join(tf.__version__.split(".")[:2])
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert built.name.startswith("tfcustomact-")
    assert built.name.endswith(f"+tf{minor}-{python}-{python}-linux_{platform.machine()}.whl")

    (repaired,) = (source / "wheels").glob("*manylinux*.whl")
    with zipfile.ZipFile(repaired) as archive:
        names = archive.namelist()
        (metadata,) = (Parser().parsestr(archive.read(n).decode()) for n in names if n.endswith("/METADATA"))
    assert "tfcustomact/py.typed" in names
    libraries = sorted(re.split(r"[-.]", name)[0] for name in names if ".so" in name)
    assert libraries == [f"tfcustomact/{name}" for name in ("_kernels", "_tensorflow_ops", "libtfcustomact")]
    assert f"tensorflow=={minor}.*" in metadata.get_all("Requires-Dist")

    # A copy that is installed here already is another environment's business.
    pip = [sys.executable, "-m", "pip", "--python", empty_environment, "install", "--no-deps", "--ignore-installed"]
    done = subprocess.run([*pip, repaired], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(
        """
import os
os.environ["PATH"] = ""  # No compiler, no CUDA toolkit.
import numpy as np
import tfcustomact as tca
from tfcustomact import __main__ as command_line

tiny = np.full(99, 1e-40, np.float32)
assert (tca.numpy.elu(tiny) == tiny).all()
assert (tiny / 2 > 0).all()
assert tca.explain("elu", [1.0]).backend == "native"
x = tca.testing.hard_inputs("swish", "float32", 1.0)
assert (tca.testing.activation_error("swish", x, tca.swish(x).numpy()) <= 2).all()
assert command_line.main(["info"]) == 0
print(tca.__file__)
""",
        python=empty_environment,
    )
    *_, file = done.stdout.splitlines()
    assert Path(file).is_relative_to(empty_environment.parents[1])
