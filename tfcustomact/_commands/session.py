"""One group of contestants timed together, from their records to spreads."""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import ml_dtypes  # noqa: F401 - gives NumPy the name bfloat16
import numpy as np

from tfcustomact._commands.cases import Case
from tfcustomact._commands.contestant import Contestant
from tfcustomact._commands.contestants import CONTESTANTS, REFERENCES
from tfcustomact._commands.machine import memory_bytes, tensor_devices
from tfcustomact._commands.statistics import Spread, paired_ratio, spread
from tfcustomact._commands.timing import Budget, Runner, Samples, measure

# Inputs, their copies for every library, outputs and temporaries, in tensors of the case's size.
_TENSORS_ALIVE = 16


@dataclass(frozen=True)
class Entrant:
    contestant: Contestant
    case: Case


@dataclass(frozen=True)
class Result:
    case: Case
    contestant: str
    ours: bool
    repeats: int
    rounds: int
    seconds: Spread
    ratios: dict[str, Spread]


def entrants(case: Case) -> list[Entrant]:
    return [Entrant(contestant, case) for contestant in CONTESTANTS.values() if contestant.enters(case)]


def fits_memory(case: Case) -> bool:
    memory = memory_bytes(case.device)
    return memory is None or _TENSORS_ALIVE * case.size * np.dtype(case.dtype).itemsize < memory / 2


def placed_on(device: str) -> contextlib.AbstractContextManager:
    # With one kind of device the scope would only add its own cost to every call.
    if len(tensor_devices()) < 2:
        return contextlib.nullcontext()
    import tensorflow as tf

    return tf.device(device)


def runner(entrant: Entrant) -> Runner:
    contestant, case = entrant.contestant, entrant.case
    return Runner(contestant.build(case), contestant.wait(case), contestant.cooldown, contestant.clock(case))


def timed(group: Sequence[Entrant], budget: Budget, pairs: Collection[tuple[Entrant, Entrant]] = ()) -> list[Samples]:
    """Time a group whose cases share one device; until the ratios of these pairs are known, if there are any."""
    with placed_on(group[0].case.device):
        runners = [runner(entrant) for entrant in group]
        return measure(runners, budget, [(group.index(ours), group.index(theirs)) for ours, theirs in pairs])


def results(group: Sequence[Entrant], samples: Sequence[Samples]) -> list[Result]:
    """Every entrant's spread, and its ratios over the contestants that are not ours in the same case."""
    found = []
    for entrant, own in zip(group, samples, strict=True):
        others = {
            other.contestant.name: paired_ratio(own.seconds, theirs.seconds)
            for other, theirs in zip(group, samples, strict=True)
            if other.case == entrant.case
            and other is not entrant
            and (not other.contestant.ours or other.contestant.name in REFERENCES)
        }
        found.append(
            Result(
                entrant.case,
                entrant.contestant.name,
                entrant.contestant.ours,
                own.repeats,
                len(own.seconds),
                spread(own.seconds),
                others,
            )
        )
    return found
