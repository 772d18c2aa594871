"""Runs what test_export.py wrote into the folder it is given, on the inputs there, without this package.

It is given the file of the compiled ops, too, which is loaded for what does not open without.
"""

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
    try:
        model = tf.saved_model.load(str(path))
    except RuntimeError as error:
        outputs["error"] = str(error)
        tf.load_op_library(sys.argv[2])
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
outputs: dict[str, Any] = {}
# That with the compiled ops last.
for path in sorted(folder.iterdir(), key=lambda path: path.name == "native"):
    if path.suffix in LOAD:
        run = LOAD[path.suffix](path)
        for name, x in inputs.items():
            outputs |= {f"{path.name} {name} {k}": y for k, y in enumerate(run(x))}
np.savez(folder / "outputs.npz", **outputs)
