import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from forks import Forks

import tfcustomact

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the project with nothing in it that was built."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info", "*.so", "bench", "examples")
    return shutil.copytree(ROOT, tmp_path / "source", ignore=ignored)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package as it is installed here, to be damaged."""
    installed = Path(tfcustomact.__file__).parent
    return shutil.copytree(installed, tmp_path / "copy" / "tfcustomact", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def empty_environment(tmp_path: Path) -> Path:
    """The Python of an environment that sees the packages of this one, but for what is installed as editable."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")) + "\n")
    return folder / "bin" / "python"


def alone(program: str, path: Path | None) -> tuple[str, dict[str, str]]:
    """Returns a program and the environment in which only the folder ``path`` has the package, if one is given."""
    # The caller's environment variables may not change the result.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TFCUSTOMACT_")}
    environment = {**kept, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    if path is None:
        return program, environment
    # An editable install would find the modules that the folder lacks.
    program = f"import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f)]\n{program}"
    return program, {**environment, "PYTHONPATH": str(path)}


@pytest.fixture
def into_empty_environment(empty_environment: Path) -> dict[str, str]:
    """The environment variables with which pip installs into that environment what is named, and nothing beside it."""
    # A copy that is installed here already is another environment's business.
    return {"PIP_PYTHON": str(empty_environment), "PIP_IGNORE_INSTALLED": "1", "PIP_NO_DEPS": "1"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program in a fresh Python, with the folder ``path`` before all others in its module search path."""

    def run(program: str, path: Path | None = None, python: Path | str = sys.executable) -> subprocess.CompletedProcess:
        program, environment = alone(program, path)
        done = subprocess.run(
            [python, "-c", program], env=environment, cwd=tmp_path, text=True, capture_output=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def run_after_tensorflow(forks: Forks, tmp_path: Path) -> Run:
    """Runs a program as `run` does, in a process that has imported TensorFlow, and nothing else."""

    def run(program: str, path: Path | None = None) -> subprocess.CompletedProcess:
        program, environment = alone(program, path)
        done = forks.run(program, tmp_path, environment)
        assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def native() -> None:
    """For tests of the compiled ops: without them there is nothing to test."""
    reasons = tfcustomact.backends.native.reasons_against("swish", "CPU", None)
    if reasons:
        pytest.skip("; ".join(reasons))
