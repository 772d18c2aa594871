"""The ways people put an activation into a Keras model, each as they compile it."""

import copy
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.layers import Activation, Dense, Lambda
from parameters import FEW

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS

COMPILE = {
    "default": {},
    "jit": {"jit_compile": True},
    "no jit": {"jit_compile": False},
    "eager": {"run_eagerly": True},
}


def plain_swish(x: tf.Tensor) -> tf.Tensor:
    return x * tf.sigmoid(x)


def plain_elu(x: tf.Tensor, alpha: float = 1.0) -> tf.Tensor:
    return tf.where(x > 0, x, alpha * tf.math.expm1(tf.minimum(x, 0)))


def model_of(swish: Callable[..., Any], elu: Callable[..., Any]) -> keras.Model:
    """A parameter per layer, and branches."""
    inputs = keras.Input([10])
    x = Lambda(lambda t: elu(t, alpha=0.5))(Dense(64)(inputs))
    x = Lambda(elu, arguments={"alpha": 0.25})(Dense(32, activation="relu")(x))
    left = Dense(32, activation=swish)(x)
    middle = Activation(elu)(Dense(32)(x))
    right = Lambda(swish, arguments={})(Lambda(swish)(Dense(32)(x)))
    return keras.Model(inputs, Dense(1)(keras.layers.Concatenate()([left, middle, right])))


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(64, 10)).astype(np.float32)
    return x, np.sin(x.sum(axis=1, keepdims=True))


def trained(model: keras.Model, how: str, data: tuple[np.ndarray, np.ndarray]) -> tuple[list[float], np.ndarray]:
    """Returns the losses, and what the model predicts then."""
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", **COMPILE[how])
    history = model.fit(*data, batch_size=32, epochs=2, shuffle=False, verbose=0)
    return history.history["loss"], model.predict(data[0], verbose=0)


@pytest.mark.parametrize("how", COMPILE)
def test_trains_like_the_plain_formula(how: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    keras.utils.set_random_seed(1)
    plain = model_of(plain_swish, plain_elu)
    weights = plain.get_weights()
    losses, predictions = trained(plain, how, data)
    for backend in BACKENDS:
        if BACKENDS[backend].reasons_against("swish", "CPU", tf.float32):
            continue
        with tca.use_backend(backend):
            model = model_of(tca.swish, tca.elu)
            model.set_weights(weights)
            got = trained(model, how, data)
        np.testing.assert_allclose(got[0], losses, rtol=1e-4)
        np.testing.assert_allclose(got[1], predictions, rtol=1e-3, atol=1e-4)


def every_way() -> keras.Model:
    inputs = keras.Input([10])
    x = Dense(8, activation=tca.swish)(inputs)
    x = Activation(tca.elu)(x)
    x = Lambda(tca.swish)(x)
    x = Lambda(tca.elu, arguments={"alpha": 0.5})(x)
    x = tca.layers.Swish(beta=1.5)(x)
    x = tca.layers.ELU(alpha=0.25, backend="python")(x)
    return keras.Model(inputs, tca.elu(tca.silu(x, beta=0.5), 2.0))


def test_save_and_load(tmp_path: Path, data: tuple[np.ndarray, np.ndarray]) -> None:
    model = every_way()
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded(data[0]), model(data[0]))
    assert loaded.layers[1].activation is tca.swish
    assert (loaded.layers[5].beta, loaded.layers[6].alpha, loaded.layers[6].backend) == (1.5, 0.25, "python")


def test_a_clone_computes_the_same(data: tuple[np.ndarray, np.ndarray]) -> None:
    model = every_way()
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(data[0]), model(data[0]))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy: str, backend: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    with tca.use_backend(backend):
        layers = [
            tca.layers.Swish(dtype=policy),
            Dense(8, activation=tca.elu, dtype=policy),
            tca.layers.ELU(0.5, dtype=policy),
        ]
        model = keras.Sequential([keras.Input([10]), *layers, Dense(1, dtype="float32")])
        model.compile(optimizer="sgd", loss="mse")
        history = model.fit(*data, epochs=2, verbose=0)
        assert np.all(np.isfinite(history.history["loss"]))
        for layer in layers:
            assert layer.compute_dtype == policy.removeprefix("mixed_")
        assert layers[0](data[0]).dtype == policy.removeprefix("mixed_")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_symbolic_result_has_the_dtype_of_its_input(dtype: str, tmp_path: Path) -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        inputs = keras.Input([2], dtype=dtype)
        model = keras.Model(inputs, tca.elu(inputs, 2.0))
        assert tca.layers.ELU(autocast=False)(inputs).dtype == dtype
        with pytest.raises(TypeError, match="elu's x has dtype int32"):
            tca.layers.ELU()(keras.Input([2], dtype="int32"))
    finally:
        keras.config.set_dtype_policy(policy)
    model.save(tmp_path / "model.keras")
    x = tf.constant([[6e4, -1]], dtype)
    for each in (model, keras.models.load_model(tmp_path / "model.keras")):
        assert each.output.dtype == dtype
        assert each(x).dtype == dtype
        np.testing.assert_array_equal(each(x), tca.elu(x, 2.0))


def layer_class(op: str) -> type[keras.layers.Layer]:
    return getattr(tca.layers, ACTIVATIONS[op].layer)


def test_layers_keep_masks_and_shapes(op: str) -> None:
    layer = layer_class(op)()
    assert layer.supports_masking
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    assert layer(keras.Input([None, 3])).shape == (None, None, 3)


def test_bad_arguments_of_layers(op: str) -> None:
    layer = layer_class(op)
    for name in ACTIVATIONS[op].argument_names:
        with pytest.raises(ValueError, match=f"{op}'s {name} is nan"):
            layer(float("nan"))
        with pytest.raises(TypeError, match=f"{op}'s {name} is '1'"):
            layer("1")
    with pytest.raises(ValueError, match="backend is 'cuda'"):
        layer(backend="cuda")
    with pytest.raises(TypeError, match="too many positional arguments"):
        layer(1.0, 2.0)


def test_function_and_layer_are_found_by_name(op: str) -> None:
    function, layer = getattr(tca, op), layer_class(op)(backend="python")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (type(again), again.get_config()) == (type(layer), layer.get_config())
    assert pickle.loads(pickle.dumps(type(layer))) is type(layer)
    assert keras.saving.get_registered_name(type(layer)) == f"tfcustomact>{ACTIVATIONS[op].layer}"
    assert keras.saving.get_registered_name(function) == f"tfcustomact>{op}"
    assert keras.activations.deserialize(keras.activations.serialize(function)) is function
    assert pickle.loads(pickle.dumps(function)) is copy.deepcopy(function) is function


def test_both_have_the_activation_s_own_signature(op: str) -> None:
    of_function, of_layer = (inspect.signature(each).parameters for each in (getattr(tca, op), layer_class(op)))
    names = ACTIVATIONS[op].argument_names
    flags = [flag for flag in [ACTIVATIONS[op].flag] if flag]
    of_variable = [f"{name}_{of}" for name in names for of in ("initializer", "regularizer", "constraint")]
    of_variable += ["shared_axes"] * len(names)
    assert [*of_function] == ["x", *names, *flags, "bias", "backend"]
    assert [*of_layer] == [*names, *flags, *of_variable, "backend", "kwargs"]
    for docstring in (getattr(tca, op).__doc__, layer_class(op).__doc__):
        for words in ("Source: ", "Raises:", *(f"    {name}: " for name in (*names, "backend"))):
            assert words in docstring


@pytest.mark.parametrize("op", FEW)
def test_autograph_leaves_it_alone(op: str, caplog: pytest.LogCaptureFixture) -> None:
    x = tf.constant([-1.0, 2.0])
    tf.get_logger().addHandler(caplog.handler)
    try:
        for function in (getattr(tca, op), lambda x: getattr(tca, op)(x)):
            np.testing.assert_array_equal(tf.function(function)(x), getattr(tca, op)(x))
    finally:
        tf.get_logger().removeHandler(caplog.handler)
    assert not caplog.text
