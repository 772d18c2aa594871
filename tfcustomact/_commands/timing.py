"""Interleaved timing: everything that is compared takes turns within one run."""

import gc
import itertools
import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tfcustomact._commands.statistics import is_median_sure

Call = Callable[[], object]


class DeviceClock(Protocol):
    """Times work on a device whose cache is emptied before each call."""

    def flush(self) -> object:
        """Fills the cache with something else; may return before that is done."""

    def mark(self) -> Any:
        """Returns a moment between the work asked for before and after."""

    def seconds(self, first: Any, last: Any) -> float:
        """Returns the time between two moments, once the work around them is finished."""


@dataclass(frozen=True)
class Runner:
    """One thing to time.

    ``wait`` returns once the work of the calls before it is finished; None where a call returns only then.
    ``cooldown`` is how long its threads go on spinning after a call, on cores that the next in turn needs. The
    processors fall asleep meanwhile, and a system may then keep all threads of a process on one of them for some
    milliseconds: who comes next is warmed up for as long.
    ``clock`` times each call by itself, on a device; None where the time of this process counts.
    """

    call: Call
    wait: Call | None = None
    cooldown: float = 0.0
    clock: DeviceClock | None = None


@dataclass(frozen=True)
class Budget:
    """``precision`` is the share of a ratio's median to which it has to be known; then the rounds end before the budget
    is spent, but not within ``least_seconds``: a machine is in one mood for that long."""

    seconds: float
    least_rounds: int
    most_rounds: int
    sample_seconds: float = 1e-3
    precision: float = 0.0
    least_seconds: float = 0.0


@dataclass(frozen=True)
class Samples:
    """Seconds per call, one for each round; every one of them the mean over ``repeats`` calls in a row."""

    seconds: tuple[float, ...]
    repeats: int


def _sample(runner: Runner, repeats: int) -> float:
    if runner.clock is not None:
        return _sample_on_device(runner, runner.clock, repeats)
    call = runner.call
    start = time.perf_counter()
    for _ in itertools.repeat(None, repeats):
        call()
    if runner.wait is not None:
        runner.wait()
    seconds = (time.perf_counter() - start) / repeats
    if runner.cooldown:
        time.sleep(runner.cooldown)
    return seconds


def _sample_on_device(runner: Runner, clock: DeviceClock, repeats: int) -> float:
    spans = []
    for _ in itertools.repeat(None, repeats):
        clock.flush()
        first = clock.mark()
        runner.call()
        spans.append((first, clock.mark()))
    if runner.wait is not None:
        runner.wait()
    return sum(clock.seconds(first, last) for first, last in spans) / repeats


# A call that takes longer than this many samples is timed without another before it.
_LONG = 10

# A call that takes longer than this many is that long even if it met a slow moment.
_LONG_AT_ANY_RATE = 4 * _LONG


def _calibrated(runner: Runner, sample_seconds: float) -> tuple[int, bool]:
    """How many calls make a sample, and whether one comes before it that is not timed."""
    # The first call may compile; it is not looked at.
    _sample(runner, 1)
    repeats = 1
    while (seconds := _calm_sample(runner, repeats, sample_seconds)) * repeats < sample_seconds:
        repeats = max(repeats + 1, min(10 * repeats, round(1.2 * sample_seconds / seconds)))
    # Asked of the time, not of the repeats: two equals must not differ by one's cold call.
    return repeats, runner.clock is None and seconds < _LONG * sample_seconds


def _calm_sample(runner: Runner, repeats: int, sample_seconds: float) -> float:
    """The better of two samples, so that equals get equal numbers; one, of calls so long that nothing depends on it."""
    seconds = _sample(runner, repeats)
    return seconds if seconds > _LONG_AT_ANY_RATE * sample_seconds else min(seconds, _sample(runner, repeats))


def _warm_up(runner: Runner, seconds: float) -> None:
    """Calls at least once, and until this time has passed."""
    end = time.perf_counter() + seconds
    runner.call()
    while time.perf_counter() < end:
        runner.call()


# After so many rounds each time it is seen whether the ratios are known well enough.
_ROUNDS_BETWEEN_LOOKS = 10


def measure(runners: Sequence[Runner], budget: Budget, pairs: Collection[tuple[int, int]] = ()) -> list[Samples]:
    """Time all runners in rounds, each round in an order of its own, until the budget is spent, or the ratios of these
    pairs of runners are known to the budget's precision."""
    calibrated = [_calibrated(runner, budget.sample_seconds) for runner in runners]
    rounds: list[list[float]] = [[] for _ in runners]
    order = list(range(len(runners)))
    shuffle = random.Random(0).shuffle
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for done in range(budget.most_rounds):
            spent = time.perf_counter() - start
            if done >= budget.least_rounds and spent > budget.seconds:
                break
            if pairs and done % _ROUNDS_BETWEEN_LOOKS == 0 and spent > budget.least_seconds:
                ratios = (np.divide(rounds[ours], rounds[theirs]) for ours, theirs in pairs)
                if all(is_median_sure(ratio, budget.precision) for ratio in ratios):
                    break
            shuffle(order)
            warm_up = 0.0
            for index in order:
                repeats, is_warmed_up = calibrated[index]
                if is_warmed_up:
                    # A call this short is timed with its own data in the caches, not its predecessor's.
                    _warm_up(runners[index], warm_up)
                rounds[index].append(_sample(runners[index], repeats))
                warm_up = runners[index].cooldown
    finally:
        if collecting:
            gc.enable()
    return [Samples(tuple(seconds), repeats) for seconds, (repeats, _) in zip(rounds, calibrated, strict=True)]
