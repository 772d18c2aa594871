"""Parameters in models: variables of a layer, which are learned, and schedules."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from parameters import FEW, WITH_PARAMETER

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS

every_op = pytest.mark.parametrize("op", WITH_PARAMETER)
# What fits models is made alike for all of them.
one_op = pytest.mark.parametrize("op", FEW[:1])

X = np.random.default_rng(0).normal(size=(32, 3, 4)).astype(np.float32)


def learned(op: str, **others: object) -> keras.layers.Layer:
    activation = ACTIVATIONS[op]
    return getattr(tca.layers, activation.layer)(**{f"{activation.argument_names[0]}_initializer": "ones"}, **others)


def variable_of(layer: keras.layers.Layer, op: str) -> keras.Variable:
    return getattr(layer, ACTIVATIONS[op].argument_names[0])


@every_op
def test_the_variable_is_as_that_of_prelu(op: str) -> None:
    for shared_axes, shape in ((None, (3, 4)), ([1], (1, 4)), (1, (1, 4)), ([1, 2], (1, 1))):
        layer, prelu = learned(op, shared_axes=shared_axes), keras.layers.PReLU(shared_axes=shared_axes)
        np.testing.assert_allclose(layer(X), getattr(tca, op)(X), rtol=1e-6)
        prelu(X)
        assert variable_of(layer, op).shape == prelu.alpha.shape == shape
    fixed = learned(op, trainable=False)
    fixed(X)
    assert (len(layer.trainable_variables), len(fixed.trainable_variables)) == (1, 0)


@pytest.fixture(params=["float32", "mixed_bfloat16", "mixed_float16", "float64"])
def policy(request: pytest.FixtureRequest) -> Iterator[str]:
    before = keras.config.floatx()
    if request.param == "float64":
        # Keras adds up the losses of regularizers in this type: see below.
        keras.config.set_floatx("float64")
    yield request.param
    keras.config.set_floatx(before)


@one_op
def test_learns_is_saved_and_loaded(op: str, policy: str, tmp_path: Path) -> None:
    (name,) = ACTIVATIONS[op].argument_names
    others = {f"{name}_regularizer": keras.regularizers.L2(0.01), f"{name}_constraint": "non_neg", "shared_axes": [1]}
    layer = learned(op, dtype=policy, **others)
    model = keras.Sequential([keras.Input([3, 4]), layer])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    losses = model.fit(X, np.abs(X), epochs=3, verbose=0).history["loss"]
    variable = variable_of(layer, op)
    assert variable.dtype == keras.DTypePolicy(policy).variable_dtype
    assert np.all(np.diff(losses) < 0)
    assert np.all(variable.numpy() != 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(X), model(X))
    assert loaded.layers[0].get_config() == layer.get_config()
    assert variable_of(loaded.layers[0], op).constraint is not None
    assert len(loaded.losses) == 1


@one_op
def test_what_keras_cannot_do_with_its_own(op: str) -> None:
    """So it is promised of no layer of ours: a regularizer in float64 while Keras' floatx is float32."""
    name = ACTIVATIONS[op].argument_names[0]
    ours = learned(op, dtype="float64", **{f"{name}_regularizer": "l2"})
    for layer in (keras.layers.PReLU(alpha_regularizer="l2", dtype="float64"), ours):
        model = keras.Sequential([keras.Input([3, 4], dtype="float64"), layer])
        model.compile("sgd", "mse", jit_compile=False)
        with pytest.raises(TypeError, match=r"float64.* to <dtype: 'float32'>"):
            model.fit(X, X, verbose=0)


@one_op
@pytest.mark.parametrize("how", [{"jit_compile": False}, {"jit_compile": True}, {"run_eagerly": True}], ids=str)
def test_a_schedule(op: str, how: dict[str, bool]) -> None:
    """A callback assigns to a variable; what is computed follows."""
    parameter = tf.Variable(1.0, trainable=False)

    class Schedule(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            parameter.assign(1.0 + epoch)

    model = keras.Sequential([keras.Input([3, 4]), keras.layers.Lambda(lambda x: getattr(tca, op)(x, parameter))])
    model.compile(optimizer="sgd", loss="mse", **how)
    losses = model.fit(X, X, epochs=3, verbose=0, callbacks=[Schedule()]).history["loss"]
    wanted = [np.mean((getattr(tca, op)(X, 1.0 + epoch) - X) ** 2) for epoch in range(3)]
    np.testing.assert_allclose(losses, wanted, rtol=1e-5)


@every_op
def test_bad_arguments(op: str) -> None:
    (name,) = ACTIVATIONS[op].argument_names
    layer = getattr(tca.layers, ACTIVATIONS[op].layer)
    with pytest.raises(ValueError, match=rf"{name} is 2.0, and {name}_initializer is given besides"):
        learned(op, **{name: 2.0})
    for attribute in (f"{name}_regularizer", f"{name}_constraint", "shared_axes"):
        given = {attribute: [1] if attribute == "shared_axes" else "l2" if "regularizer" in attribute else "non_neg"}
        with pytest.raises(ValueError, match=f"{attribute} is given without {name}_initializer"):
            layer(**given)
    for axis in (0, 3, -1):
        with pytest.raises(ValueError, match=r"shared_axes are .*: axes from 1 to 2 are accepted"):
            learned(op, shared_axes=[axis])(X)
