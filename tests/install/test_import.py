"""What importing the package does to a process, and what it leaves alone."""

import importlib
import subprocess
from collections.abc import Callable

import pytest

import tfcustomact

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.usefixtures("native")
def test_the_native_ops_work_in_a_process_where_xla_has_compiled_before(run_after_tensorflow: Run) -> None:
    run_after_tensorflow(
        """
import tensorflow as tf
x = tf.constant([-3.0, -0.5, 0.0, 2.0])
tf.function(lambda x: x * tf.sigmoid(x), jit_compile=True)(x)

import tfcustomact as tca

@tf.function(jit_compile=True)
def value_and_gradients(x, op):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = getattr(tca, op)(x, backend="native")
        dx = inner.gradient(y, x)
    return y, dx, outer.gradient(dx, x)

ops = [op for op in tca.activations.ACTIVATIONS if not tca.backends.native.reasons_against(op, "CPU", x.dtype)]
for op in ops:
    value, gradient, second = value_and_gradients(x, op)
    assert (tca.testing.activation_error(op, x.numpy(), value.numpy()) <= 2).all()
    assert (tca.testing.activation_error(op, x.numpy(), gradient.numpy(), derivative=1) <= 2).all()
assert any(node.type.startswith("Tfcustomact") for node in
           value_and_gradients.get_concrete_function(x, ops[0]).graph.get_operations())
"""
    )


def test_importing_it_changes_no_global_state(run_after_tensorflow: Run) -> None:
    run_after_tensorflow(
        """
import logging, os, random, signal, sys, threading, warnings
import keras
import numpy as np
import tensorflow as tf
from absl import logging as absl_logging

def state():
    tiny = np.float32(1e-38) / np.array([10], np.float32)
    return {
        "environment": dict(os.environ),
        "module search path": list(sys.path),
        "working directory": os.getcwd(),
        "warnings": list(warnings.filters),
        "log levels": (logging.root.level, tf.get_logger().level, absl_logging.get_verbosity()),
        "log handlers": list(logging.root.handlers),
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "threads": threading.active_count(),
        "random numbers": (random.getstate(), np.random.get_state()[1].tolist()),
        "subnormal numbers": (tiny.tobytes(), np.float64(2.0**-1074) * 1.0, (np.full(99, 1e-310) * 1.5).tobytes()),
        "NumPy's error handling": np.geterr(),
        "TensorFlow's threads": (
            tf.config.threading.get_intra_op_parallelism_threads(),
            tf.config.threading.get_inter_op_parallelism_threads(),
        ),
        "soft placement": tf.config.get_soft_device_placement(),
        "Keras": (keras.config.floatx(), keras.config.backend(), keras.config.image_data_format(),
                  keras.mixed_precision.global_policy().name, keras.config.epsilon()),
    }

before = state()
import tfcustomact, tfcustomact.layers, tfcustomact.testing
after = state()
for name, value in before.items():
    assert after[name] == value, f"{name}: {value} before, {after[name]} now"

# All of these are refused once TensorFlow has started its devices: the choice has to be the user's still.
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.set_visible_devices([], "GPU")
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

# The first of these starts them, which is no business of the package.
def running():
    optimizer = tf.config.optimizer
    return optimizer.get_jit(), optimizer.get_experimental_options(), tf.config.functions_run_eagerly()

tf.config.list_logical_devices()
started = running()
tfcustomact.swish([1.0]), tfcustomact.elu([1.0])
assert running() == started
assert state()["subnormal numbers"] == before["subnormal numbers"]
"""
    )


@pytest.mark.usefixtures("native")
def test_the_array_functions_work_and_flush_nothing(run: Run) -> None:
    run(
        """
import numpy as np
import tfcustomact as tca

a = np.linspace(-20, 20, 1001, dtype=np.float32)
assert {"swish", "elu"} <= set(tca.numpy.__all__) <= set(dir(tca.numpy))
for op in tca.activations.ACTIVATIONS:
    value, gradient = getattr(tca.numpy, op), getattr(tca.numpy, op + "_grad")
    limit = tca.testing.ulp_limit("native", a.dtype, op=op)
    assert (tca.testing.activation_error(op, a, value(a)) <= limit).all()
    assert (tca.testing.activation_error(op, a, gradient(np.ones_like(a), a), derivative=1) <= limit).all()
    out = np.empty_like(a)
    assert value(a, out=out) is out
    np.testing.assert_array_equal(out, value(a))
tiny = np.full(99, 1e-40, np.float32)
assert (tca.numpy.elu(tiny) == tiny).all()
assert (tca.numpy.elu(-tiny) == -tiny).all()
assert (tca.numpy.swish(tiny) == tiny / 2).all()
"""
    )


def test_an_unknown_attribute_is_said_to_be_unknown() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        tfcustomact.nothing  # noqa: B018


@pytest.mark.usefixtures("native")
def test_keras_on_another_backend(run: Run) -> None:
    run(
        """
import os
from importlib.util import find_spec
# Keras' backend "numpy" is made of JAX: where that is not installed, Keras only says that it is its backend.
if find_spec("jax"):
    os.environ["KERAS_BACKEND"] = "numpy"
import numpy as np
import tensorflow as tf
import tfcustomact as tca
import keras

if not find_spec("jax"):
    keras.config.backend = lambda: "numpy"

wanted = "Keras on TensorFlow, and its backend is 'numpy': set the environment variable KERAS_BACKEND=tensorflow"
assert set(tca.__all__) - {"cuda", "numpy"} <= set(dir(tca))
for call in (tca.layers.Swish, lambda: tca.elu(keras.Input([3]))):
    try:
        call()
    except RuntimeError as error:
        assert wanted in str(error), error
    else:
        raise AssertionError
x = np.float32([-1, 2])
np.testing.assert_array_equal(tca.numpy.elu(x), tca.elu(tf.constant(x), backend="native"))
"""
    )
    run(
        """
import os, sys
os.environ["KERAS_BACKEND"] = "torch"
sys.modules["torch"] = None
import numpy as np
import tfcustomact as tca
import tfcustomact.numpy

tca.numpy.swish(np.ones(3))
for use in (lambda: tca.swish, lambda: __import__("tfcustomact.layers")):
    try:
        use()
    except ImportError as error:
        assert "needs Keras, whose backend 'torch' cannot be imported" in str(error), error
        assert str(error).endswith("set the environment variable KERAS_BACKEND=tensorflow before Keras is imported")
    else:
        raise AssertionError
"""
    )


@pytest.mark.usefixtures("native")
def test_importing_it_again(run_after_tensorflow: Run) -> None:
    run_after_tensorflow(
        """
import importlib, sys
import tensorflow as tf
import tfcustomact as tca

def gradient(tca):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tca.elu(x, backend="native")
    return tape.gradient(y, x).numpy()

x = tf.constant([-1.0, 2.0])
before = gradient(tca)
for name in [name for name in sys.modules if name.startswith("tfcustomact") and "_kernels" not in name]:
    importlib.reload(sys.modules[name])
assert (gradient(tca) == before).all()
for name in [name for name in sys.modules if name.startswith("tfcustomact")]:
    del sys.modules[name]
import tfcustomact as again
assert again is not tca
assert (gradient(again) == before).all() and (gradient(tca) == before).all()
"""
    )


@pytest.mark.parametrize("command", ["info", "check", "bench"])
def test_the_commands_do_without_docstrings(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under python -OO."""
    module = importlib.import_module(f"tfcustomact._commands.{command}")
    monkeypatch.setattr(module, "__doc__", None)
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
