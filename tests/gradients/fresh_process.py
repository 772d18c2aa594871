"""What depends on the process that it runs in: see test_fresh_process.py."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from forward_mode import forwards

import tfcustomact as tca
from tfcustomact.backends import BACKENDS


def second_derivatives() -> dict[str, list[float]]:
    """Forward over forward, in a process that has differentiated nothing, and in one that has: TensorFlow keeps
    functions for eager tensors, by what it differentiated first."""
    found: dict[str, list[float]] = {backend: [] for backend in reversed(BACKENDS)}
    x = tf.constant(-1.2, tf.float64)
    for _ in range(2):
        for backend, values in found.items():
            values.append(float(forwards(forwards(lambda x, backend=backend: tca.swish(x, backend=backend)))(x)))
        forwards(forwards(lambda e: e * e))(x)
    return found


def compilations() -> list[int]:
    """How often XLA has compiled after each value of a variable and of a tensor as parameters.

    XLA writes what it compiles into the working directory.
    """
    variable, x = tf.Variable(1.0), tf.constant([-1.5, 0.3])
    inside = tf.function(lambda x, beta: tca.swish(tca.swish(x, beta), variable), autograph=False, jit_compile=True)
    found = []
    for value in (1.0, 0.5, -3.0):
        variable.assign(value)
        beta = tf.constant(value)
        np.testing.assert_allclose(inside(x, beta), tca.swish(tca.swish(x, value), value), rtol=1e-5)
        for parameter in (variable, beta):
            np.testing.assert_allclose(tca.swish(x, parameter, backend="xla"), tca.swish(x, value), rtol=1e-5)
        found.append(len([*Path().glob("*before_optimizations*.txt")]))
    return found


def digest(threads: int) -> str:
    """Of gradients that are sums over channels, of arrays that so many threads share."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    random, found = np.random.default_rng(0), hashlib.sha256()
    for dtype in (np.float32, np.float64):
        x, dy = (tf.constant(random.normal(size=(4096, 96)).astype(dtype)) for _ in range(2))
        for shape in ((96,), (4096, 1), ()):
            operand = tf.constant(random.uniform(0.5, 1.5, shape).astype(dtype))
            calls: list[Callable[..., Any]] = [tca.swish, lambda x, beta: tca.swiglu(x, tf.sin(x), beta)]
            if shape == (96,):
                calls.append(lambda x, bias: tca.gelu(x, bias=bias))
            for call in calls:
                with tf.GradientTape() as tape:
                    tape.watch([x, operand])
                    y = call(x, operand)
                for each in (y, *tape.gradient(y, [x, operand], output_gradients=dy)):
                    found.update(each.numpy().tobytes())
    return found.hexdigest()
