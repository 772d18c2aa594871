"""The package without TensorFlow: TFCUSTOMACT_TENSORFLOW=0."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from documents import commands, run_in_shell

ROOT = Path(__file__).resolve().parents[2]
HIGHWAY = Path(tf.sysconfig.get_include()) / "external" / "com_google_highway"

Run = Callable[..., subprocess.CompletedProcess[str]]

# As if they were not installed.
BLOCK = "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"


def asked_for(source: Path, **variables: str) -> list[str]:
    """Returns what the build backend asks an installer for, where TensorFlow is not installed."""
    program = f"""{BLOCK}
sys.path.insert(0, "build_backend")
import tfcustomact_build
print(tfcustomact_build.get_requires_for_build_wheel())
"""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TFCUSTOMACT_")}
    environment = {**kept, "TFCUSTOMACT_TENSORFLOW": "0", **variables}
    done = subprocess.run([sys.executable, "-c", program], cwd=source, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    requirements = done.stdout.splitlines()[-1]
    return [requirement.partition("=")[0].partition(">")[0] for requirement in ast.literal_eval(requirements)]


def headers(folder: Path, minor: int) -> str:
    (folder / "hwy").mkdir()
    (folder / "hwy" / "base.h").write_text(f"#define HWY_MAJOR 1\n#define HWY_MINOR {minor}\n")
    return str(folder)


def test_tensorflow_is_no_build_tool_where_highway_is_named(source: Path) -> None:
    assert asked_for(source, TFCUSTOMACT_HIGHWAY=str(HIGHWAY)) == ["pybind11", "cmake", "ninja"]


def test_tensorflow_is_no_build_tool_where_the_compiler_finds_highway(source: Path, tmp_path: Path) -> None:
    assert asked_for(source, CPATH=headers(tmp_path, 3)) == ["pybind11", "cmake", "ninja"]


def test_tensorflow_is_a_build_tool_where_highway_is_too_old(source: Path, tmp_path: Path) -> None:
    assert asked_for(source, CPATH=headers(tmp_path, 2)) == ["tensorflow", "pybind11", "cmake", "ninja"]


@pytest.mark.parametrize(("named", "words"), [("missing", "are not in"), ("old", "are older than")])
def test_highway_that_cannot_be_used_is_said(named: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / named
    (folder / "hwy").mkdir(parents=True)
    if named == "old":
        for name in ("highway.h", "base.h"):
            (folder / "hwy" / name).write_text("#define HWY_MAJOR 1\n#define HWY_MINOR 2\n")
    options = [f"-DPython_EXECUTABLE={sys.executable}", "-DTFCUSTOMACT_MODULES=OFF"]
    program = ["cmake", "-G", "Ninja", "-S", ROOT, "-B", tmp_path / "build", *options]
    environment = {**os.environ, "TFCUSTOMACT_HIGHWAY": str(folder)}
    done = subprocess.run(program, env=environment, text=True, capture_output=True)
    said = " ".join(done.stderr.split())
    assert done.returncode != 0
    assert "Highway's headers" in said
    assert words in said
    assert "Install TensorFlow 2.21, which has them, or set the environment variable TFCUSTOMACT_HIGHWAY" in said


@pytest.mark.usefixtures("native")
def test_the_commands_do_without(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install tfcustomact[bench]")
    done = run(
        BLOCK
        + f"""
from tfcustomact import __main__ as command_line
from tfcustomact._commands import check
every_trial = check.trials
smallest = ["--op", "elu", "--dtype", "float32", "--size", "4", "--output", {str(tmp_path)!r}]
assert command_line.main(["info"]) == 0
# A half type, and a wider one: it takes seconds each.
check.trials = lambda devices, ops: every_trial(devices, ops, ("bfloat16", "float32"))
assert command_line.main(["check"]) == 0
check.trials = every_trial
assert command_line.main(["bench", *smallest]) == 0
assert command_line.main(["bench", "--full", *smallest]) == 0
assert not [name for name, module in sys.modules.items() if module and name.startswith(("tensorflow.", "keras."))]
"""
    )
    assert "TensorFlow is not installed: tfcustomact.numpy, tfcustomact.cuda and tfcustomact.testing" in done.stdout
    assert "Tensors are left out: TensorFlow is not installed." in done.stdout
    assert "tca.numpy out=" in done.stdout
    assert list(tmp_path.glob("*.json"))


@pytest.mark.install
def test_the_way_without_tensorflow_has_the_kernels_alone_and_works_where_it_is_not_installed(
    source: Path, empty_environment: Path, into_empty_environment: dict[str, str], run: Run
) -> None:
    _, without_tensorflow = commands("docs/installing.md")
    variables = {"TFCUSTOMACT_HIGHWAY": str(HIGHWAY), "TFCUSTOMACT_CUDA": "0"}
    run_in_shell(without_tensorflow, source, **variables, **into_empty_environment)
    libraries = sorted(re.split(r"[-.]", path.name)[0] for path in source.rglob("tfcustomact/*.so"))
    assert libraries == ["_kernels", "libtfcustomact"]

    done = run(
        BLOCK
        + """
from importlib.metadata import requires

import numpy as np
import tfcustomact as tca
from tfcustomact import testing

needed = requires("tfcustomact")
assert any(requirement.startswith("numpy") for requirement in needed)
assert not [requirement for requirement in needed if requirement.startswith(("tensorflow", "keras"))]
a = np.linspace(-20, 20, 1001, dtype=np.float32)
assert tca.numpy.__all__
for op in tca.activations.ACTIVATIONS:
    assert testing.activation_error(op, a, getattr(tca.numpy, op)(a)).max() <= 2
for name in sorted(set(tca.__all__) - {"__version__", "cuda", "numpy", "testing"}) + ["cuda"]:
    try:
        getattr(tca, name)
    except ImportError as error:
        print(error)
    else:
        raise AssertionError(name)
try:
    import tfcustomact.layers
except ImportError as error:
    print(error)
try:
    tca.activations.swish(a)
except ImportError as error:
    print(error)
""",
        python=empty_environment,
    )
    *about_tensorflow, about_cuda, about_layers, about_swish = done.stdout.splitlines()
    for message in (*about_tensorflow, about_layers, about_swish):
        assert "needs TensorFlow and Keras" in message
        assert "without TFCUSTOMACT_TENSORFLOW=0" in message
    assert "the CUDA kernels were not built: TFCUSTOMACT_CUDA=0; install tfcustomact again" in about_cuda
