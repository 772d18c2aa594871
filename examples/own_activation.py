"""An activation of one's own: from the formula, over what the check finds wrong with it, to a trained and saved model.

``bent`` is x above zero, and below it bends to a * (exp(x) - 1), with an ``a`` that every channel learns.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import tfcustomact as tca


# As one writes it down first.
@tca.activation
def first_try(x: tf.Tensor, a: float = 1.0) -> tf.Tensor:
    return tf.where(x > 0, x, a * (tf.exp(x) - 1))


# It says that the value is wrong near zero, where exp(x) - 1 cancels, and that the gradient is NaN from x = 88.8 on:
# exp(x) overflows in the branch that is not taken, and its gradient, an infinity, is multiplied by zero.
print(tca.testing.check_activation(first_try))


# The same function: expm1 does not cancel, and is never given a large number.
@tca.activation
def bent(x: tf.Tensor, a: float = 1.0) -> tf.Tensor:
    return tf.where(x > 0, x, a * tf.math.expm1(tf.minimum(x, 0.0)))


# Optional: the derivatives by x and by a. Without this, TensorFlow derives them.
@bent.gradient
def _(x: tf.Tensor, a: float) -> tuple[tf.Tensor, tf.Tensor]:
    below = tf.minimum(x, 0.0)
    by_x = tf.where(x > 0, tf.ones_like(x), a * tf.exp(below))
    return by_x, tf.math.expm1(below)


report = tca.testing.check_activation(bent)
print(report)
assert report.holds

random = np.random.default_rng(0)
x = random.normal(size=(1024, 10)).astype(np.float32)
y = np.sin(x.sum(axis=1, keepdims=True))

model = keras.Sequential(
    [
        keras.Input([10]),
        keras.layers.Dense(64),
        bent.layer(a=0.5, learn="channel"),
        keras.layers.Dense(64, activation=bent),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")

before = model.evaluate(x, y, verbose=0)
model.fit(x, y, epochs=5, verbose=0)
print(f"loss {before:.3f} -> {model.evaluate(x, y, verbose=0):.3f}")
learned = model.layers[1].arguments["a"].numpy()
print(f"a was 0.5, and is now between {learned.min():.3f} and {learned.max():.3f}")

# Found again by its name: where the model is loaded, the module with `bent` has to be imported.
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
print("the loaded model computes the same:", np.array_equal(loaded(x), model(x)))
