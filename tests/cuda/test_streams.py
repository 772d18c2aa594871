"""When the kernels run: on which stream, after what, and that a call does not wait for them."""

from types import ModuleType
from typing import Any

import pytest
from device_tensors import DEVICE

import tfcustomact as tca

# Tens of milliseconds, far more than a call takes.
CYCLES = 100_000_000


@pytest.fixture
def stream(torch: ModuleType) -> Any:
    """An idle stream on an idle device, which is left idle."""
    # Kernels are loaded when they are first launched, which may wait for the device.
    tca.cuda.swish(late(torch, 0.0)).clone()
    torch.cuda.synchronize()
    yield torch.cuda.Stream()
    torch.cuda.synchronize()


def late(torch: ModuleType, value: float) -> Any:
    """A tensor that gets its value on the current stream, late."""
    x = torch.zeros(1 << 20, device=DEVICE)
    torch.cuda._sleep(CYCLES)
    return x.fill_(value)


def is_swish_of_3(y: Any) -> bool:
    return bool((y == tca.cuda.swish(y.new_tensor([3.0]))).all())


def test_a_call_waits_for_nothing(torch: ModuleType, stream: Any) -> None:
    with torch.cuda.stream(stream):
        y = tca.cuda.swish(late(torch, 3.0))
        assert not stream.query()
    stream.synchronize()
    assert is_swish_of_3(y)


def test_the_library_s_current_stream_is_used(torch: ModuleType, stream: Any) -> None:
    with torch.cuda.stream(stream):
        x = late(torch, 3.0)
        y = torch.zeros_like(x)
        tca.cuda.swish(x, out=y)
        after = y.clone()
    stream.synchronize()
    assert is_swish_of_3(after)


@pytest.mark.parametrize("kind", ["stream", "handle"])
def test_a_given_stream_waits_for_what_the_library_still_does(kind: str, torch: ModuleType, stream: Any) -> None:
    x = late(torch, 3.0)
    given = stream if kind == "stream" else stream.cuda_stream
    y = tca.cuda.swish(x, stream=given)
    assert not stream.query()
    stream.synchronize()
    assert is_swish_of_3(y)


def test_a_given_stream_is_the_one_that_is_used(torch: ModuleType, stream: Any) -> None:
    x = torch.full((1 << 20,), 3.0, device=DEVICE)
    y = torch.zeros_like(x)
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(CYCLES)
    tca.cuda.swish(x, out=y, stream=stream)
    untouched = y.clone()
    torch.cuda.current_stream().synchronize()
    assert (untouched == 0).all()
    stream.synchronize()
    assert is_swish_of_3(y)


def test_calls_can_be_captured_in_a_graph(torch: ModuleType, stream: Any) -> None:
    x = torch.zeros(1000, device=DEVICE)
    y = torch.empty_like(x)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        tca.cuda.swish(x, out=y)
    x.fill_(3.0)
    graph.replay()
    assert is_swish_of_3(y)


@pytest.fixture
def two_devices(torch: ModuleType) -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("there is one CUDA device, and it is about two")


@pytest.mark.usefixtures("two_devices")
def test_arrays_of_a_device_that_is_not_the_current_one(torch: ModuleType) -> None:
    x = torch.full((1000,), 3.0, device="cuda:1")
    y = tca.cuda.swish(x)
    assert y.device == x.device
    assert torch.cuda.current_device() == 0
    assert is_swish_of_3(y)


@pytest.mark.usefixtures("two_devices")
def test_a_launch_that_fails_is_an_error_and_the_next_one_works(torch: ModuleType) -> None:
    x = torch.full((1000,), 3.0, device="cuda:0")
    other = torch.cuda.Stream("cuda:1")
    with pytest.raises(RuntimeError, match="the kernel could not be launched: "):
        tca.cuda.swish(x, out=torch.empty_like(x), stream=other)
    assert is_swish_of_3(tca.cuda.swish(x))
