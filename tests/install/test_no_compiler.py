"""Without a C++17 compiler: one clear sentence, and a way on that works."""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]

SENTENCE = r"tfcustomact needs a C\+\+17 compiler, and {}: install one .*TFCUSTOMACT_NATIVE=0 .*\.\n"
FOUND_NONE = r"found none \(looked for c\+\+, g\+\+, clang\+\+\)"


def hook(name: str, source: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Calls a function of the build backend like an installer, in a source folder."""
    program = f"import sys; sys.path.insert(0, 'build_backend'); import tfcustomact_build as b; print(b.{name})"
    kept = {key: value for key, value in os.environ.items() if key not in ("CXX", "TFCUSTOMACT_NATIVE")}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=source, env={**kept, **variables}, text=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"PATH": ""}, FOUND_NONE),
        ({"CXX": "no-such-compiler -O2"}, r"found none \(looked for no-such-compiler\)"),
        ({"CXX": sys.executable}, f"{re.escape(sys.executable)} does not compile C\\+\\+17"),
    ],
    ids=["none", "named but not there", "not for C++17"],
)
@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_it_is_said_in_one_sentence_and_nothing_else_before_anything_is_fetched(
    kind: str, variables: dict[str, str], problem: str
) -> None:
    done = hook(f"get_requires_for_build_{kind}()", ROOT, **variables)
    assert done.returncode == 1
    assert re.fullmatch(SENTENCE.format(problem), done.stderr), done.stderr
    assert not done.stdout


def test_it_is_said_without_build_isolation_too(source: Path, tmp_path: Path) -> None:
    done = hook(f"build_wheel({str(tmp_path)!r})", source, PATH="")
    assert done.returncode == 1
    assert re.search(SENTENCE.format(FOUND_NONE), done.stderr), done.stderr


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_the_way_without_the_native_backend_asks_for_no_build_tool(kind: str, source: Path) -> None:
    done = hook(f"get_requires_for_build_{kind}()", source, PATH="", TFCUSTOMACT_NATIVE="0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def empty_environment(tmp_path: Path) -> Path:
    """The Python of an environment that sees the packages of this one, but for what is installed as editable."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")) + "\n")
    return folder / "bin" / "python"


def test_the_way_without_the_native_backend_works(source: Path, empty_environment: Path, run: Run) -> None:
    pip = [sys.executable, "-m", "pip", "--python", empty_environment, "install", "--no-deps", "--no-build-isolation"]
    environment = {**os.environ, "PATH": "", "TFCUSTOMACT_NATIVE": "0"}
    # A copy that is installed here already is another environment's business.
    installed = subprocess.run(
        [*pip, "--ignore-installed", source], env=environment, text=True, capture_output=True, timeout=300
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    done = run(
        """
import warnings
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    import tfcustomact as tca
    for x in ([-1.0, 2.0], [[3.0]]):
        tca.swish(x), tca.elu(x)
ours = [str(warning.message) for warning in said if "tfcustomact" in str(warning.message)]
print(len(ours), tca.__file__, *ours, str(tca.explain("swish", [1.0])), sep="\\n")
try:
    tca.numpy
except ImportError as error:
    print(error)
""",
        python=empty_environment,
    )
    count, file, warning, explanation, *_, array_error = done.stdout.splitlines()
    assert count == "1"
    assert Path(file).is_relative_to(empty_environment.parents[1])
    assert not list(Path(file).parent.glob("*.so"))
    for message in (warning, array_error):
        assert "compiler" in message
        assert "pip install --force-reinstall" in message
    assert explanation == "swish of float32 on CPU: xla"
