"""``pytest bench --benchmark-only --dist no [--plan full]``: one at a time, whatever else the tests are run with."""

import pytest

from tfcustomact._commands import cases, machine
from tfcustomact._commands.timing import contestants, short


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of the plan."""
    parser.addoption(
        "--plan", choices=("short", "full"), default="short", help="the cases of `bench`, or of `bench --full`"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a suite the command's own cases, and the contestants of each."""
    is_full = metafunc.config.getoption("--plan") == "full"
    everything = [case for device in machine.devices() for case in cases.planned(device)]
    planned = everything if is_full else short.planned(machine.devices())
    entries = [entry for case in planned if contestants.fits_memory(case) for entry in contestants.entries(case)]
    metafunc.parametrize("entry", entries, ids=[f"{case}: {name}" for name, case in entries])
