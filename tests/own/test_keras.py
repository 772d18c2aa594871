"""Activations of one's own in Keras models: trained, saved and loaded, in mixed precision, distributed."""

import copy
import pickle

import formulas
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.layers import Activation, Dense, Lambda

from tfcustomact import _own

X = np.random.default_rng(0).normal(size=(64, 5)).astype(np.float32)
Y = np.sin(X.sum(axis=1, keepdims=True))


def every_way():
    inputs = keras.Input([5])
    x = Dense(8, activation=formulas.derived)(inputs)
    x = Activation(formulas.written)(x)
    x = Lambda(formulas.derived, arguments={"a": 0.5})(x)
    x = formulas.written.layer(0.7)(x)
    x = formulas.derived.layer(a=0.5, learn="scalar", name="scalar")(x)
    x = formulas.written.layer(a=0.5, learn="channel", name="channel")(x)
    x = formulas.derived.layer(learn={"a": "element"}, backend="python", name="element")(x)
    return keras.Model(inputs, Dense(1)(formulas.derived(x, a=2.0)))


@pytest.mark.parametrize("how", [{}, {"jit_compile": False}, {"run_eagerly": True}], ids=["jit", "no jit", "eager"])
def test_trains_and_is_loaded_as_it_was_saved(how, tmp_path):
    keras.utils.set_random_seed(0)
    model = every_way()
    model.compile(keras.optimizers.SGD(0.05), "mse", **how)
    losses = model.fit(X, Y, batch_size=24, epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]
    for name, shape in {"scalar": (), "channel": (8,), "element": (8,)}.items():
        learned = model.get_layer(name).arguments["a"]
        assert learned.shape == shape
        assert np.all(learned.numpy() != (1.0 if name == "element" else 0.5))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(X), model(X))
    assert loaded.layers[1].activation is formulas.derived
    assert loaded.get_layer("element").backend == "python"
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X), model(X))


def test_exported(tmp_path):
    model = every_way()
    model.export(tmp_path, verbose=False)
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_allclose(loaded.serve(X), model(X), rtol=1e-5, atol=1e-6)


def test_mixed_precision_learns_in_float32():
    layer = formulas.written.layer(a=0.5, learn="channel", dtype="mixed_bfloat16")
    model = keras.Sequential([keras.Input([5]), layer, Dense(1, dtype="float32")])
    model.compile("sgd", "mse")
    assert np.all(np.isfinite(model.fit(X, Y, epochs=2, verbose=0).history["loss"]))
    assert layer(X).dtype == tf.bfloat16
    assert layer.arguments["a"].dtype == "float32"


def test_two_replicas_learn_what_one_does():
    def trained():
        keras.utils.set_random_seed(0)
        layer = formulas.derived.layer(learn="channel")
        model = keras.Sequential([keras.Input([5]), layer, Dense(1)])
        model.compile("sgd", "mse", jit_compile=False)
        model.fit(X, Y, batch_size=32, shuffle=False, verbose=0)
        return layer.arguments["a"].numpy()

    alone = trained()
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        np.testing.assert_allclose(trained(), alone, rtol=1e-5)


def test_it_is_found_by_name():
    for own in (formulas.derived, formulas.written):
        assert keras.saving.get_registered_name(own) == f"formulas>{own.__name__}"
        assert keras.activations.deserialize(keras.activations.serialize(own)) is own
        assert pickle.loads(pickle.dumps(own)) is copy.deepcopy(own) is own


def test_two_of_one_name_are_refused():
    def derived(x):
        return x

    derived.__module__ = "formulas.other"
    with pytest.raises(ValueError, match=r"formulas>derived is registered with Keras already, by formulas\.derived"):
        _own.activation(derived)


def test_bad_arguments_of_a_layer():
    layer = formulas.derived.layer
    for given, error, words in (
        ({"a": "1"}, TypeError, "derived's a is '1', of type str"),
        ({"a": float("nan")}, ValueError, "derived's a is nan"),
        ({"learn": "row"}, ValueError, "learn is 'row': 'scalar', 'channel', 'element', or a mapping"),
        ({"learn": {"b": "scalar"}}, ValueError, "learn is {'b': 'scalar'}"),
        ({"backend": "cuda"}, ValueError, "backend is 'cuda'"),
    ):
        with pytest.raises(error, match=words):
            layer(**given)
    with pytest.raises(TypeError, match=r"derived\.layer takes 1 numbers, for a, not 2"):
        layer(1.0, 2.0)
    with pytest.raises(ValueError, match="a is learned for each channel, and x has shape"):
        layer(learn="channel").build((None, None))
