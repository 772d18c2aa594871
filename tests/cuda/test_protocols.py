"""What the producers of arrays are told and asked. The arrays are empty, so that no GPU is needed."""

from typing import Any

import numpy as np
import pytest
from fakes import ADDRESS, DlpackArray, InterfaceArray

import tfcustomact as tca
from tfcustomact import _device_libraries

pytest.importorskip("tfcustomact.cuda", reason="installed without CUDA kernels", exc_type=ImportError)


def empty(**keywords: Any) -> DlpackArray:
    return DlpackArray((0,), **keywords)


@pytest.mark.parametrize(("given", "asked"), [(0, 1), (1, 1), (2, 2), (77, 77)])
@pytest.mark.parametrize("version", [(1, 0), (1, 3), None])
def test_the_producer_is_told_the_stream(given: int, asked: int, version: tuple[int, int] | None) -> None:
    array, out = empty(version=version), empty()
    tca.cuda.swish(array, out=out, stream=given)
    assert array.asked[0] == {"stream": asked, "max_version": (1, 0)}
    assert array.asked[-1]["stream"] == asked
    assert len(array.asked) == (2 if version is None else 1)


class OfTorch:
    cuda_stream = 7


class OfCupy:
    ptr = 7


class OfTheProtocol:
    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, 7


@pytest.mark.parametrize("stream", [7, np.int64(7), OfTorch(), OfCupy(), OfTheProtocol()])
def test_streams_of_any_kind(stream: Any) -> None:
    array = empty()
    tca.cuda.swish(array, out=empty(), stream=stream)
    assert array.asked[0]["stream"] == 7


@pytest.mark.parametrize(("exported", "asked"), [(None, 1), (1, 1), (9, 9)])
def test_without_a_stream_the_kernel_runs_where_out_is_in_use(exported: int | None, asked: int) -> None:
    array = empty()
    tca.cuda.swish(array, out=InterfaceArray((0,), stream=exported))
    assert array.asked[0]["stream"] == asked


class Library:
    """Makes arrays, and works on stream 5."""

    def __init__(self) -> None:
        self.made: list[tuple[DlpackArray, int, int | None]] = []

    def current_stream(self, device: int) -> int:
        return 5

    def empty(self, like: Any, shape: tuple[int, ...], device: int, stream: int | None) -> DlpackArray:
        self.made.append((like, device, stream))
        return DlpackArray(shape, address=(1 + len(self.made)) * ADDRESS, device=(2, device))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(_device_libraries, "_LIBRARIES", {"a_library": library})
    return library


OfLibrary = type("OfLibrary", (DlpackArray,), {"__module__": "a_library.arrays"})
DerivedByAUser = type("DerivedByAUser", (OfLibrary,), {"__module__": "__main__"})


@pytest.mark.parametrize("kind", [OfLibrary, DerivedByAUser])
def test_the_result_is_made_by_the_array_s_library_on_its_device_and_stream(kind: type, library: Library) -> None:
    array = kind((0,), device=(2, 3))
    got = tca.cuda.swish_grad(empty(device=(2, 3)), array)
    assert library.made == [(array, 3, None)]
    assert got.__dlpack_device__() == (2, 3)
    assert array.asked[0]["stream"] == got.asked[0]["stream"] == 5


def test_the_result_is_made_for_the_stream_that_is_given(library: Library) -> None:
    array = OfLibrary((0,))
    tca.cuda.elu(array, stream=77)
    assert library.made == [(array, 0, 77)]
    assert array.asked[0]["stream"] == 77


def test_out_s_library_decides_the_stream(library: Library) -> None:
    array = empty()
    tca.cuda.swish(array, out=OfLibrary((0,)))
    assert array.asked[0]["stream"] == 5
    assert not library.made


def test_each_result_is_made_by_the_library_of_what_it_is_like(library: Library) -> None:
    array, bias = OfLibrary((0, 4)), OfLibrary((0, 1))
    dx, d_bias = tca.cuda.swish_grad(DlpackArray((0, 4)), array, bias=bias)
    assert [made for made, *_ in library.made] == [array, bias]
    assert (dx.shape, d_bias.shape) == ((0, 4), (0, 1))
    assert tca.cuda.swiglu(array).shape == (0, 2)
    dpacked, d_beta = tca.cuda.swiglu_grad(DlpackArray((0, 2)), array, beta=OfLibrary((0, 1)))
    assert (dpacked.shape, d_beta.shape) == ((0, 4), (0, 1))
