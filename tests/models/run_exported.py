"""Runs what test_export.py wrote into the folder it is given, on the inputs there, without this package."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

sys.modules["tfcustomact"] = None  # type: ignore[assignment] # an import of it is an error


Run = Callable[[np.ndarray], list[Any]]


def saved(path: Path) -> Run:
    model = tf.saved_model.load(str(path))
    return lambda x: model.serve(x)


def lite(path: Path) -> Run:
    runner = tf.lite.Interpreter(str(path)).get_signature_runner()

    def run(x: np.ndarray) -> list[Any]:
        outputs = runner(x=x)
        return [outputs[f"output_{k}"] for k in range(len(outputs))]

    return run


def onnx(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    return lambda x: session.run(None, {session.get_inputs()[0].name: x})


LOAD = {"": saved, ".keras": keras.models.load_model, ".tflite": lite, ".onnx": onnx}

folder = Path(sys.argv[1])
inputs = dict(np.load(folder / "inputs.npz"))
outputs = {}
for path in folder.iterdir():
    if path.suffix in LOAD:
        run = LOAD[path.suffix](path)
        for name, x in inputs.items():
            outputs |= {f"{path.name} {name} {k}": y for k, y in enumerate(run(x))}
np.savez(folder / "outputs.npz", **outputs)
