"""The main job: the few cases that ``bench`` times where nothing else is asked for, and who takes part in them."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from tfcustomact._commands.cases import Case
from tfcustomact._commands.console import Job
from tfcustomact._commands.timing import contestants
from tfcustomact._commands.timing.comparison import sides
from tfcustomact._commands.timing.contestants import Entry
from tfcustomact._commands.timing.measurement import Budget, Measurement
from tfcustomact.activations import ACTIVATIONS

# So many activations, the first of the list, are timed in every mode; of the others one size in eager mode.
_THOROUGHLY = 2

# The size that verdicts are about, and the others, as powers of two.
HEADLINE = 22
_EAGER = {"CPU": (10, 14, 18, 20, 22, 24), "GPU": (10, 18, 20, 22, 24, 27)}
_IN_GRAPHS = (20, 22)

_DIRECTIONS = ("forward", "both")

_BUDGET = Budget(seconds=0.8, min_rounds=5, max_rounds=100)


def thorough(ops: Collection[str]) -> tuple[str, ...]:
    """Which of these activations are timed in every mode and drawn."""
    return tuple(ops)[:_THOROUGHLY]


def planned(
    devices: Sequence[str], op: str | None = None, dtype: str | None = None, power: int | None = None
) -> list[Case]:
    """The cases of these devices; of one activation, dtype and size where they are given."""
    ops = tuple(ACTIVATIONS) if op is None else (op,)
    found = []
    for device in devices:
        powers = {"eager": _EAGER["GPU" if device.startswith("GPU") else "CPU"], "array": (HEADLINE,)}
        powers |= dict.fromkeys(("graph", "jit"), _IN_GRAPHS)
        timed = [(each, mode, powers[mode]) for each in thorough(ops) for mode in ("eager", "graph", "jit", "array")]
        timed += [(each, "eager", (HEADLINE,)) for each in ops if each not in thorough(ops)]
        found += [
            Case(device, each, mode, direction, dtype or "float32", 2**exponent)
            for each, mode, exponents in timed
            for direction in _DIRECTIONS
            for exponent in (exponents if power is None else (power,))
        ]
    return [case for case in found if contestants.fits_memory(case) and len(sides(case)) > 1]


def measured(job: Job, part: str, plan: Sequence[Case], seconds: float) -> list[dict[Entry, Measurement]]:
    """Times them all, within about so many seconds; where a machine is slower, with fewer rounds."""
    end = time.monotonic() + seconds
    groups = []
    for done, case in enumerate(job.steps(part, plan)):
        share = (end - time.monotonic()) / (len(plan) - done)
        groups.append(contestants.measured(sides(case), replace(_BUDGET, seconds=min(share, _BUDGET.seconds))))
    return groups
