"""``pytest bench --benchmark-only [--plan full]``"""

import pytest

from tfcustomact._commands import cases, machine, session

_PLANS = {"quick": cases.QUICK, "full": cases.FULL}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of the plan."""
    parser.addoption("--plan", choices=_PLANS, default="quick", help="the cases of `bench --quick`, or of `bench`")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a suite the command's own cases, and everyone who enters them."""
    plan = _PLANS[metafunc.config.getoption("--plan")]
    entrants = [
        entrant
        for device in machine.devices()
        for case in plan.cases(device)
        if session.fits_memory(case)
        for entrant in session.entrants(case)
    ]
    metafunc.parametrize(
        "entrant", entrants, ids=[f"{entrant.case}: {entrant.contestant.name}" for entrant in entrants]
    )
