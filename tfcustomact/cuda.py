"""The compiled kernels on arrays in a CUDA device's memory, without TensorFlow: of PyTorch, CuPy, and others.

float16, bfloat16, float32 and float64. An array is anything with ``__dlpack__`` (PyTorch, CuPy, JAX), or with
``__cuda_array_interface__`` (Numba). Subnormal numbers are computed, not flushed.

A call starts one kernel on a stream and returns at once: the result is there when the stream comes to it. A kernel
allocates nothing and waits for nothing, so that calls with ``out`` can be captured in CUDA graphs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfcustomact import _array_functions, _device_libraries, _libraries
from tfcustomact._remedies import NO_CUDA, NO_KERNELS
from tfcustomact.activations._activation import Argument

try:
    _kernels = _libraries.kernels()
except ImportError as error:
    raise ImportError(f"tfcustomact.cuda needs the compiled kernels ({error}); {NO_KERNELS}") from error
if not _kernels.cuda.architectures():
    raise ImportError(f"tfcustomact.cuda: the CUDA kernels were {_kernels.build_info()['CUDA']}; {NO_CUDA}")


def _value(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda array, *, out=None, stream=None: _launch(kernel, (array,), (), out, stream)
    return lambda array, argument=argument.default, *, out=None, stream=None: _launch(
        kernel, (array,), (argument,), out, stream
    )


def _derivative(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda dy, array, *, out=None, stream=None: _launch(kernel, (dy, array), (), out, stream)
    return lambda dy, array, argument=argument.default, *, out=None, stream=None: _launch(
        kernel, (dy, array), (argument,), out, stream
    )


def _launch(
    kernel: Callable[..., Any], inputs: tuple[Any, ...], arguments: tuple[Any, ...], out: Any, stream: Any
) -> Any:
    name, owner = ("array", inputs[-1]) if out is None else ("out", out)
    device = _kernels.cuda.declared_device(name, owner)
    library = _device_libraries.library_of(owner)
    handle = None if stream is None else _device_libraries.stream_handle(stream)
    if out is None:
        if library is None:
            raise ValueError(_why_out_is_needed(owner))
        out = library.empty_like(owner, device, handle)
    elif _device_libraries.is_immutable(out):
        raise TypeError("out is an array of JAX, which is immutable: an array of another library is accepted")
    if handle is None and library is not None:
        handle = library.current_stream(device)
    return kernel(*inputs, *arguments, out, handle)


def _why_out_is_needed(array: Any) -> str:
    why = "arrays of JAX are immutable" if _device_libraries.is_immutable(array) else "it is known for PyTorch and CuPy"
    return f"out is None, and no array of array's type, {type(array).__name__}, can be made here ({why}): give out"


_DOCSTRING = """
    array: a C-contiguous array of any shape on a CUDA device, of dtype float16, bfloat16, float32 or float64.{argument}
    out: an array of array's shape, dtype and device to write to, C-contiguous: an input itself, or one that shares no
        memory with the inputs. It may be of another library. If None, a new array of PyTorch or CuPy, whichever
        ``array`` is of; needed for others, whose arrays are not made here. JAX's arrays, which are immutable, can be
        inputs, but not ``out``.
    stream: where the kernel runs: a ``cudaStream_t`` as a number, a stream of PyTorch or CuPy, or an object with
        ``__cuda_stream__``. If None, the current stream of the library that ``out``, or else ``array``, is of; for a
        library other than PyTorch and CuPy, the stream that its array names, else the legacy default stream. The
        stream waits for what the library still does to the arrays if they come through DLPack; what is done to them
        after the call, on other streams, has to wait for the stream.

Returns:
    ``out``, or a new array of array's shape and dtype.

Raises:
    TypeError: if an array is none, not in a CUDA device's memory or of another dtype, if ``stream`` is
        none of the above{no_number}.
    ValueError: if {not_finite}an array is not C-contiguous, cannot be exported (a tensor of
        PyTorch that requires a gradient), is in use on another stream than the kernel's, or has another shape or
        device than ``array``, or if ``out`` is read-only, or overlaps an input in part, or has to be given. Nothing is
        written then.
    RuntimeError: if the kernel cannot be launched.
"""

_ARGUMENT = "\n    {name}: a finite real number; rounded to float32 unless ``array`` is float64."

_FUNCTIONS = _array_functions.functions(
    __name__, _kernels.cuda, (_value, _DOCSTRING), (_derivative, _DOCSTRING), "array", _ARGUMENT
)

__all__ = [*_FUNCTIONS]

globals().update(_FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
