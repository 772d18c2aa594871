"""A SavedModel as TensorFlow Serving runs it: opened by TensorFlow's loader in C++, called by its signature.

Through TensorFlow's C API, which has that loader; Python's own restores the model's objects instead.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef


class _Buffer(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("deallocator", ctypes.c_void_p))


class _Output(ctypes.Structure):
    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


_LIBRARY = ctypes.CDLL(str(Path(tf.__file__).with_name("libtensorflow_cc.so.2")))


def _call(name: str, *arguments: Any) -> ctypes.c_void_p:
    function = getattr(_LIBRARY, f"TF_{name}")
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(*arguments))


def _checked(name: str, *arguments: Any) -> ctypes.c_void_p:
    """Calls a function that says in its last argument whether it succeeded."""
    status = _call("NewStatus")
    result = _call(name, *arguments, status)
    _LIBRARY.TF_Message.restype = ctypes.c_char_p
    if _LIBRARY.TF_GetCode(status):
        raise RuntimeError(_LIBRARY.TF_Message(status).decode())
    return result


def served(path: Path) -> Callable[[np.ndarray], list[np.ndarray]]:
    """Opens a SavedModel of one float32 input and float32 outputs; raises RuntimeError where it cannot be opened."""
    graph, buffer = _call("NewGraph"), _Buffer()
    tags = (ctypes.c_char_p * 1)(b"serve")
    options = _call("NewSessionOptions")
    session = _checked("LoadSessionFromSavedModel", options, None, bytes(path), tags, 1, graph, ctypes.byref(buffer))
    signature = MetaGraphDef.FromString(ctypes.string_at(buffer.data, buffer.length)).signature_def["serving_default"]

    def output(name: str) -> _Output:
        operation, _, index = name.partition(":")
        return _Output(_call("GraphOperationByName", graph, operation.encode()).value, int(index))

    (x_info,) = signature.inputs.values()
    inputs = (_Output * 1)(output(x_info.name))
    count = len(signature.outputs)
    outputs = (_Output * count)(*(output(signature.outputs[f"output_{k}"].name) for k in range(count)))

    def run(x: np.ndarray) -> list[np.ndarray]:
        x = np.ascontiguousarray(x, np.float32)
        dims = (ctypes.c_int64 * x.ndim)(*x.shape)
        tensor = _call("AllocateTensor", tf.float32.as_datatype_enum, dims, x.ndim, ctypes.c_size_t(x.nbytes))
        ctypes.memmove(_call("TensorData", tensor), x.ctypes.data, x.nbytes)
        given, got = (ctypes.c_void_p * 1)(tensor), (ctypes.c_void_p * count)()
        _checked("SessionRun", session, None, inputs, given, 1, outputs, got, count, None, 0, None)
        return [_array(ctypes.c_void_p(each)) for each in got]

    return run


def _array(tensor: ctypes.c_void_p) -> np.ndarray:
    shape = [_LIBRARY.TF_Dim(tensor, axis) for axis in range(_LIBRARY.TF_NumDims(tensor))]
    data = ctypes.string_at(_call("TensorData", tensor), _LIBRARY.TF_TensorByteSize(tensor))
    return np.frombuffer(data, np.float32).reshape(shape)
