"""What the libraries of device arrays differ in: the stream they work on, and how their arrays are made."""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from numbers import Integral
from typing import Any, Protocol

# cudaStreamLegacy: where work runs that names no stream.
_LEGACY_STREAM = 1


class Library(Protocol):
    """A library whose arrays are accepted, and made."""

    def current_stream(self, device: int) -> int:
        """Returns the handle of the stream that the library works on."""

    def empty(self, like: Any, shape: tuple[int, ...], device: int, stream: int | None) -> Any:
        """Returns a new array of this shape and another's dtype for use on a stream; None is the current one."""


class _Torch:
    def current_stream(self, device: int) -> int:
        import torch

        handle: int = torch.cuda.current_stream(device).cuda_stream
        return handle

    def empty(self, like: Any, shape: tuple[int, ...], device: int, stream: int | None) -> Any:
        import torch

        # Memory belongs to the stream that is current when it is allocated: on another, it could be given away early.
        scope: AbstractContextManager[Any] = nullcontext()
        if stream in (0, _LEGACY_STREAM):
            scope = torch.cuda.stream(torch.cuda.default_stream(device))
        elif stream is not None:
            scope = torch.cuda.stream(torch.cuda.ExternalStream(stream, device))
        with scope:
            return like.new_empty(shape)


class _CuPy:
    def current_stream(self, device: int) -> int:
        import cupy

        handle: int = cupy.cuda.get_current_stream(device).ptr
        return handle

    def empty(self, like: Any, shape: tuple[int, ...], device: int, stream: int | None) -> Any:
        import cupy

        scope = nullcontext() if stream is None else cupy.cuda.ExternalStream(stream, device)
        with cupy.cuda.Device(device), scope:
            return cupy.empty(shape, like.dtype)


_LIBRARIES: dict[str, Library] = {"torch": _Torch(), "cupy": _CuPy()}


def library_of(array: Any) -> Library | None:
    """Returns the library that an array, or a class that its own derives from, comes from; None if it is another."""
    kind: type = type(array)
    return next((_LIBRARIES[name] for name in _origins(kind) if name in _LIBRARIES), None)


def is_immutable(array: Any) -> bool:
    """Returns whether an array may not be written to, though it might let itself be."""
    kind: type = type(array)
    return not _origins(kind).isdisjoint({"jax", "jaxlib"})


def stream_handle(stream: Any) -> int:
    """Returns the ``cudaStream_t`` of a stream object, or of a handle, as a number.

    Raises:
        TypeError: if it is neither.
        ValueError: for a negative number.
    """
    handle = stream
    for attribute in ("cuda_stream", "ptr"):
        handle = getattr(stream, attribute, handle)
    if callable(getattr(stream, "__cuda_stream__", None)):
        _, handle = stream.__cuda_stream__()
    if isinstance(handle, bool) or not isinstance(handle, Integral):
        raise TypeError(
            f"stream is {stream!r}, of type {type(stream).__name__}: a cudaStream_t as a number, a stream of PyTorch "
            "or CuPy, or an object with __cuda_stream__ is accepted"
        )
    if handle < 0:
        raise ValueError(f"stream is {handle}: a cudaStream_t, which is not negative, is accepted")
    return int(handle)


# The callers declare `kind: type`, since mypy takes type[Any], which type(array) is, to be unhashable.
@lru_cache(maxsize=64)
def _origins(kind: type) -> frozenset[str]:
    return frozenset(base.__module__.partition(".")[0] for base in kind.__mro__)
