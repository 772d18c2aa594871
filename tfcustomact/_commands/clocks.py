"""Clocks for work on a GPU, whose second-level cache is emptied before each call that is timed."""

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# More than any GPU's second-level cache holds. While the device fills it, the call to be timed is put in its queue: the
# time that this takes is then not in the call's, unless it takes longer than the filling.
FLUSHED_BYTES = 512 << 20


class EventClock:
    """For work on PyTorch's current stream: CUDA events around each call."""

    def __init__(self) -> None:
        self.flush = _fill_with_torch

    def mark(self) -> "torch.cuda.Event":
        import torch

        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, first: "torch.cuda.Event", last: "torch.cuda.Event") -> float:
        return first.elapsed_time(last) * 1e-3


class WaitingClock:
    """For work on streams that nobody can reach: this process's time, after waiting for the device."""

    def __init__(self, fill: Callable[[], object], wait: Callable[[], object]) -> None:
        self.flush = fill
        self._wait = wait

    def mark(self) -> float:
        self._wait()
        return time.perf_counter()

    def seconds(self, first: float, last: float) -> float:
        return last - first


def torch_waiting_clock() -> WaitingClock:
    import torch

    return WaitingClock(_fill_with_torch, torch.cuda.synchronize)


def tensorflow_waiting_clock(device: str) -> WaitingClock:
    import tensorflow as tf

    def fill() -> object:
        with tf.device(device):
            return tf.fill([FLUSHED_BYTES // 4], 1.0)

    return WaitingClock(fill, tf.test.experimental.sync_devices)


def _fill_with_torch() -> None:
    _torch_memory().zero_()


@functools.cache
def _torch_memory() -> "torch.Tensor":
    import torch

    return torch.empty(FLUSHED_BYTES, dtype=torch.int8, device="cuda:0")
