"""Keras layers: gated units, dense layers with one pass for bias and activation, and both together."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS


@pytest.fixture
def x() -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).normal(size=(5, 3, 6)).astype(np.float32))


def test_gated_dense_is_two_dense_layers(x: tf.Tensor) -> None:
    for activation, plain in (
        ("swish", keras.activations.silu),
        (tca.elu, keras.activations.elu),
        ("relu", tf.nn.relu),
    ):
        gate, up = keras.layers.Dense(4, activation=plain), keras.layers.Dense(4)
        expected = gate(x) * up(x)
        layer = tca.layers.GatedDense(4, activation, bias_initializer="ones")
        layer.build(x.shape)
        assert (layer.kernel.shape, layer.bias.shape) == ((6, 8), (8,))
        layer.set_weights([np.concatenate(pair, -1) for pair in zip(gate.get_weights(), up.get_weights(), strict=True)])
        np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", ["swish", tca.elu, "tanh", None])
@pytest.mark.parametrize("use_bias", [True, False])
def test_dense_is_keras_dense(activation: object, use_bias: bool, x: tf.Tensor) -> None:
    options = {"use_bias": use_bias, "bias_initializer": keras.initializers.RandomNormal(seed=1)}
    options |= {"kernel_initializer": keras.initializers.RandomNormal(seed=2)}
    results = []
    for made in (tca.layers.Dense(4, activation, **options), keras.layers.Dense(4, activation, **options)):
        with tf.GradientTape() as tape:
            y = made(x)
            loss = tf.reduce_sum(tf.sin(y))
        results.append([y, *tape.gradient(loss, made.trainable_variables)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_activations_of_keras_stand_for_ours() -> None:
    for op, activation in ACTIVATIONS.items():
        peer = activation.peers.get("keras")
        for given in (op, activation.function, *([peer, getattr(keras.activations, peer)] if peer else [])):
            for made in (tca.layers.Dense(1, given), tca.layers.GatedDense(1, given)):
                assert made.activation is activation.function
                assert type(made).from_config(made.get_config()).activation is activation.function


def model(policy: str) -> keras.Model:
    inputs = keras.Input([6])
    options = {"bias_constraint": "non_neg"}
    # Keras adds up what regularizers give in float32, and cannot with another dtype, of its own layers either.
    if policy != "float64":
        options["kernel_regularizer"] = "l2"
    if policy == "float32":
        options["activity_regularizer"] = "l1"
    y = tca.layers.GatedDense(8, tca.elu, **options)(inputs)
    y = tca.layers.Dense(8, "swish", **options)(y)
    y = tca.gated(tca.swiglu(y), tca.swiglu(y), "elu", alpha=0.5, backend="python")
    return keras.Model(inputs, y)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16", "float64"])
def test_models_train_and_are_saved(policy: str, tmp_path: Path, x: tf.Tensor) -> None:
    # Some initial weights give outputs so small that the loss changes by less than its last place.
    keras.utils.set_random_seed(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        made = model(policy)
    finally:
        keras.config.set_dtype_policy(before)
    assert made.output.shape == (None, 4)
    x = tf.reshape(x, [-1, 6])
    made.compile("sgd", "mse", jit_compile=False)
    losses = made.fit(x, tf.ones([15, 4]), epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]
    made.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each in (loaded, keras.models.clone_model(made)):
        each.set_weights(made.get_weights())
        assert each.output.dtype == made.output.dtype == keras.DTypePolicy(policy).compute_dtype
        np.testing.assert_array_equal(each(x), made(x))
        # Keras names an input anew.
        ours, theirs = ([layer.get_config() for layer in of.layers[1:]] for of in (made, each))
        assert ours == theirs


def test_a_model_of_packed_inputs(x: tf.Tensor) -> None:
    layers = [tca.layers.Gated(), keras.layers.Lambda(tca.swiglu), keras.layers.Activation(tca.swiglu)]
    for layer in layers[:2]:
        np.testing.assert_array_equal(keras.Sequential([keras.Input([3, 6]), layer])(x), tca.swiglu(x))
    mask = tf.constant([[True, False, True]] * 5)
    masked = keras.layers.Masking()(x * tf.cast(mask[..., None], x.dtype))
    np.testing.assert_array_equal(tca.layers.Gated()(masked)._keras_mask, mask)


def test_shapes_of_layers(x: tf.Tensor) -> None:
    layer = tca.layers.Gated()
    assert keras.layers.TimeDistributed(layer)(keras.Input([3, 6])).shape == (None, 3, 3)
    assert layer.compute_output_shape((None, 6)) == (None, 3)
    assert layer.compute_output_shape((None, 6), (5, None)) == (5, 6)
    inputs = keras.Input([3, None])
    unknown = keras.Model(inputs, tca.swiglu(inputs))
    assert unknown.output.shape == (None, 3, None)
    np.testing.assert_array_equal(unknown(x), tca.swiglu(x))


@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
def test_quantized_models_are_saved(mode: str, tmp_path: Path, x: tf.Tensor) -> None:
    made = keras.Sequential([keras.Input([3, 6]), tca.layers.GatedDense(8, "elu"), tca.layers.Dense(4, "gelu")])
    same = keras.Sequential([keras.Input([3, 6]), tca.layers.GatedDense(8, "elu"), keras.layers.Dense(4, "gelu")])
    same.set_weights(made.get_weights())
    for model in (made, same):
        model.quantize(mode)
    gated, dense = made.layers
    assert gated.dense.quantization_mode == dense.quantization_mode == mode
    np.testing.assert_allclose(made(x), same(x), rtol=1e-5, atol=1e-6)
    made.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(x), made(x))


def test_bad_arguments_of_layers(x: tf.Tensor) -> None:
    inputs = keras.Input([6])
    for call, kind, message in (
        (lambda: tca.layers.Gated("relu"), ValueError, "activation is 'relu': of tfcustomact, swish, .* are accepted"),
        (
            lambda: tca.layers.Gated("swish", {"alpha": 1.0}),
            TypeError,
            "swish was given alpha: .* it takes beta",
        ),
        (lambda: tca.layers.Gated("swish", {"beta": np.inf}), ValueError, "swish's beta is inf"),
        (lambda: tca.layers.Gated(backend="cuda"), ValueError, "backend is 'cuda'"),
        (lambda: tca.layers.GatedDense(0), ValueError, "units is 0"),
        (lambda: tca.layers.GatedDense(2.0), ValueError, "units is 2.0"),
        (lambda: tca.layers.GatedDense(2, "wish"), ValueError, "wish"),
        (lambda: tca.layers.Dense(2, "wish"), ValueError, "wish"),
        (lambda: tca.swiglu(keras.Input([5])), ValueError, "a packed tensor has shape"),
        (lambda: tca.swiglu(inputs, keras.Input([5])), ValueError, "two equal ones"),
        (lambda: tca.swiglu(inputs, keras.Input([6], dtype="int32")), TypeError, "dtypes float32 and int32"),
        (lambda: tca.swiglu(inputs, keras.Input([6], dtype="float16")), TypeError, "dtypes float32 and float16"),
        (lambda: tca.layers.Gated()([x, x]), TypeError, "gate is a list of 2: a tensor is accepted, and up beside it"),
        (lambda: tca.layers.Gated()((inputs, inputs)), TypeError, "gate is a tuple of 2"),
        (lambda: tca.layers.Gated().compute_output_shape((None, 5)), ValueError, "a packed tensor has shape"),
    ):
        with pytest.raises(kind, match=message):
            call()
