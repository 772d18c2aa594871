"""The compiled kernels on arrays in a CUDA device's memory, without TensorFlow: of PyTorch, CuPy, and others.

float16, bfloat16, float32 and float64. An array is anything with ``__dlpack__`` (PyTorch, CuPy, JAX), or with
``__cuda_array_interface__`` (Numba). Subnormal numbers are computed, not flushed.

A call starts kernels on a stream and returns at once: the result is there when the stream comes to it. It waits for
nothing, and with ``out`` takes no memory but, for the gradients of arguments and biases, what CUDA's own pool lends the
stream until the kernels have run, so that calls can be captured in CUDA graphs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfcustomact import _array_functions, _device_libraries, _libraries
from tfcustomact._gated_array_functions import OF_ANY, OF_GRADIENT, OF_ROW, OF_SWISH, OF_VALUE, Module, documented
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
        return lambda array, *, bias=None, out=None, stream=None: _value_of(kernel, array, (), bias, out, stream)
    return lambda array, argument=argument.default, *, bias=None, out=None, stream=None: _value_of(
        kernel, array, (argument,), bias, out, stream
    )


def _derivative(kernel: Callable[..., Any], argument: Argument | None) -> Callable[..., Any]:
    if argument is None:
        return lambda dy, array, *, bias=None, out=None, stream=None: _derivative_of(
            kernel, dy, array, {}, bias, out, stream
        )
    name, default = argument
    return lambda dy, array, argument=default, *, bias=None, out=None, stream=None: _derivative_of(
        kernel, dy, array, {name: argument}, bias, out, stream
    )


def _value_of(
    kernel: Callable[..., Any], array: Any, arguments: tuple[Any, ...], bias: Any, out: Any, stream: Any
) -> Any:
    results, handle = _results((("array", array),), out, stream)
    kernel(array, *arguments, bias, results, handle)
    return results[0]


def _derivative_of(
    kernel: Callable[..., Any], dy: Any, array: Any, arguments: dict[str, Any], bias: Any, out: Any, stream: Any
) -> Any:
    rows = _arrays(arguments) if bias is None else [("bias", bias)]
    results, handle = _results((("array", array), *rows), out, stream)
    kernel(dy, array, *arguments.values(), bias, results, handle)
    return results if rows else results[0]


def _arrays(arguments: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, each) for name, each in arguments.items() if type(each) is not float and _kernels.cuda.is_array(each)
    ]


def _results(
    likes: tuple[tuple[str, Any], ...], out: Any, stream: Any, *, halved: bool = False
) -> tuple[tuple[Any, ...], int | None]:
    """Returns arrays to write to, and the stream to work on.

    Args:
        likes: for each result, an array that it is like, and its name.
        out: where the results are written, as the caller gave it.
        stream: likewise.
        halved: whether the results have half of the last axis.
    """
    given = out if len(likes) > 1 and isinstance(out, tuple) else (out,)
    if len(given) > len(likes):
        raise ValueError(f"out is a tuple of {len(given)}: one of {len(likes)} is accepted")
    given = (*given, *[None] * (len(likes) - len(given)))
    name, owner = likes[0] if given[0] is None else ("out", given[0])
    device = _kernels.cuda.declared_device(name, owner)
    handle = None if stream is None else _device_libraries.stream_handle(stream)
    results = tuple(
        _new(name, like, device, handle, halved=halved) if result is None else result
        for (name, like), result in zip(likes, given, strict=True)
    )
    if any(map(_device_libraries.is_immutable, results)):
        raise TypeError("out is an array of JAX, which is immutable: an array of another library is accepted")
    library = _device_libraries.library_of(owner)
    if handle is None and library is not None:
        handle = library.current_stream(device)
    return results, handle


def _new(name: str, like: Any, device: int, stream: int | None, *, halved: bool) -> Any:
    _kernels.cuda.declared_device(name, like)
    library = _device_libraries.library_of(like)
    if library is None:
        why = (
            "arrays of JAX are immutable"
            if _device_libraries.is_immutable(like)
            else "it is known for PyTorch and CuPy"
        )
        raise ValueError(
            f"out is None, and no array of {name}'s type, {type(like).__name__}, can be made here ({why}): give out"
        )
    shape = tuple(like.shape)
    if halved and shape:
        shape = (*shape[:-1], shape[-1] // 2)
    return library.empty(like, shape, device, stream)


_STREAM = """
    stream: where the kernel runs: a ``cudaStream_t`` as a number, a stream of PyTorch or CuPy, or an object with
        ``__cuda_stream__``. If None, the current stream of the library that ``out``, or else ``{array}``, is of; for a
        library other than PyTorch and CuPy, the stream that its array names, else the legacy default stream. The
        stream waits for what the library still does to the arrays if they come through DLPack; what is done to them
        after the call, on other streams, has to wait for the stream."""

_TAKES = """
    array: a C-contiguous array of any shape on a CUDA device, of dtype float16, bfloat16, float32 or float64.{argument}
    bias: what is added to ``array``, in the type that is computed in: a C-contiguous array that broadcasts to array's
        shape, of array's dtype, or float32 beside float16 and bfloat16. None adds nothing.
    out: an array of array's shape, dtype and device to write to, C-contiguous: an input itself, or one that shares no
        memory with what is given. It may be of another library. If None, a new array of PyTorch or CuPy, whichever
        ``array`` is of; needed for others, whose arrays are not made here. JAX's arrays, which are immutable, can be
        inputs, but not ``out``.{out_of_two}{stream}

Returns:
    ``out``, or a new array of array's shape and dtype.{gradient}

Raises:
    TypeError: if an array is none, not in a CUDA device's memory or of another dtype, if ``stream`` is
        none of the above{{no_number}}.
    ValueError: if {{not_finite}}an array is not C-contiguous, cannot be exported (a tensor of
        PyTorch that requires a gradient), is in use on another stream than the kernel's, or has another shape or
        device than is accepted, or if ``out`` is read-only, or overlaps what is given in another way, or has to be
        given. Nothing is written then.
    RuntimeError: if the kernel cannot be launched.
"""

_OUT_OF_TWO = """ Where there are two results, a tuple of two arrays, either of which may be
        None; the second shares no memory with anything else."""

_GRADIENT = """ Beside an array for the activation's argument, or a ``bias``, a
    tuple of that and of the gradient of this array, of its shape and dtype: for each of its numbers the sum of ``dy``
    times the derivative with respect to it, with the same bits on every device."""

_ARGUMENT = """
    {name}: a finite {sign}real number, rounded to float32 unless ``array`` is float64; or, where there is no ``bias``,
        a C-contiguous array on the device of numbers, finite or not, that broadcasts to array's shape, of array's
        dtype, or float32 beside float16 and bfloat16: one number for each channel, for example."""

_OF_ARRAY = {"argument": "{argument}", "stream": _STREAM.format(array="array")}

_FUNCTIONS = _array_functions.functions(
    __name__,
    _kernels.cuda,
    (_value, _TAKES.format(**_OF_ARRAY, out_of_two="", gradient="")),
    (_derivative, _TAKES.format(**_OF_ARRAY, out_of_two=_OUT_OF_TWO, gradient=_GRADIENT)),
    "array",
    _ARGUMENT,
)

_MODULE = Module(__name__, _kernels.cuda, _FUNCTIONS)

_ARRAYS = {
    "array": "a C-contiguous array of any shape on a CUDA device",
    "row": "a C-contiguous array on the device",
    "stream": _STREAM.format(array="gate"),
    "type_error": """if an array is none, not in a CUDA device's memory or of another dtype, if ``stream`` is none
        of the above""",
    "value_error": """``out`` is read-only, overlaps what is given in another way, or has to be given, or an array is
        not C-contiguous, cannot be exported, is in use on another stream than the kernel's, or on another device.""",
    "other_errors": "RuntimeError: if the kernel cannot be launched.",
}
_OF_VALUE = OF_VALUE | {
    "out": """an array of the result's shape and dtype to write to, C-contiguous: ``gate`` or ``up`` itself, if both are
        given, or one that shares no memory with what is given. If None, a new array of PyTorch or CuPy, whichever
        ``gate`` is of; needed for others.""",
    "returns": "``out``, or a new array of the shape and dtype of ``gate``, or of a half of it.",
}
_OF_GRADIENT = OF_GRADIENT | {
    "out": """an array to write to, C-contiguous, or for several results a tuple of as many, which share no memory with
        each other; each is ``dy``, ``gate`` or ``up`` itself, or shares no memory with what is given. Where there is
        None, a new array of PyTorch or CuPy, whichever that is of whose gradient it is; needed for others. The gradient
        of an array for the activation's argument shares no memory with anything else.""",
    "returns": """A tuple of the gradients of ``gate`` and ``up``, ``(dy * up * f'(gate), dy * f(gate))`` for the
    activation f: ``out``, or new arrays. If ``gate`` is packed, one packed array."""
    + OF_ROW.format(always="on every device"),
}


@documented(_ARRAYS, _OF_VALUE, OF_ANY)
def gated(
    gate: Any, up: Any = None, activation: Any = "swish", *, out: Any = None, stream: Any = None, **arguments: Any
) -> Any:
    """A gated linear unit with any activation: ``activation(gate) * up``."""
    kernel, given = _MODULE.kernel("_gated", activation, arguments)
    results, handle = _results((("gate", gate),), out, stream, halved=up is None)
    kernel(gate, up, *given.values(), results, handle)
    return results[0]


@documented(_ARRAYS, _OF_GRADIENT, OF_ANY)
def gated_grad(
    dy: Any,
    gate: Any,
    up: Any = None,
    activation: Any = "swish",
    *,
    out: Any = None,
    stream: Any = None,
    **arguments: Any,
) -> Any:
    """The gradients of `gated`."""
    kernel, given = _MODULE.kernel("_gated_grad", activation, arguments)
    operands = (("gate", gate),) if up is None else (("gate", gate), ("up", up))
    results, handle = _results((*operands, *_arrays(given)), out, stream)
    kernel(dy, gate, up, *given.values(), results, handle)
    return results if len(results) > 1 else results[0]


@documented(_ARRAYS, _OF_VALUE, OF_SWISH)
def swiglu(gate: Any, up: Any = None, beta: Any = 1.0, *, out: Any = None, stream: Any = None) -> Any:
    """SwiGLU, ``swish(gate, beta) * up``; with ``beta = 1``, ``silu(gate) * up``."""
    return gated(gate, up, "swish", out=out, stream=stream, beta=beta)


@documented(_ARRAYS, _OF_GRADIENT, OF_SWISH)
def swiglu_grad(dy: Any, gate: Any, up: Any = None, beta: Any = 1.0, *, out: Any = None, stream: Any = None) -> Any:
    """The gradients of `swiglu`."""
    return gated_grad(dy, gate, up, "swish", out=out, stream=stream, beta=beta)


__all__ = [*_FUNCTIONS, "gated", "gated_grad", "swiglu", "swiglu_grad"]

globals().update(_FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
