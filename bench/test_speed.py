"""The cases of ``python -m tfcustomact bench`` under pytest-benchmark, grouped by case.

It times one contestant after the other; for ratios use the command, where they take turns.
"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tfcustomact._commands import session


@pytest.mark.benchmark(max_time=0.2, disable_gc=True)
def test_speed(entrant: session.Entrant, benchmark: BenchmarkFixture) -> None:
    """Time one contestant in one case."""
    benchmark.group = str(entrant.case)
    benchmark.extra_info.update(vars(entrant.case), contestant=entrant.contestant.name)
    with session.placed_on(entrant.case.device):
        runner = session.runner(entrant)

        def call() -> None:
            runner.call()
            runner.wait()

        timed = runner.call if runner.wait is None else call
        timed()
        benchmark(timed)
