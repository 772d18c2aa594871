"""Fits a model on two logical CPUs under MirroredStrategy, and alone: the weights and parameters are the same."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tfcustomact as tca

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
x = np.random.default_rng(0).normal(size=(64, 10)).astype(np.float32)
y = np.sin(x.sum(axis=1, keepdims=True))


def fitted(strategy: Any) -> list[np.ndarray]:
    keras.utils.set_random_seed(0)
    with strategy.scope():
        layers = [keras.layers.Dense(16, "silu"), tca.layers.ELU(alpha_initializer="ones"), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input([10]), *layers])
        model.compile("adam", "mse")
    model = tca.accelerate(model, report=None)
    model.fit(x, y, batch_size=32, shuffle=False, verbose=0)
    assert np.all(model.layers[1].alpha != 1)
    return model.get_weights()


mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert mirrored.num_replicas_in_sync == 2
for both, alone in zip(fitted(mirrored), fitted(tf.distribute.get_strategy()), strict=True):
    np.testing.assert_allclose(both, alone, rtol=1e-4, atol=1e-6)
