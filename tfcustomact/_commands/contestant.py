"""What is known of everyone who is timed."""

from collections.abc import Callable
from dataclasses import dataclass

from tfcustomact._commands.cases import OPS, Case
from tfcustomact._commands.timing import Call, DeviceClock


@dataclass(frozen=True)
class Contestant:
    """``kinds`` are the kinds of device that it is for; every one if there are none."""

    name: str
    modes: tuple[str, ...]
    build: Callable[[Case], Call]
    ops: tuple[str, ...] = OPS
    kinds: tuple[str, ...] = ()
    reasons_against: Callable[[Case], list[str]] = lambda case: []
    wait: Callable[[Case], Call | None] = lambda case: None
    cooldown: float = 0.0
    clock: Callable[[Case], DeviceClock | None] = lambda case: None
    ours: bool = False

    def enters(self, case: Case) -> bool:
        suits = case.mode in self.modes and case.op in self.ops and (not self.kinds or case.kind in self.kinds)
        return suits and not self.reasons_against(case)
