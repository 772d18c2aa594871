"""What ``tfcustomact.cuda`` refuses, before anything is launched: no GPU is needed to say so."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fakes import ADDRESS, CPU, CUDA, CUDA_HOST, READ_ONLY, ROCM, DlpackArray, InterfaceArray
from parameters import FEW, WITH_PARAMETER

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS

pytest.importorskip("tfcustomact.cuda", reason="installed without CUDA kernels", exc_type=ImportError)

FUNCTIONS = [op + suffix for op in FEW for suffix in ("", "_grad")]
INT, COMPLEX = 0, 5


def apart(**keywords: Any) -> DlpackArray:
    """Another array, far from the first."""
    return DlpackArray(**{"address": 2 * ADDRESS, **keywords})


def call(function: str, array: Any, *arguments: Any, dy: Any = None, **keywords: Any) -> Any:
    inputs = (array,)
    if function.endswith("_grad"):
        inputs = (apart(address=3 * ADDRESS) if dy is None else dy, array)
    return getattr(tca.cuda, function)(*inputs, *arguments, **{"out": apart(), "stream": 0, **keywords})


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([1.0], "array is of type list: an array on a CUDA device is accepted, with __dlpack__ or __cuda_array_inte"),
        (1.0, "array is of type float: "),
        (None, "array is of type NoneType: "),
        (
            np.ones(24, np.float32),
            "array is in the host's memory: an array on a CUDA device is accepted (tfcustomact.nu",
        ),
        (DlpackArray(device=(CPU, 0)), "array is in the host's memory: "),
        (DlpackArray(device=(CUDA_HOST, 0)), "array is in the host's pinned memory: "),
        (DlpackArray(device=(ROCM, 0)), "array is on device type 10 of DLPack: an array on a CUDA device is accepted"),
        (DlpackArray(code=INT), "array has dtype int32: float16, bfloat16, float32 and float64 are accepted"),
        (DlpackArray(dtype="float64", code=COMPLEX), "array has dtype complex64: "),
        (DlpackArray(dtype="uint8"), "array has dtype float8: "),
        (DlpackArray(code=99), "array has dtype number 99 of DLPack with 32 bits: "),
        (DlpackArray(lanes=4), "array has dtype float32x4: "),
        (
            InterfaceArray(typestr="<i4"),
            "array has dtype '<i4' in its __cuda_array_interface__, which has no bfloat16: float16, bfloat16, ",
        ),
        (InterfaceArray(typestr=">f4"), "array has dtype '>f4' in its __cuda_array_interface__, which "),
        (InterfaceArray(data=None), "array's 'data' is None: what the protocol demands is accepted"),
        (InterfaceArray(shape=(1 << 70,)), "array's 'shape' is (1180591620717411303424,): "),
        (DlpackArray(device=(CUDA, 1 << 70)), "array's __dlpack_device__() is (2, 1180591620717411303424): "),
    ],
)
def test_what_is_no_array_of_a_device_or_of_another_dtype(function: str, array: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call(function, array)


def test_no_memory_to_export_an_array_is_a_memory_error() -> None:
    with pytest.raises(MemoryError):
        call("swish", DlpackArray(error=MemoryError()))


@pytest.mark.parametrize("out", [None, "given"])
def test_a_host_array_is_refused_with_out_and_without(out: str | None) -> None:
    with pytest.raises(TypeError, match="array is in the host's memory"):
        tca.cuda.swish(np.ones(24, np.float32), out=None if out is None else apart())


def test_memory_that_no_device_owns() -> None:
    with pytest.raises(TypeError, match="array's memory is on no CUDA device: an array on one is accepted"):
        call("swish", InterfaceArray(), out=InterfaceArray(data=(2 * ADDRESS, False)))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("array", "message"),
    [
        (DlpackArray((4, 6), strides=(1, 4)), "array has strides (1, 4) in elements for the shape (4, 6): a C-contig"),
        (DlpackArray((12,), strides=(2,)), "array has strides (2,) in elements for the shape (12,): "),
        (DlpackArray((12,), strides=(-1,)), "array has strides (-1,) in elements for the shape (12,): "),
        (DlpackArray((12,), strides=(0,)), "array has strides (0,) in elements for the shape (12,): "),
        (InterfaceArray((4, 6), strides=(4, 16)), "array has strides (4, 16) in bytes for the shape (4, 6): "),
        (InterfaceArray((4, 6), strides=(4,)), "array has 1 strides for the shape (4, 6)"),
        (InterfaceArray(mask=InterfaceArray()), "array has a mask: an array without is accepted"),
        (InterfaceArray(stream=5), "array is in use on stream 5, and the kernel would run on 0: the same stream is a"),
        (DlpackArray(byte_offset=2), "array's memory does not begin at a multiple of its element's size: an aligned"),
        (InterfaceArray(data=(ADDRESS + 1, False)), "array's memory does not begin at a multiple of its element's "),
        (DlpackArray((-1,)), "array has shape (-1,), which no memory holds"),
        (DlpackArray((1 << 40, 1 << 40)), "array has shape (1099511627776, 1099511627776), which no memory holds"),
        (DlpackArray(version=(2, 0)), "array comes in version 2.0 of DLPack: 1.x is accepted"),
        (
            DlpackArray(error=BufferError("use tensor.detach()")),
            "array cannot be read through DLPack: use tensor.detach()",
        ),
    ],
)
def test_arrays_that_cannot_be_read(function: str, array: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call(function, array)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ([0.0] * 24, TypeError, "out is of type list: an array on a CUDA device is accepted"),
        (np.zeros(24, np.float32), TypeError, "out is in the host's memory: "),
        (apart(dtype="float64"), TypeError, "out has dtype float64: float32, array's, is accepted"),
        (apart(dtype="bfloat16"), TypeError, "out has dtype bfloat16: float32, array's, is accepted"),
        (apart(shape=(23,)), ValueError, "out has shape (23,): (24,), array's, is accepted"),
        (apart(shape=(4, 6)), ValueError, "out has shape (4, 6): (24,), array's, is accepted"),
        (apart(strides=(2,)), ValueError, "out has strides (2,) in elements for the shape (24,): "),
        (apart(flags=READ_ONLY), ValueError, "out is read-only: a writeable array is accepted"),
        (InterfaceArray(data=(2 * ADDRESS, True)), ValueError, "out is read-only: a writeable array is accepted"),
        (apart(device=(CUDA, 1)), ValueError, "out is on CUDA device 1: 0, array's, is accepted"),
        (apart(address=ADDRESS + 4), ValueError, "out overlaps an input in part: the input itself, or memory apart"),
        (apart(address=ADDRESS - 4), ValueError, "out overlaps an input in part: the input itself, or memory apart"),
    ],
)
def test_wrong_out(function: str, out: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call(function, DlpackArray(), out=out)


@pytest.mark.parametrize(
    ("dy", "error", "message"),
    [
        (np.ones(24, np.float32), TypeError, "dy is in the host's memory: "),
        (apart(dtype="float16"), TypeError, "dy has dtype float16: float32, array's, is accepted"),
        (apart(shape=(23,)), ValueError, "dy has shape (23,): (24,), array's, is accepted"),
        (apart(device=(CUDA, 1)), ValueError, "dy is on CUDA device 1: 0, array's, is accepted"),
        (apart(address=2 * ADDRESS + 4), ValueError, "out overlaps an input in part"),
    ],
)
def test_dy_that_does_not_fit(dy: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call("elu_grad", DlpackArray(), dy=dy)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.removesuffix("_grad") in WITH_PARAMETER])
@pytest.mark.parametrize(
    ("parameter", "error"),
    [("1", TypeError), (True, TypeError), (None, TypeError), (np.ones(2), TypeError)]
    + [(value, ValueError) for value in (np.inf, -np.inf, np.nan, 1e39, 10**400)],
)
def test_wrong_parameter(function: str, parameter: Any, error: type[Exception]) -> None:
    (name,) = ACTIVATIONS[function.removesuffix("_grad")].argument_names
    with pytest.raises(error, match=f"^{name} is "):
        call(function, DlpackArray(), parameter)


NEAR, FAR, OTHER = DlpackArray(), apart(), apart(address=3 * ADDRESS)
ROW, HALF = apart(shape=(6,), address=4 * ADDRESS), apart(shape=(12,), address=5 * ADDRESS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: tca.cuda.swish(NEAR, ROW, out=FAR),
            ValueError,
            "beta has shape (6,): one that broadcasts to (24,), array's",
        ),
        (lambda: tca.cuda.swish(NEAR, np.ones(24), out=FAR), TypeError, "beta is in the host's memory: "),
        (
            lambda: tca.cuda.swish(NEAR, apart(dtype="float16"), out=FAR),
            TypeError,
            "beta has dtype float16: float32, array's",
        ),
        (lambda: tca.cuda.swish(NEAR, FAR, out=FAR), ValueError, "out overlaps beta: memory apart from it is accepted"),
        (lambda: tca.cuda.swish(NEAR, FAR, bias=FAR, out=OTHER), TypeError, "beta is an array, and there is a bias: "),
        (lambda: tca.cuda.elu(NEAR, bias=1.0, out=FAR), TypeError, "bias is of type float: an array on a CUDA device"),
        (
            lambda: tca.cuda.elu(NEAR, bias=apart(device=(CUDA, 1)), out=OTHER),
            ValueError,
            "bias is on CUDA device 1: 0, ar",
        ),
        (
            lambda: tca.cuda.swish_grad(FAR, NEAR, OTHER, out=(FAR, HALF)),
            ValueError,
            "out[1] has shape (12,): (24,), beta's",
        ),
        (
            lambda: tca.cuda.swish_grad(FAR, NEAR, OTHER, out=(FAR, OTHER)),
            ValueError,
            "out[1] overlaps beta: memory apart",
        ),
        (
            lambda: tca.cuda.elu_grad(NEAR, NEAR, bias=OTHER, out=(FAR, FAR)),
            ValueError,
            "out[1] overlaps out: memory apart",
        ),
        (
            lambda: tca.cuda.elu_grad(FAR, NEAR, bias=OTHER, out=FAR),
            ValueError,
            "no array of bias's type, DlpackArray, can",
        ),
        (
            lambda: tca.cuda.elu_grad(FAR, NEAR, out=(FAR, OTHER)),
            TypeError,
            "out is of type tuple: an array on a CUDA device",
        ),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, NEAR, out=(FAR,) * 3),
            ValueError,
            "out is a tuple of 3: one of 2 is acc",
        ),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, NEAR, out=(FAR, FAR)),
            ValueError,
            "out[1] overlaps out: memory apart",
        ),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, NEAR, out=(FAR, HALF)),
            ValueError,
            "out[1] has shape (12,): (24,), gate's",
        ),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, out=OTHER),
            ValueError,
            "dy has shape (24,): (12,), of half of gate, is",
        ),
        (lambda: tca.cuda.swiglu(DlpackArray((5,)), out=FAR), ValueError, "gate has shape (5,), and there is no up: "),
        (
            lambda: tca.cuda.swiglu(NEAR, FAR, ROW, out=OTHER),
            ValueError,
            "beta has shape (6,): one that broadcasts to (24,), gate's",
        ),
        (
            lambda: tca.cuda.swiglu(NEAR, beta=OTHER, out=HALF),
            ValueError,
            "beta has shape (24,): one that broadcasts to (12,), of half of gate",
        ),
        (
            lambda: tca.cuda.swiglu(NEAR, FAR, np.ones(24, np.float32), out=OTHER),
            TypeError,
            "beta is in the host's memory: ",
        ),
        (lambda: tca.cuda.swiglu(NEAR, FAR, OTHER, out=OTHER), ValueError, "out overlaps beta: memory apart from it"),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, FAR, OTHER, out=(FAR, NEAR, OTHER)),
            ValueError,
            "out[2] overlaps beta: memory apart",
        ),
        (
            lambda: tca.cuda.swiglu_grad(FAR, NEAR, FAR, OTHER, out=(FAR, OTHER, HALF)),
            ValueError,
            "out[1] overlaps beta: memory apart",
        ),
        (
            lambda: tca.cuda.swiglu_grad(HALF, NEAR, beta=ROW, out=(NEAR, OTHER)),
            ValueError,
            "beta has shape (6,): one that broadcasts to (12,), of half of gate",
        ),
        (
            lambda: tca.cuda.swiglu_grad(HALF, NEAR, beta=apart(shape=(12,), address=6 * ADDRESS), out=(NEAR, OTHER)),
            ValueError,
            "out[1] has shape (24,): (12,), beta's",
        ),
        (
            lambda: tca.cuda.swiglu(NEAR, out=FAR),
            ValueError,
            "out has shape (24,): (12,), of half of gate, is accepted",
        ),
        (
            lambda: tca.cuda.swiglu(NEAR, apart(device=(CUDA, 1)), out=OTHER),
            ValueError,
            "up is on CUDA device 1: 0, gate's",
        ),
        (
            lambda: tca.cuda.gated(NEAR, FAR, "relu", out=OTHER),
            ValueError,
            "activation is 'relu': of tfcustomact.cuda, swish",
        ),
    ],
)
def test_wrong_operands(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("stream", "error", "message"),
    [
        ("0", TypeError, "stream is '0', of type str: a cudaStream_t as a number, a stream of PyTorch or CuPy, or"),
        (True, TypeError, "stream is True, of type bool: "),
        (1.0, TypeError, "stream is 1.0, of type float: "),
        (-1, ValueError, "stream is -1: a cudaStream_t, which is not negative, is accepted"),
    ],
)
def test_wrong_stream(stream: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call("swish", DlpackArray(), stream=stream)


def test_out_has_to_be_given_for_arrays_that_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="out is None, and no array of array's type, DlpackArray, can be made here"):
        tca.cuda.swish(DlpackArray())


@pytest.mark.parametrize("module", ["jax", "jaxlib._jax"])
def test_arrays_of_jax_are_not_written_to(module: str) -> None:
    array = type("ArrayImpl", (DlpackArray,), {"__module__": module})()
    with pytest.raises(ValueError, match=r"ArrayImpl, can be made here \(arrays of JAX are immutable\): give out"):
        tca.cuda.swish(array)
    with pytest.raises(TypeError, match="out is an array of JAX, which is immutable"):
        tca.cuda.swish(DlpackArray(), out=array)


def test_an_empty_array_is_nothing_to_launch() -> None:
    out = apart(shape=(0, 3), address=0)
    assert tca.cuda.swish(DlpackArray((0, 3), address=0), out=out) is out
    out = InterfaceArray((0,), data=(0, False))
    assert tca.cuda.elu(InterfaceArray((0,), data=(0, False)), out=out) is out


@pytest.mark.skipif(tca._kernels.cuda.device_count()[0] > 0, reason="it is about machines without a CUDA device")
def test_without_a_device_the_launch_fails_and_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"the kernel could not be launched: .*driver"):
        call("swish", DlpackArray())
