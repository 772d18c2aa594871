"""Runs what test_export.py wrote into the folder it is given, on the inputs there, without this package.

It is given the file of the compiled ops, too, which is loaded for what does not open without.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from served import served

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


def runs(path: Path) -> Iterator[tuple[str, Run]]:
    if path.is_dir():
        try:
            yield f"{path.name}, served", served(path)
        except RuntimeError as error:
            outputs["error, served"] = str(error)
    yield path.name, LOAD[path.suffix](path)


folder = Path(sys.argv[1])
inputs = dict(np.load(folder / "inputs.npz"))
outputs: dict[str, Any] = {}
# That with the compiled ops last.
for path in sorted(folder.iterdir(), key=lambda path: path.name == "native"):
    if path.suffix in LOAD:
        for name, run in runs(path):
            for given, x in inputs.items():
                outputs |= {f"{name} {given} {k}": y for k, y in enumerate(run(x))}
np.savez(folder / "outputs.npz", **outputs)
