"""Arrays that say they are in a CUDA device's memory, and are nowhere: for what is refused before memory is touched."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

CPU, CUDA, CUDA_HOST, ROCM, CUDA_MANAGED = 1, 2, 3, 10, 13
_FLOAT, _BFLOAT = 2, 4
READ_ONLY = 1

# Memory that is not mapped: the process crashes if anything reads or writes it.
ADDRESS = 1 << 40


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("dimensions", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class _Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)


def _integers(values: tuple[int, ...] | None) -> Any:
    return None if values is None else (ctypes.c_int64 * max(1, len(values)))(*values)


class DlpackArray:
    """An array that exports itself through DLPack, and remembers what it was asked with."""

    def __init__(
        self,
        shape: tuple[int, ...] = (24,),
        dtype: str = "float32",
        *,
        strides: tuple[int, ...] | None = None,
        address: int = ADDRESS,
        byte_offset: int = 0,
        device: tuple[int, int] = (CUDA, 0),
        code: int | None = None,
        lanes: int = 1,
        flags: int = 0,
        version: tuple[int, int] | None = (1, 0),
        error: Exception | None = None,
    ) -> None:
        self.shape = shape
        self._device, self._version, self._error = device, version, error
        self.asked: list[dict[str, Any]] = []
        bits = 16 if dtype == "bfloat16" else 8 * np.dtype(dtype).itemsize
        if code is None:
            code = _BFLOAT if dtype == "bfloat16" else _FLOAT
        shape_memory, strides_memory = _integers(shape), _integers(strides)
        tensor = _Tensor(address, *device, len(shape), code, bits, lanes, shape_memory, strides_memory, byte_offset)
        if version is None:
            self._exported: ctypes.Structure = _Managed(tensor)
        else:
            self._exported = _Versioned(*version, None, None, flags, tensor)
        self._kept = shape_memory, strides_memory

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._device

    def __dlpack__(self, **keywords: Any) -> object:
        self.asked.append(keywords)
        if self._error is not None:
            raise self._error
        if self._version is None and "max_version" in keywords:
            raise TypeError("__dlpack__() got an unexpected keyword argument 'max_version'")
        name = b"dltensor" if self._version is None else b"dltensor_versioned"
        return _new_capsule(ctypes.addressof(self._exported), name, None)


class InterfaceArray:
    """An array with ``__cuda_array_interface__`` and nothing else."""

    def __init__(self, shape: tuple[int, ...] = (24,), typestr: str = "<f4", **fields: Any) -> None:
        described = {"shape": shape, "typestr": typestr, "data": (ADDRESS, False), "version": 3}
        self.__cuda_array_interface__ = described | fields


Make = Callable[..., DlpackArray | InterfaceArray]
