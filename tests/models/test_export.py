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
from tfcustomact._models.counterparts import Use, our_use
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS

# What Keras has of ours, by their names.
THEIRS = {
    op: our_use(activation) for op, activation in ACTIVATIONS.items() if "keras" in our_use(activation).activation.peers
}
# Every activation with several arguments, as far as Keras has it, and its function is converted.
OURS = [
    Use(activation, dict(zip(activation.argument_names, special.arguments, strict=True)))
    for activation in ACTIVATIONS.values()
    for special in activation.special_values
]
PORTABLE = [use for use in OURS if use.activation.name in THEIRS]
IN_ONNX = [use for use in PORTABLE if "ONNX" not in THEIRS[use.activation.name].not_converted]

CONVERTED = ("float32.tflite", "float16.tflite", "int8.tflite")
SAVED = {
    **dict.fromkeys(("native", "python", "python, served"), OURS),
    **dict.fromkeys(("plain", "plain, served", "model.keras"), PORTABLE),
}
FORMATS = {**SAVED, **dict.fromkeys(CONVERTED, PORTABLE), "model.onnx": IN_ONNX}


def build(uses: list[Use]) -> keras.Model:
    """Ours behind weights, which infinities pass, then Keras' own."""
    inputs = keras.Input([len(ACTIVATIONS), 8], name="x")
    weights = keras.initializers.RandomNormal(1, 0.1, seed=0)
    # A tensor for each activation: TFLite has no erfc, and recognizes GELU only where no other one shares a part of it;
    # and in int8 a tensor, and what it is a slice of, get the range of its minimum with 0, which is a part of CELU.
    rows = {
        op: keras.layers.BatchNormalization(center=False, gamma_initializer=weights)(inputs[:, row : row + 1])
        for row, op in enumerate(ACTIVATIONS)
    }
    ours = [use.activation.function(rows[use.activation.name], **use.arguments) for use in uses]
    theirs = [
        keras.layers.Lambda(getattr(keras.activations, use.activation.peers["keras"]), arguments=use.arguments)(
            rows[op]
        )
        for op, use in peers(uses).items()
    ]
    return keras.Model(inputs, [*ours, *theirs])


def peers(uses: list[Use]) -> dict[str, Use]:
    ops = dict.fromkeys(use.activation.name for use in uses)
    return {op: THEIRS[op] for op in ops if op in THEIRS}


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
        self.ours, self.model, self.in_onnx = map(build, (OURS, PORTABLE, IN_ONNX))
        self.portable, self.portable_in_onnx = (
            tca.portable(model, report=None) for model in (self.model, self.in_onnx)
        )
        count = len(ACTIVATIONS)
        special = np.array([[np.inf, -np.inf, 0.0, -0.0, 88.0, -88.0, 1e-3, -200.0]], np.float32)
        # Infinities, and in their place numbers that are as good as infinite.
        special = np.concatenate([special, np.nan_to_num(special, posinf=1e3, neginf=-1e3)])[:, None]
        self.x = {
            "finite": 3 * np.random.default_rng(1).normal(size=[32, count, 8]).astype(np.float32),
            "special": np.tile(special, [1, count, 1]),
            "nan": np.full([1, count, 8], np.nan, np.float32),
        }
        for backend in ("native", "python"):
            if not BACKENDS[backend].reasons_against(OURS[0].activation.name, "CPU", tf.float32):
                with tca.use_backend(backend):
                    self.ours.export(folder / backend, verbose=False)
        self.portable.export(folder / "plain", verbose=False)
        self.portable.save(folder / "model.keras")
        for name in CONVERTED:
            convert(folder / name, self.x["finite"])
        if all(map(find_spec, ("tf2onnx", "onnxruntime"))):
            self.portable_in_onnx(self.x["nan"])  # Keras exports to ONNX what has been called.
            self.portable_in_onnx.export(folder / "model.onnx", format="onnx", verbose=False)
        np.savez(folder / "inputs.npz", **self.x)
        program, ops = Path(__file__).with_name("run_exported.py"), Path(tca.__file__).with_name("_tensorflow_ops.so")
        subprocess.run([sys.executable, program, folder, ops], check=True, cwd=folder)
        self.written = dict(np.load(folder / "outputs.npz"))

    def of(self, path: str, inputs: str) -> list[np.ndarray]:
        if f"{path} {inputs} 0" not in self.written:
            pytest.skip("the ops were not built" if path == "native" else "tf2onnx and onnxruntime are not installed")
        uses = FORMATS[path]
        return [self.written[f"{path} {inputs} {k}"] for k in range(len(uses) + len(peers(uses)))]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    return Outputs(tmp_path_factory.mktemp("exported"))


@pytest.mark.parametrize("path", FORMATS)
def test_finite_numbers(path: str, outputs: Outputs) -> None:
    uses = FORMATS[path]
    model = outputs.ours if uses is OURS else outputs.model if uses is PORTABLE else outputs.in_onnx
    exact = [np.asarray(y) for y in model(outputs.x["finite"])]
    written = outputs.of(path, "finite")
    if path == "int8.tflite":
        errors = [np.abs(y - e).max() / np.ptp(e) for y, e in zip(written, exact, strict=True)]
        theirs = dict(zip(peers(uses), errors[len(uses) :], strict=True))
        for use, error in zip(uses, errors, strict=False):
            assert error <= 1.2 * theirs[use.activation.name], str(use)
        # Of some, Keras' own is of little use.
        assert np.median(errors) < 0.02
        return
    tolerance = 2e-3 if path == "float16.tflite" else 1e-5
    for use, y, e in zip(uses, written, exact, strict=False):
        np.testing.assert_allclose(y, e, rtol=tolerance, atol=tolerance, err_msg=str(use))


@pytest.mark.parametrize("path", [path for path in FORMATS if path != "int8.tflite"])
def test_special_numbers(path: str, outputs: Outputs) -> None:
    """With our own formulas the limits; with Keras' what it gives, but where conversions are said to be wrong."""
    uses = FORMATS[path]
    model = outputs.ours if uses is OURS else outputs.portable if uses is PORTABLE else outputs.portable_in_onnx
    relative, absolute = (2e-3, 2e-3) if path == "float16.tflite" else (1e-5, 1e-37)
    to = {".tflite": "TFLite", ".onnx": "ONNX"}.get(Path(path).suffix, "")
    wrong: dict[str, set[str]] = {}
    for inputs in ("special", "nan"):
        x = outputs.x[inputs][:, :1]
        for use, y, e in zip(uses, outputs.of(path, inputs), model(outputs.x[inputs]), strict=False):
            differs = ~np.isclose(y, e, rtol=relative, atol=absolute, equal_nan=True)
            wrong.setdefault(str(use), set()).update(map(str, x[differs].tolist()))
    assert wrong == {str(use): {*map(str, use.misconverted.get(to, ()))} for use in uses}


def test_int8_takes_infinities_for_the_largest_numbers_and_nan_for_some_number(outputs: Outputs) -> None:
    given = (outputs.of("int8.tflite", inputs) for inputs in outputs.x)
    for use, finite, special, nan in zip(PORTABLE, *given, strict=False):
        np.testing.assert_array_equal(*special, err_msg=str(use))
        # A step more than what was there in the representative data.
        step = np.ptp(finite) / 200
        for y in (special, nan):
            assert finite.min() - step <= y.min() <= y.max() <= finite.max() + step, str(use)


def test_native_ops_are_asked_for_by_name(outputs: Outputs) -> None:
    outputs.of("native", "finite")
    for loader in ("", ", served"):
        assert "Op type not registered 'Tfcustomact" in str(outputs.written[f"error{loader}"])


def test_said_before_converting() -> None:
    """What cannot be had."""
    keras.utils.clear_session()  # which numbers layers anew
    unconverted = next(use for use in OURS if use.not_converted).activation
    inputs = keras.Input([8], dtype="float64")
    misconverted = next(use for use in OURS if use.misconverted)
    x = keras.layers.Lambda(unconverted.function, name="unconverted")(inputs)
    x = keras.layers.Lambda(misconverted.activation.function, arguments=misconverted.arguments, name="misconverted")(x)
    x = keras.layers.Lambda(lambda x: tca.swish(x), name="python")(tca.swish(x))
    x = keras.layers.Dense(8, partial(tca.swish, backend="python"), name="partial", dtype="float64")(x)
    x = tca.layers.Dense(8, "elu", name="dense", dtype="float64")(x)
    x = tca.layers.ELU(0.5, name="mapped", dtype=keras.dtype_policies.DTypePolicyMap())(x)
    other = keras.layers.Dense(8, name="other")
    model = keras.Model(inputs, other(x))
    other.activation = partial(tca.swish, unknown=1)
    reports = []
    dense = tca.portable(model, report=reports.append).get_layer("dense")
    assert (type(dense), dense.activation) == (keras.layers.Dense, keras.activations.elu)
    replaced = ["unconverted", "misconverted", "swish", "partial", "dense", "dense", "mapped"]
    assert [each.where for each in reports[0].replaced] == replaced
    assert [(each.where, each.what) for each in reports[0].left] == [
        ("python", "what test_said_before_converting.<locals>.<lambda> calls"),
        ("other", "tfcustomact.swish"),
    ]
    theirs = f"keras.activations.{unconverted.peers['keras']}"
    for note in (
        *(f"{theirs} is not converted to {name}: {why}" for name, why in unconverted.not_converted.items()),
        *(
            f"keras.activations.{misconverted.activation.peers['keras']} is wrong at {x} when it is converted to {name}"
            for name, (x,) in misconverted.misconverted.items()
        ),
        "keras.activations.silu is nan at -inf, where tfcustomact.swish is -0.0",
        "TFLite converts no float64: make a float32 model for it",
    ):
        assert note in reports[0].notes
