"""Swish in a Sequential model, through a Lambda layer."""

import keras
import numpy as np

import tfcustomact as tca

random = np.random.default_rng(0)
x = random.normal(size=(1024, 10)).astype(np.float32)
y = np.sin(x.sum(axis=1, keepdims=True))

model = keras.Sequential(
    [
        keras.Input([10]),
        keras.layers.Dense(64),
        keras.layers.Lambda(tca.swish),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")

before = model.evaluate(x, y, verbose=0)
model.fit(x, y, epochs=5, verbose=0)
print(f"loss {before:.3f} -> {model.evaluate(x, y, verbose=0):.3f}")
