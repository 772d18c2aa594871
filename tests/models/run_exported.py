"""Runs what test_export.py wrote into the folder it is given, on the inputs there, without this package."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

sys.modules["tfcustomact"] = None  # type: ignore[assignment] # an import of it is an error


def saved(path: Path, x: np.ndarray) -> list[Any]:
    model = tf.saved_model.load(str(path))
    return model.serve(x)


def lite(path: Path, x: np.ndarray) -> list[Any]:
    runner = tf.lite.Interpreter(str(path)).get_signature_runner()
    outputs = runner(x=x)
    return [outputs[f"output_{k}"] for k in range(len(outputs))]


def onnx(path: Path, x: np.ndarray) -> list[Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    return session.run(None, {session.get_inputs()[0].name: x})


RUN = {
    "": saved,
    ".keras": lambda path, x: keras.models.load_model(path)(x),
    ".tflite": lite,
    ".onnx": onnx,
}

folder = Path(sys.argv[1])
inputs = dict(np.load(folder / "inputs.npz"))
outputs = {}
for path in folder.iterdir():
    if path.suffix in RUN:
        for name, x in inputs.items():
            for k, y in enumerate(RUN[path.suffix](path, x)):
                outputs[f"{path.name} {name} {k}"] = y
np.savez(folder / "outputs.npz", **outputs)
