"""Without a C++17 compiler: one clear sentence, and a way on that works."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import commands, run_in_shell

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
        ({"CXX": "no-such-compiler -O2"}, r"found none \(looked for no-such-compiler -O2\)"),
        ({"CXX": f"{sys.executable} -O2"}, f"{re.escape(sys.executable)} -O2 does not compile C\\+\\+17"),
        ({"CXX": "'g++"}, r"found none \(looked for 'g\+\+\)"),
    ],
    ids=["none", "named but not there", "not for C++17", "an open quotation"],
)
@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_it_is_said_in_one_sentence_and_nothing_else_before_anything_is_fetched(
    kind: str, variables: dict[str, str], problem: str
) -> None:
    done = hook(f"get_requires_for_build_{kind}()", ROOT, **variables)
    assert done.returncode == 1
    assert re.fullmatch(SENTENCE.format(problem), done.stderr), done.stderr
    assert not done.stdout


@pytest.fixture
def compiler() -> str:
    return shutil.which("c++") or pytest.skip("there is no C++ compiler")


@pytest.mark.parametrize("named", ["{spaced}", "{launcher} '{spaced}' -O2"])
def test_the_compiler_is_read_from_cxx_as_cmake_reads_it(named: str, compiler: str, tmp_path: Path) -> None:
    spaced = tmp_path / "two words" / "c++"
    spaced.parent.mkdir()
    spaced.symlink_to(compiler)
    named = named.format(launcher=shutil.which("env"), spaced=spaced)
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.24)\nproject(empty LANGUAGES CXX)\n")
    configured = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", tmp_path, "-B", tmp_path / "build"],
        env={**os.environ, "CXX": named},
        check=False,
    )
    assert configured.returncode == 0
    found = hook("checked_compiler()", ROOT, CXX=named)
    assert found.stdout.strip() == str([named] if named == str(spaced) else shlex.split(named)), found.stderr


def test_cmake_arguments_are_read_as_a_shell_reads_them() -> None:
    read = hook("cmake_arguments()", ROOT, CMAKE_ARGS="-DA=1 -DCMAKE_CXX_FLAGS='-O2 -g0'")
    assert read.stdout.strip() == "['-DA=1', '-DCMAKE_CXX_FLAGS=-O2 -g0']"
    refused = hook("cmake_arguments()", ROOT, CMAKE_ARGS="-DA='1")
    assert refused.returncode == 1
    assert refused.stderr == """the environment variable CMAKE_ARGS is "-DA='1": No closing quotation\n"""


@pytest.mark.parametrize("variable", ["TFCUSTOMACT_NATIVE", "TFCUSTOMACT_TENSORFLOW", "TFCUSTOMACT_CUDA"])
def test_a_wish_is_0_or_1(variable: str) -> None:
    refused = hook("get_requires_for_build_wheel()", ROOT, **{variable: "off"})
    assert refused.returncode == 1
    assert refused.stderr == f"the environment variable {variable} is 'off': 0 and 1 are accepted, or nothing.\n"
    wish = {"TFCUSTOMACT_NATIVE": "native", "TFCUSTOMACT_TENSORFLOW": "tensorflow", "TFCUSTOMACT_CUDA": "cuda"}[
        variable
    ]
    read = [hook(f"{wish}_is_wanted()", ROOT, **{variable: value}).stdout.strip() for value in ("0", "1", "")]
    assert read == ["False", "True", "None" if wish == "cuda" else "True"]


def test_it_is_said_without_build_isolation_too(source: Path, tmp_path: Path) -> None:
    done = hook(f"build_wheel({str(tmp_path)!r})", source, PATH="")
    assert done.returncode == 1
    assert re.search(SENTENCE.format(FOUND_NONE), done.stderr), done.stderr


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_the_way_without_the_native_backend_asks_for_no_build_tool(kind: str, source: Path) -> None:
    done = hook(f"get_requires_for_build_{kind}()", source, PATH="", TFCUSTOMACT_NATIVE="0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_way_without_the_native_backend_works(
    source: Path, empty_environment: Path, into_empty_environment: dict[str, str], run: Run
) -> None:
    without_compiler, _ = commands("docs/installing.md")
    run_in_shell(without_compiler, source, PATH="", PIP_NO_BUILD_ISOLATION="0", **into_empty_environment)
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
    assert Path(file).is_relative_to(source)
    assert not list(Path(file).parent.glob("*.so"))
    for message in (warning, array_error):
        assert "compiler" in message
        assert "pip install --force-reinstall" in message
    assert explanation == "swish of float32 on CPU: xla"
