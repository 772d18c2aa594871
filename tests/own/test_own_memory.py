"""What activations of one's own keep for the gradient: x and the arguments, and none of the formula's other results."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes
import gc
import sys

import tensorflow as tf
import tfcustomact as tca

LAYERS, SIZE = 16, 1 << 22


@tca.activation
def six_ops(x):
    return x * tf.sigmoid(1.5 * x) + 0.1 * tf.sin(x)


def held(activation, mode):
    def step(x):
        with tf.GradientTape() as tape:
            h = x
            for v in variables:
                h = activation(h * v)
            y = tf.reduce_sum(h)
        return tape.gradient(y, variables)

    if mode != "eager":
        shape = [None if mode == "graph of any size" else SIZE // 64, 64]
        step = tf.function(step, jit_compile=mode == "jit", input_signature=[tf.TensorSpec(shape)])
    # What is compiled takes memory once.
    step(x)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        # VmHWM, the largest amount of memory so far, becomes VmRSS.
        file.write("5")
    before = memory("VmRSS")
    step(x)
    return (memory("VmHWM") - before) / (4 * SIZE)


def memory(name):
    (line,) = (line for line in open("/proc/self/status") if line.startswith(name))
    return 1024 * int(line.split()[1])


variables = [tf.Variable(tf.ones([64])) for _ in range(LAYERS)]
x = tf.random.normal([SIZE // 64, 64])
print(held(six_ops, sys.argv[1]), held(tca.swish, sys.argv[1]))
"""

# Every layer's x is kept: less would mean that nothing was measured.
MIN = 15


@pytest.mark.parametrize("mode", ["eager", "graph", "graph of any size", "jit"])
def test_sixteen_layers_of_six_ops_hold_what_those_of_swish_do(mode):
    # Memory that swish keeps for later outputs would count before its second run.
    kept = os.environ | {"TFCUSTOMACT_KEPT_MEMORY": "0"}
    done = subprocess.run([sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True, check=False, env=kept)
    assert done.returncode == 0, done.stderr
    mine, swish_s = map(float, done.stdout.split())
    assert MIN < mine <= 1.15 * swish_s
