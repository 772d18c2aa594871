"""Clocks for GPUs, on a device that is played."""

from tfcustomact._commands import clocks


def test_a_waiting_clock_waits_before_it_looks(monkeypatch):
    happened = []
    monkeypatch.setattr(clocks.time, "perf_counter", lambda: happened.append("look") or float(len(happened)))
    clock = clocks.WaitingClock(lambda: happened.append("fill"), lambda: happened.append("wait"))
    clock.flush()
    first = clock.mark()
    happened.append("call")
    last = clock.mark()
    assert happened == ["fill", "wait", "look", "call", "wait", "look"]
    assert clock.seconds(first, last) == 3.0


def test_an_event_clock_s_milliseconds_are_seconds():
    class Event:
        def elapsed_time(self, last):
            return 2.5

    assert clocks.EventClock().seconds(Event(), Event()) == 0.0025
