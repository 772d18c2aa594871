"""The cases of ``python -m tfcustomact bench`` under pytest-benchmark, grouped by case.

It times one contestant after the other; for ratios use the command, where they take turns.
"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tfcustomact._commands.timing.contestants import CONTESTANTS, Entry, placed_on


@pytest.mark.benchmark(max_time=0.2, disable_gc=True)
def test_speed(entry: Entry, benchmark: BenchmarkFixture) -> None:
    """Time one contestant in one case."""
    contestant, case = entry
    benchmark.group = str(case)
    benchmark.extra_info.update(vars(case), contestant=contestant)
    with placed_on(case.device):
        runner = CONTESTANTS[contestant].prepare(case)

        def call() -> None:
            runner.call()
            runner.wait()

        timed = runner.call if runner.wait is None else call
        timed()
        benchmark(timed)
