"""The rounds of a measurement. No test depends on how long anything takes."""

import gc

import pytest

from tfcustomact._commands import timing
from tfcustomact._commands.timing import Budget, Runner, measure

THREE_ROUNDS = Budget(seconds=0.0, least_rounds=3, most_rounds=9, sample_seconds=0.0)


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
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
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


def test_rounds_go_on_until_the_budget_is_spent(clock):
    (samples,) = measure([clock.runner(1.0)], Budget(seconds=5.5, least_rounds=1, most_rounds=100, sample_seconds=0.0))
    assert len(samples.seconds) == 6


def test_rounds_stop_at_the_most(clock):
    (samples,) = measure([clock.runner(1.0)], Budget(seconds=1e9, least_rounds=1, most_rounds=4, sample_seconds=0.0))
    assert len(samples.seconds) == 4


def test_work_that_is_still_going_on_is_waited_for_within_the_sample(clock):
    (samples,) = measure([clock.runner(1.0, wait=clock.runner(2.0).call)], THREE_ROUNDS)
    assert samples.seconds == (3.0,) * 3


def test_garbage_is_collected_again_when_a_call_fails(clock):
    def fail():
        raise RuntimeError

    calls = iter([None] * 5)
    runner = Runner(lambda: next(calls, None) or fail() if not gc.isenabled() else None)
    with pytest.raises(RuntimeError):
        measure([runner], THREE_ROUNDS)
    assert gc.isenabled()
