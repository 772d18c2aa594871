"""ELU with another alpha in every layer: as a lambda, with arguments, and as a layer.

A model is saved with its Lambda layers' arguments, but a Python lambda is loaded with ``safe_mode=False`` only: for
models that are saved, take the second or the third way.
"""

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
        keras.layers.Lambda(lambda t: tca.elu(t, alpha=0.5)),
        keras.layers.Dense(64),
        keras.layers.Lambda(tca.elu, arguments={"alpha": 0.25}),
        keras.layers.Dense(64),
        tca.layers.ELU(alpha=0.1),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")

before = model.evaluate(x, y, verbose=0)
model.fit(x, y, epochs=5, verbose=0)
print(f"loss {before:.3f} -> {model.evaluate(x, y, verbose=0):.3f}")
