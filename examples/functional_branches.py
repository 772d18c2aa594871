"""Different activations on the branches of a functional model, which is saved and loaded again."""

import tempfile
from pathlib import Path

import keras
import numpy as np

import tfcustomact as tca

random = np.random.default_rng(0)
x = random.normal(size=(1024, 10)).astype(np.float32)
y = np.sin(x.sum(axis=1, keepdims=True))

inputs = keras.Input([10])
left = keras.layers.Dense(32, activation=tca.swish)(inputs)
middle = keras.layers.Activation(tca.elu)(keras.layers.Dense(32)(inputs))
right = tca.swish(keras.layers.Dense(32)(inputs), beta=1.5)
model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()([left, middle, right])))
model.compile(optimizer="adam", loss="mse")

before = model.evaluate(x, y, verbose=0)
model.fit(x, y, epochs=5, verbose=0)
print(f"loss {before:.3f} -> {model.evaluate(x, y, verbose=0):.3f}")

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
print(f"the loaded model computes the same: {np.array_equal(loaded(x), model(x))}")
