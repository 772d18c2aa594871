"""A native library that is missing, damaged, or built for another TensorFlow."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.usefixtures("native")

PROGRAM = """
import warnings
import tensorflow as tf
{before}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    import tfcustomact as tca
    for op in ("swish", "elu"):
        for dtype in ("bfloat16", "float32"):
            x = tf.constant([-1.0, 0.5, 2.0], dtype)
            for mode in (lambda f: f, tf.function, tf.function(jit_compile=True)):
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


def remove_ops(package: Path) -> None:
    (package / "_tensorflow_ops.so").unlink()


def damage_kernels(package: Path) -> None:
    for path in package.glob("_kernels*.so"):
        path.write_bytes(b"not a library" * 100)


def damage_ops(package: Path) -> None:
    (package / "_tensorflow_ops.so").write_bytes(b"not a library" * 100)


def cut_ops(package: Path) -> None:
    path = package / "_tensorflow_ops.so"
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [remove_kernels, remove_ops, damage_kernels, damage_ops, cut_ops])
def test_a_missing_or_damaged_library_is_said_once_and_the_rest_works(
    damage: Callable[[Path], None], package: Path, run: Run
) -> None:
    damage(package)
    said = run(PROGRAM.format(before=""), package.parent).stdout
    assert ("were not built" if damage is remove_kernels else "cannot be loaded") in said
    assert "pip install --force-reinstall" in said


def test_another_tensorflow_is_said_once_and_the_rest_works(package: Path, run: Run) -> None:
    said = run(PROGRAM.format(before="real, tf.__version__ = tf.__version__, '9.8.7'"), package.parent).stdout
    assert "the compiled ops were built for TensorFlow 2." in said
    assert 'and this is 9.8.7: pip install "tensorflow==2.' in said


def test_it_is_found_out_at_import(package: Path, run: Run) -> None:
    remove_ops(package)
    program = """
import tfcustomact
from tfcustomact.backends import native
print(native._LIBRARY)
"""
    assert "the compiled ops cannot be loaded" in run(program, package.parent).stdout
