"""Measurements: everything that is compared takes turns within one run, so that its ratios can be trusted."""

import gc
import itertools
import math
import random
import sys
import time
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Call = Callable[[], object]
_Entry = TypeVar("_Entry", bound=Hashable)

# More than any GPU's second-level cache holds. While the device fills it, the call to be timed is put in its queue: the
# time that this takes is then not in the call's, unless it takes longer than the filling.
FLUSHED_BYTES = 512 << 20


@dataclass(frozen=True)
class Clock:
    """Times work on a GPU.

    ``flush`` fills its second-level cache with something else, and may return before that is done; ``mark`` returns a
    moment between the work asked for before and after; ``seconds`` the time between two moments, once the work around
    them is finished.
    """

    flush: Call
    mark: Callable[[], Any]
    seconds: Callable[[Any, Any], float]


def waiting_clock(flush: Call, wait: Call) -> Clock:
    """For work on streams that cannot be reached: this process's time, after waiting for the device."""

    def mark() -> float:
        wait()
        return time.perf_counter()

    return Clock(flush, mark, lambda first, last: last - first)


@dataclass(frozen=True)
class Runner:
    """One thing to time.

    ``wait`` returns once the work of the calls before it is finished; None where a call returns only then.
    ``cooldown`` is how long its threads go on spinning after a call, on cores that the next in turn needs. The
    processors fall asleep meanwhile, and a system may then keep all threads of a process on one of them for some
    milliseconds: the next in turn is warmed up for as long.
    ``clock`` times each call by itself, on a device; None where the time of this process counts.
    """

    call: Call
    wait: Call | None = None
    cooldown: float = 0.0
    clock: Clock | None = None


@dataclass(frozen=True)
class Budget:
    """``precision`` is the share of a ratio's median to which it has to be known; then the rounds end before the budget
    is spent, but not within ``min_seconds``, since a machine may be slower or faster than on average for so long."""

    seconds: float
    min_rounds: int
    max_rounds: int
    sample_seconds: float = 1e-3
    precision: float = 0.0
    min_seconds: float = 0.0


@dataclass(frozen=True)
class Spread:
    """The median of repeated measurements, between their 20th and 80th percentiles."""

    p20: float
    median: float
    p80: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> "Spread":
        return cls(*np.percentile(np.asarray(values), (20, 50, 80)).tolist())


@dataclass(frozen=True)
class Measurement:
    """Seconds per call, one number for each round; every one of them the mean over ``repeats`` calls in a row."""

    seconds: tuple[float, ...]
    repeats: int

    def over(self, other: "Measurement") -> Spread:
        """The ratios round by round: both sides of each saw the same moment of the machine."""
        return Spread.of(np.divide(self.seconds, other.seconds))


# After so many rounds each time it is seen whether the ratios are known well enough.
_ROUNDS_BETWEEN_LOOKS = 10


def measure(
    runners: Mapping[_Entry, Runner], budget: Budget, pairs: Collection[tuple[_Entry, _Entry]] = ()
) -> dict[_Entry, Measurement]:
    """Time all runners in rounds, each round in an order of its own, until the budget is spent, or the ratios of these
    pairs of runners are known to the budget's precision."""
    calibrated = {entry: _calibrated(runner, budget.sample_seconds) for entry, runner in runners.items()}
    rounds: dict[_Entry, list[float]] = {entry: [] for entry in runners}
    order = list(runners)
    shuffle = random.Random(0).shuffle
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for done in range(budget.max_rounds):
            spent = time.perf_counter() - start
            if done >= budget.min_rounds and spent > budget.seconds:
                break
            if pairs and done % _ROUNDS_BETWEEN_LOOKS == 0 and spent > budget.min_seconds:
                ratios = (np.divide(rounds[ours], rounds[theirs]) for ours, theirs in pairs)
                if all(is_median_known(ratio, budget.precision) for ratio in ratios):
                    break
            shuffle(order)
            warm_up = 0.0
            for entry in order:
                runner, (repeats, is_warmed_up) = runners[entry], calibrated[entry]
                if is_warmed_up:
                    # A call this short is timed with its own data in the caches, not its predecessor's.
                    _warm_up(runner, warm_up)
                rounds[entry].append(_sample(runner, repeats))
                warm_up = runner.cooldown
    finally:
        if collecting:
            gc.enable()
    return {entry: Measurement(tuple(seconds), calibrated[entry][0]) for entry, seconds in rounds.items()}


def rounded(number: float) -> float:
    """Returns a number as it is printed and recorded, to three digits: the next digit is noise."""
    return float(f"{number:.3g}")


def is_median_known(samples: np.ndarray, precision: float) -> bool:
    """Whether the median of what the samples are drawn from is known, within this share of it, with 99 % confidence.

    The two samples between which it lies are found by their ranks alone: nothing is assumed of the distribution.
    """
    count = len(samples)
    # The number of samples below the median has a binomial distribution, of standard deviation sqrt(count) / 2.
    margin = 2.58 * math.sqrt(count) / 2
    low, high = math.floor(count / 2 - margin), math.ceil(count / 2 + margin)
    if low < 0 or high >= count:
        return False
    ordered = np.sort(samples)
    return ordered[high] - ordered[low] <= 2 * precision * np.median(ordered)


# A call that takes longer than this many samples is timed without another before it.
_LONG = 10

# A call that takes longer than this many is that long even if it was slowed down by chance.
_LONG_AT_ANY_RATE = 4 * _LONG


# What fills the cache before each call takes far longer than a short call.
_MOST_REPEATS_ON_DEVICE = 5


def _calibrated(runner: Runner, sample_seconds: float) -> tuple[int, bool]:
    """How many calls make a sample, and whether one comes before it that is not timed."""
    # The first call may compile; its time is not used.
    _sample(runner, 1)
    repeats = 1
    most = sys.maxsize if runner.clock is None else _MOST_REPEATS_ON_DEVICE
    while (seconds := _faster_sample(runner, repeats, sample_seconds)) * repeats < sample_seconds and repeats < most:
        repeats = min(most, max(repeats + 1, min(10 * repeats, round(1.2 * sample_seconds / seconds))))
    # Decided by the time, not by the repeats: else one of two equal contestants might be warmed up and the other not.
    return repeats, runner.clock is None and seconds < _LONG * sample_seconds


def _faster_sample(runner: Runner, repeats: int, sample_seconds: float) -> float:
    """The faster of two samples, so that equals get equal numbers; one, of calls so long that nothing depends on it."""
    seconds = _sample(runner, repeats)
    return seconds if seconds > _LONG_AT_ANY_RATE * sample_seconds else min(seconds, _sample(runner, repeats))


def _warm_up(runner: Runner, seconds: float) -> None:
    """Calls once, and again until this time has passed."""
    end = time.perf_counter() + seconds
    runner.call()
    while time.perf_counter() < end:
        runner.call()


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


def _sample_on_device(runner: Runner, clock: Clock, repeats: int) -> float:
    spans = []
    for _ in range(repeats):
        clock.flush()
        first = clock.mark()
        runner.call()
        spans.append((first, clock.mark()))
    if runner.wait is not None:
        runner.wait()
    return sum(clock.seconds(first, last) for first, last in spans) / repeats
