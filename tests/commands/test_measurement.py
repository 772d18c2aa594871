"""The rounds of a measurement, and what is said of it. No test depends on how long anything takes."""

import gc
import itertools

import numpy as np
import pytest

from tfcustomact._commands import arrays
from tfcustomact._commands.timing import measurement
from tfcustomact._commands.timing.measurement import (
    Budget,
    Clock,
    Measurement,
    Runner,
    Spread,
    is_median_known,
    waiting_clock,
)

THREE_ROUNDS = Budget(seconds=0.0, min_rounds=3, max_rounds=9, sample_seconds=0.0)


def measure(runners: list[Runner], *arguments) -> list[Measurement]:
    return list(measurement.measure(dict(enumerate(runners)), *arguments).values())


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the measured calls move."""

    class Clock:
        now = 0.0

        def runner(self, seconds: float, calls: list | None = None, **fields) -> Runner:
            def call():
                self.now += seconds
                if calls is not None:
                    calls.append(seconds)

            return Runner(call, **fields)

    clock = Clock()
    monkeypatch.setattr(measurement.time, "perf_counter", lambda: clock.now)
    return clock


def test_every_round_has_every_runner(clock):
    calls = []
    measure([clock.runner(1.0, calls), clock.runner(2.0, calls)], THREE_ROUNDS)
    in_rounds = calls[-6:]
    assert all(sorted(in_rounds[start : start + 2]) == [1.0, 2.0] for start in (0, 2, 4))


def test_samples_are_seconds_per_call(clock):
    slow, fast = measure([clock.runner(4.0), clock.runner(0.25)], Budget(0.0, 3, 9, sample_seconds=1.0))
    assert (slow.seconds, slow.repeats) == ((4.0,) * 3, 1)
    assert fast.seconds == (0.25,) * 3
    assert fast.repeats >= 4


@pytest.mark.parametrize(("seconds", "warm_up"), [(0.9, 1), (1.1, 1), (9.0, 1), (11.0, 0)])
def test_equals_are_warmed_up_alike_however_many_repeats_they_have(clock, seconds, warm_up):
    calls = []
    (samples,) = measure([clock.runner(seconds, calls)], Budget(0.0, 1, 1, sample_seconds=1.0))
    in_calibration = 1 + 2 * sum(range(1, samples.repeats + 1))
    assert len(calls) == in_calibration + warm_up + samples.repeats


def test_after_a_cooldown_the_next_is_warmed_up_for_as_long(clock, monkeypatch):
    monkeypatch.setattr(measurement.time, "sleep", lambda seconds: None)

    def calls(*, is_first: bool) -> int:
        seen: list[float] = []
        runners = [clock.runner(2.0, cooldown=7.0), clock.runner(1.0, seen)]
        measure(runners[::-1] if is_first else runners, Budget(0.0, 1, 1, sample_seconds=0.5))
        return len(seen)

    # In the one round of either it is called once to warm up, or 7 times, and once for the sample.
    assert abs(calls(is_first=True) - calls(is_first=False)) == 6


def test_one_slow_moment_does_not_decide_the_repeats(clock):
    durations = iter([1.0, 5.0])

    def call():
        clock.now += next(durations, 0.25)

    (samples,) = measure([Runner(call)], Budget(0.0, 1, 1, sample_seconds=1.0))
    assert samples.repeats >= 4


def test_long_calls_are_not_made_for_nothing(clock):
    calls = []
    measure([clock.runner(100.0, calls)], Budget(0.0, 1, 1, sample_seconds=1.0))
    # The one that may compile, a sample, and the round's.
    assert len(calls) == 3


def test_rounds_go_on_until_the_budget_is_spent(clock):
    (samples,) = measure([clock.runner(1.0)], Budget(seconds=5.5, min_rounds=1, max_rounds=100, sample_seconds=0.0))
    assert len(samples.seconds) == 6


def test_rounds_stop_at_the_max(clock):
    (samples,) = measure([clock.runner(1.0)], Budget(seconds=1e9, min_rounds=1, max_rounds=4, sample_seconds=0.0))
    assert len(samples.seconds) == 4


@pytest.mark.parametrize(("precision", "rounds"), [(0.01, 20), (0.0001, 50)])
def test_rounds_end_when_the_ratios_are_known_and_some_time_has_passed(clock, precision, rounds):
    noise = itertools.cycle([0.999, 1.0, 1.001])

    def call():
        clock.now += next(noise)

    # A round takes two seconds: after ten it is too early.
    budget = Budget(99.0, 25, 99, sample_seconds=0.0, precision=precision, min_seconds=21.0)
    samples, _ = measure([Runner(call), clock.runner(1.0)], budget, [(0, 1)])
    assert len(samples.seconds) == rounds


def test_work_that_is_still_going_on_is_waited_for_within_the_sample(clock):
    (samples,) = measure([clock.runner(1.0, wait=clock.runner(2.0).call)], THREE_ROUNDS)
    assert samples.seconds == (3.0,) * 3


class Device:
    """A device with a queue and a clock of its own: work takes its time there, after the calls have returned."""

    def __init__(self):
        self.now, self.queue, self.flushes, self.waits = 0.0, [], 0, 0

    def work(self, seconds):
        self.queue.append(lambda: seconds)

    def flush(self):
        self.flushes += 1
        self.work(100.0)

    def mark(self):
        moment = []
        self.queue.append(lambda: moment.append(self.now) or 0.0)
        return moment

    def wait(self):
        self.waits += 1
        for task in self.queue:
            self.now += task()
        self.queue.clear()

    def runner(self, call):
        return Runner(call, self.wait, clock=Clock(self.flush, self.mark, lambda first, last: last[0] - first[0]))


def test_on_a_device_each_call_is_timed_by_itself_after_a_flush():
    device = Device()
    durations = iter([9.0, 9.0, 1.0, 2.0, 3.0])
    (samples,) = measure([device.runner(lambda: device.work(next(durations)))], THREE_ROUNDS)
    assert samples.seconds == (1.0, 2.0, 3.0)
    assert device.flushes == 5


def test_on_a_device_one_sample_is_waited_for_once():
    device = Device()
    budget = Budget(0.0, 3, 9, sample_seconds=10.0)
    (samples,) = measure([device.runner(lambda: device.work(2.0))], budget)
    assert samples.seconds == (2.0,) * 3
    assert samples.repeats >= 5
    assert device.waits < device.flushes / 2


def test_a_waiting_clock_waits_before_it_looks(monkeypatch):
    happened = []
    monkeypatch.setattr(measurement.time, "perf_counter", lambda: happened.append("look") or float(len(happened)))
    clock = waiting_clock(lambda: happened.append("fill"), lambda: happened.append("wait"))
    clock.flush()
    first = clock.mark()
    happened.append("call")
    last = clock.mark()
    assert happened == ["fill", "wait", "look", "call", "wait", "look"]
    assert clock.seconds(first, last) == 3.0


def test_an_event_clock_s_milliseconds_are_seconds():
    pytest.importorskip("torch", reason="PyTorch, whose events they are, is not installed")

    class Event:
        def elapsed_time(self, last):
            return 2.5

    assert arrays.event_clock().seconds(Event(), Event()) == 0.0025


def test_garbage_is_collected_again_when_a_call_fails(clock):
    def fail():
        raise RuntimeError

    calls = iter([None] * 5)
    runner = Runner(lambda: next(calls, None) or fail() if not gc.isenabled() else None)
    with pytest.raises(RuntimeError):
        measure([runner], THREE_ROUNDS)
    assert gc.isenabled()


def test_a_spread_is_the_median_between_the_20th_and_80th_percentiles():
    assert Spread.of([float(value) for value in range(11)]) == Spread(2.0, 5.0, 8.0)
    assert Spread.of([1.0, 1.0, 1.0, 1.0, 50.0]).median == 1.0


def test_ratios_see_through_a_machine_that_slows_down():
    ours, theirs = Measurement((1.0, 2.0, 4.0, 8.0), 1), Measurement((2.0, 4.0, 8.0, 16.0), 1)
    assert ours.over(theirs) == Spread(0.5, 0.5, 0.5)


def test_ratios_need_two_sides():
    with pytest.raises(ValueError, match="broadcast"):
        Measurement((1.0, 2.0, 3.0), 1).over(Measurement((1.0, 2.0), 1))


@pytest.mark.parametrize(("precision", "known"), [(0.27, True), (0.26, False)])
def test_a_median_is_known_when_the_ranks_around_it_are_close(precision, known):
    # Of 101 numbers, the median lies between the 38th and the 65th, with 99 % confidence.
    samples = np.random.default_rng(0).permutation(np.arange(1.0, 102.0))
    assert is_median_known(samples, precision) == known


@pytest.mark.parametrize("count", range(6))
def test_few_samples_are_never_enough(count):
    assert not is_median_known(np.ones(count), 0.01)
