"""Outputs so long that they have memory of their own kind."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca
from tfcustomact import testing

pytest.importorskip("tfcustomact._kernels", reason="installed without the native backend (TFCUSTOMACT_NATIVE=0)")

# 32 MiB of float32, and a length that fills no page to its end.
SIZES = (2**23, 2**23 + 2**19 + 5)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("backend", ["native"])
def test_values_and_derivatives(op: str, size: int, backend: str) -> None:
    x = tf.random.stateless_normal([size], seed=(1, 2), stddev=3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(tca, op)(x, backend=backend)
    dx = tape.gradient(y, x)
    # A sample, with both ends.
    places = np.r_[0:1000, 1000 : size - 1000 : 997, size - 1000 : size]
    for derivative, got in enumerate((y, dx)):
        errors = testing.activation_error(op, x.numpy()[places], got.numpy()[places], derivative=derivative)
        assert np.all(errors <= testing.ulp_limit(backend, "float32", op=op))


def test_the_output_of_a_graph_s_last_op_is_still_there_afterwards() -> None:
    @tf.function(autograph=False)
    def function(x: tf.Tensor) -> tf.Tensor:
        # Each may take over the memory of the one before.
        return tca.elu(tca.swish(tca.elu(x + 0.0, backend="native"), backend="native"), backend="native")

    x = tf.random.stateless_normal([SIZES[1]], seed=(3, 4))
    y = function(x)
    expected = tca.elu(tca.swish(tca.elu(x[:9999])))
    np.testing.assert_array_equal(y[:9999], expected)


def test_memory_is_given_back() -> None:
    x = tf.zeros([SIZES[1]])
    tca.swish(x, backend="native")
    gc.collect()
    before = resident_bytes()
    for _ in range(20):
        tca.swish(x, backend="native")
    assert resident_bytes() - before < 2 * x.shape[0] * x.dtype.size
