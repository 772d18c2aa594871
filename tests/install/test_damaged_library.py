"""A native library that is missing, damaged, built for another TensorFlow, or loaded twice."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tfcustomact import _libraries

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.usefixtures("native")

PROGRAM = """
import warnings
import tensorflow as tf
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    import tfcustomact as tca
    # Found out at import.
    assert isinstance(tca.backends.native._LIBRARY, str)
    # The first in every way; the others go the same ways.
    first, *others = tca.activations.ACTIVATIONS
    modes = (lambda f: f, tf.function, tf.function(jit_compile=True))
    calls = [(first, mode, dtype) for mode in modes for dtype in ("bfloat16", "float32")]
    for op, mode, dtype in calls + [(op, modes[0], "float32") for op in others]:
        x = tf.constant([-1.0, 0.5, 2.0], dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = mode(getattr(tca, op))(x)
        dx = tape.gradient(y, x)
        for tensor, derivative in ((y, 0), (dx, 1)):
            errors = tca.testing.activation_error(op, x.numpy(), tensor.numpy(), derivative=derivative)
            assert (errors <= 8).all(), (op, dtype, errors)
try:
    tca.swish(x, backend="native")
except ValueError as error:
    assert "backend 'native' cannot run swish of float32 on CPU" in str(error), error
else:
    raise AssertionError("an explicit choice fell back")
ours = [str(warning.message) for warning in said if "tfcustomact" in str(warning.message)]
assert len(ours) == 1, ours
assert "'native'" in ours[0]
print(ours[0])
"""


def remove_kernels(package: Path) -> None:
    for path in package.glob("_kernels*.so"):
        path.unlink()


def cut_ops(package: Path) -> None:
    path = package / "_tensorflow_ops.so"
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [remove_kernels, cut_ops])
def test_a_missing_or_damaged_library_is_said_once_and_the_rest_works(
    damage: Callable[[Path], None], package: Path, run_after_tensorflow: Run
) -> None:
    damage(package)
    said = run_after_tensorflow(PROGRAM, package.parent).stdout
    assert ("were not built" if damage is remove_kernels else "cannot be loaded") in said
    assert "pip install --force-reinstall" in said


# For each library in turn, why the ops cannot be used, and for another TensorFlow: in forks of a process that has
# imported TensorFlow.
REASONS = """
import os, shutil
from pathlib import Path
import keras
import tensorflow as tf

def say_why_not(*what):
    if os.fork() == 0:
        from tfcustomact.backends import native
        print(*what, native._LIBRARY, flush=True)
        os._exit(0)
    assert os.wait()[1] == 0

def damage(path):
    path.write_bytes(b"not a library" * 100)

def cut(path):
    os.truncate(path, path.stat().st_size // 2)

for path in sorted(Path({folder!r}).glob("*.so")):
    whole = shutil.copy(path, "whole")
    for spoil in (Path.unlink, damage, cut):
        spoil(path)
        say_why_not(path.name.partition(".")[0], spoil.__name__)
        path.unlink(missing_ok=True)
        shutil.copy(whole, path)
tf.__version__ = "9.8.7"
say_why_not()
"""


def test_every_reason_is_said(package: Path, run_after_tensorflow: Run) -> None:
    said = run_after_tensorflow(REASONS.format(folder=str(package)), package.parent).stdout.splitlines()
    *of_libraries, of_another_tensorflow = said
    assert len(of_libraries) == 9
    for line in of_libraries:
        never_built = line.startswith("_kernels unlink ")
        assert ("were not built" if never_built else "cannot be loaded") in line
        assert ("is cut short" in line) == (" cut " in line)
        assert "pip install --force-reinstall" in line
    assert "the compiled ops were built for TensorFlow 2." in of_another_tensorflow
    assert 'and this is 9.8.7: pip install "tensorflow==2.' in of_another_tensorflow


def test_a_library_is_whole_where_its_last_segment_is(package: Path) -> None:
    library = package / "_tensorflow_ops.so"
    _libraries.check_length(library)
    content = library.read_bytes()
    # The last segment ends with the table of dynamic symbols' addresses, long before the symbols for debuggers.
    for length in (64, 100, 4096, len(content) // 2):
        library.write_bytes(content[:length])
        with pytest.raises(ImportError, match=f"_tensorflow_ops.so is cut short: it has {length:,} bytes of "):
            _libraries.check_length(library)


def test_another_copy_in_the_process_is_said_and_goes_on_working(
    package: Path, run_after_tensorflow: Run, tmp_path: Path
) -> None:
    other = shutil.copy(package / "_tensorflow_ops.so", tmp_path / "other.so")
    shutil.copy(_libraries.SHARED, tmp_path)
    done = run_after_tensorflow(
        f"""
import tensorflow as tf
other = tf.load_op_library({str(other)!r})
import tfcustomact as tca
x = tf.constant([0.5])
print(tca.explain("swish", x))
for y in (tca.swish(x), other.tfcustomact_swish(tf.constant(1.0, tf.float64), x)):
    assert (tca.testing.activation_error("swish", x.numpy(), y.numpy()) <= 8).all()
""",
        package.parent,
    )
    assert "not native: the compiled ops were loaded in this process already, and not from" in done.stdout


def test_the_same_file_by_another_path_is_one_library(package: Path, run_after_tensorflow: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(package.parent)
    run_after_tensorflow(
        f"""
import tensorflow as tf
tf.load_op_library({str(package / "_tensorflow_ops.so")!r})
import tfcustomact as tca
assert "link" in tca.__file__
x = tf.constant([1.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.function(tca.swish)(x, backend="native")
tape.gradient(y, x)
""",
        tmp_path / "link",
    )
