"""What is saved, exported and converted runs in a process of its own where this package cannot be imported.

One model has every activation with several arguments; it is written once in each format, and one process runs them all.
"""

import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca
from tfcustomact._models.counterparts import Use
from tfcustomact.activations import ACTIVATIONS

# The others have no argument that could be lost. TFLite has no erfc, and recognizes GELU only where it stands alone.
USES = [
    Use(activation, dict(zip(activation.argument_names, special.arguments, strict=True)))
    for activation in ACTIVATIONS.values()
    if activation.arguments and "keras" in activation.peers
    for special in activation.special_values
]
PEERS = [*dict.fromkeys(use.activation.peers["keras"] for use in USES)]

CONVERTED = ("float32.tflite", "float16.tflite", "int8.tflite")
FORMATS = ("ours", "plain", "model.keras", *CONVERTED, "model.onnx")


def build() -> keras.Model:
    """Ours, behind weights and without them, which infinities do not pass everywhere; then Keras' own."""
    inputs = keras.Input([1, 8], name="x")
    x = keras.layers.DepthwiseConv1D(1, depthwise_initializer="ones", use_bias=False)(inputs)
    ours = [use.activation.function(of, **use.arguments) for of in (x, inputs) for use in USES]
    return keras.Model(inputs, [*ours, *(keras.layers.Activation(peer)(x) for peer in PEERS)])


def convert(path: Path, x: np.ndarray) -> None:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(path.with_name("plain")))
    if path.stem != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if path.stem == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if path.stem == "int8":
        converter.representative_dataset = lambda: ([part] for part in np.split(x, len(x)))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    path.write_bytes(converter.convert())


class Outputs:
    def __init__(self, folder: Path) -> None:
        keras.utils.set_random_seed(0)
        self.model = build()
        self.model.set_weights([1 + 0.1 * np.random.default_rng(0).normal(size=[1, 8, 1]).astype(np.float32)])
        self.x = {
            "finite": 3 * np.random.default_rng(1).normal(size=[32, 1, 8]).astype(np.float32),
            "special": np.array([[[np.inf, -np.inf, 0.0, -0.0, 88.0, -88.0, 1e-3, -200.0]]], np.float32),
            "nan": np.full([1, 1, 8], np.nan, np.float32),
        }
        self.portable = tca.portable(self.model, report=None)
        with tca.use_backend("python"):
            self.model.export(folder / "ours", verbose=False)
        self.portable.export(folder / "plain", verbose=False)
        self.portable.save(folder / "model.keras")
        for name in CONVERTED:
            convert(folder / name, self.x["finite"])
        if all(map(find_spec, ("tf2onnx", "onnxruntime"))):
            self.portable.export(folder / "model.onnx", format="onnx", verbose=False)
        np.savez(folder / "inputs.npz", **self.x)
        subprocess.run([sys.executable, Path(__file__).with_name("run_exported.py"), folder], check=True, cwd=folder)
        self.written = dict(np.load(folder / "outputs.npz"))

    def of(self, path: str, inputs: str) -> list[np.ndarray]:
        if f"{path} {inputs} 0" not in self.written:
            pytest.skip("tf2onnx and onnxruntime are not installed")
        return [self.written[f"{path} {inputs} {k}"] for k in range(2 * len(USES) + len(PEERS))]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    return Outputs(tmp_path_factory.mktemp("exported"))


@pytest.mark.parametrize("path", FORMATS)
def test_finite_numbers(path: str, outputs: Outputs) -> None:
    exact = [np.asarray(y) for y in outputs.model(outputs.x["finite"])]
    written = outputs.of(path, "finite")
    if path == "int8.tflite":
        errors = [np.abs(y - e).max() / np.ptp(e) for y, e in zip(written, exact, strict=True)]
        for use, error in zip(USES, errors, strict=False):
            peer = errors[2 * len(USES) + PEERS.index(use.activation.peers["keras"])]
            assert error <= 1.2 * peer, str(use)
        return
    tolerance = 2e-3 if path == "float16.tflite" else 1e-5
    for use, y, e in zip(USES, written, exact, strict=False):
        np.testing.assert_allclose(y, e, rtol=tolerance, atol=tolerance, err_msg=str(use))


@pytest.mark.parametrize("path", FORMATS[:4])
def test_special_numbers(path: str, outputs: Outputs) -> None:
    """With our own formulas the limits; with Keras' what it gives."""
    model = outputs.model if path == "ours" else outputs.portable
    for inputs in ("special", "nan") if path != "float32.tflite" else ("special",):
        expected = model(outputs.x[inputs])
        for k, use in enumerate(USES, start=len(USES)):
            np.testing.assert_allclose(
                outputs.of(path, inputs)[k], expected[k], rtol=1e-5, atol=1e-37, err_msg=str(use)
            )


def test_said_before_converting() -> None:
    """What cannot be had."""
    keras.utils.clear_session()  # which numbers layers anew
    inputs = keras.Input([8], dtype="float64")
    x = keras.layers.Lambda(lambda x: tca.swish(x), name="python")(tca.swish(inputs))
    x = keras.layers.Dense(8, partial(tca.swish, backend="python"), name="partial", dtype="float64")(x)
    other = keras.layers.Dense(8, name="other")
    model = keras.Model(inputs, other(x))
    other.activation = partial(tca.swish, unknown=1)
    reports = []
    tca.portable(model, report=reports.append)
    assert [each.where for each in reports[0].replaced] == ["swish", "partial"]
    assert [(each.where, each.what) for each in reports[0].left] == [
        ("python", "what test_said_before_converting.<locals>.<lambda> calls"),
        ("other", "tfcustomact.swish"),
    ]
    assert reports[0].notes == [
        "keras.activations.silu is nan at -inf, where tfcustomact.swish is -0.0",
        "TFLite converts no float64: make a float32 model for it",
    ]
